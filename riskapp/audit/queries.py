from collections.abc import Sequence

from sqlalchemy import desc, select
from sqlalchemy.orm import Session

from riskapp.audit.models import Event, EventPrivate, LogEntry

PAGE = 100
TOGETHER = 500
"""So many objects are named in one statement."""
IN_ORDER = (LogEntry.number.is_(None), LogEntry.number, Event.id)
"""The order of the log, behind an outer join with it: what waits for its number comes last.

Where the order decides what is told it is this one, which was signed. Ids are for pages: whoever
writes to the database can give an event another one.
"""
NEWEST_FIRST = tuple(desc(one) for one in IN_ORDER)


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
