"""What the vendor sees of the score: chosen by an officer, and looked at before."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.reviews.sharing import Shown, share, sharing
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import existing, known_assessment, number, refused, reviewer, text
from riskapp.web.desk.forms import ShareForm
from riskapp.web.desk.scores import found_score, score_page
from riskapp.web.guard import requires
from riskapp.web.languages import ENGLISH, offered, saying
from riskapp.web.ports import ports
from riskapp.web.scorecard_shared import shared

NOTHING = "nothing"


@blueprint.route("/assessments/<assessment_id>/share", methods=["POST"], endpoint="share")
@requires(Permission.ASSESSMENT_REVIEW)
def choose(person: SignedIn, assessment_id: str) -> Response | tuple[str, int]:
    known_assessment(assessment_id)
    typed = text(ShareForm().shown)
    try:
        level = _level(typed)
        receipt = number(request.form.get("receipt"))
        share(assessment_id, level, reviewer(person), receipt=receipt)
    except FieldRefused as error:
        return score_page(assessment_id, refused(error), typed), 422
    if level is None:
        flash("The vendor sees nothing of the score.", "success")
    else:
        flash(f"The vendor sees {_SAYS[level]} of receipt {receipt}.", "success")
    return redirect(url_for("desk.score", assessment_id=assessment_id, _anchor="shared"), 303)


_SAYS = {Shown.TIER: "tier and number", Shown.CARD: "tier, number and card"}


def _level(typed: str) -> Shown | None:
    if typed == NOTHING:
        return None
    if typed not in set(Shown):
        raise FieldRefused("shown", "Choose what the vendor sees.")
    return Shown(typed)


@blueprint.route("/assessments/<assessment_id>/as-the-vendor-sees-it", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def as_seen(person: SignedIn, assessment_id: str) -> str:  # noqa: ARG001 - every view is somebody's
    """The vendor's page as it is, or as `shown` would make it of the newest receipt."""
    row = known_assessment(assessment_id)
    now = sharing(reading(), row.id)
    wanted = request.args.get("shown")
    language = request.args.get("language", ENGLISH)
    if language not in offered() or (wanted is not None and wanted not in set(Shown)):
        raise NotFound
    level = Shown(wanted) if wanted else existing(now).shown
    found = existing(found_score(row, None if wanted else existing(now).receipt))
    library = ports().library
    with saying(language):
        worded = [library.in_language(release, language) for release in found.releases]
        return render_template(
            "desk/as_the_vendor_sees_it.html",
            asking=ports().settings.organisation,
            answering_for=row.vendor_name,
            assessment=row,
            seen=shared(found.score, worded, found.given, card=level is Shown.CARD),
            level=level,
            is_shared=now is not None
            and (now.shown, now.receipt) == (level, found.score.row.number),
            offered=offered(),
        )
