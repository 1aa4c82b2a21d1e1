"""The inherent risk of an engagement: what could go wrong before anybody asked the vendor anything.

`I = max(100 · Σ v·x, floors)` over the intake factors; what is unknown counts as the worst.
Scheme `std-1`; factors after DORA Art. 28-29, ENISA breach severity and EBIOS RM.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

WORST_SCORE = Fraction(100)
"""The top of the scale, of inherent and of residual risk."""


class Tier(StrEnum):
    """Low to critical. Tiers compare by severity, never by alphabet, with words as well."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low … 3 for critical: to sort by, or to store beside the word."""
        return _TIERS.index(self)

    @property
    def above(self) -> "Tier | None":
        """The next worse tier; none above critical."""
        return _TIERS[self.rank + 1] if self is not Tier.CRITICAL else None

    def __lt__(self, other: str) -> bool:
        return self.rank < Tier(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Tier(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Tier(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Tier(other).rank


_TIERS = tuple(Tier)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where each tier begins, on 0…100; what lies below `medium` is low."""

    medium: Fraction
    high: Fraction
    critical: Fraction

    def lower(self, tier: Tier) -> Fraction:
        """The smallest score of that tier."""
        return (Fraction(0), self.medium, self.high, self.critical)[tier.rank]


INHERENT_BOUNDS = Bounds(Fraction(25), Fraction(50), Fraction(75))


def tier_of(score: Fraction, bounds: Bounds = INHERENT_BOUNDS) -> Tier:
    """The tier in which an exact score lies; a bound itself belongs to the tier that it opens."""
    if score >= bounds.critical:
        return Tier.CRITICAL
    if score >= bounds.high:
        return Tier.HIGH
    return Tier.MEDIUM if score >= bounds.medium else Tier.LOW


@dataclass(frozen=True, slots=True)
class Factor:
    """One intake question and what was answered.

    `answer` is the chosen option's id, None while unknown; `weight` v, all of them summing to 1
    (0 for a factor that only has floors); `value` x in 0…1; `floor` the least inherent score
    *with this answer*, None where the answer brings none.
    """

    answer: str | None
    weight: Fraction
    value: Fraction
    floor: Fraction | None

    @property
    def counted(self) -> Fraction:
        """The x that counts: 1 while the answer is unknown, whatever `value` says."""
        return Fraction(1) if self.answer is None else self.value


def unknown(weight: Fraction, floors: Iterable[Fraction] = ()) -> Factor:
    """Make the factor of a question that nobody answered: x = 1 and the worst of its floors."""
    return Factor(None, weight, Fraction(1), max(floors, default=None))


def contributions(factors: Mapping[str, Factor]) -> dict[str, Fraction]:
    """100·v·x by factor id: the points that each answer adds before floors."""
    return {name: WORST_SCORE * factor.weight * factor.counted for name, factor in factors.items()}


def inherent_score(factors: Mapping[str, Factor]) -> Fraction:
    """Inherent risk `I`, exact, 0…100.

    Without a single factor nothing is known of the engagement, which counts as the worst: 100.
    """
    if not factors:
        return WORST_SCORE
    floors = [factor.floor for factor in factors.values() if factor.floor is not None]
    return max(sum(contributions(factors).values(), Fraction(0)), *floors, Fraction(0))
