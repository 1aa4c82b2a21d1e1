"""The portfolio as of a day: each day is told as it was, by one statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from riskapp.assessments.rules import State
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading
from riskapp.custody.rules import RecordClass
from riskapp.reviews.as_of import PopulationRow, population_as_of, population_size
from riskapp.reviews.past import assessment_as_of
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.vendors.service import (
    EngagementDetails,
    VendorDetails,
    add_engagement,
    end_engagement,
    register_vendor,
    resume_engagement,
    save_intake,
)
from riskapp.web.ports import ports
from tests import small, stages
from tests.audit.attacker import attack, put
from tests.cast import INTAKE, NOW, Cast
from tests.conftest import StoppedClock
from tests.custody import retaining

pytestmark = pytest.mark.usefixtures("in_app")

DETAILS = EngagementDetails("Second portal", "", ["development"], ["DE"])


@contextmanager
def counted() -> Iterator[list[str]]:
    found: list[str] = []

    def note(*arguments: Any) -> None:
        found.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def rows(day: date, **how: Any) -> list[PopulationRow]:
    reading().rollback()
    return list(population_as_of(reading(), day, **how))


def of_vera(cast: Cast, day: date) -> PopulationRow:
    (row,) = [one for one in rows(day) if one.engagement_id == cast.vera.engagement_id]
    return row


def test_each_day_is_told_as_it_was(cast: Cast, clock: StoppedClock) -> None:
    invitation = small.started(cast)
    today = NOW.date()
    clock.pass_by(days=1)
    stages.answer_all(invitation)
    stages.attach(invitation, small.PROVEN)
    stages.send_in(invitation)
    clock.pass_by(days=1)
    stages.confirm_empty(invitation, cast.oskar)
    intake = ports().library.current.intake
    worse = {**INTAKE, "INT-02": "unknown", "INT-05": "unknown", "INT-04": "unknown"}
    save_intake(cast.vera.engagement_id, intake, worse, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=1)
    by = stages.reviewer(cast.oskar)
    decide(invitation.assessment_id, Outcome.REJECT, by, reasons="Too weak.")
    clock.pass_by(days=1)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=1)
    resume_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    assert rows(today - timedelta(days=1)) == []
    told = [of_vera(cast, today + timedelta(days=day)) for day in range(6)]
    assert [one.state for one in told] == [
        State.IN_PROGRESS,
        State.SUBMITTED,
        State.IN_REVIEW,
        *[State.DECIDED] * 3,
    ]
    assert [one.ended for one in told] == [False, False, False, False, True, False]
    assert [one.outcome for one in told] == [None, None, None, *["reject"] * 3]
    assert [one.tier is None for one in told] == [True, *[False] * 5]
    before, after = told[1].inherent_tier, told[2].inherent_tier
    assert (told[0].inherent_tier, before != after) == (before, True)
    assert told[3].decided_at == NOW + timedelta(days=3)
    row = small.row(invitation)
    assert (told[5].tier, told[5].shown, told[5].state) == (row.tier, row.shown, row.state)


def test_what_has_no_assessment_and_no_engagement_is_in_it(cast: Cast) -> None:
    by, today = cast.oskar.actor, NOW.date()
    add_engagement(cast.vera.vendor_id, DETAILS, actor=by, now=NOW)
    register_vendor(VendorDetails("Aardvark AG", "CH"), [], actor=by, now=NOW)
    small.started(cast)
    found = rows(today)
    assert [(one.vendor_name, one.engagement_title) for one in found[:2]] == [
        ("Aardvark AG", None),
        ("Mallow Systems Ltd", "Customer portal"),
    ]
    assert {(one.vendor_name, one.engagement_title, one.state) for one in found[2:]} == {
        ("Nordlicht Software GmbH", "Customer portal", State.IN_PROGRESS),
        ("Nordlicht Software GmbH", "Second portal", None),
    }
    assert found[0].inherent_tier is None
    assert population_size(reading(), today) == (3, 3, 1)
    assert population_size(reading(), today - timedelta(days=1)) == (0, 0, 0)


def test_pages_come_to_the_whole_and_every_page_is_one_statement(cast: Cast) -> None:
    small.started(cast)
    for number in range(7):
        name = VendorDetails(f"Vendor {number % 3} of {number}", "DE")
        vendor_id = register_vendor(name, [], actor=cast.oskar.actor, now=NOW)
        for title in range(number % 3):
            details = replace(DETAILS, title=f"Engagement {title}")
            add_engagement(vendor_id, details, actor=cast.oskar.actor, now=NOW)
    with counted() as statements:
        whole = rows(NOW.date())
    assert len(statements) == 1
    paged: list[PopulationRow] = []
    while page := rows(NOW.date(), limit=2, after=paged[-1].place if paged else None):
        assert len({one.vendor_id for one in page}) <= 2
        paged += page
    assert paged == whole


def test_a_tier_outlives_its_receipt(cast: Cast, clock: StoppedClock) -> None:
    retaining.decided(cast)
    day = clock.now().date()
    before = of_vera(cast, day)
    assert before.tier is not None
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    retaining.keep_for(30, RecordClass.ANSWERS, by=cast)
    clock.pass_by(days=40)
    assert retaining.erased()
    assert of_vera(cast, day) == replace(before, ended=True)
    assert of_vera(cast, clock.now().date()) == replace(before, ended=True)


def test_the_order_is_that_of_the_log_whatever_ids_events_were_given(cast: Cast) -> None:
    """Ids are signed by nobody; `audit verify` holds events to their numbers."""
    _, invitation = stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    of, today = invitation.assessment_id, NOW.date()
    for verb in (end_engagement, resume_engagement):
        verb(cast.vera.engagement_id, actor=cast.oskar.actor, now=NOW)
    ports().log.checkpoint(NOW)

    def told() -> object:
        return assessment_as_of(reading(), of, today), population_as_of(reading(), today)

    before = told()
    with attack() as bent:
        highest = max(row["id"] for row in bent.event)
        for rows, name in (
            (bent.event, "id"),
            (bent.event_private, "event_id"),
            (bent.log_entry, "event_id"),
        ):
            for row in rows:
                row[name] = highest + 1 - row[name]
        put(bent)
        assert list(Verification(db.engine, reading(), ports().signer).findings()) == []
        assert (
            assessment_as_of(reading(), of, today),
            population_as_of(reading(), today),
        ) == before
