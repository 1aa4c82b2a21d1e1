"""Assessments: issued and listed."""

import json
from collections.abc import Sequence
from datetime import datetime

import click
from flask.cli import AppGroup

from riskapp.assessments.errors import IntakeMissing
from riskapp.assessments.queries import AssessmentRow, Filter
from riskapp.assessments.queries import assessments as read_assessments
from riskapp.assessments.rules import State
from riskapp.assessments.service import Plan, as_proposed
from riskapp.audit.service import OPERATOR
from riskapp.catalogue.library import Catalogue
from riskapp.catalogue.model import Release
from riskapp.cli.worded import invitation_link
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.invites.service import issue as issue_invitation
from riskapp.releases.errors import UnknownRelease
from riskapp.releases.queries import offered
from riskapp.vendors.intake import facts
from riskapp.vendors.queries import intake
from riskapp.web.ports import ports

REASON = "Chosen on the command line."

assessments = AppGroup("assessments", help="Assessments of engagements.")


@assessments.command("issue")
@click.option("--engagement", required=True, metavar="ID", help="What was bought.")
@click.option(
    "--questionnaire",
    "questionnaires",
    multiple=True,
    metavar="ID[@RELEASE]",
    help="What is asked, in full; several times for several. Without a release: the newest. "
    "Without any: what the intake calls for.",
)
@click.option("--to", "email", required=True, metavar="EMAIL", help="Who gets the link.")
@click.option(
    "--due",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The last day to answer (UTC).",
)
@click.option("--reason", default=REASON, help="Why these questionnaires.", show_default=True)
def issue(
    engagement: str, questionnaires: Sequence[str], email: str, due: datetime, reason: str
) -> None:
    """Draw up an assessment and print its link, and nothing else, on standard output.

    No mail is sent: hand the link over yourself. It is shown only now.
    """
    parts = ports()
    there = offered(reading(), parts.library)
    if questionnaires:
        plan = Plan(_named(there, questionnaires), due.date(), reason)
    else:
        plan = _proposed(there, engagement, due)
    try:
        issued = issue_invitation(
            parts.library,
            engagement,
            plan,
            email=email,
            actor=OPERATOR,
            now=parts.clock.now(),
        )
    except NotFound:
        raise FieldRefused(
            "engagement", f"There is no engagement {engagement}. Its id stands in its page's URL."
        ) from None
    click.echo(invitation_link(issued.token))


def _named(catalogue: Catalogue, written: Sequence[str]) -> list[Release]:
    releases = [_release(catalogue, one) for one in written]
    names = [release.id for release in releases]
    for name in names:
        if names.count(name) > 1:
            raise FieldRefused("questionnaire", f"{name} is named twice. Name it once.")
    return releases


def _proposed(catalogue: Catalogue, engagement_id: str, due: datetime) -> Plan:
    """What the intake calls for. Raises IntakeMissing, FieldRefused."""
    answered = intake(reading(), engagement_id)
    if answered is None:
        raise IntakeMissing(engagement_id)
    known = facts(ports().library.intake(answered.release_sha256), answered.answers)
    return as_proposed(known, catalogue, due.date())


def _release(catalogue: Catalogue, written: str) -> Release:
    """The release meant by `iso-27001` or `iso-27001@2026.1`. Raises UnknownRelease."""
    name, at, number = written.partition("@")
    found = [
        one for one in catalogue.releases if one.id == name and (not at or one.release == number)
    ]
    if not found:
        raise UnknownRelease(written, [one.key for one in catalogue.releases])
    return max(found, key=lambda one: one.number)


@assessments.command("list")
@click.option(
    "--state", type=click.Choice([str(state) for state in State]), help="Only those in this state."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of lines.")
def list_all(state: str | None, as_json: bool) -> None:
    """List assessments, newest first: id, vendor, state, tier, due.

    Lines have these five between tabs, `-` for a tier that is not there yet.
    """
    rows = read_assessments(reading(), Filter(State(state) if state else None), limit=None)
    if as_json:
        click.echo(json.dumps([_document(row) for row in rows], indent=2))
        return
    for row in rows:
        click.echo("\t".join(value or "-" for value in _document(row).values()))


def _document(row: AssessmentRow) -> dict[str, str | None]:
    return {
        "id": row.id,
        "vendor": row.vendor_name,
        "state": str(row.state),
        "tier": row.tier,
        "due": row.due.isoformat(),
    }
