"""What the desk's views share: who acts and when, what does not exist, where a page ends."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from wtforms import DateField, StringField

from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow, assessment
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.reviews.service import Reviewer
from riskapp.web.ports import ports

Row = TypeVar("Row")
MOST_DIGITS = 18
"""A longer number fits no database column."""

Errors = dict[str, str]
"""One message for each wrong field, by the id of the control to lead to; '' for the whole form."""


def now() -> datetime:
    return ports().clock.now()


def actor(person: SignedIn) -> Actor:
    return Actor("person", person.id)


def reviewer(person: SignedIn) -> Reviewer:
    return Reviewer(person.id, now(), ports().library)


def existing(row: Row | None) -> Row:
    """The row itself. Raises NotFound where there is none."""
    if row is None:
        raise NotFound
    return row


def known_assessment(assessment_id: str) -> AssessmentRow:
    return existing(assessment(reading(), assessment_id))


def text(field: StringField) -> str:
    return field.data or ""


def day(field: DateField, what: str) -> date:
    """The day in a field. Raises FieldRefused for none, and for what is no date."""
    if field.data is None:
        raise FieldRefused(field.short_name, f"Enter {what} as a date, like 2027-03-31.")
    return field.data


def day_or_none(field: DateField, what: str) -> date | None:
    """As `day`, for a field that may stay empty."""
    return day(field, what) if any(field.raw_data or ()) else None


def refused(error: FieldRefused, prefix: str = "") -> Errors:
    return {prefix + error.field: error.message}


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
