"""The past weeks of the demo: when things happened, and all stories in one order of time."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

SATURDAY = 5
Told = TypeVar("Told")
Steps = Iterator[datetime]
"""A story: it gives the time of its next step, and takes that step when it is asked to go on."""


@dataclass(frozen=True, slots=True)
class Diary:
    """Counts in working days back from today, so that nothing happens on a weekend or later."""

    today: date

    def at(self, days_ago: int, clock: str) -> datetime:
        """`clock`, such as "9:40" (UTC), on the working day that many working days ago, ≥ 1."""
        day = self.today
        for _ in range(days_ago):
            day -= timedelta(days=1)
            while day.weekday() >= SATURDAY:
                day -= timedelta(days=1)
        hour, minute = (int(part) for part in clock.split(":"))
        return datetime.combine(day, time(hour, minute), UTC)

    def ahead(self, days: int) -> date:
        """A due date: that many days from today, and no Saturday or Sunday."""
        day = self.today + timedelta(days=days)
        return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)


def tell(stories: Iterable[Steps]) -> None:
    """Takes all steps of all stories in the order of their times, as they would have happened."""
    waiting: list[tuple[datetime, int, Steps]] = []
    for number, story in enumerate(stories):
        _await_next(waiting, number, story)
    while waiting:
        _, number, story = heapq.heappop(waiting)
        _await_next(waiting, number, story)


def _await_next(waiting: list[tuple[datetime, int, Steps]], number: int, story: Steps) -> None:
    when = next(story, None)
    if when is not None:
        heapq.heappush(waiting, (when, number, story))
