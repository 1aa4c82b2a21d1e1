"""Assessments at several ages, and runs of the rules over them."""

from collections.abc import Iterator
from datetime import date, timedelta

import sqlalchemy as sa

from riskapp.assessments.service import cancel
from riskapp.audit.service import CLOCK
from riskapp.core.db import Base, reading
from riskapp.custody.due import Due, due
from riskapp.custody.erasing import Means
from riskapp.custody.retention import rule_of, set_rule
from riskapp.custody.rules import RecordClass
from riskapp.custody.runs import Erased, Run, carry_out
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast, Provider
from tests.small import ONLY, PROVEN

REASON = "The policy of 2026 says so."


def decided(cast: Cast, provider: Provider | None = None) -> OpenedInvitation:
    return stages.decided(provider or cast.vera, cast.oskar, only=ONLY)[1]


def cancelled_draft(cast: Cast, provider: Provider | None = None) -> OpenedInvitation:
    """Begun, with an answer and a file, and cancelled before it was submitted."""
    _, invitation = stages.started(provider or cast.vera, cast.oskar, only=ONLY)
    stages.answer_all(invitation)
    stages.attach(invitation, PROVEN)
    now = ports().clock.now()
    cancel(invitation.assessment_id, "Not needed.", actor=cast.oskar.actor, now=now)
    return invitation


def keep_for(days: int | None, *kinds: RecordClass, by: Cast) -> None:
    for kind in kinds:
        set_rule(kind, days, REASON, actor=by.ada.actor, now=ports().clock.now())


def means() -> Means:
    return Means(ports().blobs, ports().signer, ports().settings.organisation)


def running(most: int | None = None) -> Iterator[Erased]:
    return carry_out(Run(means(), CLOCK, ports().clock.now(), most))


def erased(most: int | None = None) -> list[tuple[str, str]]:
    """What a run erases now: class and id."""
    found = [(str(one.about), one.what.id) for one in running(most)]
    reading().rollback()
    return found


def tomorrow() -> list[tuple[str, str]]:
    """What the pages foresee for the run a day from now: class and id."""
    through = today() + timedelta(days=1)
    reading().rollback()
    return [(str(kind), one.id) for kind, one in foreseen_through(through) if not one.held]


def foreseen_through(day: date) -> Iterator[tuple[RecordClass, Due]]:
    for kind in RecordClass:
        rule = rule_of(reading(), kind)
        if rule is not None:
            yield from ((kind, one) for one in due(reading(), kind, rule, through=day))


def today() -> date:
    return ports().clock.now().date()


def rows(table: type[Base], **where: object) -> int:
    query = sa.select(sa.func.count()).select_from(table).filter_by(**where)
    reading().rollback()
    return reading().scalar(query) or 0
