"""For how long each class of record is kept, and since when nothing rests on a record. Pure.

Days are whole ones (UTC): what is free on a day is kept for the rule's days after it, and erased on
the day that follows. A rule begins to erase on the day after it was set, so that a slip of the pen
can be corrected before anything is lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from riskapp.assessments.rules import State

LONGEST = 36_500
AHEAD = 30
"""How many days the pages look ahead."""


class RecordClass(StrEnum):
    """What a rule is about, in the order in which a run goes through them.

    Answers go before evidence, so that no assessment is scored again that is erased with it.
    """

    LINKS = "links"
    DRAFTS = "drafts"
    ANSWERS = "answers"
    EVIDENCE = "evidence"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Limit:
    """The fewest days that a class can be kept, and what is proposed where there is no rule."""

    least: int
    proposed: int


LIMITS = {
    RecordClass.LINKS: Limit(1, 90),
    RecordClass.DRAFTS: Limit(1, 180),
    RecordClass.ANSWERS: Limit(30, 1095),
    RecordClass.EVIDENCE: Limit(30, 1095),
    RecordClass.LOGS: Limit(1, 180),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Records of a class are kept for `days` after they are free; `set_on` the day of the rule."""

    days: int
    set_on: date

    def due(self, free: date) -> date:
        """The first day on which a run erases what is free since `free`."""
        return max(free + timedelta(days=self.days + 1), self.set_on + timedelta(days=1))

    def free_before(self, through: date) -> date:
        """What is due on a day or earlier is free since a day before this one."""
        return through - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Ended:
    """An assessment, as far as it matters whether something rests on it.

    `superseded_at`: when a later cycle of the engagement was decided first. `is_score`: whether the
    engagement has its score from this one.
    """

    state: State
    ended_at: datetime | None
    superseded_at: datetime | None
    engagement_ended_at: datetime | None
    is_score: bool


def free_since(one: Ended) -> date | None:
    """Since which day nothing rests on an assessment; None: something does.

    A decision stands until a later cycle is decided or the engagement ends; what was cancelled
    counts for nothing at once.
    """
    if one.ended_at is None:
        return None
    if one.state is State.CANCELLED:
        return one.ended_at.date()
    if one.state is not State.DECIDED or (one.is_score and one.engagement_ended_at is None):
        return None
    over = [at for at in (one.superseded_at, one.engagement_ended_at) if at is not None]
    return max(one.ended_at, min(over)).date() if over else None


def all_free(since: Iterable[date | None]) -> date | None:
    """Since when nothing rests on a file that serves several assessments."""
    latest = date.min
    for day in since:
        if day is None:
            return None
        latest = max(latest, day)
    return latest
