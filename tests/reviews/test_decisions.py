"""Undoing after a reply, sending back, deciding."""

from datetime import timedelta

import pytest

from riskapp.answers.service import Given
from riskapp.assessments.rules import State
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.errors import (
    AskedBackPending,
    CannotUndo,
    LegalBlock,
    NothingToReview,
)
from riskapp.reviews.queries import decision
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import (
    decide,
    send_back,
)
from riskapp.scoring.queries import receipts
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.reviews.acting import act, undo_last

pytestmark = pytest.mark.usefixtures("in_app")
DUE = NOW.date() + timedelta(days=30)


def resubmitted(cast: Cast, clock: StoppedClock) -> OpenedInvitation:
    """Accepted, asked back, accepted once more, sent back, replied to with a file, submitted."""
    invitation = small.submitted(cast)
    for action in (Action.COMPENSATE, Action.ASK_BACK, Action.ACCEPT):
        act(invitation, small.PROVEN, action, cast.oskar, "Because.", "0.5")
    clock.pass_by(days=1)
    assert send_back(invitation.assessment_id, DUE, stages.reviewer(cast.oskar)) == [small.PROVEN]
    clock.pass_by(days=1)
    stages.attach(invitation, small.PROVEN)
    stages.send_in(invitation)
    return invitation


def test_what_was_reviewed_before_a_resubmission_cannot_be_undone_after_it(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = resubmitted(cast, clock)
    before = small.given(invitation, small.PROVEN)
    assert not before.asked_back
    for position in range(3):
        with small.trail() as events, pytest.raises(CannotUndo):
            undo_last(invitation, cast.oskar, position)
        assert events == []
    assert small.given(invitation, small.PROVEN) == before
    act(invitation, small.PROVEN, Action.REJECT, cast.oskar)
    undo_last(invitation, cast.oskar)
    assert small.given(invitation, small.PROVEN) == before


def test_sending_back_needs_a_question_and_a_day(cast: Cast) -> None:
    invitation = small.submitted(cast)
    by, of = stages.reviewer(cast.oskar), invitation.assessment_id
    with small.trail() as events:
        with pytest.raises(NothingToReview):
            send_back(of, DUE, by)
        with pytest.raises(FieldRefused):
            send_back(of, NOW.date() - timedelta(days=1), by)
    assert events == []
    for question_id in (small.VITAL, small.CONTROL):
        act(invitation, question_id, Action.ASK_BACK, cast.oskar)
    with small.trail() as events:
        assert send_back(of, DUE, by) == [small.VITAL, small.CONTROL]
    assert events == [("assessment:returned", of)]
    row = small.row(invitation)
    assert (row.state, row.due, row.returned_at) == (State.RETURNED, DUE, NOW)


@pytest.mark.parametrize(
    ("outcome", "reasons", "conditions", "field"),
    [
        (Outcome.APPROVE, " ", "", "reasons"),
        (Outcome.APPROVE_WITH_CONDITIONS, "Sound.", " ", "conditions"),
    ],
)
def test_a_decision_gives_reasons_and_conditions_where_there_are_any(
    cast: Cast, outcome: Outcome, reasons: str, conditions: str, field: str
) -> None:
    invitation = small.submitted(cast)
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        decide(
            invitation.assessment_id,
            outcome,
            stages.reviewer(cast.oskar),
            reasons=reasons,
            conditions=conditions,
        )
    assert refused.value.field == field
    assert events == []


def test_a_decision_is_made_once_and_names_the_receipt_of_its_day(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast, SML_07=Given([{"name": "A", "kept": "well"}]))
    clock.pass_by(days=400)  # the certificate has aged: the day's score is another one
    of, by = invitation.assessment_id, stages.reviewer(cast.oskar)
    with small.trail() as events:
        results = small.at_once(
            *[
                lambda: decide(
                    of, Outcome.APPROVE_WITH_CONDITIONS, by, reasons="Sound.", conditions="By May."
                )
            ]
            * 2
        )
    assert results.count(None) == 1
    assert sorted(events) == [
        ("assessment:decided", of),
        ("assessment:in-review", of),
        ("decision:make", of),
        ("receipt:add", f"{of}/2"),
    ]
    made = decision(reading(), of)
    assert made is not None
    assert (made.outcome, made.receipt, made.conditions) == (
        Outcome.APPROVE_WITH_CONDITIONS,
        2,
        "By May.",
    )
    newest = receipts(reading(), of)[0]
    assert (newest.number, newest.as_of) == (2, clock.now().date())


def test_what_the_law_blocks_can_only_be_rejected(cast: Cast) -> None:
    invitation = small.submitted(cast, SML_02=Given("no"))
    by, of = stages.reviewer(cast.oskar), invitation.assessment_id
    for outcome in (Outcome.APPROVE, Outcome.APPROVE_WITH_CONDITIONS):
        with small.trail() as events, pytest.raises(LegalBlock) as blocked:
            decide(of, outcome, by, reasons="Sound.", conditions="By May.")
        assert blocked.value.items == [small.LEGAL]
        assert events == []
    decide(of, Outcome.REJECT, by, reasons="No contract.", conditions="Ignored.")
    made = decision(reading(), of)
    assert made is not None
    assert made.conditions == ""


def test_nothing_is_decided_while_a_question_is_marked_to_be_asked_back(cast: Cast) -> None:
    invitation = small.submitted(cast)
    by, of = stages.reviewer(cast.oskar), invitation.assessment_id
    act(invitation, small.VITAL, Action.ASK_BACK, cast.oskar)
    with small.trail() as events, pytest.raises(AskedBackPending) as pending:
        decide(of, Outcome.REJECT, by, reasons="No.")
    assert pending.value.questions == [small.VITAL]
    assert events == []
    undo_last(invitation, cast.oskar)
    decide(of, Outcome.REJECT, by, reasons="No.")
    assert small.row(invitation).outcome == Outcome.REJECT
