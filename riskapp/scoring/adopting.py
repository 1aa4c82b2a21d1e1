"""Schemes of the organisation's own: made, adopted, and left again for an earlier one.

A scheme that was made never changes, and its name is never used again. Which one is scored by is
what was adopted last; until something is, it is `std-1`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.audit.service import About, Actor, record
from riskapp.core.canonical import digest
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.scoring.models import SchemeAdoption, StoredScheme
from riskapp.scoring.schemes import (
    STANDARD,
    Scheme,
    read_scheme,
    same_numbers,
    scheme_document,
)
from riskapp.scoring.wishes import SchemeRefused, Wish, checked

PAGE = 20
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Adoption:
    """From when on a scheme is scored by; `who` is None where it was the command line."""

    number: int
    name: str
    reason: str
    who: str | None
    at: datetime


def scheme_now(session: Session) -> Scheme:
    """The scheme that is scored by now. One statement."""
    row = session.execute(
        select(SchemeAdoption.name, StoredScheme.document)
        .outerjoin(StoredScheme, StoredScheme.name == SchemeAdoption.name)
        .order_by(SchemeAdoption.number.desc())
        .limit(1)
    ).first()
    return STANDARD if row is None else _scheme(row[0], row[1])


def scheme_named(session: Session, name: str) -> Scheme | None:
    """`std-1`, or a scheme that was made here; None for any other name. One statement at most."""
    if name == STANDARD.name:
        return STANDARD
    row = session.get(StoredScheme, name)
    return None if row is None else _scheme(name, row.document)


def history(
    session: Session, *, name: str | None = None, before: int | None = None
) -> list[Adoption]:
    """What was adopted, the newest first: a page of it, before the number `before`.

    With a `name`, when that scheme was. One statement.
    """
    query = (
        select(
            SchemeAdoption.number,
            SchemeAdoption.name,
            SchemeAdoption.reason,
            Person.name,
            SchemeAdoption.at,
        )
        .outerjoin(Person, Person.id == SchemeAdoption.person_id)
        .order_by(SchemeAdoption.number.desc())
        .limit(PAGE)
    )
    if before is not None:
        query = query.where(SchemeAdoption.number < before)
    if name is not None:
        query = query.where(SchemeAdoption.name == name)
    return [Adoption(*row) for row in session.execute(query)]


def checked_here(
    session: Session, name: str, wish: Wish, domains: Mapping[str, Collection[int]]
) -> Scheme:
    """The scheme, as far as it can be made here. Three statements.

    Raises SchemeRefused: beside all that `checked` refuses, for a name or numbers that another
    scheme has.
    """
    scheme = checked(name, wish, domains)
    made = session.execute(select(StoredScheme.name, StoredScheme.document)).all()
    if name in {row.name for row in made}:
        free = f"{name.rpartition('-')[0]}-{_next_number(name, [row.name for row in made])}"
        raise SchemeRefused(
            {"name": f"{name} is made already, and never changes. Take another name, like {free}."}
        )
    for row in made:
        if same_numbers(scheme, read_scheme(row.name, row.document)):
            words = f"These are the numbers of {row.name}. Adopt that one, or change something."
            raise SchemeRefused({"": words})
    return scheme


def make_and_adopt(
    name: str,
    wish: Wish,
    domains: Mapping[str, Collection[int]],
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> Scheme:
    """Makes a scheme of the organisation's own, and scores by it from now on.

    Scores that stand are not touched: `rescoring.rescore` makes the new ones. Raises
    SchemeRefused, FieldRefused for the reason.
    """
    reason = checked_reason(reason)
    with transaction() as session:
        _alone(session)
        scheme = checked_here(session, name, wish, domains)
        document = scheme_document(scheme)
        person_id = actor.id if actor.kind == "person" else None
        session.add(
            StoredScheme(name=name, document=document, reason=reason, person_id=person_id, at=now)
        )
        session.flush()
        record(
            session,
            "scheme:make",
            About(name),
            actor=actor,
            now=now,
            sha256=digest(document),
            private={"reason": reason},
        )
        _adopt(session, scheme, reason, actor=actor, now=now)
    return scheme


def adopt(name: str, reason: str, *, actor: Actor, now: datetime) -> Scheme:
    """Scores by `std-1`, or by a scheme that was made before, from now on.

    Raises NotFound for a name that there is not, FieldRefused for the scheme in use and for the
    reason.
    """
    reason = checked_reason(reason)
    with transaction() as session:
        _alone(session)
        scheme = scheme_named(session, name)
        if scheme is None:
            raise NotFound
        if scheme_now(session).name == name:
            raise FieldRefused("", f"{name} is scored by already.")
        _adopt(session, scheme, reason, actor=actor, now=now)
    return scheme


def checked_reason(words: str) -> str:
    """Raises FieldRefused for none, and for too long a one."""
    reason = words.replace("\0", " ").strip()  # PostgreSQL cannot keep U+0000
    if not reason:
        raise FieldRefused("reason", "Say why, for whoever has to defend a score later.")
    if len(reason) > LONGEST_REASON:
        raise FieldRefused("reason", f"Use at most {LONGEST_REASON} characters.")
    return reason


def _alone(session: Session) -> None:
    """Nobody else makes or adopts a scheme before the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":  # on SQLite all writers queue
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("scheme"))))


def _adopt(session: Session, scheme: Scheme, reason: str, *, actor: Actor, now: datetime) -> None:
    before = scheme_now(session).name
    row = SchemeAdoption(
        name=scheme.name,
        reason=reason,
        person_id=actor.id if actor.kind == "person" else None,
        at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        "scheme:adopt",
        About(scheme.name),
        actor=actor,
        now=now,
        number=row.number,
        before=before,
        private={"reason": reason},
    )


def _scheme(name: str, document: str | None) -> Scheme:
    return STANDARD if document is None else read_scheme(name, document)


def _next_number(name: str, taken: Collection[str]) -> int:
    stem, _, number = name.rpartition("-")
    found = int(number) + 1
    while f"{stem}-{found}" in taken:
        found += 1
    return found
