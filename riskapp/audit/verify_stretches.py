"""A stretch of the log, read by the driver and computed anew: what one process does at a time.

Rows are told apart here as they come, for a million of them: no object is made for one that is as
it should be.
"""

import hashlib
import re
from binascii import hexlify
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from riskapp.audit import merkle, verify_values
from riskapp.audit.findings import Finding, gap, node_unfit, stray
from riskapp.audit.merkle import HASH_BYTES
from riskapp.audit.notes import NoteInvalid, Tree, opened
from riskapp.audit.stored import STEP
from riskapp.audit.verify_bodies import SAID, Bodies, BodyUnfit, Said
from riskapp.audit.verify_openings import TOLERANCE, Erased
from riskapp.audit.verify_sql import AS_BYTES, TEXTS, statements
from riskapp.audit.verify_values import NOTHING, apart, decoded, runs, same_time, text, time
from riskapp.core.tst import answer

LEVEL = 14
STRETCH = 1 << LEVEL
"""So many numbers are looked at in one go; what is held of each is a hash."""
ROWS = 2048
"""So many events are held in memory."""
_GONE = "The log has it, but the event is gone."
_CHANGED = "The log has another hash of it: what it says was changed, or that hash."
_NO_HASH = "What the log has as its hash is none."
_NOT_ERASED = "What it commits to cannot be opened, and nothing says that it was erased"
_AS_BYTES = "is kept as bytes and not as text, so that nobody finds it."
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_INNER_REST, _OUTER_REST = b"\x36" * HASH_BYTES, b"\x5c" * HASH_BYTES
_LEAST = -(2**63)
"""The lowest id that a database takes."""


_Read = tuple[re.Match[bytes] | None, Mapping[bytes, Any], int | None, tuple[Any, ...]]
"""What a body commits to, its number, and the row."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A root that was signed, and that of the part of the tree that lies in this stretch.

    `part` is None at the end of a whole stretch; `kept` is False for a checkpoint from elsewhere.
    """

    tree: Tree
    part: bytes | None
    kept: bool


