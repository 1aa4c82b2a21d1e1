"""Where a page of rows ended, as the address of the next one says it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from riskapp.core.errors import NotFound

Row = TypeVar("Row")
MOST_DIGITS = 18
"""A longer number fits no database column."""


def cursor(at: datetime | str, row_id: str) -> str:
    """Where a page ended, for the URL of the next one."""
    return f"{at.isoformat() if isinstance(at, datetime) else at}~{row_id}"


def time_cursor(written: str | None) -> tuple[datetime, str] | None:
    """What `cursor` wrote of a time. Raises NotFound for anything else."""
    if not written:
        return None
    at, _, row_id = written.rpartition("~")
    return moment(at), row_id


def moment(written: str) -> datetime:
    """A time in a URL. Raises NotFound for anything else, also for one that no calendar has."""
    try:
        found = datetime.fromisoformat(written)
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotFound from None
    if found.tzinfo is None:
        raise NotFound
    return found


def last(rows: Sequence[Row], page: int) -> Row | None:
    """The row behind which the next page begins; None where this page was not full."""
    return rows[-1] if len(rows) == page else None


def number(written: str | None) -> int | None:
    """A number in a URL, None where there is none. Raises NotFound for anything else."""
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS):
        raise NotFound
    return int(written)
