"""The page of an assessment as it stood at the end of a day."""

from datetime import timedelta

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.custody.rules import RecordClass
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, send_back
from riskapp.vendors.service import end_engagement
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.custody import retaining
from tests.reviews.acting import act
from tests.small import app
from tests.web.desk import signed_in_anew, words

__all__ = ["app"]

FIRST, SECOND, THIRD = (f"2026-11-{day}" for day in (23, 24, 25))


@pytest.fixture
def invitation(app: Flask, cast: Cast, clock: StoppedClock) -> OpenedInvitation:
    """Submitted on the first day, asked back on the second, answered anew and decided the third."""
    with app.app_context():
        _, found = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        stages.answer_all(found, {small.WORDS: Given("Of the first day.")})
        small.say(found, small.WORDS, "Of the first day.")
        stages.attach(found, small.PROVEN, name="Certificate.pdf")
        stages.send_in(found)
        clock.pass_by(days=1)
        act(found, small.WORDS, Action.ASK_BACK, cast.olga)
        act(found, small.VITAL, Action.COMPENSATE, cast.olga, compensation="0.25")
        due = NOW.date() + timedelta(days=9)
        send_back(found.assessment_id, due, stages.reviewer(cast.oskar))
        clock.pass_by(days=1)
        small.say(found, small.WORDS, "Of the third day.", base=1)
        stages.send_in(found)
        by = stages.reviewer(cast.oskar)
        decide(found.assessment_id, Outcome.REJECT, by, reasons="Too weak.")
        return found


def page(client: Client, invitation: OpenedInvitation, day: str) -> str:
    response = client.get(f"/desk/assessments/{invitation.assessment_id}/as-of?day={day}")
    assert response.status_code == 200
    return words(response)


def test_each_day_shows_what_stood_then(
    app: Flask, client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(signed_in_anew(app, cast.oskar))
    first, second, third = (page(client, invitation, day) for day in (FIRST, SECOND, THIRD))
    assert "as it stood at the end of 23 November 2026 (UTC)." in first
    assert "Of the first day." in first
    assert "Certificate.pdf" in first
    assert "Not decided yet" in first
    assert "Compensating control" not in first
    assert "State Returned Due 2 December 2026" in second
    assert "Compensating control credit 1/4" in second
    assert "Asked back" in second
    assert "Of the first day." in second
    assert "Of the third day." in third
    assert "Of the first day." not in third
    assert "Rejected, by Oskar on 25 November 2026, 09:00 UTC" in third
    assert "(UTC), today." in third


def test_what_the_vendor_has_not_submitted_is_not_shown(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, found = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        small.say(found, small.WORDS, "Not for you.")
        stages.attach(found, small.PROVEN, name="Draft.pdf")
    client.as_(cast.oskar)
    said = page(client, found, FIRST)
    assert "The words of 1 answer are not shown: the vendor has not submitted it" in said
    assert "Not for you." not in said
    assert "Draft.pdf" not in said
    assert "its name is not ours to read" in said


def test_words_that_were_erased_are_said_to_be(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, invitation: OpenedInvitation
) -> None:
    with app.app_context():
        end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
        retaining.keep_for(30, RecordClass.ANSWERS, by=cast)
        clock.pass_by(days=40)
        assert retaining.erased()
    client.as_(signed_in_anew(app, cast.oskar))
    said = page(client, invitation, FIRST)
    assert "The words of the answers were erased on" in said
    assert "Of the first day." not in said
    assert "receipt 1, erased since" in said


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("soon", "Enter the day as a date, like 2027-03-31."),
        ("2026-02-30", "Enter the day as a date, like 2027-03-31."),
        ("2099-01-01", "This day has not come yet."),
        ("9999-12-31", "This day has not come yet."),
        ("", "Enter the day as a date, like 2027-03-31."),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    app: Flask, client: Client, cast: Cast, day: str, told: str
) -> None:
    with app.app_context():
        of = small.issued(cast).assessment_id
    response = client.as_(cast.oskar).get(f"/desk/assessments/{of}/as-of?day={day}")
    assert response.status_code == 422
    assert told in words(response)


def test_before_it_was_drawn_up_there_was_none(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        of = small.issued(cast).assessment_id
    client.as_(cast.oskar)
    for day in ("2026-11-22", "0001-01-01"):
        response = client.get(f"/desk/assessments/{of}/as-of?day={day}")
        assert response.status_code == 200
        assert "There was no assessment yet" in words(response)
    assert client.get(f"/desk/assessments/{'0' * 32}/as-of").status_code == 404
