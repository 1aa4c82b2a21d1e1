"""What lies where: files of a vendor, their uses, their keys and their blobs."""

import secrets

import sqlalchemy as sa

from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.db import reading
from riskapp.evidence.models import WrappedKey
from riskapp.evidence.opening import open_file
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Place, SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.ports import ports
from tests import small
from tests.cast import NOW, Cast

LONG = secrets.token_bytes(70_000)  # several chunks of the sealed format


def place(invitation: OpenedInvitation, question_id: str = small.PROVEN) -> Place:
    return Place(invitation.assessment_id, invitation.vendor_id, invitation.id, question_id)


def read(
    file: SealedFile, assessment_id: str, cast: Cast, keyring: FileKeyring | None = None
) -> bytes:
    opened = open_file(
        file.evidence_id,
        file.version,
        assessment_id=assessment_id,
        blobs=ports().blobs,
        keyring=keyring or ports().keyring,
        actor=cast.oskar.actor,
        now=NOW,
    )
    return b"".join(opened.pieces())


def uses(invitation: OpenedInvitation, *, ended: bool = False) -> list[str]:
    reading().rollback()
    rows = of_assessment(reading(), invitation.assessment_id, with_ended=ended)
    return [row.use_id for row in rows]


def subjects() -> set[str]:
    reading().rollback()
    return set(reading().scalars(sa.select(WrappedKey.subject)))


def blobs() -> set[str]:
    return set(ports().blobs.names())
