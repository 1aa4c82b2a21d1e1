"""What the page of a made pack says of it, for the desk and for auditors."""

from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.audit.keys import our_keys
from riskapp.audit.log import at_size
from riskapp.audit.notes import NoteInvalid
from riskapp.core.db import reading
from riskapp.packs.choosing import OfferedSection, offered
from riskapp.packs.narrowing import Redaction, from_json
from riskapp.packs.queries import ExportRow
from riskapp.packs.sealing import Recipient, recipient
from riskapp.packs.takings import Taking, takings
from riskapp.web.packing import expired, name_of
from riskapp.web.ports import ports


@dataclass(frozen=True, slots=True)
class LeftOut:
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A pack that was made. `root` is that of the log at the checkpoint where its trail stops."""

    row: ExportRow
    filename: str
    expired: bool
    sealed_to: Recipient | None
    root: str | None
    fingerprint: str
    """Of the key that signed it: by it whoever has it checks it, also once another one signs."""
    another_key: bool
    """Signs now, so that the pack cannot be made again as it was."""
    chosen: int | None
    """So many questions were selected, of `questions`; None: all of them."""
    questions: int
    left_out: Sequence[LeftOut]
    takings: Sequence[Taking]

    @property
    def folder(self) -> str:
        """In the ZIP."""
        return self.row.filename.removesuffix(".zip")


def _root(row: ExportRow) -> str | None:
    """Of the log where the pack's trail stops; None where no key of ours signed that."""
    try:
        signed = at_size(reading(), row.log_size, ports().signer.held().raw_public_key)
    except NoteInvalid:
        return None
    return None if signed is None else signed.tree.root.hex()


def _signed_by(row: ExportRow) -> str:
    """The fingerprint of the key that signed here when the pack was made."""
    signer = ports().signer
    before = [
        key.fingerprint
        for key in our_keys(reading(), signer.held().raw_public_key)
        if key.since <= row.at
    ]
    return before[-1] if before else signer.fingerprint


def shown(row: ExportRow) -> Shown:
    key = _signed_by(row)
    narrowed = from_json(row.narrowed)
    sections = offered(reading(), ports().library, row.vendor_id, row.assessment_id)
    return Shown(
        row,
        name_of(row),
        expired(row, ports().clock.now().date()),
        recipient(row.sealed_to) if row.sealed_to else None,
        _root(row),
        key,
        key != ports().signer.fingerprint,
        None if narrowed.questions is None else len(narrowed.questions),
        sum(len(one.questions) for one in sections),
        [*_files(evidence=narrowed.evidence), *_redacted(narrowed.redactions, sections)],
        takings(reading(), row.id),
    )


def _files(*, evidence: bool) -> list[LeftOut]:
    if evidence:
        return []
    return [LeftOut("All files of the evidence", "The pack was made without them.")]


def _redacted(redactions: Sequence[Redaction], sections: Sequence[OfferedSection]) -> list[LeftOut]:
    files = {
        file.id: file.name
        for section in sections
        for question in section.questions
        for file in question.files
    }
    words = {
        "answer": "The answer to {id}",
        "file": "The file “{name}”",
        "names": "The names of people",
    }
    return [
        LeftOut(
            words[one.what].format(id=one.id, name=files.get(one.id, "that was erased since")),
            one.reason,
        )
        for one in redactions
    ]
