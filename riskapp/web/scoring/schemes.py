"""What is scored by, and schemes of the organisation's own."""

from flask import render_template

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.web.guard import requires
from riskapp.web.scoring.blueprint import blueprint


@blueprint.route("", methods=["GET"])
@requires(Permission.SCORING_READ)
def overview(person: SignedIn) -> str:  # noqa: ARG001 - the same for everyone who may read it
    return render_template("scoring/overview.html")
