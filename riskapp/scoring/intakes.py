"""Answering the intake: what it changes of an engagement's score shows at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.assessments.rules import State
from riskapp.assessments.service import locked
from riskapp.audit.service import Actor
from riskapp.catalogue.library import Library
from riskapp.core.db import transaction
from riskapp.scoring.current import terms_now
from riskapp.scoring.queries import basis as basis_of
from riskapp.scoring.service import Occasion, score_basis
from riskapp.vendors.intake import factors
from riskapp.vendors.models import Engagement
from riskapp.vendors.service import save_intake_in


def answer_intake(
    library: Library,
    engagement_id: str,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Saves the intake by its newest release, and scores the engagement again by it.

    The score keeps to what was answered when it was made last; a new receipt stands beside the old
    one. Returns the intake's number. Raises FieldRefused, NotFound, as `save_intake`.
    """
    number = None
    while number is None:
        number = _answered(library, engagement_id, raw, actor=actor, now=now)
    return number


def _answered(
    library: Library, engagement_id: str, raw: Mapping[str, Any], *, actor: Actor, now: datetime
) -> int | None:
    """None where another assessment came to score the engagement before this could hold it."""
    release = library.current.intake
    with transaction() as session:
        scored_by = _scored_by(session, engagement_id)
        # The assessment before its engagement, as a review takes them: else the two could wait
        # for one another.
        row = None if scored_by is None else locked(session, scored_by)
        if _scored_by(session, engagement_id, hold=True) != scored_by:
            return None
        intake = save_intake_in(session, engagement_id, release, raw, actor=actor, now=now)
        basis = None if row is None else basis_of(session, row.id)
        if row is not None and basis is not None:
            if row.state != State.DECIDED:
                row.intake_id = intake.id
            basis = replace(basis, factors=factors(release, intake.answers))
            occasion = Occasion(f"Intake {intake.number}", actor, now)
            score_basis(session, row, basis, terms_now(session), occasion)
        return intake.number


def _scored_by(session: Session, engagement_id: str, *, hold: bool = False) -> str | None:
    query = select(Engagement.scored_by).where(Engagement.id == engagement_id)
    return session.scalar(query.with_for_update() if hold else query)
