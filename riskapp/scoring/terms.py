"""What every score of an organisation is computed under, beside the day. Pure."""

from dataclasses import dataclass
from functools import cache

from riskapp.scoring.adequacy import AdequacyTable, shipped
from riskapp.scoring.schemes import STANDARD, Scheme


@dataclass(frozen=True, slots=True)
class Terms:
    scheme: Scheme
    adequacy: AdequacyTable


@cache
def standard() -> Terms:
    """Scheme `std-1` and the table as it is shipped."""
    return Terms(STANDARD, shipped())
