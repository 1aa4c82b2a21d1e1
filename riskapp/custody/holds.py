"""Legal holds: what nobody may destroy, neither a person nor a rule of retention."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.audit.service import About, Actor, record
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.custody.errors import HoldLifted, UnderHold
from riskapp.custody.queries import was_there
from riskapp.evidence.models import LegalHold
from riskapp.vendors.models import Vendor

LONGEST_REASON = 1000


def place(
    vendor_id: str, evidence_id: str | None, *, reason: str, person_id: str, now: datetime
) -> str:
    """Holds one file with all its versions, or (None) all of a vendor; gives the hold's id.

    Several holds may lie on one thing: it is free when the last one is lifted. A second press of
    the button, the same person's hold for the same reason, gives the one that is there. Raises
    FieldRefused, NotFound.
    """
    reason = _checked(reason, "Say why it is held, such as the proceedings that need it.")
    with transaction() as session:
        _hold_vendor(session, vendor_id)
        if evidence_id is not None and not was_there(session, vendor_id, evidence_id):
            raise NotFound
        there = _same(session, vendor_id, evidence_id, reason, person_id)
        if there is not None:
            return there
        hold = LegalHold(
            id=new_id(),
            vendor_id=vendor_id,
            evidence_id=evidence_id,
            reason=reason,
            placed_by=person_id,
            placed_at=now,
            lifted_by=None,
            lifted_at=None,
            lift_reason="",
        )
        session.add(hold)
        session.flush()
        record(
            session,
            "hold:place",
            About(hold.id, vendor_id),
            actor=Actor("person", person_id),
            now=now,
            private={"reason": reason},
            evidence=evidence_id,
        )
        return hold.id


def _same(
    session: Session, vendor_id: str, evidence_id: str | None, reason: str, person_id: str
) -> str | None:
    return session.scalar(
        select(LegalHold.id).where(
            LegalHold.vendor_id == vendor_id,
            LegalHold.evidence_id.is_(None)
            if evidence_id is None
            else LegalHold.evidence_id == evidence_id,
            LegalHold.reason == reason,
            LegalHold.placed_by == person_id,
            LegalHold.lifted_at.is_(None),
        )
    )


def lift(vendor_id: str, hold_id: str, *, reason: str, person_id: str, now: datetime) -> None:
    """Ends a hold. Raises FieldRefused, HoldLifted, NotFound."""
    reason = _checked(reason, "Say why it is not needed any more.")
    with transaction() as session:
        _hold_vendor(session, vendor_id)
        hold = session.get(LegalHold, hold_id)
        if hold is None or hold.vendor_id != vendor_id:
            raise NotFound
        if hold.lifted_at is not None:
            raise HoldLifted
        hold.lifted_by, hold.lifted_at, hold.lift_reason = person_id, now, reason
        session.flush()
        record(
            session,
            "hold:lift",
            About(hold.id, vendor_id),
            actor=Actor("person", person_id),
            now=now,
            private={"reason": reason},
            evidence=hold.evidence_id,
        )


def refuse_held(session: Session, vendor_id: str, evidence_ids: Collection[str] | None) -> None:
    """Raises UnderHold where a hold lies on the vendor, or on one of these files.

    None: on any of its files. Whoever destroys holds the vendor's row and asks then.
    """
    query = (
        select(LegalHold)
        .where(LegalHold.vendor_id == vendor_id, LegalHold.lifted_at.is_(None))
        .order_by(LegalHold.placed_at, LegalHold.id)
    )
    for hold in session.scalars(query):
        everything = hold.evidence_id is None or evidence_ids is None
        if everything or hold.evidence_id in (evidence_ids or ()):
            raise UnderHold(hold.reason, hold.placed_at, hold.evidence_id)


def _checked(reason: str, missing: str) -> str:
    reason = " ".join(reason.replace("\0", " ").split())  # PostgreSQL cannot keep U+0000
    if not reason:
        raise FieldRefused("reason", missing)
    if len(reason) > LONGEST_REASON:
        raise FieldRefused("reason", f"Use at most {LONGEST_REASON} characters.")
    return reason


def _hold_vendor(session: Session, vendor_id: str) -> None:
    """Waits for an erasure that is at it, and keeps the next one waiting."""
    query = select(Vendor.id).where(Vendor.id == vendor_id).with_for_update()
    if session.scalar(query) is None:
        raise NotFound
