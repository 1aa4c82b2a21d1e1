"""Lists of a pack's documents that say too much or too little, and words that are kept back."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import problems
from tests.packs.conftest import Delivered
from tests.packs.stories import CERTIFIED, COMMENTED, Unpacked
from tests.packs.test_verify_falsified import dump, load, questions, write_answers
from tests.packs.test_verify_fields import (
    ABOUT,
    ANSWERS,
    DECISION,
    NOBODY,
    REVIEW,
    inside,
    write,
)

Change = Callable[[Unpacked], str]


def of(
    name: str, way: tuple[Any, ...], expected: str
) -> Callable[[Callable[[Any], object]], Change]:
    """A change of what lies there in a document; gives what must be found."""

    def change(falsify: Callable[[Any], object]) -> Change:
        def changed(bag: Unpacked) -> str:
            document = load(bag, name)
            falsify(inside(document, way))
            write(bag, name, document)
            return expected

        changed.__name__ = falsify.__name__
        return changed

    return change


@of(ABOUT, ("receipts",), "data/assessment.json: receipt 1: sha256 is not what")
def receipt_hidden(receipts: list[Any]) -> None:
    del receipts[0]


@of(
    ABOUT, ("submissions",), "data/assessment.json: submission 2: is missing, though it is in audit"
)
def submission_hidden(submissions: list[Any]) -> None:
    del submissions[1]


@of(ABOUT, ("submissions",), "data/assessment.json: submission 3: is not in audit/events.jsonl")
def submission_invented(submissions: list[Any]) -> None:
    submissions.append({**submissions[1], "number": 3})


@of(ANSWERS, (CERTIFIED, "revisions"), f"{CERTIFIED} revision 3: is not in audit/events.jsonl")
def revision_beside_the_true_one(revisions: list[Any]) -> None:
    revisions.insert(0, {**revisions[0], "comment": "It covers all sites."})


@of(ANSWERS, (CERTIFIED, "evidence"), f"{CERTIFIED} file 3: is not in audit/events.jsonl")
def file_beside_the_true_one(files: list[Any]) -> None:
    files.insert(0, {**files[0], "level": "independent"})


@of(REVIEW, ("entries",), "data/review.json: does not have the order of audit/events.jsonl")
def entry_beside_the_true_one(entries: list[Any]) -> None:
    entries.insert(0, {**entries[0], "note": "Very good."})


@of(REVIEW, ("entries",), "data/review.json: does not have the order of audit/events.jsonl")
def entries_swapped(entries: list[Any]) -> None:
    entries.reverse()


@of(ABOUT, ("intake", "answers"), "data/assessment.json: intake has other questions than")
def intake_beside_the_true_one(answers: list[Any]) -> None:
    answers.insert(0, {**answers[0], "value": "none"})


@of(ABOUT, ("pack", "left_out"), "pack.left_out is not what is missing here")
def something_else_left_out(left_out: list[Any]) -> None:
    left_out.append({"what": "The annex", "why": "It is a secret."})


@of(
    ABOUT, ("pack", "left_out"), f"leaves out evidence {NOBODY}/1, which data/answers.json does not"
)
def no_file_left_out(left_out: list[Any]) -> None:
    file = {"evidence": f"{NOBODY}/1", "sha256": "0" * 64, "size": 1}
    left_out.append({"what": "A file", "why": "It is a secret.", **file})


@of(ABOUT, ("pack", "left_out"), "leaves out submission 0/7, which is not in audit/events.jsonl")
def no_submission_left_out(left_out: list[Any]) -> None:
    left_out.append({"what": "A receipt", "why": "It is a secret.", "submissions": ["0/7"]})


@of(ABOUT, ("pack", "left_out"), "names of people are not left out as pack.left_out says")
def names_said_to_be_left_out(left_out: list[Any]) -> None:
    left_out.append({"what": verify.ALL_NAMES, "why": "Nobody needs them."})


@of(ABOUT, ("submissions",), "names of people are not left out as pack.left_out says")
def names_left_out_in_silence(submissions: list[Any]) -> None:
    for one in submissions:
        one["by"]["name"] = None


def file_left_out_that_is_here(bag: Unpacked) -> str:
    file = questions(load(bag, ANSWERS))[COMMENTED]["evidence"][0]
    about, name = load(bag, ABOUT), f"{file['evidence']}/{file['version']}"
    about["pack"]["left_out"].append(
        {
            "what": "A file",
            "why": "No.",
            "evidence": name,
            "sha256": file["sha256"],
            "size": file["size"],
        }
    )
    dump(bag, ABOUT, about)
    return f"leaves out evidence {name}, which data/answers.json does not"


def file_in_the_place_of_another(bag: Unpacked) -> str:
    answers = load(bag, ANSWERS)
    file = questions(answers)[COMMENTED]["evidence"][0]
    before, file["file"] = bag / file["file"], f"data/evidence/{CERTIFIED}/{NOBODY}/certificate.pdf"
    (bag / file["file"]).parent.mkdir()
    before.rename(bag / file["file"])
    before.parent.rmdir()
    write_answers(bag, answers)
    return f"{file['file']}: is said to be left out, or lies where data/answers.json has another"


def shut(bag: Unpacked, kind: str, field: str) -> None:
    """The last event of a kind no longer opens what it commits to."""
    path = bag / "audit/events.jsonl"
    entries = [json.loads(line) for line in path.read_bytes().splitlines()]
    event = [one for one in entries if one["event"]["type"] == kind][-1]
    del event["opened"][field]
    path.write_bytes(b"".join(verify.canonical(one) + b"\n" for one in entries))


def note_kept_back(bag: Unpacked) -> str:
    shut(bag, "review:ask-back", "note")
    review = load(bag, REVIEW)
    next(one for one in review["entries"] if one["action"] == "ask-back")["note"] = ""
    dump(bag, REVIEW, review)
    return "audit/events.jsonl: review:ask-back at 2026-11-24T09:00:00+00:00 keeps back its note"


def reasons_kept_back(bag: Unpacked) -> str:
    shut(bag, "decision:make", "reasons")
    dump(bag, DECISION, {**load(bag, DECISION), "reasons": ""})
    return "audit/events.jsonl: decision:make at 2026-11-26T09:00:00+00:00 keeps back its reasons"


def choice_reason_kept_back(bag: Unpacked) -> str:
    shut(bag, "assessment:draft", "reason")
    about = load(bag, ABOUT)
    about["assessment"]["choice_reason"] = ""
    dump(bag, ABOUT, about)
    return "audit/events.jsonl: assessment:draft at 2026-11-23T09:00:00+00:00 keeps back its reason"


def answer_kept_back(bag: Unpacked) -> str:
    shut(bag, "answer:save", "answer")
    return "data/answers.json: ISM-01 revision 2: is not what audit/events.jsonl says"


def item_not_counted(bag: Unpacked) -> str:
    receipt = load(bag, "data/receipt.json")
    receipt["items"] = [one for one in receipt["items"] if one["id"] != CERTIFIED]
    (bag / "data/receipt.json").write_bytes(verify.canonical(receipt))
    return "data/receipt.json: does not count each question that data/answers.json says was asked"


@pytest.mark.parametrize(
    "falsify",
    [
        answer_kept_back,
        choice_reason_kept_back,
        entries_swapped,
        entry_beside_the_true_one,
        file_beside_the_true_one,
        file_in_the_place_of_another,
        file_left_out_that_is_here,
        intake_beside_the_true_one,
        item_not_counted,
        names_left_out_in_silence,
        names_said_to_be_left_out,
        no_file_left_out,
        no_submission_left_out,
        note_kept_back,
        reasons_kept_back,
        receipt_hidden,
        revision_beside_the_true_one,
        something_else_left_out,
        submission_hidden,
        submission_invented,
    ],
    ids=lambda falsify: falsify.__name__,
)
def test_what_lists_say_too_much_or_too_little_is_found_even_where_the_key_signed_it(
    bag: Unpacked, delivered: Delivered, falsify: Change
) -> None:
    expected = falsify(bag)
    bag.list_anew(delivered.key)
    found = problems(bag.folder)
    assert any(expected in one for one in found), found
