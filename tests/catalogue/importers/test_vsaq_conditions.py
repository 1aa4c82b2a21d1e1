"""On which answers VSAQ's questions are asked, before and after the import."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.model import Question
from riskapp.catalogue.visible import asked
from riskapp.catalogue.when import All, QuestionTest
from riskapp.catalogue.when import Any as AnyOf
from tests.catalogue.importers.files import (
    Json,
    Read,
    block,
    imported,
    item,
    radios,
    ticks,
    vsaq,
    warning,
)

GATE = radios("g", "Which one is it?", "a: Alpha", "b: Beta", "c: Gamma")
TICKS = ticks("t", "Which do you have?", "a: Alpha", "b: Beta")
YES_NO = item("yesno", "y", "Do you?", yes="Yes", no="No")
CHILD = item("line", "child", "Child?")


def said(condition: object) -> object:
    """A condition as nested words: ("all", …), ("g", "a", "b")."""
    if isinstance(condition, QuestionTest):
        return (condition.question, *(condition.equals or condition.includes))
    if isinstance(condition, All | AnyOf):
        parts = [said(part) for part in condition.parts]
        return ("all" if isinstance(condition, All) else "any", *parts)
    return condition


def condition(cond: str, *before: Json, **more: Any) -> object:
    """What the condition of a line becomes that stands behind these items."""
    read = vsaq(*before, {**CHILD, "cond": cond, **more})
    return said(read.about("Child?").asked_when)


@pytest.mark.parametrize(
    ("cond", "expected"),
    [
        ("g_a", ("THE-01", "a")),
        ("!g_a", ("THE-01", "b", "c")),
        ("g_a || g_b", ("THE-01", "a", "b")),
        ("!(g_a || g_b)", ("THE-01", "c")),
        ("!(!g_a)", ("THE-01", "a")),
        ("g", ("THE-01", "a", "b", "c")),
        ("t_a", ("THE-02", "a")),
        ("t_a && t_b", ("all", ("THE-02", "a"), ("THE-02", "b"))),
        ("t_a || t_b", ("THE-02", "a", "b")),
        ("t", ("THE-02", "a", "b")),
        ("y/yes", ("THE-03", "yes")),
        ("y/no", ("THE-03", "no")),
        ("!y/yes", ("THE-03", "no")),
        ("y/value", ("THE-03", "yes", "no")),
        ("y", ("THE-03", "yes")),
        ("g_a && t_b", ("all", ("THE-01", "a"), ("THE-02", "b"))),
        (
            "g_a && (t_b || y/no)",
            ("all", ("THE-01", "a"), ("any", ("THE-02", "b"), ("THE-03", "no"))),
        ),
        ("^g && g_a", ("THE-01", "a")),
        ("g_a && !g_b", ("THE-01", "a")),
    ],
)
def test_conditions_are_said_in_tests_of_answers(cond: str, expected: object) -> None:
    assert condition(cond, GATE, TICKS, YES_NO) == expected


def test_signs_without_brackets_are_read_from_left_to_right_as_vsaq_does() -> None:
    read = vsaq(GATE, TICKS, {**CHILD, "cond": "t_a || t_b && g_a"})
    assert said(read.about("Child?").asked_when) == ("all", ("THE-02", "a", "b"), ("THE-01", "a"))
    assert read.noted("mixes && and ||; it is read from left to right")


def test_the_conditions_of_all_blocks_around_a_question_count() -> None:
    read = vsaq(
        GATE,
        TICKS,
        block("Outer", block("Inner", CHILD, cond="t_a"), cond="g_b"),
    )
    assert said(read.about("Child?").asked_when) == ("all", ("THE-01", "b"), ("THE-02", "a"))


def test_a_condition_that_another_question_has_already_is_not_said_twice() -> None:
    read = vsaq(GATE, block("In", {**TICKS, "cond": ""}, {**CHILD, "cond": "t_a"}, cond="g_a"))
    assert said(read.about("Which do you").asked_when) == ("THE-01", "a")
    assert said(read.about("Child?").asked_when) == ("THE-02", "a")


@pytest.mark.parametrize(
    ("cond", "reason"),
    [
        ("!t_a", "asks for what is not ticked"),
        ("nowhere", "names “nowhere”, which the file does not have"),
        ('contains(words/value, "x")', "looks into typed words (contains)"),
        ("words/value", "looks at an answer of the type text"),
        ("later_a", "names a later question"),
        ("g_a &&", "is no condition that VSAQ can read"),
        ("g_a & t_b", "is no condition that VSAQ can read"),
        ("(" * 80, "is no condition that VSAQ can read"),
        ("!^g", "asks whether another item is not shown"),
        ("some_block", "a block that has no answer"),
    ],
)
def test_what_cannot_be_said_is_left_out_and_noted(cond: str, reason: str) -> None:
    read = vsaq(
        GATE,
        TICKS,
        item("line", "words", "Words?"),
        block("A block", item("line", "z", "Inside?"), id="some_block"),
        {**CHILD, "cond": cond},
        radios("later", "Later?", "a: A", "b: B"),
    )
    assert read.about("Child?").asked_when is None
    (note,) = [one for one in read.notes if "asked more often than in its source" in one]
    assert reason in note
    assert "(child)" in note


def test_the_part_of_a_condition_that_can_be_said_is_kept() -> None:
    read = vsaq(GATE, TICKS, {**CHILD, "cond": "g_a && !t_b"})
    assert said(read.about("Child?").asked_when) == ("THE-01", "a")
    assert read.noted("its condition “g_a && !t_b” asks for what is not ticked")


def test_an_alternative_that_cannot_be_said_leaves_nothing_of_the_condition() -> None:
    assert condition("g_a || !t_b", GATE, TICKS) is None


def test_a_question_that_is_never_shown_is_left_out_with_what_waits_for_it() -> None:
    read = vsaq(
        GATE,
        {**TICKS, "cond": "g_a && g_b"},
        item("line", "x", "Waits?", cond="t_a"),
        item("line", "y", "Never?", cond="false"),
        item("line", "z", "Always?", cond="!t_a"),
    )
    assert [one.text for one in read.questions] == ["Which one is it?", "Always?"]
    assert len(read.noted("is never asked in its source")) == 3


def test_a_question_that_is_not_ticked_because_it_is_not_shown_keeps_the_other_asked() -> None:
    """Where b is not asked VSAQ shows the child; riskapp cannot say that, and always asks it."""
    other = radios("b", "Other?", "x: X", "y: Y", cond="g_a")
    read = vsaq(GATE, other, {**CHILD, "cond": "!b_x"})
    assert read.about("Child?").asked_when is None
    assert read.noted("also holds where the question of line")


SCORED = radios("s", "Is it good?", "good: Good", "fair: Fair", "bad: Bad")
FAIR_IS_HALF = warning("s_fair && g_a")
BAD = warning("s_bad")


def control(name: str) -> tuple[Json, Json]:
    """A radiogroup that is scored, for its warning."""
    return (
        radios(name, f"Control {name}?", "yes: Yes we do", "no: We do not"),
        warning(f"{name}_no"),
    )


def test_an_unscored_question_that_decides_about_scored_ones_is_a_gate() -> None:
    child, tip = control("s")
    read = vsaq(GATE, {**child, "cond": "g_a"}, tip)
    gate, scored = read.questions
    assert (gate.gate, gate.scored, scored.scored) == (True, False, True)
    assert said(scored.asked_when) == ("THE-01", "a")


def test_an_unscored_question_that_decides_about_unscored_ones_is_no_gate() -> None:
    read = vsaq(GATE, {**CHILD, "cond": "g_a"})
    assert not read.about("Which one").gate


def test_a_middling_answer_to_a_control_never_hides_a_scored_question() -> None:
    child, tip = control("k")
    read = vsaq(GATE, SCORED, FAIR_IS_HALF, BAD, {**child, "cond": "s_good"}, tip)
    assert [str(one.credit) for one in read.about("Is it good?").answer.options] == [  # type: ignore[union-attr]
        "1",
        "1/2",
        "0",
    ]
    assert said(read.about("Control k?").asked_when) == ("THE-02", "good", "fair")
    assert read.noted("lets an answer that is neither the best nor the worst hide it")


def test_of_several_controls_the_nearest_hides_a_scored_question() -> None:
    one, tip_one = control("one")
    two, tip_two = control("two")
    child, tip = control("k")
    read = vsaq(one, tip_one, two, tip_two, {**child, "cond": "one_yes && two_yes"}, tip)
    assert said(read.about("Control k?").asked_when) == ("THE-02", "yes")
    assert read.noted("lets several scored answers hide a scored question")


def test_a_control_hides_no_gate_so_that_the_gate_is_always_asked() -> None:
    one, tip_one = control("one")
    child, tip = control("k")
    read = vsaq(one, tip_one, {**GATE, "cond": "one_yes"}, {**child, "cond": "g_a"}, tip)
    gate = read.about("Which one is it?")
    assert (gate.gate, gate.asked_when) == (True, None)
    assert read.noted("lets a scored answer hide a question on which others depend")


def test_a_control_may_hide_questions_that_are_not_scored() -> None:
    one, tip = control("one")
    read = vsaq(one, tip, {**GATE, "cond": "one_no"}, {**CHILD, "cond": "g_a"})
    assert said(read.about("Which one is it?").asked_when) == ("THE-01", "no")
    assert said(read.about("Child?").asked_when) == ("THE-02", "a")


def test_a_long_row_of_questions_that_wait_for_one_another_is_cut() -> None:
    first = radios("q0", "Question 0?", "a: A", "b: B")
    more = [
        radios(f"q{at}", f"Question {at}?", "a: A", "b: B", cond=f"q{at - 1}_a")
        for at in range(1, 40)
    ]
    read = vsaq(first, *more)
    assert read.noted("waits for more than 12 questions in a row")


# What VSAQ itself would show, to hold against what riskapp asks.


@dataclass(frozen=True, slots=True)
class Source:
    """A group of an invented file: its choices, whether several may be chosen, its condition."""

    name: str
    several: bool
    cond: "Formula | None"
    warned: bool


Formula = tuple[Any, ...]
"""("is", group, choice), ("not", formula), ("and"/"or", formula, formula)."""

CHOICES = ("a", "b", "c")


def written(formula: Formula) -> str:
    if formula[0] == "is":
        return f"q{formula[1]}_{formula[2]}"
    if formula[0] == "not":
        return f"!({written(formula[1])})"
    sign = "&&" if formula[0] == "and" else "||"
    return f"({written(formula[1])}) {sign} ({written(formula[2])})"


def holds(formula: Formula, shown: Mapping[str, bool], answers: Mapping[str, set[str]]) -> bool:
    if formula[0] == "is":
        name = f"q{formula[1]}"
        return shown[name] and formula[2] in answers[name]
    if formula[0] == "not":
        return not holds(formula[1], shown, answers)
    parts = [holds(one, shown, answers) for one in formula[1:]]
    return all(parts) if formula[0] == "and" else any(parts)


@st.composite
def formulas(draw: st.DrawFn, below: int, depth: int = 0) -> Formula:
    kind = draw(st.sampled_from(("is", "is", "not", "and", "or") if depth < 3 else ("is",)))
    if kind == "is":
        return ("is", draw(st.integers(0, below - 1)), draw(st.sampled_from(CHOICES)))
    parts = [draw(formulas(below, depth + 1)) for _ in range(1 if kind == "not" else 2)]
    return (kind, *parts)


@st.composite
def sources(draw: st.DrawFn) -> list[Source]:
    found = []
    for at in range(draw(st.integers(2, 6))):
        cond = draw(st.none() | formulas(at)) if at else None
        found.append(Source(f"q{at}", draw(st.booleans()), cond, draw(st.booleans())))
    return found


def made(found: list[Source]) -> Read:
    items: list[Json] = []
    for one in found:
        make = ticks if one.several else radios
        more = {"cond": written(one.cond)} if one.cond else {}
        labels = [f"{name}: Choice {name}" for name in CHOICES]
        items.append(make(one.name, f"Question {one.name}?", *labels, **more))
        items += [warning(f"{one.name}_c")] if one.warned else []
    root = block("All", block("Basics", *items), block("More"))
    return imported("vsaq", json.dumps({"questionnaire": [root]}))


@settings(max_examples=100, deadline=None)
@given(found=sources(), picked=st.lists(st.sets(st.sampled_from(CHOICES), min_size=1), min_size=6))
def test_nobody_is_asked_less_than_in_the_source_and_more_only_where_that_is_noted(
    found: list[Source], picked: list[set[str]]
) -> None:
    read = made(found)
    answers: dict[str, set[str]] = {}
    shown: dict[str, bool] = {}
    for one, choices in zip(found, picked, strict=False):
        answers[one.name] = choices if one.several else {min(choices)}
        shown[one.name] = one.cond is None or holds(one.cond, shown, answers)
    by_name = {question.text.split()[1].rstrip("?"): question for question in read.questions}
    given_answers = {
        question.id: sorted(answers[name]) if _several(question) else min(answers[name])
        for name, question in by_name.items()
    }
    now = {question.id for question in asked(read.release, {}, given_answers)}
    changed = {note.where for note in read.imported.notes if "asked more often" in note.problem}
    for one in found:
        question = by_name.get(one.name)
        if question is None:
            assert not shown[one.name]
            continue
        if shown[one.name]:
            assert question.id in now
        elif question.id in now:
            assert changed, "a question is asked more often, and no note says so"


def _several(question: Question) -> bool:
    return question.answer.type == "multiple"
