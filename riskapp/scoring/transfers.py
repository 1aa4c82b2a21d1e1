"""What a place of processing is worth: the credit of a data-location or sub-processor row.

Known here is what holds without the table of adequacy decisions (Art. 45 GDPR): whether a claimed
decision is in force on the day is judged where that table is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

# fmt: off
EEA = frozenset(
    (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO",
        # Territories with an ISO code of their own in which the GDPR applies as in their state.
        # Not among them, alike as they look: SJ GL FO GI AW CW SX BQ PF NC PM WF BL TF.
        "AX", "GF", "GP", "MF", "MQ", "RE", "YT",
    )
)
# fmt: on
"""ISO 3166-1 codes in which processing is no transfer: 30 states and seven territories."""

_ALIASES = MappingProxyType({"EL": "GR", "UK": "GB", "XI": "GB"})

FLAG_ADEQUACY_CLAIMED = "adequacy-claimed"
FLAG_CONDITION_CLAIMED = "adequacy-condition-claimed"
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

    @property
    def knockout_high(self) -> bool:
        """Whether it fails as a high knock-out: clauses without a recent transfer assessment."""
        return FLAG_ASSESSMENT_MISSING in self.flags


_WITHIN = Standing(Fraction(1), legal_block=False, flags=())
_FORBIDDEN = Standing(Fraction(0), legal_block=True, flags=(FLAG_NO_SAFEGUARD,))
_NOWHERE = Standing(Fraction(0), legal_block=True, flags=(FLAG_COUNTRY_UNKNOWN,))
_UNASSESSED = Standing(Fraction(3, 10), legal_block=False, flags=(FLAG_ASSESSMENT_MISSING,))
_CLAUSES = Standing(Fraction(7, 10), legal_block=False, flags=())
_STANDINGS = MappingProxyType(
    {
        Safeguard.ADEQUACY: Standing(
            Fraction(19, 20), legal_block=False, flags=(FLAG_ADEQUACY_CLAIMED,)
        ),
        Safeguard.DPF: Standing(
            Fraction(17, 20), legal_block=False, flags=(FLAG_CONDITION_CLAIMED,)
        ),
        Safeguard.SCC: _CLAUSES,
        Safeguard.BCR: _CLAUSES,
        Safeguard.CODE: Standing(Fraction(7, 10), legal_block=False, flags=()),
        Safeguard.ART49: Standing(Fraction(1, 5), legal_block=False, flags=(FLAG_OCCASIONAL_ONLY,)),
        Safeguard.NONE: _FORBIDDEN,
    }
)


def country_code(code: str | None) -> str:
    """Bring a country code to ISO form: capitals, EL as GR, UK and XI as GB; unknown is empty."""
    trimmed = (code or "").strip().upper()
    return _ALIASES.get(trimmed, trimmed)


def standing(country: str | None, safeguard: str | None, *, assessed: bool) -> Standing:
    """Judge one row.

    `country` an ISO code, None or empty while unknown; `safeguard` one of `Safeguard`, None while
    unknown; `assessed` whether the transfer impact assessment is recent (`assessment_recent`).
    A place that nobody knows, and a safeguard that nobody knows, count as none. Raises ValueError
    for a safeguard of another name.
    """
    place = country_code(country)
    means = Safeguard.NONE if safeguard is None else Safeguard(safeguard)
    if not place:
        return _NOWHERE
    if place in EEA:
        return _WITHIN
    if means in (Safeguard.SCC, Safeguard.BCR) and not assessed:
        return _UNASSESSED
    return _STANDINGS[means]


def assessment_recent(assessed_on: date | None, as_of: date) -> bool:
    """Whether a transfer impact assessment is at most 24 months old on that day."""
    if assessed_on is None:
        return False
    year = min(assessed_on.year + ASSESSMENT_YEARS, MAXYEAR)
    try:
        last = assessed_on.replace(year=year)
    except ValueError:  # assessed on 29 February: its second year ends on the 28th
        last = assessed_on.replace(year=year, day=28)
    return as_of <= last


def worst(rows: Iterable[Standing]) -> Standing | None:
    """Join the rows of one answer: the worst credit, and every block and flag of any of them.

    No rows have no standing: an empty table is a missing answer until an officer confirms it.
    """
    found = list(rows)
    if not found:
        return None
    return Standing(
        min(row.credit for row in found),
        any(row.legal_block for row in found),
        tuple(sorted({flag for row in found for flag in row.flags})),
    )
