"""Who took a pack away, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.audit.models import ACTOR, Event, EventPrivate

MOST = 100


@dataclass(frozen=True, slots=True)
class Taking:
    """`by` is a person's name; None: on the command line, or somebody who was erased."""

    at: datetime
    by: str | None


def takings(session: Session, pack_id: str) -> Sequence[Taking]:
    """The newest hundred of them, newest first."""
    rows = session.execute(
        select(Event.at, Person.name)
        .outerjoin(
            EventPrivate, and_(EventPrivate.event_id == Event.id, EventPrivate.field == ACTOR)
        )
        .outerjoin(Person, Person.id == EventPrivate.value)
        .where(Event.object_id == pack_id, Event.type == "pack:take")
        .order_by(Event.id.desc())
        .limit(MOST)
    )
    return [Taking(at, name) for at, name in rows]
