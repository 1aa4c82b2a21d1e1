"""What must be true of a house at any time that nobody is writing, whatever was killed before."""

import hashlib
import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.answers.models import Answer, AnswerRevision
from riskapp.answers.service import Given, answer_digest
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.audit.models import Event
from riskapp.core.crypto.keyring import Wrapped
from riskapp.core.crypto.sealed import SEAL_BYTES, context, unseal
from riskapp.core.db import reading
from riskapp.evidence.keys import data_key
from riskapp.evidence.models import BlobRemoval, Evidence, EvidenceUse, WrappedKey
from riskapp.scoring.models import StoredReceipt
from riskapp.submissions.models import Submission
from riskapp.web.ports import ports

SENT = {State.SUBMITTED, State.DECIDED}


class OrphanError(AssertionError):
    """Settled blobs that belong to nothing."""


def check_house(opened: set[str] | None = None) -> None:
    """All of it, in an app context; raises AssertionError for what is half done.

    Files whose blobs are in `opened` are not opened again; those that are opened go into it.
    """
    session = reading()
    check_evidence(session, set() if opened is None else opened)
    check_store(session)
    check_answers(session)
    check_submissions(session)


def check_evidence(session: Session, opened: set[str]) -> None:
    """Every version that was kept is there and opens, or was destroyed for a reason, with events.

    Of each, as many uses live as there were events that began one and none that ended it.
    """
    rows = {f"{row.id}/{row.version}": row for row in session.scalars(select(Evidence))}
    kept, used, removed, erased = (
        _events(session, f"evidence:{kind}") for kind in ("keep", "use", "remove", "erase")
    )
    uses = session.scalars(select(EvidenceUse)).all()
    there = {f"{use.evidence_id}/{use.version}" for use in uses}
    live = Counter(f"{use.evidence_id}/{use.version}" for use in uses if use.ended_at is None)
    assert set(kept.values()) <= {1}
    assert rows.keys() == there, "files that serve nothing, or uses of no file"
    for named in kept:
        assert live[named] == 1 + used[named] - removed[named], named
    assert rows.keys() <= kept.keys()
    for named, row in rows.items():
        assert (row.erased_at is not None) == (erased[named] == 1), named
        if row.erased_at is None and row.blob not in opened:
            check_file(session, row)
            opened.add(row.blob)
    check_places(uses)
    check_keys(session, list(rows.values()))


def check_places(uses: Sequence[EvidenceUse]) -> None:
    """One version at most of a file lies on a question: a replacement is whole or absent."""
    lying = Counter(
        (use.assessment_id, use.question_id, use.evidence_id)
        for use in uses
        if use.ended_at is None
    )
    assert set(lying.values()) <= {1}


def check_keys(session: Session, files: Sequence[Evidence]) -> None:
    """A key for each file that is not erased, and no other; each vendor's is one we can open."""
    keys = {(row.subject, row.version): row for row in session.scalars(select(WrappedKey))}
    vendors = {row.subject: row for row in keys.values() if row.subject.startswith("vendor:")}
    wanted = {(f"evidence:{one.id}", one.version): one for one in files if one.erased_at is None}
    assert {where for where in keys if where[0].startswith("evidence:")} == wanted.keys()
    for where, one in wanted.items():
        assert keys[where].wrapping_key_id == vendors[f"vendor:{one.vendor_id}"].id
    for row in vendors.values():
        ports().keyring.unwrap(Wrapped(row.provider, row.wrapping_key_id, row.wrapped))
    made, destroyed = (_events(session, f"vendor-key:{kind}") for kind in ("make", "destroy"))
    assert {row.id for row in vendors.values()} == (made - destroyed).keys()


def check_file(session: Session, row: Evidence) -> None:
    key = data_key(session, row.vendor_id, row.id, row.version, ports().keyring)
    bound = context(row.vendor_id, row.id, row.version)
    sha256, crc32, size = hashlib.sha256(), 0, 0
    head = next(iter(ports().blobs.read(row.blob)))[:SEAL_BYTES]
    for piece in unseal(key, bound, ports().blobs.read(row.blob)):
        sha256.update(piece)
        crc32 = zlib.crc32(piece, crc32)
        size += len(piece)
    assert (sha256.hexdigest(), crc32, size) == (row.sha256, row.crc32, row.size)
    assert head.hex() == row.seal
    assert ports().blobs.size(row.blob) == row.sealed_size


