"""The register: vendors, their contacts, and what is bought from them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.accounts.service import checked_email
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.answers import AnswerRefused, canonical_value
from riskapp.catalogue.model import Release
from riskapp.core.canonical import digest
from riskapp.core.countries import is_country
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.vendors.errors import EngagementEnded, EngagementLive
from riskapp.vendors.intake import UNKNOWN, rate
from riskapp.vendors.models import Contact, Engagement, Intake, Vendor
from riskapp.vendors.standing import update_vendor

SERVICE_TYPES = (
    "development",
    "infrastructure",
    "soc",
    "helpdesk",
    "qa",
    "staff-augmentation",
    "saas",
    "consulting",
)


LONGEST_KEY = 400


@dataclass(frozen=True, slots=True)
class VendorDetails:
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class ContactDetails:
    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class EngagementDetails:
    """What is bought: service types, words, and the countries it is delivered from."""

    title: str
    description: str
    services: Sequence[str]
    delivered_from: Sequence[str]


def _line(text: str, field: str, what: str, longest: int = 200) -> str:
    line = " ".join(text.replace("\0", " ").split())  # PostgreSQL cannot keep U+0000
    if not line:
        raise FieldRefused(field, f"Enter {what}.")
    if len(line) > longest:
        raise FieldRefused(field, f"Use at most {longest} characters for {what}.")
    return line


def _country(code: str, field: str) -> str:
    if not is_country(code):
        raise FieldRefused(field, "Choose a country from the list.")
    return code


def register_vendor(
    details: VendorDetails, contacts: Sequence[ContactDetails], *, actor: Actor, now: datetime
) -> str:
    """Adds a vendor with its contacts; gives its id. Raises FieldRefused."""
    name = _line(details.name, "name", "the vendor's name")
    vendor = Vendor(
        id=new_id(),
        name=name,
        name_key=_key(name),
        created_at=now,
        country=_country(details.country, "country"),
    )
    rows = [_contact(vendor.id, contact) for contact in contacts]
    with _one_of_a_name(), transaction() as session:
        session.add(vendor)
        session.flush()
        session.add_all(rows)
        session.flush()
        record(
            session,
            "vendor:register",
            About(vendor.id, vendor.id),
            actor=actor,
            now=now,
            private={"name": vendor.name},
            country=vendor.country,
        )
        for row in rows:
            record(session, "contact:add", About(row.id, vendor.id), actor=actor, now=now)
    return vendor.id


@contextmanager
def _one_of_a_name() -> Iterator[None]:
    """A form sent twice, or a colleague who was faster, must not make a vendor two."""
    try:
        yield
    except IntegrityError as error:
        raise FieldRefused(
            "name", "A vendor of this name and country is registered already."
        ) from error


def _key(name: str) -> str:
    """What a vendor is sorted and searched by; folding makes some letters two or three."""
    return name.casefold()[:LONGEST_KEY]


def _contact(vendor_id: str, contact: ContactDetails) -> Contact:
    return Contact(
        id=new_id(),
        vendor_id=vendor_id,
        name=_line(contact.name, "contact_name", "the contact's name"),
        email=checked_email(contact.email, field="contact_email"),
        role=" ".join(contact.role.replace("\0", " ").split())[:200],
        removed_at=None,
    )


def edit_vendor(vendor_id: str, details: VendorDetails, *, actor: Actor, now: datetime) -> None:
    """Corrects name and country. Raises FieldRefused, NotFound."""
    name = _line(details.name, "name", "the vendor's name")
    country = _country(details.country, "country")
    with _one_of_a_name(), transaction() as session:
        vendor = _vendor(session, vendor_id)
        if (vendor.name, vendor.country) == (name, country):
            return
        vendor.name, vendor.name_key, vendor.country = name, _key(name), country
        record(
            session,
            "vendor:edit",
            About(vendor_id, vendor_id),
            actor=actor,
            now=now,
            private={"name": name},
            country=country,
        )


def add_contact(vendor_id: str, details: ContactDetails, *, actor: Actor, now: datetime) -> str:
    row = _contact(vendor_id, details)
    with transaction() as session:
        _vendor(session, vendor_id)
        session.add(row)
        session.flush()
        record(session, "contact:add", About(row.id, vendor_id), actor=actor, now=now)
    return row.id


def remove_contact(vendor_id: str, contact_id: str, *, actor: Actor, now: datetime) -> None:
    """Takes a contact off the vendor. Raises NotFound, also for another vendor's contact."""
    with transaction() as session:
        row = session.get(Contact, contact_id)
        if row is None or row.vendor_id != vendor_id:
            raise NotFound
        if row.removed_at is None:
            row.removed_at = now
            record(session, "contact:remove", About(contact_id, vendor_id), actor=actor, now=now)


def _checked(details: EngagementDetails) -> EngagementDetails:
    services = [known for known in SERVICE_TYPES if known in details.services]
    if not services or len(services) != len(set(details.services)):
        raise FieldRefused("services", "Choose at least one kind of service from the list.")
    return EngagementDetails(
        _line(details.title, "title", "a short name for what is bought"),
        details.description.replace("\0", "").strip()[:4000],
        services,
        sorted({_country(code, "delivered_from") for code in details.delivered_from}),
    )


