"""What a place is worth on a day, and what that does to a score."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.scoring.adequacy import AdequacyTable, Coverage, Decision, shipped
from riskapp.scoring.basis import Basis, BasisItem, Transfer
from riskapp.scoring.constants import KnockoutLevel
from riskapp.scoring.day import sheet_on
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.schemes import STANDARD
from riskapp.scoring.sheet import Domain, Knockout, State
from riskapp.scoring.terms import Terms
from riskapp.scoring.transfers import GROUNDS, Safeguard, Standing, recent_until, standing
from tests.scoring.building import FACTORS

AS_OF = date(2026, 11, 23)
examples = settings(deadline=None, max_examples=100)

CODES = ("US", "GB", "IN", "DE", "JP", "GL", "")
DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))
COVERED = st.sampled_from([Coverage.NONE, Coverage.PARTIAL, Coverage.FULL])
WIDTH = {Coverage.NONE: 0, Coverage.PARTIAL: 1, Coverage.FULL: 2}
ROWS = st.lists(
    st.builds(
        Transfer,
        country=st.sampled_from(CODES),
        safeguard=st.sampled_from(Safeguard),
        assessed_until=st.none() | DAYS,
    ),
    max_size=4,
)
BASES = st.builds(
    lambda register, named, lost: Basis(
        FACTORS,
        (),
        (Domain("privacy", 3), Domain("other", 2)),
        (
            _item("REG", register, Knockout(KnockoutLevel.LEGAL, Fraction(1, 10))),
            _item("NAM", named, Knockout(KnockoutLevel.HIGH, Fraction(1, 2))),
            replace(_item("OTH", []), domain="other", credit=lost),
        ),
    ),
    ROWS,
    ROWS,
    st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1)]),
)


def _item(name: str, rows: list[Transfer], knockout: Knockout | None = None) -> BasisItem:
    return BasisItem(
        id=name,
        domain="privacy",
        weight=5,
        state=State.ANSWERED,
        credit=Fraction(1),
        transfers=tuple(rows),
        knockout=knockout,
    )


def scored(basis: Basis, day: date, table: AdequacyTable) -> Result:
    return evaluate(sheet_on(basis, day, Terms(STANDARD, table)))


def covering(code: str, coverage: Coverage) -> AdequacyTable:
    """The shipped table with this coverage of a country, for all time."""
    return shipped().overridden([Decision(code, "", coverage, date(2000, 1, 1), overridden="So.")])


def plainly(place: str, means: str | None, coverage: str | None, assessed: bool) -> str:
    """The credit as the scheme's text has it, one line after the other."""
    if place == "":
        return "0"
    if place in ("DE", "NO"):
        return "1"
    if coverage == "full":
        return "0.95"
    if means == "dpf":
        return "0.85" if coverage == "partial" else "0"
    if means in ("scc", "bcr"):
        return "0.7" if assessed else "0.3"
    return {"code": "0.7", "art49": "0.2"}.get(means or "", "0")


@pytest.mark.parametrize(
    ("country", "safeguard", "assessed", "credit", "blocked", "flags"),
    [
        ("DE", None, False, "1", False, ()),
        ("is", "none", False, "1", False, ()),
        ("EL", "art49", False, "1", False, ()),
        ("RE", None, False, "1", False, ()),
        ("CH", "adequacy", False, "19/20", False, ()),
        ("CH", "scc", False, "19/20", False, ()),
        ("UK", None, False, "19/20", False, ()),
        ("US", "dpf", False, "17/20", False, ("adequacy-condition-claimed",)),
        ("US", "adequacy", False, "0", True, ("adequacy-not-in-force",)),
        ("US", "scc", True, "7/10", False, ()),
        ("IN", "dpf", True, "0", True, ("adequacy-not-in-force",)),
        ("IN", "adequacy", True, "0", True, ("adequacy-not-in-force",)),
        ("IN", "scc", True, "7/10", False, ()),
        ("IN", "scc", False, "3/10", False, ("transfer-assessment-missing",)),
        ("IN", "bcr", True, "7/10", False, ()),
        ("IN", "bcr", False, "3/10", False, ("transfer-assessment-missing",)),
        ("IN", "code", False, "7/10", False, ()),
        ("IN", "art49", True, "1/5", False, ("occasional-only",)),
        ("IN", "none", True, "0", True, ("no-safeguard",)),
        ("IN", None, True, "0", True, ("no-safeguard",)),
        ("GL", None, True, "0", True, ("no-safeguard",)),
        ("SJ", None, True, "0", True, ("no-safeguard",)),
        ("", "scc", True, "0", True, ("country-unknown",)),
        (None, "scc", True, "0", True, ("country-unknown",)),
    ],
)
def test_each_safeguard_has_its_credit(
    country: str | None,
    safeguard: str | None,
    assessed: bool,
    credit: str,
    blocked: bool,
    flags: tuple[str, ...],
) -> None:
    found = standing(country, safeguard, shipped(), AS_OF, assessed=assessed)
    assert found == Standing(Fraction(credit), blocked, flags)


