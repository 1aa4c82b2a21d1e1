"""Verifying the whole trail: everything that is kept of it is computed anew and compared.

Who can write to the database can write all of it: events, leaves, nodes, checkpoints, the list of
keys, triggers. What they cannot do is sign. So all else must follow from the events, and the roots
must be those that were signed; a checkpoint that is kept elsewhere also shows whether the newest
part of the log was taken away.
"""

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from typing import Any

from sqlalchemy import Engine, Row, Select, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from riskapp.audit.errors import KeysUnreadable, LookBroken
from riskapp.audit.findings import Finding, node_unfit, stray
from riskapp.audit.keys import ListedKey, chain_problems, our_keys
from riskapp.audit.merkle import Growing, node_hash
from riskapp.audit.models import Checkpoint, Event, LogEntry, LogNode
from riskapp.audit.notes import NoteInvalid, Tree, notes_in, opened
from riskapp.audit.stored import LAST, STEP, size_of
from riskapp.audit.verify_stretches import (
    LEVEL,
    ROWS,
    STRETCH,
    Claim,
    Reader,
    Seen,
    Stretch,
)
from riskapp.audit.verify_tables import unfit_tables
from riskapp.core.crypto.signing import Signer

ALONE = 4 * STRETCH
"""Up to so many events one process is as quick as several."""
MOST_PROCESSES = 8


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a person brings along: checkpoints kept elsewhere, a fingerprint known from elsewhere.

    `checkpoint` is the text of a file with one of them, or with several, one behind the other.
    Without either the installation's own key and checkpoints are all there is to go by.
    """

    checkpoint: str | None = None
    fingerprint: str | None = None


@dataclass(slots=True)
class Verification:
    """One look at everything. Figures are complete when `findings` has come to its end."""

    engine: Engine
    session: Session
    signer: Signer
    trusted: Trusted = field(default_factory=Trusted)
    thoroughly: bool = False
    """Whether to hold each entry of each index to its table, on SQLite."""
    processes: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))

    size: int = 0
    """So many numbers the log has."""
    signed: int = 0
    """So many of them a checkpoint vouches for."""
    checkpoints: int = 0
    """So many fit."""
    waiting: int = 0
    """So many events have no number yet."""
    erased: int = 0
    """So many of their commitments cannot be opened, as later events say."""
    _origin: str | None = None
    _misfits: int = 0

    def findings(self) -> Iterator[Finding]:
        """Everything that is not as it should be; in memory is only a part of it at a time.

        What is so malformed that it cannot be read is a finding too, the last one. Raises
        LookBroken.
        """
        driver: Any = self.engine.dialect.loaded_dbapi
        try:
            yield from self._findings()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            yield _unreadable(error.orig or error)
        except (ArithmeticError, LookupError, TypeError, ValueError, driver.Error) as error:
            yield _unreadable(error)

    def _findings(self) -> Iterator[Finding]:
        events, self.size, rows, last = self._counts()
        keys, found = self._keys()  # after it: whatever was signed until then, one of them signed
        yield from found
        elsewhere, found = self._elsewhere(keys)
        yield from found
        if last and not keys and self.trusted.fingerprint is None:
            yield Finding("key", "Checkpoints were signed, but none of the listed keys is ours.")
        most = max(last, *(tree.size for tree in elsewhere), 0)
        if most > self.size:
            yield _rolled_back(self.size, most)
        yield from self._strays()
        yield from unfit_tables(self.session, thoroughly=self.thoroughly)
        if self.size > 2 * rows + STRETCH:
            yield _far_off(self.size, rows)
            self.size = 2 * rows + STRETCH
        tree, tops, numbered = Growing(), list[bytes](), 0
        for seen in self._seen(keys, elsewhere):
            yield from seen.findings
            numbered += seen.events
            self.erased += seen.erased
            if seen.top is not None:
                tops.append(seen.top)
            yield from self._claims(seen, tree)
        if self._misfits > 1:
            yield Finding("root", f"Later checkpoints that do not fit either: {self._misfits - 1}.")
        if self.size and not last and not elsewhere:
            yield Finding("unsigned", _UNSIGNED)
        yield from self._high_nodes(tops)
        if events != numbered:
            yield from self._waiting()

    def _keys(self) -> tuple[list[bytes], list[Finding]]:
        """The keys that vouch, and what is wrong with the list of them."""
        self.session.rollback()
        try:
            found = [Finding("key", one) for one in chain_problems(self.session, self.signer)]
            keys = our_keys(self.session, self.signer.held().raw_public_key)
        except KeysUnreadable as error:
            self.session.rollback()
            return [], [Finding("key", str(error))]
        known = self.trusted.fingerprint
        if known is not None:
            if known not in [key.fingerprint for key in keys]:
                words = f"No key of this installation has the fingerprint {known}."
                return [], [*found, Finding("key", words)]
            found += [Finding("key", one) for one in _not_endorsed(keys, known)]
        return [key.raw for key in keys], found

    def _elsewhere(self, keys: Sequence[bytes]) -> tuple[list[Tree], list[Finding]]:
        """What was kept elsewhere, each once, and what is wrong with it."""
        trees, found = set[Tree](), list[Finding]()
        if self.trusted.checkpoint is None:
            return [], []
        notes = notes_in(self.trusted.checkpoint) or [""]
        for at, note in enumerate(notes, 1):
            which = "The one from elsewhere" if len(notes) == 1 else f"From elsewhere, number {at}"
            try:
                trees.add(opened(note, keys))
            except NoteInvalid as error:
                found.append(Finding("checkpoint", f"{which}: {error}"))
        for tree in sorted(trees, key=lambda one: one.size)[:1]:
            self._origin = tree.origin
        return list(trees), found

    def _counts(self) -> tuple[int, int, int, int]:
        """Of events, numbers, and rows that give them; and the size of the newest checkpoint."""
        numbers, sizes = LogEntry.number.between(0, LAST), Checkpoint.size.between(0, LAST)
        row = self.session.execute(
            select(
                select(func.count()).select_from(Event).scalar_subquery(),
                select(func.max(LogEntry.number)).where(numbers).scalar_subquery(),
                select(func.count()).select_from(LogEntry).where(numbers).scalar_subquery(),
                select(func.max(Checkpoint.size)).where(sizes).scalar_subquery(),
            )
        ).one()
        self.session.rollback()
        return row[0], 0 if row[1] is None else int(row[1]) + 1, row[2], int(row[3] or 0)

    def _strays(self) -> Iterator[Finding]:
        """Rows at places that there are not, where no look at a stretch comes by."""
        query = select(LogEntry.number, LogEntry.event_id, Event.type, Event.object_id)
        query = query.outerjoin(Event, Event.id == LogEntry.event_id)
        for row in self._each(query.where(or_(LogEntry.number < 0, LogEntry.number > LAST))):
            yield stray(*row)
        sizes = select(Checkpoint.size).where(or_(Checkpoint.size < 0, Checkpoint.size > LAST))
        for (size,) in self._each(sizes):
            yield Finding("checkpoint", f"That of {str(size)[:60]} events: no log has so many.")
        self.session.rollback()

    def _each(self, query: Select[*tuple[Any, ...]]) -> Iterable[Row[*tuple[Any, ...]]]:
        return self.session.execute(query, execution_options={"yield_per": ROWS})

    def _seen(self, keys: Sequence[bytes], elsewhere: Sequence[Tree]) -> Iterator[Seen]:
        """Every stretch, in order; a long log by several processes."""
        ends = ((at, min(at + STRETCH, self.size)) for at in range(0, self.size, STRETCH))
        stretches = (
            Stretch(begin, end, tuple(tree for tree in elsewhere if begin < tree.size <= end))
            for begin, end in ends
        )
        if self.size <= ALONE or self.processes < 2 or "fork" not in get_all_start_methods():  # noqa: PLR2004 - several
            with closing(Reader(self.engine, keys)) as reader:
                yield from map(reader.look, stretches)
            return
        how_many = min(self.processes, MOST_PROCESSES)
        self.engine.dispose()  # no connection of this process is to be open in another one
        pool = ProcessPoolExecutor(how_many, get_context("fork"), _begin, (self.engine, keys))
        try:
            with pool:
                yield from pool.map(_look, stretches)
        except BrokenProcessPool:
            raise LookBroken from None

    def _claims(self, seen: Seen, tree: Growing) -> Iterator[Finding]:
        """Holds what was signed against what is there."""
        added = False
        for claim in seen.claims:
            if claim.part is None and seen.top is not None and not added:
                tree.add(seen.top)
                added = True
            root = tree.root() if added else tree.root(claim.part)
            yield from self._claim(claim, root)
        if seen.top is not None and not added:
            tree.add(seen.top)

    def _claim(self, claim: Claim, root: bytes) -> Iterator[Finding]:
        size = claim.tree.size
        if self._origin not in (None, claim.tree.origin):
            words = f"That of {size} events is of another log: {claim.tree.origin}."
            yield Finding("checkpoint", words)
        elif root == claim.tree.root:
            self._origin = claim.tree.origin
            self.checkpoints += claim.kept
            self.signed = max(self.signed, size)
        else:
            self._misfits += 1
            if self._misfits == 1:
                yield self._bent(claim)

    def _bent(self, claim: Claim) -> Finding:
        """Names the event if it can only be one."""
        first, last = self.signed, claim.tree.size - 1
        which = f"The checkpoint of {claim.tree.size} events" + (
            "" if claim.kept else ", which was kept elsewhere,"
        )
        if first > last:
            return Finding("root", f"{which} does not fit, but one of as many events does.")
        if first < last:
            return Finding(
                "root",
                f"{which} does not fit: from number {first} to {last} something was changed, "
                "removed, inserted or moved.",
            )
        query = select(LogEntry.event_id, Event.type, Event.object_id)
        query = query.outerjoin(Event, Event.id == LogEntry.event_id)
        row = self.session.execute(query.where(LogEntry.number == last)).first()
        self.session.rollback()
        words = f"{which} does not fit, and that of {first} does: it is not what was signed."
        return Finding("root", words, last, *(row or ()))

    def _high_nodes(self, tops: list[bytes]) -> Iterator[Finding]:
        """The kept hashes above those of a stretch, and any that should not be.

        Those that were added meanwhile are left to the next time.
        """
        wanted, level = dict[tuple[int, int], bytes](), LEVEL
        while tops:
            pairs = zip(tops[::2], tops[1::2], strict=False)
            tops, level = [node_hash(*pair) for pair in pairs], level + 1
            if level % STEP == 0:
                wanted.update({(level, at): top for at, top in enumerate(tops)})
        low = (LogNode.level == STEP) & LogNode.position.between(0, (self.size >> STEP) - 1)
        if self.engine.dialect.name == "sqlite":  # where there is a place between two others
            low &= func.typeof(LogNode.position) == "integer"
        query = select(LogNode.level, LogNode.position, LogNode.hash).where(~low)
        rows = self._each(query)
        grown = size_of(self.session)  # after them, for they may be newer than what was looked at
        for level, position, node in rows:
            top = wanted.pop((level, position), None)
            if top is not None and top.hex() != node:
                yield node_unfit(level, position)
            elif top is None and not self._is_new(level, position, grown):
                words = f"level {str(level)[:60]}, position {str(position)[:60]}"
                yield Finding("node", f"A hash is kept at {words}, where none belongs.")
        for place in wanted:
            yield node_unfit(*place)
        self.session.rollback()

    def _is_new(self, level: Any, position: Any, grown: int) -> bool:  # noqa: ANN401 - on SQLite anything
        """Whether a kept hash is over numbers that were given since this look began."""
        if {type(level), type(position)} != {int} or level not in range(STEP, 64, STEP):
            return False
        return bool(self.size < (position + 1) << level <= grown)

    def _waiting(self) -> Iterator[Finding]:
        with closing(Reader(self.engine, [])) as reader:
            for seen in reader.waiting():
                self.waiting += seen.events
                self.erased += seen.erased
                yield from seen.findings


_UNSIGNED = (
    "No checkpoint is kept, so that nothing vouches for the log. A process that serves signs one "
    "each minute: if one ever did, somebody deleted them. Compare with one from elsewhere."
)


def _not_endorsed(keys: Sequence[ListedKey], known: str) -> Iterator[str]:
    """Later keys that whoever knows this fingerprint has no reason to trust."""
    behind = False
    for key in keys:
        if behind and key.endorsement is None:
            yield (
                f"Key {key.number} ({key.fingerprint}) was adopted: {known} does not vouch for it, "
                "nor for what it signed."
            )
        behind = behind or key.fingerprint == known


def _far_off(size: int, rows: int) -> Finding:
    """Without it a single row would have every number before it looked for."""
    words = f"The last number is {size - 1}, and only {rows} are given: most numbers are missing."
    return Finding("gap", words, size - 1)


def _unreadable(error: BaseException) -> Finding:
    words = f"Something that is kept of the trail cannot be read, which ended the look: {error}"
    return Finding("unreadable", words)


def _rolled_back(size: int, signed: int) -> Finding:
    words = (
        f"The log was rolled back: {signed} events were signed, and there are {size} numbers. "
        f"Those from {size} to {signed - 1} are gone."
    )
    return Finding("rolled-back", words, size)


_readers: list[Reader] = []
"""That of this process, if it is one of several."""


def _begin(engine: Engine, keys: Sequence[bytes]) -> None:
    gc.disable()  # there is nothing to find, and looking for it takes a quarter of the time
    engine.dispose(close=False)  # the connections are those of the process that forked
    _readers.append(Reader(engine, keys))


def _look(stretch: Stretch) -> Seen:
    return _readers[0].look(stretch)
