from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from riskapp.audit.models import ACTOR, Event, EventPrivate

PAGE = 100
TOGETHER = 500
"""So many objects are named in one statement."""


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


def _rows(
    session: Session, *where: object, before: int | None, limit: int | None
) -> list[EventRow]:
    who = and_(EventPrivate.event_id == Event.id, EventPrivate.field == ACTOR)
    query = (
        select(
            Event.id,
            Event.at,
            Event.type,
            Event.object_id,
            Event.actor_kind,
            EventPrivate.value,
            Event.body,
        )
        .outerjoin(EventPrivate, who)
        .where(*where)  # type: ignore[arg-type]  # conditions built below
    )
    if limit is None:
        query = query.order_by(Event.id)
    else:
        query = query.order_by(Event.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Event.id < before)
    return [EventRow(*row) for row in session.execute(query)]


def of_assessment(
    session: Session, assessment_id: str, *, before: int | None = None
) -> Sequence[EventRow]:
    """The newest events of an assessment, newest first, a page of them before the id `before`."""
    return _rows(session, Event.assessment_id == assessment_id, before=before, limit=PAGE)


def whole_trail(session: Session, assessment_id: str) -> Sequence[EventRow]:
    """All events of an assessment, oldest first: what a pack carries."""
    return _rows(session, Event.assessment_id == assessment_id, before=None, limit=None)


def of_vendor(session: Session, vendor_id: str, *, before: int | None = None) -> Sequence[EventRow]:
    return _rows(session, Event.vendor_id == vendor_id, before=before, limit=PAGE)


def private(session: Session, events: Sequence[int]) -> dict[int, dict[str, tuple[str, str]]]:
    """What events commit to, as far as it is not erased: by event and field, salt and value."""
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for begin in range(0, len(events), TOGETHER):
        rows = session.execute(
            select(
                EventPrivate.event_id, EventPrivate.field, EventPrivate.salt, EventPrivate.value
            ).where(EventPrivate.event_id.in_(events[begin : begin + TOGETHER]))
        )
        for event, field, salt, value in rows:
            found.setdefault(event, {})[field] = salt, value
    return found


def elsewhere(
    session: Session,
    vendor_id: str,
    assessment_id: str,
    types: Collection[str],
    objects: Collection[str],
) -> list[EventRow]:
    """Events of some types on some of a vendor's objects, in no particular order.

    Those that the assessment's own trail does not have: they happened for another one.
    """
    found: list[EventRow] = []
    names = sorted(set(objects))
    for begin in range(0, len(names), TOGETHER):
        found += _rows(
            session,
            Event.vendor_id == vendor_id,
            Event.type.in_(types),
            Event.object_id.in_(names[begin : begin + TOGETHER]),
            or_(Event.assessment_id.is_(None), Event.assessment_id != assessment_id),
            before=None,
            limit=None,
        )
    return found
