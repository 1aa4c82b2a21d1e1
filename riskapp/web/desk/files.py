"""Evidence, opened for an officer: streamed as it is unsealed, and never shown by the browser."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.evidence.opening import Opened, open_file
from riskapp.evidence.sniff import KINDS
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import actor, now
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.streams import begun

ALLOWED = frozenset(kind.media_type for kind in KINDS.values())
SEALED_OFF = "sandbox; default-src 'none'"
"""Even if a browser showed the file, nothing in it could run or reach us."""


@blueprint.route(
    "/assessments/<assessment_id>/evidence/<evidence_id>/<int(max=999999):version>",
    methods=["GET"],
)
@requires(Permission.ASSESSMENT_READ)
def evidence_file(person: SignedIn, assessment_id: str, evidence_id: str, version: int) -> Response:
    parts = ports()
    opened = open_file(
        evidence_id,
        version,
        assessment_id=assessment_id,
        blobs=parts.blobs,
        keyring=parts.keyring,
        actor=actor(person),
        now=now(),
    )
    reading().rollback()  # no transaction stays open while the file is sent
    chunks = begun(opened.chunks, evidence=evidence_id, version=version)
    return _streamed(opened, chunks)


def _streamed(opened: Opened, chunks: Iterator[bytes]) -> Response:
    media_type = opened.media_type if opened.media_type in ALLOWED else "application/octet-stream"
    response = Response(chunks, content_type=media_type)
    response.headers["Content-Length"] = str(opened.size)
    response.headers["Content-Disposition"] = disposition(opened.name)
    response.headers["Content-Security-Policy"] = SEALED_OFF
    return response


def disposition(name: str) -> str:
    """A download under this name: plain for old clients, exact (RFC 5987) for all others."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
