"""What is to be done, and everything that was asked and answered so far."""

from riskapp.accounts.permissions import Permission
from riskapp.core.db import reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.page import page
from riskapp.web.portal.work import load
from riskapp.web.ports import ports


@blueprint.route("/p/<invitation_id>/", methods=["GET"])
@requires(Permission.RESPONDENT)
def tasks(invitation: OpenedInvitation) -> str:
    work = load(reading(), ports().library, invitation)
    return page("portal/tasks.html", invitation, work=work)


@blueprint.route("/p/<invitation_id>/all", methods=["GET"])
@requires(Permission.RESPONDENT)
def everything(invitation: OpenedInvitation) -> str:
    work = load(reading(), ports().library, invitation)
    return page("portal/everything.html", invitation, work=work)
