"""People and their sessions."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.accounts.models import ERASED, ERASED_NAME, Person, SignInSession
from riskapp.accounts.passwords import hashed, matches, new_password, refuse_weak
from riskapp.accounts.permissions import Role
from riskapp.audit.service import About, Actor, forget_person, record
from riskapp.core.db import forget_deleted, transaction
from riskapp.core.errors import FieldRefused, NotFound, Refusal
from riskapp.core.ids import new_id
from riskapp.core.tokens import new_token, token_hash

# Without what parts or quotes addresses in a mail's head: "vera,otto@example.com" are two.
_NAME = r"[^@\s<>()\[\]\\,;:\".]+(?:\.[^@\s<>()\[\]\\,;:\".]+)*"
EMAIL = re.compile(rf"(?=.{{1,64}}@){_NAME}@(?:localhost|(?=.*\..{{2,}}$){_NAME})")


LONGEST_EMAIL = 254

Forget = Callable[[Session, str, str], None]
"""Erases what another room wrote down of somebody, by id and name, in the caller's transaction."""


class SignInRefused(Refusal):
    """Name or password is wrong, or the account is closed: which of them is not told."""


class LastAdministrator(Refusal):
    """Somebody must remain who can let people in."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    id: str
    email: str
    password: str = field(repr=False)
    """Shown once, to be handed over and changed."""


def checked_email(text: str, *, field: str = "email") -> str:
    """The address in the form in which it is stored and compared. Raises FieldRefused."""
    email = text.strip().lower()
    if not EMAIL.fullmatch(email) or len(email) > LONGEST_EMAIL or not email.isprintable():
        raise FieldRefused(field, "Enter one e-mail address, like vera@example.com.")
    return email


def add_person(
    *,
    email: str,
    name: str,
    role: Role,
    actor: Actor,
    now: datetime,
    password: str | None = None,
) -> NewPerson:
    """Lets somebody in. Without `password` a random one is made. Raises FieldRefused."""
    email = checked_email(email)
    name = name.strip() or email.partition("@")[0]
    if password is None:
        password = new_password()
    else:
        refuse_weak(password, about=[email, name])
    stored = hashed(password)
    try:
        return _added(email, name, role, stored, password, actor=actor, now=now)
    except IntegrityError:  # two at once on PostgreSQL: the other one has the address
        raise _taken(email) from None


def _taken(email: str) -> FieldRefused:
    return FieldRefused("email", f"{email} has an account already.")


def _added(
    email: str, name: str, role: Role, stored: str, password: str, *, actor: Actor, now: datetime
) -> NewPerson:
    with transaction() as session:
        if session.scalar(select(Person.id).where(Person.email == email)):
            raise _taken(email)
        person = Person(
            id=new_id(),
            email=email,
            name=name[:200],
            role=role,
            password_hash=stored,
            active=True,
            created_at=now,
        )
        session.add(person)
        session.flush()
        record(
            session,
            "person:add",
            About(person.id),
            actor=actor,
            now=now,
            private={"name": person.name, "email": email},
            role=role,
        )
        return NewPerson(person.id, email, password)


def set_active(person_id: str, *, active: bool, actor: Actor, now: datetime) -> None:
    """Closes an account, ending its sessions, or opens it again."""
    with transaction() as session:
        person = _person(session, person_id)
        if not active and person.role == Role.ADMINISTRATOR:
            _refuse_last(session, person_id)
        if person.active == active:
            return
        person.active = active
        if not active:
            _end_sessions(session, person_id, now)
        verb = "person:open" if active else "person:close"
        record(session, verb, About(person.id), actor=actor, now=now)


def erase_person(
    person_id: str, *, actor: Actor, now: datetime, elsewhere: Forget | None = None
) -> None:
    """Erases name, address, password and sessions of somebody, and who it was that did things.

    The events stay, and what vouches for them stays valid: they only commit to what is erased. So
    does what the person wrote in the organisation's name. `elsewhere` is for the rooms above; see
    `custody.people`. Raises LastAdministrator, NotFound.
    """
    with transaction() as session:
        person = _person(session, person_id)
        if person.role == Role.ADMINISTRATOR:
            _refuse_last(session, person_id)
        # Held, lest the person signs in meanwhile; behind the administrators, as everybody does.
        session.refresh(person, with_for_update=True)
        if person.email.startswith(ERASED):
            raise NotFound
        if elsewhere is not None:
            elsewhere(session, person_id, person.name)
        person.email, person.name = f"{ERASED}{person_id}", ERASED_NAME
        person.password_hash, person.active = "", False
        session.flush()
        session.execute(delete(SignInSession).where(SignInSession.person_id == person_id))
        forget_person(session, person_id)
        record(session, "person:erase", About(person_id), actor=actor, now=now)
    forget_deleted()


def _refuse_last(session: Session, person_id: str) -> None:
    """Locks all administrators: two who close each other at once would leave nobody."""
    active = session.scalars(
        select(Person.id)
        .where(Person.role == Role.ADMINISTRATOR, Person.active)
        .order_by(Person.id)
        .with_for_update()
    )
    if set(active) <= {person_id}:
        raise LastAdministrator


def reset_password(person_id: str, *, actor: Actor, now: datetime) -> NewPerson:
    """Gives somebody a new random password and ends all their sessions."""
    password = new_password()
    stored = hashed(password)
    with transaction() as session:
        person = _person(session, person_id)
        person.password_hash = stored
        _end_sessions(session, person_id, now)
        record(session, "person:reset-password", About(person.id), actor=actor, now=now)
        return NewPerson(person.id, person.email, password)


def change_password(
    person_id: str, *, old: str, new: str, keep_session: str, now: datetime
) -> None:
    """A person's own change; ends every other session. Raises FieldRefused."""
    with transaction() as session:
        person = _person(session, person_id)
        before, about = person.password_hash, [person.email, person.name]
    if not matches(before, old):
        raise FieldRefused("old", "This is not your present password.")
    refuse_weak(new, about=about)
    stored = hashed(new)
    with transaction() as session:
        person = _person(session, person_id)
        person.password_hash = stored
        _end_sessions(session, person_id, now, but=keep_session)
        record(
            session,
            "person:change-password",
            About(person_id),
            actor=Actor("person", person_id),
            now=now,
        )


