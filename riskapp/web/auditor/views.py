"""The auditor's pages. Nothing here changes anything; taking a pack away is noted in the record."""

from datetime import UTC, datetime

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.errors import AnswersErased, WrongState
from riskapp.assessments.queries import PAGE, granted_assessments
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.packs.service import export
from riskapp.scoring.queries import score
from riskapp.submissions.queries import submissions
from riskapp.web import errors
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.dossier import granted as granted_one
from riskapp.web.auditor.dossier import read
from riskapp.web.auditor.wording import ACTIONS, LEVELS, standing
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.streams import begun

__all__ = ["blueprint"]


@blueprint.route("/", methods=["GET"])
@requires(Permission.GRANTED_READ)
def granted(person: SignedIn) -> str:
    written = request.args.get("before")
    rows = granted_assessments(
        reading(), person.id, today=ports().clock.now().date(), before=_place(written)
    )
    last = rows[-1] if len(rows) == PAGE else None
    further = last and url_for("auditor.granted", before=f"{last.created_at.isoformat()}~{last.id}")
    return render_template(
        "auditor/granted.html", rows=rows, further=further, first=written is None
    )


def _place(written: str | None) -> tuple[datetime, str] | None:
    """Where the page before ended, from the address. Raises NotFound for anything else."""
    if written is None:
        return None
    at, _, row_id = written.rpartition("~")
    try:
        moment = datetime.fromisoformat(at)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotFound from None
    if moment.tzinfo is None:
        raise NotFound
    return moment, row_id


@blueprint.route("/assessments/<assessment_id>", methods=["GET"])
@requires(Permission.GRANTED_READ)
def assessment(person: SignedIn, assessment_id: str) -> str:
    return render_template(
        "auditor/assessment.html",
        dossier=read(person.id, assessment_id),
        actions=ACTIONS,
        levels=LEVELS,
        standing=standing,
    )


@blueprint.route(
    "/assessments/<assessment_id>/receipts/<int(max=999999):number>.json", methods=["GET"]
)
@requires(Permission.GRANTED_READ)
def receipt(person: SignedIn, assessment_id: str, number: int) -> Response:
    granted_one(person.id, assessment_id)
    found = score(reading(), assessment_id, number)
    if found is None:
        raise NotFound
    return _json(found.document, f"receipt-{number}.json")


@blueprint.route(
    "/assessments/<assessment_id>/acknowledgements/<int(max=999999):number>.json", methods=["GET"]
)
@requires(Permission.GRANTED_READ)
def acknowledgement(person: SignedIn, assessment_id: str, number: int) -> Response:
    granted_one(person.id, assessment_id)
    for row in submissions(reading(), assessment_id):
        if row.number == number:
            return _json(row.acknowledgement, f"acknowledgement-{number}.json")
    raise NotFound


def _json(document: str, name: str) -> Response:
    """The exact bytes that are stored, so that their digest can be compared."""
    response = Response(document, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.route("/assessments/<assessment_id>/pack", methods=["POST"])
@requires(Permission.GRANTED_READ)
def pack(person: SignedIn, assessment_id: str) -> Response | tuple[str, int]:
    _, grant = granted_one(person.id, assessment_id)
    try:
        made = export(
            ports().library,
            ports().blobs,
            ports().keyring,
            assessment_id,
            actor=Actor("person", person.id),
            now=ports().clock.now(),
            recipient=person.name,
            purpose=grant.purpose,
            until=grant.until,
        )
    except WrongState:
        return errors.page(409, "There is no pack yet", "It is made once there is a decision.")
    except AnswersErased:
        return errors.page(
            409, "There is no pack any more", "The answers and receipts were erased."
        )
    chunks = begun(made.chunks, pack_of=assessment_id)
    response = Response(chunks, mimetype="application/zip")
    response.content_length = made.size
    response.headers.set("Content-Disposition", "attachment", filename=made.filename)
    return response
