"""What the questionnaire check finds beyond the form, and what it lets pass."""

import copy
from typing import Any

import pytest

from riskapp.catalogue.check import check
from riskapp.catalogue.model import SAFEGUARDS
from riskapp.scoring.transfers import Safeguard
from tests.catalogue.writing import (
    COUNTRIES,
    DATE,
    MATURITY,
    MULTIPLE,
    REGISTER,
    TEXT,
    Json,
    choice,
    column,
    found,
    number,
    parsed,
    plain_choice,
    question,
    table,
)

FIRST = "sections[0].questions[0]"
SECOND = "sections[0].questions[1]"
GATE = question("TST-01", plain_choice("processor", "none"), weight=None, gate=True)


def child(asked_when: Json, **more: Any) -> Json:
    return question("TST-02", asked_when=asked_when, **more)


def on_first(*values: str) -> Json:
    return {"question": "TST-01", "is": list(values)}


def test_a_release_in_order_has_no_faults() -> None:
    register = question(
        "TST-03", REGISTER, transfers={"country": "country", "safeguard": "safeguard"}
    )
    assert (
        found(
            GATE,
            child(on_first("processor"), knockout={"level": "legal", "below": "at-0"}),
            register,
            question("TST-04", COUNTRIES, transfers_via="TST-03"),
            question("TST-05", number({"at_most": 4, "credit": 1}, {"else": 0}, max=720)),
            question("TST-06", MATURITY, applies_when={"fact": "services", "includes": "soc"}),
            question("TST-07", MULTIPLE),
            question("TST-08", TEXT, weight=None, required=False),
            question("TST-09", DATE, weight=None, asked_when={"question": "TST-06", "at_least": 2}),
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text": "It is so."}, f"{FIRST}.text: is no question"),
        ({"mappings": {"iso": ["A.5.1"]}}, f"{FIRST}.mappings.iso: is no known framework"),
        ({"domain": "acces"}, f"{FIRST}.domain: acces is unknown"),
        ({"domain": None}, f"{FIRST}.weight: scores a question that has no domain"),
        ({"gate": True}, f"{FIRST}.gate: stands on a scored question"),
        ({"answer": DATE}, f"{FIRST}.answer: a date cannot be scored"),
        ({"answer": TEXT}, f"{FIRST}.answer: a text cannot be scored"),
        ({"answer": COUNTRIES}, f"{FIRST}.answer: countries are scored by transfers only"),
        ({"country": "country"}, f"{FIRST}.country: stands without transfers_via"),
        ({"transfers_via": "TST-02"}, f"{FIRST}.transfers_via: names no transfer register"),
        (
            {"answer": choice(good=0.9, bad=0)},
            f"{FIRST}.answer.options: lets nobody reach credit 1",
        ),
        ({"answer": plain_choice("a", "b")}, f"{FIRST}.answer.options[0]: has no credit"),
        (
            {"answer": choice(good=1, bad=0), "weight": None},
            f"{FIRST}.answer.options[0].credit: counts only in a scored choice",
        ),
        (
            {"weight": None, "knockout": {"level": "legal"}},
            f"{FIRST}.knockout: stands on a question that is not scored",
        ),
        ({"factor": {"weight": 1}}, f"{FIRST}.factor: stands outside the intake"),
        (
            {"weight": None, "gate": True},
            f"{FIRST}.gate: decides nothing",
        ),
        (
            {"answer": choice(good=1, bad=0.5), "knockout": {"level": "high"}},
            f"{FIRST}.knockout.below: is reached by every answer, so that none fails",
        ),
        (
            {"mappings": {"iso27001": ["A.5.38"]}},
            f"{FIRST}.mappings.iso27001[0]: “A.5.38” is no id of ISO/IEC 27001:2022",
        ),
        (
            {"answer": {"type": "date", "after": "2026-01-02", "before": "2026-01-01"}},
            f"{FIRST}.answer.before: leaves no day to answer with",
        ),
    ],
)
def test_a_question_that_makes_no_sense_is_found(changes: Json, fault: str) -> None:
    assert fault in found(question("TST-01", **changes))


def test_the_same_option_twice_is_found() -> None:
    twice = choice(good=1, bad=0)
    twice["options"].append({"id": "bad", "text": "Again", "credit": 0.5})

    assert found(question("TST-01", twice)) == [f"{FIRST}.answer.options[2].id: bad stands twice"]


def test_the_same_question_twice_is_found_with_its_own_line() -> None:
    release = parsed(question("TST-01"), question("TST-01"))

    [fault] = check(release)

    assert fault.path == f"{SECOND}.id"
    assert release.source.splitlines()[fault.line - 1].strip() == '"id": "TST-01",'
    assert fault.line > len(release.source.splitlines()) / 2


def test_a_domain_without_a_scored_question_is_found() -> None:
    domains = {name: {"weight": 1, "title": name} for name in ("access", "people")}

    assert found(question("TST-01"), domains=domains) == ["domains.people: has no scored question"]


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        ([{"at_most": 4, "credit": 1}], "bands: leave some numbers without a credit"),
        (
            [{"at_most": 4, "credit": 1}, {"at_most": 4, "credit": 0.5}, {"else": 0}],
            "bands[1]: can never be reached",
        ),
        ([{"else": 1}, {"at_most": 4, "credit": 0.5}], "bands[1]: can never be reached"),
        (
            [{"at_most": 100, "credit": 1}, {"else": 0}],
            "bands[1]: can never be reached",
        ),
        (
            [{"at_least": 6, "credit": 1}, {"at_least": 8, "credit": 0.5}, {"else": 0}],
            "bands[1]: can never be reached",
        ),
        ([{"at_most": 4, "credit": 0.5}, {"else": 0}], "bands: let nobody reach credit 1"),
    ],
)
def test_bands_that_cannot_all_be_meant_are_found(bands: list[Json], fault: str) -> None:
    assert f"{FIRST}.answer.{fault}" in found(question("TST-01", number(*bands, max=100)))


