"""What a place of processing is worth: the credit of a data-location or sub-processor row. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from riskapp.scoring.adequacy import AdequacyTable, Coverage

FLAG_CONDITION_CLAIMED = "adequacy-condition-claimed"
FLAG_NOT_IN_FORCE = "adequacy-not-in-force"
FLAG_ASSESSMENT_MISSING = "transfer-assessment-missing"
FLAG_OCCASIONAL_ONLY = "occasional-only"
FLAG_NO_SAFEGUARD = "no-safeguard"
FLAG_COUNTRY_UNKNOWN = "country-unknown"

ASSESSMENT_YEARS = 2


class Safeguard(StrEnum):
    """What makes a transfer lawful; `dpf` stands for any partial decision, condition evidenced."""

    ADEQUACY = "adequacy"
    DPF = "dpf"
    SCC = "scc"
    BCR = "bcr"
    CODE = "code"
    ART49 = "art49"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Standing:
    """The credit of a row (0…1), whether the law forbids it, and what a page must say with it."""

    credit: Fraction
    legal_block: bool
    flags: tuple[str, ...]


_WITHIN = Standing(Fraction(1), legal_block=False, flags=())
_ADEQUATE = Standing(Fraction(19, 20), legal_block=False, flags=())
_PARTLY = Standing(Fraction(17, 20), legal_block=False, flags=(FLAG_CONDITION_CLAIMED,))
_LAPSED = Standing(Fraction(0), legal_block=True, flags=(FLAG_NOT_IN_FORCE,))
_FORBIDDEN = Standing(Fraction(0), legal_block=True, flags=(FLAG_NO_SAFEGUARD,))
_NOWHERE = Standing(Fraction(0), legal_block=True, flags=(FLAG_COUNTRY_UNKNOWN,))
_UNASSESSED = Standing(Fraction(3, 10), legal_block=False, flags=(FLAG_ASSESSMENT_MISSING,))
_CLAUSES = Standing(Fraction(7, 10), legal_block=False, flags=())
_STANDINGS = MappingProxyType(
    {
        Safeguard.SCC: _CLAUSES,
        Safeguard.BCR: _CLAUSES,
        Safeguard.CODE: _CLAUSES,
        Safeguard.ART49: Standing(Fraction(1, 5), legal_block=False, flags=(FLAG_OCCASIONAL_ONLY,)),
        Safeguard.NONE: _FORBIDDEN,
    }
)
GROUNDS: Mapping[str, Standing] = MappingProxyType(
    {
        "eea": _WITHIN,
        "full": _ADEQUATE,
        "partial": _PARTLY,
        "clauses": _CLAUSES,
        "code": _STANDINGS[Safeguard.CODE],
        "clauses-unassessed": _UNASSESSED,
        "derogation": _STANDINGS[Safeguard.ART49],
        "none": _FORBIDDEN,
    }
)
"""What each ground for being in a place is worth, the best first: for pages that explain it."""


def standing(
    country: str | None,
    safeguard: str | None,
    table: AdequacyTable,
    as_of: date,
    *,
    assessed: bool,
) -> Standing:
    """Judge one row on a day.

    `country` an ISO code, None or empty while unknown; `safeguard` one of `Safeguard`, None while
    unknown; `assessed` whether the transfer impact assessment is recent (`recent_until`). A
    decision for the whole country holds whatever the vendor names; one for some recipients only
    where the vendor says that this recipient is among them. A claimed decision that is not in force
    is none. Raises ValueError for a safeguard of another name.
    """
    place = table.country(country)
    means = Safeguard.NONE if safeguard is None else Safeguard(safeguard)
    if not place:
        return _NOWHERE
    if place in table.eea:
        return _WITHIN
    coverage = table.coverage(place, as_of)
    if coverage is Coverage.FULL:
        return _ADEQUATE
    if means in (Safeguard.ADEQUACY, Safeguard.DPF):
        covered = means is Safeguard.DPF and coverage is Coverage.PARTIAL
        return _PARTLY if covered else _LAPSED
    unassessed = means in (Safeguard.SCC, Safeguard.BCR) and not assessed
    return _UNASSESSED if unassessed else _STANDINGS[means]


def recent_until(assessed_on: date) -> date:
    """The last day on which a transfer impact assessment is at most 24 months old."""
    year = min(assessed_on.year + ASSESSMENT_YEARS, MAXYEAR)
    try:
        return assessed_on.replace(year=year)
    except ValueError:  # assessed on 29 February: its second year ends on the 28th
        return assessed_on.replace(year=year, day=28)
