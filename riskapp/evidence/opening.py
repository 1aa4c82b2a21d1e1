"""Opening evidence: who may, as an event, and the plaintext as it becomes certain.

No transaction is open while a file is sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.crypto.sealed import context, unseal
from riskapp.core.db import transaction
from riskapp.core.errors import NotFound
from riskapp.core.storage.port import BlobStore
from riskapp.evidence.keys import data_key
from riskapp.evidence.models import Evidence, EvidenceUse


@dataclass(frozen=True, slots=True)
class Opened:
    """A file ready to be sent: its plaintext comes in pieces, each authenticated."""

    name: str
    media_type: str
    size: int
    sha256: str
    chunks: Iterator[bytes]


def open_file(
    evidence_id: str,
    version: int,
    *,
    assessment_id: str,
    blobs: BlobStore,
    keyring: Keyring,
    actor: Actor,
    now: datetime,
) -> Opened:
    """Opens a file that serves an assessment, as an event. Raises NotFound, BlobMissing.

    The chunks raise SealBroken before a byte of wrong plaintext is given as complete.
    """
    with transaction() as session:
        row = session.scalar(
            select(Evidence)
            .join(
                EvidenceUse,
                (EvidenceUse.evidence_id == Evidence.id)
                & (EvidenceUse.version == Evidence.version),
            )
            .where(
                Evidence.id == evidence_id,
                Evidence.version == version,
                EvidenceUse.assessment_id == assessment_id,
            )
            .limit(1)
        )
        if row is None:
            raise NotFound
        key = data_key(session, row.vendor_id, evidence_id, version, keyring)
        record(
            session,
            "evidence:download",
            About(f"{evidence_id}/{version}", row.vendor_id, assessment_id),
            actor=actor,
            now=now,
        )
    chunks = unseal(key, context(row.vendor_id, row.id, row.version), blobs.read(row.blob))
    return Opened(row.name, row.media_type, row.size, row.sha256, chunks)
