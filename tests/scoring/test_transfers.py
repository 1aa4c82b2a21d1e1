import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from riskapp.scoring.transfers import EEA, Standing, assessment_recent, standing, worst

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder `shared` with the table of countries is not here"
)


@needs_data
def test_the_eea_and_its_territories_are_those_of_the_table_and_no_trap_is_among_them() -> None:
    table = json.loads((DATA / "adequacy.json").read_bytes())
    assert {*table["eea"], *table["eea_subterritories_treated_as_eea"]} == EEA
    assert not EEA.intersection(table["not_eea_traps"])
    for alias, code in table["aliases"].items():
        assert standing(alias, None, assessed=False) == standing(code, None, assessed=False)


@pytest.mark.parametrize(
    ("country", "safeguard", "assessed", "credit", "blocked", "flags"),
    [
        ("DE", None, False, "1", False, ()),
        ("is", "none", False, "1", False, ()),
        ("EL", "art49", False, "1", False, ()),
        ("RE", None, False, "1", False, ()),
        ("CH", "adequacy", False, "19/20", False, ("adequacy-claimed",)),
        ("US", "dpf", False, "17/20", False, ("adequacy-condition-claimed",)),
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
        ("UK", None, True, "0", True, ("no-safeguard",)),
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
    found = standing(country, safeguard, assessed=assessed)
    assert found == Standing(Fraction(credit), blocked, flags)
    assert found.knockout_high is (credit == "3/10")


def test_a_safeguard_of_another_name_is_refused_even_where_none_is_needed() -> None:
    with pytest.raises(ValueError, match="privacy-shield"):
        standing("DE", "privacy-shield", assessed=True)


def test_the_worst_row_counts_and_no_block_or_flag_of_another_is_lost() -> None:
    rows = [
        standing("DE", None, assessed=False),
        standing("IN", "scc", assessed=False),
        standing("US", "art49", assessed=False),
    ]
    found = worst(rows)
    assert found == Standing(
        Fraction(1, 5),
        legal_block=False,
        flags=("occasional-only", "transfer-assessment-missing"),
    )
    assert found.knockout_high
    blocked = worst([*rows, standing("CN", None, assessed=True)])
    assert blocked is not None
    assert blocked.credit == 0
    assert blocked.legal_block


def test_no_rows_have_no_standing() -> None:
    assert worst([]) is None


@pytest.mark.parametrize(
    ("assessed_on", "as_of", "recent"),
    [
        (None, date(2026, 11, 23), False),
        (date(2024, 11, 23), date(2026, 11, 23), True),
        (date(2024, 11, 23), date(2026, 11, 24), False),
        (date(2024, 2, 29), date(2026, 2, 28), True),
        (date(2024, 2, 29), date(2026, 3, 1), False),
        (date(9999, 1, 1), date(2026, 3, 1), True),
    ],
)
def test_a_transfer_assessment_is_recent_for_24_months(
    assessed_on: date | None, as_of: date, recent: bool
) -> None:
    assert assessment_recent(assessed_on, as_of) is recent
