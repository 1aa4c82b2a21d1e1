"""The portfolio as it stood at the end of a day: what an auditor takes samples from.

Days are UTC days, and end where the next one begins. States come from the trail, tiers from
receipts; where retention erased the receipts, from the trail too, for it says what came of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, select, tuple_
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.audit.models import Event, LogEntry
from riskapp.audit.queries import NEWEST_FIRST
from riskapp.reviews.models import Decision
from riskapp.scoring.models import StoredReceipt
from riskapp.vendors.models import Engagement, Intake, Vendor

MOVES = tuple(f"assessment:{state}" for state in State)
"""The events that take an assessment to a state; their names end with it."""


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One assessment, or an engagement without one, or a vendor of which nothing is bought."""

    vendor_id: str
    vendor_name: str
    name_key: str
    country: str
    engagement_id: str | None
    engagement_title: str | None
    ended: bool
    """Whether the engagement had ended."""
    inherent_tier: str | None
    assessment_id: str | None
    cycle: int | None
    state: State | None
    tier: str | None
    shown: str | None
    outcome: str | None
    decided_at: datetime | None

    @property
    def place(self) -> tuple[str, str]:
        """What the next page comes after, where this is the last row of one."""
        return self.name_key, self.vendor_id


def end_of(day: date) -> datetime:
    """The first moment that does not belong to the day any more (UTC)."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def population_as_of(
    session: Session,
    day: date,
    *,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> Sequence[PopulationRow]:
    """Every vendor, engagement and assessment there was at the end of a day. One statement.

    By the vendor's name, then as bought, then by cycle. `limit` counts vendors, each with all that
    belongs to it; `after` is the `place` of the last row before. Names, countries and titles are
    those of today: corrections of them are not replayed.
    """
    end = end_of(day)
    return [_row(values) for values in session.execute(_population(end, after, limit))]


def population_size(session: Session, day: date) -> tuple[int, int, int]:
    """How many vendors, engagements and assessments there were. One statement."""
    end = end_of(day)
    counts = (
        select(func.count()).select_from(table).where(table.created_at < end).scalar_subquery()
        for table in (Vendor, Engagement, Assessment)
    )
    vendors, engagements, assessments = session.execute(select(*counts)).one()
    return vendors, engagements, assessments


def _population(
    end: datetime, after: tuple[str, str] | None, limit: int | None
) -> Select[*tuple[Any, ...]]:
    there = select(Vendor.id).where(Vendor.created_at < end)
    there = there.order_by(Vendor.name_key, Vendor.id)
    if after is not None:
        there = there.where(tuple_(Vendor.name_key, Vendor.id) > tuple_(*after))
    if limit is not None:
        there = there.limit(limit)
    page = there.subquery()
    return (
        select(
            Vendor.id,
            Vendor.name,
            Vendor.name_key,
            Vendor.country,
            Engagement.id,
            Engagement.title,
            _last_event(Engagement.id, ("engagement:end", "engagement:resume"), end),
            _inherent(end),
            Assessment.id,
            Assessment.cycle,
            _last_event(Assessment.id, MOVES, end),
            StoredReceipt.tier,
            StoredReceipt.shown,
            _erased_receipt(end),
            Decision.outcome,
            Decision.at,
        )
        .join(page, page.c.id == Vendor.id)
        .outerjoin(Engagement, and_(Engagement.vendor_id == Vendor.id, Engagement.created_at < end))
        .outerjoin(
            Assessment, and_(Assessment.engagement_id == Engagement.id, Assessment.created_at < end)
        )
        .outerjoin(
            StoredReceipt,
            and_(
                StoredReceipt.assessment_id == Assessment.id,
                StoredReceipt.number == _newest_receipt(end),
            ),
        )
        .outerjoin(Decision, and_(Decision.assessment_id == Assessment.id, Decision.at < end))
        .order_by(
            Vendor.name_key, Vendor.id, Engagement.created_at, Engagement.id, Assessment.cycle
        )
    )


def _last_event(
    of: ColumnElement[str] | Any,  # noqa: ANN401 - a mapped column
    types: Sequence[str],
    end: datetime,
) -> ScalarSelect[str]:
    """The newest of some types on one object; the index on objects finds it."""
    return (
        select(Event.type)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .where(Event.object_id == of, Event.type.in_(types), Event.at < end)
        .order_by(*NEWEST_FIRST)
        .limit(1)
        .scalar_subquery()
    )


def _inherent(end: datetime) -> ScalarSelect[str]:
    return (
        select(Intake.tier)
        .where(Intake.engagement_id == Engagement.id, Intake.saved_at < end)
        .order_by(Intake.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def _newest_receipt(end: datetime) -> ScalarSelect[int]:
    other = StoredReceipt.__table__.alias()
    return (
        select(func.max(other.c.number))
        .where(other.c.assessment_id == Assessment.id, other.c.created_at < end)
        .scalar_subquery()
    )


def _erased_receipt(end: datetime) -> ColumnElement[str | None]:
    """What the trail says of the newest receipt, where retention erased the receipts."""
    said = (
        select(Event.body)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .where(Event.assessment_id == Assessment.id, Event.type == "receipt:add", Event.at < end)
        .order_by(*NEWEST_FIRST)
        .limit(1)
        .scalar_subquery()
    )
    return case((Assessment.erased_at.is_not(None), said))


def _row(values: Any) -> PopulationRow:  # noqa: ANN401 - a row of the statement above
    *known, ended, inherent, assessment_id, cycle, moved, tier, shown, said, outcome, at = values
    vendor_id, vendor_name, name_key, country, engagement_id, title = known
    if said is not None:
        body = json.loads(said)
        tier, shown = body["tier"], body["shown"]
    return PopulationRow(
        vendor_id=vendor_id,
        vendor_name=vendor_name,
        name_key=name_key,
        country=country,
        engagement_id=engagement_id,
        engagement_title=title,
        ended=ended == "engagement:end",
        inherent_tier=inherent,
        assessment_id=assessment_id,
        cycle=cycle,
        state=None if moved is None else State(moved.partition(":")[2]),
        tier=tier,
        shown=shown,
        outcome=outcome,
        decided_at=at,
    )
