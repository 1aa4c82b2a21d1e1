"""The spine: drawing up, moving through the states, and who else may look."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.assessments.errors import AlreadyDrawnUp, IntakeMissing, WrongState
from riskapp.assessments.models import Assessment, AssessmentRelease
from riskapp.assessments.routing import asked_of, proposal
from riskapp.assessments.rules import ENDED, State, can_move
from riskapp.audit.service import About, Actor, moved, record
from riskapp.catalogue.library import Catalogue, Library
from riskapp.catalogue.model import Release
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.releases.queries import offered
from riskapp.releases.service import store
from riskapp.vendors.errors import EngagementEnded
from riskapp.vendors.intake import facts
from riskapp.vendors.models import Engagement, Intake
from riskapp.vendors.standing import update_vendor

LATEST_DUE = timedelta(days=366)
LONGEST_REASON = 4000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked: releases, by when, and why it differs from the proposal (if it does)."""

    releases: Sequence[Release]
    due: date
    reason: str = ""
    cycle: int | None = None
    """Which one it is to be for the engagement; None: whichever comes next."""
    questions: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Ids by questionnaire; of a questionnaire that is not in it, all that apply are asked."""


def as_proposed(known: Mapping[str, Any], catalogue: Catalogue, due: date) -> Plan:
    """The plan that asks what an engagement's facts call for, of what is in the catalogue."""
    found = [
        (one.release, one.questions)
        for one in proposal(known, catalogue.newest)
        if one.release is not None
    ]
    questions = {release.id: names for release, names in found}
    return Plan([release for release, _ in found], due, questions=questions)


def about(assessment: Assessment) -> About:
    return About(assessment.id, assessment.vendor_id, assessment.id)


