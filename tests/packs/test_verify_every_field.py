"""Each field of a pack's documents is held by something, or is named here as held by nothing."""

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from riskapp.packs.narrowing import Narrowing, Redaction
from riskapp.packs.shipped import verify
from tests.cast import Cast
from tests.packs.stories import (
    CERTIFIED,
    COMMENTED,
    NOT_APPLICABLE,
    NOTHING_TO_LIST,
    Unpacked,
    exported,
    unpack,
)
from tests.packs.test_history import history
from tests.packs.test_verify_falsified import questions

__all__ = ["history"]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

INSTANCES = 3
"""So many of a kind of field are falsified, one at a time."""
OF_THE_BAG = (
    verify.check_info,
    verify.check_checkpoint,
    verify.check_trail,
    verify.check_vendor,
    verify.check_register,
    verify.check_names,
)
QUESTION = "answers.questionnaires.*.sections.*.questions.*"
WORDS = {
    "assessment.intake.answers.*.text",
    "assessment.intake.answers.*.words",
    "assessment.intake.questionnaire.title",
    "assessment.questionnaires.*.title",
    "answers.questionnaires.*.sections.*.id",
    "answers.questionnaires.*.sections.*.title",
    *(
        f"{QUESTION}.{field}"
        for field in (
            *("answer_type", "counts", "domain", "evidence_wanted", "gate", "knockout", "text"),
            *(
                "knockout.below",
                "knockout.level",
                "offered",
                "offered.*.id",
                "offered.*.text",
                "required",
            ),
            *("why", "weight"),
        )
    ),
}
"""What repeats the questionnaires' files, for reading; some of it only where it does not count."""
SAID = {
    "assessment.engagement.delivered_from.*",
    "assessment.engagement.description",
    "assessment.assessment.facts.data",
    "assessment.assessment.facts.inherent",
    "assessment.assessment.facts.personal_data",
    "assessment.assessment.facts.regulated",
    "assessment.assessment.facts.special_categories",
    "assessment.pack.exported_by.id",
    "assessment.pack.exported_by.kind",
    "assessment.receipts.*.cause",
    f"{QUESTION}.evidence.*.media_type",
}
"""What no event tells of."""
OF_THE_REGISTER = {
    "assessment.assessment.cycle",
    "assessment.intake.answers.*.value.*",
    "assessment.intake.number",
    "assessment.intake.saved_at",
    "assessment.intake.saved_by",
    "assessment.vendor.country",
}
"""What only the pack of a vendor's whole history holds to events."""
SHARED = {
    "assessment.engagement.delivered_from.*",
    "assessment.engagement.description",
    "assessment.pack.exported_by.id",
    "assessment.pack.exported_by.kind",
}
"""What two documents of a history say, which have to agree."""
OF_VENDOR = {"vendor.engagements.*.title"}
"""What of a history's register no event tells of."""

WITHOUT_ACKNOWLEDGEMENTS = {
    "assessment.assessment.organisation",
    "assessment.engagement.title",
    "assessment.submissions.*.by.name",
    "assessment.submissions.*.by.role",
    "assessment.vendor.name",
    f"{QUESTION}.evidence.*.issued_on",
    f"{QUESTION}.evidence.*.name",
    f"{QUESTION}.evidence.*.valid_until",
}
"""What only the acknowledgements hold, which are left out with an answer or a file's name."""

Way = tuple[Any, ...]


def leaves(value: Any, way: Way = ()) -> Iterator[Way]:
    if not isinstance(value, dict | list) or not value:
        yield way
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in parts:
        yield from leaves(inner, (*way, step))


def general(document: str, way: Way) -> str:
    """The field without its place in lists, and no mapping to a standard by itself."""
    steps = ["*" if isinstance(step, int) else step for step in way]
    if "mappings" in steps:
        del steps[steps.index("mappings") :]
    return ".".join((document, *steps))


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return [*value, "x"] if isinstance(value, list) else {"x": "x"} if value == {} else f"{value}x"


def falsified(document: Any, way: Way) -> Any:
    found = copy.deepcopy(document)
    inner = found
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = another(inner[way[-1]])
    return found


def said_of(known: verify.Bag, name: str, document: Any) -> list[str]:
    """What is found of documents alone where one is another; tables follow from them."""
    bag = copy.copy(known)
    bag._documents = {**known._documents, name: document}
    found = [one for check in OF_THE_BAG for one in verify.tried(bag, check, bag)]
    cases: list[verify.Case] = []
    with suppress(*verify.MALFORMED):  # what is wrong was found already
        cases = bag.cases()
    for case in cases:
        found += [one for check in verify.OF_EACH_CASE for one in verify.tried(bag, check, case)]
    return [one for one in found if "answers.csv: " not in one]


def unheld(bag: Unpacked, root: str, *documents: str) -> set[str]:
    known, found, tries = verify.Bag(bag.folder), set[str](), Counter[str]()
    for document in documents:
        name = f"{root}{document}.json"
        true = known.json(name)
        assert said_of(known, name, true) == []
        for way in leaves(true):
            field = general(document, way)
            tries[field] += 1
            if tries[field] <= INSTANCES and not said_of(known, name, falsified(true, way)):
                found.add(field)
    return found - {QUESTION}


def test_whatever_is_falsified_in_the_pack_of_an_assessment_is_found(bag: Unpacked) -> None:
    found = unheld(bag, "data/", "assessment", "answers", "review", "decision")
    assert found - WORDS == SAID | OF_THE_REGISTER


def test_whatever_is_falsified_in_a_vendors_history_is_found(
    history: tuple[Unpacked, Path, list[str]],
) -> None:
    bag, _, (first, *_) = history
    assert unheld(bag, "data/", "vendor") == OF_VENDOR
    found = unheld(bag, f"data/assessments/{first}/", "assessment")
    words = {one for one in WORDS if one.startswith("assessment.")}
    assert found - words == {one for one in SAID - SHARED if one.startswith("assessment.")}


def test_whatever_is_falsified_of_what_is_left_out_is_found(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    whole = unpack(b"".join(exported(told, cast.oskar).chunks), tmp_path / "whole")
    asked = questions(whole.json("data/answers.json"))
    file = asked[COMMENTED]["evidence"][0]
    redactions = (
        Redaction("answer", NOT_APPLICABLE, "A secret."),
        Redaction("file", f"{file['evidence']}/{file['version']}", "Another."),
    )
    chosen = tuple(name for name in asked if name not in (CERTIFIED, NOTHING_TO_LIST))
    for number, narrowing in enumerate(
        (
            Narrowing(evidence=False, redactions=redactions),
            Narrowing(questions=chosen, redactions=redactions),
        )
    ):
        data = b"".join(exported(told, cast.oskar, narrowing=narrowing).chunks)
        bag = unpack(data, tmp_path / str(number))
        found = unheld(bag, "data/", "assessment", "answers", "review")
        assert found - WORDS - SAID - OF_THE_REGISTER <= WITHOUT_ACKNOWLEDGEMENTS
