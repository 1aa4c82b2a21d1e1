"""The events that were written, read past the code that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from riskapp.audit.models import ACTOR, Event, EventPrivate


@dataclass(frozen=True, slots=True)
class EventRow:
    id: int
    at: datetime
    type: str
    object_id: str
    actor_kind: str
    actor_id: str | None
    """None for the clock and the command line, and for whoever was erased."""
    body: str


def rows(connection: Session | sa.Connection, where: sa.ColumnElement[bool]) -> list[EventRow]:
    """Oldest first."""
    who = sa.and_(EventPrivate.event_id == Event.id, EventPrivate.field == ACTOR)
    columns = [getattr(Event, name, EventPrivate.value) for name in EventRow.__dataclass_fields__]
    query = sa.select(*columns).outerjoin(EventPrivate, who).where(where).order_by(Event.id)
    return [EventRow(*one) for one in connection.execute(query)]


def whole_trail(session: Session, assessment_id: str) -> Sequence[EventRow]:
    """All events of an assessment."""
    return rows(session, Event.assessment_id == assessment_id)
