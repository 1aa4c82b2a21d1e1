"""The list of all, for auditors who were granted it to take samples from."""

from datetime import date

from flask import render_template
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.access import Access, population_access, present_access
from riskapp.audit.service import About
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.common import actor, note, today
from riskapp.web.guard import requires
from riskapp.web.population import asked_day, listed, taken


@blueprint.route("/population", methods=["GET"])
@requires(Permission.GRANTED_READ)
def population(person: SignedIn) -> str | tuple[str, int]:
    grant = _granted(person)
    try:
        day, error, status = asked_day(), "", 200
    except FieldRefused as refusal:
        day, error, status = today(), refusal.message, 422
    note(person, "population:read", About(f"population/{day.isoformat()}"), grant.id)
    return _page(person, day, error, grant), status


def _page(person: SignedIn, day: date, error: str, grant: Access) -> str:
    granted = [
        one for one in present_access(reading(), person.id, today=today()) if one.starts <= today()
    ]
    return render_template(
        "auditor/population.html",
        listed=listed(day, error),
        grant=grant,
        today=today(),
        assessments={one.assessment_id for one in granted},
        vendors={one.vendor_id for one in granted if one.assessment_id is None},
    )


@blueprint.route("/population.zip", methods=["GET"])
@requires(Permission.GRANTED_READ)
def take_population(person: SignedIn) -> Response | tuple[str, int]:
    return taken(actor(person), grant_id=_granted(person).id)


def _granted(person: SignedIn) -> Access:
    grant = population_access(reading(), person.id, today=today())
    if grant is None:
        raise NotFound
    return grant
