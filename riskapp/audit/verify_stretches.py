"""A stretch of the log, read by the driver and computed anew: what one process does at a time.

Rows are told apart here as they come, for a million of them: no object is made for one that is as
it should be.
"""

import binascii
import hashlib
import re
from binascii import hexlify, unhexlify
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from riskapp.audit import merkle
from riskapp.audit.findings import Finding, gap, node_unfit, stray
from riskapp.audit.merkle import HASH_BYTES
from riskapp.audit.notes import NoteInvalid, Tree, opened
from riskapp.audit.stored import STEP
from riskapp.audit.verify_bodies import SAID, Bodies, BodyUnfit, Said
from riskapp.core.tst import answer

LEVEL = 14
STRETCH = 1 << LEVEL
"""So many numbers are looked at in one go; what is held of each is a hash."""
ROWS = 2048
"""So many events are held in memory."""
APART = 16
"""Ids so far from one another are read as one range: a lower one may have become visible later."""
_GONE = "The log has it, but the event is gone."
_CHANGED = "The log has another hash of it: what it says was changed, or that hash."
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_INNER_REST, _OUTER_REST = b"\x36" * HASH_BYTES, b"\x5c" * HASH_BYTES
_LEAST = -(2**63)
"""The lowest id that a database takes."""
_NOTHING = bytes(HASH_BYTES)
"""Takes the place of a leaf that is not there, or is none."""
_ENTRIES = (
    "SELECT number, event_id, leaf FROM log_entry WHERE number >= ? AND number < ? ORDER BY number"
)
_EVENTS = (
    "SELECT id, actor_kind, assessment_id, {}, object_id, type, vendor_id, body FROM event "
    "WHERE id >= ? AND id <= ?"
)
_OPENINGS = (
    "SELECT event_id, field, salt, value FROM event_private WHERE event_id >= ? AND event_id <= ?"
)
_AT_ON_SQLITE = "replace(at, ' ', 'T') || '+00:00'"
_AT_ON_POSTGRESQL = "replace(at::text, ' ', 'T') || ':00'"
"""In the form of bodies, but for zeros at the end of fractions."""
_WAITING = (
    "SELECT e.id FROM event e LEFT JOIN log_entry l ON l.event_id = e.id "
    "WHERE l.event_id IS NULL AND e.id >= ? ORDER BY e.id LIMIT ?"
)
_NODES = "SELECT position, hash FROM log_node WHERE level = ? AND position >= ? AND position < ?"
_CHECKPOINTS = (
    "SELECT size, note, {}, token FROM checkpoint WHERE size > ? AND size <= ? ORDER BY size"
)


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
        self._at = _AT_ON_SQLITE if self._on_sqlite else _AT_ON_POSTGRESQL
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
        levels = _levels(leaves)
        self._nodes(stretch, levels[STEP] if len(levels) > STEP else [], seen)
        seen.top = levels[LEVEL][0] if len(levels) > LEVEL else None
        self._claims(stretch, levels, seen)
        if not self._on_sqlite:
            self._connection.rollback()
        return seen

    def waiting(self) -> Iterator[Seen]:
        """Events that have no number yet, some at a time, and what is wrong with them."""
        first, rows = _LEAST, self._rows(_WAITING, _LEAST, ROWS)
        while rows:
            seen = Seen()
            nothing = [None] * len(rows)
            self._events(nothing, [event for (event,) in rows], nothing, seen)
            yield seen
            first = rows[-1][0] + 1
            rows = self._rows(_WAITING, first, ROWS) if len(rows) == ROWS else ()

    def _rows(self, statement: str, *values: int) -> Sequence[tuple[Any, ...]]:
        if not self._on_sqlite:
            statement = statement.replace("?", "%s")
        self._cursor.execute(statement, values)
        return self._cursor.fetchall()

    def _entries(self, begin: int, end: int, seen: Seen, leaves: list[bytes]) -> None:
        rows = self._rows(_ENTRIES, begin, end)
        plain = [row[0] for row in rows] == [*range(begin, end)]
        if not plain or {type(event) for _, event, _ in rows} != {int}:
            rows = _whole(rows, seen)
        found = _apart(_decoded([leaf for _, _, leaf in rows]))
        if len(rows) == end - begin:  # all different, and in order
            leaves += found
        else:
            expected = begin
            for number, leaf in [*zip([row[0] for row in rows], found, strict=True), (end, b"")]:
                if number != expected:
                    seen.findings.append(gap(expected, number))
                leaves += [_NOTHING] * (number - expected)
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
        runs = _runs(sorted(events))
        wanted = _EVENTS.format(self._at)
        rows: Sequence[Any] = [row for run in runs for row in self._rows(wanted, *run)]
        if [row[0] for row in rows] != events:
            there = {row[0]: row for row in rows}
            rows = [there.get(event) for event in events]
        read, sha, private = self._bodies.read, hashlib.sha256, dict[int, _Read]()
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
                seen.findings.append(_about("body", _CHANGED, number, row))
            try:
                said, committed = read(body, row[5])
            except BodyUnfit as error:
                seen.findings.append(_about("body", str(error), number, row))
                continue
            if said != row[1:7]:
                _columns(said, number, row, seen)
            private[event] = *committed, number, row
        for run in runs:
            self._openings(self._rows(_OPENINGS, *run), private, seen)

    def _openings(
        self,
        rows: Sequence[tuple[Any, ...]],
        private: "dict[int, _Read]",
        seen: Seen,
    ) -> None:
        """HMAC-SHA-256 of two plain hashes, as RFC 2104 says it: twice as quick as hmac.digest.

        A salt is always half a block; one of another form opens nothing.
        """
        salts, sha, get = _decoded([row[2] for row in rows]), hashlib.sha256, private.get
        inner, outer = _apart(salts.translate(_INNER)), _apart(salts.translate(_OUTER))
        opened = [
            sha(ended + _OUTER_REST + sha(begun + _INNER_REST + row[3]).digest()).digest()
            for row, begun, ended in zip(rows, inner, outer, strict=True)
        ]
        told = _apart(hexlify(b"".join(opened)), 2 * HASH_BYTES)
        for (event, name, _, _), one in zip(rows, told, strict=True):
            found = get(event)
            if found is None:
                continue
            match, fields, number, row = found
            committed = fields.get(name)
            if match is not None and committed is not None:
                committed = match[committed]
            if committed != one:
                words = f"What is kept as its “{_text(name)}” is not what it commits to."
                seen.findings.append(_about("private", words, number, row))

    def _nodes(self, stretch: Stretch, whole: list[bytes], seen: Seen) -> None:
        first = stretch.begin >> STEP
        rows = dict(self._rows(_NODES, STEP, first, first + len(whole)))
        for position, node in enumerate(whole, first):
            if rows.get(position) != node.hex().encode():
                seen.findings.append(node_unfit(STEP, position))

    def _claims(self, stretch: Stretch, levels: list[list[bytes]], seen: Seen) -> None:
        claimed = [(tree, False) for tree in stretch.elsewhere]
        # Nobody signs an empty log; a row that says so is the first stretch's.
        after = stretch.begin or -1
        query = _CHECKPOINTS.format(self._at)
        rows = self._rows(query, after, stretch.end) if self._keys else ()
        for size, note, at, token in rows:
            if token is not None and not _stamps(token, note):
                words = f"The time stamp beside that of {size} events is not over it."
                seen.findings.append(Finding("stamp", words))
            if _time(_text(at)) is None:
                words = f"That of {size} events has no time that can be read."
                seen.findings.append(Finding("checkpoint", words))
            try:
                tree = opened(_text(note), self._keys)
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


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The roots of all whole subtrees, by level."""
    sha, levels = hashlib.sha256, [leaves]
    while len(levels[-1]) > 1:
        each = iter(levels[-1])
        pairs = zip(each, each, strict=False)  # the last of an odd number stands alone
        levels.append([sha(b"\x01" + left + right).digest() for left, right in pairs])
    return levels


def _decoded(hashes: Sequence[Any]) -> bytes:
    """32 bytes of each text of 64 hex digits, one after the other; zeros for any other."""
    try:
        found = unhexlify(b"".join(hashes))
    except (binascii.Error, TypeError):
        found = b""
    if len(found) == HASH_BYTES * len(hashes) and {*map(len, hashes)} <= {2 * HASH_BYTES}:
        return found
    return b"".join(map(_one_decoded, hashes))


def _one_decoded(text: Any) -> bytes:  # noqa: ANN401 - SQLite's columns hold anything
    try:
        found = unhexlify(text)
    except (ValueError, TypeError):
        return _NOTHING
    return found if len(found) == HASH_BYTES else _NOTHING


def _apart(hashes: bytes, size: int = HASH_BYTES) -> list[bytes]:
    return [hashes[at : at + size] for at in range(0, len(hashes), size)]


def _text(found: Any) -> str:  # noqa: ANN401 - likewise
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found or "")


def _runs(events: list[int]) -> list[tuple[int, int]]:
    """Ids (in order) as few ranges, first and last each, that hold little else."""
    if events and events[-1] - events[0] < len(events) + APART:
        return [(events[0], events[-1])]
    found: list[tuple[int, int]] = []
    for event in events:
        if found and event - found[-1][1] <= APART:
            found[-1] = found[-1][0], event
        else:
            found.append((event, event))
    return found


def _about(kind: str, words: str, number: int | None, row: tuple[Any, ...]) -> Finding:
    return Finding(kind, words, number, row[0], _text(row[5]), _text(row[4]))


def _columns(said: Said, number: int | None, row: tuple[Any, ...], seen: Seen) -> None:
    """Names what columns say otherwise; times are compared as times."""
    told = row[1:7]
    names = [name for name, one, other in zip(SAID, said, told, strict=True) if one != other]
    at = SAID.index("at")
    if "at" in names and _same_time(_text(said[at]), _text(told[at])):
        names.remove("at")
    if names:
        words = f"The row says something else than the event: {', '.join(names)}."
        seen.findings.append(_about("columns", words, number, row))


def _same_time(said: str, told: str) -> bool:
    """Whether a body's time is the column's, and is written as a body's times are."""
    found = _time(said)
    return found is not None and found == _time(told) and found.astimezone(UTC).isoformat() == said


def _time(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None
