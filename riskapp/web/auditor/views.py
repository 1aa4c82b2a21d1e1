"""The auditor's pages. Nothing here changes anything but what the auditor asks for.

Whatever is opened is noted in the record, with the grant that opened it.
"""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.access import PAGE as GRANTS_PAGE
from riskapp.assessments.access import past_access, present_access
from riskapp.assessments.queries import PAGE, granted_assessments
from riskapp.audit.service import About
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.queries import score
from riskapp.submissions.queries import submissions
from riskapp.web.auditor import files, openings, packs, population, requests, vendors
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.common import note, today
from riskapp.web.auditor.dossier import granted as granted_one
from riskapp.web.auditor.dossier import read
from riskapp.web.auditor.wording import ACTIONS, LEVELS, standing
from riskapp.web.guard import requires
from riskapp.web.paging import cursor, last, time_cursor

__all__ = ["blueprint", "files", "openings", "packs", "population", "requests", "vendors"]

FEW = 5
"""So many grants that are over stand on the first page."""


@blueprint.route("/", methods=["GET"])
@requires(Permission.GRANTED_READ)
def granted(person: SignedIn) -> str:
    before = time_cursor(request.args.get("before"))
    rows = granted_assessments(reading(), person.id, today=today(), before=before)
    end = last(rows, PAGE)
    over = past_access(reading(), person.id, today=today())
    return render_template(
        "auditor/granted.html",
        grants=present_access(reading(), person.id, today=today()),
        past=over[:FEW],
        more_past=len(over) > FEW,
        today=today(),
        rows=rows,
        further=end and url_for("auditor.granted", before=cursor(end.created_at, end.id)),
        first=before is None,
    )


@blueprint.route("/ended", methods=["GET"])
@requires(Permission.GRANTED_READ)
def ended(person: SignedIn) -> str:
    before = time_cursor(request.args.get("before"))
    rows = past_access(reading(), person.id, today=today(), before=before)
    end = last(rows, GRANTS_PAGE)
    return render_template(
        "auditor/ended.html",
        rows=rows,
        today=today(),
        further=end and url_for("auditor.ended", before=cursor(end.granted_at, end.id)),
        first=before is None,
    )


@blueprint.route("/assessments/<assessment_id>", methods=["GET"])
@requires(Permission.GRANTED_READ)
def assessment(person: SignedIn, assessment_id: str) -> str:
    row, grant = granted_one(person.id, assessment_id)
    note(person, "assessment:read", About(row.id, row.vendor_id, row.id), grant.id)
    return render_template(
        "auditor/assessment.html",
        dossier=read(person.id, assessment_id),
        today=today(),
        actions=ACTIONS,
        levels=LEVELS,
        standing=standing,
    )


@blueprint.route(
    "/assessments/<assessment_id>/receipts/<int(max=999999):number>.json", methods=["GET"]
)
@requires(Permission.GRANTED_READ)
def receipt(person: SignedIn, assessment_id: str, number: int) -> Response:
    row, grant = granted_one(person.id, assessment_id)
    found = score(reading(), assessment_id, number)
    if found is None:
        raise NotFound
    note(person, "receipt:read", About(f"{row.id}/{number}", row.vendor_id, row.id), grant.id)
    return _json(found.document, f"receipt-{row.id[:8]}-{number}.json")


@blueprint.route(
    "/assessments/<assessment_id>/acknowledgements/<int(max=999999):number>.json", methods=["GET"]
)
@requires(Permission.GRANTED_READ)
def acknowledgement(person: SignedIn, assessment_id: str, number: int) -> Response:
    row, grant = granted_one(person.id, assessment_id)
    for one in submissions(reading(), assessment_id):
        if one.number == number:
            about = About(f"{row.id}/{number}", row.vendor_id, row.id)
            note(person, "acknowledgement:read", about, grant.id)
            return _json(one.acknowledgement, f"acknowledgement-{row.id[:8]}-{number}.json")
    raise NotFound


def _json(document: str, name: str) -> Response:
    """The exact bytes that are stored, so that their digest can be compared."""
    response = Response(document, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
