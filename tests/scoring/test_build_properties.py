"""Properties of scores over the questions that are shipped, with branching and transfers."""

from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.answers import credit
from riskapp.catalogue.conditions import questions_named
from riskapp.catalogue.model import (
    Choice,
    Countries,
    Multiple,
    Number,
    Question,
    Table,
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.visible import asked
from riskapp.scoring.build import Case, build_sheet
from riskapp.scoring.constants import Level
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.sheet import Evidence, Item, State
from tests.scoring.building import (
    AS_OF,
    FACTORS,
    FACTS,
    HALF,
    SHIPPED,
    Answers,
    Files,
    na,
    row,
    said,
    sub,
)


def possible(question: Question) -> list[Any]:
    """Answers of every worth to a shipped question."""
    match question.answer:
        case YesNo() | YesPartlyNo() | Choice():
            return list(question.choices)
        case Multiple(options=options):
            ids = [option.id for option in options]
            return [ids[:count] for count in range(len(ids) + 1)]
        case Number(bands=bands):
            return [str(band.at_most) for band in bands if band.at_most is not None] + ["90"]
        case Countries():
            return [["DE"], ["DE", "US"], ["IN"]]
        case Table() if question.id == "GDP-32":
            return [
                [],
                [row("US", "dpf")],
                [row("US", "scc"), row("IN", "bcr")],
                [row("US", "none")],
            ]
        case Table() if question.id == "GDP-14":
            return [[], [sub("DE")], [sub("US"), sub("DE")]]
        case Table(columns=columns):
            known = [option.id for column in columns for option in column.options]
            rest = {column.id: "DE" for column in columns if not column.options}
            return [[{**rest, columns[-1].id: one}] for one in known]
    return [None]


QUESTIONS = {
    question.id: question for release in SHIPPED for question in release.questions.values()
}
SCORED = [question.id for question in QUESTIONS.values() if question.scored]
PARENTS = sorted(
    {
        name
        for question in QUESTIONS.values()
        if question.asked_when is not None and question.scored
        for name in questions_named(question.asked_when)
        if QUESTIONS[name].scored
    }
)
PROOF = [
    Evidence(True, Level.PROVIDED, date(2026, 6, 1)),
    Evidence(True, Level.INDEPENDENT, date(2025, 6, 1)),
    Evidence(True, Level.REVIEWED, date(2024, 1, 1), date(2027, 1, 1)),
]
examples = settings(deadline=None, max_examples=40)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Answers, Files]:
    """Answers to some of everything, as a processor, with some files and reviews.

    One number is drawn and decides the rest: drawing each of some 170 answers would take minutes.
    """
    die = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - chance, not secrecy
    answers: Answers = {"GDP-01": said(die.choice(["processor", "own-controller"]))}
    for name in SCORED:
        kind = die.choice(["answer"] * 6 + ["missing", "na", "rejected"])
        value = die.choice(possible(QUESTIONS[name]))
        if kind == "na":
            answers[name] = na(na_approvals=die.randint(0, 2))
        elif kind != "missing":
            standing = "rejected" if kind == "rejected" else "open"
            answers[name] = said(value, standing=standing, confirmed=die.random() < HALF)
    proved = die.sample(SCORED, die.randint(0, 12))
    return answers, {name: [die.choice(PROOF)] for name in proved}


def fullest(question: Question) -> Any:
    """The best answer to a question that a control hides."""
    return max(possible(question), key=lambda one: credit(question, one) or Fraction(0))


def scored(answers: Answers, files: Files) -> tuple[Result, dict[str, Item]]:
    sheet = build_sheet(Case(SHIPPED, FACTS, FACTORS, answers, files), AS_OF)
    return evaluate(sheet), {item.id: item for item in sheet.items}


@examples
@given(cases(), st.data())
def test_p2_a_better_answer_to_a_shipped_question_never_raises_the_score(
    case: tuple[Answers, Files], data: st.DataObject
) -> None:
    answers, files = case
    # A register that names clauses brings a knock-out with them: another set of items.
    name = data.draw(st.sampled_from([one for one in SCORED if one != "GDP-32"]))
    worths: dict[Fraction, Fraction] = {}
    for value in possible(QUESTIONS[name]):
        result, found = scored({**answers, name: said(value, confirmed=True)}, files)
        item = found.get(name)
        if item is not None and item.state is State.ANSWERED:
            worths[item.credit] = max(result.score, worths.get(item.credit, Fraction(0)))
    order = [worths[worth] for worth in sorted(worths)]
    assert order == sorted(order, reverse=True)
    missing, _ = scored({**answers, name: said(None)}, files)
    assert all(missing.score >= score for score in order)


@examples
@given(cases(), st.data())
def test_p12_hiding_questions_never_pays_against_answering_them_fully(
    case: tuple[Answers, Files], data: st.DataObject
) -> None:
    answers, files = case
    parent = data.draw(st.sampled_from(PARENTS))
    children = [
        question
        for question in QUESTIONS.values()
        if question.asked_when is not None
        and question.scored
        and parent in questions_named(question.asked_when)
    ]
    full = {**answers, **{one.id: said(fullest(one)) for one in children}}
    proof = {**files, **{one.id: [Evidence(True, Level.INDEPENDENT, AS_OF)] for one in children}}
    hidden, shown = [], []
    for value in possible(QUESTIONS[parent]):
        result, found = scored({**full, parent: said(value)}, proof)
        gone = [found[one.id] for one in children if one.id in found]
        if any(item.state is State.HIDDEN for item in gone):
            hidden.append((found[parent].credit, result.score))
        elif gone:
            shown.append((found[parent].credit, result.score))
    assert hidden
    assert all(credit(one, fullest(one)) == 1 for one in children)
    for worth, score in hidden:
        assert all(score >= other for credit, other in shown if credit >= worth)


@examples
@given(cases())
def test_what_the_vendor_sees_asked_is_what_is_scored_as_asked(
    case: tuple[Answers, Files],
) -> None:
    answers, files = case
    _, found = scored(answers, files)
    known = {name: one.value for name, one in answers.items() if one.value is not None}
    shown = {one.id for release in SHIPPED for one in asked(release, FACTS, known) if one.scored}
    assert shown <= set(found)
    unasked = (State.HIDDEN, State.MISSING)
    assert all(item.state in unasked for name, item in found.items() if name not in shown)
    assert all(item.state is not State.HIDDEN for name, item in found.items() if name in shown)


def test_the_shipped_questions_have_controls_that_hide_others() -> None:
    assert PARENTS
