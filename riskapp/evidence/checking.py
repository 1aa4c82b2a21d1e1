"""Looking through all evidence: rows without content, content without a row, what does not open.

Memory does not grow with the number of files, nor with their size. No transaction is open while a
file is read, so that people work on meanwhile; what they remove or erase in it is no finding.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Select, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.db import forget_deleted, reading, transaction
from riskapp.core.errors import NotFound
from riskapp.core.storage.port import BlobMissing, BlobStore
from riskapp.evidence.damage import Damage
from riskapp.evidence.errors import Damaged, Erased
from riskapp.evidence.leftovers import put_in_order
from riskapp.evidence.models import BlobRemoval, Evidence, WrappedKey
from riskapp.evidence.opening import Opener
from riskapp.evidence.stored import AT_ONCE, Stored, keys_of, page
from riskapp.vendors.models import Vendor

BLOB_WITHOUT_ROW = "blob-without-row"
LEFT_OVER = "left-over"
TO_UNLINK = "to-unlink"
KEY_WITHOUT_ROW = "key-without-row"
KEY_OF_ERASED = "key-of-erased"

_BACKUP = (
    "If the database was restored from an older backup than the rest, look for a newer one; "
    "otherwise --repair destroys it."
)
_WORDS = {
    BLOB_WITHOUT_ROW: f"No record points to this content. {_BACKUP}",
    LEFT_OVER: "A killed process left it on its way in. The next start, or --repair, clears it.",
    TO_UNLINK: "Removed, and not deleted yet. The next start, or --repair, deletes it.",
    KEY_WITHOUT_ROW: f"No record belongs to this key. {_BACKUP}",
    KEY_OF_ERASED: (
        "The record says that the file was erased, and its key is there: probably the table of "
        "keys was restored from an older backup. --repair destroys the key again."
    ),
}
REPAIRED = frozenset(_WORDS)
"""What `repair` puts in order: it loses nothing that a record points to. Damage needs a backup."""

Progress = Callable[[int, int], None]
"""Is told how many bytes were read, of how many."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    kind: str
    """A `Damage`, or one of the words above"""
    thing: str
    """The file as events name it, a blob's name, or whose key it is"""
    vendor: str
    """The vendor's name; empty where there is none to know"""
    words: str


def files(
    blobs: BlobStore, keyring: Keyring, *, actor: Actor, now: datetime, progress: Progress
) -> Iterator[Finding]:
    """Reads every byte of every file; marks what does not open, and unmarks what does again.

    Each mark is a transaction and an event of its own. Raises StoreUnavailable.
    """
    opener = Opener(blobs, keyring, actor=actor, now=now)
    done, every = 0, _bytes()
    for file, key, vendor in _with_keys(keyring):
        try:
            opener.verify(file, key)
        except Damaged as error:
            found = error.found
            where = "" if found.end is None else f" Stored bytes {found.start} to {found.end - 1}."
            yield Finding(found.kind, file.object_id, vendor, f"{found}{where}")
        except (Erased, NotFound):
            pass  # gone since it was listed: there is nothing to find any more
        else:
            if file.damage is not None:
                _mend(file, actor, now)
        done += file.sealed_size
        progress(done, max(done, every))


def without_row(blobs: BlobStore) -> list[str]:
    """Settled blobs that no live row points to. Ask first, and again before one is deleted."""
    names, found = blobs.names(), list[str]()
    while some := list(islice(names, AT_ONCE)):
        found += _unknown(some)
    return found


def still_without_row(blobs: BlobStore, names: Sequence[str]) -> Iterator[Finding]:
    """Those that are there still, and still without a row."""
    for at in range(0, len(names), AT_ONCE):
        for name in _unknown(names[at : at + AT_ONCE]):
            if _there(blobs, name):
                yield Finding(BLOB_WITHOUT_ROW, name, "", _WORDS[BLOB_WITHOUT_ROW])


def unfinished(blobs: BlobStore) -> Iterator[Finding]:
    """What killed processes left: of uploads, and of removals."""
    for name in blobs.leftovers():
        yield Finding(LEFT_OVER, name, "", _WORDS[LEFT_OVER])
    names = list(reading().scalars(select(BlobRemoval.blob).order_by(BlobRemoval.blob)))
    reading().rollback()
    for name in names:
        yield Finding(TO_UNLINK, name, "", _WORDS[TO_UNLINK])


def keys() -> Iterator[Finding]:
    """Keys that open nothing that is there. Files without a key are found with the files."""
    after = ("", 0)
    while rows := _loose_keys(after):
        for one in rows:
            kind = KEY_OF_ERASED if one.of_erased else KEY_WITHOUT_ROW
            yield Finding(kind, f"{one.subject}/{one.version}", "", _WORDS[kind])
        after = rows[-1].subject, rows[-1].version


