"""What opens commitments, and the times of checkpoints: removed or changed without a trace."""

from datetime import timedelta

import pytest

from riskapp.audit.models import ACTOR
from riskapp.audit.service import (
    OPERATOR,
    About,
    Actor,
    forget_object,
    forget_person,
    forget_words,
    record,
)
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading, transaction
from riskapp.web.ports import ports
from tests.audit.attacker import State, attack, put, state
from tests.audit.logs import SIZES, add, elsewhere, found, nothing_yet
from tests.cast import NOW

__all__ = ["elsewhere", "nothing_yet"]

pytestmark = pytest.mark.usefixtures("elsewhere")


def without(bent: State, event: int, *fields: str) -> None:
    bent.event_private = [
        row for row in bent.event_private if row["event_id"] != event or row["field"] not in fields
    ]


def test_openings_that_nothing_erased_are_missed_event_by_event() -> None:
    with attack() as bent:
        owners = {row["event_id"] for row in bent.event_private}
        bent.event_private = []
        put(bent)
        findings = found()
        assert {one.kind for one in findings} == {"private"}
        assert {one.event for one in findings} == owners
        numbers = {row["event_id"]: row["number"] for row in bent.log_entry}
        assert [one.number for one in findings] == [numbers[one.event] for one in findings]


def test_one_that_is_gone_is_named_by_its_field() -> None:
    with attack() as bent:
        event = bent.by_number()[9]["id"]
        without(bent, event, ACTOR)
        put(bent)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("private", 9, event)
        assert one.words.endswith("nothing says that it was erased: actor.")


def test_an_event_that_waits_is_missed_its_openings_too() -> None:
    add(2)
    with attack() as bent:
        last = bent.event[-1]["id"]
        without(bent, last, "note")
        put(bent)
        (one,) = found()
        assert (one.number, one.event) == (None, last)


def erased(kind: str, about: str, **later: float) -> None:
    with transaction() as session:
        now = NOW + timedelta(**later)
        record(session, f"{kind}:erase", About(about), actor=OPERATOR, now=now)


def look() -> Verification:
    looked = Verification(db.engine, reading(), ports().signer)
    assert list(looked.findings()) == []
    return looked


def test_what_was_erased_is_counted_and_no_fault() -> None:
    before = len(state().event_private)
    with transaction() as session:
        forget_words(session, assessment_id="an assessment")
        forget_person(session, "a person")
        forget_object(session, "object 2")
    for kind, about in (
        ("assessment", "an assessment"),
        ("person", "a person"),
        ("invitation", "object 2"),
    ):
        erased(kind, about)
    assert look().erased == before - len(state().event_private) > 0
    ports().log.append()
    assert look().erased == before - len(state().event_private)


@pytest.mark.parametrize("kind", ["assessment", "person", "invitation"])
def test_what_was_erased_explains_nothing_of_others(kind: str) -> None:
    erased(kind, "somebody else")
    ports().log.append()
    with attack() as bent:
        event = next(row["event_id"] for row in bent.event_private if row["field"] == "note")
        without(bent, event, "note")
        put(bent)
        (one,) = found()
        assert (one.kind, one.event) == ("private", event)


def test_what_was_written_after_everything_was_erased_was_not_erased() -> None:
    for kind, about in (("assessment", "an assessment"), ("person", "a person")):
        erased(kind, about)
    ports().log.append()
    with transaction() as session:
        record(
            session,
            "review:accept",
            About("object", "a vendor", "an assessment"),
            actor=Actor("person", "a person"),
            now=NOW + timedelta(days=3),
            private={"note": "Words"},
        )
    ports().log.append()
    with attack() as bent:
        last = bent.event[-1]["id"]
        without(bent, last, "note", ACTOR)
        put(bent)
        (one,) = found()
        assert (one.event, one.words.split(": ")[-1]) == (last, "actor, note.")
    # Clocks are set back now and then: what was erased behind it in the log explains it.
    with transaction() as session:
        forget_words(session, assessment_id="an assessment")
        forget_person(session, "a person")
    erased("assessment", "an assessment")
    erased("person", "a person")
    ports().log.append()
    assert look().erased > 0


def test_the_words_of_a_decision_and_who_used_a_link_are_erased_by_nothing() -> None:
    about = About("object", "a vendor", "an assessment")
    with transaction() as session:
        for kind, who in (("decision:make", "person"), ("answer:save", "respondent")):
            actor = Actor("respondent" if who == "respondent" else "person", "somebody")
            record(session, kind, about, actor=actor, now=NOW, private={"reasons": "Words"})
    for kind in ("assessment", "invitation", "person"):
        erased(kind, "an assessment")
    ports().log.append()
    with attack() as bent:
        decision, answer = (
            next(row["id"] for row in reversed(bent.event) if row["type"] == kind)
            for kind in ("decision:make", "answer:save")
        )
        without(bent, decision, "reasons")
        without(bent, answer, ACTOR)
        put(bent)
        assert [(one.kind, one.event) for one in found()] == [
            ("private", decision),
            ("private", answer),
        ]


def test_a_checkpoint_that_is_said_to_be_older_than_its_events_is_named() -> None:
    with attack() as bent:
        for row in bent.checkpoint:
            row["at"] -= timedelta(days=366)
        put(bent)
        findings = found()
        assert [one.kind for one in findings] == ["checkpoint"] * len(SIZES)
        assert "before its last event" in findings[0].words


def test_a_checkpoint_that_is_said_to_be_newer_than_the_next_one_is_named() -> None:
    with attack() as bent:
        bent.checkpoint[0]["at"] += timedelta(days=366)
        put(bent)
        (one,) = found()
        assert (one.kind, "of 6 events" in one.words) == ("checkpoint", True)
        assert "after the next one" in one.words


def test_clocks_that_are_put_back_change_nothing() -> None:
    """For a year everything was written as of next year; then somebody saw it."""
    late = NOW + timedelta(days=365)
    with transaction() as session:
        record(session, "vendor:edit", About("x"), actor=OPERATOR, now=late)
    ports().log.checkpoint(late)
    with transaction() as session:
        record(session, "vendor:edit", About("x"), actor=OPERATOR, now=NOW)
    ports().log.checkpoint(NOW)
    assert found() == []
