"""What the rules of retention erase, and when: read in one statement for each class."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from riskapp.accounts.models import SignInSession
from riskapp.answers.models import AnswerRevision
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import ENDED, State
from riskapp.audit.models import Event
from riskapp.custody.rules import Ended, RecordClass, Rule, all_free, free_since
from riskapp.evidence.models import Evidence, EvidenceUse, LegalHold
from riskapp.invites.models import Invitation
from riskapp.reviews.models import Decision
from riskapp.vendors.models import Engagement


@dataclass(frozen=True, slots=True)
class Due:
    """A record that a rule erases on a day, or would if no legal hold kept it.

    `id` is an assessment's, an invitation's, a sign-in session's, or a file's with its version
    (`id/version`). `assessment_id` is empty for files, which may serve several, and for sessions.
    """

    id: str
    vendor_id: str
    assessment_id: str
    day: date
    held: bool


def due(session: Session, about: RecordClass, rule: Rule, *, through: date) -> list[Due]:
    """Everything of a class that falls due on a day or before, by day. One statement."""
    found = [one for one in _READERS[about](session, rule, through, None) if one.day <= through]
    return sorted(found, key=lambda one: (one.day, one.id))


def still_due(
    session: Session, about: RecordClass, rule: Rule, wanted: Sequence[str], *, through: date
) -> list[Due]:
    """Of these records (by `Due.id`), those that a run may erase now: due, and under no hold."""
    if not wanted:
        return []
    found = _READERS[about](session, rule, through, wanted)
    return [one for one in found if one.day <= through and not one.held]


def _before(rule: Rule, through: date) -> datetime:
    return datetime.combine(rule.free_before(through), time.min, UTC)


def _ended_at() -> ColumnElement[datetime]:
    """When an assessment was decided or cancelled."""
    decided = select(Decision.at).where(Decision.assessment_id == Assessment.id)
    cancelled = select(func.max(Event.at)).where(
        Event.assessment_id == Assessment.id, Event.type == f"assessment:{State.CANCELLED}"
    )
    return case(
        (Assessment.state == State.DECIDED, decided.scalar_subquery()),
        else_=cancelled.scalar_subquery(),
    )


def _facts() -> tuple[ColumnElement[Any], ...]:
    """What `_ended` reads, behind the columns of a statement's own."""
    later = aliased(Assessment)
    superseded = (
        select(func.min(Decision.at))
        .join(later, later.id == Decision.assessment_id)
        .where(later.engagement_id == Assessment.engagement_id, later.cycle > Assessment.cycle)
        .correlate(Assessment)
    )
    return (
        Assessment.state.label("state"),
        _ended_at().label("ended_at"),
        superseded.scalar_subquery().label("superseded_at"),
        Engagement.ended_at.label("engagement_ended_at"),
        and_(Engagement.scored_by.is_not(None), Engagement.scored_by == Assessment.id).label(
            "is_score"
        ),
    )


def _ended(row: Row[Any]) -> Ended:
    return Ended(
        State(row.state),
        row.ended_at,
        row.superseded_at,
        row.engagement_ended_at,
        bool(row.is_score),
    )


