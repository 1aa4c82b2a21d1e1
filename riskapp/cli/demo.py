"""A small believable portfolio to look around in, loaded through the services."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import click
import flask_migrate
import sqlalchemy as sa

from riskapp.accounts.permissions import Role
from riskapp.accounts.queries import PersonRow, people
from riskapp.accounts.service import NewPerson, add_person, reset_password, set_active
from riskapp.assessments.queries import AssessmentRow, assessment, assessments
from riskapp.assessments.rules import WITH_VENDOR
from riskapp.assessments.service import Plan, extend
from riskapp.audit.service import OPERATOR
from riskapp.cli.haste import without_waiting
from riskapp.cli.portfolio.diary import Diary
from riskapp.cli.portfolio.load import load
from riskapp.cli.portfolio.plot import Staff, Stage
from riskapp.cli.portfolio.steps import ASKED, REASON
from riskapp.cli.worded import address, invitation_link
from riskapp.core.db import db, reading
from riskapp.core.errors import Refusal
from riskapp.invites.queries import invitations
from riskapp.invites.service import Issued, issue, issue_another
from riskapp.ports import Ports
from riskapp.vendors.queries import count_vendors
from riskapp.web.ports import ports

LINK_LASTS = timedelta(days=21)


class NotADemo(Refusal):
    """Something is here that the demo did not make, so that it must not hand out passwords."""


@dataclass(frozen=True, slots=True)
class Character:
    """One of Harbour Bank's people, none of them real."""

    email: str
    name: str
    role: Role
    title: str


OFFICER = Character("oskar.lind@harbour.example", "Oskar Lind", Role.OFFICER, "Security officer")
SECOND_OFFICER = Character(
    "olga.marsh@harbour.example", "Olga Marsh", Role.OFFICER, "Second officer"
)
AUDITOR = Character("audrey.falk@harbour.example", "Audrey Falk", Role.AUDITOR, "Auditor")
ADMINISTRATOR = Character(
    "ada.brandt@harbour.example", "Ada Brandt", Role.ADMINISTRATOR, "Administrator"
)
CAST = (OFFICER, SECOND_OFFICER, AUDITOR, ADMINISTRATOR)


@click.command("demo")
def demo() -> None:
    """Make (or go on with) a demo: vendors, assessments in every state, people to sign in as.

    Prints where to go, as whom, and an open invitation link. Run again, the data stays as it is;
    passwords and the link are fresh. Refused where anybody else signs in.
    """
    parts = ports()
    here = _people_here()
    flask_migrate.upgrade()
    now = parts.clock.now()
    if here:
        entered = [_fresh_password(person, now) for person in here]
        link = _fresh_link(parts, now)
    else:
        click.echo("Loading the demo, which takes some seconds.", err=True)
        with without_waiting(db.engine):
            entered, link = _first_time(parts, now)
    _say(parts, entered, link)


def _people_here() -> Sequence[PersonRow]:
    """The demo's people, or nobody at all. Raises NotADemo."""
    if not sa.inspect(db.engine).has_table("person"):
        return []
    here = people(reading(), limit=len(CAST) + 1)
    others = {person.email for person in here} - {one.email for one in CAST}
    folder = ports().settings.instance
    if others or (not here and count_vendors(reading())):
        raise NotADemo(
            "This installation is in use by others, and the demo would hand out passwords to it. "
            "Give the demo a folder of its own: set RISKAPP_INSTANCE (and no RISKAPP_DATABASE_URL)."
        )
    if here and len(here) < len(CAST):
        raise NotADemo(
            f"An earlier run of the demo was interrupted. Remove {folder} and run it again."
        )
    return here


def _first_time(parts: Ports, now: datetime) -> tuple[list[NewPerson], Issued]:
    diary = Diary(now.date())
    joined = diary.at(44, "8:00")
    officer, second, auditor = (
        _let_in(one, joined + timedelta(minutes=number))
        for number, one in enumerate((OFFICER, SECOND_OFFICER, AUDITOR))
    )
    link = load(Stage(parts, diary, Staff(officer.id, second.id, auditor.id)))
    # Last, so that a run that was interrupted is known by her absence.
    return [officer, second, auditor, _let_in(ADMINISTRATOR, now)], link


def _let_in(one: Character, now: datetime) -> NewPerson:
    return add_person(email=one.email, name=one.name, role=one.role, actor=OPERATOR, now=now)


def _fresh_password(person: PersonRow, now: datetime) -> NewPerson:
    set_active(person.id, active=True, actor=OPERATOR, now=now)
    return reset_password(person.id, actor=OPERATOR, now=now)


def _fresh_link(parts: Ports, now: datetime) -> Issued:
    """Another link to the newest assessment that can be answered; else a new assessment."""
    known = assessments(reading(), limit=None)
    sent = [(row, mails[0].email) for row in known if (mails := invitations(reading(), row.id))]
    if not sent:
        raise NotADemo(
            f"Nothing was ever sent here. Remove {parts.settings.instance} and run the demo again."
        )
    for row, email in sent:
        if row.state in WITH_VENDOR:
            if row.due < now.date():
                extend(row.id, now.date() + LINK_LASTS, actor=OPERATOR, now=now)
            return issue_another(row.id, email=email, replace=False, actor=OPERATOR, now=now)
    row, email = sent[0]
    return _ask_again(parts, row, email, now)


def _ask_again(parts: Ports, row: AssessmentRow, email: str, now: datetime) -> Issued:
    releases = [parts.library.current.latest(name) for name in ASKED]
    plan = Plan(releases, now.date() + LINK_LASTS, REASON)
    return issue(parts.library, row.engagement_id, plan, email=email, actor=OPERATOR, now=now)


def _say(parts: Ports, entered: Sequence[NewPerson], link: Issued) -> None:
    by_email = {person.email: person for person in entered}
    row = assessment(reading(), link.assessment_id)
    click.echo(f"The demo of {parts.settings.organisation} is ready.\n")
    click.echo(f"Sign in at {address('/')} as one of these; the passwords are shown only now.\n")
    for one in CAST:
        click.echo(f"  {one.title:<17}{one.email:<28}{by_email[one.email].password}")
    who = f"{row.vendor_name}, due {row.due}" if row else "a vendor"
    click.echo(f"\nOr answer as a vendor ({who}) through this open link; no account is needed:\n")
    click.echo(f"  {invitation_link(link.token)}\n")