def repair(blobs: BlobStore, orphans: Iterable[str], *, actor: Actor, now: datetime) -> None:
    """Destroys what no record points to, each as an event, and finishes what killed processes left.

    `orphans` were found by `without_row`, so that nothing younger is among them. Raises
    StoreUnavailable: what is done by then is done.
    """
    for name in orphans:
        with transaction() as session:
            if name in _pointed_to(session, [name]):
                continue
            record(session, "blob:delete", About(name), actor=actor, now=now)
        try:
            blobs.delete(name)
        except BlobMissing:
            continue
    while rows := _loose_keys(("", 0)):
        for one in rows:
            _destroy(one, actor, now)
    forget_deleted()
    put_in_order(blobs)


def _destroy(key: "_LooseKey", actor: Actor, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            delete(WrappedKey).where(
                WrappedKey.subject == key.subject, WrappedKey.version == key.version
            )
        )
        about = About(f"{key.subject}/{key.version}")
        record(session, "key:destroy", about, actor=actor, now=now)


def _bytes() -> int:
    size = func.coalesce(func.sum(Evidence.sealed_size), 0)
    found = reading().scalar(select(size).where(Evidence.erased_at.is_(None)))
    reading().rollback()
    return int(found or 0)


def _with_keys(keyring: Keyring) -> Iterator[tuple[Stored, bytes | Damage, str]]:
    """All files that are not erased, their keys, and their vendors' names, by pages."""
    after = ("", 0)
    session = reading()
    while rows := page(session, after, AT_ONCE):
        opening = keys_of(session, rows, keyring)
        vendors = {file.vendor_id for file in rows}
        named = session.execute(select(Vendor.id, Vendor.name).where(Vendor.id.in_(vendors)))
        names = {vendor_id: name for vendor_id, name in named}  # noqa: C416 - rows are no pairs to mypy
        session.rollback()
        for file in rows:
            yield file, opening[file.key], names.get(file.vendor_id, "")
        after = rows[-1].key


def _mend(file: Stored, actor: Actor, now: datetime) -> None:
    with transaction() as session:
        mended = session.scalar(
            update(Evidence)
            .where(Evidence.id == file.evidence_id, Evidence.version == file.version)
            .where(Evidence.damage == file.damage)
            .values(damage=None)
            .returning(Evidence.id)
        )
        if mended is not None:
            about = About(file.object_id, file.vendor_id)
            record(session, "evidence:mended", about, actor=actor, now=now, kind=file.damage)


def _unknown(names: Sequence[str]) -> list[str]:
    session = reading()
    known = _pointed_to(session, names)
    session.rollback()
    return [name for name in names if name not in known]


def _pointed_to(session: Session, names: Sequence[str]) -> set[str]:
    """Those blobs that a live row points to, or that are noted to be unlinked."""
    # Rows first: who removes a file leaves its blob among the removals in the same change.
    rows = select(Evidence.blob).where(Evidence.blob.in_(names), Evidence.erased_at.is_(None))
    removals = select(BlobRemoval.blob).where(BlobRemoval.blob.in_(names))
    return {*session.scalars(rows), *session.scalars(removals)}


def _there(blobs: BlobStore, name: str) -> bool:
    try:
        blobs.size(name)
    except BlobMissing:
        return False
    return True


@dataclass(frozen=True, slots=True, order=True)
class _LooseKey:
    """A key that opens nothing that is there."""

    subject: str
    version: int
    of_erased: bool


def _loose_keys(after: tuple[str, int]) -> Sequence[_LooseKey]:
    """The next ones behind a subject and version, of files and of vendors."""
    session = reading()
    found = [*_of_no_file(session, after), *_of_no_vendor(session, after)]
    session.rollback()
    return sorted(found)[:AT_ONCE]


def _of_no_file(session: Session, after: tuple[str, int]) -> Iterator[_LooseKey]:
    file = (Evidence.id == func.substr(WrappedKey.subject, len("evidence:") + 1)) & (
        Evidence.version == WrappedKey.version
    )
    query = _keys_of("evidence", after, Evidence.id).outerjoin(Evidence, file)
    gone = or_(Evidence.id.is_(None), Evidence.erased_at.is_not(None))
    for subject, version, known in session.execute(query.where(gone)):
        yield _LooseKey(subject, version, known is not None)


def _of_no_vendor(session: Session, after: tuple[str, int]) -> Iterator[_LooseKey]:
    vendor = Vendor.id == func.substr(WrappedKey.subject, len("vendor:") + 1)
    query = _keys_of("vendor", after, Vendor.id).outerjoin(Vendor, vendor)
    for subject, version, _ in session.execute(query.where(Vendor.id.is_(None))):
        yield _LooseKey(subject, version, of_erased=False)


def _keys_of(
    of: str, after: tuple[str, int], known: InstrumentedAttribute[str]
) -> Select[str, int, str]:
    columns = WrappedKey.subject, WrappedKey.version
    return (
        select(*columns, known)
        .select_from(WrappedKey)
        .where(WrappedKey.subject.like(f"{of}:%"), tuple_(*columns) > after)
        .order_by(*columns)
        .limit(AT_ONCE)
    )
