from datetime import date
from fractions import Fraction

import pytest

from riskapp.scoring.adequacy import shipped
from riskapp.scoring.transfers import Standing, recent_until, standing

AS_OF = date(2026, 11, 23)


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
