"""Evidence, downloaded by an officer: unsealed while it is sent, never shown by the browser."""

from flask import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.guard import requires
from riskapp.web.opened import known_file, opened
from riskapp.web.sending import send


@blueprint.route(
    "/assessments/<assessment_id>/evidence/<evidence_id>/<int(max=999999):version>",
    methods=["GET"],
)
@requires(Permission.ASSESSMENT_READ)
def evidence_file(person: SignedIn, assessment_id: str, evidence_id: str, version: int) -> Response:
    file = known_file(assessment_id, evidence_id, version)
    return send(
        file,
        lambda part: opened(
            person, assessment_id, file, "evidence:download", continued=part.continues
        ),
        evidence=evidence_id,
        version=version,
    )