def add_engagement(
    vendor_id: str, details: EngagementDetails, *, actor: Actor, now: datetime
) -> str:
    """Registers one service bought from a vendor; gives its id. Raises FieldRefused, NotFound."""
    checked = _checked(details)
    row = Engagement(
        id=new_id(),
        vendor_id=vendor_id,
        title=checked.title,
        description=checked.description,
        services=list(checked.services),
        delivered_from=list(checked.delivered_from),
        created_at=now,
        intake_number=None,
        inherent_score=None,
        inherent_tier=None,
        blocked=False,
    )
    with transaction() as session:
        _vendor(session, vendor_id, lock=True)
        _refuse_second(session, vendor_id, checked.title)
        session.add(row)
        session.flush()
        record(
            session,
            "engagement:add",
            About(row.id, vendor_id),
            actor=actor,
            now=now,
            services=list(checked.services),
        )
    return row.id


def _refuse_second(session: Session, vendor_id: str, title: str) -> None:
    """The same form may be sent twice; one vendor has one engagement of a name."""
    there = select(Engagement.id).where(
        Engagement.vendor_id == vendor_id, Engagement.title == title
    )
    if session.scalar(there) is not None:
        raise FieldRefused("title", "This vendor has an engagement of this name already.")


def edit_engagement(
    engagement_id: str, details: EngagementDetails, *, actor: Actor, now: datetime
) -> None:
    """Corrects what is bought; assessments already drawn up keep what they were drawn up for."""
    checked = _checked(details)
    with transaction() as session:
        row = session.get(Engagement, engagement_id)
        if row is None:
            raise NotFound
        row.title, row.description = checked.title, checked.description
        row.services, row.delivered_from = list(checked.services), list(checked.delivered_from)
        if not session.is_modified(row):
            return
        record(
            session,
            "engagement:edit",
            About(row.id, row.vendor_id),
            actor=actor,
            now=now,
            services=list(checked.services),
        )


def end_engagement(engagement_id: str, *, actor: Actor, now: datetime) -> None:
    """Ends an engagement: from now on it counts no more for its vendor.

    Its assessments stay as they are, also those that are open; no new ones are drawn up. Raises
    EngagementEnded where it had ended before; NotFound.
    """
    with transaction() as session:
        row = _engagement(session, engagement_id)
        if row.ended_at is not None:
            raise EngagementEnded(engagement_id)
        row.ended_at = now
        _stands_anew(session, row, "engagement:end", actor=actor, now=now)


def resume_engagement(engagement_id: str, *, actor: Actor, now: datetime) -> None:
    """Takes an ended engagement up again: it counts for its vendor as it was scored last.

    Raises EngagementLive where it has not ended; NotFound.
    """
    with transaction() as session:
        row = _engagement(session, engagement_id)
        if row.ended_at is None:
            raise EngagementLive(engagement_id)
        row.ended_at = None
        _stands_anew(session, row, "engagement:resume", actor=actor, now=now)


def _stands_anew(
    session: Session, row: Engagement, event: str, *, actor: Actor, now: datetime
) -> None:
    session.flush()
    update_vendor(session, row.vendor_id)
    record(session, event, About(row.id, row.vendor_id), actor=actor, now=now)


def save_intake(
    engagement_id: str,
    release: Release,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Saves the officer's answers and the inherent risk they give; returns the intake's number.

    `raw` maps question ids to values; `unknown` is taken for every weighed question. Raises
    FieldRefused naming the first question that is open or wrong; NotFound.
    """
    with transaction() as session:
        return save_intake_in(session, engagement_id, release, raw, actor=actor, now=now).number


def save_intake_in(
    session: Session,
    engagement_id: str,
    release: Release,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Intake:
    """As `save_intake`, in the caller's transaction: the engagement is held until that ends."""
    answers = checked_intake(release, raw)
    score, tier = rate(release, answers)
    engagement = _engagement(session, engagement_id)
    row = Intake(
        id=new_id(),
        engagement_id=engagement_id,
        number=(engagement.intake_number or 0) + 1,
        release_sha256=release.sha256,
        answers=answers,
        score=str(score),
        tier=tier,
        saved_by=actor.id,
        saved_at=now,
    )
    session.add(row)
    engagement.intake_number = row.number
    engagement.inherent_score, engagement.inherent_tier = row.score, tier
    engagement.services = list(answers["INT-01"])
    session.flush()
    record(
        session,
        "intake:save",
        About(row.id, engagement.vendor_id),
        actor=actor,
        now=now,
        engagement=engagement_id,
        number=row.number,
        digest=digest(answers),
        tier=tier,
    )
    return row


def checked_intake(release: Release, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in canonical form, all ten. Raises FieldRefused for the first that is not."""
    answers: dict[str, Any] = {}
    for question in release.questions.values():
        value = raw.get(question.id)
        if value is None or value == []:
            raise FieldRefused(question.id, f"Answer {question.id}, or choose “not known”.")
        if value == UNKNOWN and question.factor is not None:
            answers[question.id] = UNKNOWN
            continue
        try:
            answers[question.id] = canonical_value(question, value)
        except AnswerRefused as error:
            raise FieldRefused(question.id, error.problem) from error
    return answers


def _engagement(session: Session, engagement_id: str) -> Engagement:
    """The engagement, held against every other change. Raises NotFound."""
    row = session.get(Engagement, engagement_id, with_for_update=True)
    if row is None:
        raise NotFound
    return row


def _vendor(session: Session, vendor_id: str, *, lock: bool = False) -> Vendor:
    query = select(Vendor).where(Vendor.id == vendor_id)
    vendor = session.scalar(query.with_for_update() if lock else query)
    if vendor is None:
        raise NotFound
    return vendor
