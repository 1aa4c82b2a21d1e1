"""The log's hashes as they are stored: roots of whole subtrees, read in blocks."""

from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from riskapp.audit.errors import LogBent
from riskapp.audit.merkle import HASH_BYTES, node_hash
from riskapp.audit.models import LogEntry, LogNode

STEP = 8
"""Every so many levels a node is kept."""
BLOCK = 1 << STEP
"""So many hashes of one kept level make one of the next."""
LAST = 2**63 - 1
"""The highest number that a database takes. SQLite's columns hold texts too, which are higher."""
MOST_BLOCKS = 64
"""As many are held in memory: 512 KiB of hashes."""

_ON_SQLITE = "INSERT INTO log_entry (number, event_id, leaf) VALUES (?, ?, ?)"
_ON_POSTGRESQL = (
    "INSERT INTO log_entry (number, event_id, leaf) SELECT %s + p.at - 1, p.event, p.leaf "
    "FROM unnest(string_to_array(%s, ' ')::bigint[], string_to_array(%s, ' ')) "
    "WITH ORDINALITY AS p (event, leaf, at)"
)
"""Both lists as one text each: the driver's lists cost more than what is done with them."""
_NODES: Any = LogNode.__table__


def size_of(session: Session | Connection) -> int:
    """How many events the log has."""
    last = session.scalar(select(func.max(LogEntry.number)).where(LogEntry.number <= LAST))
    return 0 if last is None else last + 1


class StoredTree:
    """Gives roots of whole subtrees, as `merkle` asks for them; reads at most 256 rows for one.

    Raises LogBent where what they rest on is not there.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._blocks: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, position: int) -> bytes:
        kept = level - level % STEP
        first = position << (level - kept)
        block = self._block(kept, first >> STEP)
        count = 1 << (level - kept)
        return _folded(block[first % BLOCK : first % BLOCK + count], count)

    def _block(self, level: int, number: int) -> list[bytes]:
        key = level, number
        if key not in self._blocks:
            if len(self._blocks) >= MOST_BLOCKS:
                self._blocks.clear()
            self._blocks[key] = hashes_from(self._session, level, number * BLOCK)
        return self._blocks[key]


def hashes_from(session: Session, level: int, first: int) -> list[bytes]:
    """At most 256 hashes of a kept level in a row, the leaves being level 0."""
    if level == 0:
        query = select(LogEntry.leaf).where(LogEntry.number.between(first, first + BLOCK - 1))
        query = query.order_by(LogEntry.number)
    else:
        query = select(LogNode.hash).where(
            LogNode.level == level, LogNode.position.between(first, first + BLOCK - 1)
        )
        query = query.order_by(LogNode.position)
    try:
        return [bytes.fromhex(one) for one in session.scalars(query)]
    except (TypeError, ValueError):
        raise LogBent(None) from None


def append(session: Session, first: int, entries: list[tuple[int, bytes]]) -> None:
    """Adds leaves (event, hash) from number `first` on, with the nodes that they complete.

    Raises LogBent where others that a node rests on are not there.
    """
    _add_leaves(session.connection(), first, entries)
    after = first + len(entries)
    level, begin, end = 0, first // BLOCK, after // BLOCK
    while begin < end:
        level += STEP
        nodes = [
            {
                "level": level,
                "position": at,
                "hash": _folded(hashes_from(session, level - STEP, at * BLOCK), BLOCK).hex(),
            }
            for at in range(begin, end)
        ]
        session.execute(insert(_NODES), nodes)
        begin, end = begin // BLOCK, end // BLOCK


def _add_leaves(connection: Connection, first: int, entries: list[tuple[int, bytes]]) -> None:
    """By the driver, and on PostgreSQL in one statement: a fifth of what single rows cost there."""
    if connection.dialect.name == "sqlite":
        rows = [(number, event, leaf.hex()) for number, (event, leaf) in enumerate(entries, first)]
        connection.exec_driver_sql(_ON_SQLITE, rows)
    else:
        events = " ".join(str(event) for event, _ in entries)
        leaves = b"".join(leaf for _, leaf in entries).hex(" ", HASH_BYTES)
        connection.exec_driver_sql(_ON_POSTGRESQL, (first, events, leaves))


def _folded(hashes: list[bytes], count: int) -> bytes:
    """The root above so many hashes, a power of two. Raises LogBent where there are others."""
    if len(hashes) != count:
        raise LogBent(None)
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]