def _held(vendor_id: InstrumentedAttribute[str], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a hold on the vendor, or of `more`, keeps a record."""
    return exists().where(
        LegalHold.vendor_id == vendor_id,
        LegalHold.lifted_at.is_(None),
        or_(LegalHold.evidence_id.is_(None), *more),
    )


def _assessments(
    rule: Rule, through: date, wanted: Sequence[str] | None
) -> Select[*tuple[Any, ...]]:
    """The ended assessments that are old enough and not erased yet."""
    query = (
        select(
            Assessment.id,
            Assessment.vendor_id,
            _held(Assessment.vendor_id).label("held"),
            *_facts(),
        )
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .where(
            Assessment.state.in_(ENDED),
            Assessment.erased_at.is_(None),
            _ended_at() < _before(rule, through),
        )
    )
    return query if wanted is None else query.where(Assessment.id.in_(wanted))


def _answers(
    session: Session, rule: Rule, through: date, wanted: Sequence[str] | None
) -> Iterator[Due]:
    query = _assessments(rule, through, wanted).where(Assessment.submissions > 0)
    yield from _of_assessments(session, query, rule)


def _drafts(
    session: Session, rule: Rule, through: date, wanted: Sequence[str] | None
) -> Iterator[Due]:
    """Answers that were never submitted; of those assessments only that somebody cancelled.

    One that was left half answered still waits for the vendor: it is for an officer to end it.
    """
    answered = exists().where(AnswerRevision.assessment_id == Assessment.id)
    query = _assessments(rule, through, wanted).where(Assessment.submissions == 0, answered)
    yield from _of_assessments(session, query, rule)
    yield from _files(session, rule, through, wanted, submitted=False)


def _of_assessments(session: Session, query: Select[*tuple[Any, ...]], rule: Rule) -> Iterator[Due]:
    for row in session.execute(query):
        free = free_since(_ended(row))
        if free is not None:
            yield Due(row.id, row.vendor_id, row.id, rule.due(free), bool(row.held))


def _evidence(
    session: Session, rule: Rule, through: date, wanted: Sequence[str] | None
) -> Iterator[Due]:
    yield from _files(session, rule, through, wanted, submitted=True)


def _files(
    session: Session, rule: Rule, through: date, wanted: Sequence[str] | None, *, submitted: bool
) -> Iterator[Due]:
    """Files on which nothing rests.

    Those of which no assessment was ever submitted go with the drafts, all others as evidence.
    """
    query = _files_query(rule, through, wanted)
    rows = session.execute(query)
    for (evidence_id, version), uses in groupby(rows, key=lambda row: (row.id, row.version)):
        known = list(uses)
        free = all_free(_free_of_use(row) for row in known)
        if free is not None and any(row.submissions for row in known) == submitted:
            first = known[0]
            name = f"{evidence_id}/{version}"
            yield Due(name, first.vendor_id, "", rule.due(free), bool(first.held))


def _free_of_use(row: Row[Any]) -> date | None:
    """A file that serves no answer any more is free since it came."""
    free: date | None = row.uploaded_at.date() if row.state is None else free_since(_ended(row))
    return free


def _files_query(
    rule: Rule, through: date, wanted: Sequence[str] | None
) -> Select[*tuple[Any, ...]]:
    used, where = aliased(EvidenceUse), aliased(Assessment)
    still_live = (
        select(used.id)
        .join(where, where.id == used.assessment_id)
        .where(
            used.evidence_id == Evidence.id,
            used.version == Evidence.version,
            where.state.not_in(ENDED),
        )
    )
    query = (
        select(
            Evidence.id,
            Evidence.version,
            Evidence.vendor_id,
            Evidence.uploaded_at,
            _held(Evidence.vendor_id, LegalHold.evidence_id == Evidence.id).label("held"),
            Assessment.submissions,
            *_facts(),
        )
        .outerjoin(
            EvidenceUse,
            (EvidenceUse.evidence_id == Evidence.id) & (EvidenceUse.version == Evidence.version),
        )
        .outerjoin(Assessment, Assessment.id == EvidenceUse.assessment_id)
        .outerjoin(Engagement, Engagement.id == Assessment.engagement_id)
        .where(
            Evidence.erased_at.is_(None),
            Evidence.uploaded_at < _before(rule, through),
            ~still_live.exists(),
        )
        .order_by(Evidence.id, Evidence.version)
    )
    if wanted is None:
        return query
    return query.where(Evidence.id.in_({name.partition("/")[0] for name in wanted}))


def _links(
    session: Session, rule: Rule, through: date, wanted: Sequence[str] | None
) -> Iterator[Due]:
    """Links that open nothing to answer since they were revoked, or their assessment ended."""
    before = _before(rule, through)
    over = and_(Assessment.state.in_(ENDED), _ended_at() < before)
    query = (
        select(
            Invitation.id,
            Invitation.assessment_id,
            Invitation.revoked_at,
            Assessment.vendor_id,
            _held(Assessment.vendor_id).label("held"),
            case((Assessment.state.in_(ENDED), _ended_at()), else_=None).label("ended_at"),
        )
        .join(Assessment, Assessment.id == Invitation.assessment_id)
        .where(Invitation.email != "", or_(Invitation.revoked_at < before, over))
    )
    if wanted is not None:
        query = query.where(Invitation.id.in_(wanted))
    for row in session.execute(query):
        useless = min(at for at in (row.revoked_at, row.ended_at) if at is not None)
        day = rule.due(useless.date())
        yield Due(row.id, row.vendor_id, row.assessment_id, day, bool(row.held))


def _logs(
    session: Session, rule: Rule, through: date, wanted: Sequence[str] | None
) -> Iterator[Due]:
    """Browsers that were signed in: which, and when."""
    over = func.coalesce(SignInSession.ended_at, SignInSession.expires_at)
    query = select(SignInSession.id, over.label("over")).where(over < _before(rule, through))
    if wanted is not None:
        query = query.where(SignInSession.id.in_(wanted))
    for row in session.execute(query):
        yield Due(row.id, "", "", rule.due(row.over.date()), held=False)


_READERS = {
    RecordClass.LINKS: _links,
    RecordClass.DRAFTS: _drafts,
    RecordClass.ANSWERS: _answers,
    RecordClass.EVIDENCE: _evidence,
    RecordClass.LOGS: _logs,
}


def by_day(found: Sequence[Due]) -> list[tuple[date, int]]:
    """How many fall due on each day, in order; held ones are not among them."""
    return sorted(Counter(one.day for one in found if not one.held).items())


def ahead_of(today: date, days: int) -> date:
    """The last day of a look ahead."""
    return today + timedelta(days=days)
