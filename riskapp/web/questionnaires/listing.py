"""Every release that can be read here."""

from flask import render_template

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.releases.queries import listed
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.questionnaires.blueprint import blueprint


@blueprint.route("", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_READ)
def releases(person: SignedIn) -> str:
    return render_template(
        "questionnaires/releases.html",
        listed=listed(reading(), ports().library),
        person=person,
    )
