"""Erasing evidence: keys destroyed, blobs unlinked, a signed certificate of it.

For other verbs of this room: `sealed_digests` before the transaction, `destroy` in it, and
`evidence.removals.tidy` after it; or `erase_files`, which is all three. A file is (evidence id,
version) throughout.

What is hashed is hashed before the transaction: nobody waits behind gigabytes. In the transaction
the order of locks is that of everybody: assessments by id, engagements by id, the vendor.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.audit.keys import in_use
from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.signing import Signer
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.core.storage.port import BlobMissing, BlobStore
from riskapp.custody.certificates import NAMESPACE, Account, Destroyed, Scope, document
from riskapp.custody.errors import NothingToErase
from riskapp.custody.holds import refuse_held
from riskapp.custody.queries import was_there
from riskapp.custody.reach import (
    Version,
    delete_keys,
    files_left,
    hold_all,
    keys_of,
    rows_of,
    served_by,
    vendor_key_of,
)
from riskapp.evidence.models import Erasure, Evidence
from riskapp.evidence.removals import remember, tidy
from riskapp.scoring.users import score_users
from riskapp.vendors.models import Vendor

__all__ = [
    "Digests",
    "Means",
    "Version",
    "Wish",
    "checked_asker",
    "checked_reason",
    "destroy",
    "erase_file",
    "erase_files",
    "erase_vendor",
    "sealed_digests",
]

Digests = Mapping[Version, str | None]
"""SHA-256 of the sealed bytes of each file; None where the store has lost them."""

LONGEST_REASON, LONGEST_NAME = 1000, 200
CAUSES = {
    Scope.FILE: "Evidence was erased",
    Scope.VENDOR: "Evidence was erased",
    Scope.RETENTION: "Evidence was erased by the rules of retention",
    Scope.INFECTED: "Evidence was found infected and erased",
}


@dataclass(frozen=True, slots=True)
class Means:
    """What erasing needs of the installation."""

    blobs: BlobStore
    signer: Signer
    organisation: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Why something is to be erased, on whose wish (empty: nobody's), by whom and when.

    Reason and name stand in the certificate for good.
    """

    scope: Scope
    reason: str
    asked_by: str
    actor: Actor
    now: datetime


class _CameIn(Exception):  # noqa: N818 - not an error: a reason to look again
    """A file came in between hashing and holding the vendor."""


def checked_reason(reason: str) -> str:
    """As it is kept. Raises FieldRefused."""
    return _line(reason, "reason", "Give the reason: it stands in the certificate.", LONGEST_REASON)


def checked_asker(name: str) -> str:
    """As it is kept. Raises FieldRefused."""
    missing = "Say who asked for it: a person, or an organisation."
    return _line(name, "asked_by", missing, LONGEST_NAME)


def _line(text: str, field: str, missing: str, longest: int) -> str:
    line = " ".join(text.replace("\0", " ").split())  # PostgreSQL cannot keep U+0000
    if not line:
        raise FieldRefused(field, missing)
    if len(line) > longest:
        raise FieldRefused(field, f"Use at most {longest} characters.")
    return line


def erase_file(means: Means, vendor_id: str, evidence_id: str, wish: Wish) -> str:
    """Erases every version of one file; gives the erasure's id.

    Raises UnderHold, NothingToErase, NotFound.
    """
    if not was_there(reading(), vendor_id, evidence_id):
        raise NotFound
    return _erase(
        means, vendor_id, lambda session: files_left(session, vendor_id, evidence_id), wish
    )


def erase_vendor(means: Means, vendor_id: str, wish: Wish) -> str:
    """Erases every file of a vendor, and destroys the vendor's own key with them.

    A later upload makes a new one. Gives the erasure's id. Raises UnderHold, NothingToErase,
    NotFound.
    """
    if reading().get(Vendor, vendor_id) is None:
        raise NotFound
    return _erase(
        means, vendor_id, lambda session: files_left(session, vendor_id), wish, whole_vendor=True
    )


def erase_files(means: Means, vendor_id: str, files: Collection[Version], wish: Wish) -> str:
    """Erases these files of one vendor; those that are gone already are passed over.

    Gives the erasure's id. Raises UnderHold, NothingToErase, NotFound.
    """
    wanted = set(files)

    def find(session: Session) -> dict[Version, str]:
        left = files_left(session, vendor_id)
        return {one: blob for one, blob in left.items() if one in wanted}

    return _erase(means, vendor_id, find, wish)


def _erase(
    means: Means,
    vendor_id: str,
    find: Callable[[Session], Mapping[Version, str]],
    wish: Wish,
    *,
    whole_vendor: bool = False,
) -> str:
    digests: dict[Version, str | None] = {}
    while True:
        blobs = find(reading())
        # Refused before gigabytes are read for nothing; asked again where it counts.
        refuse_held(reading(), vendor_id, None if whole_vendor else _ids(blobs))
        reading().rollback()
        new = {one: blob for one, blob in blobs.items() if one not in digests}
        digests.update(sealed_digests(means.blobs, new))
        try:
            with transaction() as session:
                hold_all(session, vendor_id, blobs)
                wanted = find(session)
                _refuse_unknown(wanted, digests)
                made = destroy(
                    session,
                    means,
                    vendor_id,
                    {one: digests[one] for one in wanted},
                    wish,
                    whole_vendor=whole_vendor,
                )
        except _CameIn:
            continue
        tidy(means.blobs, deleted=True)
        return made


