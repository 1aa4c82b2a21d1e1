"""Every release that can be read here."""

from flask import render_template

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.routing import minutes
from riskapp.core.db import reading
from riskapp.releases.queries import drafts, listed
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.common import languages


@blueprint.route("", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_READ)
def releases(person: SignedIn) -> str:
    manages = may(person.role, Permission.QUESTIONNAIRE_MANAGE)
    return render_template(
        "questionnaires/releases.html",
        listed=listed(reading(), ports().library),
        drafts=drafts(reading()) if manages else (),
        manages=manages,
        languages=languages,
        minutes=minutes,
    )
