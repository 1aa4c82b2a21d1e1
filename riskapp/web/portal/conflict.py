"""Two people answered the same question: both versions are shown, and one is chosen."""

from flask import redirect
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.core.db import reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.section import Page, save_form, section_url
from riskapp.web.portal.work import Work, load
from riskapp.web.ports import ports
from riskapp.web.questions import Item, Part


@blueprint.route("/p/<invitation_id>/conflict/<question_id>", methods=["GET"])
@requires(Permission.RESPONDENT)
def conflict(invitation: OpenedInvitation, question_id: str) -> Response:
    """There is nothing to choose without what was typed: shows what is saved."""
    work = load(reading(), ports().library, invitation)
    item = work.item(question_id)
    return redirect(section_url(work, _part(work, item), question_id))


@blueprint.route("/p/<invitation_id>/conflict/<question_id>", methods=["POST"])
@requires(Permission.RESPONDENT)
def choose(invitation: OpenedInvitation, question_id: str) -> Page:
    """Takes the whole form of the section, or the choice made on the page with both versions."""
    work = load(reading(), ports().library, invitation)
    return save_form(work, _part(work, work.item(question_id)), question_id)


def _part(work: Work, item: Item) -> Part:
    return work.part(item.release.id, item.section.id)
