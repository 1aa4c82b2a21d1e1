"""Submitting: all or nothing, once, and what was acknowledged is what stands."""

import json
from datetime import timedelta

import pytest

from riskapp.answers.errors import AnswerClosed
from riskapp.answers.queries import answers, revisions
from riskapp.answers.service import Given, answer_digest
from riskapp.assessments.errors import WrongState
from riskapp.assessments.rules import State
from riskapp.core.canonical import canonical, digest
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.evidence.errors import EvidenceClosed
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Place, SealedFile, remove
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.scoring.queries import receipts
from riskapp.submissions.errors import StillOpen
from riskapp.submissions.queries import submissions
from riskapp.submissions.rules import Open
from riskapp.submissions.service import Signatory, submit
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock

pytestmark = pytest.mark.usefixtures("in_app")


def ready(cast: Cast) -> OpenedInvitation:
    invitation = small.started(cast)
    stages.answer_all(invitation)
    return invitation


def sign(invitation: OpenedInvitation, name: str, role: str) -> int:
    signatory = Signatory(name, role)
    return submit(ports().library, invitation, signatory, organisation="Harbour", now=NOW)


def acknowledged(invitation: OpenedInvitation) -> None:
    """Fails unless the newest acknowledgement says exactly what is stored."""
    reading().rollback()
    newest = submissions(reading(), invitation.assessment_id)[-1]
    said = json.loads(newest.acknowledgement)
    assert canonical(said).decode() == newest.acknowledgement
    assert digest(said) == newest.sha256
    stored = answers(reading(), invitation.assessment_id)
    assert {one["question"]: (one["revision"], one["sha256"]) for one in said["answers"]} == {
        name: (row.revision, answer_digest(Given(row.value, row.na_reason, row.comment)))
        for name, row in stored.items()
        if row.given
    }
    files = of_assessment(reading(), invitation.assessment_id)
    assert sorted((one["evidence"], one["sha256"]) for one in said["evidence"]) == sorted(
        (file.evidence_id, file.sha256) for file in files
    )
    assert all(file.submitted for file in files)


def test_submitting_leaves_an_acknowledgement_a_state_and_a_receipt_each_with_an_event(
    cast: Cast,
) -> None:
    invitation = ready(cast)
    stages.attach(invitation, small.PROVEN)
    of = invitation.assessment_id
    with small.trail() as events:
        assert stages.send_in(invitation) == 1
    assert sorted(events) == [
        ("assessment:submitted", of),
        ("receipt:add", f"{of}/1"),
        ("submission:add", f"{of}/1"),
    ]
    acknowledged(invitation)
    (kept,) = submissions(reading(), of)
    said = json.loads(kept.acknowledgement)
    assert said["submitted_by"] == {"name": "Vera Vogt", "role": "Security lead"}
    assert [one["id"] for one in said["questionnaires"]] == [small.NAME]
    assert not {"score", "tier", "shown", "result"} & set(said)


def test_what_is_open_is_named_in_order_and_nothing_is_submitted(cast: Cast) -> None:
    invitation = small.started(cast)
    small.say(invitation, small.ROLE, "none")
    small.say(invitation, small.CONTROL, "none")
    small.say(invitation, small.NUMBER, "3")
    small.say(invitation, small.NUMBER, base=1)
    with small.trail() as events, pytest.raises(StillOpen) as still:
        stages.send_in(invitation)
    assert [(one.question.id, one.why) for one in still.value.items] == [
        (name, Open.UNANSWERED)
        for name in (
            small.VITAL,
            small.PROVEN,
            small.LIST,
            small.NUMBER,
            small.SEVERAL,
            small.LEVEL,
        )
    ]
    assert events == []
    assert small.row(invitation).state is State.IN_PROGRESS


@pytest.mark.parametrize(
    ("name", "role", "field"),
    [(" ", "Lead", "name"), ("Vera", "\n", "role"), ("x" * 201, "Lead", "name")],
)
def test_nobody_submits_without_a_name_and_a_role(
    cast: Cast, name: str, role: str, field: str
) -> None:
    invitation = small.started(cast)
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        sign(invitation, name, role)
    assert refused.value.field == field
    assert events == []


