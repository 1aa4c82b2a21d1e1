"""A run of the rules of retention: erases what is due, in many small transactions.

Each looks again, with everything held, whether its record is still due and under no hold. So what
a killed run left undone the next one finds, and of two at once the second finds nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from riskapp.accounts.models import SignInSession
from riskapp.answers.models import Answer, AnswerRevision
from riskapp.assessments.models import Assessment
from riskapp.assessments.service import about, locked
from riskapp.audit.service import About, Actor, forget_object, forget_words, record
from riskapp.core.db import reading, transaction
from riskapp.custody.certificates import Scope
from riskapp.custody.due import Due, due, still_due
from riskapp.custody.erasing import Means, Version, Wish, destroy, sealed_digests
from riskapp.custody.models import AssessmentErasure
from riskapp.custody.retention import rule_of
from riskapp.custody.rules import RecordClass, Rule
from riskapp.evidence.models import Evidence
from riskapp.evidence.removals import tidy
from riskapp.invites.models import Invitation, RespondentSession
from riskapp.packs.models import PackExport
from riskapp.reviews.models import ReviewEntry
from riskapp.scoring.models import StoredBasis, StoredReceipt
from riskapp.scoring.users import hold_users
from riskapp.submissions.models import Submission
from riskapp.vendors.models import Engagement, Vendor

TOGETHER = 20
"""So many files are erased in one transaction, with one certificate: nobody is to wait long."""
SESSIONS_TOGETHER = 500

_WITH_ANSWERS = (Answer, AnswerRevision, Submission, StoredReceipt, StoredBasis, ReviewEntry)
"""What is deleted of an assessment whose answers are erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What a run erased, as it was due."""

    about: RecordClass
    what: Due


@dataclass(frozen=True, slots=True)
class Run:
    """By whom and when, with what, and how many records of each class at most."""

    means: Means
    actor: Actor
    now: datetime
    most: int | None = None

    @property
    def today(self) -> date:
        return self.now.date()


def foreseen(session: Session, *, through: date) -> list[Erased]:
    """What runs would erase until a day, in the order of a run; also what a hold would keep."""
    found = []
    for kind in RecordClass:
        rule = rule_of(session, kind)
        if rule is not None:
            found += [Erased(kind, one) for one in due(session, kind, rule, through=through)]
    return found


def carry_out(run: Run) -> Iterator[Erased]:
    """Erases what is due today (UTC), and gives it piece by piece, each once it is gone.

    Raises StoreUnavailable, DatabaseUnavailable: what was given before stays erased.
    """
    erased = False
    for kind in RecordClass:
        rule = rule_of(reading(), kind)
        found = [] if rule is None else due(reading(), kind, rule, through=run.today)
        reading().rollback()
        wanted = [one for one in found if not one.held][: run.most]
        for work, some in _pieces(kind, wanted):
            for one in work(run, kind, some):
                erased = True
                yield Erased(kind, one)
    tidy(run.means.blobs, deleted=erased)


_Work = Callable[[Run, RecordClass, Sequence[Due]], list[Due]]


def _pieces(kind: RecordClass, found: Sequence[Due]) -> Iterator[tuple[_Work, Sequence[Due]]]:
    """The transactions of a class: files first, for a draft that is erased is not found again."""
    if kind is RecordClass.LOGS:
        for begin in range(0, len(found), SESSIONS_TOGETHER):
            yield _erase_sessions, found[begin : begin + SESSIONS_TOGETHER]
        return
    files = sorted((one for one in found if not one.assessment_id), key=lambda one: one.vendor_id)
    for _, of_vendor in groupby(files, key=lambda one: one.vendor_id):
        every = list(of_vendor)
        for begin in range(0, len(every), TOGETHER):
            yield _erase_files, every[begin : begin + TOGETHER]
    rest = sorted((one for one in found if one.assessment_id), key=lambda one: one.assessment_id)
    work = _erase_links if kind is RecordClass.LINKS else _erase_answers
    for _, of_assessment in groupby(rest, key=lambda one: one.assessment_id):
        yield work, list(of_assessment)


def _now_due(session: Session, run: Run, kind: RecordClass, some: Sequence[Due]) -> list[Due]:
    """What of it may be erased, by the rule as it is now; the caller holds what it depends on."""
    rule = rule_of(session, kind)
    if rule is None:
        return []
    wanted = {one.id for one in some}
    found = still_due(session, kind, rule, sorted(wanted), through=run.today)
    return [one for one in found if one.id in wanted]


def _hold(session: Session, vendor_id: str) -> None:
    """Behind the assessments' locks: neither an engagement, a file nor a hold changes meanwhile."""
    engagements = select(Engagement.id).where(Engagement.vendor_id == vendor_id)
    session.execute(engagements.order_by(Engagement.id).with_for_update()).all()
    session.execute(select(Vendor.id).where(Vendor.id == vendor_id).with_for_update())


