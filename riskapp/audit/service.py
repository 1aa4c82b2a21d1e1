"""Writing events. Always inside the caller's transaction: no change without its event."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import Session

from riskapp.audit.models import ACTOR, Event, EventPrivate
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
_INSERT_PRIVATE = insert(EventPrivate.__table__)  # type: ignore[arg-type]  # likewise


def commitment(salt: str, value: str) -> str:
    """HMAC-SHA-256 of a value (UTF-8) under its salt (hex), in hex. Says nothing without it."""
    return hmac.digest(bytes.fromhex(salt), value.encode(), hashlib.sha256).hex()


def moved(before: object, after: object) -> dict[str, Any]:
    """What an event says of a value before and after, under words that Python keeps for itself."""
    return {"from": before, "to": after}


def record(
    session: Session | Connection,
    type: str,  # noqa: A002 - the word of the event's grammar
    about: About,
    *,
    actor: Actor,
    now: datetime,
    private: Mapping[str, str | None] | None = None,
    **said: object,
) -> None:
    """Adds one event of type `object:action`.

    `said` holds JSON values: states before and after, numbers, digests of what nobody could guess.
    `private` holds what must be erasable, or what a reader of the trail need not see: names,
    addresses, people's words, digests of answers. The event commits to it, and does not say it;
    None and empty texts are left out.
    """
    given = {field: text for field, text in (private or {}).items() if text}
    if actor.id is not None:
        given[ACTOR] = actor.id
    salts = {field: secrets.token_hex(32) for field in given}
    body = {
        "v": VERSION,
        "type": type,
        "at": now.isoformat(),
        "actor": actor.kind,
        "object": about.object_id,
        "vendor": about.vendor_id,
        "assessment": about.assessment_id,
        "private": {field: commitment(salts[field], text) for field, text in given.items()},
        **said,
    }
    added = session.execute(
        _INSERT,
        {
            "at": now,
            "type": type,
            "object_id": about.object_id,
            "actor_kind": actor.kind,
            "vendor_id": about.vendor_id,
            "assessment_id": about.assessment_id,
            "body": canonical(body).decode(),
        },
    )
    if given:
        number = added.inserted_primary_key[0]  # type: ignore[attr-defined]  # of one row
        session.execute(
            _INSERT_PRIVATE,
            [
                {"event_id": number, "field": field, "salt": salts[field], "value": text}
                for field, text in given.items()
            ],
        )


def forget_words(session: Session, *, assessment_id: str) -> None:
    """Erases what the events of an assessment only commit to.

    Who acted stays known, and so do the words of the decision, which is kept.
    """
    events = select(Event.id).where(
        Event.assessment_id == assessment_id, Event.type != "decision:make"
    )
    session.execute(
        delete(EventPrivate).where(EventPrivate.event_id.in_(events), EventPrivate.field != ACTOR)
    )


def forget_object(session: Session, object_id: str) -> None:
    """Erases what the events of one object only commit to, such as the address of a link."""
    events = select(Event.id).where(Event.object_id == object_id)
    session.execute(
        delete(EventPrivate).where(EventPrivate.event_id.in_(events), EventPrivate.field != ACTOR)
    )


def forget_person(session: Session, person_id: str) -> None:
    """Erases that this person did what the trail tells, and what it tells of the person."""
    forget_object(session, person_id)
    session.execute(delete(EventPrivate).where(EventPrivate.value == person_id))
