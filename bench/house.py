"""An installation with respondents who have pressed Start, made through the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
from flask import Flask
from pydantic import SecretStr

from riskapp import create_app
from riskapp.accounts import service as accounts
from riskapp.accounts.permissions import Role
from riskapp.assessments.service import Plan
from riskapp.audit.service import OPERATOR
from riskapp.core.db import db
from riskapp.invites.service import issue, start
from riskapp.settings import Settings
from riskapp.vendors import service as vendors
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails
from riskapp.web.ports import ports
from tests.cast import INTAKE, Member, Provider
from tests.stages import QUESTIONNAIRES, REASON

PASSWORD = "grey heron over seven ponds"


@dataclass(frozen=True, slots=True)
class Respondent:
    """Somebody with an open link: what stands in the browser's address and cookie."""

    assessment_id: str
    invitation_id: str
    session: str
    link: str


@contextmanager
def installed(folder: Path, url: str) -> Iterator[Flask]:
    """An app over an empty, migrated database, with its context pushed."""
    folder.mkdir(exist_ok=True)
    app = create_app(Settings(instance=folder, database_url=SecretStr(url)))
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def officer() -> Member:
    """An officer who has just signed in."""
    now, email = ports().clock.now(), "oskar@example.com"
    person = accounts.add_person(
        email=email, name="Oskar", role=Role.OFFICER, actor=OPERATOR, now=now, password=PASSWORD
    )
    session = accounts.sign_in(
        email=email, password=PASSWORD, agent="bench", now=now, lasts=timedelta(hours=12)
    )
    return Member(person.id, email, session)


def provider(number: int) -> Provider:
    """A vendor of its own, with one engagement whose intake is answered."""
    now, email = ports().clock.now(), f"vera{number}@vendor.example"
    vendor_id = vendors.register_vendor(
        VendorDetails(f"Vendor {number}", "DE"),
        [ContactDetails("Vera", email, "Security lead")],
        actor=OPERATOR,
        now=now,
    )
    engagement_id = vendors.add_engagement(
        vendor_id,
        EngagementDetails("Customer portal", "Builds and runs it.", ["development"], ["DE"]),
        actor=OPERATOR,
        now=now,
    )
    intake = ports().library.current.intake
    vendors.save_intake(engagement_id, intake, INTAKE, actor=OPERATOR, now=now)
    return Provider(vendor_id, engagement_id, email)


def respondent(number: int) -> Respondent:
    """Somebody of a vendor of its own, asked both questionnaires, who has pressed Start."""
    parts, now, who = ports(), ports().clock.now(), provider(number)
    chosen = [parts.library.current.latest(name) for name in QUESTIONNAIRES]
    plan = Plan(chosen, now.date() + timedelta(days=21), REASON)
    link = issue(parts.library, who.engagement_id, plan, email=who.email, actor=OPERATOR, now=now)
    session = start(link.invitation_id, now=now)
    return Respondent(link.assessment_id, link.invitation_id, session, link.token)
