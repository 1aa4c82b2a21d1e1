"""Who is asked what: applicability, gates, controls, and conditions in words."""

import pytest

from riskapp.catalogue.conditions import holds, in_words, questions_named
from riskapp.catalogue.model import Condition, Question
from riskapp.catalogue.visible import applicable, asked, hidden_by
from tests.catalogue.writing import (
    COUNTRIES,
    MATURITY,
    MULTIPLE,
    REGISTER,
    Json,
    asking,
    number,
    parsed,
    plain_choice,
    question,
)


def condition(written: Json) -> Condition:
    found = asking({"type": "yes_no"}, applies_when=written).applies_when
    assert found is not None
    return found


FACTS = {"services": ["soc", "saas"], "inherent": "high", "personal_data": "yes"}
ANSWERS = {
    "TST-01": "processor",
    "TST-02": 2,
    "TST-03": ["logs"],
    "TST-04": "24",
    "TST-05": [{"country": "IN", "safeguard": "scc"}, {"country": "US", "safeguard": "none"}],
    "TST-06": ["DE", "IN"],
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"fact": "personal_data", "is": "yes"}, True),
        ({"fact": "inherent", "is": ["low", "medium"]}, False),
        ({"fact": "services", "includes": ["development", "soc"]}, True),
        ({"fact": "services", "includes": "development"}, False),
        ({"fact": "inherent", "at_least": "high"}, True),
        ({"fact": "inherent", "at_least": "critical"}, False),
        ({"fact": "regulated", "is": "none"}, False),
        ({"question": "TST-01", "is": ["processor", "joint"]}, True),
        ({"question": "TST-02", "is": 2}, True),
        ({"question": "TST-02", "at_least": 3}, False),
        ({"question": "TST-02", "at_least": 2}, True),
        ({"question": "TST-03", "includes": "logs"}, True),
        ({"question": "TST-03", "includes": "drills"}, False),
        ({"question": "TST-04", "at_least": 9}, True),
        ({"question": "TST-04", "at_least": "24.5"}, False),
        ({"question": "TST-05", "column": "safeguard", "includes": ["scc", "bcr"]}, True),
        ({"question": "TST-05", "column": "safeguard", "includes": "bcr"}, False),
        ({"question": "TST-06", "includes": "IN"}, True),
        ({"question": "TST-07", "is": "yes"}, False),
        ({"question": "TST-07", "at_least": 1}, False),
        (
            {"all": [{"fact": "inherent", "is": "high"}, {"question": "TST-07", "is": "yes"}]},
            False,
        ),
        (
            {"any": [{"fact": "inherent", "is": "high"}, {"question": "TST-07", "is": "yes"}]},
            True,
        ),
    ],
)
def test_a_condition_holds_or_not(written: Json, expected: bool) -> None:
    assert holds(condition(written), FACTS, ANSWERS) is expected


def test_a_condition_says_whose_answers_it_looks_at() -> None:
    nested = {
        "all": [{"fact": "inherent", "is": "low"}, {"any": [{"question": "TST-02", "is": "x"}]}]
    }

    assert questions_named(condition(nested)) == {"TST-02"}


WORDED = parsed(
    question("TST-01", plain_choice("processor", "none"), weight=None),
    question("TST-02", MATURITY),
    question("TST-03", MULTIPLE),
    question("TST-04", number({"else": 1})),
    question("TST-05", REGISTER, weight=None),
    question("TST-06", COUNTRIES, weight=None),
)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"fact": "inherent", "at_least": "high"}, "the inherent risk is high or above"),
        (
            {"fact": "services", "includes": ["soc", "saas"]},
            "the kind of service includes soc or saas",
        ),
        ({"question": "TST-01", "is": "none"}, "TST-01 is “none”"),
        ({"question": "TST-02", "at_least": 3}, "TST-02 is level 3 or above"),
        ({"question": "TST-03", "includes": "logs"}, "TST-03 includes “Logs”"),
        (
            {"question": "TST-05", "column": "safeguard", "includes": ["scc", "bcr"]},
            "Safeguard in TST-05 includes “SCC” or “BCR”",
        ),
        (
            {
                "all": [
                    {"question": "TST-04", "at_least": 9},
                    {"any": [{"fact": "data", "is": "none"}, {"question": "TST-09", "is": "yes"}]},
                ]
            },
            "TST-04 is 9 or above and (the most sensitive data is none or TST-09 is yes)",
        ),
    ],
)
def test_a_condition_is_said_in_words(written: Json, words: str) -> None:
    assert in_words(condition(written), WORDED) == words


