"""Scoring again whoever uses a file: after its days, its standing or its being there changed.

A score keeps to what was submitted: a vendor that is changing its answers after a return is scored
by what it sent in last, with the files as they are now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from riskapp.answers.models import AnswerRevision
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.audit.service import Actor
from riskapp.evidence.models import Evidence as File
from riskapp.evidence.models import EvidenceUse
from riskapp.evidence.scans import OPEN
from riskapp.scoring.basis import Basis, BasisItem
from riskapp.scoring.build import TRANSFER_ASSESSMENT, assessed_until
from riskapp.scoring.constants import Level
from riskapp.scoring.current import terms_now
from riskapp.scoring.queries import basis as basis_of
from riskapp.scoring.service import Occasion, score_basis
from riskapp.scoring.sheet import Evidence
from riskapp.vendors.models import Engagement

Version = tuple[str, int]
"""Evidence id and version."""

TOGETHER = 500
"""So many files are asked for in one statement."""

WITH_US = frozenset({State.SUBMITTED, State.IN_REVIEW, State.DECIDED})


def hold_users(
    session: Session, files: Collection[Version], *, besides: Collection[str] = ()
) -> list[Assessment]:
    """Locks every assessment that uses one of these files or did, and `besides`; engagements too.

    A verb that changes files calls this before it changes anything: whoever saves, submits or
    reviews takes an assessment first and its files then. No file of theirs is put on an answer
    meanwhile. Gives them in the order of their ids.
    """
    wanted, held = _users(session, files) | set(besides), set[str]()
    rows: dict[str, Assessment] = {}
    while wanted - held:  # a vendor may have put the file on one more while this waited
        query = select(Assessment).where(Assessment.id.in_(wanted - held)).order_by(Assessment.id)
        held |= wanted
        found = session.scalars(
            query.with_for_update(), execution_options={"populate_existing": True}
        )
        rows.update((row.id, row) for row in found)
        wanted = wanted | _users(session, files)
    _hold_engagements(session, {row.vendor_id for row in rows.values()})
    return [rows[name] for name in sorted(rows)]


def _hold_engagements(session: Session, vendors: Collection[str]) -> None:
    """All of a vendor at once and by id, for whoever erases takes the others next.

    Taken in two steps, two erasures of one vendor would wait for one another.
    """
    query = select(Engagement.id).where(Engagement.vendor_id.in_(vendors)).order_by(Engagement.id)
    session.execute(query.with_for_update()).all()


def score_users(
    session: Session,
    files: Collection[Version],
    *,
    cause: str,
    actor: Actor,
    now: datetime,
    besides: Collection[str] = (),
) -> list[str]:
    """Scores every submitted assessment that rests on one of these files, as of today (UTC).

    In the caller's transaction and after its change. `besides` are assessments that the caller
    scores itself. Gives the ids of those with a new receipt: where the files change nothing, there
    is none. What was cancelled, or erased by the rules of retention, is left as it is.
    """
    session.flush()
    rows = [
        row
        for row in hold_users(session, files)
        if row.receipts
        and row.erased_at is None
        and row.state != State.CANCELLED
        and row.id not in besides
    ]
    terms, occasion = terms_now(session), Occasion(cause, actor, now)
    given, said_on = _submitted(session, rows), _assessments_said_on(session, rows)
    moved = []
    for row in rows:
        basis = basis_of(session, row.id)
        if basis is None:
            continue
        with_files = _with_files(basis, given.get(row.id, {}), said_on.get(row.id))
        if with_files != basis and score_basis(session, row, with_files, terms, occasion):
            moved.append(row.id)
    return moved


def _with_files(
    basis: Basis, given: Mapping[str, Sequence[Evidence]], said_on: date | None
) -> Basis:
    """The same with these files, and a transfer impact assessment as recent as they have it."""
    until = said_on and assessed_until(said_on, given.get(TRANSFER_ASSESSMENT, ()))

    def changed(item: BasisItem) -> BasisItem:
        if item.asks:
            item = replace(item, files=tuple(given.get(item.id, ())))
        return item if until is None else _assessed(item, until)

    return replace(basis, items=tuple(changed(item) for item in basis.items))


def _assessed(item: BasisItem, until: date) -> BasisItem:
    """With another last day for what rests on a recent transfer impact assessment."""
    transfers = tuple(
        one if one.assessed_until is None else replace(one, assessed_until=until)
        for one in item.transfers
    )
    ageing = item.ageing and replace(item.ageing, until=until)
    return replace(item, transfers=transfers, ageing=ageing)


def _assessments_said_on(session: Session, rows: Sequence[Assessment]) -> Mapping[str, date]:
    """When each vendor last said, of what it sent in, how old its transfer impact assessment is."""
    if not rows:
        return {}
    query = (
        select(AnswerRevision.assessment_id, func.max(AnswerRevision.saved_at))
        .join(Assessment, Assessment.id == AnswerRevision.assessment_id)
        .where(
            AnswerRevision.assessment_id.in_([row.id for row in rows]),
            AnswerRevision.question_id == TRANSFER_ASSESSMENT,
            AnswerRevision.saved_at <= Assessment.submitted_at,
        )
        .group_by(AnswerRevision.assessment_id)
    )
    return {assessment_id: at.date() for assessment_id, at in session.execute(query)}


def _users(session: Session, files: Collection[Version]) -> set[str]:
    found: set[str] = set()
    for some in _handfuls(files):
        found.update(
            session.scalars(
                select(EvidenceUse.assessment_id)
                .where(tuple_(EvidenceUse.evidence_id, EvidenceUse.version).in_(some))
                .distinct()
            )
        )
    return found


def _handfuls(files: Collection[Version]) -> Iterator[Sequence[Version]]:
    known = sorted(set(files))
    for begin in range(0, len(known), TOGETHER):
        yield known[begin : begin + TOGETHER]


def _submitted(
    session: Session, rows: Sequence[Assessment]
) -> Mapping[str, dict[str, list[Evidence]]]:
    """The files that count for each question as each assessment was submitted last, by id."""
    found: Mapping[str, dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    if not rows:
        return found
    query = (
        select(
            EvidenceUse.assessment_id,
            EvidenceUse.question_id,
            EvidenceUse.level,
            EvidenceUse.ended_at,
            File.erased_at,
            File.issued_on,
            File.valid_until,
        )
        .join(File, and_(EvidenceUse.evidence_id == File.id, EvidenceUse.version == File.version))
        .where(
            EvidenceUse.assessment_id.in_([row.id for row in rows]),
            EvidenceUse.submitted,
            or_(File.erased_at.is_not(None), File.scan.in_(OPEN)),
        )
        .order_by(EvidenceUse.added_at, EvidenceUse.id)
    )
    known = {row.id: row for row in rows}
    for use in session.execute(query):
        if _was_sent_in(known[use.assessment_id], use.ended_at):
            level = Level(use.level) if use.erased_at is None else Level.ERASED
            found[use.assessment_id][use.question_id].append(
                Evidence(True, level, use.issued_on, use.valid_until)
            )
    return found


def _was_sent_in(row: Assessment, ended_at: datetime | None) -> bool:
    """Whether a submitted file was part of the last submission, though it ended since."""
    if ended_at is None:
        return True
    if State(row.state) in WITH_US:
        return False
    times = [at for at in (row.submitted_at, row.returned_at) if at is not None]
    return bool(times) and ended_at >= max(times)
