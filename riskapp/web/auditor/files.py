"""Evidence of what is granted, where the grant opens files; each time it is an event."""

from flask import Response, render_template

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow, GrantRow
from riskapp.core.errors import NotFound
from riskapp.evidence.opening import Opened
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.dossier import files_of, granted
from riskapp.web.auditor.wording import LEVELS
from riskapp.web.guard import requires
from riskapp.web.looking import as_asked, asked, neighbours, picture
from riskapp.web.opened import known_file, opened, uses_of
from riskapp.web.ports import ports
from riskapp.web.sending import send
from riskapp.web.showing import shown

FILE = "/assessments/<assessment_id>/evidence/<evidence_id>/<int(max=999999):version>"


def granted_files(person_id: str, assessment_id: str) -> tuple[AssessmentRow, GrantRow]:
    """An assessment and the grant that opens its files. Raises NotFound where none does, today."""
    row, grant = granted(person_id, assessment_id)
    if not grant.evidence:
        raise NotFound
    return row, grant


@blueprint.route(FILE, methods=["GET"])
@requires(Permission.GRANTED_READ)
def evidence_file(person: SignedIn, assessment_id: str, evidence_id: str, version: int) -> Response:
    _, grant = granted_files(person.id, assessment_id)
    file = known_file(assessment_id, evidence_id, version)
    return send(
        file,
        lambda part: opened(
            person,
            assessment_id,
            file,
            "evidence:download",
            continued=part.continues,
            grant_id=grant.id,
        ),
        evidence=evidence_id,
        version=version,
    )


@blueprint.route(f"{FILE}/view", methods=["GET"])
@requires(Permission.GRANTED_READ)
def view_evidence(person: SignedIn, assessment_id: str, evidence_id: str, version: int) -> str:
    row, grant = granted_files(person.id, assessment_id)
    files = files_of(row)
    uses = uses_of(files, evidence_id, version)
    file, view = as_asked(uses), asked()
    before, after = neighbours(files, file)

    def open_it() -> Opened:
        further = view.page > 1
        return opened(
            person, assessment_id, file, "evidence:view", continued=further, grant_id=grant.id
        )

    return render_template(
        "auditor/look.html",
        assessment=row,
        file=file,
        uses=uses,
        levels=LEVELS,
        before=before,
        after=after,
        size=view.size,
        shown=shown(file, open_it, ports().pdf, page=view.page),
    )


@blueprint.route(f"{FILE}/picture", methods=["GET"])
@requires(Permission.GRANTED_READ)
def evidence_picture(
    person: SignedIn, assessment_id: str, evidence_id: str, version: int
) -> Response:
    """What the page of a file shows."""
    _, grant = granted_files(person.id, assessment_id)
    file = known_file(assessment_id, evidence_id, version)

    def open_it() -> Opened:
        return opened(
            person, assessment_id, file, "evidence:view", continued=True, grant_id=grant.id
        )

    return picture(file, open_it)