@dataclass(slots=True)
class Seen:
    """What a stretch was found to be; `top` is its root, None where it is not whole."""

    findings: list[Finding] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    events: int = 0
    erased: int = 0
    """So many commitments cannot be opened any more, as later events say."""
    top: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Numbers from `begin`, a multiple of STRETCH, to before `end`.

    `elsewhere` are checkpoints that were kept elsewhere, those that end here.
    """

    begin: int
    end: int
    elsewhere: tuple[Tree, ...] = ()


class Reader:
    """Looks at stretches over one connection of its own. `keys` are those that sign.

    Texts are read as bytes: nothing is to be decoded that is to be hashed.
    """

    def __init__(self, engine: Engine, keys: Sequence[bytes]) -> None:
        self._keys = keys
        self._bodies = Bodies()
        self._on_sqlite = engine.dialect.name == "sqlite"
        self._statements = statements(on_sqlite=self._on_sqlite)
        self._erased = Erased(self._statements, self._rows)
        self._connection = engine.raw_connection()
        driver: Any = self._connection.driver_connection
        if self._on_sqlite:
            driver.text_factory = bytes
        else:
            driver.execute(
                "SET client_encoding TO 'SQL_ASCII'; SET TIME ZONE 'UTC'; SET DateStyle TO 'ISO'"
            )
            driver.commit()  # else the first look's end would undo it
        self._cursor = self._connection.cursor()

    def close(self) -> None:
        self._cursor.close()
        self._connection.invalidate()  # nobody else reads as it does

    def look(self, stretch: Stretch) -> Seen:
        """Everything in the stretch against everything else that is kept of it."""
        seen = Seen()
        leaves: list[bytes] = []
        for begin in range(stretch.begin, stretch.end, ROWS):
            self._entries(begin, min(begin + ROWS, stretch.end), seen, leaves)
        levels = verify_values.levels(leaves)
        self._nodes(stretch, levels[STEP] if len(levels) > STEP else [], seen)
        seen.top = levels[LEVEL][0] if len(levels) > LEVEL else None
        self._claims(stretch, levels, seen)
        if not self._on_sqlite:
            self._connection.rollback()
        return seen

    def waiting(self) -> Iterator[Seen]:
        """Events that have no number yet, some at a time, and what is wrong with them."""
        wanted = self._statements.waiting
        first, rows = _LEAST, self._rows(wanted, _LEAST, ROWS)
        while rows:
            seen = Seen()
            nothing = [None] * len(rows)
            self._events(nothing, [event for (event,) in rows], nothing, seen)
            yield seen
            first = rows[-1][0] + 1
            rows = self._rows(wanted, first, ROWS) if len(rows) == ROWS else ()

    def _rows(self, statement: str, *values: int | str) -> Sequence[tuple[Any, ...]]:
        self._cursor.execute(statement, values)
        return self._cursor.fetchall()

    def _entries(self, begin: int, end: int, seen: Seen, leaves: list[bytes]) -> None:
        rows = self._rows(self._statements.entries, begin, end)
        plain = [row[0] for row in rows] == [*range(begin, end)]
        if not plain or {type(event) for _, event, _ in rows} != {int}:
            rows = _whole(rows, seen)
        found = apart(decoded([leaf for _, _, leaf in rows]))
        if len(rows) == end - begin:  # all different, and in order
            leaves += found
        else:
            expected = begin
            for number, leaf in [*zip([row[0] for row in rows], found, strict=True), (end, b"")]:
                if number != expected:
                    seen.findings.append(gap(expected, number))
                leaves += [NOTHING] * (number - expected)
                leaves += [leaf] if number < end else []
                expected = number + 1
        self._events([row[0] for row in rows], [row[1] for row in rows], found, seen)

    def _events(
        self,
        numbers: Sequence[int | None],
        events: Sequence[int],
        leaves: Sequence[bytes | None],
        seen: Seen,
    ) -> None:
        """Holds these events against all that repeats what they say."""
        ranges, wanted = runs(sorted(events)), self._statements.events
        rows: Sequence[Any] = [row for one in ranges for row in self._rows(wanted, *one)]
        if [row[0] for row in rows] != events:
            there = {row[0]: row for row in rows}
            rows = [there.get(event) for event in events]
        read, sha, private = self._bodies.read, hashlib.sha256, dict[int, _Read]()
        owed = 0
        for number, event, leaf, row in zip(numbers, events, leaves, rows, strict=True):
            if row is None:
                seen.findings.append(Finding("missing", _GONE, number, event))
                continue
            seen.events += 1
            body = row[7]
            if body.__class__ is not bytes:
                seen.findings.append(_about("body", "It is no text.", number, row))
                continue
            if leaf is not None and sha(b"\x00" + body).digest() != leaf:
                words = _NO_HASH if leaf == NOTHING else _CHANGED
                seen.findings.append(_about("body", words, number, row))
            try:
                said, committed = read(body, row[5])
            except BodyUnfit as error:
                seen.findings.append(_about("body", str(error), number, row))
                continue
            if said != row[1:7]:
                row = self._with_time(number, row, seen)  # noqa: PLW2901 - in place of the mark
                _columns(said, number, row, seen)
            private[event] = *committed, number, row
            owed += len(committed[1])
        wanted, held = self._statements.openings, list[Sequence[tuple[Any, ...]]]()
        for one in ranges:
            held.append(self._rows(wanted, *one))
            owed -= self._openings(held[-1], private, seen)
        if owed:
            opened = {(event, name) for some in held for event, name, *_ in some}
            self._gone(private, opened, seen)

    def _with_time(self, number: int | None, row: tuple[Any, ...], seen: Seen) -> tuple[Any, ...]:
        """The row as it is, where a mark takes the place of its time; that is told."""
        if not self._on_sqlite or row[3] != AS_BYTES:
            return row
        ((*types, at),) = self._rows(self._statements.types, row[0])
        told = zip(TEXTS, types, strict=True)
        names = [name.removesuffix("_id") for name, kind in told if kind == b"blob"]
        if names:
            words = f"What the row says {_AS_BYTES} It is: {', '.join(names)}."
            seen.findings.append(_about("stored", words, number, row))
        return (*row[:3], at, *row[4:])

    def _gone(
        self, private: "dict[int, _Read]", opened: set[tuple[int, bytes]], seen: Seen
    ) -> None:
        """Names events of which commitments cannot be opened though nothing says who erased it."""
        for event, (_, fields, number, row) in private.items():
            absent = [text(name) for name in fields if (event, name) not in opened]
            if not absent:
                continue
            names = self._erased.unexplained(absent, number, row)
            seen.erased += len(absent) - len(names)
            if names:
                words = f"{_NOT_ERASED}: {', '.join(names)}."
                seen.findings.append(_about("private", words, number, row))

    def _openings(
        self,
        rows: Sequence[tuple[Any, ...]],
        private: "dict[int, _Read]",
        seen: Seen,
    ) -> int:
        """How many open a commitment, or are to. What does not is told.

        HMAC-SHA-256 of two plain hashes, as RFC 2104 says it: twice as quick as hmac.digest.

        A salt is always half a block; one of another form opens nothing.
        """
        salts, sha, get = decoded([row[2] for row in rows]), hashlib.sha256, private.get
        inner, outer = apart(salts.translate(_INNER)), apart(salts.translate(_OUTER))
        opened = [
            sha(ended + _OUTER_REST + sha(begun + _INNER_REST + row[3]).digest()).digest()
            for row, begun, ended in zip(rows, inner, outer, strict=True)
        ]
        told = apart(hexlify(b"".join(opened)), 2 * HASH_BYTES)
        others = 0
        for (event, name, salt, _), one in zip(rows, told, strict=True):
            found = get(event)
            if found is None:
                others += 1
                continue
            match, fields, number, row = found
            committed = fields.get(name)
            if match is not None and committed is not None:
                committed = match[committed]
            elif committed is None:
                others += 1
            if committed != one:
                wrong = "is not what it commits to."
                if self._on_sqlite and salt == AS_BYTES:
                    wrong = _AS_BYTES
                words = f"What is kept as its “{text(name)}” {wrong}"
                seen.findings.append(_about("private", words, number, row))
        return len(rows) - others

    def _nodes(self, stretch: Stretch, whole: list[bytes], seen: Seen) -> None:
        first = stretch.begin >> STEP
        rows = dict(self._rows(self._statements.nodes, STEP, first, first + len(whole)))
        for position, node in enumerate(whole, first):
            if rows.get(position) != node.hex().encode():
                seen.findings.append(node_unfit(STEP, position))

    def _claims(self, stretch: Stretch, levels: list[list[bytes]], seen: Seen) -> None:
        claimed = [(tree, False) for tree in stretch.elsewhere]
        # Nobody signs an empty log; a row that says so is the first stretch's.
        after = stretch.begin or -1
        query = self._statements.checkpoints
        rows = self._rows(query, after, stretch.end) if self._keys else ()
        for size, note, at, token, as_bytes, *around in rows:
            if token is not None and not _stamps(token, note):
                words = f"The time stamp beside that of {size} events is not over it."
                seen.findings.append(Finding("stamp", words))
            if as_bytes:
                words = f"That of {size} events {_AS_BYTES}"
                seen.findings.append(Finding("checkpoint", words))
            seen.findings += _untimely(size, text(at), [time(text(one)) for one in around])
            try:
                tree = opened(text(note), self._keys)
            except NoteInvalid as error:
                seen.findings.append(Finding("checkpoint", f"That of {size} events: {error}"))
                continue
            if tree.size != size:
                words = f"That of {size} events says that it is of {tree.size}."
                seen.findings.append(Finding("checkpoint", words))
            else:
                claimed.append((tree, True))
        for tree, kept in sorted(claimed, key=lambda one: one[0].size):
            count, part = tree.size - stretch.begin, None
            if count < STRETCH:
                part = merkle.root(count, lambda level, at: levels[level][at])
            seen.claims.append(Claim(tree, part, kept))


def _whole(rows: Sequence[tuple[Any, ...]], seen: Seen) -> Sequence[tuple[Any, ...]]:
    """Those that give a number to an event."""
    found = []
    for row in rows:
        if {type(row[0]), type(row[1])} == {int}:
            found.append(row)
        else:
            seen.findings.append(stray(row[0], row[1], None, None))
    return found


def _stamps(token: Any, note: Any) -> bool:  # noqa: ANN401 - likewise
    """Whether a time stamp is over this note. Whose it is, the authority's certificates tell."""
    if not isinstance(token, bytes) or not isinstance(note, bytes):
        return False
    try:
        return answer(token).sha256 == hashlib.sha256(note).digest()
    except ValueError:
        return False


