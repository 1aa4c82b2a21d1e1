"""The trail: who did what to which object, in order, in nobody's words."""

import json
from datetime import timedelta

import pytest

from riskapp.answers.service import Given
from riskapp.assessments.service import cancel
from riskapp.audit.service import About, record
from riskapp.core.canonical import canonical
from riskapp.core.db import reading, transaction
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, send_back
from riskapp.vendors.service import ContactDetails, VendorDetails, add_contact, edit_vendor
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.trails import whole_trail

pytestmark = pytest.mark.usefixtures("in_app")

SAID = (
    "oskar@example.com",
    "Oskar",
    "Nordlicht",
    "vera@nordlicht.example",
    "Vera",
    "Vogt",
    "Wanda",
    "Secret comment",
    "Secret reason",
    "Secret words",
    "Secret note",
    "Secret file",
    "Secret decision",
)
"""Names, addresses and words of the journey below."""


def journey(cast: Cast, clock: StoppedClock) -> tuple[str, str]:
    """A whole life with words in every field that takes some; the ids of two assessments."""
    edit_vendor(
        cast.vera.vendor_id, VendorDetails("Nordlicht Wanda", "AT"), actor=cast.oskar.actor, now=NOW
    )
    add_contact(
        cast.vera.vendor_id,
        ContactDetails("Wanda Vogt", "wanda@nordlicht.example", "Wanda"),
        actor=cast.oskar.actor,
        now=NOW,
    )
    link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    small.say(invitation, small.WORDS, "Secret words", comment="Secret comment")
    stages.answer_all(invitation, {small.PROVEN: Given(na_reason="Secret reason")})
    stages.attach(invitation, small.VITAL, name="Secret file Vogt.pdf")
    stages.send_in(invitation)
    of, by = link.assessment_id, stages.reviewer(cast.oskar)
    review_answer(of, small.PROVEN, Action.REFUSE_NA, by, note="Secret note")
    review_answer(of, small.PROVEN, Action.ASK_BACK, by, note="Secret note")
    clock.pass_by(days=1)
    send_back(of, NOW.date() + timedelta(days=9), by)
    clock.pass_by(days=1)
    small.say(invitation, small.PROVEN, "yes", base=1)
    stages.send_in(invitation)
    decide(of, Outcome.REJECT, stages.reviewer(cast.oskar), reasons="Secret decision")
    other = small.issued(cast)
    cancel(other.assessment_id, "Secret reason: Wanda", actor=cast.oskar.actor, now=NOW)
    return of, other.assessment_id


def test_a_whole_life_leaves_no_name_no_address_and_no_words_in_the_trail(
    cast: Cast, clock: StoppedClock
) -> None:
    journey(cast, clock)
    text = "\n".join(event.body for event in small.events())
    assert [word for word in SAID if word in text] == []
    by_oskar = [event for event in small.events() if event.actor_id == cast.oskar.id]
    assert by_oskar
    assert [event.type for event in by_oskar if cast.oskar.id in event.body] == []


def test_every_event_says_in_canonical_form_what_its_columns_say(
    cast: Cast, clock: StoppedClock
) -> None:
    journey(cast, clock)
    for event in small.events():
        body = json.loads(event.body)
        assert canonical(body).decode() == event.body
        assert (body["v"], body["type"], body["object"]) == (1, event.type, event.object_id)
        assert body["actor"] == event.actor_kind
        assert ("actor" in body["private"]) == (event.actor_id is not None)
        assert body["at"] == event.at.isoformat()


def test_the_trail_of_an_assessment_holds_its_whole_life_in_order_and_nobody_elses(
    cast: Cast, clock: StoppedClock
) -> None:
    of, cancelled = journey(cast, clock)
    told = whole_trail(reading(), of)
    assert [event.id for event in told] == sorted(event.id for event in told)
    moves = [event.type for event in told if event.type.startswith("assessment:")]
    assert moves == [
        f"assessment:{state}"
        for state in (
            "draft",
            "issued",
            "in-progress",
            "submitted",
            "in-review",
            "returned",
            "submitted",
            "in-review",
            "decided",
        )
    ]
    others = whole_trail(reading(), cancelled)
    assert [event.type for event in others if event.type.startswith("assessment:")] == [
        "assessment:draft",
        "assessment:issued",
        "assessment:cancelled",
    ]
    assert {event.id for event in told} & {event.id for event in others} == set()


def test_a_change_that_fails_leaves_no_event(cast: Cast) -> None:
    def fail() -> None:
        with transaction() as session:
            record(session, "vendor:edit", About("x"), actor=cast.oskar.actor, now=NOW)
            raise ZeroDivisionError

    with small.trail() as events, pytest.raises(ZeroDivisionError):
        fail()
    assert events == []
