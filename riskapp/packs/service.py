"""The evidence pack of a decided assessment, streamed to whoever it is made for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from riskapp.accounts.queries import names
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.library import Library
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.crypto.sealed import context, unseal
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.core.storage.port import BlobStore
from riskapp.evidence.keys import data_key
from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.archive import chunks, size
from riskapp.packs.bag import build
from riskapp.packs.documents import Terms
from riskapp.packs.models import PackExport
from riskapp.packs.names import one_line
from riskapp.packs.queries import Contents, contents

LONGEST_RECIPIENT, LONGEST_PURPOSE = 200, 1000

Keys = Mapping[tuple[str, int], bytes]


@dataclass(frozen=True, slots=True)
class Pack:
    """A ZIP on its way out: `size` bytes come in `chunks`, or an error instead of its end."""

    filename: str
    chunks: Iterator[bytes]
    size: int


def export(  # noqa: PLR0913 - a pack is made of three parts, for somebody, by somebody, for a reason
    library: Library,
    blobs: BlobStore,
    keyring: Keyring,
    assessment_id: str,
    *,
    actor: Actor,
    now: datetime,
    recipient: str,
    purpose: str,
    until: date | None = None,
    until_event: int | None = None,
) -> Pack:
    """Makes the pack of a decided assessment, as an event; no transaction stays open.

    `until` is the last day on which the recipient may use it. `until_event` is where the trail
    stops (None: at its newest event): with the same one, and the same recipient, purpose, person
    and day, the bytes are the same. `now` is in none of them.

    Raises FieldRefused, WrongState, NotFound; BlobMissing where a file is gone from the store. The
    chunks raise SealBroken, EvidenceDiffers, BlobMissing, StoreUnavailable.
    """
    recipient = _line(recipient, "recipient", "who receives the pack", LONGEST_RECIPIENT)
    purpose = _line(purpose, "purpose", "what the pack is needed for", LONGEST_PURPOSE)
    session = reading()
    found = contents(session, library, assessment_id, until_event)
    by_name = None if actor.id is None else names(session, {actor.id}).get(actor.id)
    keys = _keys(session, found.evidence, keyring)
    session.rollback()
    for file in found.evidence:
        if (file.evidence_id, file.version) in keys:
            blobs.size(file.blob)  # raises before the answer begins
    terms = Terms(recipient, purpose, actor.kind, actor.id, by_name, until)
    files = {(file.evidence_id, file.version) for file in found.evidence}
    bag = build(found, terms, files - keys.keys())
    _note(bag.seal, found, terms, actor, now)

    def plaintext(file: EvidenceRow) -> Iterator[bytes]:
        key = keys[file.evidence_id, file.version]
        bound_to = context(file.vendor_id, file.evidence_id, file.version)
        return unseal(key, bound_to, blobs.read(file.blob))

    pieces = chunks(bag, found.decision.at, plaintext)
    return Pack(f"{bag.folder}.zip", pieces, size(bag))


def _note(seal: str, found: Contents, terms: Terms, actor: Actor, now: datetime) -> None:
    """Keeps for whom the pack is; its event says what it holds, and no name."""
    assessment, last_event = found.assessment, found.events[-1].id
    taken = PackExport(
        id=new_id(),
        assessment_id=assessment.id,
        recipient=terms.recipient,
        purpose=terms.purpose,
        until=terms.until,
        last_event=last_event,
        seal=seal,
        made_by=actor.id,
        at=now,
    )
    with transaction() as session:
        session.add(taken)
        session.flush()
        record(
            session,
            "pack:export",
            About(taken.id, assessment.vendor_id, assessment.id),
            actor=actor,
            now=now,
            until=terms.until and terms.until.isoformat(),
            last_event=last_event,
            tagmanifest_sha256=seal,
        )


def _line(text: str, field: str, what: str, longest: int) -> str:
    line = one_line(text)
    if not line:
        raise FieldRefused(field, f"Say {what}: it stands in the pack and in the record.")
    if len(line) > longest:
        raise FieldRefused(field, f"Use at most {longest} characters to say {what}.")
    return line


def _keys(session: Session, files: Iterable[EvidenceRow], keyring: Keyring) -> Keys:
    """The keys of the files that can still be opened."""
    found: dict[tuple[str, int], bytes] = {}
    for file in files:
        known = file.evidence_id, file.version
        try:
            found[known] = data_key(session, file.vendor_id, *known, keyring)
        except NotFound:
            continue  # destroyed with the file: the pack says that it is left out
    return found
