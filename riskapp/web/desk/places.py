"""Where the data of an engagement is, what makes that lawful, and what it costs."""

from flask import render_template, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow, assessment, releases
from riskapp.core.db import reading
from riskapp.scoring.current import terms_now
from riskapp.scoring.places import Told, places
from riskapp.scoring.queries import basis
from riskapp.submissions.queries import submissions
from riskapp.vendors.queries import EngagementRow, VendorRow, engagement, vendor
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import existing, now
from riskapp.web.desk.placing import Picture, picture
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import submitted


@blueprint.route("/engagements/<engagement_id>/places", methods=["GET"], endpoint="places")
@requires(Permission.ASSESSMENT_READ)
def pictured(person: SignedIn, engagement_id: str) -> str:  # noqa: ARG001 - all are somebody's
    session = reading()
    row = existing(engagement(session, engagement_id))
    owner = existing(vendor(session, row.vendor_id))
    scored = assessment(session, row.scored_by) if row.scored_by else None
    return render_template(
        "desk/places.html",
        engagement=row,
        vendor=owner,
        assessment=scored,
        picture=scored and _picture(scored, row, owner),
    )


def _picture(scored: AssessmentRow, row: EngagementRow, owner: VendorRow) -> Picture | None:
    """The picture of the answers as they were scored; None where no basis of it was kept."""
    session = reading()
    rests_on = basis(session, scored.id)
    if rests_on is None:
        return None
    then = submitted(session, scored.id, submissions(session, scored.id), scored.submissions)
    told = Told(
        releases=releases(session, ports().library, scored.id),
        facts=scored.facts,
        values={name: one.value for name, one in then.items() if one.value is not None},
        seat=owner.country,
        delivered_from=row.delivered_from,
    )
    terms = terms_now(session)
    found = places(told, rests_on, now().date(), terms)
    href = url_for("desk.question", assessment_id=scored.id, question_id="QUESTION")
    return picture(found, terms.adequacy, owner.name, href)
