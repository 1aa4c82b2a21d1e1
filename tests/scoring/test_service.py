"""Receipts of stored assessments: dated, beside one another, and recomputable by anybody."""

from datetime import timedelta

import pytest

from riskapp.answers.service import Given
from riskapp.core.db import reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.scoring.queries import receipt_documents, receipts, score
from riskapp.scoring.receipts import recompute
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.small import app

__all__ = ["app"]
pytestmark = pytest.mark.usefixtures("in_app")


def act(invitation: OpenedInvitation, cast: Cast, question_id: str, action: Action) -> None:
    by = stages.reviewer(cast.oskar)
    review_answer(invitation.assessment_id, question_id, action, by, note="Because.")


def numbers(invitation: OpenedInvitation) -> list[tuple[int, int]]:
    """Number and submission of every receipt, oldest first."""
    reading().rollback()
    rows = receipts(reading(), invitation.assessment_id)
    return [(row.number, row.submission) for row in rows][::-1]


def test_every_stored_receipt_recomputes_and_the_assessment_shows_the_newest(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(
        cast, SML_03=Given("partly"), SML_07=Given([]), SML_04=Given(na_reason="Not ours.")
    )
    act(invitation, cast, small.LIST, Action.CONFIRM)
    act(invitation, cast, small.PROVEN, Action.APPROVE_NA)
    act(invitation, cast, small.VITAL, Action.REJECT)
    act(invitation, cast, small.CONTROL, Action.ASK_BACK)
    clock.pass_by(days=1)
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), stages.reviewer(cast.oskar))
    clock.pass_by(days=1)
    small.say(invitation, small.CONTROL, "none", base=1)
    stages.send_in(invitation)
    assert numbers(invitation) == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2)]
    documents = receipt_documents(reading(), invitation.assessment_id)
    assert [number for number, _ in documents] == [1, 2, 3, 4, 5]
    for number, document in documents:
        again = recompute(document)
        assert again.same is True
        assert again.foreign_constant is None
        assert again.document_bytes == document.encode()
        found = score(reading(), invitation.assessment_id, number)
        assert found is not None
        assert (found.row.tier, found.row.shown) == (found.result.tier, found.result.shown)
    row, newest = small.row(invitation), score(reading(), invitation.assessment_id)
    assert newest is not None
    assert newest.row.number == 5
    assert (row.receipts, row.tier, row.shown) == (5, newest.row.tier, newest.row.shown)
    assert score(reading(), invitation.assessment_id, 6) is None


def test_what_changes_no_score_leaves_no_receipt_on_the_same_day_and_one_on_another(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    act(invitation, cast, small.VITAL, Action.ACCEPT)
    act(invitation, cast, small.VITAL, Action.ASK_BACK)
    assert numbers(invitation) == [(1, 1)]
    clock.pass_by(days=1)
    act(invitation, cast, small.PROVEN, Action.ACCEPT)
    assert numbers(invitation) == [(1, 1), (2, 1)]


def test_a_second_submission_has_a_receipt_of_its_own_beside_the_old_one(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    act(invitation, cast, small.VITAL, Action.ASK_BACK)
    clock.pass_by(seconds=1)
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), stages.reviewer(cast.oskar))
    clock.pass_by(seconds=1)
    small.say(invitation, small.VITAL, "yes", base=1, comment="As we said.")
    stages.send_in(invitation)
    assert numbers(invitation) == [(1, 1), (2, 2)]
    (_, first), (_, second) = receipt_documents(reading(), invitation.assessment_id)
    assert first == second  # the same day and worth: told apart by the submission
