"""Stored files as they are opened and checked: what their rows say, and the keys that open them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from riskapp.core.crypto.keyring import (
    Keyring,
    MasterKeyMissing,
    UnwrapFailed,
    Wrapped,
    unwrap_with,
)
from riskapp.evidence.damage import Damage
from riskapp.evidence.models import Evidence, EvidenceUse, WrappedKey
from riskapp.evidence.scans import Scan

Version = tuple[str, int]
"""Which version of which evidence"""
Keys = Mapping[Version, bytes | Damage]
"""The key of each file, or why there is none"""

_T = TypeVar("_T")
AT_ONCE = 500
"""Files that one statement asks about: databases limit the values of a statement"""


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a file, as its row describes what lies in the store."""

    evidence_id: str
    version: int
    vendor_id: str
    blob: str
    name: str
    media_type: str
    size: int
    sha256: str
    crc32: int
    sealed_size: int
    seal: str
    """Empty for files that came before seals were kept"""
    scan: Scan
    damage: str | None
    erased_at: datetime | None

    @property
    def key(self) -> Version:
        return self.evidence_id, self.version

    @property
    def object_id(self) -> str:
        """As events name it."""
        return f"{self.evidence_id}/{self.version}"


_SELECT = select(
    Evidence.id,
    Evidence.version,
    Evidence.vendor_id,
    Evidence.blob,
    Evidence.name,
    Evidence.media_type,
    Evidence.size,
    Evidence.sha256,
    Evidence.crc32,
    Evidence.sealed_size,
    Evidence.seal,
    Evidence.scan,
    Evidence.damage,
    Evidence.erased_at,
)


def serving(session: Session, version: Version, assessment_id: str) -> Stored | None:
    """The file, if it serves or served an answer of this assessment."""
    serves = (
        select(EvidenceUse.id)
        .where(
            EvidenceUse.evidence_id == Evidence.id,
            EvidenceUse.version == Evidence.version,
            EvidenceUse.assessment_id == assessment_id,
        )
        .exists()
    )
    return _one(session, _of(version).where(serves))


def again(session: Session, file: Stored) -> Stored | None:
    """The same file as its row is now; None where the row is gone."""
    return _one(session, _of(file.key))


def these(session: Session, versions: Collection[Version]) -> Sequence[Stored]:
    """The files of these versions, in no particular order."""
    found: list[Stored] = []
    for some in some_at_a_time(list(versions)):
        chosen = tuple_(Evidence.id, Evidence.version).in_(some)
        found += _rows(session, _SELECT.where(chosen))
    return found


def page(session: Session, after: Version, limit: int) -> Sequence[Stored]:
    """The next files that are not erased, in the order of their ids; `after` is the last seen."""
    later = tuple_(Evidence.id, Evidence.version) > after
    query = _SELECT.where(Evidence.erased_at.is_(None), later)
    return _rows(session, query.order_by(Evidence.id, Evidence.version).limit(limit))


def some_at_a_time(things: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """So many of them that a statement may ask about."""
    return (things[at : at + AT_ONCE] for at in range(0, len(things), AT_ONCE))


def _of(version: Version) -> Select[*tuple[Any, ...]]:
    return _SELECT.where(Evidence.id == version[0], Evidence.version == version[1])


def _one(session: Session, query: Select[*tuple[Any, ...]]) -> Stored | None:
    return next(iter(_rows(session, query)), None)


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[Stored]:
    return [_stored(*row) for row in session.execute(query)]


def _stored(*values: Any) -> Stored:  # noqa: ANN401 - columns, as the statement lists them
    named: dict[str, Any] = dict(zip(Stored.__dataclass_fields__, values, strict=True))
    return Stored(**{**named, "scan": Scan(named["scan"])})


def keys_of(session: Session, files: Sequence[Stored], keyring: Keyring) -> Keys:
    """The data key of each file; each vendor's key is unwrapped once."""
    found: dict[Version, bytes | Damage] = {}
    for some in some_at_a_time(files):
        vendors = _vendor_keys(session, {file.vendor_id for file in some}, keyring)
        subjects = [f"evidence:{file.evidence_id}" for file in some]
        query = select(WrappedKey.subject, WrappedKey.version, WrappedKey.wrapped)
        rows = session.execute(query.where(WrappedKey.subject.in_(subjects)))
        wrapped = {(subject, version): bytes(key) for subject, version, key in rows}
        for file in some:
            own = wrapped.get((f"evidence:{file.evidence_id}", file.version))
            found[file.key] = _data_key(vendors.get(file.vendor_id), own)
    return found


def _data_key(vendor: bytes | Damage | None, wrapped: bytes | None) -> bytes | Damage:
    if wrapped is None:
        return Damage.KEY_MISSING
    if vendor is None:
        return Damage.VENDOR_KEY_MISSING
    if isinstance(vendor, Damage):
        return vendor
    try:
        return unwrap_with(vendor, wrapped)
    except UnwrapFailed:
        return Damage.KEY_CHANGED


def _vendor_keys(
    session: Session, vendors: Iterable[str], keyring: Keyring
) -> Mapping[str, bytes | Damage]:
    subjects = {f"vendor:{vendor}": vendor for vendor in vendors}
    rows = session.scalars(select(WrappedKey).where(WrappedKey.subject.in_(subjects)))
    return {subjects[row.subject]: _vendor_key(row, keyring) for row in rows}


def _vendor_key(row: WrappedKey, keyring: Keyring) -> bytes | Damage:
    try:
        return keyring.unwrap(Wrapped(row.provider, row.wrapping_key_id, row.wrapped))
    except MasterKeyMissing:
        return Damage.MASTER_KEY_MISSING
    except UnwrapFailed:
        return Damage.VENDOR_KEY_CHANGED
