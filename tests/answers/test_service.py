"""Saving one answer: revisions, conflicts without loss, what is open when, what is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest

from riskapp.answers.errors import AnswerClosed, NewerAnswer
from riskapp.answers.queries import answers, revisions, values
from riskapp.answers.service import Given, Saving, answer_digest, save
from riskapp.audit.queries import private
from riskapp.audit.service import commitment
from riskapp.catalogue.answers import AnswerRefused
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock

pytestmark = pytest.mark.usefixtures("in_app")


def test_every_change_is_a_revision_that_stays(cast: Cast) -> None:
    invitation = small.started(cast)
    with small.trail() as events:
        assert small.say(invitation, small.VITAL, "no") == 1
        assert small.say(invitation, small.VITAL, "yes", base=1, comment=" Since May. ") == 2
        assert small.say(invitation, small.VITAL, None, base=2, na_reason=" Not ours. ") == 3
        assert small.say(invitation, small.VITAL, base=3) == 4
    of = invitation.assessment_id
    assert events == [("answer:save", f"{of}/{small.VITAL}")] * 4
    kept = [
        (row.revision, row.value, row.na_reason, row.comment, row.invitation_id)
        for row in revisions(reading(), of, small.VITAL)
    ]
    assert kept == [
        (1, "no", None, "", invitation.id),
        (2, "yes", None, "Since May.", invitation.id),
        (3, None, "Not ours.", "", invitation.id),
        (4, None, None, "", invitation.id),
    ]
    row = small.given(invitation, small.VITAL)
    assert (row.revision, row.given) == (4, False)
    assert values({small.VITAL: row}) == {}


def test_the_event_commits_to_the_answer_and_neither_says_nor_betrays_it(cast: Cast) -> None:
    invitation = small.started(cast)
    small.say(invitation, small.WORDS, "Ask Vera Vogt", comment="or Oskar")
    event = small.events()[-1]
    said = answer_digest(Given("Ask Vera Vogt", None, "or Oskar"))
    salt, value = private(reading(), [event.id])[event.id]["answer"]
    assert value == said
    assert json.loads(event.body)["private"]["answer"] == commitment(salt, said)
    assert [word for word in (said, "Vogt", "Oskar") if word in event.body] == []


@pytest.mark.parametrize(
    ("question_id", "value"),
    [
        (small.VITAL, "partly"),
        (small.SEVERAL, []),
        (small.LEVEL, 0),
        (small.LIST, []),
        (small.LIST, [{"name": "A", "kept": "well"}]),
        (small.PLACES, ["PL", "DE"]),
        (small.NUMBER, "3"),
        (small.DAY, "2026-02-28"),
    ],
)
def test_saving_what_stands_already_changes_nothing_from_whatever_page(
    cast: Cast, question_id: str, value: Any
) -> None:
    invitation = small.started(cast)
    assert small.say(invitation, question_id, value) == 1
    with small.trail() as events:
        for base in (0, 1, 7):
            assert small.say(invitation, question_id, value, base=base) == 1
        assert small.say(invitation, small.WORDS) == 0
    assert events == []
    assert set(answers(reading(), invitation.assessment_id)) == {question_id}


def test_what_somebody_else_saved_first_is_shown_and_neither_is_lost(cast: Cast) -> None:
    invitation = small.started(cast)
    small.say(invitation, small.VITAL, "no", comment="From the colleague.")
    for base in (0, 2):
        with small.trail() as events, pytest.raises(NewerAnswer) as newer:
            small.say(invitation, small.VITAL, "yes", base=base)
        assert events == []
        assert newer.value.question_id == small.VITAL
        saved = newer.value.saved
        assert (saved.revision, saved.value, saved.comment) == (1, "no", "From the colleague.")
    assert small.say(invitation, small.VITAL, "yes", base=1) == 2


def test_of_two_first_saves_at_once_one_stands_and_the_other_is_told(cast: Cast) -> None:
    invitation = small.started(cast)
    results = small.at_once(
        *[
            lambda value=value: small.say(invitation, small.VITAL, value)
            for value in ("yes", "no", "partly")
        ]
    )
    assert [one for one in results if isinstance(one, int)] == [1]
    refused = [one for one in results if isinstance(one, NewerAnswer)]
    assert len(refused) == 2
    standing = small.given(invitation, small.VITAL)
    assert {one.saved.value for one in refused} == {standing.value}
    assert len(revisions(reading(), invitation.assessment_id)) == 1


def test_a_double_click_on_the_first_save_is_one_answer_and_no_conflict(cast: Cast) -> None:
    invitation = small.started(cast)
    results = small.at_once(*[lambda: small.say(invitation, small.VITAL, "yes")] * 3)
    assert results == [1, 1, 1]
    assert len(revisions(reading(), invitation.assessment_id)) == 1


def test_of_many_saves_over_one_revision_exactly_one_stands(cast: Cast) -> None:
    invitation = small.started(cast)
    small.say(invitation, small.WORDS, "First")

    def write(words: str) -> int:
        return small.say(invitation, small.WORDS, words, base=1)

    results = small.at_once(*[lambda n=n: write(f"Mine {n}") for n in range(4)])
    assert [one for one in results if isinstance(one, int)] == [2]
    assert sum(isinstance(one, NewerAnswer) for one in results) == 3
    kept = [row.revision for row in revisions(reading(), invitation.assessment_id)]
    assert kept == [1, 2]


def test_before_start_and_after_submission_nothing_is_taken(cast: Cast) -> None:
    fresh = stages.opened(small.issued(cast).token)
    with pytest.raises(AnswerClosed) as closed:
        small.say(fresh, small.VITAL, "yes")
    assert closed.value.question_id == small.VITAL
    invitation = small.submitted(cast)
    row = small.given(invitation, small.VITAL)
    for value in ("no", row.value):
        with pytest.raises(AnswerClosed):
            small.say(invitation, small.VITAL, value, base=1)
    assert small.given(invitation, small.VITAL) == row


def test_an_assessment_that_is_not_there_is_not_found(cast: Cast) -> None:
    invitation = small.started(cast)
    question = stages.question(invitation, small.VITAL)
    nowhere = Saving("0" * 32, invitation.vendor_id, invitation.id, 0)
    with pytest.raises(NotFound):
        save(question, Given("yes"), nowhere, now=NOW)


def returned(cast: Cast, clock: StoppedClock, *ids: str, **instead: Given) -> OpenedInvitation:
    invitation = small.submitted(cast, **instead)
    clock.pass_by(days=1)
    by = stages.reviewer(cast.oskar)
    for question_id in ids:
        review_answer(invitation.assessment_id, question_id, Action.ASK_BACK, by, note="Why?")
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
    clock.pass_by(days=1)
    return invitation


def test_after_a_return_only_what_was_asked_back_reopens(cast: Cast, clock: StoppedClock) -> None:
    invitation = returned(cast, clock, small.PROVEN)
    for question_id, value in (
        (small.VITAL, "no"),
        (small.CHILD, "no"),
        (small.WORDS, "Other words"),
        (small.DAY, None),
    ):
        with pytest.raises(AnswerClosed):
            small.say(invitation, question_id, value, base=1)
    assert small.say(invitation, small.PROVEN, "partly", base=1) == 2
    assert small.say(invitation, small.PROVEN, "no", base=2) == 3
    row = small.given(invitation, small.PROVEN)
    assert row.asked_back


def test_an_optional_question_that_was_left_out_stays_closed(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.PROVEN, SML_12=Given())
    with pytest.raises(AnswerClosed):
        small.say(invitation, small.WORDS, "Now")


def test_what_a_new_answer_reveals_is_open_until_it_is_submitted(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.CONTROL, SML_05=Given("none"))
    small.say(invitation, small.CONTROL, "some", base=1)
    assert small.say(invitation, small.CHILD, "no") == 1
    clock.pass_by(minutes=1)
    assert small.say(invitation, small.CHILD, "yes", base=1) == 2
    stages.send_in(invitation)
    with pytest.raises(AnswerClosed):
        small.say(invitation, small.CHILD, "no", base=2)


def test_a_revealed_question_whose_answer_was_taken_back_once_does_not_block_the_vendor(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.started(cast)
    small.say(invitation, small.CHILD, "yes")
    small.say(invitation, small.CHILD, base=1)
    small.say(invitation, small.CONTROL, "none")
    stages.answer_all(invitation)
    stages.send_in(invitation)
    clock.pass_by(days=1)
    by = stages.reviewer(cast.oskar)
    review_answer(invitation.assessment_id, small.CONTROL, Action.ASK_BACK, by, note="Sure?")
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
    clock.pass_by(days=1)
    small.say(invitation, small.CONTROL, "all", base=1)
    assert small.say(invitation, small.CHILD, "yes", base=2) == 3
    assert stages.send_in(invitation) == 2


def test_a_new_answer_is_reviewed_anew(cast: Cast, clock: StoppedClock) -> None:
    invitation = small.submitted(cast, SML_04=Given("partly"))
    by, of = stages.reviewer(cast.oskar), invitation.assessment_id
    review_answer(of, small.PROVEN, Action.COMPENSATE, by, note="We check.", compensation="0.6")
    review_answer(of, small.PROVEN, Action.ACCEPT, by)
    review_answer(of, small.PROVEN, Action.ASK_BACK, by, note="Why partly?")
    clock.pass_by(days=1)
    send_back(of, NOW.date() + timedelta(days=9), by)
    clock.pass_by(days=1)
    small.say(invitation, small.PROVEN, "no", base=1)
    row = small.given(invitation, small.PROVEN)
    assert (row.standing, row.compensating, row.na_approvals) == ("open", None, [])
    assert row.asked_back


NO_ANSWERS: tuple[tuple[str, Any, str], ...] = (
    (small.ROLE, "controller", "value"),
    (small.LEGAL, "partly", "value"),
    (small.VITAL, True, "value"),
    (small.CONTROL, ["all"], "value"),
    (small.SEVERAL, "logs", "value"),
    (small.SEVERAL, ["logs", "magic"], "value"),
    (small.LEVEL, "3", "value"),
    (small.LEVEL, 5, "value"),
    (small.LEVEL, True, "value"),
    (small.NUMBER, "many", "value"),
    (small.NUMBER, "91", "value"),
    (small.NUMBER, "-1", "value"),
    (small.NUMBER, "2.5", "value"),
    (small.NUMBER, 1e3, "value"),
    (small.DAY, "2026-02-30", "value"),
    (small.DAY, "1999-01-01", "value"),
    (small.DAY, "30.06.2027", "value"),
    (small.WORDS, " ", "value"),
    (small.WORDS, "x" * 4001, "value"),
    (small.WORDS, "a\0b", "value"),
    (small.WORDS, "a\ud800b", "value"),
    (small.PLACES, ["DE", "XX"], "value"),
    (small.PLACES, [], "value"),
    (small.PLACES, "DE", "value"),
    (small.LIST, "none", "value"),
    (small.LIST, [{"name": "A"}], "row-1-kept"),
    (small.LIST, [{"name": "A", "kept": "well"}, {"name": "B", "kept": "so"}], "row-2-kept"),
    (small.LIST, [{"name": "A", "kept": "well", "more": "x"}], "value"),
    (small.LIST, [["A", "well"]], "value"),
)


def test_a_value_that_is_no_answer_is_refused_by_field_and_nothing_is_saved(cast: Cast) -> None:
    invitation = small.started(cast)
    for question_id, value, field in NO_ANSWERS:
        with small.trail() as events, pytest.raises(AnswerRefused) as refused:
            small.say(invitation, question_id, value)
        assert (refused.value.question_id, refused.value.field) == (question_id, field), value
        assert refused.value.problem
        assert events == []
    assert answers(reading(), invitation.assessment_id) == {}


NO_WORDS: tuple[tuple[str, dict[str, Any], str], ...] = (
    (small.LEGAL, {"na_reason": "We are special."}, "na"),
    (small.ROLE, {"na_reason": "Nothing applies."}, "na"),
    (small.VITAL, {"na_reason": "  "}, "na-reason"),
    (small.VITAL, {"na_reason": "x" * 4001}, "na-reason"),
    (small.VITAL, {"na_reason": "a\0b"}, "na-reason"),
    (small.VITAL, {"comment": "x" * 4001}, "comment"),
    (small.VITAL, {"comment": "a\0b"}, "comment"),
    (small.VITAL, {"comment": "a\ud800b"}, "comment"),
)


def test_words_that_cannot_be_taken_are_refused_by_field_and_nothing_is_saved(cast: Cast) -> None:
    invitation = small.started(cast)
    for question_id, words, field in NO_WORDS:
        with small.trail() as events, pytest.raises(FieldRefused) as refused:
            small.say(invitation, question_id, None, **words)
        assert refused.value.field == field, words
        assert events == []
    assert answers(reading(), invitation.assessment_id) == {}
