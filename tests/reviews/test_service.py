"""Review: each action, its words, and taking it back."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

import pytest

from riskapp.answers.queries import AnswerRow
from riskapp.answers.service import Given
from riskapp.assessments.rules import State
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.reviews.errors import (
    CannotUndo,
    NothingToReview,
    SameOfficer,
)
from riskapp.reviews.queries import asked_back_notes, thread
from riskapp.reviews.rules import NOTE_REQUIRED, Action
from riskapp.reviews.service import (
    review_evidence,
    undo,
)
from riskapp.scoring.sheet import State as ItemState
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.reviews.acting import ISSUED_ON, act, file, item, look, undo_last

pytestmark = pytest.mark.usefixtures("in_app")


MARKS: list[tuple[Action, str, Given, Callable[[AnswerRow], bool]]] = [
    (Action.ACCEPT, small.VITAL, Given("yes"), lambda row: row.standing == "accepted"),
    (Action.REJECT, small.VITAL, Given("yes"), lambda row: row.standing == "rejected"),
    (Action.ASK_BACK, small.VITAL, Given("yes"), lambda row: row.asked_back),
    (
        Action.APPROVE_NA,
        small.PROVEN,
        Given(na_reason="Not ours."),
        lambda row: len(row.na_approvals) == 1,
    ),
    (Action.REFUSE_NA, small.PROVEN, Given(na_reason="Not ours."), lambda row: row.na_refused),
    (Action.CONFIRM, small.ROLE, Given("none"), lambda row: row.confirmed),
    (Action.CONFIRM, small.LIST, Given([]), lambda row: row.confirmed),
    (Action.COMPENSATE, small.VITAL, Given("no"), lambda row: row.compensating == "3/4"),
]


@pytest.mark.parametrize(("action", "question_id", "answer", "done"), MARKS)
def test_every_action_marks_the_answer_is_in_the_thread_and_is_undone_exactly(
    cast: Cast,
    action: Action,
    question_id: str,
    answer: Given,
    done: Callable[[AnswerRow], bool],
) -> None:
    invitation = small.submitted(cast, **{question_id.replace("-", "_"): answer})
    of, subject = invitation.assessment_id, f"{invitation.assessment_id}/{question_id}"
    before = small.given(invitation, question_id)
    assert not done(before)
    if action in NOTE_REQUIRED:
        with small.trail() as events, pytest.raises(FieldRefused) as refused:
            act(invitation, question_id, action, cast.oskar, " ", "0.75")
        assert refused.value.field == "note"
        assert events == []
    with small.trail() as events:
        act(invitation, question_id, action, cast.oskar, "Because.", "0.75")
    assert done(small.given(invitation, question_id))
    assert [one for one in events if not one[0].startswith("receipt")] == [
        ("assessment:in-review", of),
        (f"review:{action}", subject),
    ]
    (entry,) = thread(reading(), of, question_id)
    assert (entry.action, entry.note, entry.person_name) == (action, "Because.", "Oskar")
    with small.trail() as events:
        undo_last(invitation, cast.olga)
    assert small.given(invitation, question_id) == before
    assert ("review:undo", subject) in events
    first, second = thread(reading(), of, question_id)
    assert (first.undone_at, second.action, second.note) == (NOW, Action.UNDO, "A slip.")


@pytest.mark.parametrize(
    ("action", "question_id", "answer"),
    [
        (Action.APPROVE_NA, small.VITAL, Given("yes")),
        (Action.REFUSE_NA, small.VITAL, Given("yes")),
        (Action.CONFIRM, small.VITAL, Given("yes")),
        (Action.CONFIRM, small.SEVERAL, Given([])),
        (Action.COMPENSATE, small.LEGAL, Given("no")),
        (Action.COMPENSATE, small.WORDS, Given("Words")),
        (Action.UNDO, small.VITAL, Given("yes")),
        (Action.EVIDENCE_REVIEWED, small.VITAL, Given("yes")),
    ],
)
def test_an_action_that_does_not_fit_changes_nothing(
    cast: Cast, action: Action, question_id: str, answer: Given
) -> None:
    invitation = small.submitted(cast, **{question_id.replace("-", "_"): answer})
    with small.trail() as events, pytest.raises(NothingToReview):
        act(invitation, question_id, action, cast.oskar, "Because.", "0.5")
    assert events == []
    assert small.row(invitation).state is State.SUBMITTED


def test_what_is_not_there_is_not_found(cast: Cast) -> None:
    invitation = small.submitted(cast, SML_12=Given())
    for question_id in (small.WORDS, "SML-99"):
        with pytest.raises(NotFound):
            act(invitation, question_id, Action.ACCEPT, cast.oskar)
    with pytest.raises(NotFound):
        undo(invitation.assessment_id, "0" * 32, stages.reviewer(cast.oskar), note="A slip.")
    other = small.submitted(cast)
    act(other, small.VITAL, Action.ACCEPT, cast.oskar)
    (entry,) = thread(reading(), other.assessment_id)
    with pytest.raises(NotFound):
        undo(invitation.assessment_id, entry.id, stages.reviewer(cast.oskar), note="A slip.")
    with pytest.raises(NotFound):
        review_evidence(
            other.assessment_id,
            file(invitation).use_id,
            Action.EVIDENCE_REVIEWED,
            stages.reviewer(cast.oskar),
            issued_on=ISSUED_ON,
            valid_until=None,
        )


def test_a_compensating_control_is_worth_more_than_nothing_and_at_most_three_quarters(
    cast: Cast,
) -> None:
    invitation = small.submitted(cast)
    for text in ("", "0", "0.76", "1", "-0.5", "half", "0.12345", "1/2", "nan"):
        with small.trail() as events, pytest.raises(FieldRefused) as refused:
            act(invitation, small.VITAL, Action.COMPENSATE, cast.oskar, "We check.", text)
        assert refused.value.field == "compensation"
        assert events == []


def test_rejecting_takes_a_compensation_away_and_one_given_after_it_counts_alone(
    cast: Cast,
) -> None:
    invitation = small.submitted(cast, SML_04=Given("partly"))
    act(invitation, small.PROVEN, Action.COMPENSATE, cast.oskar, "We check.", "0,6")
    assert item(invitation, small.PROVEN) == (ItemState.ANSWERED, Fraction(3, 5))
    act(invitation, small.PROVEN, Action.REJECT, cast.oskar)
    assert item(invitation, small.PROVEN) == (ItemState.REJECTED, 0)
    act(invitation, small.PROVEN, Action.COMPENSATE, cast.oskar, "We check.", "0.25")
    assert item(invitation, small.PROVEN) == (ItemState.ANSWERED, Fraction(1, 4))
    undo_last(invitation, cast.oskar)
    undo_last(invitation, cast.oskar, 1)
    assert item(invitation, small.PROVEN) == (ItemState.ANSWERED, Fraction(3, 5))


def test_a_knockout_does_not_apply_only_when_two_officers_say_so(cast: Cast) -> None:
    invitation = small.submitted(cast, SML_03=Given(na_reason="Not ours."))
    act(invitation, small.VITAL, Action.APPROVE_NA, cast.oskar)
    assert item(invitation, small.VITAL)[0] is ItemState.NA_CLAIMED
    with small.trail() as events, pytest.raises(SameOfficer):
        act(invitation, small.VITAL, Action.APPROVE_NA, cast.oskar)
    assert events == []
    act(invitation, small.VITAL, Action.APPROVE_NA, cast.olga)
    assert item(invitation, small.VITAL)[0] is ItemState.NA_APPROVED
    act(invitation, small.VITAL, Action.REFUSE_NA, cast.olga)
    assert item(invitation, small.VITAL)[0] is ItemState.NA_CLAIMED
    assert small.given(invitation, small.VITAL).na_approvals == []


def test_saying_the_same_twice_is_one_entry_and_saying_more_is_two(cast: Cast) -> None:
    invitation = small.submitted(cast)
    for note in ("Which scope?", "Which scope?", "Which scope and which sites?"):
        act(invitation, small.VITAL, Action.ASK_BACK, cast.oskar, note)
    entries = thread(reading(), invitation.assessment_id)
    assert [entry.note for entry in entries] == ["Which scope?", "Which scope and which sites?"]
    assert asked_back_notes(entries) == {small.VITAL: "Which scope and which sites?"}
    act(invitation, small.VITAL, Action.ACCEPT, cast.oskar, "")
    with small.trail() as events:
        act(invitation, small.VITAL, Action.ACCEPT, cast.oskar, "")
    assert events == []
    undo_last(invitation, cast.oskar)
    undo_last(invitation, cast.oskar, 1)
    notes = asked_back_notes(thread(reading(), invitation.assessment_id))
    assert notes == {small.VITAL: "Which scope?"}
    assert small.given(invitation, small.VITAL).asked_back


def test_the_newest_action_is_undone_first_and_each_only_once(cast: Cast) -> None:
    invitation = small.submitted(cast)
    act(invitation, small.VITAL, Action.ACCEPT, cast.oskar)
    act(invitation, small.VITAL, Action.REJECT, cast.oskar)
    act(invitation, small.PROVEN, Action.ACCEPT, cast.oskar)
    of, by = invitation.assessment_id, stages.reviewer(cast.oskar)
    accept, reject, other = (entry.id for entry in thread(reading(), of))
    with small.trail() as events, pytest.raises(CannotUndo):
        undo(of, accept, by, note="A slip.")
    with pytest.raises(FieldRefused):
        undo(of, reject, by, note=" ")
    assert events == []
    undo(of, reject, by, note="A slip.")
    assert small.given(invitation, small.VITAL).standing == "accepted"
    with pytest.raises(CannotUndo):
        undo(of, reject, by, note="A slip.")
    with pytest.raises(CannotUndo):
        undo_last(invitation, cast.oskar)  # an undo itself
    undo(of, accept, by, note="A slip.")
    undo(of, other, by, note="A slip.")
    assert small.given(invitation, small.VITAL).standing == "open"


def test_a_file_is_relied_on_as_far_as_the_reviewer_says_with_dates_confirmed(cast: Cast) -> None:
    invitation = small.submitted(cast)
    before = file(invitation)
    subject = f"{before.evidence_id}/{before.version}"
    with small.trail() as events:
        look(invitation, Action.EVIDENCE_REVIEWED, cast.oskar, issued_on=date(2026, 9, 1))
    assert ("evidence:review", subject) in events
    assert file(invitation).level == "reviewed"
    assert file(invitation).issued_on == date(2026, 9, 1)
    look(invitation, Action.EVIDENCE_INDEPENDENT, cast.oskar, valid_until=date(2027, 9, 1))
    after = file(invitation)
    assert (after.level, after.issued_on, after.valid_until) == (
        "independent",
        ISSUED_ON,
        date(2027, 9, 1),
    )
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        look(invitation, Action.EVIDENCE_REJECTED, cast.oskar, note="")
    assert refused.value.field == "note"
    assert events == []
    look(invitation, Action.EVIDENCE_REJECTED, cast.oskar, issued_on=None)
    assert file(invitation).level == "rejected"
    for _ in range(3):
        live = [
            number
            for number, entry in enumerate(thread(reading(), invitation.assessment_id))
            if entry.action != Action.UNDO and entry.undone_at is None
        ]
        undo_last(invitation, cast.oskar, live[-1])
    assert file(invitation) == before


@pytest.mark.parametrize(
    ("issued_on", "valid_until", "field"),
    [
        (None, None, "issued_on"),
        (NOW.date() + timedelta(days=1), None, "issued_on"),
        (ISSUED_ON, ISSUED_ON - timedelta(days=1), "valid_until"),
    ],
)
def test_a_file_is_not_relied_on_with_dates_that_cannot_be(
    cast: Cast,
    clock: StoppedClock,
    issued_on: date | None,
    valid_until: date | None,
    field: str,
) -> None:
    invitation = small.submitted(cast)
    clock.pass_by(days=5)  # the day of the upload is the last that a document can be of
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        look(
            invitation,
            Action.EVIDENCE_REVIEWED,
            cast.oskar,
            issued_on=issued_on,
            valid_until=valid_until,
        )
    assert refused.value.field == field
    assert events == []
    with pytest.raises(NothingToReview):
        look(invitation, Action.ACCEPT, cast.oskar)
