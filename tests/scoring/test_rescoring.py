"""Scores move with the day, the intake and the terms; what stood before stays beside them."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.answers.service import Given
from riskapp.assessments.service import cancel
from riskapp.audit.service import CLOCK
from riskapp.clockwork import Clockwork
from riskapp.core.db import db, reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, send_back
from riskapp.scoring.adopting import make_and_adopt
from riskapp.scoring.current import terms_now
from riskapp.scoring.intakes import answer_intake
from riskapp.scoring.queries import basis, receipt_documents, receipts, score
from riskapp.scoring.receipts import recompute
from riskapp.scoring.rescoring import Moved, preview, rescore
from riskapp.tables import METADATA
from riskapp.vendors.queries import engagement, vendor
from riskapp.vendors.service import end_engagement, resume_engagement
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import INTAKE, NOW, Cast
from tests.conftest import StoppedClock
from tests.scoring import own_schemes
from tests.small import app
from tests.web.desk import counted

__all__ = ["app"]
pytestmark = pytest.mark.usefixtures("in_app")

TODAY = NOW.date()


def sent_in(cast: Cast, valid_until: date | None = None, **instead: Given) -> OpenedInvitation:
    """Submitted with proof of everything that asks for it, valid until a day."""
    link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    stages.answer_all(
        invitation, {name.replace("_", "-"): given for name, given in instead.items()}
    )
    for name in (small.VITAL, small.PROVEN, small.CONTROL):
        stages.attach(invitation, name, issued_on=TODAY, valid_until=valid_until)
    stages.send_in(invitation)
    return stages.opened(link.token)


def run(**more: Any) -> list[Moved]:
    reading().rollback()
    found = rescore(cause="Time passed", actor=CLOCK, now=ports().clock.now(), **more)
    reading().rollback()
    return found


def stand(invitation: OpenedInvitation) -> tuple[str | None, ...]:
    """Tier and number on the assessment, the engagement, the vendor and the newest receipt."""
    row = small.row(invitation)
    bought, bought_from = (
        engagement(reading(), row.engagement_id),
        vendor(reading(), row.vendor_id),
    )
    newest = receipts(reading(), row.id)[0]
    assert bought is not None
    assert bought_from is not None
    shown = {one.shown for one in (row, bought, bought_from, newest)}
    tier = {one.tier for one in (row, bought, bought_from, newest)}
    assert len(shown) == len(tier) == 1
    return *tier, *shown


def test_on_the_day_after_its_evidence_expired_a_score_has_a_receipt_that_says_so(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast, valid_until=TODAY + timedelta(days=2))
    before, old = stand(invitation), receipt_documents(reading(), invitation.assessment_id)
    clock.pass_by(days=2)
    assert run() == []
    clock.pass_by(days=1)
    with small.trail() as trail:
        (moved,) = run()
    assert trail == [("receipt:add", f"{invitation.assessment_id}/2")]
    assert small.events()[-1].actor_kind == "clock"
    after = stand(invitation)
    assert (moved.before.tier, moved.before.shown) == before
    assert (moved.after.tier, moved.after.shown) == after
    assert float(str(after[1])) > float(str(before[1]))
    newest = receipts(reading(), invitation.assessment_id)[0]
    assert (newest.as_of, newest.cause) == (TODAY + timedelta(days=3), "Time passed")
    assert {one["item"] for one in newest.moved if one["why"] == "evidence-expired"} == {
        small.VITAL,
        small.PROVEN,
        small.CONTROL,
    }
    documents = receipt_documents(reading(), invitation.assessment_id)
    assert documents[:1] == old
    assert recompute(documents[-1][1]).same is True
    assert run() == []


def test_evidence_that_fades_has_a_receipt_for_each_number_that_shows_and_none_between(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast)
    clock.pass_by(days=365)
    assert run() == []
    for _ in range(40):
        clock.pass_by(days=1)
        run()
    rows = receipts(reading(), invitation.assessment_id)
    numbers = [row.shown for row in rows]
    assert 1 < len(numbers) < 40
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=float, reverse=True)


def test_what_a_vendor_is_changing_counts_only_once_it_is_submitted(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast)
    by = stages.reviewer(cast.oskar)
    review_answer(invitation.assessment_id, small.VITAL, Action.ASK_BACK, by, note="Since when?")
    clock.pass_by(seconds=1)
    send_back(invitation.assessment_id, TODAY + timedelta(days=9), stages.reviewer(cast.oskar))
    clock.pass_by(seconds=1)
    before = stand(invitation)
    small.say(invitation, small.VITAL, "no", base=1)
    assert run() == []
    assert stand(invitation) == before
    stages.send_in(invitation)
    assert stand(invitation) != before


def test_another_intake_moves_the_score_at_once_and_leaves_what_was_asked(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast)
    before = score(reading(), invitation.assessment_id)
    clock.pass_by(days=1)
    number = answer_intake(
        ports().library,
        cast.vera.engagement_id,
        {**INTAKE, "INT-02": "unknown", "INT-10": "unknown"},
        actor=cast.oskar.actor,
        now=clock.now(),
    )
    stand(invitation)
    after = score(reading(), invitation.assessment_id)
    assert before is not None
    assert after is not None
    assert (after.row.number, after.row.cause) == (2, f"Intake {number}")
    assert after.sheet.inherent.score > before.sheet.inherent.score
    assert [item.id for item in after.sheet.items] == [item.id for item in before.sheet.items]
    assert {one["why"] for one in after.row.moved} >= {"inherent"}
    review_answer(
        invitation.assessment_id, small.VITAL, Action.REJECT, stages.reviewer(cast.oskar), note="No"
    )
    reading().rollback()
    newest = score(reading(), invitation.assessment_id)
    assert newest is not None
    assert newest.sheet.inherent == after.sheet.inherent


def test_what_is_decided_moves_on_and_its_decision_keeps_its_receipt(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast, valid_until=TODAY)
    decide(
        invitation.assessment_id,
        Outcome.APPROVE,
        stages.reviewer(cast.oskar),
        reasons="Sound throughout.",
    )
    pinned = small.row(invitation).intake_id
    clock.pass_by(days=1)
    assert len(run()) == 1
    answer_intake(
        ports().library,
        cast.vera.engagement_id,
        {**INTAKE, "INT-02": "unknown"},
        actor=cast.oskar.actor,
        now=clock.now(),
    )
    row = small.row(invitation)
    assert row.intake_id == pinned
    assert row.receipts == 3
    stand(invitation)


def test_what_ended_is_not_scored_again_until_it_goes_on(cast: Cast, clock: StoppedClock) -> None:
    sent_in(cast, valid_until=TODAY)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=NOW)
    clock.pass_by(days=1)
    assert run() == []
    resume_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    assert len(run()) == 1


def test_only_the_last_cycle_that_has_a_score_moves(cast: Cast, clock: StoppedClock) -> None:
    first = sent_in(cast, valid_until=TODAY)
    second = sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)
    assert [one.assessment_id for one in run()] == [second.assessment_id]
    assert small.row(first).receipts == 1
    third = stages.started(cast.vera, cast.oskar, only=small.ONLY)[1]
    bought = engagement(reading(), cast.vera.engagement_id)
    assert bought is not None
    assert bought.scored_by == second.assessment_id
    assert small.row(third).tier is None


def test_a_review_of_an_earlier_cycle_leaves_the_engagement_with_the_last_ones_score(
    cast: Cast,
) -> None:
    first, second = sent_in(cast), sent_in(cast)
    before = stand(second)
    by = stages.reviewer(cast.oskar)
    review_answer(first.assessment_id, small.VITAL, Action.REJECT, by, note="No.")
    assert small.row(first).shown != before[1]
    assert stand(second) == before


def test_a_preview_says_what_a_run_then_does_and_writes_nothing(
    cast: Cast, clock: StoppedClock
) -> None:
    sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)
    before = everything()
    seen: list[tuple[int, int]] = []
    ahead = preview(
        reading(),
        terms_now(reading()),
        clock.now().date(),
        lambda done, every: seen.append((done, every)),
    )
    assert everything() == before
    assert seen == [(0, 1), (1, 1)]
    assert ahead == run()
    assert len(ahead) == 1


def everything() -> dict[str, Any]:
    reading().rollback()
    with db.engine.connect() as connection:
        return {
            name: connection.execute(sa.select(table)).all()
            for name, table in METADATA.tables.items()
        }


def test_of_two_runs_at_once_one_writes(cast: Cast, clock: StoppedClock) -> None:
    invitation = sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)
    found = small.at_once(run, run)
    assert sorted(len(one) for one in found) == [0, 1]  # type: ignore[arg-type]  # lists
    assert small.row(invitation).receipts == 2


def test_a_run_that_had_enough_leaves_the_rest_to_the_next(cast: Cast, clock: StoppedClock) -> None:
    sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)
    assert run(most=0) == []
    assert len(run(most=1)) == 1


def test_the_clockwork_scores_what_time_has_moved(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)
    Clockwork(app).round()
    assert small.row(invitation).receipts == 2
    by = [event.actor_kind for event in small.events() if event.type == "receipt:add"]
    assert by[-1] == "clock"


def test_the_basis_that_is_kept_is_what_the_newest_score_was_made_of(cast: Cast) -> None:
    invitation = sent_in(cast)
    kept, found = (
        basis(reading(), invitation.assessment_id),
        score(reading(), invitation.assessment_id),
    )
    assert kept is not None
    assert found is not None
    assert [(one.id, one.state) for one in kept.items] == [
        (one.id, one.state) for one in found.sheet.items
    ]
    assert basis(reading(), "nothing") is None


def test_a_run_that_began_before_a_scheme_was_adopted_writes_nothing_by_the_old_one(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)

    def adopt(done: int, every: int) -> None:
        if done == every:
            reading().rollback()
            how = own_schemes.wish(bound_high=30)
            make_and_adopt("harbour-1", how, {}, "For us.", actor=cast.ada.actor, now=clock.now())
            run()

    with small.trail() as trail:
        run(progress=lambda done, every: None if done else adopt(every, every))
    assert trail.count(("receipt:add", f"{invitation.assessment_id}/2")) == 1
    assert small.row(invitation).receipts == 2
    newest = receipts(reading(), invitation.assessment_id)[0]
    assert (newest.scheme, newest.cause) == ("harbour-1", "Scheme harbour-1 adopted")


def test_a_clock_that_goes_wrong_writes_nothing_between_receipts(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = sent_in(cast, valid_until=TODAY)
    clock.pass_by(days=1)
    run()
    clock.pass_by(days=-1)
    assert run() == []
    assert small.row(invitation).receipts == 2


def test_a_handful_is_written_in_as_many_statements_as_one_but_for_its_events(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    counts = []
    for provider in (cast.vera, cast.mallory):
        link = stages.started(provider, cast.oskar, only=small.ONLY)[1]
        stages.answer_all(link)
        stages.attach(
            link, small.PROVEN, issued_on=clock.now().date(), valid_until=clock.now().date()
        )
        stages.send_in(link)
        clock.pass_by(days=1)
        with counted(app) as statements:
            moved = len(run())
        counts.append(len(statements) - moved)
    assert counts[0] == counts[1]


def test_a_cancelled_assessment_leaves_its_engagement_the_score_of_the_cycle_before(
    cast: Cast,
) -> None:
    first = sent_in(cast, SML_03=Given("partly"))
    before = stand(first)
    second = sent_in(cast)
    assert stand(second) != before
    cancel(second.assessment_id, "Not bought.", actor=cast.oskar.actor, now=NOW)
    assert stand(first) == before
    cancel(first.assessment_id, "Not bought.", actor=cast.oskar.actor, now=NOW)
    bought = engagement(reading(), cast.vera.engagement_id)
    bought_from = vendor(reading(), cast.vera.vendor_id)
    assert bought is not None
    assert bought_from is not None
    assert (bought.scored_by, bought.tier, bought_from.tier) == (None, None, None)


def test_an_intake_that_is_answered_during_a_submission_is_in_the_score(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)[1]
    stages.answer_all(invitation)
    worst = {**INTAKE, "INT-02": "unknown", "INT-10": "unknown"}

    def answer() -> int:
        return answer_intake(
            ports().library,
            cast.vera.engagement_id,
            worst,
            actor=cast.oskar.actor,
            now=clock.now(),
        )

    small.at_once(lambda: stages.send_in(invitation), answer)
    found = score(reading(), invitation.assessment_id)
    bought = engagement(reading(), cast.vera.engagement_id)
    assert found is not None
    assert bought is not None
    assert str(found.sheet.inherent.score) == bought.inherent_score
