"""The trail of a pack: events up to a checkpoint, each with its place in the log and the proof."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.audit.log import Signed, proofs
from riskapp.audit.models import ACTOR, Event, LogEntry
from riskapp.audit.notes import proof_text
from riskapp.audit.queries import TOGETHER, private

OF_FILES = (
    "evidence:keep",
    "evidence:review",
    "evidence:clean",
    "evidence:infected",
    "evidence:erase",
)
"""What changes what a file is, whichever assessment it happened for."""
ERASURE = "erasure:add"


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its place in the log. `said` is its body, `text` the same as it was hashed.

    `private` are the openings of what it commits to, as far as they are not erased: by field, salt
    and value.
    """

    number: int
    text: str
    said: Mapping[str, Any]
    private: Mapping[str, tuple[str, str]]

    @property
    def actor(self) -> str | None:
        return self.private[ACTOR][1] if ACTOR in self.private else None


@dataclass(frozen=True, slots=True)
class Trail:
    """Events in the order of the log, none after the checkpoint; the proof of each by number."""

    at: Signed
    events: Sequence[Told]
    proofs: Mapping[int, str]

    def of(self, assessment_id: str, files: Collection[str]) -> list[Told]:
        """Those of one assessment, and what became of its files (`id/version`) elsewhere.

        A file may have come with an earlier cycle, and its days may have been confirmed there.
        Why one was erased, the event of the erasure tells.
        """
        mine = {
            one.number
            for one in self.events
            if one.said["assessment"] == assessment_id
            or (one.said["type"] in OF_FILES and one.said["object"] in files)
        }
        erasures = _erasures(one.said for one in self.events if one.number in mine)
        return [
            one
            for one in self.events
            if one.number in mine
            or (one.said["type"] == ERASURE and one.said["object"] in erasures)
        ]


def of_assessment(
    session: Session, assessment_id: str, vendor_id: str, files: Iterable[str], at: Signed
) -> Trail:
    """What the log tells of an assessment, and of its files, up to the checkpoint."""
    found = _events(session, at, Event.assessment_id == assessment_id)
    names = sorted(set(files))
    for begin in range(0, len(names), TOGETHER):
        found |= _events(
            session,
            at,
            Event.vendor_id == vendor_id,
            Event.type.in_(OF_FILES),
            Event.object_id.in_(names[begin : begin + TOGETHER]),
        )
    erasures = sorted(_erasures(json.loads(body) for _, body in found.values()))
    for begin in range(0, len(erasures), TOGETHER):
        some = erasures[begin : begin + TOGETHER]
        found |= _events(session, at, Event.type == ERASURE, Event.object_id.in_(some))
    return _trail(session, found, at)


def _erasures(said: Iterable[Mapping[str, Any]]) -> set[str]:
    """The erasures that events of files name."""
    return {one["erasure"] for one in said if one["type"] == "evidence:erase"}


def of_vendor(session: Session, vendor_id: str, at: Signed) -> Trail:
    """All that the log tells of a vendor up to the checkpoint."""
    return _trail(session, _events(session, at, Event.vendor_id == vendor_id), at)


def _events(session: Session, at: Signed, *where: Any) -> dict[int, tuple[int, str]]:  # noqa: ANN401 - conditions
    """Id and body by number."""
    query = (
        select(LogEntry.number, Event.id, Event.body)
        .join(LogEntry, LogEntry.event_id == Event.id)
        .where(*where, LogEntry.number < at.tree.size)
    )
    return {number: (event, body) for number, event, body in session.execute(query)}


def _trail(session: Session, found: Mapping[int, tuple[int, str]], at: Signed) -> Trail:
    ids = [event for _, (event, _) in sorted(found.items())]
    openings = private(session, ids)
    events = [
        Told(number, body, json.loads(body), openings.get(event, {}))
        for number, (event, body) in sorted(found.items())
    ]
    proved = {one.index: proof_text(one) for one in proofs(session, ids, at).values()}
    return Trail(at, events, proved)
