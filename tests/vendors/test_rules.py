from fractions import Fraction
from itertools import pairwise

import pytest

from riskapp.vendors.rules import (
    Bounds,
    Factor,
    Tier,
    contributions,
    inherent_score,
    tier_of,
    unknown,
)


def factor(weight: str, value: str, floor: int | None = None) -> Factor:
    least = None if floor is None else Fraction(floor)
    return Factor("option", Fraction(weight), Fraction(value), least)


def test_the_inherent_score_is_the_weighted_sum_and_each_factor_says_its_points() -> None:
    factors = {"INT-02": factor("22/100", "3/5"), "INT-03": factor("78/100", "1/4")}
    assert contributions(factors) == {"INT-02": Fraction("13.2"), "INT-03": Fraction("19.5")}
    assert inherent_score(factors) == Fraction("32.7")


def test_the_highest_floor_holds_and_never_lowers() -> None:
    assert inherent_score({"a": factor("1", "1/10", 25), "b": factor("0", "0", 75)}) == 75
    assert inherent_score({"a": factor("1", "9/10", 25)}) == 90


def test_an_unknown_answer_counts_full_and_brings_its_worst_floor() -> None:
    assert unknown(Fraction(1, 5), [Fraction(25), Fraction(75)]) == Factor(
        None, Fraction(1, 5), Fraction(1), Fraction(75)
    )
    regulated = unknown(Fraction(0), [Fraction(25), Fraction(75)])
    assert inherent_score({"a": factor("1", "0"), "INT-10": regulated}) == 75
    assert contributions({"INT-10": regulated}) == {"INT-10": 0}


def test_an_answer_that_is_not_there_counts_full_whatever_value_stands_beside_it() -> None:
    assert inherent_score({"a": Factor(None, Fraction(1), Fraction(0), None)}) == 100


def test_an_intake_that_nobody_began_is_the_worst() -> None:
    assert inherent_score({}) == 100


@pytest.mark.parametrize(
    ("score", "tier"),
    [
        ("0", "low"),
        ("24.999", "low"),
        ("25", "medium"),
        ("49.999", "medium"),
        ("50", "high"),
        ("74.999", "high"),
        ("75", "critical"),
        ("100", "critical"),
    ],
)
def test_a_bound_belongs_to_the_tier_that_it_opens(score: str, tier: str) -> None:
    assert tier_of(Fraction(score)) == tier


def test_other_bounds_serve_the_residual_risk() -> None:
    bounds = Bounds(Fraction(15), Fraction(35), Fraction(60))
    scores = (0, 15, 35, 60)
    assert [tier_of(Fraction(score), bounds) for score in scores] == list(Tier)
    assert [bounds.lower(tier) for tier in Tier] == list(scores)


def test_tiers_compare_by_severity_and_not_by_alphabet() -> None:
    for lower, higher in pairwise(Tier):
        assert lower < higher
        assert higher > lower
        assert lower <= higher
        assert not higher <= lower
        assert higher >= lower
        assert lower.above is higher
    assert Tier.LOW < "critical"
    assert max(Tier) is Tier.CRITICAL
    assert min(["critical", "low", "medium"], key=Tier) == "low"
    assert Tier.CRITICAL.above is None
    with pytest.raises(ValueError, match="grave"):
        assert Tier.LOW < "grave"
