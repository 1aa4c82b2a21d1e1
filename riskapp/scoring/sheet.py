"""What is scored: the facts of one assessment, complete, and independent of any database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Self

from riskapp.scoring.constants import Constants, KnockoutLevel, Level
from riskapp.vendors.rules import Bounds, Factor, Tier, inherent_score, tier_of


class State(StrEnum):
    """Where an item stands. Only `answered` and `hidden-by-control` bring a credit of their own."""

    ANSWERED = "answered"
    MISSING = "missing"
    REJECTED = "rejected"
    NA_CLAIMED = "na-claimed"
    NA_APPROVED = "na-approved"
    HIDDEN = "hidden-by-control"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The proof that counts for an item; `asked` says whether the question wants any."""

    asked: bool = False
    level: Level = Level.NONE
    issued_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Knockout:
    """The item fails when its credit lies under `below` (τ), and then holds a floor."""

    level: KnockoutLevel
    below: Fraction = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Item:
    """One scored question.

    `weight` a positive whole number; `credit` a in 0…1: the answer's own worth, for an item
    hidden by a control the parent's c; it counts in no other state.
    """

    id: str
    domain: str
    weight: int
    credit: Fraction
    state: State
    evidence: Evidence = Evidence()
    knockout: Knockout | None = None

    @property
    def legal(self) -> bool:
        return self.knockout is not None and self.knockout.level is KnockoutLevel.LEGAL

    @property
    def counts(self) -> bool:
        """Whether the item is in the score at all: only an approved N/A takes it out.

        A legal item can never be N/A: approved or not, it stays and counts as missing.
        """
        return self.state is not State.NA_APPROVED or self.legal


@dataclass(frozen=True, slots=True)
class Domain:
    id: str
    weight: int


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A release that was asked, by the digest of its content."""

    id: str
    release: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Inherent:
    """The inherent risk and where it comes from; without factors the score is taken as given."""

    score: Fraction
    tier: Tier
    factors: Mapping[str, Factor]

    @classmethod
    def given(cls, score: Fraction, bounds: Bounds) -> Self:
        return cls(score, tier_of(score, bounds), {})

    @classmethod
    def of(cls, factors: Mapping[str, Factor], bounds: Bounds) -> Self:
        score = inherent_score(factors)
        return cls(score, tier_of(score, bounds), factors)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a score depends on. Several questionnaires of an engagement pool in one sheet.

    Item ids are unique, domain ids too, and every item's domain is among `domains`.
    """

    as_of: date
    constants: Constants
    inherent: Inherent
    questionnaires: tuple[Questionnaire, ...]
    domains: tuple[Domain, ...]
    items: tuple[Item, ...]
    scheme: str

    def __post_init__(self) -> None:
        right = tier_of(self.inherent.score, self.constants.inherent_bounds)
        if self.inherent.tier is not right:
            raise ValueError(f"inherent score {self.inherent.score} is {right}, by these bounds")
