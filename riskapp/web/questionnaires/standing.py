"""Whether a release is offered: retired with a reason, offered again."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.errors import FieldRefused
from riskapp.releases import service
from riskapp.releases.errors import StandingUnchanged
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.common import actor
from riskapp.web.questionnaires.release import release_page

Page = Response | tuple[str, int]


@blueprint.route("/<questionnaire>/<release>/retire", methods=["POST"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def retire(person: SignedIn, questionnaire: str, release: str) -> Page:
    reason, now = request.form.get("reason", ""), ports().clock.now()
    try:
        service.retire(
            ports().library, questionnaire, release, reason, actor=actor(person), now=now
        )
    except FieldRefused as refused:
        errors = {refused.field: refused.message}
        return release_page(person, questionnaire, release, errors), 422
    except StandingUnchanged:
        return _told(questionnaire, release, "It was retired already; the reason stands.", "error")
    words = "The release is retired: it is offered to nobody any more. Assessments keep it."
    return _told(questionnaire, release, words)


@blueprint.route("/<questionnaire>/<release>/reinstate", methods=["POST"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def reinstate(person: SignedIn, questionnaire: str, release: str) -> Response:
    now = ports().clock.now()
    try:
        service.reinstate(ports().library, questionnaire, release, actor=actor(person), now=now)
    except StandingUnchanged:
        return _told(questionnaire, release, "It is offered already.", "error")
    return _told(questionnaire, release, "The release is offered again.")


def _told(questionnaire: str, release: str, words: str, kind: str = "success") -> Response:
    flash(words, kind)
    there = url_for("questionnaires.release", questionnaire=questionnaire, release=release)
    return redirect(there, 303)
