"""What the questionnaire check finds in conditions, gates and controls."""

from typing import Any

import pytest

from tests.catalogue.writing import (
    DATE,
    MATURITY,
    MULTIPLE,
    PARTLY,
    REGISTER,
    TEXT,
    Json,
    choice,
    found,
    number,
    plain_choice,
    question,
)

FIRST = "sections[0].questions[0]"
SECOND = "sections[0].questions[1]"
GATE = question("TST-01", plain_choice("processor", "none"), weight=None, gate=True)


def child(asked_when: Json, **more: Any) -> Json:
    return question("TST-02", asked_when=asked_when, **more)


def on_first(*values: str) -> Json:
    return {"question": "TST-01", "is": list(values)}


CONDITIONS = [
    ({"fact": "colour", "is": "red"}, "names the fact colour, which is unknown"),
    ({"fact": "inherent", "is": "extreme"}, "looks for “extreme”, which is never answered"),
    ({"fact": "services", "includes": "cooking"}, "looks for “cooking”, which is never answered"),
    ({"fact": "services", "is": "soc"}, "uses is:, which does not fit the answer"),
    ({"fact": "data", "at_least": "internal"}, "compares data, which has no order"),
]


@pytest.mark.parametrize(("condition", "problem"), CONDITIONS)
def test_a_fact_that_cannot_be_is_found(condition: Json, problem: str) -> None:
    assert found(question("TST-01", applies_when=condition)) == [f"{FIRST}.applies_when: {problem}"]


@pytest.mark.parametrize(("condition", "problem"), CONDITIONS)
def test_a_fact_in_a_knockout_is_looked_at_too(condition: Json, problem: str) -> None:
    knockout = {"level": "high", "when": {"any": [condition]}}

    assert found(question("TST-01", knockout=knockout)) == [
        f"{FIRST}.knockout.when.any[0]: {problem}"
    ]


@pytest.mark.parametrize(
    ("answer", "test", "problem"),
    [
        (PARTLY, {"is": "maybe"}, "looks for “maybe”, which is never answered"),
        (PARTLY, {"includes": "yes"}, "uses includes:, which does not fit the answer"),
        (MATURITY, {"at_least": 5}, "looks for “5”, which is never answered"),
        (MULTIPLE, {"includes": "none"}, "looks for “none”, which is never answered"),
        (number({"else": 1}), {"at_least": "many"}, "looks for “many”, which is no number"),
        (REGISTER, {"includes": "scc"}, "names no column that can be compared"),
        (REGISTER, {"column": "note", "includes": "x"}, "names no column that can be compared"),
        (
            REGISTER,
            {"column": "safeguard", "includes": "bcc"},
            "looks for “bcc”, which is never answered",
        ),
        (
            REGISTER,
            {"column": "country", "includes": "UK"},
            "looks for “UK”, which is no country",
        ),
        (PARTLY, {"column": "note", "is": "yes"}, "names a column of TST-01, which is no table"),
    ],
)
def test_an_answer_that_cannot_be_given_is_found(answer: Json, test: Json, problem: str) -> None:
    asked_when = {"question": "TST-01", **test}

    assert f"{SECOND}.asked_when: {problem}" in found(question("TST-01", answer), child(asked_when))


@pytest.mark.parametrize("answer", [DATE, TEXT])
def test_dates_and_texts_are_not_compared(answer: Json) -> None:
    faults = found(question("TST-01", answer, weight=None), child(on_first("2026-01-01")))

    assert f"{SECOND}.asked_when: compares TST-01, a {answer['type']}" in faults


def test_a_question_that_is_not_there_cannot_be_named() -> None:
    assert found(question("TST-02", asked_when=on_first("yes"))) == [
        f"{FIRST}.asked_when: names TST-01, which is not in this release"
    ]


def test_facts_and_answers_are_asked_in_their_own_places() -> None:
    assert found(
        GATE,
        child(
            {"all": [on_first("processor"), {"fact": "personal_data", "is": "yes"}]},
            applies_when=on_first("processor"),
        ),
    ) == [
        f"{SECOND}.asked_when: looks at a fact",
        f"{SECOND}.applies_when: looks at an answer",
    ]


def test_a_question_does_not_wait_for_a_later_one() -> None:
    waiting = question("TST-02", asked_when={"question": "TST-03", "is": "yes"})

    assert f"{FIRST}.asked_when: waits for TST-03, which comes later" in found(
        waiting, question("TST-03")
    )


def test_questions_do_not_wait_for_each_other() -> None:
    faults = found(
        question("TST-01", asked_when={"question": "TST-03", "is": "yes"}),
        question("TST-02", asked_when=on_first("yes")),
        question("TST-03", asked_when={"question": "TST-02", "is": "yes"}),
    )

    assert f"{FIRST}.asked_when: waits for TST-03, which waits for it" in faults


def test_a_question_does_not_wait_for_itself() -> None:
    faults = found(question("TST-01", asked_when=on_first("yes")))

    assert f"{FIRST}.asked_when: waits for TST-01, which waits for it" in faults


def test_a_condition_that_can_never_hold_is_found() -> None:
    assert f"{SECOND}.asked_when: can never hold" in found(
        GATE, child({"all": [on_first("processor"), on_first("none")]})
    )


def test_a_condition_that_its_own_parents_rule_out_is_found() -> None:
    below = question("TST-03", gate=True, weight=None, asked_when=on_first("processor"))
    both = {"all": [{"question": "TST-03", "is": "yes"}, on_first("none")]}

    assert found(GATE, below, question("TST-04", asked_when=both)) == [
        "sections[0].questions[2].asked_when: can never hold"
    ]