def test_a_safeguard_of_another_name_is_refused_even_where_none_is_needed() -> None:
    with pytest.raises(ValueError, match="privacy-shield"):
        standing("DE", "privacy-shield", shipped(), AS_OF, assessed=True)


@pytest.mark.parametrize(
    ("assessed_on", "last"),
    [
        (date(2024, 11, 23), date(2026, 11, 23)),
        (date(2024, 2, 29), date(2026, 2, 28)),
        (date(9999, 1, 1), date(9999, 1, 1)),
    ],
)
def test_a_transfer_assessment_is_recent_for_24_months(assessed_on: date, last: date) -> None:
    assert recent_until(assessed_on) == last


@pytest.mark.parametrize("assessed", [True, False])
@pytest.mark.parametrize("means", [None, *Safeguard])
@pytest.mark.parametrize("coverage", [Coverage.FULL, Coverage.PARTIAL, Coverage.NONE])
@pytest.mark.parametrize("place", ["DE", "IN", ""])
def test_every_place_is_worth_what_the_scheme_says(
    place: str, coverage: Coverage, means: Safeguard | None, assessed: bool
) -> None:
    table = covering("IN", coverage)
    found = standing(place, means, table, AS_OF, assessed=assessed)
    worth = plainly(place, means, None if coverage == "none" else coverage, assessed)
    assert found.credit == Fraction(worth)
    assert found.legal_block == (worth == "0")


def test_a_claimed_decision_counts_until_its_last_day_and_blocks_from_the_next() -> None:
    last = date(2031, 12, 27)
    for day, worth in ((last, Fraction(19, 20)), (last + timedelta(days=1), Fraction(0))):
        found = standing("GB", "adequacy", shipped(), day, assessed=True)
        assert (found.credit, found.legal_block) == (worth, worth == 0)


def test_the_grounds_are_told_from_the_best_to_the_worst() -> None:
    worths = [one.credit for one in GROUNDS.values()]
    assert worths == sorted(worths, reverse=True)
    assert {*worths} == {Fraction(one) for one in ("1", ".95", ".85", ".7", ".3", ".2", "0")}
    assert [name for name, one in GROUNDS.items() if one.legal_block] == ["none"]


@examples
@given(BASES, st.sampled_from(CODES[:-1]), st.lists(COVERED, min_size=2, max_size=2), DAYS)
def test_a_narrower_decision_never_lowers_a_score(
    basis: Basis, code: str, coverages: list[Coverage], day: date
) -> None:
    narrow, wide = sorted(coverages, key=WIDTH.__getitem__)
    lesser = scored(basis, day, covering(code, narrow))
    greater = scored(basis, day, covering(code, wide))
    assert lesser.score >= greater.score
    assert lesser.tier >= greater.tier
    assert lesser.blocked or not greater.blocked


@examples
@given(BASES, st.sampled_from(CODES[:-1]), COVERED, DAYS, DAYS)
def test_p4_while_the_table_stands_as_it_is_no_score_falls_as_time_passes(
    basis: Basis, code: str, coverage: Coverage, day: date, other: date
) -> None:
    endless = [replace(one, valid_from=date(2000, 1, 1), valid_to=None) for one in _others(code)]
    table = covering(code, coverage).overridden(endless)
    before, after = (scored(basis, one, table) for one in sorted((day, other)))
    assert after.score >= before.score
    assert after.tier >= before.tier


def _others(code: str) -> list[Decision]:
    return [one for one in shipped().decisions if one.code != code]
