"""What a score rests on, but for the day and the terms: the answers, judged as far as they can be.

A basis is kept with every assessment when it is scored, so that it can be scored again on another
day, under another scheme or another table of adequacy decisions, as it was then and not as a vendor
is about to change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from riskapp.scoring.sheet import Domain, Evidence, Knockout, Questionnaire, State
from riskapp.scoring.transfers import Safeguard
from riskapp.vendors.rules import Factor


@dataclass(frozen=True, slots=True)
class Transfer:
    """A row of the transfer register, as far as it decides a credit.

    `country` an ISO code, empty while unknown; `assessed_until` the last day on which the transfer
    impact assessment is recent enough, None where there is none.
    """

    country: str
    safeguard: Safeguard
    assessed_until: date | None


@dataclass(frozen=True, slots=True)
class Ageing:
    """An answer that time overtakes: after the day `until` it is worth at most `after`."""

    until: date
    after: Fraction


@dataclass(frozen=True, slots=True)
class BasisItem:
    """One scored question, before the day is known.

    On a day its credit is the least of `credit`, of what each of `transfers` is worth, of what
    `ageing` leaves, and of the c of each item in `leans_on` (answered controls that hide this one);
    but never less than `compensating`. `files` are the files given, of which the best counts, where
    `asks` says that the question asks evidence.
    """

    id: str
    domain: str
    weight: int
    state: State
    credit: Fraction
    asks: bool = False
    files: tuple[Evidence, ...] = ()
    knockout: Knockout | None = None
    transfers: tuple[Transfer, ...] = ()
    ageing: Ageing | None = None
    leans_on: tuple[str, ...] = ()
    compensating: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Basis:
    """Everything about one assessment that its score depends on.

    `factors` are those of the intake by question id; `domains` weigh as their questionnaires say.
    """

    factors: Mapping[str, Factor]
    questionnaires: tuple[Questionnaire, ...]
    domains: tuple[Domain, ...]
    items: tuple[BasisItem, ...]
