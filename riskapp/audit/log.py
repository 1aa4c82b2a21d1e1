"""The log: a place for every event, one after the other, and signed checkpoints over it.

Transactions write events; nobody waits for a number. Whoever holds the lock gives the events that
have become visible the next numbers, in the order of their ids, so that what caused another one
comes before it.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.audit import merkle
from riskapp.audit.errors import LogBent
from riskapp.audit.keys import enrol, known_keys
from riskapp.audit.merkle import ProofInvalid, leaf_hash
from riskapp.audit.models import Checkpoint, Event, LogEntry
from riskapp.audit.notes import Growth, Proof, Tree, opened, signed
from riskapp.audit.stored import StoredTree, append, size_of
from riskapp.core.crypto.signing import Signer
from riskapp.core.db import reading, transaction
from riskapp.core.stamping import Stamper

BATCH = 1000
"""So many events get their numbers in one transaction."""
_LOCK = "riskapp log"
_NEXT = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it is kept: what it says, the note, and the time stamp over it, if any."""

    tree: Tree
    note: str
    at: datetime
    token: bytes | None


class Log:
    """The log of this installation. `origin` names a log that has no checkpoint yet."""

    def __init__(self, signer: Signer, stamper: Stamper | None, origin: str) -> None:
        self._signer = signer
        self._stamper = stamper
        self._origin = origin
        self._turn = threading.Lock()
        self._since: int | None = None
        """All that was written before it has its number: an id on SQLite, else a transaction's.
        Not kept: the first look of a process is at everything, also after a restore."""

    def append(self) -> int:
        """Gives every visible event its number; how many events the log has then.

        Raises LogBent where hashes are gone that new ones rest on.
        """
        with self._turn:
            if self._since is None:
                self._since = _numbered()
            elif not _waits(self._since):
                return _size()
            first = last = None
            while True:
                with transaction() as session:
                    now = _wait_for_turn(session)
                    first = now if first is None else first
                    if last is None:
                        looked = _pending(session, self._since)
                    else:
                        looked = _behind(session, last, max(first, self._since or 0))
                    begin = size_of(session)
                    found = _leaves(
                        looked, set() if last is None else _taken(session, last, looked)
                    )
                    if found:
                        append(session, begin, found)
                if len(looked) < BATCH:
                    # What is older than the first look was visible to all looks since.
                    self._since = first
                    return begin + len(found)
                last = max(looked[-1][0], last or 0)

    def checkpoint(self, now: datetime) -> Signed:
        """Numbers what waits, and signs the log as it is; the newest one where nothing is new.

        Raises LogBent where the log does not continue what was signed last, or hashes of it are
        gone, KeyUnknown, and NoteInvalid where that was signed by somebody else: then nothing is
        signed.
        """
        key = enrol(self._signer, now)
        self.append()
        session = reading()
        session.rollback()
        last = newest(session, key.raw_public_key)
        size = size_of(session)  # after it, for others append meanwhile
        if last is not None and last.tree.size == size:
            return last
        if last is not None and last.tree.size > size:
            raise LogBent(last.tree.size)
        tree = StoredTree(session)
        found = Tree(
            self._origin if last is None else last.tree.origin, size, merkle.root(size, tree)
        )
        if last is not None:
            _grown(last.tree, found, tree)
        session.rollback()
        note = signed(found, key.raw_public_key, key.sign_raw)
        token = None if self._stamper is None else self._stamper.stamp(note.encode())
        return _kept(Signed(found, note, now, token), key.raw_public_key)


def _size() -> int:
    session = reading()
    session.rollback()
    return size_of(session)


def _numbered() -> int | None:
    """SQLite: all up to this id have numbers. Found without the lock, for it looks at everything.

    On PostgreSQL nobody waits for the lock but other sequencers.
    """
    session = reading()
    if not _on_sqlite(session):
        return None
    session.rollback()
    first = session.scalar(_unnumbered(session, None).with_only_columns(func.min(Event.id)))
    last = session.scalar(select(func.max(Event.id))) or 0
    session.rollback()
    return last if first is None else first - 1


def _waits(since: int) -> bool:
    """Whether any event has no number yet: looked up without the lock, which writers want."""
    session = reading()
    session.rollback()
    found = bool(session.execute(_unnumbered(session, since).limit(1)).first())
    session.rollback()
    return found


