"""A question gives way to one of another questionnaire only where nothing stricter is lost."""

from pathlib import Path
from typing import Any

import pytest

from riskapp.catalogue import lock
from riskapp.catalogue.check import check_together
from riskapp.catalogue.errors import Faulty
from riskapp.catalogue.folder import check_paths
from riskapp.catalogue.load import load_folder
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse
from tests.catalogue import writing
from tests.catalogue.writing import Json, question, written

STAYS = "OTH-01"
FIRST = "sections[0].questions[0]"
ALWAYS_HIGH: Json = {"level": "high"}
SOMETIMES_HIGH: Json = {"level": "high", "when": {"fact": "inherent", "is": "critical"}}


def other(*questions: Json) -> Release:
    """The questionnaire with the question that stays."""
    return parse(written(writing.release(*questions, id="other")), "other/2026.1.yaml")


def small(*questions: Json) -> Release:
    return parse(written(writing.release(*questions)), "small/2026.1.yaml")


def told(way: Json, stays: Json, *, complete: bool = True) -> list[str]:
    faults = check_together([other(stays), small(way)], complete=complete)
    return [f"{fault.path}: {fault.problem}; {fault.remedy}" for fault in faults]


def gives_way(**more: Any) -> Json:
    return question("TST-01", same_as=STAYS, **more)


@pytest.mark.parametrize(
    ("way", "stays"),
    [
        ({}, {}),
        ({}, {"evidence": "A list.", "knockout": {"level": "legal"}}),
        ({"evidence": "A list."}, {"evidence": "Another."}),
        ({"knockout": ALWAYS_HIGH}, {"knockout": ALWAYS_HIGH}),
        ({"knockout": ALWAYS_HIGH}, {"knockout": {"level": "critical"}}),
        ({"knockout": SOMETIMES_HIGH}, {"knockout": ALWAYS_HIGH}),
        ({"knockout": SOMETIMES_HIGH}, {"knockout": SOMETIMES_HIGH}),
        ({"asked_when": None}, {"applies_when": {"fact": "services", "includes": "soc"}}),
    ],
)
def test_a_question_gives_way_to_one_as_strict(way: Json, stays: Json) -> None:
    assert told(gives_way(**way), question(STAYS, **stays)) == []


@pytest.mark.parametrize(
    ("way", "stays", "fault"),
    [
        (
            {"evidence": "A list."},
            {},
            "OTH-01 asks for no evidence, and this does; let both ask for it, or ask both",
        ),
        (
            {"knockout": ALWAYS_HIGH},
            {},
            "OTH-01 is no knock-out as severe as this; let both fail alike, or ask both",
        ),
        (
            {"knockout": {"level": "critical"}},
            {"knockout": ALWAYS_HIGH},
            "OTH-01 is no knock-out as severe as this; let both fail alike, or ask both",
        ),
        (
            {"knockout": ALWAYS_HIGH},
            {"knockout": SOMETIMES_HIGH},
            "OTH-01 is no knock-out as severe as this; let both fail alike, or ask both",
        ),
        (
            {},
            {"same_as": "THI-01"},
            "OTH-01 gives way itself; name THI-01",
        ),
    ],
)
def test_what_would_be_lost_is_told(way: Json, stays: Json, fault: str) -> None:
    third = parse(written(writing.release(question("THI-01"), id="third")), "third/2026.1.yaml")
    releases = [other(question(STAYS, **stays)), small(gives_way(**way)), third]

    [found] = check_together(releases, complete=True)

    assert found.file == "small/2026.1.yaml"
    assert f"{found.path}: {found.problem}; {found.remedy}" == f"{FIRST}.same_as: {fault}"
    lines = releases[1].source.splitlines()
    assert lines[found.line - 1].strip().startswith('"same_as": ')


def test_a_question_that_depends_on_answers_is_not_always_there_to_stay() -> None:
    stays = question(STAYS, asked_when={"question": "OTH-02", "is": "yes"})
    releases = [other(question("OTH-02"), stays), small(gives_way())]

    [fault] = check_together(releases, complete=True)

    assert (fault.problem, fault.remedy) == (
        "OTH-01 is asked only on certain answers",
        "name a question that is always asked",
    )


def test_a_question_that_is_not_there_cannot_be_given_way_to() -> None:
    assert told(gives_way(), question("OTH-02")) == [
        f"{FIRST}.same_as: OTH-01 is no question of another questionnaire; name one, or take it out"
    ]


def test_a_file_alone_may_name_what_was_not_read() -> None:
    assert told(gives_way(), question("OTH-02"), complete=False) == []


def test_a_question_does_not_give_way_within_its_questionnaire() -> None:
    release = small(question("TST-01", same_as="TST-02"), question("TST-02"))

    [fault] = check_together([release], complete=True)

    assert (fault.problem, fault.remedy) == (
        "names TST-02 of the same questionnaire",
        "ask it once",
    )


def test_a_question_on_which_others_depend_stays() -> None:
    child = question("TST-02", asked_when={"question": "TST-01", "is": "yes"})
    releases = [other(question(STAYS)), small(gives_way(), child)]

    [fault] = check_together(releases, complete=True)

    assert (fault.problem, fault.remedy) == (
        "stands on a question that others depend on",
        "take it out",
    )


def test_it_is_the_newest_release_that_has_to_be_as_strict() -> None:
    before, after = (
        parse(
            written(writing.release(question(STAYS, evidence=proof), id="other", release=number)),
            f"other/{number}.yaml",
        )
        for number, proof in (("2026.9", None), ("2026.10", "A list."))
    )
    way = small(gives_way(evidence="A list."))

    assert check_together([after, before, way], complete=True) == []


def put(folder: Path, release: Release) -> Path:
    path = folder / release.id / f"{release.release}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(release.source, encoding="utf-8")
    return path


def test_a_folder_is_held_to_it_by_the_check_and_by_an_app(tmp_path: Path) -> None:
    for release in (other(question(STAYS)), small(gives_way(evidence="A list."))):
        lock.add(put(tmp_path, release))

    [fault] = check_paths([tmp_path])

    assert fault.problem == "OTH-01 asks for no evidence, and this does"
    with pytest.raises(Faulty, match="OTH-01 asks for no evidence"):
        load_folder(tmp_path)


def test_one_file_of_a_folder_is_checked_by_itself(tmp_path: Path) -> None:
    put(tmp_path, other(question(STAYS)))

    assert check_paths([put(tmp_path, small(gives_way(evidence="A list.")))]) == []
