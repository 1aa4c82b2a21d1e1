"""What verifying finds, as it is told."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and which event it is about, as far as is known."""

    kind: str
    words: str
    number: int | None = None
    event: int | None = None
    type: str | None = None
    object_id: str | None = None


def stray(number: Any, event: Any, kind: str | None, about: str | None) -> Finding:  # noqa: ANN401 - SQLite's columns hold anything
    """A row that puts an event where no look at the log comes by."""
    words = f"The log has it at {str(number)[:60]}, which is no place in it."
    return Finding("place", words, None, event if type(event) is int else None, kind, about)


def node_unfit(level: int, position: int) -> Finding:
    begin, end = position << level, (position + 1) << level
    words = f"The kept hash over numbers {begin} to {end - 1} does not follow from what is there."
    return Finding("node", words)


def gap(begin: int, end: int) -> Finding:
    numbers = f"number {begin} is" if end == begin + 1 else f"numbers {begin} to {end - 1} are"
    return Finding("gap", f"In the log {numbers} missing.", begin)
