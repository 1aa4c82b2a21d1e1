"""The fixed cast of every test, so that each permission test reads as a sentence."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from riskapp.accounts import service as accounts
from riskapp.accounts.permissions import Role
from riskapp.audit.service import OPERATOR, Actor
from riskapp.vendors import service as vendors
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails
from riskapp.web.ports import ports

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "grey heron over seven ponds"

INTAKE: dict[str, Any] = {
    "INT-01": ["development"],
    "INT-02": "confidential-or-personal",
    "INT-03": "under-100000",
    "INT-04": "production-or-admin",
    "INT-05": "up-to-a-day",
    "INT-06": "medium",
    "INT-07": "eea",
    "INT-08": "one",
    "INT-09": "product-code",
    "INT-10": "none",
}


@dataclass(frozen=True)
class Member:
    """Somebody who signs in, with a session that is open at `NOW`."""

    id: str
    email: str
    session: str

    @property
    def actor(self) -> Actor:
        return Actor("person", self.id)


@dataclass(frozen=True)
class Provider:
    """A vendor with one engagement whose intake is answered."""

    vendor_id: str
    engagement_id: str
    email: str


@dataclass(frozen=True)
class Cast:
    """Vera answers for a vendor, Mallory for another; the rest sign in."""

    ada: Member
    oskar: Member
    olga: Member
    audrey: Member
    vera: Provider
    mallory: Provider


def assemble(app: Flask) -> Cast:
    """Brings the cast into an empty database, through the services."""
    with app.app_context():
        oskar = _member("oskar@example.com", Role.OFFICER)
        return Cast(
            ada=_member("ada@example.com", Role.ADMINISTRATOR),
            oskar=oskar,
            olga=_member("olga@example.com", Role.OFFICER),
            audrey=_member("audrey@example.com", Role.AUDITOR),
            vera=_provider("Nordlicht Software GmbH", "DE", "vera@nordlicht.example", oskar),
            mallory=_provider("Mallow Systems Ltd", "IE", "mallory@mallow.example", oskar),
        )


def _member(email: str, role: Role) -> Member:
    name = email.partition("@")[0].title()
    person = accounts.add_person(
        email=email, name=name, role=role, actor=OPERATOR, now=NOW, password=PASSWORD
    )
    session = accounts.sign_in(
        email=email, password=PASSWORD, agent="tests", now=NOW, lasts=timedelta(hours=12)
    )
    return Member(person.id, email, session)


def _provider(name: str, country: str, email: str, by: Member) -> Provider:
    vendor_id = vendors.register_vendor(
        VendorDetails(name, country),
        [ContactDetails(email.partition("@")[0].title(), email, "Security lead")],
        actor=by.actor,
        now=NOW,
    )
    engagement_id = vendors.add_engagement(
        vendor_id,
        EngagementDetails("Customer portal", "Builds and runs it.", ["development"], ["DE", "PL"]),
        actor=by.actor,
        now=NOW,
    )
    intake = ports().library.current.intake
    vendors.save_intake(engagement_id, intake, INTAKE, actor=by.actor, now=NOW)
    return Provider(vendor_id, engagement_id, email)
