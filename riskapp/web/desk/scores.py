"""Why the score is what it is, what repairs would change, and the receipts that prove it."""

from dataclasses import dataclass

from flask import Response, get_template_attribute, jsonify, render_template, request

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow, releases
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.reviews.sharing import sharing
from riskapp.scoring.queries import Score, receipts, score
from riskapp.submissions.queries import submissions
from riskapp.vendors.queries import intake_by_id
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import Errors, existing, known_assessment, number
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import lifted, submitted
from riskapp.web.scorecard_trying import Tried, tried
from riskapp.web.scorecard_whole import whole


@dataclass(frozen=True, slots=True)
class Found:
    """One receipt with the releases that were asked and the values that were scored."""

    row: AssessmentRow
    score: Score
    releases: list[Release]
    given: dict[str, object]


def found_score(row: AssessmentRow, wanted: int | None) -> Found | None:
    """A receipt of an assessment; None: the newest. Raises NotFound for one that there is not."""
    session = reading()
    found = score(session, row.id, wanted)
    if found is None:
        if wanted is not None:
            raise NotFound
        return None
    came = submissions(session, row.id)
    then = submitted(session, row.id, came, found.row.submission)
    given = {name: one.value for name, one in then.items() if one.value is not None}
    return Found(row, found, releases(session, ports().library, row.id), given)


@blueprint.route("/assessments/<assessment_id>/score", methods=["GET"], endpoint="score")
@requires(Permission.ASSESSMENT_READ)
def explained(person: SignedIn, assessment_id: str) -> str | Response:  # noqa: ARG001 - all are somebody's
    if request.headers.get("Accept", "").startswith("application/json"):
        return _followed(known_assessment(assessment_id))
    return score_page(assessment_id)


def score_page(assessment_id: str, errors: Errors | None = None, typed: str | None = None) -> str:
    """The page of one receipt; `typed` is a choice of what to share that was refused.

    Raises NotFound.
    """
    row = known_assessment(assessment_id)
    found = found_score(row, number(request.args.get("receipt")))
    shared = sharing(reading(), row.id)
    return render_template(
        "desk/score.html",
        assessment=row,
        whole=found and whole(found.score, found.releases, found.given, _intake(row)),
        lifted=found and lifted(found.score, found.releases, found.given),
        tried=found and _tried(found),
        receipts=receipts(reading(), row.id),
        shared=shared,
        chosen=typed if typed is not None else (shared.shown if shared else "nothing"),
        errors=errors or {},
    )


def _intake(row: AssessmentRow) -> Release:
    """The release in whose words the inherent risk is explained."""
    answered = existing(intake_by_id(reading(), row.intake_id))
    return ports().library.intake(answered.release_sha256)


def _tried(found: Found) -> Tried:
    return tried(found.score, request.args.getlist("fix"), found.releases, found.given)


def _followed(row: AssessmentRow) -> Response:
    """What the page's script puts in its place."""
    found = _tried(existing(found_score(row, number(request.args.get("receipt")))))
    outcome = get_template_attribute("score/whole.html", "outcome")
    return jsonify({"said": found.said, "outcome": outcome(found)})


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
