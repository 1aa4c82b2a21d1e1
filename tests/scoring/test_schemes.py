"""What may be a scheme of one's own, in words that name the field; what is kept of one."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.scoring.schemes import STANDARD, next_due, read_scheme, scheme_document, written
from riskapp.scoring.wishes import SchemeRefused, checked
from riskapp.vendors.rules import Tier
from tests.scoring import own_schemes
from tests.scoring.own_schemes import DOMAINS, NAME, scheme, wish


def refused(name: str = NAME, **changes: Any) -> dict[str, str]:
    """What is said of a scheme that is not accepted, by field."""
    with pytest.raises(SchemeRefused) as found:
        checked(name, wish(**changes), DOMAINS)
    return dict(found.value.faults)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"bound_medium": 0}, "bound-medium", "above 0"),
        ({"bound_medium": -1}, "bound-medium", "within 0 and 100"),
        ({"bound_medium": 35}, "bound-high", "above 35, where medium begins"),
        ({"bound_high": 61}, "bound-critical", "above 61, where high begins"),
        ({"bound_critical": 101}, "bound-critical", "within 0 and 100"),
        ({"bound_medium": "12.55"}, "bound-medium", "tenths, like 12.5"),
        ({"floor_high": 34}, "floor-high", "35 at least, where high begins"),
        ({"floor_critical": "59.9"}, "floor-critical", "60 at least, where critical begins"),
        ({"floor_legal": 50}, "floor-legal", "60 at least, where critical begins"),
        ({"bound_high": "35.5"}, "floor-high", "35.5 at least, where high begins"),
        ({"floor_high": 70}, "floor-critical", "70 at least, which a high knock-out holds"),
        ({"floor_critical": 70}, "floor-legal", "70 at least, which a critical knock-out holds"),
        ({"floor_legal": "100.1"}, "floor-legal", "within 0 and 100"),
        ({"floor_legal": "60.01"}, "floor-legal", "tenths, like 12.5"),
        ({"weak_medium": -1}, "weak-medium", "within 0 and 100 %"),
        ({"weak_critical": 101}, "weak-critical", "within 0 and 100 %"),
        ({"weak_high": "50.5"}, "weak-high", "whole per cent"),
        ({"weak_high": 39}, "weak-high", "40 % at least, which medium inherent risk asks"),
        ({"weak_critical": 49}, "weak-critical", "50 % at least, which high inherent risk asks"),
        ({"weight_d1": 0}, "weight-d1", "whole number from 1 to 9"),
        ({"weight_d1": 10}, "weight-d1", "whole number from 1 to 9"),
        ({"weight_elsewhere": 3}, "weight-elsewhere", "No questionnaire has this domain"),
        ({"cadence_critical": 0}, "cadence-critical", "from 1 to 60"),
        ({"cadence_low": 61}, "cadence-low", "from 1 to 60"),
        ({"cadence_high": 25}, "cadence-high", "24 months at most, after which medium risk"),
        ({"cadence_critical": 13}, "cadence-critical", "12 months at most"),
    ],
)
def test_numbers_that_break_a_property_are_refused_at_their_field(
    changes: dict[str, Any], field: str, said: str
) -> None:
    faults = refused(**changes)
    assert list(faults) == [field]
    assert said in faults[field]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    faults = refused("harbour", bound_medium=40, weak_high=30, cadence_low=70)
    assert list(faults) == ["name", "bound-high", "weak-high", "cadence-low"]


@pytest.mark.parametrize(
    "name",
    ["", "harbour", "Harbour-1", "harbour_1", "harbour-", "-1", "1-1", "harbour--1", "harbour-1 ",
     "harbour-1\n", "härbour-1", "harbour-x", f"{'a' * 39}-1", "harbour-\u0661"],
)  # fmt: skip
def test_a_name_is_a_lower_case_slug_with_a_number(name: str) -> None:
    assert "harbour-1" in refused(name, bound_high=30)["name"]


@pytest.mark.parametrize("name", ["std-1", "std-2", "std-harbour-1"])
def test_the_names_of_published_schemes_are_not_to_be_had(name: str) -> None:
    assert "kept for published schemes" in refused(name, bound_high=30)["name"]


@pytest.mark.parametrize("name", ["harbour-1", "a-0", "harbour-bank-2027-1", f"{'a' * 38}-1"])
def test_such_names_are_taken(name: str) -> None:
    assert checked(name, wish(bound_high=30), DOMAINS).name == name


@pytest.mark.parametrize("changes", [{}, {"weight_d0": 3}, {"weight_d0": 3, "weight_d3": 1}])
def test_one_number_at_least_is_another_than_in_std_1(changes: dict[str, Any]) -> None:
    assert list(refused(**changes)) == [""]


def test_a_weight_is_the_scheme_s_where_a_questionnaire_says_another() -> None:
    assert scheme(weight_d0=3, weight_d1=2, weight_d2=1).weights == {"d2": 1}


@pytest.mark.parametrize(
    "changes",
    [
        {"bound_medium": "0.1"},
        {"bound_critical": 100, "floor_critical": 100, "floor_legal": 100},
        {"floor_high": 60},
        {"weak_medium": 0},
        {"weak_critical": 100},
        {"weight_d3": 9},
        {"cadence_low": 60},
        {"cadence_low": 24},
    ],
)
def test_the_corners_are_accepted(changes: dict[str, Any]) -> None:
    assert scheme(**changes) != STANDARD


@given(own_schemes.schemes())
def test_a_scheme_reads_back_exactly_as_it_was_written(own: Any) -> None:
    document = scheme_document(own)
    again = read_scheme(own.name, document)
    assert again == own
    assert scheme_document(again) == document


def test_what_is_kept_of_a_scheme_is_canonical_json() -> None:
    kept = scheme_document(scheme(bound_high="30.5", weight_d1=3))
    assert kept.startswith('{"cadence":{"critical":6,"high":12,"low":36,"medium":24},"constants":')
    assert '"bounds":{"critical":"60","high":"61/2","medium":"15"}' in kept
    assert kept.endswith(',"weights":{"d1":3}}')


@pytest.mark.parametrize(
    ("tier", "decided", "due"),
    [
        (Tier.CRITICAL, dt.date(2026, 11, 23), dt.date(2027, 5, 23)),
        (Tier.CRITICAL, dt.date(2026, 8, 31), dt.date(2027, 2, 28)),
        (Tier.CRITICAL, dt.date(2027, 8, 31), dt.date(2028, 2, 29)),
        (Tier.HIGH, dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
        (Tier.MEDIUM, dt.date(2026, 12, 31), dt.date(2028, 12, 31)),
        (Tier.LOW, dt.date(2026, 1, 1), dt.date(2029, 1, 1)),
        (Tier.LOW, dt.date(9998, 1, 1), dt.date.max),
    ],
)
def test_the_next_assessment_is_due_so_many_months_later(
    tier: Tier, decided: dt.date, due: dt.date
) -> None:
    assert next_due(STANDARD, tier, decided) == due


@given(st.dates(max_value=dt.date(9000, 1, 1)), own_schemes.schemes())
def test_worse_tiers_are_due_no_later(decided: dt.date, own: Any) -> None:
    days = [next_due(own, tier, decided) for tier in Tier]
    assert days == sorted(days, reverse=True)
    for tier, day in zip(Tier, days, strict=True):
        months = (day.year - decided.year) * 12 + day.month - decided.month
        assert months == own.cadence[tier]
        assert day.day <= decided.day


def test_numbers_are_written_in_full() -> None:
    numbers = (Fraction(35), Fraction(25, 2), Fraction(1, 10), Fraction(100))
    assert [written(one) for one in numbers] == ["35", "12.5", "0.1", "100"]
