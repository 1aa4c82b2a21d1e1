"""Files of an assessment as officers and auditors open them: each time an event."""

from collections.abc import Sequence
from typing import Protocol

from riskapp.accounts.queries import SignedIn
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.evidence.opening import Opened, Seen, open_file
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.web.ports import ports


class Version(Protocol):
    """Which version of which file."""

    @property
    def evidence_id(self) -> str: ...
    @property
    def version(self) -> int: ...


def known_file(assessment_id: str, evidence_id: str, version: int) -> EvidenceRow:
    """A file that was submitted in an assessment. Raises NotFound."""
    return uses_of(submitted(assessment_id), evidence_id, version)[0]


def submitted(assessment_id: str) -> list[EvidenceRow]:
    """All files that were ever submitted in an assessment; the vendor's drafts are its own."""
    files = of_assessment(reading(), assessment_id, with_ended=True)
    return [file for file in files if file.submitted]


def uses_of(files: Sequence[EvidenceRow], evidence_id: str, version: int) -> list[EvidenceRow]:
    """A file as it serves each of its questions, those first that it still serves.

    Raises NotFound where there is none.
    """
    found = [file for file in files if (file.evidence_id, file.version) == (evidence_id, version)]
    if not found:
        raise NotFound
    return sorted(found, key=lambda file: file.ended_at is not None)


def opened(
    person: SignedIn,
    assessment_id: str,
    file: Version,
    event: Seen,
    *,
    continued: bool,
    grant_id: str | None = None,
) -> Opened:
    """The file, opened as an event, which names the grant that allowed it, if one did.

    Raises what `open_file` raises.
    """
    parts = ports()
    return open_file(
        file.evidence_id,
        file.version,
        assessment_id=assessment_id,
        blobs=parts.blobs,
        keyring=parts.keyring,
        actor=Actor("person", person.id),
        now=parts.clock.now(),
        event=event,
        continued=continued,
        grant_id=grant_id,
    )
