"""Rows are read beside the log; what is handed out of both must be of one moment.

First the log is signed as it is, then rows are read. What somebody wrote in between would be in the
rows and not in the log: then both are read again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, or_, select

from riskapp.audit.log import Log, Signed
from riskapp.audit.models import Event, LogEntry
from riskapp.audit.notes import NoteInvalid, opened
from riskapp.core.crypto.signing import Key, Signer
from riskapp.core.db import reading
from riskapp.packs.errors import CheckpointOfOther, StillChanging
from riskapp.packs.trail import OF_FILES

TRIES = 5
LOOKING = (
    "acknowledgement:read",
    "assessment:read",
    "evidence:download",
    "evidence:view",
    "pack:export",
    "pack:read",
    "pack:take",
    "population:read",
    "population:take",
    "receipt:read",
    "vendor:read",
)
"""Events that only tell who looked at something or took it away: they come with no other change."""
_LISTED = ("vendor", "engagement", "intake", "assessment", "receipt", "decision")
"""What the list of all has columns of: nothing that happens to anything else changes a line."""

Condition = ColumnElement[bool]
Read = TypeVar("Read")


def steady(log: Log, now: datetime, read: Callable[[Signed], Read], *changes: Condition) -> Read:
    """What `read` gives for a checkpoint that covers all that it reads.

    `changes` says which events change that. Raises StillChanging where each time one came in
    between, and what reading and signing the log raise.
    """
    for _ in range(TRIES):
        at = log.checkpoint(now)
        found = read(at)
        if not _any_after(log, at, changes):
            return found
    raise StillChanging


def changes_pack(vendor_id: str, assessment_id: str | None) -> tuple[Condition, ...]:
    """The events that can change what a pack tells.

    Answers are saved of what is not decided only, and of that a pack tells what its trail says.
    """
    mine = (Event.vendor_id == vendor_id, Event.type.not_in((*LOOKING, "answer:save")))
    if assessment_id is None:
        return mine
    return *mine, or_(Event.assessment_id == assessment_id, Event.type.in_(OF_FILES))


def changes_list() -> tuple[Condition, ...]:
    """The events that can change the list of all vendors, engagements and assessments."""
    listed = or_(*(Event.type.startswith(f"{one}:") for one in _LISTED))
    return Event.type.not_in(LOOKING), listed


def signing_key(signer: Signer, at: Signed) -> Key:
    """The key in use. Raises CheckpointOfOther where another one signed the checkpoint."""
    key = signer.held()
    try:
        opened(at.note, [key.raw_public_key])
    except NoteInvalid:
        raise CheckpointOfOther from None
    return key


def _any_after(log: Log, at: Signed, conditions: tuple[Condition, ...]) -> bool:
    """Whether any such event is there that the checkpoint does not cover."""
    log.append()  # so that each has its number, and only the last ones need be looked at
    session = reading()
    session.rollback()
    later = (
        select(LogEntry.number)
        .join(Event, Event.id == LogEntry.event_id)
        .where(LogEntry.number >= at.tree.size, *conditions)
    )
    found = session.scalar(later.limit(1)) is not None
    session.rollback()
    return found