def locked(session: Session, assessment_id: str) -> Assessment:
    """The assessment, held against every other change until this transaction ends."""
    row = session.scalar(select(Assessment).where(Assessment.id == assessment_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def move(
    session: Session,
    row: Assessment,
    to: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    **said: object,
) -> None:
    """Takes the assessment to another state, in the caller's transaction. Raises WrongState."""
    current = State(row.state)
    if not can_move(current, to):
        raise WrongState(current, to)
    row.state = to
    record(
        session,
        f"assessment:{to}",
        about(row),
        actor=actor,
        now=now,
        private={"reason": reason},
        **moved(current, to),
        **said,
    )


def checked_due(due: date, today: date) -> date:
    if due < today:
        raise FieldRefused("due", "The due date has passed. Choose today or a later day.")
    if due > today + LATEST_DUE:
        raise FieldRefused("due", "Choose a due date within a year.")
    return due


def draw_up(
    session: Session,
    library: Library,
    engagement_id: str,
    plan: Plan,
    *,
    actor: Actor,
    now: datetime,
) -> Assessment:
    """Makes a draft, in the caller's transaction.

    Raises EngagementEnded, FieldRefused, IntakeMissing, NotFound; AlreadyDrawnUp where the plan's
    cycle is taken.
    """
    checked_due(plan.due, now.date())
    if not plan.releases:
        raise FieldRefused("questionnaires", "Choose at least one questionnaire.")
    if len({release.id for release in plan.releases}) < len(plan.releases):
        raise FieldRefused("questionnaires", "Choose one release of each questionnaire.")
    engagement = session.scalar(
        select(Engagement).where(Engagement.id == engagement_id).with_for_update()
    )
    if engagement is None:
        raise NotFound
    if engagement.ended_at is not None:
        raise EngagementEnded(engagement_id)
    if engagement.intake_number is None:
        raise IntakeMissing(engagement_id)
    intake = session.scalars(
        select(Intake).where(
            Intake.engagement_id == engagement_id, Intake.number == engagement.intake_number
        )
    ).one()
    known = facts(library.intake(intake.release_sha256), intake.answers)
    asked = _asked(plan, known)
    _explained(session, library, plan, known, asked)
    row = _draft(session, engagement, intake, known, plan, actor=actor, now=now)
    session.add(row)
    session.flush()
    sent = [release for release in plan.releases if release.id in asked]
    _keep(session, row, sent, asked, now)
    record(
        session,
        "assessment:draft",
        about(row),
        actor=actor,
        now=now,
        private={"reason": row.choice_reason},
        to=State.DRAFT,
        engagement=engagement_id,
        due=plan.due.isoformat(),
        releases=[[release.id, release.release, release.sha256] for release in sent],
        questions=asked,
    )
    return row


def _keep(
    session: Session,
    row: Assessment,
    sent: Sequence[Release],
    asked: Mapping[str, list[str]],
    now: datetime,
) -> None:
    """Keeps the exact text of what is sent, and which questions of it are asked."""
    for position, release in enumerate(sent):
        store(session, release, now)
        session.add(
            AssessmentRelease(
                assessment_id=row.id,
                position=position,
                sha256=release.sha256,
                questions=asked[release.id],
            )
        )
    session.flush()


def _draft(
    session: Session,
    engagement: Engagement,
    intake: Intake,
    known: dict[str, Any],
    plan: Plan,
    *,
    actor: Actor,
    now: datetime,
) -> Assessment:
    cycle = _next_cycle(session, engagement.id, plan)
    return Assessment(
        id=new_id(),
        engagement_id=engagement.id,
        vendor_id=engagement.vendor_id,
        cycle=cycle,
        state=State.DRAFT,
        due=plan.due,
        intake_id=intake.id,
        facts=known,
        choice_reason=plan.reason.strip(),
        cancel_reason="",
        created_at=now,
        created_by=actor.id,
        submissions=0,
        submitted_at=None,
        returned_at=None,
        receipts=0,
        tier=None,
        shown=None,
        blocked=False,
        outcome=None,
    )


def _next_cycle(session: Session, engagement_id: str, plan: Plan) -> int:
    taken = session.execute(
        select(Assessment.cycle, Assessment.id).where(Assessment.engagement_id == engagement_id)
    )
    by_cycle = {row[0]: row[1] for row in taken}
    if plan.cycle in by_cycle:
        raise AlreadyDrawnUp(by_cycle[plan.cycle])
    return len(by_cycle) + 1


def _asked(plan: Plan, known: Mapping[str, Any]) -> dict[str, list[str]]:
    chosen = {one.id: plan.questions.get(one.id, one.questions) for one in plan.releases}
    asked = asked_of(plan.releases, chosen, known)
    if not asked:
        raise FieldRefused(
            "questionnaires", "None of these questions applies to this engagement. Choose others."
        )
    return asked


def _explained(
    session: Session,
    library: Library,
    plan: Plan,
    known: Mapping[str, Any],
    asked: Mapping[str, Sequence[str]],
) -> None:
    """Raises FieldRefused where the choice differs from the proposal and nobody says why."""
    if plan.reason.strip():
        return
    proposed = [one for one in proposal(known, offered(session, library).newest) if one.release]
    wanted = {one.release.sha256: list(one.questions) for one in proposed if one.release}
    chosen = {one.sha256: list(asked[one.id]) for one in plan.releases if one.id in asked}
    if chosen != wanted:
        raise FieldRefused(
            "reason", "Your choice differs from what is proposed. Say why in a sentence."
        )


def draft(library: Library, engagement_id: str, plan: Plan, *, actor: Actor, now: datetime) -> str:
    """Draws up an assessment without sending it. Raises what `draw_up` raises."""
    with transaction() as session:
        return draw_up(session, library, engagement_id, plan, actor=actor, now=now).id


def extend(assessment_id: str, due: date, *, actor: Actor, now: datetime) -> None:
    """Gives the vendor until another day. Raises FieldRefused, WrongState, NotFound."""
    checked_due(due, now.date())
    with transaction() as session:
        row = locked(session, assessment_id)
        if State(row.state) in ENDED:
            raise WrongState(State(row.state), "another due date")
        before, row.due = row.due, due
        record(
            session,
            "assessment:extend",
            about(row),
            actor=actor,
            now=now,
            **moved(before.isoformat(), due.isoformat()),
        )


def cancel(assessment_id: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """Ends an assessment without a decision; its links open nothing more, its score counts no more.

    The engagement has the score of the cycle before that has one, if any. The event commits
    to the reason: people's words may name people, and events stay for ever.
    """
    reason = reason.strip()
    if not reason:
        raise FieldRefused("reason", "Say why the assessment is cancelled.")
    if len(reason) > LONGEST_REASON:
        raise FieldRefused("reason", f"Use at most {LONGEST_REASON} characters.")
    with transaction() as session:
        row = locked(session, assessment_id)
        row.cancel_reason = reason
        move(session, row, State.CANCELLED, actor=actor, now=now, reason=reason)
        _fall_back(session, row)


def _fall_back(session: Session, row: Assessment) -> None:
    engagement = session.scalars(
        select(Engagement).where(Engagement.id == row.engagement_id).with_for_update()
    ).one()
    if engagement.scored_by != row.id:
        return
    before = session.scalar(
        select(Assessment)
        .where(
            Assessment.engagement_id == engagement.id,
            Assessment.receipts > 0,
            Assessment.erased_at.is_(None),
            Assessment.state != State.CANCELLED,
        )
        .order_by(Assessment.cycle.desc())
        .limit(1)
    )
    if before is None:
        engagement.scored_by = engagement.tier = engagement.shown = None
        engagement.blocked = False
    else:
        engagement.scored_by, engagement.blocked = before.id, before.blocked
        engagement.tier, engagement.shown = before.tier, before.shown
    session.flush()
    update_vendor(session, engagement.vendor_id)
