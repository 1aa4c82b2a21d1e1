"""The trail as people read it: by vendor, assessment, object or person, newest first.

A page is found by ids alone, through the index of what it is about, and only then read: so that
ten thousand events cost what ten do.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, literal_column, or_, select, union
from sqlalchemy.orm import Session, aliased

from riskapp.audit.merkle import leaf_hash
from riskapp.audit.models import ACTOR, Event, EventPrivate, LogEntry
from riskapp.audit.queries import PAGE, private

NOBODY = frozenset({"clock", "operator", "respondent"})
"""Kinds of actor that can be asked for as such, beside one person or one link."""

_IS_ACTOR = EventPrivate.field == literal_column(f"'{ACTOR}'")
"""Spelled out, for the index of actors holds only these."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; what is not said does not matter."""

    vendor_id: str | None = None
    assessment_id: str | None = None
    objects: Collection[str] = ()
    """About any of these objects."""
    person_id: str | None = None
    """By this person, or about their account."""
    types: Collection[str] | None = None
    only_where: Mapping[str, str] = field(default_factory=dict)
    """Of these types, only events whose canonical body holds a piece of text."""
    actor: str | None = None
    """An id, or one of NOBODY."""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that does not belong to it any more."""
    question: str | None = None
    of_no_vendor: bool = False
    """Leaves out what concerns a vendor."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is told: with its place in the log, and what it commits to."""

    id: int
    number: int | None
    """Its place in the log, counted from 0; None until it is put there."""
    leaf: str
    """RFC 6962's leaf hash of the body, in hex."""
    at: datetime
    type: str
    object_id: str
    actor_kind: str
    vendor_id: str | None
    assessment_id: str | None
    body: str
    opened: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Salt and value of what the body commits to, as far as it was not erased."""

    @property
    def actor_id(self) -> str | None:
        """None for the clock and the command line, and for whoever was erased."""
        return self.opened[ACTOR][1] if ACTOR in self.opened else None

    def value(self, name: str) -> str | None:
        return self.opened[name][1] if name in self.opened else None


def entries(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int = PAGE
) -> Sequence[Entry]:
    """So many events, newest first, of those before the id `before`. Two statements."""
    page = _page(wanted, before, limit).subquery()
    rows = session.execute(
        select(
            Event.id,
            LogEntry.number,
            LogEntry.leaf,
            Event.at,
            Event.type,
            Event.object_id,
            Event.actor_kind,
            Event.vendor_id,
            Event.assessment_id,
            Event.body,
        )
        .join(page, page.c.id == Event.id)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .order_by(Event.id.desc())
    ).all()
    opened = private(session, [row.id for row in rows])
    return [_entry(row, opened.get(row.id, {})) for row in rows]


def _entry(row: Row[*tuple[Any, ...]], opened: Mapping[str, tuple[str, str]]) -> Entry:
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    leaf = row.leaf or leaf_hash(row.body.encode()).hex()
    return Entry(**{**known, "leaf": leaf, "opened": opened})


def _page(wanted: Wanted, before: int | None, limit: int) -> Select[Any]:
    """The ids of one page."""
    if wanted.person_id is None:
        return (_done_by_one if _is_by_one(wanted) else _whatever)(wanted, before).limit(limit)
    # Each by its own index, and no more of either than the page can hold.
    did = _done_by(wanted.person_id, _conditions(wanted, None), before)
    about = _whatever(replace(wanted, objects=[wanted.person_id]), before)
    parts = [one.limit(limit).subquery() for one in (did, about)]
    both = union(*(select(part.c.id) for part in parts)).subquery()
    return select(both.c.id).order_by(both.c.id.desc()).limit(limit)


def _whatever(wanted: Wanted, before: int | None) -> Select[Any]:
    query = select(Event.id.label("id")).where(*_conditions(wanted, before))
    return query.order_by(Event.id.desc())


def _is_by_one(wanted: Wanted) -> bool:
    """Whether nothing but the index of actors narrows it: not one vendor, not one assessment."""
    nobody = wanted.actor is None or wanted.actor in NOBODY
    return not (nobody or wanted.vendor_id or wanted.assessment_id or wanted.objects)


def _done_by_one(wanted: Wanted, before: int | None) -> Select[Any]:
    return _done_by(wanted.actor or "", _conditions(replace(wanted, actor=None), None), before)


def _done_by(actor: str, rest: Sequence[ColumnElement[bool]], before: int | None) -> Select[Any]:
    did = (
        select(EventPrivate.event_id.label("id"))
        .where(_IS_ACTOR, EventPrivate.value == actor)
        .order_by(EventPrivate.event_id.desc())
    )
    if before is not None:
        did = did.where(EventPrivate.event_id < before)
    return did.join(Event, Event.id == EventPrivate.event_id).where(*rest) if rest else did


def _conditions(wanted: Wanted, before: int | None) -> list[ColumnElement[bool]]:
    conditions: tuple[tuple[object, Callable[[], ColumnElement[bool]]], ...] = (
        (before, lambda: Event.id < before),
        (wanted.vendor_id, lambda: Event.vendor_id == wanted.vendor_id),
        (wanted.assessment_id, lambda: Event.assessment_id == wanted.assessment_id),
        (wanted.objects or None, lambda: Event.object_id.in_(wanted.objects)),
        (wanted.types, lambda: Event.type.in_(wanted.types or ())),
        (wanted.only_where or None, lambda: _says(wanted.only_where)),
        (wanted.since, lambda: Event.at >= wanted.since),
        (wanted.until, lambda: Event.at < wanted.until),
        (wanted.of_no_vendor or None, lambda: Event.vendor_id.is_(None)),
        (wanted.question, lambda: _names_question(wanted.question or "")),
        (wanted.actor, lambda: _by(wanted.actor or "")),
    )
    return [condition() for asked, condition in conditions if asked is not None]


def _by(actor: str) -> ColumnElement[bool]:
    if actor in NOBODY:
        return Event.actor_kind == actor
    who = aliased(EventPrivate)  # the page itself may look through the same table
    return exists().where(who.event_id == Event.id, who.field == ACTOR, who.value == actor)


def _says(pieces: Mapping[str, str]) -> ColumnElement[bool]:
    says = [
        and_(Event.type == type_, Event.body.contains(piece, autoescape=True))
        for type_, piece in pieces.items()
    ]
    return or_(Event.type.not_in(pieces), *says)


def _names_question(question: str) -> ColumnElement[bool]:
    """By the canonical text, where a member is always written alike; objects are `<id>/<question>`.

    What was sent back names several.
    """
    one = Event.body.contains(f'"question":"{question}"', autoescape=True)
    in_object = Event.body.contains(f'/{question}"', autoescape=True)
    several = and_(
        Event.type == "assessment:returned", Event.body.contains(f'"{question}"', autoescape=True)
    )
    return or_(one, in_object, several)
