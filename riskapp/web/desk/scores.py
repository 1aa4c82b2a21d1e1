"""Why the score is what it is, and the receipts that prove it."""

from flask import Response, render_template, request

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import releases
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.queries import Score, receipts, score
from riskapp.submissions.queries import submissions
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import existing, known_assessment, number
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import card, lifted, submitted


@blueprint.route("/assessments/<assessment_id>/score", methods=["GET"], endpoint="score")
@requires(Permission.ASSESSMENT_READ)
def explained(person: SignedIn, assessment_id: str) -> str:  # noqa: ARG001 - all are somebody's
    session, row = reading(), known_assessment(assessment_id)
    wanted = number(request.args.get("receipt"))
    found = score(session, row.id, wanted)
    if found is None and wanted is not None:
        raise NotFound
    sent = releases(session, ports().library, row.id)
    given = _scored(found, row.id) if found else {}
    return render_template(
        "desk/score.html",
        assessment=row,
        card=found and card(found, sent, given),
        lifted=found and lifted(found, sent, given),
        receipts=receipts(session, row.id),
    )


def _scored(found: Score, assessment_id: str) -> dict[str, object]:
    """The values that the receipt was made of."""
    session = reading()
    came = submissions(session, assessment_id)
    rows = submitted(session, assessment_id, came, found.row.submission)
    return {name: one.value for name, one in rows.items() if one.value is not None}


@blueprint.route(
    "/assessments/<assessment_id>/receipts/<int(max=999999):number>.json", methods=["GET"]
)
@requires(Permission.ASSESSMENT_READ)
def receipt(person: SignedIn, assessment_id: str, number: int) -> Response:  # noqa: ARG001 - as above
    """The stored bytes, exactly: their SHA-256 is the receipt's name."""
    found = existing(score(reading(), assessment_id, number))
    response = Response(found.document.encode(), mimetype="application/json")
    name = f"receipt-{assessment_id[:8]}-{number}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