def check_store(session: Session) -> None:
    """No blob is unsettled, none is without a row, and nothing else lies about."""
    assert session.scalars(select(BlobRemoval.blob)).all() == []
    blobs = set(session.scalars(select(Evidence.blob).where(Evidence.erased_at.is_(None))))
    root = evidence_folder()
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    wanted = {f"{blob[:2]}/{blob}" for blob in blobs}
    assert wanted <= found, f"rows without their blobs: {wanted - found}"
    unsettled = {name for name in found if name.startswith("incoming/")}
    assert unsettled == set()
    if found != wanted:
        raise OrphanError(found - wanted)


def evidence_folder() -> Path:
    return ports().settings.instance / "evidence"


def check_answers(session: Session) -> None:
    """Revisions are 1 to n, the answer says what the last of them says, each has its event."""
    revisions = defaultdict(list)
    for row in session.scalars(select(AnswerRevision).order_by(AnswerRevision.id)):
        revisions[(row.assessment_id, row.question_id)].append(row)
    answers = {(one.assessment_id, one.question_id): one for one in session.scalars(select(Answer))}
    assert answers.keys() == revisions.keys()
    saved = _events(session, "answer:save")
    for where, rows in revisions.items():
        answer, last = answers[where], rows[-1]
        assert [row.revision for row in rows] == list(range(1, len(rows) + 1)), where
        assert (answer.revision, answer.saved_at) == (last.revision, last.saved_at)
        assert _given(answer) == _given(last)
        assert saved["/".join(where)] == len(rows), where


def check_submissions(session: Session) -> None:
    """Submitted, receipt and acknowledgement come together, with their events, or not at all.

    What happens to files later may add receipts, each with its event.
    """
    sent = defaultdict(list)
    for each in session.scalars(select(Submission).order_by(Submission.number)):
        sent[each.assessment_id].append(each)
    receipts = Counter(session.scalars(select(StoredReceipt.assessment_id)))
    submitted, added, scored = (
        _events(session, kind) for kind in ("assessment:submitted", "submission:add", "receipt:add")
    )
    for row in session.scalars(select(Assessment)):
        rows = sent[row.id]
        number = len(rows)
        assert (row.state in SENT) == bool(rows), f"{row.id} is {row.state} with {number} sent"
        assert (row.submissions, row.receipts) == (number, receipts[row.id])
        assert receipts[row.id] >= number == submitted[row.id]
        for receipt in range(1, row.receipts + 1):
            assert scored[f"{row.id}/{receipt}"] == 1
        assert [one.number for one in rows] == list(range(1, number + 1))
        for one in rows:
            assert added[f"{row.id}/{one.number}"] == 1
            check_acknowledgement(session, one)


def check_acknowledgement(session: Session, row: Submission) -> None:
    """It is what its digest says, and its answers and files are the ones that were frozen."""
    assert hashlib.sha256(row.acknowledgement.encode()).hexdigest() == row.sha256
    said: dict[str, Any] = json.loads(row.acknowledgement)
    answers = session.scalars(select(Answer).where(Answer.assessment_id == row.assessment_id))
    stand = {one.question_id: (one.revision, answer_digest(_given(one))) for one in answers}
    told = {one["question"]: (one["revision"], one["sha256"]) for one in said["answers"]}
    assert told
    assert told.items() <= stand.items()
    uses = session.scalars(
        select(EvidenceUse).where(EvidenceUse.assessment_id == row.assessment_id)
    )
    frozen = {(use.question_id, use.evidence_id) for use in uses if use.submitted}
    assert {(one["question"], one["evidence"]) for one in said["evidence"]} == frozen


def _given(row: Answer | AnswerRevision) -> Given:
    return Given(row.value, row.na_reason, row.comment)


def _events(session: Session, kind: str) -> Counter[str]:
    return Counter(session.scalars(select(Event.object_id).where(Event.type == kind)))
