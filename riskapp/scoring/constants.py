"""The numbers of a scoring scheme. They change only under a new scheme name.

κ, the tier bounds and the evidence factors are this project's choices; the ladder of evidence
follows RTS (EU) 2024/1773 Art. 6(3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from riskapp.vendors.rules import INHERENT_BOUNDS, Bounds, Tier


class Level(StrEnum):
    """How far a piece of evidence can be relied on; the last two are worth what none is."""

    NONE = "none"
    PROVIDED = "provided"
    REVIEWED = "reviewed"
    INDEPENDENT = "independent"
    REJECTED = "rejected"
    ERASED = "erased"


class KnockoutLevel(StrEnum):
    HIGH = "high"
    CRITICAL = "critical"
    LEGAL = "legal"


LADDER = (Level.NONE, Level.PROVIDED, Level.REVIEWED, Level.INDEPENDENT)
"""The levels that have a worth of their own, in rising order."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What a receipt carries, so that it can be recomputed when the scheme is long gone.

    `kappa` the share of the inherent risk that controls can take away; `evidence` g by level of
    the ladder; `knockout` the floor by level; `weak` the least domain effectiveness by inherent
    tier, where a tier without an entry asks for none.
    """

    bounds: Bounds
    inherent_bounds: Bounds
    kappa: Fraction
    evidence: Mapping[Level, Fraction]
    knockout: Mapping[KnockoutLevel, Fraction]
    weak: Mapping[Tier, Fraction]


STD_1 = Constants(
    bounds=Bounds(Fraction(15), Fraction(35), Fraction(60)),
    inherent_bounds=INHERENT_BOUNDS,
    kappa=Fraction(9, 10),
    evidence=MappingProxyType(
        {
            Level.NONE: Fraction(1, 2),
            Level.PROVIDED: Fraction(3, 4),
            Level.REVIEWED: Fraction(9, 10),
            Level.INDEPENDENT: Fraction(1),
        }
    ),
    knockout=MappingProxyType(
        {
            KnockoutLevel.HIGH: Fraction(35),
            KnockoutLevel.CRITICAL: Fraction(60),
            KnockoutLevel.LEGAL: Fraction(60),
        }
    ),
    weak=MappingProxyType(
        {Tier.MEDIUM: Fraction(2, 5), Tier.HIGH: Fraction(1, 2), Tier.CRITICAL: Fraction(3, 5)}
    ),
)

SCHEME = "std-1"
"""The scheme that new receipts are made with."""

SCHEMES: Mapping[str, Constants] = MappingProxyType({SCHEME: STD_1})
"""Every published scheme, by name; none is ever changed or taken away."""

PUBLISHED = "std-"
"""How the names of published schemes begin, those to come included."""

NAME_LENGTH = 40
_OWN_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[0-9]+")


def may_be_own(name: str) -> bool:
    """Whether an organisation's own scheme can be called so: a lower-case slug with a number."""
    if len(name) > NAME_LENGTH or name.startswith(PUBLISHED):
        return False
    return _OWN_NAME.fullmatch(name) is not None


FRESH_DAYS = 365
"""Undated-to-expire evidence is fresh this long, and fades to nothing over as many days again."""

CONFIDENCE_HIGH = Fraction(17, 20)
CONFIDENCE_MEDIUM = Fraction(13, 20)
NA_SHARE_MOST = Fraction(3, 10)
"""Above this share of N/A the confidence is low whatever else was shown."""
