"""What the officer chose to share of the score: one receipt, as it was on its day."""

from flask import url_for

from riskapp.accounts.permissions import Permission
from riskapp.assessments.queries import releases
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.extensions import limiter
from riskapp.invites.queries import OpenedInvitation, Standing
from riskapp.reviews.sharing import Sharing, Shown, sharing
from riskapp.scoring.queries import score
from riskapp.submissions.queries import submissions
from riskapp.web.guard import requires
from riskapp.web.languages import settle
from riskapp.web.portal.acknowledgements import not_ended
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.link import link_limit, opened
from riskapp.web.portal.page import page
from riskapp.web.ports import ports
from riskapp.web.scorecard import submitted
from riskapp.web.scorecard_shared import Shared, shared


@blueprint.route("/p/<invitation_id>/result", methods=["GET"])
@requires(Permission.SUBMITTED)
def result(invitation: OpenedInvitation) -> str:
    not_ended(invitation)
    return _page(invitation, url_for("portal.acknowledgement", invitation_id=invitation.id))


@blueprint.route("/i/<token>/result", methods=["GET"])
@limiter.limit(link_limit)
@requires(Permission.LINK)
def link_result(token: str) -> str:
    """The same for a browser in which Start was never pressed, once all is sent in."""
    invitation, standing = opened(token)
    if standing is not Standing.SUBMITTED:
        raise NotFound
    return _page(invitation, url_for("portal.link", token=token))


def _page(invitation: OpenedInvitation, back: str) -> str:
    """Raises NotFound where nothing is shared."""
    chosen = sharing(reading(), invitation.assessment_id)
    if chosen is None:
        raise NotFound
    seen = _seen(invitation, chosen)
    return page("portal/result.html", invitation, seen=seen, back=back)


def _seen(invitation: OpenedInvitation, chosen: Sharing) -> Shared:
    session, library = reading(), ports().library
    worded = settle(library, releases(session, library, invitation.assessment_id))
    found = score(session, invitation.assessment_id, chosen.receipt)
    if found is None:
        raise NotFound
    came = submissions(session, invitation.assessment_id)
    then = submitted(session, invitation.assessment_id, came, found.row.submission)
    given = {name: one.value for name, one in then.items() if one.value is not None}
    return shared(found, worded, given, card=chosen.shown is Shown.CARD)
