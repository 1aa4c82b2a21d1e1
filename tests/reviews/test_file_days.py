"""The days of a file are confirmed by an officer, belong to the file, and move all that use it."""

from datetime import date

import pytest

from riskapp.core.db import reading
from riskapp.evidence.again import use_again
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.errors import CannotUndo
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_evidence
from riskapp.scoring.queries import receipts
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.evidence.files import place
from tests.reviews.acting import ISSUED_ON, file, look, undo_last

pytestmark = pytest.mark.usefixtures("in_app")

EXPIRED = date(2026, 11, 1)


def two_cycles(cast: Cast) -> tuple[OpenedInvitation, OpenedInvitation]:
    first = small.submitted(cast)
    second = small.started(cast)
    stages.answer_all(second)
    sent = file(first)
    use_again([f"{sent.evidence_id}/1"], place(second), now=NOW)
    stages.send_in(second)
    return first, second


def causes(invitation: OpenedInvitation) -> list[str]:
    reading().rollback()
    return [row.cause for row in reversed(receipts(reading(), invitation.assessment_id))]


def days(row: EvidenceRow) -> tuple[date, date | None, str | None]:
    return row.issued_on, row.valid_until, row.confirmed_by


def test_reviewing_confirms_the_days_and_undoing_takes_that_back(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    assert file(invitation).dates_at is None
    look(invitation, Action.EVIDENCE_REVIEWED, cast.oskar, valid_until=date(2027, 1, 1))
    found = file(invitation)
    assert found.dates_at == clock.now()
    assert found.confirmed_by is not None
    assert found.valid_until == date(2027, 1, 1)
    undo_last(invitation, cast.oskar)
    assert days(file(invitation)) == (ISSUED_ON, None, None)
    assert file(invitation).dates_at is None


def test_a_rejected_files_days_are_nobodys_but_the_vendors(cast: Cast) -> None:
    invitation = small.submitted(cast)
    look(invitation, Action.EVIDENCE_REJECTED, cast.oskar, valid_until=EXPIRED)
    assert days(file(invitation)) == (ISSUED_ON, None, None)


def test_who_confirmed_the_same_days_first_stays_named(cast: Cast, clock: StoppedClock) -> None:
    invitation = small.submitted(cast)
    look(invitation, Action.EVIDENCE_REVIEWED, cast.oskar)
    first = file(invitation)
    clock.pass_by(hours=1)
    look(invitation, Action.EVIDENCE_INDEPENDENT, cast.olga)
    again = file(invitation)
    assert (again.confirmed_by, again.dates_at) == (first.confirmed_by, first.dates_at)
    assert again.level == "independent"
    undo_last(invitation, cast.olga)
    assert file(invitation) == first


def test_another_day_moves_every_assessment_that_the_file_was_submitted_with(cast: Cast) -> None:
    first, second = two_cycles(cast)
    look(second, Action.EVIDENCE_REVIEWED, cast.oskar)
    assert causes(first) == ["Submission 1"], "the days are the same, and a level is an answer's"
    with small.trail() as events:
        look(second, Action.EVIDENCE_REVIEWED, cast.oskar, valid_until=EXPIRED)
    assert causes(first) == ["Submission 1", "The dates of a file were corrected"]
    assert causes(second)[-1].startswith("Review of")
    assert [kind for kind, _ in events] == [
        "evidence:review",
        f"review:{Action.EVIDENCE_REVIEWED}",
        "receipt:add",
        "receipt:add",
    ]
    undo_last(second, cast.oskar)
    assert len(causes(first)) == 3


def test_the_level_is_that_of_one_answer(cast: Cast) -> None:
    first, second = two_cycles(cast)
    look(first, Action.EVIDENCE_INDEPENDENT, cast.oskar)
    assert (file(first).level, file(second).level) == ("independent", "provided")
    assert file(second).confirmed_by is not None


def test_what_somebody_else_confirmed_later_is_not_undone_from_elsewhere(
    cast: Cast, clock: StoppedClock
) -> None:
    first, second = two_cycles(cast)
    look(first, Action.EVIDENCE_REVIEWED, cast.oskar)
    clock.pass_by(hours=1)
    look(second, Action.EVIDENCE_REVIEWED, cast.olga, valid_until=EXPIRED)
    with pytest.raises(CannotUndo):
        undo_last(first, cast.oskar)
    undo_last(second, cast.olga)
    undo_last(first, cast.oskar)
    assert days(file(first)) == (ISSUED_ON, None, None)


def test_two_officers_who_correct_the_same_file_at_once_wait_for_one_another(cast: Cast) -> None:
    both = two_cycles(cast)
    jobs = [
        lambda invitation=invitation, day=day: review_evidence(
            invitation.assessment_id,
            of_assessment(reading(), invitation.assessment_id)[0].use_id,
            Action.EVIDENCE_REVIEWED,
            stages.reviewer(cast.oskar),
            issued_on=ISSUED_ON,
            valid_until=day,
            note="",
        )
        for invitation, day in zip(both, (EXPIRED, date(2026, 12, 1)), strict=True)
    ]
    assert small.at_once(*jobs) == [None, None]
    assert {file(one).valid_until for one in both} <= {EXPIRED, date(2026, 12, 1)}
