"""Time as a part that can be replaced: services take it as an argument, never from the system."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in UTC and aware."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)
