"""The evidence pack, taken away."""

from collections.abc import Iterator

from flask import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.errors import FieldRefused
from riskapp.packs.service import Pack, export
from riskapp.web.desk.assessments import overview
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import actor, known_assessment, now, refused, text
from riskapp.web.desk.forms import PackForm
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.sending import disposition
from riskapp.web.streams import begun


@blueprint.route("/assessments/<assessment_id>/pack", methods=["POST"])
@requires(Permission.ASSESSMENT_READ)
def pack(person: SignedIn, assessment_id: str) -> Response | tuple[str, int]:
    form = PackForm(prefix="pack")
    known_assessment(assessment_id)
    try:
        made = _export(person, assessment_id, form)
    except FieldRefused as error:
        return overview(assessment_id, refused(error, "pack-"), pack=form), 422
    return _streamed(made, begun(made.chunks, pack_of=assessment_id))


def _export(person: SignedIn, assessment_id: str, form: PackForm) -> Pack:
    parts = ports()
    return export(
        parts.library,
        parts.blobs,
        parts.keyring,
        assessment_id,
        actor=actor(person),
        now=now(),
        recipient=text(form.recipient),
        purpose=text(form.purpose),
    )


def _streamed(made: Pack, chunks: Iterator[bytes]) -> Response:
    response = Response(chunks, content_type="application/zip")
    response.headers["Content-Disposition"] = disposition(made.filename)
    response.headers["Content-Length"] = str(made.size)
    return response
