"""The table of adequacy decisions: what is in force on which day, and what replaces it."""

import json
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.scoring.adequacy import AdequacyTable, Coverage, Decision, read_table, shipped

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "adequacy.json"
needs_data = pytest.mark.skipif(
    not DATA.is_file(), reason="the folder `shared` with the table of countries is not here"
)
DOCUMENT: dict[str, Any] = json.loads(
    files("riskapp.scoring").joinpath("adequacy.json").read_text()
)
TODAY = date(2026, 11, 23)

examples = settings(deadline=None, max_examples=100)
DAYS = st.dates(date(1999, 1, 1), date(2040, 1, 1))
CODES = st.sampled_from([*(row["code"] for row in DOCUMENT["decisions"]), "GL", "IN", "DE", "ZZ"])
ORDER = [None, Coverage.PARTIAL, Coverage.FULL]


def plainly(document: dict[str, Any], code: str, day: date) -> str | None:
    """The widest coverage by the file itself, its days compared as they are written."""
    found = set()
    for row in document["decisions"]:
        begun = row["valid_from"] <= day.isoformat()
        over = row["valid_to"] is not None and day.isoformat() > row["valid_to"]
        if row["code"] == code and begun and not over and not row["suspended"]:
            found.add(row["coverage"])
    return "full" if "full" in found else "partial" if "partial" in found else None


def decided(code: str, coverage: Coverage, **more: Any) -> Decision:
    return Decision(code, "", coverage, **{"valid_from": date(2020, 1, 1), **more})


@needs_data
def test_the_shipped_table_says_what_the_shared_data_say() -> None:
    assert json.loads(DATA.read_text()) == DOCUMENT


def test_the_table_says_of_what_day_and_law_it_is() -> None:
    assert (shipped().as_of, shipped().regime) == (date(2026, 8, 20), "EU GDPR Art. 45")


def test_eea_territories_and_traps_are_those_of_the_file_and_none_is_two_of_them() -> None:
    table = shipped()
    assert {"DE", "NO", "RE", "AX"} <= table.eea
    assert table.territories == set(DOCUMENT["eea_subterritories_treated_as_eea"])
    assert table.territories < table.eea
    assert table.traps == set(DOCUMENT["not_eea_traps"])
    assert not table.traps & table.eea


@pytest.mark.parametrize(
    ("code", "day", "coverage"),
    [
        ("GB", date(2021, 6, 27), None),
        ("GB", date(2021, 6, 28), Coverage.FULL),
        ("GB", date(2031, 12, 27), Coverage.FULL),
        ("GB", date(2031, 12, 28), None),
        ("US", date(2023, 7, 9), None),
        ("US", date(2023, 7, 10), Coverage.PARTIAL),
        ("FO", TODAY, Coverage.FULL),
        ("GL", TODAY, None),
        ("SJ", TODAY, None),
        ("XX-EPO", TODAY, None),
        ("IN", TODAY, None),
        ("", TODAY, None),
    ],
)
def test_a_decision_covers_from_its_first_day_through_its_last(
    code: str, day: date, coverage: Coverage | None
) -> None:
    assert shipped().coverage(code, day) == coverage


@examples
@given(CODES, DAYS, st.sets(st.integers(0, len(DOCUMENT["decisions"]) - 1)))
def test_what_is_in_force_is_what_the_file_says_whatever_is_suspended(
    code: str, day: date, suspended: set[int]
) -> None:
    rows = [
        {**row, "suspended": index in suspended} for index, row in enumerate(DOCUMENT["decisions"])
    ]
    changed = {**DOCUMENT, "decisions": rows}
    assert read_table(changed).coverage(code, day) == plainly(changed, code, day)


@pytest.mark.parametrize(
    ("written", "code"),
    [("UK", "GB"), ("uk", "GB"), (" el ", "GR"), ("XI", "GB"), ("us", "US"), (None, ""), ("", "")],
)
def test_countries_are_brought_to_iso_codes(written: str | None, code: str) -> None:
    assert shipped().country(written) == code


def test_an_organisation_with_a_decision_is_in_the_table() -> None:
    [office] = shipped().of("XX-EPO")
    assert office.coverage is Coverage.ORGANISATION
    assert office.in_force(TODAY)


@examples
@given(
    CODES, DAYS, st.sampled_from([Coverage.FULL, Coverage.PARTIAL, Coverage.NONE]), st.booleans()
)
def test_an_override_counts_for_its_country_and_for_no_other(
    code: str, day: date, coverage: Coverage, suspended: bool
) -> None:
    own = decided(code, coverage, suspended=suspended, overridden="So it is.")
    table = shipped().overridden([own])
    assert table.of(code) == (own,)
    assert own in table.decisions
    in_force = day >= own.valid_from and not suspended and coverage is not Coverage.NONE
    assert table.coverage(code, day) == (coverage if in_force else None)
    for other in {decision.code for decision in shipped().decisions} - {code}:
        assert table.of(other) == shipped().of(other)
    assert (table.as_of, table.eea, table.traps) == (
        shipped().as_of,
        shipped().eea,
        shipped().traps,
    )


def test_an_override_may_begin_and_end_later() -> None:
    first, last = TODAY + timedelta(days=10), TODAY + timedelta(days=20)
    own = decided("KE", Coverage.FULL, valid_from=first, valid_to=last)
    table = shipped().overridden([own])
    assert [
        day for day in range(30) if table.coverage("KE", TODAY + timedelta(days=day)) is not None
    ] == list(range(10, 21))


def test_of_two_decisions_in_force_the_wider_counts() -> None:
    both = (decided("KE", Coverage.PARTIAL), decided("KE", Coverage.FULL))
    table = AdequacyTable(TODAY, "", "", frozenset(), {}, both)
    assert table.coverage("KE", TODAY) is Coverage.FULL
    assert table.coverage("KE", date(2019, 12, 31)) is None
