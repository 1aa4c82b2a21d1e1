"""Whether an engagement is to be asked again: its intake calls for more, or its time has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskapp.assessments.queries import AssessmentRow, releases
from riskapp.assessments.rules import State
from riskapp.core.db import reading
from riskapp.reviews.queries import decision
from riskapp.scoring.schemes import Scheme, next_due
from riskapp.vendors.queries import EngagementRow
from riskapp.vendors.rules import Tier
from riskapp.web.desk.choosing import proposed
from riskapp.web.ports import ports


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The newest assessment, and how many questions the intake calls for that it did not ask."""

    assessment: AssessmentRow
    questions: int


@dataclass(frozen=True, slots=True)
class Again:
    """By when an engagement is to be assessed again, for it is assessed every so many months."""

    by: date
    months: int
    days_late: int
    """Above 0 from the day after."""


def again(row: EngagementRow, scheme: Scheme, today: date) -> Again | None:
    """None where the newest score is not decided on, or the engagement has ended."""
    if row.scored_by is None or row.tier is None or row.ended_at is not None:
        return None
    decided = decision(reading(), row.scored_by)
    if decided is None:
        return None
    tier = Tier(row.tier)
    by = next_due(scheme, tier, decided.at.date())
    return Again(by, scheme.cadence[tier], (today - by).days)


def overtaken(asked: Sequence[AssessmentRow], facts: Mapping[str, Any]) -> Overtaken | None:
    """What an intake answered after the newest assessment was drawn up calls for beyond it.

    `asked` are the engagement's assessments, `facts` what the intake says now. What the officer
    left out when the assessment was drawn up is not held against it. None where nothing was asked
    yet, or nothing more is called for.
    """
    standing = (one for one in asked if one.state is not State.CANCELLED)
    newest = max(standing, key=lambda one: one.cycle, default=None)
    if newest is None or newest.facts == facts:
        return None
    more = _called(facts) - _called(newest.facts) - _covered(newest.id)
    return Overtaken(newest, len(more)) if more else None


def _called(facts: Mapping[str, Any]) -> set[str]:
    """Every question that facts call for, by the one id where two questionnaires ask the same."""
    return {
        one.release.questions[name].same_as or name
        for one in proposed(facts)
        if one.release is not None
        for name in one.questions
    }


def _covered(assessment_id: str) -> set[str]:
    return {
        question.same_as or question.id
        for release in releases(reading(), ports().library, assessment_id)
        for question in release.questions.values()
    }