def _wait_for_turn(session: Session) -> int:
    """Holds the lock until the transaction ends; all that is older than the number is visible then.

    On SQLite whoever writes has had to wait already.
    """
    if _on_sqlite(session):
        return session.scalar(select(func.max(Event.id))) or 0
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(_LOCK))))
    return int(session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")) or 0)


def _pending(session: Session, since: int | None) -> Sequence[tuple[int, str]]:
    """The first events without a number, in order, as (id, body)."""
    return _read(session, _unnumbered(session, since).order_by(Event.id).limit(BATCH))


def _behind(session: Session, last: int, oldest: int) -> Sequence[tuple[int, str]]:
    """The next events of a long queue, in order.

    Those behind the id `last`, even if they have a number: to look that up for a few is cheaper
    than what PostgreSQL may think of. And as an event of a lower id may have become visible
    meanwhile, and may have caused one of a higher id, those of lower ids without a number that the
    transaction `oldest` or a later one wrote. Both in one statement, to see one moment.
    """
    behind = select(Event.id, Event.body).where(Event.id > last).order_by(Event.id).limit(BATCH)
    if _on_sqlite(session):
        return _read(session, behind)
    late = _unnumbered(session, oldest).where(Event.id <= last)
    both = union_all(late, behind.subquery().select()).subquery()
    return _read(session, select(both).order_by(both.c.id).limit(BATCH))


def _taken(session: Session, last: int, looked: Sequence[tuple[int, str]]) -> set[int]:
    """Those behind the id `last` that have numbers: as a range, for thousands of ids cost more."""
    highest = max((event for event, _ in looked), default=last)
    within = select(LogEntry.event_id).where(LogEntry.event_id.between(last + 1, highest))
    return set(session.scalars(within))


def _leaves(looked: Sequence[tuple[int, str]], taken: set[int]) -> list[tuple[int, bytes]]:
    return [(event, leaf_hash(body.encode())) for event, body in looked if event not in taken]


def _read(session: Session, query: Select[int, str]) -> Sequence[tuple[int, str]]:
    return [(event, body) for event, body in session.execute(query)]


def _unnumbered(session: Session, since: int | None) -> Select[int, str]:
    query = (
        select(Event.id, Event.body)
        .outerjoin(LogEntry, LogEntry.event_id == Event.id)
        .where(LogEntry.event_id.is_(None))
    )
    if since is None:
        return query
    if _on_sqlite(session):
        return query.where(Event.id > since)
    # Rows of a restored backup may name transactions that this server has still to come to.
    return query.where(Event.xid >= since, Event.xid < text(_NEXT))


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _grown(old: Tree, new: Tree, tree: StoredTree) -> Sequence[bytes]:
    """The proof that one grew out of the other. Raises LogBent where it did not."""
    if old.origin != new.origin or old.size > new.size:
        raise LogBent(old.size)
    proof = merkle.consistency(old.size, new.size, tree)
    try:
        merkle.check_consistency(old.size, old.root, new.size, new.root, proof)
    except ProofInvalid:
        raise LogBent(old.size) from None
    return proof


def growth(session: Session, note: str, at: Signed, current: bytes) -> Growth:
    """The proof that the log at a checkpoint of ours continues another, which somebody kept.

    Raises LogBent where it does not, NoteInvalid where the other is none of ours.
    """
    old = opened(note, known_keys(session, current))
    return Growth(old.size, tuple(_grown(old, at.tree, StoredTree(session))), at.note)


def _kept(found: Signed, current: bytes) -> Signed:
    row = Checkpoint(size=found.tree.size, note=found.note, at=found.at, token=found.token)
    try:
        with transaction() as session:
            session.add(row)
    except IntegrityError:  # another process signed the same one
        again = at_size(reading(), found.tree.size, current)
        return found if again is None else again
    return found


def newest(session: Session, current: bytes) -> Signed | None:
    """The checkpoint of most events. Raises NoteInvalid where none of our keys signed it.

    `current` is the key in use (raw): who writes to the database can list one of their own.
    """
    row = session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))
    return None if row is None else _signed(session, row, current)


def at_size(session: Session, size: int, current: bytes) -> Signed | None:
    """That of so many events, as `newest`."""
    row = session.get(Checkpoint, size)
    return None if row is None else _signed(session, row, current)


def _signed(session: Session, row: Checkpoint, current: bytes) -> Signed:
    return Signed(opened(row.note, known_keys(session, current)), row.note, row.at, row.token)


def proofs(session: Session, events: Sequence[int], at: Signed) -> dict[int, Proof]:
    """For each of the events that is in the log at this checkpoint, the proof that it is.

    Raises LogBent where one does not prove it: what is kept of the log is not what was signed.
    """
    tree, found = StoredTree(session), dict[int, Proof]()
    size, root = at.tree.size, at.tree.root
    numbers = numbers_of(session, events)
    for event, number in sorted(numbers.items(), key=lambda one: one[1]):
        if number < size:
            path = merkle.inclusion(number, size, tree)
            try:
                merkle.check_inclusion(number, size, tree(0, number), path, root)
            except ProofInvalid:
                raise LogBent(size) from None
            found[event] = Proof(number, tuple(path), at.note)
    return found


def numbers_of(session: Session, events: Sequence[int]) -> dict[int, int]:
    """The place of each event that has one, by its id."""
    found: dict[int, int] = {}
    for begin in range(0, len(events), 500):
        some = events[begin : begin + 500]
        rows = session.execute(
            select(LogEntry.event_id, LogEntry.number).where(LogEntry.event_id.in_(some))
        )
        found.update((event, number) for event, number in rows)
    return found
