"""What verifying reads, in each database's words.

SQLite's columns hold anything, and to the driver, which is asked for bytes, a text and bytes look
alike; to whoever looks for a text they do not. So on SQLite each statement marks rows where a text
is kept as bytes, which sort behind all texts: the mark fits nothing, and what is there is looked at
again. That costs next to nothing, unlike asking for the type of each column.
"""

from dataclasses import dataclass

AS_BYTES = b"bytes"
"""The mark, where something is read that has another form."""
TEXTS = ("at", "type", "object_id", "actor_kind", "vendor_id", "assessment_id", "body")
"""Columns of events that hold text on SQLite."""


@dataclass(frozen=True, slots=True)
class Statements:
    """`at` is a column's time in the form of bodies, but for zeros at the end of fractions."""

    entries: str
    """By number. A leaf that is no text is none."""
    events: str
    """By id. The mark takes the place of the time."""
    openings: str
    """By event. The mark takes the place of the salt."""
    waiting: str
    nodes: str
    checkpoints: str
    """With whether one is kept as bytes, the time of the next one, and of the events around it."""
    types: str
    """Of the columns of one event."""
    erased: str
    """When, and at which number, something was last erased: of events of a type about an object."""
    anybody_erased: str
    """The same of any object."""


_ENTRIES = (
    "SELECT number, event_id, {leaf} FROM log_entry WHERE number >= ? AND number < ? "
    "ORDER BY number"
)
_EVENTS = (
    "SELECT id, actor_kind, assessment_id, {at}, object_id, type, vendor_id, body FROM event "
    "WHERE id >= ? AND id <= ?"
)
_OPENINGS = (
    "SELECT event_id, field, {salt}, value FROM event_private WHERE event_id >= ? AND event_id <= ?"
)
_WAITING = (
    "SELECT e.id FROM event e LEFT JOIN log_entry l ON l.event_id = e.id "
    "WHERE l.event_id IS NULL AND e.id >= ? ORDER BY e.id LIMIT ?"
)
_NODES = "SELECT position, {hash} FROM log_node WHERE level = ? AND position >= ? AND position < ?"
_CHECKPOINTS = (
    "SELECT c.size, c.note, {at}, c.token, {as_bytes}, "
    "(SELECT {next} FROM checkpoint n WHERE n.size > c.size ORDER BY n.size LIMIT 1), "
    "(SELECT {event} FROM log_entry l JOIN event e ON e.id = l.event_id "
    "WHERE l.number = c.size - 1), "
    "(SELECT {event} FROM log_entry l JOIN event e ON e.id = l.event_id WHERE l.number = c.size) "
    "FROM checkpoint c WHERE c.size > ? AND c.size <= ? ORDER BY c.size"
)
_TYPES = "SELECT {types}, {at} FROM event WHERE id = ?"
_ERASED = (
    "SELECT {at}, max(coalesce(l.number, 9223372036854775807)) FROM event e "
    "LEFT JOIN log_entry l ON l.event_id = e.id WHERE "
)
_BY_OBJECT = "{type} = ? AND e.object_id = ?"
"""Of one type are many events, and about one object few."""
_AT_ON_SQLITE = "replace({}, ' ', 'T') || '+00:00'"
_AT_ON_POSTGRESQL = "replace({}::text, ' ', 'T') || ':00'"
_UNLESS = "CASE WHEN {} THEN {} ELSE {} END"
_BYTES = "{} >= X''"
"""None are before the empty ones, and every text is."""
_MARK = f"'{AS_BYTES.decode()}'"


def statements(*, on_sqlite: bool) -> Statements:
    """Those of SQLite, or of PostgreSQL."""
    at = (_AT_ON_SQLITE if on_sqlite else _AT_ON_POSTGRESQL).format

    def marked(mark: str, otherwise: str, *texts: str) -> str:
        if not on_sqlite:
            return otherwise
        return _UNLESS.format(" OR ".join(map(_BYTES.format, texts)), mark, otherwise)

    erased = _ERASED.format(at=at("max(e.at)"))
    found = {
        "entries": _ENTRIES.format(leaf=marked("NULL", "leaf", "leaf")),
        "events": _EVENTS.format(at=marked(_MARK, at("at"), *TEXTS)),
        "openings": _OPENINGS.format(salt=marked(_MARK, "salt", "field", "salt", "value")),
        "waiting": _WAITING,
        "nodes": _NODES.format(hash=marked(_MARK, "hash", "hash")),
        "checkpoints": _CHECKPOINTS.format(
            at=at("c.at"),
            as_bytes=marked("1", "0", "c.note", "c.at"),
            next=at("n.at"),
            event=at("e.at"),
        ),
        "types": _TYPES.format(types=", ".join(map("typeof({})".format, TEXTS)), at=at("at")),
        "erased": erased + _BY_OBJECT.format(type="+e.type" if on_sqlite else "e.type"),
        "anybody_erased": f"{erased}e.type = ?",
    }
    if not on_sqlite:
        found = {name: statement.replace("?", "%s") for name, statement in found.items()}
    return Statements(**found)