def sign_in(*, email: str, password: str, agent: str, now: datetime, lasts: timedelta) -> str:
    """Opens a session and gives its token. Raises SignInRefused."""
    wanted = email.strip().lower()
    with transaction() as session:
        # No address holds U+0000, and PostgreSQL refuses to look for one.
        person = session.scalar(select(Person).where(Person.email == wanted.replace("\0", " ")))
        stored = person.password_hash if person and person.active else None
    if not matches(stored, password) or person is None:
        raise SignInRefused
    token = new_token()
    with transaction() as session:
        # The password was checked without a lock: a reset or a closing meanwhile has the last word.
        now_stored = session.scalar(
            select(Person.password_hash)
            .where(Person.id == person.id, Person.active)
            .with_for_update(read=True)
        )
        if now_stored != stored:
            raise SignInRefused
        opened = SignInSession(
            id=new_id(),
            token_hash=token_hash(token),
            person_id=person.id,
            agent=agent[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + lasts,
            ended_at=None,
        )
        session.add(opened)
        session.flush()
        record(
            session,
            "session:open",
            About(opened.id),
            actor=Actor("person", person.id),
            now=now,
        )
    return token


def sign_out(session_id: str, *, person_id: str, now: datetime) -> None:
    """Ends one of the person's own sessions. Raises NotFound for anybody else's."""
    with transaction() as session:
        ended = session.execute(
            update(SignInSession)
            .where(
                SignInSession.id == session_id,
                SignInSession.person_id == person_id,
                SignInSession.ended_at.is_(None),
            )
            .values(ended_at=now)
        )
        if ended.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
            raise NotFound
        actor = Actor("person", person_id)
        record(session, "session:end", About(session_id), actor=actor, now=now)


def touch(session_id: str, *, now: datetime) -> None:
    """Notes that a session is in use. Not a change anybody asks about: no event."""
    with transaction() as session:
        session.execute(
            update(SignInSession).where(SignInSession.id == session_id).values(seen_at=now)
        )


def _end_sessions(session: Session, person_id: str, now: datetime, but: str | None = None) -> None:
    session.execute(
        update(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != (but or ""),
        )
        .values(ended_at=now)
    )


def _person(session: Session, person_id: str) -> Person:
    person = session.get(Person, person_id)
    if person is None or person.email.startswith(ERASED):
        raise NotFound
    return person
