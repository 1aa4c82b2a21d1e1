"""Evidence packs as HTTP answers, for the desk and for auditors."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import Response, request

from riskapp.assessments.errors import AnswersErased, WrongState
from riskapp.audit.errors import LogBent
from riskapp.audit.notes import NoteInvalid
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import Refusal
from riskapp.packs.errors import (
    CheckpointOfOther,
    NothingDecided,
    PackChanged,
    PackExpired,
    StillChanging,
)
from riskapp.packs.queries import ExportRow
from riskapp.packs.report import ReportFailed
from riskapp.packs.sealing import EXTENSION, SealingFailed, recipient, sealed
from riskapp.packs.service import Parts, stream
from riskapp.web import errors
from riskapp.web.ports import ports
from riskapp.web.sending import SEALED_OFF, Part, disposition, send
from riskapp.web.streams import begun
from riskapp.web.words import written_date

MEDIA_TYPE = "application/zip"
Page = tuple[str, int]

REFUSED = (
    AnswersErased,
    CheckpointOfOther,
    LogBent,
    NoteInvalid,
    NothingDecided,
    PackChanged,
    PackExpired,
    ReportFailed,
    SealingFailed,
    StillChanging,
    WrongState,
)
"""What keeps a pack from being made or taken, beside what is typed wrong"""


def parts() -> Parts:
    """What packs are made of, here."""
    own = ports()
    return Parts(own.library, own.blobs, own.keyring, own.signer, own.log, own.stamper)


def refusal(error: Refusal | NoteInvalid) -> Page:
    """The page for one of `REFUSED`."""
    status, heading, words = _WORDS[type(error)]
    until = written_date(error.until) if isinstance(error, PackExpired) else ""
    return errors.page(status, heading, words.format(until=until))


_BENT = (
    500,
    "The record does not continue what was signed before",
    "No pack is made until whoever runs riskapp has looked: “audit verify” names the place.",
)
_WORDS: dict[type[Refusal | NoteInvalid], tuple[int, str, str]] = {
    AnswersErased: (409, "There is no pack any more", "The answers and receipts were erased."),
    CheckpointOfOther: (
        503,
        "The record is about to be signed by a new key",
        "It was last signed by a former one. Try again in a minute.",
    ),
    LogBent: _BENT,
    NoteInvalid: _BENT,
    NothingDecided: (
        409,
        "There is no pack yet",
        "The history of a vendor is packed once the first of its assessments is decided.",
    ),
    PackChanged: (
        409,
        "This pack cannot be made again as it was",
        (
            "What it tells of has changed since: something was erased, another key signs now, or "
            "riskapp was updated. Whoever has it can still verify it. Make a new one for others."
        ),
    ),
    PackExpired: (
        410,
        "This pack is not handed out any more",
        "It could be used until {until}. A new one can be made.",
    ),
    ReportFailed: (
        500,
        "The report of this pack could not be set",
        "So no pack was made. Tell whoever runs riskapp.",
    ),
    SealingFailed: (
        503,
        "The pack could not be sealed",
        "The program that seals it ended before its time. Nothing was handed out. Try again.",
    ),
    StillChanging: (
        503,
        "Somebody is changing this right now",
        (
            "It was read several times, and each time somebody changed something of it meanwhile. "
            "Nothing was made. Try again in a moment."
        ),
    ),
    WrongState: (409, "There is no pack yet", "It is made once there is a decision."),
}


def expired(row: ExportRow, today: date) -> bool:
    return row.until is not None and row.until < today


def name_of(row: ExportRow) -> str:
    """The name that it is downloaded under."""
    return row.filename + (EXTENSION if row.sealed_to else "")


@dataclass(frozen=True, slots=True)
class _Zip:
    """A pack as `sending` describes a file: its version is the digest that vouches for it all."""

    name: str
    size: int
    sha256: str
    media_type: str = MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class _Rest:
    """A pack that is streamed from where a part of it begins."""

    chunks: Iterator[bytes]

    def pieces(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:  # noqa: ARG002 - it starts there
        left = length
        for piece in self.chunks:
            if left is None:
                yield piece
                continue
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return


def download(row: ExportRow, actor: Actor, *, grant_id: str | None = None) -> Response | Page:
    """The pack, as an event; what is plain also in ranges, so that a download can be taken up.

    The event names the grant that allowed it, if one did.
    """
    try:
        if row.until is not None and expired(row, ports().clock.now().date()):
            raise PackExpired(row.until)
        return (_sealed if row.sealed_to else _plain)(row, actor, grant_id)
    except REFUSED as error:
        return refusal(error)


def _plain(row: ExportRow, actor: Actor, grant_id: str | None) -> Response:
    def opening(part: Part) -> _Rest:
        now, start = ports().clock.now(), part.start
        made = stream(parts(), row.id, actor=actor, now=now, offset=start, grant_id=grant_id)
        return _Rest(made.chunks)

    return send(_Zip(row.filename, row.size, row.seal), opening, pack=row.id)


def _sealed(row: ExportRow, actor: Actor, grant_id: str | None) -> Response:
    """Whole or not at all: sealing takes fresh keys each time, so no two downloads are alike."""
    response = Response(iter(()), content_type="application/octet-stream")
    if request.method != "HEAD":  # which would learn the size of another one than it will get
        now = ports().clock.now()
        made = stream(parts(), row.id, actor=actor, now=now, grant_id=grant_id)
        reading().rollback()
        out = sealed(made.chunks, made.size, recipient(row.sealed_to or ""))
        response.response = begun(out.chunks, pack=row.id)
        response.headers["Content-Length"] = str(out.size)
    response.headers["Accept-Ranges"] = "none"
    response.headers["Content-Security-Policy"] = SEALED_OFF
    response.headers["Content-Disposition"] = disposition(name_of(row))
    return response