def _about(kind: str, words: str, number: int | None, row: tuple[Any, ...]) -> Finding:
    return Finding(kind, words, number, row[0], text(row[5]), text(row[4]))


def _columns(said: Said, number: int | None, row: tuple[Any, ...], seen: Seen) -> None:
    """Names what columns say otherwise; times are compared as times."""
    told = row[1:7]
    names = [name for name, one, other in zip(SAID, said, told, strict=True) if one != other]
    at = SAID.index("at")
    if "at" in names and same_time(text(said[at]), text(told[at])):
        names.remove("at")
    if names:
        words = f"The row says something else than the event: {', '.join(names)}."
        seen.findings.append(_about("columns", words, number, row))


def _untimely(size: int, at: str, around: Sequence[datetime | None]) -> Iterator[Finding]:
    """What is wrong with a checkpoint's time, which no signature is over.

    It lies behind the event before it, and before the next checkpoint. Where a clock was put back
    the events on both sides tell it.
    """
    found, (later, *events) = time(at), around
    if found is None:
        yield Finding("checkpoint", f"That of {size} events has no time that can be read.")
        return
    known = [one for one in events if one is not None]
    if events[0] is not None and found < min(known) - TOLERANCE:
        words = f"That of {size} events is said to be of {at}, before its last event."
        yield Finding("checkpoint", words)
    elif later is not None and found > max([later, *known]) + TOLERANCE:
        words = f"That of {size} events is said to be of {at}, after the next one."
        yield Finding("checkpoint", words)
