"""Writing events. Always inside the caller's transaction: no change without its event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from riskapp.audit.models import Event
from riskapp.core.canonical import canonical

VERSION = 1


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. A respondent is known by the invitation; the command line is `operator`.

    The `clock` is nobody: time passed, and what follows from it was written down.
    """

    kind: Literal["person", "respondent", "operator", "clock"]
    id: str | None


OPERATOR = Actor("operator", None)
CLOCK = Actor("clock", None)


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about: the object changed, and where its history is read."""

    object_id: str
    vendor_id: str | None = None
    assessment_id: str | None = None


_INSERT = insert(Event.__table__)  # type: ignore[arg-type]  # declared as FromClause, is a Table


def record(
    session: Session | Connection,
    type: str,  # noqa: A002 - the word of the event's grammar
    about: About,
    *,
    actor: Actor,
    now: datetime,
    **said: object,
) -> None:
    """Adds one event of type `object:action`.

    `said` holds JSON values: states before and after, numbers, digests; never an answer's text, a
    name or an address, for events cannot be erased.
    """
    body = {
        "v": VERSION,
        "type": type,
        "at": now.isoformat(),
        "actor": {"kind": actor.kind, "id": actor.id},
        "object": about.object_id,
        "vendor": about.vendor_id,
        "assessment": about.assessment_id,
        **said,
    }
    session.execute(
        _INSERT,
        {
            "at": now,
            "type": type,
            "object_id": about.object_id,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "vendor_id": about.vendor_id,
            "assessment_id": about.assessment_id,
            "body": canonical(body).decode(),
        },
    )
