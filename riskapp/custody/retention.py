"""The rules of retention: for how long each class of record is kept, who said so, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.audit.service import About, Actor, moved, record
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused
from riskapp.custody.models import AssessmentErasure, RetentionRule
from riskapp.custody.rules import LIMITS, LONGEST, RecordClass, Rule

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What was said last of a class. `days` None: kept for good, and somebody said so."""

    days: int | None
    reason: str
    set_by: str
    set_at: datetime

    @property
    def rule(self) -> Rule | None:
        return None if self.days is None else Rule(self.days, self.set_at.date())


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """By which rule an assessment's answers were erased, and how many days it kept them for."""

    record_class: RecordClass
    days: int
    at: datetime


def rules(session: Session) -> Mapping[RecordClass, RuleRow]:
    """What was said of each class; one that is not in it is kept for good."""
    rows = session.execute(
        select(
            RetentionRule.record_class,
            RetentionRule.days,
            RetentionRule.reason,
            Person.name,
            RetentionRule.set_at,
        ).outerjoin(Person, Person.id == RetentionRule.set_by)
    )
    return {RecordClass(row[0]): RuleRow(row[1], row[2], row[3] or "", row[4]) for row in rows}


def rule_of(session: Session, about: RecordClass) -> Rule | None:
    """The rule of one class, if there is one."""
    row = session.execute(
        select(RetentionRule.days, RetentionRule.set_at).where(RetentionRule.record_class == about)
    ).first()
    return None if row is None or row.days is None else Rule(row.days, row.set_at.date())


def erased(session: Session, assessment_id: str) -> ErasedRow | None:
    """How an assessment's answers came to be erased; None where they are there."""
    row = session.get(AssessmentErasure, assessment_id)
    return None if row is None else ErasedRow(RecordClass(row.record_class), row.days, row.at)


def checked(about: RecordClass, days: int | None, reason: str) -> str:
    """The reason, trimmed. Raises FieldRefused for days or a reason that a rule cannot have."""
    least = LIMITS[about].least
    if days is not None and not least <= days <= LONGEST:
        raise FieldRefused("days", f"Choose from {least} to {LONGEST:,} days.")
    reason = reason.replace("\0", " ").strip()  # PostgreSQL cannot keep U+0000
    if not reason:
        raise FieldRefused("reason", "Say why, for example which law or policy says so.")
    if len(reason) > LONGEST_REASON:
        raise FieldRefused("reason", f"Use at most {LONGEST_REASON} characters.")
    return reason


def set_rule(
    about: RecordClass, days: int | None, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Keeps a class for so many days from tomorrow on, or for good (None).

    The event commits to the reason. Raises FieldRefused, also where it is so already.
    """
    reason = checked(about, days, reason)
    try:
        _set(about, days, reason, actor, now)
    except IntegrityError:
        _set(about, days, reason, actor, now)  # two first rules at once: the other one stands now


def _set(about: RecordClass, days: int | None, reason: str, actor: Actor, now: datetime) -> None:
    with transaction() as session:
        row = session.get(RetentionRule, about, with_for_update=True)
        before = None if row is None else row.days
        if before == days:
            raise FieldRefused("days", "It is so already; nothing was changed.")
        if row is None:
            row = RetentionRule(record_class=about)
            session.add(row)
        row.days, row.reason, row.set_by, row.set_at = days, reason, actor.id, now
        session.flush()
        record(
            session,
            "retention:set",
            About(about),
            actor=actor,
            now=now,
            private={"reason": reason},
            **moved(before, days),
        )