def test_a_second_press_of_the_button_and_two_at_once_submit_once(cast: Cast) -> None:
    invitation = ready(cast)
    results = small.at_once(*[lambda: stages.send_in(invitation)] * 3)
    assert [one for one in results if isinstance(one, int)] == [1]
    assert sum(isinstance(one, WrongState) for one in results) == 2
    with small.trail() as events, pytest.raises(WrongState) as refused:
        stages.send_in(invitation)
    assert refused.value.state is State.SUBMITTED
    assert events == []
    assert len(submissions(reading(), invitation.assessment_id)) == 1
    acknowledged(invitation)


def test_an_answer_saved_while_it_is_submitted_is_acknowledged_or_refused(cast: Cast) -> None:
    invitation = ready(cast)

    def change(question_id: str, value: str) -> int:
        return small.say(invitation, question_id, value, base=1)

    results = small.at_once(
        lambda: change(small.VITAL, "no"),
        lambda: stages.send_in(invitation),
        lambda: change(small.PROVEN, "partly"),
        lambda: change(small.CONTROL, "some"),
    )
    assert results[1] == 1
    assert all(one == 2 or isinstance(one, AnswerClosed) for one in results[:1] + results[2:])
    acknowledged(invitation)
    kept = revisions(reading(), invitation.assessment_id)
    newest = {row.question_id: row.revision for row in kept}
    standing = answers(reading(), invitation.assessment_id)
    assert {name: row.revision for name, row in standing.items()} == newest


def test_a_file_sent_or_removed_while_it_is_submitted_is_acknowledged_or_refused(
    cast: Cast,
) -> None:
    invitation = ready(cast)
    stages.attach(invitation, small.PROVEN)
    (file,) = of_assessment(reading(), invitation.assessment_id)
    place = Place(invitation.assessment_id, invitation.vendor_id, invitation.id, small.PROVEN)
    results = small.at_once(
        lambda: remove(file.use_id, place, now=NOW),
        lambda: stages.send_in(invitation),
        lambda: stages.attach(invitation, small.VITAL),
    )
    assert results[1] == 1
    assert results[0] is None or isinstance(results[0], EvidenceClosed)
    assert isinstance(results[2], SealedFile | EvidenceClosed)
    acknowledged(invitation)


def returned(cast: Cast, clock: StoppedClock, *ids: str) -> OpenedInvitation:
    invitation = small.submitted(cast)
    clock.pass_by(days=1)
    by = stages.reviewer(cast.oskar)
    for question_id in ids:
        review_answer(invitation.assessment_id, question_id, Action.ASK_BACK, by, note="Why?")
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
    clock.pass_by(days=1)
    return invitation


def test_after_a_return_every_question_asked_back_needs_a_new_answer_or_a_new_file(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.VITAL, small.PROVEN)
    small.say(invitation, small.VITAL, "yes", base=1)  # says what stood before: no reply
    with pytest.raises(StillOpen) as still:
        stages.send_in(invitation)
    assert [(one.question.id, one.why) for one in still.value.items] == [
        (small.VITAL, Open.ASKED_BACK),
        (small.PROVEN, Open.ASKED_BACK),
    ]
    stages.attach(invitation, small.PROVEN)
    small.say(invitation, small.VITAL, "yes", base=1, comment="As we said.")
    assert stages.send_in(invitation) == 2
    acknowledged(invitation)
    both = submissions(reading(), invitation.assessment_id)
    assert [one.number for one in both] == [1, 2]
    assert [row.submission for row in receipts(reading(), invitation.assessment_id)][::-1][-1] == 2
    assert not any(row.asked_back for row in answers(reading(), invitation.assessment_id).values())


def test_an_answer_taken_back_after_a_return_is_open_again(cast: Cast, clock: StoppedClock) -> None:
    invitation = returned(cast, clock, small.VITAL)
    small.say(invitation, small.VITAL, base=1)
    with pytest.raises(StillOpen) as still:
        stages.send_in(invitation)
    assert [one.why for one in still.value.items] == [Open.UNANSWERED]
