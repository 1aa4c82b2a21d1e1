"""The list of all vendors, engagements and assessments as of a day, for officers."""

from flask import render_template
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.errors import FieldRefused
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import actor, now
from riskapp.web.guard import requires
from riskapp.web.population import asked_day, listed, taken


@blueprint.route("/population", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def population(person: SignedIn) -> str | tuple[str, int]:  # noqa: ARG001 - as every view
    today = now().date()
    try:
        day, error, status = asked_day(), "", 200
    except FieldRefused as refusal:
        day, error, status = today, refusal.message, 422
    page = render_template("desk/population.html", listed=listed(day, error), today=today)
    return page, status


@blueprint.route("/population.zip", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def take_population(person: SignedIn) -> Response | tuple[str, int]:
    return taken(actor(person))