def _erase_links(run: Run, kind: RecordClass, some: Sequence[Due]) -> list[Due]:
    """Of links: the browsers that used them, the address, and what opens them."""
    with transaction() as session:
        row = locked(session, some[0].assessment_id)
        _hold(session, row.vendor_id)
        found = _now_due(session, run, kind, some)
        for one in found:
            browsers = delete(RespondentSession).where(RespondentSession.invitation_id == one.id)
            session.execute(browsers)
            # No token has such a hash, and it stays unlike every other.
            session.execute(
                update(Invitation)
                .where(Invitation.id == one.id)
                .values(email="", token_hash=f"erased:{one.id}")
            )
            forget_object(session, one.id)
            record(
                session,
                "invitation:erase",
                About(one.id, row.vendor_id, row.id),
                actor=run.actor,
                now=run.now,
            )
    return found


def _erase_answers(run: Run, kind: RecordClass, some: Sequence[Due]) -> list[Due]:
    """Of an assessment: answers, submissions, receipts, reviews, and who took packs and why."""
    with transaction() as session:
        row = locked(session, some[0].assessment_id)
        _hold(session, row.vendor_id)
        found = _now_due(session, run, kind, some)
        rule = rule_of(session, kind)
        if found and rule is not None:
            _erase_assessment(session, run, kind, rule, row)
    return found


def _erase_assessment(
    session: Session, run: Run, kind: RecordClass, rule: Rule, row: Assessment
) -> None:
    session.add(
        AssessmentErasure(assessment_id=row.id, record_class=kind, days=rule.days, at=run.now)
    )
    session.flush()  # the triggers look for it
    gone = {}
    for table in _WITH_ANSWERS:
        gone[table.__tablename__] = _count(session, table, row.id)
        session.execute(delete(table).where(table.assessment_id == row.id))
    session.execute(
        update(PackExport)
        .where(PackExport.assessment_id == row.id)
        .values(recipient="", purpose="", narrowed={}, sealed_to=None)
    )
    forget_words(session, assessment_id=row.id)
    row.erased_at = run.now
    row.shared = row.shared_receipt = None
    session.flush()
    record(
        session,
        "assessment:erase",
        about(row),
        actor=run.actor,
        now=run.now,
        rule=kind,
        days=rule.days,
        rows=gone,
    )


def _count(session: Session, table: Any, assessment_id: str) -> int:  # noqa: ANN401 - a model
    query = select(func.count()).select_from(table).where(table.assessment_id == assessment_id)
    return session.scalar(query) or 0


def _erase_files(run: Run, kind: RecordClass, some: Sequence[Due]) -> list[Due]:
    """Of files of one vendor: keys and blobs, with a certificate."""
    vendor_id, files = some[0].vendor_id, [_version(one) for one in some]
    digests = sealed_digests(run.means.blobs, _blobs(files))
    with transaction() as session:
        hold_users(session, files)
        _hold(session, vendor_id)
        found = _now_due(session, run, kind, some)
        rule = rule_of(session, kind)
        wanted = {one: digests[one] for one in map(_version, found) if one in digests}
        if wanted and rule is not None:
            destroy(session, run.means, vendor_id, wanted, _wish(run, kind, rule))
    tidy(run.means.blobs)
    return [one for one in found if _version(one) in wanted]


def _wish(run: Run, kind: RecordClass, rule: Rule) -> Wish:
    return Wish(
        Scope.RETENTION,
        f"The rule of retention for {kind}: {rule.days} days after nothing rested on it any more.",
        "",
        run.actor,
        run.now,
    )


def _version(one: Due) -> Version:
    evidence_id, _, version = one.id.partition("/")
    return evidence_id, int(version)


def _blobs(files: Sequence[Version]) -> dict[Version, str]:
    """Where the files lie in the store."""
    query = select(Evidence.id, Evidence.version, Evidence.blob).where(
        Evidence.id.in_({evidence_id for evidence_id, _ in files})
    )
    found = {(row[0], row[1]): row[2] for row in reading().execute(query)}
    reading().rollback()
    return {one: found[one] for one in files if one in found}


def _erase_sessions(run: Run, kind: RecordClass, some: Sequence[Due]) -> list[Due]:
    """Sign-in sessions that are over. One event for all: one for each would keep what goes here."""
    with transaction() as session:
        found = _now_due(session, run, kind, some)
        if found:
            ids = [one.id for one in found]
            session.execute(delete(SignInSession).where(SignInSession.id.in_(ids)))
            record(
                session,
                "sessions:erase",
                About(kind),
                actor=run.actor,
                now=run.now,
                sessions=len(ids),
            )
    return found
