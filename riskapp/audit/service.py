"""Writing events. Always inside the caller's transaction: no change without its event."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Literal

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from riskapp.audit.models import ACTOR, Event, EventPrivate
from riskapp.core.canonical import canonical

VERSION = 1
STORED_AT = "%Y-%m-%d %H:%M:%S.%f"
"""A time in UTC as SQLite holds it, which has no type of its own for times."""


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


_COLUMNS = ("at", "type", "object_id", "actor_kind", "vendor_id", "assessment_id", "body")
_EVENT = f"INSERT INTO event ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608 - names of our own
_ON_SQLITE = f"{_EVENT} (?, ?, ?, ?, ?, ?, ?)"
_PRIVATE_ON_SQLITE = "INSERT INTO event_private (event_id, field, salt, value) VALUES (?, ?, ?, ?)"
_ON_POSTGRESQL = f"{_EVENT} (%s, %s, %s, %s, %s, %s, %s)"


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
    _write(session, Row.of(type, about, actor, now, private or {}, said), None)


@dataclass(frozen=True, slots=True)
class Along:
    """An INSERT that goes to PostgreSQL in one statement with the event: each trip there counts.

    `on_sqlite` and `on_postgresql` are the same statement as their drivers take it.
    """

    on_sqlite: str
    on_postgresql: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is stored: its columns, and what opens its commitments."""

    at: datetime
    columns: tuple[str | None, ...]
    """Those of `_COLUMNS` after the time."""
    openings: Sequence[tuple[str, str, str]]
    """Field, salt and value."""

    @classmethod
    def of(
        cls,
        type: str,  # noqa: A002 - the word of the event's grammar
        about: About,
        actor: Actor,
        now: datetime,
        private: Mapping[str, str | None],
        said: Mapping[str, object],
    ) -> "Row":
        given = {field: text for field, text in private.items() if text}
        if actor.id is not None:
            given[ACTOR] = actor.id
        openings = [(field, secrets.token_hex(32), text) for field, text in given.items()]
        body = {
            "v": VERSION,
            "type": type,
            "at": now.isoformat(),
            "actor": actor.kind,
            "object": about.object_id,
            "vendor": about.vendor_id,
            "assessment": about.assessment_id,
            "private": {field: commitment(salt, text) for field, salt, text in openings},
            **said,
        }
        told = (type, about.object_id, actor.kind, about.vendor_id, about.assessment_id)
        return cls(now, (*told, canonical(body).decode()), openings)


def record_along(
    connection: Connection,
    along: Along,
    type: str,  # noqa: A002 - the word of the event's grammar
    about: About,
    *,
    actor: Actor,
    now: datetime,
    private: Mapping[str, str | None],
    **said: object,
) -> None:
    """As `record`, with another row of the same change: for the path that vendors use most."""
    _write(connection, Row.of(type, about, actor, now, private, said), along)


def _write(session: Session | Connection, row: Row, along: Along | None) -> None:
    """By the driver, and on PostgreSQL in one statement: every change pays for this."""
    connection = session if isinstance(session, Connection) else session.connection()
    if connection.dialect.name == "sqlite":
        at = row.at.astimezone(UTC).strftime(STORED_AT)
        added = connection.exec_driver_sql(_ON_SQLITE, (at, *row.columns))
        openings = [(added.lastrowid, *one) for one in row.openings]
        if openings:
            connection.exec_driver_sql(_PRIVATE_ON_SQLITE, openings)
        if along is not None:
            connection.exec_driver_sql(along.on_sqlite, along.values)
        return
    beside, more = "", () if along is None else along.values
    if along is not None:
        beside = f", beside AS ({along.on_postgresql})"
    if row.openings:
        statement = _with_openings(beside, len(row.openings))
        values = (row.at, *row.columns, *more, *chain.from_iterable(row.openings))
        connection.exec_driver_sql(statement, values)
    else:
        connection.exec_driver_sql(_ON_POSTGRESQL, (row.at, *row.columns))
        if along is not None:
            connection.exec_driver_sql(along.on_postgresql, along.values)


@lru_cache(maxsize=100)
def _with_openings(beside: str, count: int) -> str:
    """The statement for an event with so many openings. PostgreSQL plans each such text once only.

    A list of any length in one parameter would have it plan anew for every event.
    """
    rows = ", ".join(["(%s, %s, %s)"] * count)
    return (
        f"WITH added AS ({_ON_POSTGRESQL} RETURNING id){beside} "  # noqa: S608 - likewise
        "INSERT INTO event_private (event_id, field, salt, value) "
        f"SELECT added.id, p.* FROM added, (VALUES {rows}) AS p"
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
