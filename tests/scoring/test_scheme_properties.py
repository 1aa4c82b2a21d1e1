"""P1 to P14 hold under every scheme that is accepted, and break without the rules that accept it.

Every receipt is scored twice, by the application and by the plain reference: see `judged`.
"""

import copy
import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.scoring.constants import STD_1, KnockoutLevel
from riskapp.scoring.receipts import constants_document, read_receipt, receipt_bytes, recompute
from riskapp.scoring.rules import FloorKind, Result, evaluate, shown
from riskapp.vendors.rules import Bounds, Tier, tier_of
from tests.scoring import documents, own_schemes
from tests.scoring.test_properties import LATER, WORTH, changed, judged, not_worse

Document = dict[str, Any]
examples = settings(deadline=None, max_examples=40)
HELD = {"high": Tier.HIGH, "critical": Tier.CRITICAL, "legal": Tier.CRITICAL}


def bounds_of(document: Document) -> Bounds:
    return read_receipt(document)[0].constants.bounds


@examples
@given(own_schemes.receipts())
def test_p1_p8_p14_scores_are_bounded_add_up_and_agree_with_their_tier(document: Document) -> None:
    result = judged(document)
    risk = Fraction(document["inherent"]["score"])
    assert 0 <= result.residual <= result.score <= 100
    assert result.blocked or result.score <= risk
    points = sum(result.contributions.values())
    assert result.residual == (result.base + points if result.item_credit else risk)
    assert tier_of(Fraction(result.shown), bounds_of(document)) is result.tier
    for floor in result.floors:
        assert tier_of(Fraction(shown(floor.at)), bounds_of(document)) <= result.tier


@examples
@given(st.data())
def test_p2_p5_a_better_answer_never_raises_the_score_and_any_is_as_good_as_none(
    data: st.DataObject,
) -> None:
    document = data.draw(own_schemes.receipts(least=1))
    index = data.draw(documents.indexes(document))
    low, high = sorted(data.draw(st.tuples(*[st.sampled_from(documents.CREDITS)] * 2)))
    worse = judged(changed(document, index, state="answered", credit=str(low)))
    better = judged(changed(document, index, state="answered", credit=str(high)))
    missing = judged(changed(document, index, state="missing"))
    assert not_worse(better, worse)
    assert not_worse(worse, missing)


@examples
@given(st.data())
def test_p3_better_or_later_evidence_never_raises_the_score(data: st.DataObject) -> None:
    document = data.draw(own_schemes.receipts(least=1))
    index = data.draw(documents.indexes(document))
    low, high = sorted(data.draw(st.tuples(*[st.sampled_from(range(4))] * 2)))
    early, late = sorted(data.draw(st.tuples(*[st.integers(-900, 0)] * 2)))

    def proven(level: int, moved: int) -> Result:
        evidence = documents.proof(WORTH[level], documents.day(-moved))
        return judged(changed(document, index, state="answered", evidence=evidence))

    assert not_worse(proven(high, late), proven(low, early))


@examples
@given(own_schemes.receipts(), LATER)
def test_p4_the_score_never_falls_as_time_passes(document: Document, days: int) -> None:
    later = {**document, "as_of": (documents.AS_OF + dt.timedelta(days=days)).isoformat()}
    assert not_worse(judged(document), judged(later))


@examples
@given(st.data())
def test_p7_a_failed_knock_out_holds_its_floor_and_its_tier_whatever_else_is_good(
    data: st.DataObject,
) -> None:
    own = data.draw(own_schemes.schemes())
    document = own_schemes.under(own, data.draw(documents.receipts(least=1)))
    index = data.draw(documents.indexes(document))
    level = data.draw(st.sampled_from(tuple(HELD)))
    for other in document["items"]:
        other.update(state="answered", credit="1", knockout=None)
        other["evidence"] = documents.proof("independent", documents.day(1))
    knockout = {"below": "1/2", "level": level}
    failed = judged(changed(document, index, credit="1/4", knockout=knockout))
    risk = Fraction(document["inherent"]["score"])
    floor = own.constants.knockout[KnockoutLevel(level)]
    held = floor if level == "legal" else min(risk, floor)
    most = Tier.CRITICAL if level == "legal" else tier_of(risk, own.constants.bounds)
    assert failed.score >= held
    assert failed.tier >= min(most, HELD[level], key=lambda tier: tier.rank)


@examples
@given(st.data())
def test_p9_scaling_all_weights_or_reordering_changes_nothing(data: st.DataObject) -> None:
    document = data.draw(own_schemes.receipts())
    moved = copy.deepcopy(document)
    for name in ("items", "domains"):
        scale = data.draw(st.integers(1, 50))
        moved[name] = data.draw(st.permutations(moved[name]))
        for entry in moved[name]:
            entry["weight"] *= scale
    assert judged(moved) == judged(document)


