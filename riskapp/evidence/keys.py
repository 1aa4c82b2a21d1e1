"""Keys of vendors and files: rows of wrapped keys, opened with the keyring."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import (
    Keyring,
    MasterKeyMissing,
    UnwrapFailed,
    Wrapped,
    unwrap_with,
)
from riskapp.core.errors import NotFound
from riskapp.core.ids import new_id
from riskapp.evidence.models import WrappedKey
from riskapp.vendors.models import Vendor

VENDOR_KEY = "vendor-key"
"""The provider's name in the row of a key that a vendor's key wraps."""


def vendor_key_for(
    session: Session, vendor_id: str, keyring: Keyring, now: datetime
) -> tuple[str, bytes]:
    """The id and the key that wraps the vendor's data keys; made at its first file."""
    row = _vendor_row(session, vendor_id)
    if row is None:
        # Two first files at once, on two assessments: one makes the key, the other waits for it.
        session.execute(select(Vendor.id).where(Vendor.id == vendor_id).with_for_update())
        row = _vendor_row(session, vendor_id)
    if row is not None:
        return row.id, keyring.unwrap(Wrapped(row.provider, row.wrapping_key_id, row.wrapped))
    key = secrets.token_bytes(32)
    wrapped = keyring.wrap(key)
    row = WrappedKey(
        id=new_id(),
        subject=f"vendor:{vendor_id}",
        version=1,
        provider=wrapped.provider,
        wrapping_key_id=wrapped.master_key_id,
        wrapped=wrapped.wrapped,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session, "vendor-key:make", About(row.id, vendor_id), actor=Actor("operator", None), now=now
    )
    return row.id, key


def data_key(
    session: Session, vendor_id: str, evidence_id: str, version: int, keyring: Keyring
) -> bytes:
    """The key of one file. Raises NotFound where it was destroyed."""
    row = session.scalar(
        select(WrappedKey).where(
            WrappedKey.subject == f"evidence:{evidence_id}", WrappedKey.version == version
        )
    )
    vendor_row = _vendor_row(session, vendor_id)
    if row is None or vendor_row is None:
        raise NotFound
    vendor_key = keyring.unwrap(
        Wrapped(vendor_row.provider, vendor_row.wrapping_key_id, vendor_row.wrapped)
    )
    return unwrap_with(vendor_key, row.wrapped)


def opens_what_is_stored(session: Session, keyring: Keyring) -> bool:
    """Whether the keyring is the one that the stored keys were wrapped with; tries one of them."""
    row = session.scalar(
        select(WrappedKey)
        .where(WrappedKey.provider != VENDOR_KEY)
        .order_by(WrappedKey.created_at.desc())
        .limit(1)
    )
    if row is None:
        return True
    try:
        keyring.unwrap(Wrapped(row.provider, row.wrapping_key_id, row.wrapped))
    except (MasterKeyMissing, UnwrapFailed):
        return False
    return True


def _vendor_row(session: Session, vendor_id: str) -> WrappedKey | None:
    return session.scalar(select(WrappedKey).where(WrappedKey.subject == f"vendor:{vendor_id}"))
