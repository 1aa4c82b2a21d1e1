"""Bases as rows of bytes."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings

from riskapp.scoring.basis import Basis, BasisItem, Transfer
from riskapp.scoring.build import build_basis
from riskapp.scoring.packing import Packed, pack, unpack
from riskapp.scoring.sheet import Domain, State
from riskapp.scoring.transfers import Safeguard
from tests.scoring import bases, shipped

examples = settings(deadline=None, max_examples=60)


def read(packed: Packed) -> Basis:
    """What a database gives back: JSON by way of text."""
    return unpack(packed.document, packed._replace(factors=json.loads(json.dumps(packed.factors))))


def basis(*items: BasisItem) -> Basis:
    return Basis({}, (), (Domain("d0", 1),), items)


def item(number: int = 1, **changes: object) -> BasisItem:
    made = BasisItem(f"q{number}", "d0", 3, State.ANSWERED, Fraction(1, 2))
    return replace(made, **changes)  # type: ignore[arg-type]  # any field


@examples
@given(bases.bases)
def test_unpacking_gives_what_was_packed(basis: Basis) -> None:
    assert read(pack(basis)) == basis


@settings(examples, max_examples=15)
@given(shipped.cases())
def test_what_shipped_questionnaires_come_to_is_unpacked_as_it_was(one: shipped.Shipped) -> None:
    basis = build_basis(one.case)
    assert read(pack(basis)) == basis


def test_assessments_asked_the_same_share_a_plan_whatever_was_answered() -> None:
    asked, answered = item(1), item(2)
    missing = replace(answered, state=State.MISSING, credit=Fraction(0), asks=True)
    plans = {pack(basis(asked, one)).plan for one in (answered, missing)}
    assert len(plans) == 1


@pytest.mark.parametrize(
    "other",
    [basis(item(2), item(1)), basis(item(1)), basis(item(1), item(2, weight=5))],
    ids=["order", "items", "weight"],
)
def test_another_order_other_items_or_weights_are_another_plan(other: Basis) -> None:
    assert pack(basis(item(1), item(2))).plan != pack(other).plan


def test_an_item_of_which_no_more_is_to_say_takes_four_bytes() -> None:
    packed = pack(basis(*(item(number) for number in range(200))))
    assert len(packed.items) == 800
    assert packed.files + packed.transfers + packed.rest == b""


def test_a_country_that_is_no_code_is_refused() -> None:
    place = Transfer("Germany", Safeguard.SCC, None)
    with pytest.raises(ValueError, match="Germany"):
        pack(basis(item(transfers=(place,))))