@pytest.mark.parametrize(
    "bands",
    [
        [{"at_least": 6, "credit": 1}, {"at_least": 3, "credit": 0.75}, {"else": 0}],
        [{"at_most": 3, "credit": 1}, {"at_least": 4, "credit": 0}],
    ],
)
def test_bands_that_leave_nothing_out_are_in_order(bands: list[Json]) -> None:
    assert found(question("TST-01", number(*bands, max=100))) == []


def test_a_scored_cell_cannot_be_optional() -> None:
    cell = column("state", "choice", required=False, options=choice(good=1, bad=0)["options"])

    assert found(question("TST-01", table(cell))) == [
        f"{FIRST}.answer.columns[0].required: lets a scored cell be left empty"
    ]


def test_the_best_cell_of_a_scored_column_is_worth_1() -> None:
    cell = column("state", "choice", options=choice(good=0.9, bad=0)["options"])

    assert found(question("TST-01", table(cell))) == [
        f"{FIRST}.answer.columns[0].options: lets nobody reach credit 1"
    ]


def test_a_value_of_the_intake_means_nothing_in_a_cell() -> None:
    cell = column("state", "choice", options=[{"id": "good", "text": "Good", "value": 1}])

    assert found(question("TST-01", table(cell))) == [
        f"{FIRST}.answer.columns[0].options[0].value: stands on a question without factor"
    ]


@pytest.mark.parametrize(
    ("answer", "named", "known"),
    [
        ({"type": "yes_no"}, "maybe", "yes, no"),
        (choice(good=1, bad=0), "god", "good, bad"),
        (MULTIPLE, "log", "logs, alerts, drills"),
        (MATURITY, "5", "0, 1, 2, 3, 4"),
    ],
)
def test_a_finding_is_suggested_on_an_answer_that_there_is(
    answer: Json, named: str, known: str
) -> None:
    right = known.split(", ")
    finding = {"answers": [*right, named], "severity": "low", "text": "It is not so."}

    [fault] = check(parsed(question("TST-01", answer, findings=[finding])))

    assert fault.path == f"{FIRST}.findings[0].answers[{len(right)}]"
    assert fault.problem == f"“{named}” is never answered here"
    assert fault.remedy == f"name one of {known}"


def test_a_finding_needs_answers_that_can_be_named() -> None:
    finding = {"answers": "none", "severity": "low", "text": "It is not so."}

    [fault] = check(parsed(question("TST-01", TEXT, weight=None, findings=[finding]), domains={}))

    assert fault.remedy == "take the finding out"


def test_a_register_of_transfers_has_the_safeguards_that_scoring_knows() -> None:
    register = copy.deepcopy(REGISTER)
    register["columns"][1]["options"][0]["id"] = "clauses"
    asked = question("TST-01", register, transfers={"country": "country", "safeguard": "safeguard"})

    [fault] = check(parsed(asked))

    assert fault.path == f"{FIRST}.answer.columns[1].options[0].id"
    assert fault.problem == "clauses is no safeguard"
    assert fault.remedy == "write adequacy, dpf, scc, bcr, code, art49, none"


def test_the_safeguards_are_those_of_the_scoring() -> None:
    assert tuple(Safeguard) == SAFEGUARDS


def test_transfer_columns_have_to_be_there() -> None:
    register = question("TST-01", REGISTER, transfers={"country": "note", "safeguard": "country"})
    via = question("TST-02", REGISTER, transfers_via="TST-01", country="note")

    assert found(register, via) == [
        f"{FIRST}.transfers.country: names no country column of this table",
        f"{FIRST}.transfers.safeguard: names no choice column of this table",
        f"{SECOND}.country: names no country column of this table",
    ]


def of_intake(**changes: Any) -> list[str]:
    options = [{"id": "some", "text": "Some", "value": 1}, {"id": "none", "text": "No", "value": 0}]
    asked = question(
        "INT-01",
        **{
            "answer": {"type": "choice", "options": options},
            "weight": None,
            "factor": {"weight": 0.5},
            **changes,
        },
    )
    return found(asked, audience="officer", domains={})


def test_an_intake_in_order_has_no_faults() -> None:
    assert of_intake(factor={"weight": 0.5, "floors": [{"option": "some", "floor": 50}]}) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"factor": {"floors": [{"option": "much", "floor": 50}]}},
            "factor.floors[0].option: much is no option here",
        ),
        ({"answer": plain_choice("a", "unknown")}, "answer.options[0]: has no value"),
        (
            {"answer": plain_choice("a", "unknown")},
            "answer.options[1].id: is added to every factor by itself",
        ),
        ({"answer": MULTIPLE}, "factor: needs a choice as answer"),
        ({"factor": None}, "answer.options[0].value: stands on a question without factor"),
        ({"weight": 3}, "weight: scores a question of the intake"),
    ],
)
def test_an_intake_that_makes_no_sense_is_found(changes: Json, fault: str) -> None:
    assert f"{FIRST}.{fault}" in of_intake(**changes)


def test_an_intake_has_no_domains() -> None:
    assert "domains: stands in an intake, which is not scored by domains" in found(
        question("INT-01", weight=None), audience="officer"
    )
