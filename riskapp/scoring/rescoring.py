"""Scoring a portfolio again: as another day, other terms or another intake have it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from riskapp.audit.service import Actor
from riskapp.scoring.terms import Terms
from riskapp.vendors.rules import Tier

Progress = Callable[[int, int], None]
"""Called with how many assessments are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a score lies, as pages show it."""

    tier: Tier
    shown: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """An assessment of which another outcome comes."""

    assessment_id: str
    engagement_id: str
    vendor_name: str
    engagement_title: str
    before: Landing
    after: Landing

    @property
    def changes_tier(self) -> bool:
        return self.before.tier is not self.after.tier


def preview(session: Session, terms: Terms, as_of: date) -> Iterator[Moved]:
    """What these terms would move on a day, of all that is scored and live, by vendor.

    Writes nothing.
    """
    raise NotImplementedError


def rescore(
    *,
    cause: str,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
) -> list[Moved]:
    """Scores again all that is live, as of today (UTC) and under the terms of now.

    A new receipt stands beside the old one where another outcome comes; gives those. Every page of
    assessments is a transaction of its own: what a killed run left undone, the next one does.
    """
    raise NotImplementedError
