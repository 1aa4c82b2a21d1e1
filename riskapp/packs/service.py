"""The evidence pack of a decided assessment, streamed to whoever it is made for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from riskapp.accounts.queries import names
from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.library import Library
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, Refusal
from riskapp.core.ids import new_id
from riskapp.core.storage.port import BlobStore
from riskapp.evidence.damage import Damage, Found
from riskapp.evidence.opening import Opener, not_put_there
from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.stored import Keys, Stored, Version, keys_of, these
from riskapp.packs.archive import chunks, size
from riskapp.packs.bag import build
from riskapp.packs.documents import Terms
from riskapp.packs.errors import EvidenceDiffers
from riskapp.packs.models import PackExport
from riskapp.packs.names import one_line
from riskapp.packs.queries import Contents, contents

LONGEST_RECIPIENT, LONGEST_PURPOSE = 200, 1000


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

    Raises AnswersErased, FieldRefused, WrongState, NotFound; Damaged where the head or the end of a
    file tells that it does not open, or nobody put it there. The chunks raise Damaged, Erased,
    StoreUnavailable.
    """
    recipient = _line(recipient, "recipient", "who receives the pack", LONGEST_RECIPIENT)
    purpose = _line(purpose, "purpose", "what the pack is needed for", LONGEST_PURPOSE)
    session = reading()
    found = contents(session, library, assessment_id, until_event)
    by_name = None if actor.id is None else names(session, {actor.id}).get(actor.id)
    kept, keys = _kept(session, found.evidence, keyring)
    strange = not_put_there(session, assessment_id, list(kept.values()))
    session.rollback()
    opener = Opener(blobs, keyring, actor=actor, now=now)
    if strange:
        raise opener.refusal(strange[0], Found(Damage.USE_CHANGED), assessment_id)
    for file in kept.values():
        opener.open(file, keys[file.key], assessment_id=assessment_id, held=0)
    terms = Terms(recipient, purpose, actor.kind, actor.id, by_name, until)
    files = {(file.evidence_id, file.version) for file in found.evidence}
    bag = build(found, terms, files - kept.keys())
    _note(bag.seal, found, terms, actor, now)

    def plaintext(row: EvidenceRow) -> Iterator[bytes]:
        file = kept[row.evidence_id, row.version]
        opened = opener.open(file, keys[file.key], assessment_id=assessment_id, held=0)
        return opened.pieces()

    def differs(error: EvidenceDiffers) -> Refusal:
        return opener.found_out(kept[error.evidence_id, error.version], assessment_id)

    pieces = _found_out(chunks(bag, found.decision.at, plaintext), differs)
    return Pack(f"{bag.folder}.zip", pieces, size(bag))


def _found_out(
    pieces: Iterator[bytes], why: Callable[[EvidenceDiffers], Refusal]
) -> Iterator[bytes]:
    """The same pieces; for a file that is another one than its row says, what happened to it."""
    try:
        yield from pieces
    except EvidenceDiffers as error:
        raise why(error) from error


def _note(seal: str, found: Contents, terms: Terms, actor: Actor, now: datetime) -> None:
    """Keeps for whom the pack is; its event says what it holds, and no name."""
    assessment, last_event = found.assessment, found.events[-1].id
    taken = PackExport(
        id=new_id(),
        vendor_id=assessment.vendor_id,
        assessment_id=assessment.id,
        recipient=terms.recipient,
        purpose=terms.purpose,
        until=terms.until,
        size=0,
        log_size=0,
        narrowed={},
        sealed_to=None,
        seal=seal,
        token=None,
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


def _kept(
    session: Session, files: Iterable[EvidenceRow], keyring: Keyring
) -> tuple[Mapping[Version, Stored], Keys]:
    """The files that may be opened, and their keys; of the others the pack says why not."""
    versions = {(file.evidence_id, file.version) for file in files if file.readable}
    kept = these(session, versions)
    return {file.key: file for file in kept}, keys_of(session, kept, keyring)