@examples
@given(own_schemes.receipts(), documents.risks, documents.risks)
def test_p10_more_inherent_risk_never_lowers_the_score(
    document: Document, one: Fraction, other: Fraction
) -> None:
    low, high = (documents.inherent(risk) for risk in sorted((one, other)))
    assert not_worse(judged({**document, "inherent": low}), judged({**document, "inherent": high}))


@examples
@given(own_schemes.receipts())
def test_p11_a_receipt_of_an_own_scheme_comes_out_as_it_is(document: Document) -> None:
    sheet, _ = read_receipt(document)
    written = receipt_bytes(sheet, evaluate(sheet))
    again = recompute(written)
    assert (again.same, again.foreign_constant, again.own_scheme) == (True, None, True)
    assert again.document_bytes == written


@examples
@given(own_schemes.receipts())
def test_a_weak_domain_is_below_what_is_asked_in_whole_per_cent_too(document: Document) -> None:
    sheet, _ = read_receipt(document)
    result = judged(document)
    for floor in result.floors:
        if floor.kind is FloorKind.WEAK_DOMAIN:
            effect = result.domain_effectiveness[floor.subject]
            least = sheet.constants.weak[sheet.inherent.tier]
            assert int(effect * 100) < int(least * 100)


def loose(risk: str, credit: str, constants: Document, **item: object) -> Document:
    """A receipt of one item under constants that nobody checked."""
    document = documents.receipt(
        Fraction(risk), {"A": 1}, [documents.item("A-1", "A", 5, credit, **item)]
    )
    return {**document, "scheme": "loose-1", "constants": {**document["constants"], **constants}}


def scored(document: Document) -> Result:
    return evaluate(read_receipt(document)[0])


def test_with_bounds_out_of_order_a_better_answer_would_raise_the_score() -> None:
    sheet, _ = read_receipt(loose("100", "19/45", {}))
    loosened = replace(sheet.constants, bounds=Bounds(Fraction(15), Fraction(70), Fraction(60)))
    worse = evaluate(replace(sheet, constants=loosened))
    better = replace(sheet.items[0], credit=Fraction(5, 9))
    after = evaluate(replace(sheet, constants=loosened, items=(better,)))
    assert (worse.score, after.score) == (Fraction(62), Fraction(70))


def test_with_a_bound_in_hundredths_number_and_tier_would_disagree() -> None:
    bounds = {"medium": "15", "high": "701/20", "critical": "60"}
    document = {**loose("1753/50", "0", {"bounds": bounds}), "items": []}
    result = scored(document)
    assert (result.shown, result.tier) == ("35.0", Tier.HIGH)
    assert tier_of(Fraction(result.shown), bounds_of(document)) is Tier.MEDIUM


def test_with_a_floor_below_its_tier_a_failed_knock_out_could_be_made_up_for() -> None:
    constants = {"knockout": {"high": "20", "critical": "60", "legal": "60"}}
    failed = loose("60", "0", constants, knockout={"level": "high", "below": "1/2"})
    failed["items"].append(documents.item("A-2", "A", 500, "1"))
    assert scored(failed).tier is Tier.MEDIUM


def test_with_falling_minima_more_inherent_risk_would_lower_the_score() -> None:
    constants = {"weak": {"medium": "2/5", "high": "1/2", "critical": "2/5"}}
    less, more = (scored(loose(risk, "9/20", constants)) for risk in ("74", "76"))
    assert less.score == 60
    assert more.score < 46


def test_with_a_bound_above_100_the_law_would_hold_scores_above_the_scale() -> None:
    sheet, _ = read_receipt(loose("60", "0", {}, knockout={"level": "legal", "below": "1/2"}))
    floors = {**STD_1.knockout, KnockoutLevel.LEGAL: Fraction(120)}
    assert evaluate(replace(sheet, constants=replace(STD_1, knockout=floors))).score == 120


def test_with_a_weight_of_nothing_there_would_be_no_score_at_all() -> None:
    sheet, _ = read_receipt(loose("60", "1", {}))
    with pytest.raises(ZeroDivisionError):
        evaluate(replace(sheet, domains=(replace(sheet.domains[0], weight=0),)))


def test_the_constants_that_no_scheme_moves_are_those_of_std_1() -> None:
    own = own_schemes.scheme(bound_medium=20, weak_high=55)
    ours, theirs = (constants_document(one) for one in (own.constants, STD_1))
    for key in ("evidence", "inherent_bounds", "kappa"):
        assert ours[key] == theirs[key]
