"""What the desk's views share: who acts and when, what does not exist, where a page ends."""

from datetime import date, datetime
from typing import TypeVar

from wtforms import DateField, StringField

from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow, assessment
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.reviews.service import Reviewer
from riskapp.web.paging import cursor, last, moment, number, time_cursor
from riskapp.web.ports import ports

__all__ = [
    "Errors",
    "actor",
    "cursor",
    "day",
    "day_or_none",
    "existing",
    "known_assessment",
    "last",
    "moment",
    "now",
    "number",
    "refused",
    "reviewer",
    "text",
    "time_cursor",
]

Row = TypeVar("Row")

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
