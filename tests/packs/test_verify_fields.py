"""Single fields of a pack's documents that were falsified, all manifests written anew and signed.

Each is held by an event, or by another document that an event holds.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from riskapp.accounts.models import ERASED_NAME
from riskapp.accounts.service import erase_person
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.custody.erasing import erase_file
from riskapp.packs.narrowing import Narrowing, Redaction
from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import problems
from riskapp.web.ports import ports
from tests.cast import Cast, Member
from tests.custody.erasing import means, wish
from tests.packs.conftest import Delivered
from tests.packs.stories import CERTIFIED, COMMENTED, NOT_APPLICABLE, Unpacked, exported, unpack
from tests.packs.test_export import one_file
from tests.packs.test_verify_falsified import dump, load, questions, write_answers

ABOUT, ANSWERS = "data/assessment.json", "data/answers.json"
REVIEW, DECISION = "data/review.json", "data/decision.json"
LATER, NOBODY = "2027-01-01T00:00:00+00:00", "0" * 32
TRAIL = "is not what audit/events.jsonl says"
LAST_SAID = "is not what data/acknowledgements/2.json says"

Case = tuple[str, tuple[Any, ...], dict[str, Any], str]
"""A document, the way to something in it, what is changed of that, and what must be found."""

HELD: list[Case] = [
    (ABOUT, ("assessment",), {"created_at": LATER}, f"assessment: created_at {TRAIL}"),
    (ABOUT, ("assessment",), {"due": "2027-01-01"}, f"assessment: due {TRAIL}"),
    (ABOUT, ("assessment",), {"returned_at": None}, f"assessment: returned_at {TRAIL}"),
    (ABOUT, ("assessment",), {"submitted_at": LATER}, f"assessment: submitted_at {TRAIL}"),
    (ABOUT, ("assessment",), {"decided_at": LATER}, f"assessment: decided_at {TRAIL}"),
    (ABOUT, ("assessment",), {"organisation": "O"}, f"assessment: organisation {LAST_SAID}"),
    (ABOUT, ("vendor",), {"name": "Another GmbH"}, f"vendor: name {LAST_SAID}"),
    (ABOUT, ("engagement",), {"title": "Other"}, f"engagement: title {LAST_SAID}"),
    (ABOUT, ("engagement",), {"id": NOBODY}, f"engagement: id {TRAIL}"),
    (ABOUT, ("engagement",), {"services": []}, "services is not what assessment.facts says"),
    (ABOUT, ("intake",), {"inherent_score": "1"}, "inherent_score is not what data/receipt.json"),
    (ABOUT, ("intake",), {"inherent_tier": "none"}, "inherent_tier is not what data/receipt.json"),
    (ABOUT, ("submissions", 0), {"number": 2}, f"submission 1: number {TRAIL}"),
    (ABOUT, ("submissions", 1), {"at": LATER}, f"submission 2: at {TRAIL}"),
    (ABOUT, ("submissions", 0), {"sha256": "0" * 64}, f"submission 1: sha256 {TRAIL}"),
    (ABOUT, ("submissions", 0), {"by": {"name": "A", "role": "B"}}, f"submission 1: by {TRAIL}"),
    (ABOUT, ("submissions", 0), {"file": None}, f"submission 1: file {TRAIL}"),
    (ABOUT, ("receipts", 0), {"number": 9}, f"receipt 1: number {TRAIL}"),
    (ABOUT, ("receipts", 0), {"submission": 2}, f"receipt 1: submission {TRAIL}"),
    (ABOUT, ("receipts", 0), {"as_of": "2026-01-01"}, f"receipt 1: as_of {TRAIL}"),
    (ABOUT, ("receipts", 0), {"tier": "none"}, f"receipt 1: tier {TRAIL}"),
    (ABOUT, ("receipts", 0), {"shown": "0.1"}, f"receipt 1: shown {TRAIL}"),
    (ABOUT, ("receipts", 0), {"sha256": "0" * 64}, f"receipt 1: sha256 {TRAIL}"),
    (ABOUT, ("receipts", 0), {"file": "data/receipt.json"}, f"receipt 1: file {TRAIL}"),
    (ABOUT, ("intake", "answers", 0), {"question": "INT-99"}, "INT-01 was asked, and is neither"),
    (ABOUT, ("intake", "questionnaire"), {"release": "2020.1"}, "is not called after its id and"),
    (ABOUT, ("pack",), {"format": 1}, "data/assessment.json: is of format 1"),
    (ABOUT, ("pack", "left_out", 0), {"what": "Nothing"}, "left_out is not what is missing here"),
    (ABOUT, ("pack", "left_out", 0), {"why": "By chance."}, "left_out is not what is missing here"),
    (ANSWERS, ("questionnaires", 0), {"release": "2020.1"}, "iso-27001 2020.1 is not among what"),
    (ANSWERS, (CERTIFIED, "revisions", 0), {"saved_at": LATER}, f"revision 1: saved_at {TRAIL}"),
    (ANSWERS, (CERTIFIED, "revisions", 1), {"invitation": NOBODY}, f"2: invitation {TRAIL}"),
    (ANSWERS, (CERTIFIED, "revisions", 0), {"words": "No"}, "says in words what was not answered"),
    (ANSWERS, (CERTIFIED, "answer"), {"standing": "accepted"}, f"{CERTIFIED}: standing {TRAIL}"),
    (ANSWERS, (COMMENTED, "answer"), {"standing": "open"}, f"{COMMENTED}: standing {TRAIL}"),
    (ANSWERS, (CERTIFIED, "answer"), {"confirmed": True}, f"{CERTIFIED}: confirmed {TRAIL}"),
    (ANSWERS, (CERTIFIED, "answer"), {"compensating": "3/4"}, f": compensating {TRAIL}"),
    (ANSWERS, (NOT_APPLICABLE, "answer"), {"na_refused": True}, f"na_refused {TRAIL}"),
    (ANSWERS, (NOT_APPLICABLE, "answer"), {"na_approved_by": []}, f"na_approved_by {TRAIL}"),
    (ANSWERS, (CERTIFIED,), {"not_asked_because": "It did not fit."}, "must say why it was not"),
    (ANSWERS, (CERTIFIED,), {"weight": None}, f"{CERTIFIED} is not counted as data/answers.json"),
    (ANSWERS, (CERTIFIED,), {"domain": "other"}, f"{CERTIFIED} is not counted as data/answers"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"added_at": LATER}, f"file 2: added_at {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"uploaded_at": LATER}, f"file 1: uploaded_at {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"ended_at": None}, f"file 1: ended_at {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 1), {"ended_at": LATER}, f"file 2: ended_at {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"submitted": False}, f"file 1: submitted {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"question": COMMENTED}, f"file 1: question {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"scan": "clean"}, f"file 1: scan {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"erased_at": LATER}, f"file 1: erased_at {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"erased_because": "R"}, f": erased_because {TRAIL}"),
    (ANSWERS, (CERTIFIED, "evidence", 0), {"redacted": "Why."}, "is said to be left out, or"),
    (ANSWERS, (COMMENTED, "evidence", 0), {"issued_on": "2026-11-01"}, "is not the file that data"),
    (ANSWERS, (COMMENTED, "evidence", 0), {"valid_until": "2030-01-01"}, "is not the file that"),
    (ANSWERS, (COMMENTED, "evidence", 0), {"name": "better.pdf"}, "is not the file that data"),
    (REVIEW, ("entries", 0), {"submission": 2}, f": submission {TRAIL}"),
    (REVIEW, ("entries", 0), {"evidence": f"{NOBODY}/1"}, f": evidence {TRAIL}"),
    (REVIEW, ("entries", 0), {"name": "Somebody Else"}, ": name is not what data/assessment.json"),
    (REVIEW, ("entries", 0), {"redacted": "Why."}, ": redacted is not what data/assessment.json"),
    (REVIEW, ("entries", -1), {"evidence": None}, f": evidence {TRAIL}"),
    (
        REVIEW,
        ("entries", -1),
        {"evidence": f"{NOBODY}/1"},
        "is about a file that data/answers.json",
    ),
    (DECISION, (), {"by": "Somebody Else"}, "decision.json: by is not what data/assessment.json"),
]


def inside(document: Any, way: tuple[Any, ...]) -> Any:
    """What lies there; a question of answers.json lies at its id."""
    for step in way:
        strange = isinstance(document, dict) and step not in document
        document = (questions(document) if strange else document)[step]
    return document


def write(bag: Unpacked, name: str, document: Any) -> None:
    if name == ANSWERS:
        write_answers(bag, document)
    else:
        dump(bag, name, document)


@pytest.mark.parametrize("case", HELD, ids=lambda case: "-".join(map(str, (*case[1], *case[2]))))
def test_a_field_that_was_falsified_is_found_even_where_the_key_signed_it(
    bag: Unpacked, delivered: Delivered, case: Case
) -> None:
    name, way, changed, expected = case
    document = load(bag, name)
    there = inside(document, way)
    assert any(there[field] != value for field, value in changed.items())
    there.update(changed)
    write(bag, name, document)
    bag.list_anew(delivered.key)
    found = problems(bag.folder)
    assert any(one.startswith("data/") and expected in one for one in found), found


def falsified(bag: Unpacked, cases: list[Case]) -> None:
    """Each change is found by itself; and nothing is, once it is taken back."""
    key = ports().signer.held()
    for name, way, changed, expected in cases:
        document = load(bag, name)
        before = copy.deepcopy(document)
        inside(document, way).update(changed)
        write(bag, name, document)
        bag.list_anew(key)
        found = problems(bag.folder)
        assert any(one.startswith("data/") and expected in one for one in found), (changed, found)
        write(bag, name, before)
    bag.list_anew(key)
    assert problems(bag.folder) == []


def place_of(bag: Unpacked, name: str, what: str) -> int:
    """Where in the list of what is left out of a document something stands."""
    entries = load(bag, name)["pack"]["left_out"]
    return next(place for place, one in enumerate(entries) if what in json.dumps(one))


def test_what_is_left_out_of_a_narrowed_pack_is_so_for_the_reason_that_it_says(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    whole = unpack(b"".join(exported(told, cast.oskar).chunks), tmp_path / "whole")
    file = questions(load(whole, ANSWERS))[CERTIFIED]["evidence"][1]
    name = f"{file['evidence']}/{file['version']}"
    narrowing = Narrowing(
        redactions=(
            Redaction("file", name, "A secret."),
            Redaction("answer", NOT_APPLICABLE, "Another."),
        )
    )
    data = b"".join(exported(told, cast.oskar, narrowing=narrowing).chunks)
    bag = unpack(data, tmp_path / "narrowed")
    gone = ("pack", "left_out", place_of(bag, ABOUT, name))
    answer = ("pack", "left_out", place_of(bag, ABOUT, NOT_APPLICABLE))
    given = ("pack", "left_out", place_of(bag, ABOUT, verify.ACKNOWLEDGEMENTS.what))
    words = ("pack", "left_out", place_of(bag, ABOUT, verify.OF_ANSWERS[0].what))
    last = ("entries", len(load(bag, REVIEW)["entries"]) - 1)
    reason = f"evidence {name} is not left out for the reason that it says"
    falsified(
        bag,
        [
            (ABOUT, gone, {"why": "It was erased."}, reason),
            (ABOUT, gone, {"sha256": "0" * 64}, f"leaves out evidence {name}"),
            (ABOUT, gone, {"size": 1}, f"leaves out evidence {name}"),
            (
                ABOUT,
                gone,
                {"what": "The file “list.pdf”"},
                "names “The file “list.pdf””, and means",
            ),
            (ABOUT, answer, {"what": "An answer"}, "names “An answer”, and means something else"),
            (ABOUT, given, {"what": "A letter"}, "names “A letter”, and means something else"),
            (ABOUT, given, {"why": "By chance."}, "given”, and means something else"),
            (ABOUT, words, {"what": "More"}, "pack.left_out is not what is missing here"),
            (ANSWERS, (CERTIFIED, "evidence", 1), {"redacted": "Why."}, reason),
            (
                ANSWERS,
                (NOT_APPLICABLE, "answer"),
                {"na_approved_by": []},
                f"na_approved_by {TRAIL}",
            ),
            (REVIEW, last, {"redacted": None}, ": redacted is not what data/assessment.json says"),
            (REVIEW, last, {"note": "Very good."}, f": note {TRAIL}"),
        ],
    )


def test_when_and_why_a_file_was_erased_is_held(told: str, cast: Cast, tmp_path: Path) -> None:
    file = one_file(told)
    reading().rollback()
    erase_file(means(), file.vendor_id, file.evidence_id, wish(cast.oskar))
    bag = unpack(b"".join(exported(told, cast.oskar).chunks), tmp_path / "one")
    there = (file.question_id, "evidence", 0)
    reason = "is not left out for the reason that it says"
    falsified(
        bag,
        [
            (ANSWERS, there, {"erased_at": LATER}, f": erased_at {TRAIL}"),
            (ANSWERS, there, {"erased_because": "By chance."}, reason),
            (ANSWERS, there, {"name": "list.pdf"}, f": name {TRAIL}"),
        ],
    )
    data = b"".join(exported(told, cast.oskar, assessment_id=None).chunks)
    bag = unpack(data, tmp_path / "all")
    assert problems(bag.folder) == []
    name = f"data/assessments/{told}/answers.json"
    answers = load(bag, name)
    inside(answers, there)["erased_because"] = "By chance."
    dump(bag, name, answers)
    (bag / name).with_suffix(".csv").write_bytes(verify.answers_csv(answers))
    bag.list_anew(ports().signer.held())
    found = problems(bag.folder)
    assert any(f": erased_because {TRAIL}" in one for one in found), found


def test_a_pack_tells_of_somebody_who_was_erased_that_there_was_somebody_and_verifies(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    assert verify.ERASED_NAME == ERASED_NAME
    by = {one["by"] for one in thread_of(told, cast.olga, tmp_path / "before")}
    assert by == {cast.oskar.id}
    erase_person(cast.oskar.id, actor=OPERATOR, now=ports().clock.now())
    entries = thread_of(told, cast.olga, tmp_path / "after")
    assert {(one["by"], one["name"]) for one in entries} == {(None, ERASED_NAME)}


def thread_of(told: str, by: Member, into: Path) -> list[Any]:
    """The review as a pack has it that verifies."""
    bag = unpack(b"".join(exported(told, by).chunks), into)
    assert problems(bag.folder) == []
    return list(load(bag, REVIEW)["entries"])
