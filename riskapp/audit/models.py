from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base

ACTOR = "actor"
"""The field of `EventPrivate` that says who did it."""


class Event(Base):
    """One state change of one object. Rows are only ever added; triggers refuse all else.

    `body` is canonical JSON (RFC 8785) of everything the event says; the other columns repeat
    what history pages look up. Who did it, addresses and people's words are commitments only.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_assessment", "assessment_id", "id"),
        Index("ix_event_vendor", "vendor_id", "id"),
        Index("ix_event_object", "object_id", "id"),
        Index("ix_event_type", "type", "id"),
        Index("ix_event_xid", "xid"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(80))
    actor_kind: Mapped[str] = mapped_column(String(20))
    vendor_id: Mapped[str | None] = mapped_column(String(32))
    assessment_id: Mapped[str | None] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """PostgreSQL: the transaction that wrote it, by which the sequencer knows what may have become
    visible since it last looked. On SQLite, where writers queue, always 0."""


class EventPrivate(Base):
    """What an event commits to without saying it; rows can be erased, and every proof still holds.

    The event holds HMAC-SHA-256 of `value` (UTF-8) under `salt`. A salt is 32 random bytes in hex,
    of this one field: who is shown one field learns nothing of another. No foreign key: events
    never go, and it would cost a look at each of them.
    """

    __tablename__ = "event_private"
    __table_args__ = (
        Index(
            "ix_event_private_actor",
            "value",
            "event_id",
            sqlite_where=text("field = 'actor'"),
            postgresql_where=text("field = 'actor'"),
        ),
        {"sqlite_with_rowid": False},  # read in the order of events, without going over an index
    )

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(20), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(Text)


class LogEntry(Base):
    """An event's place in the log: leaf `number`, counted from 0 without gaps."""

    __tablename__ = "log_entry"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    leaf: Mapped[str] = mapped_column(String(64))
    """RFC 6962's leaf hash of the event's body, in hex."""


class LogNode(Base):
    """The root of a whole subtree of 2^level leaves, kept so that a proof reads few rows.

    Levels are multiples of 8; `position` counts the subtrees of a level from the left. Everything
    here follows from the leaves, and `audit verify` holds it to them.
    """

    __tablename__ = "log_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))


class Checkpoint(Base):
    """The log's root at a size, signed: a C2SP signed note (tlog-checkpoint)."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """An RFC 3161 response over the note, from the time-stamping authority that is set, if any."""


class SigningKey(Base):
    """A key that this installation signs or signed with; the newest is in use.

    Where one takes the place of another, both sign so: whoever trusts one fingerprint can follow
    to the next, and nobody can slip a key in before (see `endorsements`).
    """

    __tablename__ = "signing_key"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[str] = mapped_column(String(60), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    endorsement: Mapped[str | None] = mapped_column(Text)
    """Signatures in OpenSSH's format: by the key before, unless it was lost, then by this one; None
    for the first key."""
