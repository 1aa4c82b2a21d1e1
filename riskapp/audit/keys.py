"""The keys that this installation signs by, and signed by before."""

import base64
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.audit.errors import KeyUnknown
from riskapp.audit.models import SigningKey
from riskapp.audit.service import OPERATOR, About, record
from riskapp.core.crypto.signing import Signer
from riskapp.core.db import reading, transaction


def known_keys(session: Session) -> list[bytes]:
    """Every key of the installation as its raw 32 bytes, the oldest first."""
    rows = session.scalars(select(SigningKey.public_key).order_by(SigningKey.number))
    return [base64.b64decode(row.split()[1])[-32:] for row in rows]


def enrol(signer: Signer, now: datetime) -> None:
    """Notes the first key, as an event. Raises KeyUnknown where another one was in use."""
    if not _enrolled(reading(), signer):
        try:
            with transaction() as session:
                if not _enrolled(session, signer):
                    _add(session, 1, signer, None, now)
        except IntegrityError:  # two processes at once: the other one has noted it
            if not _enrolled(reading(), signer):
                raise


def _enrolled(session: Session, signer: Signer) -> bool:
    newest = session.scalar(
        select(SigningKey.fingerprint).order_by(SigningKey.number.desc()).limit(1)
    )
    if newest is not None and newest != signer.fingerprint:
        raise KeyUnknown(newest, signer.fingerprint)
    return newest is not None


def _add(
    session: Session, number: int, signer: Signer, endorsement: str | None, now: datetime
) -> None:
    row = SigningKey(
        number=number,
        fingerprint=signer.fingerprint,
        public_key=signer.public_key,
        since=now,
        endorsement=endorsement,
    )
    session.add(row)
    session.flush()
    record(
        session,
        "signing-key:add",
        About(signer.fingerprint),
        actor=OPERATOR,
        now=now,
        public_key=signer.public_key,
    )
