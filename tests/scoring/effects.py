"""Assessments that were asked one release, and what they come to under another."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from riskapp.answers.service import Given
from riskapp.assessments.service import Plan, locked
from riskapp.audit.service import OPERATOR
from riskapp.catalogue.check import check
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse
from riskapp.core.db import Base, reading, transaction
from riskapp.core.ids import new_id
from riskapp.invites.queries import OpenedInvitation
from riskapp.invites.service import issue, start
from riskapp.releases.queries import listed
from riskapp.releases.service import publish
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.scoring.effect import Effect, Landing, effect
from riskapp.scoring.service import score
from riskapp.vendors.rules import Tier
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast, Provider
from tests.catalogue import writing
from tests.catalogue.writing import Json

TODAY = NOW.date()


def altered(**instead: Json | None) -> list[Json]:
    """The small questions but for what `instead` says of some (SML_03 for SML-03); None: gone."""
    found = []
    for one in small.QUESTIONS:
        other = instead.get(one["id"].replace("-", "_"), {})
        if other is not None:
            found.append({key: value for key, value in {**one, **other}.items() if value != {}})
    return found


def release(*questions: Json, number: str = "2026.2", **more: Any) -> Release:
    content = writing.release(*questions, **{"id": small.NAME, "release": number, **more})
    found = parse(writing.written(content), f"{content['id']}/{number}.yaml")
    assert check(found) == []
    return found


def current() -> Release:
    return ports().library.current.latest(small.NAME)


def effects(new: Release, as_of: date = TODAY) -> list[Effect]:
    reading().rollback()
    return list(effect(reading(), ports().library, current(), new, as_of))


def only(new: Release, as_of: date = TODAY) -> Effect:
    (found,) = effects(new, as_of)
    return found


def landing(assessment_id: str) -> Landing:
    """Where an assessment really lands when it is scored now."""
    with transaction() as session:
        row = locked(session, assessment_id)
        now = ports().clock.now()
        score(session, ports().library, row, cause="To compare.", actor=OPERATOR, now=now)
        assert row.tier is not None
        assert row.shown is not None
        return Landing(Tier(row.tier), row.shown)


def drawn_up(
    provider: Provider, releases: Sequence[Release], asked: Sequence[str] | None = None
) -> OpenedInvitation:
    """An assessment that is asked these releases; of the small one, only `asked` if it is given."""
    parts = ports()
    questions = {} if asked is None else {small.NAME: asked}
    plan = Plan(releases, TODAY + timedelta(days=9), stages.REASON, questions=questions)
    link = issue(
        parts.library,
        provider.engagement_id,
        plan,
        email=provider.email,
        actor=OPERATOR,
        now=parts.clock.now(),
    )
    start(link.invitation_id, now=parts.clock.now())
    return stages.opened(link.token)


def landing_under(
    new: Release,
    like: OpenedInvitation,
    provider: Provider,
    *,
    asked: Sequence[str] | None = None,
    without: Sequence[str] = (),
    before: Sequence[Release] = (),
    behind: Sequence[Release] = (),
) -> Landing:
    """Sends `new` for real, gives it the answers, reviews and files of another, and scores it.

    `without` names the answers that it does not take.
    """
    parts = ports()
    if new.key not in {one.release.key for one in listed(reading(), parts.library)}:
        published(new)
    made = drawn_up(provider, [*before, new, *behind], asked)
    with transaction() as session:
        for table in map(Base.metadata.tables.__getitem__, ("answer", "evidence_use")):
            query = sa.select(table).where(table.c.assessment_id == like.assessment_id)
            for row in session.execute(query).mappings().all():
                if row["question_id"] not in without:
                    own = {"id": new_id()} if "id" in row else {}
                    changed = {**row, "assessment_id": made.assessment_id, **own}
                    session.execute(sa.insert(table).values(**changed))
    return landing(made.assessment_id)


def reviewed(cast: Cast) -> OpenedInvitation:
    """An assessment with answers good and bad, and with reviews of every kind."""
    invitation = small.submitted(
        cast,
        SML_03=Given("partly"),
        SML_04=Given(na_reason="Not ours."),
        SML_05=Given("some"),
        SML_07=Given([{"name": "Host", "kept": "partly"}]),
        SML_09=Given(["logs"]),
        SML_10=Given(2),
    )
    for name, action in (
        (small.ROLE, Action.CONFIRM),
        (small.PROVEN, Action.APPROVE_NA),
        (small.LEVEL, Action.REJECT),
    ):
        by = stages.reviewer(cast.oskar)
        review_answer(invitation.assessment_id, name, action, by, note="Because.")
    return invitation


def published(new: Release) -> Release:
    """The release, once it can be sent."""
    parts = ports()
    publish(parts.library, new.source, new.where, actor=OPERATOR, now=parts.clock.now())
    return new


def sent_in(
    provider: Provider,
    releases: Sequence[Release],
    instead: dict[str, Given] | None = None,
    asked: Sequence[str] | None = None,
) -> OpenedInvitation:
    """An assessment that was asked these releases and submitted, well but for `instead`."""
    invitation = drawn_up(provider, releases, asked)
    stages.answer_all(invitation, instead)
    stages.send_in(invitation)
    return invitation
