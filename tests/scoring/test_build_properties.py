"""Properties of scores over the questions that are shipped, with branching and transfers.

Every case is built and scored twice, by the application and by plain references: see
`shipped.scored`. The properties that need no questions are in test_properties.py.
"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.answers import credit
from riskapp.catalogue.conditions import questions_named
from riskapp.catalogue.model import Question
from riskapp.catalogue.visible import asked
from riskapp.scoring.build import Case, build_basis
from riskapp.scoring.constants import Level
from riskapp.scoring.day import sheet_on
from riskapp.scoring.rules import evaluate
from riskapp.scoring.sheet import Evidence, State
from riskapp.vendors.intake import UNKNOWN, factors
from riskapp.vendors.rules import inherent_score
from tests.scoring import reference, reference_build
from tests.scoring.building import CATALOGUE, FACTORS, FACTS, SHIPPED, na, said
from tests.scoring.shipped import (
    FILES,
    QUESTIONS,
    SCORED,
    Shipped,
    cases,
    intake_answers,
    possible,
    scored,
)

PARENTS = sorted(
    {
        name
        for question in QUESTIONS.values()
        if question.asked_when is not None and question.scored
        for name in questions_named(question.asked_when)
        if QUESTIONS[name].scored
    }
)
PROVEN = [name for name in SCORED if QUESTIONS[name].evidence is not None]
examples = settings(deadline=None, max_examples=12)


@settings(deadline=None, max_examples=40)
@given(cases())
def test_every_item_and_number_is_what_the_references_make_of_it(one: Shipped) -> None:
    result, found = scored(one)
    assert set(result.contributions) == set(found)


@examples
@given(cases(), st.data())
def test_p2_and_p5_a_better_answer_never_raises_the_score_and_a_missing_one_is_never_better(
    one: Shipped, data: st.DataObject
) -> None:
    # A register that names clauses brings a knock-out with them: another set of items.
    name = data.draw(st.sampled_from([name for name in SCORED if name != "GDP-32"]))
    worths: dict[Fraction, Fraction] = {}
    for value in possible(QUESTIONS[name]):
        result, found = scored(one.with_answer(name, said(value, confirmed=True)))
        item = found.get(name)
        if item is not None and item.state is State.ANSWERED:
            worths[item.credit] = max(result.score, worths.get(item.credit, Fraction(0)))
    order = [worths[worth] for worth in sorted(worths)]
    assert order == sorted(order, reverse=True)
    for missing in (None, said("no", standing="rejected")):
        result, _ = scored(one.with_answer(name, missing))
        assert all(result.score >= score for score in order)


@examples
@given(cases(), st.data())
def test_p3_better_evidence_or_a_later_date_of_the_same_kind_never_raises_the_score(
    one: Shipped, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([*PROVEN, "GDP-33", "GDP-33"]))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, 2)] * 2)))
    early, late = sorted(data.draw(st.tuples(*[st.integers(-900, 0)] * 2)))
    dated = data.draw(st.booleans())

    def with_proof(level: int, moved: int) -> Fraction:
        worth = (Level.PROVIDED, Level.REVIEWED, Level.INDEPENDENT)[level]
        day = one.day + timedelta(days=moved)
        file = Evidence(True, worth, date(2023, 1, 1), day) if dated else Evidence(True, worth, day)
        return scored(one.with_files(name, file))[0].score

    worse = with_proof(low, early)
    for better in ((high, early), (low, late), (high, late)):
        assert with_proof(*better) <= worse


@examples
@given(cases(), st.integers(1, 900))
def test_p4_with_the_table_as_it_is_the_score_never_falls_as_time_passes(
    one: Shipped, days: int
) -> None:
    held = [
        {**row, "valid_from": "0001-01-01", "valid_to": None}
        for row in one.decisions["decisions"]
        if row["valid_to"] is None or row["valid_to"] >= one.day.isoformat()
    ]
    still = replace(one, decisions={**one.decisions, "decisions": held})
    now, _ = scored(still)
    later, _ = scored(replace(still, day=one.day + timedelta(days=days)))
    assert now.score <= later.score
    assert now.tier <= later.tier


@examples
@given(cases(), st.data())
def test_p6_approved_na_is_the_question_absent_and_unapproved_na_is_a_missing_answer(
    one: Shipped, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(SCORED))
    missing, _ = scored(one.with_answer(name, None))
    claimed, _ = scored(one.with_answer(name, na()))
    assert (claimed.score, claimed.tier, claimed.floors) == (
        missing.score,
        missing.tier,
        missing.floors,
    )
    assert claimed.confidence_value == missing.confidence_value
    waived = one.with_answer(name, na(na_approvals=2))
    approved, found = scored(waived)
    if name in found and found[name].state is State.NA_APPROVED:
        basis = build_basis(waived.case)
        absent = replace(basis, items=tuple(item for item in basis.items if item.id != name))
        without = evaluate(sheet_on(absent, one.day, one.terms))
        assert (approved.residual, approved.floors) == (without.residual, without.floors)
        assert approved.confidence_value == without.confidence_value
        assert {**without.contributions, name: 0} == approved.contributions


def fullest(question: Question) -> Any:
    """The best answer to a question that a control hides."""
    return max(possible(question), key=lambda one: credit(question, one) or Fraction(0))


@examples
@given(cases(), st.data())
def test_p12_hiding_questions_never_pays_against_answering_them_fully(
    one: Shipped, data: st.DataObject
) -> None:
    parent = data.draw(st.sampled_from(PARENTS))
    children = [
        question
        for question in QUESTIONS.values()
        if question.asked_when is not None
        and question.scored
        and parent in questions_named(question.asked_when)
    ]
    answers = {**one.case.answers, **{one.id: said(fullest(one)) for one in children}}
    fresh = [Evidence(True, Level.INDEPENDENT, one.day)]
    files = {**one.case.evidence, **{child.id: fresh for child in children}}
    sent = [release for release in SHIPPED if parent in release.questions]
    full = replace(one, case=Case(sent, FACTS, FACTORS, answers, files))
    hidden, shown = [], []
    for value in possible(QUESTIONS[parent]):
        result, found = scored(full.with_answer(parent, said(value)))
        gone = [found[child.id] for child in children if child.id in found]
        if any(item.state is State.HIDDEN for item in gone):
            hidden.append((found[parent].credit, result.score))
        elif gone:
            shown.append((found[parent].credit, result.score))
    assert hidden
    assert all(credit(child, fullest(child)) == 1 for child in children)
    for worth, score in hidden:
        assert all(score >= other for at, other in shown if at >= worth)


@examples
@given(intake_answers(), st.data())
def test_p13_an_unknown_answer_to_the_shipped_intake_counts_as_its_worst(
    answers: dict[str, str | None], data: st.DataObject
) -> None:
    def risk(given_: dict[str, str | None]) -> Fraction:
        found = factors(CATALOGUE.intake, given_)
        plain = reference_build.factors_of(FILES["intake"], given_)
        assert {
            name: {key: getattr(factor, key) for key in ("answer", "weight", "value", "floor")}
            for name, factor in found.items()
        } == plain
        assert inherent_score(found) == reference.inherent(plain)
        return inherent_score(found)

    name = data.draw(st.sampled_from(sorted(answers)))
    choices = [one for one in CATALOGUE.intake.questions[name].choices if one != UNKNOWN]
    for unknown in (UNKNOWN, None):
        assert risk({**answers, name: unknown}) == max(
            Fraction(0), *(risk({**answers, name: one}) for one in [*choices, UNKNOWN])
        )
    assert risk({}) == 100


@examples
@given(cases())
def test_what_the_vendor_sees_asked_is_what_is_scored_as_asked(one: Shipped) -> None:
    _, found = scored(one)
    case = one.case
    known = {name: said_.value for name, said_ in case.answers.items() if said_.value is not None}
    shown = {
        question.id
        for release in case.releases
        for question in asked(release, case.facts, known)
        if question.scored
    }
    assert shown <= set(found)
    unasked = (State.HIDDEN, State.MISSING)
    assert all(item.state in unasked for name, item in found.items() if name not in shown)
    assert all(item.state is not State.HIDDEN for name, item in found.items() if name in shown)


def test_the_shipped_questions_have_controls_that_hide_others() -> None:
    assert PARENTS
