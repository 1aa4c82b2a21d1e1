"""Checking the answers and sending them in."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.assessments.errors import WrongState
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.invites.queries import OpenedInvitation
from riskapp.submissions.errors import StillOpen
from riskapp.submissions.service import Signatory
from riskapp.submissions.service import submit as send_in
from riskapp.web.guard import requires
from riskapp.web.languages import chosen_now
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.page import page
from riskapp.web.portal.work import load
from riskapp.web.ports import ports
from riskapp.web.words import say


@blueprint.route("/p/<invitation_id>/submit", methods=["GET"])
@requires(Permission.RESPONDENT)
def submit(invitation: OpenedInvitation) -> str:
    return _page(invitation, Signatory("", ""))


@blueprint.route("/p/<invitation_id>/submit", methods=["POST"])
@requires(Permission.RESPONDENT)
def submit_now(invitation: OpenedInvitation) -> Response | tuple[str, int]:
    parts = ports()
    by = Signatory(*(request.form.get(name, "").replace("\0", "") for name in ("name", "role")))
    if chosen_now() is not None:  # the language was pressed, and nothing is sent in by that
        return _page(invitation, by), 200
    try:
        send_in(
            parts.library,
            invitation,
            by,
            organisation=parts.settings.organisation,
            now=parts.clock.now(),
        )
    except FieldRefused as refused:
        return _page(invitation, by, [(refused.field, say(refused.message))]), 422
    except StillOpen:
        return _page(
            invitation, by, [("open", say("Nothing was sent: something is still open."))]
        ), 422
    except WrongState:  # pressed twice, or a colleague was faster: it is acknowledged already
        return _acknowledged(invitation)
    return _acknowledged(invitation)


def _acknowledged(invitation: OpenedInvitation) -> Response:
    return redirect(url_for("portal.acknowledgement", invitation_id=invitation.id))


def _page(
    invitation: OpenedInvitation, by: Signatory, errors: list[tuple[str, str]] | None = None
) -> str:
    work = load(reading(), ports().library, invitation)
    return page("portal/submit.html", invitation, work=work, by=by, errors=errors or [])
