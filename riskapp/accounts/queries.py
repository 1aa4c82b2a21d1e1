from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.accounts.models import ERASED, Person, SignInSession
from riskapp.accounts.permissions import Role
from riskapp.core.tokens import token_hash


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person before the screen, and the session that says so."""

    id: str
    name: str
    email: str
    role: Role
    session_id: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: str
    name: str
    email: str
    role: Role
    active: bool
    created_at: datetime

    @property
    def erased(self) -> bool:
        return self.email.startswith(ERASED)


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    agent: str
    created_at: datetime
    seen_at: datetime


def signed_in(session: Session, token: str, *, now: datetime, idle: timedelta) -> SignedIn | None:
    """Who holds this session token, if it is neither ended, expired nor idle for too long."""
    row = session.execute(
        select(
            Person.id,
            Person.name,
            Person.email,
            Person.role,
            SignInSession.id,
            SignInSession.seen_at,
        )
        .join(SignInSession, SignInSession.person_id == Person.id)
        .where(
            SignInSession.token_hash == token_hash(token),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            SignInSession.seen_at > now - idle,
            Person.active,
        )
    ).first()
    if row is None:
        return None
    return SignedIn(row[0], row[1], row[2], Role(row[3]), row[4], row[5])


def sessions_of(
    session: Session, person_id: str, *, now: datetime, idle: timedelta
) -> Sequence[SessionRow]:
    rows = session.execute(
        select(
            SignInSession.id, SignInSession.agent, SignInSession.created_at, SignInSession.seen_at
        )
        .where(
            SignInSession.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            SignInSession.seen_at > now - idle,
        )
        .order_by(SignInSession.seen_at.desc())
        .limit(100)
    )
    return [SessionRow(*row) for row in rows]


def people(
    session: Session, *, role: Role | None = None, after: str = "", limit: int = 50
) -> Sequence[PersonRow]:
    """People in the order of their addresses, a page of them behind the address `after`.

    Without those who were erased.
    """
    query = (
        select(Person.id, Person.name, Person.email, Person.role, Person.active, Person.created_at)
        .where(Person.email > after, Person.email.not_like(f"{ERASED}%"))
        .order_by(Person.email)
        .limit(limit)
    )
    if role is not None:
        query = query.where(Person.role == role, Person.active)
    return [
        PersonRow(row[0], row[1], row[2], Role(row[3]), row[4], row[5])
        for row in session.execute(query)
    ]


def person(session: Session, person_id: str) -> PersonRow | None:
    row = session.execute(
        select(
            Person.id, Person.name, Person.email, Person.role, Person.active, Person.created_at
        ).where(Person.id == person_id)
    ).first()
    return None if row is None else PersonRow(row[0], row[1], row[2], Role(row[3]), row[4], row[5])


def person_with(session: Session, email: str) -> PersonRow | None:
    """Whoever signs in with this address."""
    wanted = email.strip().lower().replace("\0", " ")  # PostgreSQL refuses to look for U+0000
    found = session.scalar(select(Person.id).where(Person.email == wanted))
    row = None if found is None else person(session, found)
    return None if row is None or row.erased else row


def names(session: Session, ids: set[str]) -> Mapping[str, str]:
    """Display names by person id, in one statement."""
    if not ids:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row[0]: row[1] for row in rows}