def ids(questions: list[Question]) -> list[str]:
    return [one.id for one in questions]


RELEASE = parsed(
    question("TST-01", plain_choice("processor", "none"), weight=None, gate=True),
    question("TST-02", asked_when={"question": "TST-01", "is": "processor"}),
    question("TST-03", asked_when={"question": "TST-02", "is": "yes"}),
    question("TST-04", applies_when={"fact": "services", "includes": "saas"}),
    question("TST-05", asked_when={"question": "TST-04", "is": "yes"}),
    question("TST-06"),
)
SAAS = {"services": ["saas"]}


def test_facts_take_questions_out_and_their_children_with_them() -> None:
    assert ids(applicable(RELEASE, SAAS)) == [f"TST-0{number}" for number in range(1, 7)]
    assert ids(applicable(RELEASE, {"services": ["soc"]})) == [
        "TST-01",
        "TST-02",
        "TST-03",
        "TST-06",
    ]


def test_answers_bring_questions_in_the_order_of_the_file() -> None:
    assert ids(asked(RELEASE, SAAS, {})) == ["TST-01", "TST-04", "TST-06"]
    answers = {"TST-01": "processor", "TST-02": "yes", "TST-04": "yes"}
    assert ids(asked(RELEASE, SAAS, answers)) == [f"TST-0{number}" for number in range(1, 7)]


def test_an_answer_to_a_question_that_went_away_brings_nothing() -> None:
    answers = {"TST-01": "none", "TST-02": "yes"}

    assert ids(asked(RELEASE, SAAS, answers)) == ["TST-01", "TST-04", "TST-06"]


def test_an_answer_that_facts_took_away_brings_nothing() -> None:
    assert "TST-05" not in ids(asked(RELEASE, {"services": []}, {"TST-04": "yes"}))


def test_a_question_that_hangs_on_a_hidden_one_is_not_asked_for_another_reason() -> None:
    either = {"any": [{"question": "TST-02", "is": "yes"}, {"question": "TST-04", "is": "yes"}]}
    release = parsed(
        question("TST-01", plain_choice("processor", "none"), weight=None, gate=True),
        question("TST-02", gate=True, asked_when={"question": "TST-01", "is": "processor"}),
        question("TST-04", weight=None, gate=True),
        question("TST-05", asked_when=either),
    )

    assert "TST-05" not in ids(asked(release, {}, {"TST-01": "none", "TST-04": "yes"}))
    assert "TST-05" in ids(asked(release, {}, {"TST-01": "processor", "TST-04": "yes"}))


@pytest.mark.parametrize(
    ("answers", "hidden"),
    [
        ({}, {"TST-02": "gate", "TST-03": "gate", "TST-05": "control"}),
        (
            {"TST-01": "none", "TST-02": "yes"},
            {"TST-02": "gate", "TST-03": "gate", "TST-05": "control"},
        ),
        ({"TST-01": "processor"}, {"TST-03": "control", "TST-05": "control"}),
        ({"TST-01": "processor", "TST-02": "no", "TST-04": "yes"}, {"TST-03": "control"}),
        ({"TST-01": "processor", "TST-02": "yes", "TST-04": "yes"}, {}),
    ],
)  # fmt: skip
def test_what_is_not_asked_is_hidden_by_a_gate_or_by_a_control(answers: Json, hidden: Json) -> None:
    assert hidden_by(RELEASE, SAAS, answers) == hidden


def test_what_facts_took_out_is_hidden_by_nothing() -> None:
    assert "TST-05" not in hidden_by(RELEASE, {"services": ["soc"]}, {})


def test_below_a_hidden_control_a_question_is_hidden_by_it_too() -> None:
    release = parsed(
        question("TST-01"),
        question("TST-02", asked_when={"question": "TST-01", "is": "yes"}),
        question("TST-03", asked_when={"question": "TST-02", "is": "yes"}),
    )

    assert hidden_by(release, {}, {"TST-01": "no"}) == {"TST-02": "control", "TST-03": "control"}
