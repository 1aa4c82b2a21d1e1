"""Pages for a link that opens nothing, and for a browser that has to open it again."""

from flask import Response as FlaskResponse
from flask import jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response

from riskapp.invites.queries import Standing
from riskapp.web.guard import LinkClosed, SessionUnknown
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.page import page, refusal_json, settle_for, wants_json
from riskapp.web.words import say

Answer = Response | FlaskResponse | str | tuple[str | FlaskResponse, int]


@blueprint.app_errorhandler(LinkClosed)
def link_closed(refused: LinkClosed) -> Answer:
    if wants_json():
        words = say("Not saved: this questionnaire takes no answers any more. Reload the page.")
        return jsonify(refusal_json(words)), 410
    if refused.standing is Standing.SUBMITTED:
        return redirect(url_for("portal.acknowledgement", invitation_id=refused.invitation.id))
    settle_for(refused.invitation)
    return page("portal/closed.html", refused.invitation, standing=refused.standing), 410


@blueprint.app_errorhandler(SessionUnknown)
def session_unknown(_refused: SessionUnknown) -> Answer:
    """The same whether there is such an invitation or not."""
    if wants_json():
        words = say(
            "Not saved: this browser is not known any more. Open your link in another tab, press "
            "Continue, then come back here and answer again."
        )
        return jsonify(refusal_json(words)), 404
    return render_template("portal/reopen.html"), 404
