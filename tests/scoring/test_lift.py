"""What would change the tier: enough, and nothing that could be left out."""

from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings

from riskapp.scoring.explain import Reason
from riskapp.scoring.lift import lift, repaired
from riskapp.scoring.receipts import read_receipt
from riskapp.scoring.rules import evaluate
from riskapp.scoring.sheet import Sheet
from riskapp.vendors.rules import Tier
from tests.scoring import documents
from tests.scoring.documents import Document, item, proof, receipt

examples = settings(deadline=None, max_examples=150)


def sheet_of(document: Document) -> Sheet:
    return read_receipt(document)[0]


@examples
@given(documents.receipts())
def test_the_repairs_reach_a_better_tier_and_none_can_be_left_out(document: Document) -> None:
    sheet = sheet_of(document)
    before = evaluate(sheet)
    found = lift(sheet, before)
    if found is None:
        everything = repaired(sheet, {one.id for one in sheet.items})
        assert before.tier is Tier.LOW or evaluate(everything).tier >= before.tier
        return
    ids = {one.item for one in found.repairs}
    after = evaluate(repaired(sheet, ids))
    assert after.tier < before.tier
    assert (found.tier, found.score) == (after.tier, after.score)
    for left_out in ids:
        assert evaluate(repaired(sheet, ids - {left_out})).tier >= before.tier


@examples
@given(documents.receipts())
def test_a_repair_says_what_is_missing(document: Document) -> None:
    sheet = sheet_of(document)
    found = lift(sheet, evaluate(sheet))
    assert found is None or all(one.reasons for one in found.repairs)


@settings(deadline=None, max_examples=40)
@given(documents.receipts())
def test_where_a_single_repair_is_enough_a_single_one_is_found(document: Document) -> None:
    sheet = sheet_of(document)
    before = evaluate(sheet)
    found = lift(sheet, before)
    alone = [one for one in sheet.items if evaluate(repaired(sheet, {one.id})).tier < before.tier]
    heaviest = max(before.contributions.values(), default=Fraction(0))
    if found is not None and any(before.contributions[one.id] == heaviest for one in alone):
        assert len(found.repairs) == 1


def test_the_worked_vector_needs_its_knock_out_and_the_heaviest_answers() -> None:
    sheet = sheet_of(
        receipt(
            Fraction(60),
            {"a": 3, "b": 2},
            [
                item("A1", "a", 5, "1", evidence=proof("reviewed", "2026-11-01")),
                item("A2", "a", 3, "1/2", evidence=proof()),
                item("A3", "a", 1, state="missing"),
                item("B1", "b", 5, knockout={"below": "1/2", "level": "critical"}),
                item("B2", "b", 5, state="na-approved"),
            ],
        )
    )
    found = lift(sheet, evaluate(sheet))
    assert found is not None
    assert found.tier is Tier.MEDIUM
    assert [(one.item, one.reasons) for one in found.repairs] == [("B1", (Reason.ANSWER,))]


def test_a_small_sheet_is_lifted_by_the_fewest_repairs_that_there_are() -> None:
    items = [
        item(f"I{number}", "a", weight, state="missing")
        for number, weight in enumerate((5, 5, 3, 3, 1, 1))
    ]
    sheet = sheet_of(receipt(Fraction(90), {"a": 1}, items))
    before = evaluate(sheet)
    found = lift(sheet, before)
    assert found is not None
    ids = [one.id for one in sheet.items]
    fewest = next(
        size
        for size in range(1, len(ids) + 1)
        if any(
            evaluate(repaired(sheet, set(some))).tier < before.tier
            for some in combinations(ids, size)
        )
    )
    assert len(found.repairs) == fewest


def test_nothing_lifts_what_is_low_already_or_what_no_answer_can_better() -> None:
    low = sheet_of(receipt(Fraction(10), {"a": 1}, [item("A1", "a", 1, "1")]))
    assert lift(low, evaluate(low)) is None
    empty = sheet_of(receipt(Fraction(90), {"a": 1}, []))
    assert lift(empty, evaluate(empty)) is None