def _refuse_unknown(wanted: Mapping[Version, str], digests: Digests) -> None:
    if wanted.keys() - digests.keys():
        raise _CameIn


def sealed_digests(blobs: BlobStore, files: Mapping[Version, str]) -> Digests:
    """Reads these blobs (file to blob's name) to their end; no transaction should be open.

    Raises StoreUnavailable.
    """
    found: dict[Version, str | None] = {}
    for one, name in files.items():
        digest = hashlib.sha256()
        try:
            for piece in blobs.read(name):
                digest.update(piece)
        except BlobMissing:
            found[one] = None
            continue
        found[one] = digest.hexdigest()
    return found


def destroy(
    session: Session,
    means: Means,
    vendor_id: str,
    files: Digests,
    wish: Wish,
    *,
    whole_vendor: bool = False,
) -> str:
    """Destroys files of one vendor in the caller's transaction; gives the erasure's id.

    Their keys are deleted, their blobs remembered for `tidy`, their names emptied; whatever they
    served is scored again. The caller holds nothing but, at most, what `hold_users` held for these
    files. Raises NothingToErase where all are gone already, UnderHold, NotFound; then nothing was
    changed.
    """
    session.flush()
    vendor = hold_all(session, vendor_id, files)
    refuse_held(session, vendor_id, None if whole_vendor else _ids(files))
    rows = rows_of(session, vendor_id, files)
    vendor_key = vendor_key_of(session, vendor_id) if whole_vendor else None
    if not rows and vendor_key is None:
        raise NothingToErase
    known = [(row.id, row.version) for row in rows]
    keys = keys_of(session, known)
    served = served_by(session, known)
    gone = [
        Destroyed(
            evidence_id=row.id,
            version=row.version,
            sealed_size=row.sealed_size,
            sealed_sha256=files[row.id, row.version],
            seal=row.seal,
            uploaded_at=row.uploaded_at,
            key_id=keys.get((row.id, row.version)),
            served=served.get((row.id, row.version), ()),
        )
        for row in rows
    ]
    erasure = _certified(session, means, vendor, wish, gone, vendor_key)
    delete_keys(session, [*keys.values(), *([vendor_key] if vendor_key else [])])
    for row in rows:
        _empty(row, erasure, files[row.id, row.version])
        remember(session, row.blob, wish.now)
    session.flush()
    _record(session, erasure, wish, gone, vendor_key)
    score_users(session, known, cause=CAUSES[wish.scope], actor=wish.actor, now=wish.now)
    return erasure.id


def _ids(files: Collection[Version]) -> set[str]:
    return {evidence_id for evidence_id, _ in files}


def _certified(
    session: Session,
    means: Means,
    vendor: Vendor,
    wish: Wish,
    gone: Sequence[Destroyed],
    vendor_key: str | None,
) -> Erasure:
    person = wish.actor.id if wish.actor.kind == "person" else None
    key = in_use(session, means.signer)
    account = Account(
        id=new_id(),
        organisation=means.organisation,
        vendor_id=vendor.id,
        vendor_name=vendor.name,
        scope=wish.scope,
        reason=wish.reason,
        asked_by=wish.asked_by,
        done_by=_role(session, wish.actor),
        done_by_id=person,
        at=wish.now,
        files=gone,
        vendor_key_id=vendor_key,
        public_key=key.public_key,
        fingerprint=key.fingerprint,
    )
    certificate = document(account)
    erasure = Erasure(
        id=account.id,
        vendor_id=vendor.id,
        scope=wish.scope,
        reason=wish.reason,
        asked_by=wish.asked_by,
        person_id=person,
        at=wish.now,
        certificate=certificate.decode(),
        signature=key.sign(NAMESPACE, certificate),
    )
    session.add(erasure)
    session.flush()
    return erasure


def _role(session: Session, actor: Actor) -> str:
    """Whoever did it, as the certificate says it: by role, never by name."""
    if actor.kind == "person":
        return session.scalar(select(Person.role).where(Person.id == actor.id)) or "person"
    return {"clock": "riskapp, by its rules", "operator": "operator"}.get(actor.kind, actor.kind)


def _empty(row: Evidence, erasure: Erasure, sealed_sha256: str | None) -> None:
    row.erased_at, row.erasure_id = erasure.at, erasure.id
    row.sealed_sha256 = sealed_sha256
    row.name = row.scan_note = ""
    row.damage = None


def _record(
    session: Session,
    erasure: Erasure,
    wish: Wish,
    gone: Sequence[Destroyed],
    vendor_key: str | None,
) -> None:
    for one in gone:
        first = one.served[0][0] if one.served else None
        record(
            session,
            "evidence:erase",
            About(f"{one.evidence_id}/{one.version}", erasure.vendor_id, first),
            actor=wish.actor,
            now=wish.now,
            erasure=erasure.id,
            scope=wish.scope,
            sealed_size=one.sealed_size,
            sealed_sha256=one.sealed_sha256,
            served=[f"{assessment}/{question}" for assessment, question in one.served],
        )
    if vendor_key is not None:
        record(
            session,
            "vendor-key:destroy",
            About(vendor_key, erasure.vendor_id),
            actor=wish.actor,
            now=wish.now,
            erasure=erasure.id,
        )
    record(
        session,
        "erasure:add",
        About(erasure.id, erasure.vendor_id),
        actor=wish.actor,
        now=wish.now,
        private={"reason": wish.reason, "asked_by": wish.asked_by},
        scope=wish.scope,
        files=len(gone),
        sha256=hashlib.sha256(erasure.certificate.encode()).hexdigest(),
    )
