"""What auditors ask to see beside what is granted, and what officers answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from riskapp.accounts.models import Person
from riskapp.accounts.permissions import Role
from riskapp.assessments.access import knows
from riskapp.assessments.errors import AlreadyAnswered
from riskapp.assessments.grants import Wish, give
from riskapp.assessments.models import AccessRequest, Assessment
from riskapp.audit.service import About, Actor, record
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.vendors.models import Engagement, Vendor

PAGE = 50
LONGEST_WISH = LONGEST_ANSWER = 2000
MOST_OPEN = 20
"""So many requests of one auditor wait at a time."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about, with the names that it is called by; nothing: nothing named."""

    vendor_id: str | None = None
    assessment_id: str | None = None
    vendor_name: str = ""
    engagement_title: str = ""
    cycle: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits; `anew` unless the same one did already."""

    id: str
    anew: bool


@dataclass(frozen=True, slots=True)
class RequestRow:
    id: str
    person_id: str
    person_name: str
    person_active: bool
    vendor_id: str | None
    vendor_name: str | None
    assessment_id: str | None
    engagement_title: str | None
    cycle: int | None
    wish: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by_name: str | None
    answer: str
    grant_id: str | None
    """What was granted on it; None where words were all."""


def target(
    session: Session,
    person_id: str,
    *,
    vendor_id: str | None = None,
    assessment_id: str | None = None,
    today: date,
) -> Target:
    """What an auditor wants to ask for. Raises NotFound for what they do not know to exist."""
    if assessment_id is not None:
        found = _assessment(session, assessment_id)
    elif vendor_id is not None:
        name = session.scalar(select(Vendor.name).where(Vendor.id == vendor_id))
        found = None if name is None else Target(vendor_id, None, name)
    else:
        return Target()
    if found is None or found.vendor_id is None:
        raise NotFound
    if not knows(session, person_id, found.vendor_id, found.assessment_id, today=today):
        raise NotFound
    return found


def _assessment(session: Session, assessment_id: str) -> Target | None:
    row = session.execute(
        select(Assessment.vendor_id, Assessment.id, Vendor.name, Engagement.title, Assessment.cycle)
        .join(Vendor, Vendor.id == Assessment.vendor_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .where(Assessment.id == assessment_id)
    ).first()
    return None if row is None else Target(*row)


def ask(
    person_id: str, wish: str, *, vendor_id: str | None, assessment_id: str | None, now: datetime
) -> Asked:
    """An auditor asks for more. Asked twice, as by a second press, it is one request.

    Raises FieldRefused; NotFound for what the auditor does not know to exist.
    """
    words = _words("wish", wish, LONGEST_WISH, "Say what you want to see, and what for.")
    with transaction() as session:
        person = session.get(Person, person_id, with_for_update=True)  # so does a second press
        if person is None or person.role != Role.AUDITOR or not person.active:
            raise NotFound
        found = target(
            session,
            person_id,
            vendor_id=vendor_id,
            assessment_id=assessment_id,
            today=now.date(),
        )
        waiting = _waiting(session, person_id)
        same = waiting.get((found.vendor_id, found.assessment_id, words))
        if same is not None:
            return Asked(same, anew=False)
        if len(waiting) >= MOST_OPEN:
            raise FieldRefused(
                "wish", f"{MOST_OPEN} of your requests wait for an answer. Ask again after it."
            )
        row = AccessRequest(
            id=new_id(),
            person_id=person_id,
            vendor_id=found.vendor_id,
            assessment_id=found.assessment_id,
            wish=words,
            asked_at=now,
            answered_at=None,
            answered_by=None,
            answer="",
            grant_id=None,
        )
        session.add(row)
        session.flush()
        record(
            session,
            "request:ask",
            About(row.id, row.vendor_id, row.assessment_id),
            actor=Actor("person", person_id),
            now=now,
            private={"wish": words},
        )
        return Asked(row.id, anew=True)


def _waiting(session: Session, person_id: str) -> dict[tuple[str | None, str | None, str], str]:
    """The requests that wait for an answer: ids by vendor, assessment and wish."""
    rows = session.scalars(
        select(AccessRequest).where(
            AccessRequest.person_id == person_id, AccessRequest.answered_at.is_(None)
        )
    )
    return {(row.vendor_id, row.assessment_id, row.wish): row.id for row in rows}


def grant_request(request_id: str, wish: Wish, words: str, *, actor: Actor, now: datetime) -> str:
    """Grants what was asked for, or what the officer makes of it; gives the grant's id.

    The person of the wish is the one who asked, whoever it names. Of a request that names a vendor,
    that vendor or one of its assessments can be granted; of another, the population list.
    Raises FieldRefused, AlreadyAnswered; NotFound for what does not belong together.
    """
    said = _words("answer", words, LONGEST_ANSWER, "")
    with transaction() as session:
        row = _open(session, request_id)
        if wish.vendor_id != row.vendor_id:
            raise NotFound
        given = give(session, replace(wish, person_id=row.person_id), actor=actor, now=now)
        _answer(session, row, said, given, actor=actor, now=now)
        return given


def answer_request(request_id: str, words: str, *, actor: Actor, now: datetime) -> None:
    """Answers in words, and grants nothing. Raises FieldRefused, AlreadyAnswered, NotFound."""
    said = _words("answer", words, LONGEST_ANSWER, "Say why nothing is granted on this request.")
    with transaction() as session:
        _answer(session, _open(session, request_id), said, None, actor=actor, now=now)


def _open(session: Session, request_id: str) -> AccessRequest:
    """The request, for this transaction alone: two officers who answer at once are told apart."""
    row = session.get(AccessRequest, request_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        raise AlreadyAnswered(request_id)
    return row


def _answer(
    session: Session,
    row: AccessRequest,
    words: str,
    grant_id: str | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    row.answer, row.grant_id = words, grant_id
    row.answered_at, row.answered_by = now, actor.id
    record(
        session,
        "request:answer",
        About(row.id, row.vendor_id, row.assessment_id),
        actor=actor,
        now=now,
        private={"answer": words},
        grant=grant_id,
    )


def _words(field: str, written: str, longest: int, needed: str) -> str:
    """Words as they are kept; `needed` is said where there must be some. Raises FieldRefused."""
    words = written.replace("\0", " ").replace("\r\n", "\n").strip()
    if needed and not words:
        raise FieldRefused(field, needed)
    if len(words) > longest:
        raise FieldRefused(field, f"Use at most {longest} characters.")
    return words


def _select() -> Select[*tuple[Any, ...]]:
    officer = aliased(Person)
    return (
        select(
            AccessRequest.id,
            AccessRequest.person_id,
            Person.name,
            Person.active,
            AccessRequest.vendor_id,
            Vendor.name,
            AccessRequest.assessment_id,
            Engagement.title,
            Assessment.cycle,
            AccessRequest.wish,
            AccessRequest.asked_at,
            AccessRequest.answered_at,
            officer.name,
            AccessRequest.answer,
            AccessRequest.grant_id,
        )
        .join(Person, Person.id == AccessRequest.person_id)
        .outerjoin(officer, officer.id == AccessRequest.answered_by)
        .outerjoin(Vendor, Vendor.id == AccessRequest.vendor_id)
        .outerjoin(Assessment, Assessment.id == AccessRequest.assessment_id)
        .outerjoin(Engagement, Engagement.id == Assessment.engagement_id)
    )


def request_by_id(session: Session, request_id: str) -> RequestRow | None:
    row = session.execute(_select().where(AccessRequest.id == request_id)).first()
    return None if row is None else RequestRow(*row)


def requests(
    session: Session,
    *,
    person_id: str | None = None,
    answered: bool | None = None,
    before: tuple[datetime, str] | None = None,
) -> Sequence[RequestRow]:
    """Requests, newest first: somebody's, those that wait, or not; a page behind (asked_at, id)."""
    query = _select()
    if person_id is not None:
        query = query.where(AccessRequest.person_id == person_id)
    if answered is not None:
        over = AccessRequest.answered_at.is_not(None)
        query = query.where(over if answered else ~over)
    if before is not None:
        query = query.where(tuple_(AccessRequest.asked_at, AccessRequest.id) < tuple_(*before))
    query = query.order_by(AccessRequest.asked_at.desc(), AccessRequest.id.desc()).limit(PAGE)
    return [RequestRow(*row) for row in session.execute(query)]


def count_waiting(session: Session) -> int:
    """How many requests no officer has answered yet."""
    query = select(func.count()).where(AccessRequest.answered_at.is_(None))
    return session.scalar(query) or 0
