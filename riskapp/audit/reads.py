"""Reading as an event: what somebody opened who may see no more than was granted."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.audit.models import ACTOR, Event, EventPrivate
from riskapp.audit.service import About, Actor, record
from riskapp.core.db import reading, transaction

AGAIN = timedelta(minutes=1)
"""Who opens the same thing again within it, by reloading a page, has not opened it once more."""


def note_read(
    type: str,  # noqa: A002 - the word of the event's grammar
    about: About,
    *,
    grant: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Records that somebody opened what a grant opens, unless they did within the last minute."""
    session = reading()
    lately = noted_since(session, type, about, actor, now - AGAIN)
    session.rollback()
    if not lately:
        with transaction() as writing:
            record(writing, type, about, actor=actor, now=now, grant=grant)


def noted_since(
    session: Session,
    type: str,  # noqa: A002 - as above
    about: About,
    actor: Actor,
    since: datetime,
) -> bool:
    """Whether this actor has an event of this type on this object after a time."""
    by = select(EventPrivate.event_id).where(
        EventPrivate.event_id == Event.id,
        EventPrivate.field == ACTOR,
        EventPrivate.value == actor.id,
    )
    found = select(Event.id).where(
        Event.object_id == about.object_id,
        Event.assessment_id == about.assessment_id,
        Event.type == type,
        Event.actor_kind == actor.kind,
        by.exists(),
        Event.at > since,
    )
    return session.scalar(found.limit(1)) is not None
