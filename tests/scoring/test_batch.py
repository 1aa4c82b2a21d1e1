"""P15: what is scored by thousands, or one alone without its sheet, is what the sheet says."""

import json
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.scoring.basis import Basis, BasisItem
from riskapp.scoring.batch import PAGE, marked
from riskapp.scoring.build import build_basis
from riskapp.scoring.compiled import outcome_packed
from riskapp.scoring.concluding import Outcome, mark, outcome_of
from riskapp.scoring.constants import Level
from riskapp.scoring.day import sheet_on
from riskapp.scoring.packing import pack
from riskapp.scoring.receipts import receipt_document
from riskapp.scoring.rules import evaluate
from riskapp.scoring.sheet import Domain, Evidence, State
from riskapp.scoring.terms import Terms, standard
from tests.scoring import bases, reference, shipped
from tests.scoring.building import AS_OF

PROVED = BasisItem("q1", "d0", 5, State.ANSWERED, Fraction(1), asks=True)
examples = settings(deadline=None, max_examples=60)


def outcome(basis: Basis, day: date, terms: Terms) -> Outcome:
    packed = pack(basis)
    return outcome_packed(packed.document, packed, day, terms)


def agreed(many: list[Basis], day: date, terms: Terms) -> list[Outcome]:
    """What comes of each basis, alike by all ways: sheet, reference, compiled, batch."""
    found = []
    for basis in many:
        sheet = sheet_on(basis, day, terms)
        result = evaluate(sheet)
        found.append(outcome(basis, day, terms))
        assert found[-1] == outcome_of(result)
        _compare(found[-1], reference.result(receipt_document(sheet, result)))
    together = marked(bases.plans(many), [bases.row(basis) for basis in many], day, terms)
    assert [one.mark for one in together] == [mark(one) for one in found]
    assert [one[:3] for one in together] == [(one.tier, one.shown, one.blocked) for one in found]
    return found


def _compare(found: Outcome, right: reference.Document) -> None:
    floors = [(one["kind"], one.get("item", one.get("domain"))) for one in right["floors"]]
    assert list(found.floors) == floors
    assert str(found.score) == right["score"]
    read = (found.tier, found.shown, found.blocked, found.confidence)
    assert read == tuple(right[name] for name in ("tier", "shown", "blocked", "confidence"))


@examples
@given(st.lists(bases.bases, max_size=6), bases.days, bases.terms)
def test_p15_one_and_many_come_to_what_the_sheet_says(
    many: list[Basis], day: date, terms: Terms
) -> None:
    agreed(many, day, terms)


@pytest.mark.parametrize(
    ("credit", "read"),
    [
        (Fraction(17, 18), ("medium", "15.0")),
        (Fraction(171, 181), ("low", "14.9")),
        (Fraction(13, 18), ("high", "35.0")),
        (Fraction(131, 181), ("medium", "34.8")),
    ],
)
def test_a_bound_belongs_to_the_tier_that_it_opens(credit: Fraction, read: tuple[str, str]) -> None:
    item = BasisItem("q1", "d0", 5, State.ANSWERED, credit)
    (found,) = agreed([Basis({}, (), (Domain("d0", 1),), (item,))], AS_OF, standard())
    assert (found.tier, found.shown) == read


def test_proof_fades_day_by_day_by_all_ways_alike() -> None:
    many = [
        Basis({}, (), (Domain("d0", 1),), (replace(PROVED, files=(file,)),))
        for days in range(360, 735)
        for file in [Evidence(True, Level.INDEPENDENT, AS_OF - timedelta(days=days))]
    ]
    shown = [one.shown for one in agreed(many, AS_OF, standard())]
    assert len(set(shown)) > 200


@settings(examples, max_examples=12)
@given(st.lists(shipped.cases(), min_size=1, max_size=3), bases.terms)
def test_p15_holds_for_the_shipped_questionnaires(
    cases: list[shipped.Shipped], terms: Terms
) -> None:
    table = replace(terms, adequacy=cases[0].terms.adequacy)
    agreed([build_basis(one.case) for one in cases], cases[0].day, table)


def test_more_than_a_page_of_rows_keep_their_order() -> None:
    die = Random(15)  # noqa: S311 - chance, not secrecy
    many = [bases.made(die) for _ in range(3)]
    right = [mark(outcome(basis, AS_OF, standard())) for basis in many]
    times = PAGE // len(many) + 1
    rows = [bases.row(basis) for basis in many] * times
    found = marked(bases.plans(many), rows, AS_OF, standard())
    assert [one.mark for one in found] == right * times
    assert len(set(right)) == len(many)


@settings(examples, max_examples=10)
@given(bases.bases, bases.days)
def test_factors_may_come_as_the_text_of_their_json(basis: Basis, day: date) -> None:
    row = bases.row(basis)
    as_text = row._replace(factors=json.dumps(row.factors))
    one, other = marked(bases.plans([basis]), [row, as_text], day, standard())
    assert one == other


@examples
@given(bases.bases, bases.days)
def test_two_outcomes_have_one_mark_only_where_they_read_alike(basis: Basis, day: date) -> None:
    found = outcome(basis, day, standard())
    assert mark(found._replace(score=found.score + Fraction(1, 10**9))) == mark(found)
    others = [
        found._replace(shown="99.9x"),
        found._replace(blocked=not found.blocked),
        found._replace(floors=()) if found.floors else found._replace(shown=""),
    ]
    assert mark(found) not in {mark(other) for other in others}
