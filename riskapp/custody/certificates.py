"""Erasure certificates: what was destroyed, as a signed document and in words. Pure.

The document is canonical JSON (RFC 8785), so that whoever holds it can check the signature over
exactly these bytes, with `ssh-keygen -Y verify` and without riskapp.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from riskapp.core.canonical import canonical

FORMAT = 1
NAMESPACE = "riskapp-erasure"
PRINCIPAL = "riskapp"
"""As whom the `allowed_signers` file knows this installation"""
DOCUMENT, SIGNATURE, SIGNERS = "certificate.json", "certificate.json.sig", "allowed_signers"
"""What the files are called; the command below names them"""
COMMAND = (
    f"ssh-keygen -Y verify -f {SIGNERS} -I {PRINCIPAL} -n {NAMESPACE} -s {SIGNATURE} < {DOCUMENT}"
)


class Scope(StrEnum):
    """How much was erased, and what made it be erased."""

    FILE = "file"
    VENDOR = "vendor"
    RETENTION = "retention"
    INFECTED = "infected"


WHAT = {
    Scope.FILE: "One file with all its versions",
    Scope.VENDOR: "All files of the vendor",
    Scope.RETENTION: "Files whose time of retention has ended",
    Scope.INFECTED: "A file in which the virus scanner found something",
}


@dataclass(frozen=True, slots=True)
class Destroyed:
    """One version of a file that is gone. Sizes are bytes.

    `sealed_sha256` is the digest of the bytes that were stored; None where the store had lost them
    before. `key_id` is None where the key was gone before. `served`: assessment and question ids.
    """

    evidence_id: str
    version: int
    sealed_size: int
    sealed_sha256: str | None
    seal: str
    uploaded_at: datetime
    key_id: str | None
    served: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Account:
    """All that a certificate says. Whoever carried it out is named by role and id."""

    id: str
    organisation: str
    vendor_id: str
    vendor_name: str
    scope: Scope
    reason: str
    asked_by: str
    done_by: str
    done_by_id: str | None
    at: datetime
    files: Sequence[Destroyed]
    vendor_key_id: str | None
    public_key: str
    fingerprint: str


def document(account: Account) -> bytes:
    """The certificate: what is signed, kept and handed out."""
    return canonical(
        {
            "format": FORMAT,
            "type": NAMESPACE,
            "id": account.id,
            "organisation": account.organisation,
            "vendor": {"id": account.vendor_id, "name": account.vendor_name},
            "scope": account.scope,
            "reason": account.reason,
            "asked_by": account.asked_by or None,
            "carried_out_by": {"role": account.done_by, "id": account.done_by_id},
            "at": account.at.isoformat(),
            "files": [_file(one) for one in account.files],
            "vendor_key_destroyed": account.vendor_key_id,
            "statements": _statements(account),
            "signed_with": {"key": account.public_key, "fingerprint": account.fingerprint},
        }
    )


def _file(one: Destroyed) -> dict[str, Any]:
    return {
        "evidence": one.evidence_id,
        "version": one.version,
        "sealed_size": one.sealed_size,
        "sealed_sha256": one.sealed_sha256,
        "seal": one.seal,
        "uploaded_at": one.uploaded_at.isoformat(),
        "key_destroyed": one.key_id,
        "served": [{"assessment": name, "question": question} for name, question in one.served],
    }


LOCKED = (
    "Each file was stored encrypted only, with a key of its own. The stored forms of the keys that "
    "are named here were deleted from the live database in the same change that made this "
    "certificate; the encrypted files were unlinked from the live store right after it."
)
WITH_VENDOR_KEY = (
    "The vendor's own key, which wrapped the keys of its files, was destroyed too: a copy of a "
    "file's key alone opens nothing any more."
)
LOST_BEFORE = (
    "Where no digest is given, the store did not hold the encrypted file any more when it was to "
    "be destroyed; its key was destroyed all the same."
)
BACKUPS = (
    "Copies in backups: as long as a backup of the key table from before this day exists, and a "
    "copy of the encrypted file and the master key with it, the file could be restored from them. "
    "The key table is to be backed up apart from all else, and for a short time; once its last "
    "backup from before this day is destroyed, every copy of the file is unreadable."
)
WHAT_STAYS = (
    "What stays: that there was a file, its size, its digests, its days and which answers it "
    "served; acknowledgements, receipts and events that were given before are not changed, and an "
    "acknowledgement goes on naming the files that were handed in with it."
)


def _statements(account: Account) -> list[str]:
    said = [LOCKED]
    if account.vendor_key_id is not None:
        said.append(WITH_VENDOR_KEY)
    if any(one.sealed_sha256 is None for one in account.files):
        said.append(LOST_BEFORE)
    return [*said, BACKUPS, WHAT_STAYS]


def allowed_signers(certificate: str) -> str:
    """The line that `ssh-keygen -Y verify -f` reads; it names the key that signed this one.

    Whoever relies on it compares the fingerprint with one that they got another way.
    """
    key = json.loads(certificate)["signed_with"]["key"]
    return f'{PRINCIPAL} namespaces="{NAMESPACE}" {key}\n'


def in_words(certificate: str) -> str:
    """The certificate as plain text, for mails and for people without a reader for JSON."""
    return "\n".join(_lines(json.loads(certificate))) + "\n"


def _lines(said: dict[str, Any]) -> Iterator[str]:
    yield "Certificate of erasure"
    yield ""
    yield f"Number:          {said['id']}"
    yield f"Organisation:    {said['organisation']}"
    yield f"Vendor:          {said['vendor']['name']}"
    yield f"What was erased: {WHAT[Scope(said['scope'])]}"
    yield f"When:            {_time(said['at'])}"
    yield f"Reason:          {said['reason']}"
    yield f"Asked for by:    {said['asked_by'] or 'nobody: it follows from a rule'}"
    yield f"Carried out by:  {said['carried_out_by']['role']}"
    yield ""
    yield "Destroyed:"
    for number, one in enumerate(said["files"], 1):
        yield ""
        yield f"{number}. Evidence {one['evidence']}, version {one['version']}"
        yield f"   uploaded {_time(one['uploaded_at'])}, {one['sealed_size']} bytes encrypted"
        yield f"   SHA-256 of the encrypted bytes: {one['sealed_sha256'] or 'not stored any more'}"
        yield f"   key: {one['key_destroyed'] or 'was gone before'}"
        for served in one["served"]:
            yield f"   served {served['question']} of assessment {served['assessment']}"
    if said["vendor_key_destroyed"]:
        yield ""
        yield f"The vendor's own key: {said['vendor_key_destroyed']}"
    for statement in said["statements"]:
        yield ""
        yield statement
    yield ""
    yield f"Signed with the key {said['signed_with']['fingerprint']}. To check the signature over"
    yield f"{DOCUMENT}, put the three files beside one another and run:"
    yield ""
    yield f"  {COMMAND}"


def _time(written: str) -> str:
    at = datetime.fromisoformat(written)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
