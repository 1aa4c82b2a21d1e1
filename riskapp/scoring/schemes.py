"""A scoring scheme: constants under a name. `std-1` is published; others derive from it. Pure."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import MAXYEAR, date
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from riskapp.core.canonical import canonical
from riskapp.scoring.constants import SCHEME, STD_1, Constants
from riskapp.scoring.fields import Node
from riskapp.scoring.reading import decode, read_constants
from riskapp.scoring.receipts import constants_document
from riskapp.vendors.rules import Tier

TENTHS = 10
ABOVE_LOW = (Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Scheme:
    """What an organisation scores by.

    `weights` W by domain id, for domains that weigh otherwise than their questionnaire says;
    `cadence` the months after which an engagement is assessed again, by its residual tier.
    """

    name: str
    constants: Constants
    weights: Mapping[str, int]
    cadence: Mapping[Tier, int]


STANDARD = Scheme(
    SCHEME,
    STD_1,
    MappingProxyType({}),
    MappingProxyType({Tier.LOW: 36, Tier.MEDIUM: 24, Tier.HIGH: 12, Tier.CRITICAL: 6}),
)


def same_numbers(one: Scheme, other: Scheme) -> bool:
    return replace(one, name=other.name) == other


def next_due(scheme: Scheme, tier: Tier, decided_on: date) -> date:
    """The day by which an engagement is to be assessed again, decided on at that residual tier.

    The same day of the month, or its last day where the month is shorter.
    """
    months = decided_on.month - 1 + scheme.cadence[tier]
    year, month = decided_on.year + months // _YEAR, months % _YEAR + 1
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(decided_on.day, calendar.monthrange(year, month)[1]))


def scheme_document(scheme: Scheme) -> str:
    """What is kept of a scheme beside its name: canonical JSON (RFC 8785)."""
    return canonical(
        {
            "cadence": {str(tier): months for tier, months in scheme.cadence.items()},
            "constants": constants_document(scheme.constants),
            "weights": dict(scheme.weights),
        }
    ).decode()


@lru_cache(maxsize=64)
def read_scheme(name: str, document: str) -> Scheme:
    """The scheme that `scheme_document` wrote, exactly."""
    values: dict[str, Any] = decode(document)
    return Scheme(
        name,
        read_constants(Node(values["constants"], "constants")),
        MappingProxyType(values["weights"]),
        MappingProxyType({tier: values["cadence"][tier] for tier in Tier}),
    )


def written(value: Fraction) -> str:
    """A number of whole points or tenths in full: 35, 12.5."""
    whole, tenths = divmod(value.numerator * TENTHS // value.denominator, TENTHS)
    return f"{whole}.{tenths}" if tenths else str(whole)