def test_facts_that_rule_each_other_out_are_found() -> None:
    never = {"all": [{"fact": "inherent", "is": "low"}, {"fact": "inherent", "at_least": "high"}]}

    assert found(question("TST-01", applies_when=never)) == [
        f"{FIRST}.applies_when: can never hold"
    ]


def test_facts_of_a_parent_count_for_its_children() -> None:
    parent = question("TST-01", applies_when={"fact": "inherent", "is": "low"})
    asked = child(on_first("yes"), applies_when={"fact": "inherent", "is": "high"})

    assert found(parent, asked) == [f"{SECOND}.asked_when: can never hold"]


def test_a_knockout_that_can_never_fail_is_found() -> None:
    never = {"all": [{"fact": "inherent", "is": "low"}, {"fact": "inherent", "is": "high"}]}

    assert found(question("TST-01", knockout={"level": "high", "when": never})) == [
        f"{FIRST}.knockout.when: can never hold"
    ]


def test_a_knockout_fails_only_where_its_question_is_asked() -> None:
    knockout = {"level": "high", "when": {"fact": "inherent", "is": "low"}}
    asked = question("TST-01", applies_when={"fact": "inherent", "is": "high"}, knockout=knockout)

    assert found(asked) == [f"{FIRST}.knockout.when: can never hold"]


@pytest.mark.parametrize(
    "when",
    [
        {"fact": "inherent", "at_least": "high"},
        {"question": "TST-01", "is": "processor"},
        {"question": "TST-03", "is": "partly"},
        {"any": [{"fact": "inherent", "is": "low"}, {"question": "TST-01", "is": "none"}]},
    ],
)
def test_a_knockout_may_look_at_facts_and_any_answers(when: Json) -> None:
    asked = question(
        "TST-02",
        asked_when=on_first("processor"),
        applies_when={"fact": "inherent", "at_least": "medium"},
        knockout={"level": "high", "when": when},
    )
    expected = [f"{SECOND}.knockout.when: can never hold"] if "any" in when else []

    assert found(GATE, asked, question("TST-03", PARTLY)) == expected


HIDES = f"{SECOND}.asked_when: hides a scored question on"


@pytest.mark.parametrize(
    ("answer", "test", "hiding"),
    [
        (PARTLY, {"is": "yes"}, "'partly'"),
        (PARTLY, {"is": "no"}, "'partly'"),
        (choice(best=1, middle=0.5, worst=0), {"is": ["best"]}, "'middle'"),
        (MATURITY, {"at_least": 2}, "1"),
        (MATURITY, {"is": [0, 4]}, "1"),
        (MULTIPLE, {"includes": "logs"}, "['alerts']"),
        (
            number({"at_most": 4, "credit": 1}, {"at_most": 9, "credit": 0.5}, {"else": 0}),
            {"at_least": 8},
            "'5'",
        ),
    ],
)
def test_a_middling_answer_may_not_hide_a_scored_question(
    answer: Json, test: Json, hiding: str
) -> None:
    [fault] = found(question("TST-01", answer), child({"question": "TST-01", **test}))

    assert fault == f"{HIDES} {hiding}, a middling answer to TST-01"


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        (PARTLY, {"is": ["yes", "partly"]}),
        (PARTLY, {"is": ["no", "partly"]}),
        (PARTLY, {"is": "partly"}),
        (choice(best=1, middle=0.5, worst=0), {"is": ["middle", "worst"]}),
        (MATURITY, {"at_least": 1}),
        (MULTIPLE, {"includes": ["logs", "alerts", "drills"]}),
        (number({"at_most": 4, "credit": 1}, {"else": 0}), {"at_least": 5}),
    ],
)
def test_the_worst_and_the_best_answers_may(answer: Json, test: Json) -> None:
    assert found(question("TST-01", answer), child({"question": "TST-01", **test})) == []


def test_rows_that_transfer_rules_score_may_hide_nothing_scored() -> None:
    register = question(
        "TST-01", REGISTER, transfers={"country": "country", "safeguard": "safeguard"}
    )
    asked = child({"question": "TST-01", "column": "safeguard", "includes": ["scc", "bcr"]})

    assert HIDES in found(register, asked)[0]


def test_an_unscored_question_may_hang_on_any_answer() -> None:
    assert found(question("TST-01", PARTLY), child(on_first("yes"), answer=DATE, weight=None)) == []


def test_only_gates_and_controls_may_hide_what_counts() -> None:
    parent = question("TST-01", weight=None)

    assert found(parent, child(on_first("yes"))) == [
        f"{SECOND}.asked_when: lets TST-01 hide a scored question"
    ]


def test_a_control_may_not_hide_a_legal_question() -> None:
    assert found(question("TST-01"), child(on_first("yes"), knockout={"level": "legal"})) == [
        f"{SECOND}.asked_when: lets TST-01, a control, hide a legal question"
    ]


def test_a_control_may_not_hide_a_gate() -> None:
    gate = child(on_first("yes"), weight=None, gate=True)
    below = question("TST-03", asked_when={"question": "TST-02", "is": "yes"})

    assert found(question("TST-01"), gate, below) == [
        f"{SECOND}.asked_when: lets TST-01, a control, hide a gate"
    ]


def test_a_hidden_question_has_one_control_whose_credit_it_takes_over() -> None:
    either = {"any": [on_first("yes"), {"question": "TST-02", "is": "yes"}]}

    assert found(question("TST-01"), question("TST-02"), question("TST-03", asked_when=either)) == [
        "sections[0].questions[2].asked_when: names several controls, TST-01, TST-02"
    ]
