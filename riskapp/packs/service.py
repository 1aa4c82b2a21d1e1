"""Evidence packs: made for somebody, and streamed to them as often as they are taken."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.audit.log import at_size
from riskapp.audit.models import Event, EventPrivate
from riskapp.audit.notes import NoteInvalid
from riskapp.audit.reads import noted_since
from riskapp.audit.service import OPERATOR, About, Actor, record
from riskapp.core.canonical import canonical
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.evidence.opening import ONE_SITTING, Opener
from riskapp.packs.bag import Stamp
from riskapp.packs.errors import CheckpointOfOther, NothingDecided, PackChanged, PackExpired
from riskapp.packs.making import Made, Material, PackWish, Parts
from riskapp.packs.models import PackExport
from riskapp.packs.names import one_line
from riskapp.packs.narrowing import from_json, worded
from riskapp.packs.queries import ExportRow, pack
from riskapp.packs.steady import changes_pack, steady

__all__ = ["Pack", "PackWish", "Parts", "Prepared", "forget_recipient", "prepare", "stream"]

LONGEST_RECIPIENT, LONGEST_PURPOSE = 200, 1000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A pack that was made and kept as a row, ready to be taken. `size` is the ZIP's, unsealed."""

    id: str
    size: int
    seal: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A ZIP on its way out: `size` bytes come in `chunks`, or an error instead of its end."""

    chunks: Iterator[bytes]
    size: int
    """Of the whole, also where the chunks begin later."""


def prepare(
    parts: Parts,
    wish: PackWish,
    *,
    actor: Actor,
    now: datetime,
    once: str | None = None,
    grant_id: str | None = None,
) -> Prepared:
    """Makes a pack, as an event `pack:export`; its bytes are taken by `stream`.

    Both events name the grant that allowed it, if one did.

    First the log is signed as it is: that is where the pack's trail stops. What happens to what is
    read meanwhile has it read again; what happens later, while the report is set and the pack is
    stamped, is of no matter to it. No transaction stays open. `once` is something random that the
    caller made up: the same wish that comes twice with the same one, as a form does that is sent
    twice, makes one pack.

    Raises AnswersErased, NothingDecided, FieldRefused (fields of PackWish), WrongState, NotFound,
    StillChanging, CheckpointOfOther, and what signing the log raises; Damaged where the head or the
    end of a file tells that it does not open, or nobody put it there; StoreUnavailable.
    """
    wish = replace(
        wish,
        recipient=checked_recipient(wish.recipient),
        purpose=checked_purpose(wish.purpose),
        narrowing=worded(wish.narrowing),
    )
    if wish.until is not None and wish.until < now.date():
        raise FieldRefused("until", "Name a day that is not over yet.")
    pack_id = _id_of(once, wish, actor)
    if (known := _made_once(pack_id)) is not None:
        return known
    material = steady(
        parts.log,
        now,
        lambda at: Material(parts, wish, actor, at),
        *changes_pack(wish.vendor_id, wish.assessment_id),
    )
    opener = Opener(parts.blobs, parts.keyring, actor=actor, now=now)
    stamp: Stamp = (lambda _: None) if parts.stamper is None else parts.stamper.stamp
    made = Made(material, opener, stamp)
    archive = made.archive()
    made.check_files(made.evidence)
    prepared = Prepared(pack_id, archive.size, made.bag.seal)
    try:
        _keep(prepared, wish, made, actor, now, grant_id)
    except IntegrityError:  # the same form, sent twice at the same time
        if (known := _made_once(pack_id)) is None:
            raise
        return known
    return prepared


def checked_recipient(text: str) -> str:
    """Raises FieldRefused."""
    return _line(text, "recipient", "who receives the pack", LONGEST_RECIPIENT)


def checked_purpose(text: str) -> str:
    """Raises FieldRefused."""
    return _line(text, "purpose", "what the pack is needed for", LONGEST_PURPOSE)


def _id_of(once: str | None, wish: PackWish, actor: Actor) -> str:
    """The same for the same form with the same wish, so that no other pack is taken for it."""
    if once is None:
        return new_id()
    said = {"once": once, "by": actor.id, **asdict(wish), "until": str(wish.until)}
    said["narrowing"] = wish.narrowing.as_json()
    return hashlib.sha256(canonical(said)).hexdigest()[:32]


def _made_once(pack_id: str) -> Prepared | None:
    """The pack with this id, if it was made already."""
    session = reading()
    session.rollback()
    row = pack(session, pack_id)
    session.rollback()
    return None if row is None else Prepared(row.id, row.size, row.seal)


def stream(
    parts: Parts,
    pack_id: str,
    *,
    actor: Actor,
    now: datetime,
    offset: int = 0,
    grant_id: str | None = None,
) -> Pack:
    """The bytes of a pack from `offset` on, as an event `pack:take`; no transaction stays open.

    With an `offset` it is the rest of something, and an event only where this actor has none on
    this pack within the hour. Raises NotFound, PackExpired, PackChanged, AnswersErased, and what
    `prepare` raises of files; the chunks raise Damaged, Erased, StoreUnavailable.
    """
    session = reading()
    row = pack(session, pack_id)
    try:
        key = parts.signer.held().raw_public_key
        at = None if row is None else at_size(session, row.log_size, key)
    except NoteInvalid:
        raise PackChanged from None
    finally:
        session.rollback()
    if row is None or at is None:
        raise NotFound
    if row.until is not None and row.until < now.date():
        raise PackExpired(row.until)
    wish = PackWish(
        row.vendor_id,
        row.assessment_id,
        row.recipient,
        row.purpose,
        row.until,
        from_json(row.narrowed),
    )
    made_by = OPERATOR if row.made_by_id is None else Actor("person", row.made_by_id)
    try:
        material = Material(parts, wish, made_by, at)
    except (CheckpointOfOther, FieldRefused, NothingDecided):
        raise PackChanged from None
    opener = Opener(parts.blobs, parts.keyring, actor=actor, now=now)
    made = Made(material, opener, lambda _: row.token)
    archive = made.archive()
    if (made.bag.seal, archive.size) != (row.seal, row.size):
        raise PackChanged
    made.check_files(archive.evidence_from(offset))
    _note_taking(row, actor, now, grant_id, continued=offset > 0)
    return Pack(made.pieces(archive, offset), archive.size)


def _keep(
    prepared: Prepared,
    wish: PackWish,
    made: Made,
    actor: Actor,
    now: datetime,
    grant_id: str | None,
) -> None:
    """Keeps for whom the pack is; its event says what it holds, and commits to names."""
    row = PackExport(
        id=prepared.id,
        vendor_id=wish.vendor_id,
        assessment_id=wish.assessment_id,
        recipient=wish.recipient,
        purpose=wish.purpose,
        until=wish.until,
        size=prepared.size,
        log_size=made.at.tree.size,
        narrowed=wish.narrowing.as_json(),
        sealed_to=wish.sealed_to,
        seal=prepared.seal,
        token=made.bag.token,
        made_by=actor.id,
        at=now,
    )
    with transaction() as session:
        session.add(row)
        session.flush()
        record(
            session,
            "pack:export",
            About(row.id, row.vendor_id, row.assessment_id),
            actor=actor,
            now=now,
            private={"recipient": wish.recipient, "purpose": wish.purpose},
            until=wish.until and wish.until.isoformat(),
            log_size=row.log_size,
            narrowed=not wish.narrowing.whole,
            tagmanifest_sha256=row.seal,
            **_by(grant_id),
        )


def _by(grant_id: str | None) -> dict[str, Any]:
    return {} if grant_id is None else {"grant": grant_id}


def _note_taking(
    row: ExportRow, actor: Actor, now: datetime, grant_id: str | None, *, continued: bool
) -> None:
    about = About(row.id, row.vendor_id, row.assessment_id)
    session = reading()
    known = continued and noted_since(session, "pack:take", about, actor, now - ONE_SITTING)
    session.rollback()
    if known:
        return
    said = {"tagmanifest_sha256": row.seal, **_by(grant_id)}
    with transaction() as session:
        record(session, "pack:take", about, actor=actor, now=now, **said)


def forget_recipient(session: Session, person_id: str, name: str) -> None:
    """Erases somebody's name from the packs that they made for themselves, as auditors do.

    Whom others wrote down as a recipient stays, as does all that is written for the organisation.
    """
    own = and_(PackExport.made_by == person_id, PackExport.recipient == one_line(name))
    events = select(Event.id).where(Event.object_id.in_(select(PackExport.id).where(own)))
    session.execute(
        delete(EventPrivate).where(
            EventPrivate.event_id.in_(events), EventPrivate.field == "recipient"
        )
    )
    session.execute(update(PackExport).where(own).values(recipient=""))


def _line(text: str, field: str, what: str, longest: int) -> str:
    line = one_line(text)
    if not line:
        raise FieldRefused(field, f"Say {what}: it stands in the pack and in the record.")
    if len(line) > longest:
        raise FieldRefused(field, f"Use at most {longest} characters to say {what}.")
    return line
