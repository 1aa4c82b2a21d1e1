"""Drawing up, extending, cancelling, and who else may look."""

from datetime import timedelta
from typing import Any

import pytest

from riskapp.assessments.errors import AlreadyDrawnUp, IntakeMissing, WrongState
from riskapp.assessments.grants import Wish, grant_access, revoke_grant
from riskapp.assessments.queries import (
    Filter,
    assessments,
    counts,
    grant_for,
    granted_assessment,
    granted_assessments,
    grants_of_vendor,
    releases,
)
from riskapp.assessments.rules import State
from riskapp.assessments.service import (
    Plan,
    cancel,
    draft,
    extend,
)
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.vendors.service import EngagementDetails, add_engagement
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast, Member, Provider

pytestmark = pytest.mark.usefixtures("in_app")
TODAY = NOW.date()
DAY = timedelta(days=1)


def draw(cast: Cast, *, provider: Provider | None = None, plan: Plan | None = None) -> str:
    parts = ports()
    chosen = plan or Plan([parts.library.current.latest(small.NAME)], TODAY, stages.REASON)
    who = provider or cast.vera
    return draft(parts.library, who.engagement_id, chosen, actor=cast.oskar.actor, now=NOW)


def test_a_draft_keeps_the_text_of_its_releases_and_counts_its_cycle(cast: Cast) -> None:
    with small.trail() as events:
        first, second = draw(cast), draw(cast)
    assert events == [("assessment:draft", first), ("assessment:draft", second)]
    rows = {row.id: row for row in assessments(reading(), Filter(state=State.DRAFT))}
    assert [rows[first].cycle, rows[second].cycle] == [1, 2]
    sent = releases(reading(), ports().library, first)
    assert [release.id for release in sent] == [small.NAME]
    assert counts(reading()) == ({State.DRAFT: 2}, {})


def test_two_first_issues_at_once_on_two_engagements_both_succeed(cast: Cast) -> None:
    results = small.at_once(
        lambda: draw(cast),
        lambda: draw(cast, provider=cast.mallory),
        lambda: draw(cast),
    )
    assert all(isinstance(one, str) for one in results), results
    cycles = sorted((row.vendor_id, row.cycle) for row in assessments(reading()))
    assert cycles == sorted(
        [(cast.vera.vendor_id, 1), (cast.vera.vendor_id, 2), (cast.mallory.vendor_id, 1)]
    )


def test_a_form_that_is_sent_twice_draws_up_one_assessment(cast: Cast) -> None:
    plan = Plan([ports().library.current.latest(small.NAME)], TODAY, stages.REASON, cycle=1)
    with small.trail() as events:
        results = small.at_once(*[lambda: draw(cast, plan=plan)] * 3)
    (made,) = [one for one in results if isinstance(one, str)]
    again = [one.assessment_id for one in results if isinstance(one, AlreadyDrawnUp)]
    assert again == [made, made]
    assert events == [("assessment:draft", made)]


@pytest.mark.parametrize(
    ("days", "times", "reason", "field"),
    [
        (-1, 1, "Why.", "due"),
        (367, 1, "Why.", "due"),
        (0, 0, "Why.", "questionnaires"),
        (0, 2, "Why.", "questionnaires"),
        (0, 1, "  ", "reason"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(
    cast: Cast, days: int, times: int, reason: str, field: str
) -> None:
    plan = Plan([ports().library.current.latest(small.NAME)] * times, TODAY + days * DAY, reason)
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        draw(cast, plan=plan)
    assert refused.value.field == field
    assert events == []


def test_without_an_intake_nobody_knows_what_to_ask(cast: Cast) -> None:
    bare = add_engagement(
        cast.vera.vendor_id,
        EngagementDetails("Bare", "", ["saas"], []),
        actor=cast.oskar.actor,
        now=NOW,
    )
    with pytest.raises(IntakeMissing):
        draw(cast, provider=Provider(cast.vera.vendor_id, bare, ""))
    with pytest.raises(NotFound):
        draw(cast, provider=Provider(cast.vera.vendor_id, "0" * 32, ""))


def test_extending_says_from_when_to_when(cast: Cast) -> None:
    drawn = draw(cast)
    with small.trail() as events:
        extend(drawn, TODAY + 9 * DAY, actor=cast.oskar.actor, now=NOW)
    assert events == [("assessment:extend", drawn)]
    body = small.events()[-1].body
    assert f'"from":"{TODAY}"' in body
    assert f'"to":"{TODAY + 9 * DAY}"' in body
    with pytest.raises(FieldRefused):
        extend(drawn, TODAY - DAY, actor=cast.oskar.actor, now=NOW)
    with pytest.raises(NotFound):
        extend("0" * 32, TODAY, actor=cast.oskar.actor, now=NOW)


def test_the_reason_of_a_cancellation_is_kept_and_its_words_are_in_no_event(cast: Cast) -> None:
    link = small.issued(cast)
    for reason in ("  ", "x" * 4001):
        with pytest.raises(FieldRefused) as refused:
            cancel(link.assessment_id, reason, actor=cast.oskar.actor, now=NOW)
        assert refused.value.field == "reason"
    with small.trail() as events:
        cancel(link.assessment_id, " Vera Vogt left. ", actor=cast.oskar.actor, now=NOW)
    assert events == [("assessment:cancelled", link.assessment_id)]
    row = small.row(link)
    assert (row.state, row.cancel_reason) == (State.CANCELLED, "Vera Vogt left.")
    assert "Vogt" not in small.events()[-1].body
    with pytest.raises(WrongState):
        cancel(link.assessment_id, "Again.", actor=cast.oskar.actor, now=NOW)


def grant(
    cast: Cast,
    *,
    to: Member | None = None,
    vendor_id: str | None = None,
    assessment_id: str | None = None,
    days: int = 0,
    purpose: str = "Audit 2026",
) -> str:
    wish = Wish(
        (to or cast.audrey).id,
        vendor_id or cast.vera.vendor_id,
        assessment_id,
        TODAY,
        TODAY + days * DAY,
        evidence=True,
        purpose=purpose,
    )
    return grant_access(wish, actor=cast.oskar.actor, now=NOW)


def sees(cast: Cast, assessment_id: str, *, days: int = 0) -> bool:
    """Whether Audrey does, by every way of asking."""
    reading().rollback()
    today = TODAY + days * DAY
    one = granted_assessment(reading(), cast.audrey.id, assessment_id, today=today)
    listed = granted_assessments(reading(), cast.audrey.id, today=today)
    by = grant_for(reading(), cast.audrey.id, assessment_id, today=today)
    ways = {one is not None, assessment_id in {row.id for row in listed}}
    if one is not None:
        ways.add(by is not None)
    assert len(ways) == 1
    return ways.pop()


def test_an_auditor_sees_what_is_granted_and_nothing_else(cast: Cast) -> None:
    mine, sibling = small.issued(cast), small.issued(cast)
    theirs = stages.issued(cast.mallory, cast.oskar, only=small.ONLY)
    drawn = draw(cast)
    assert not sees(cast, mine.assessment_id)
    grant(cast, assessment_id=mine.assessment_id)
    assert sees(cast, mine.assessment_id)
    assert not sees(cast, sibling.assessment_id)
    grant(cast)
    assert sees(cast, sibling.assessment_id)
    assert not sees(cast, theirs.assessment_id)
    assert not sees(cast, drawn)
    assert granted_assessments(reading(), cast.olga.id, today=TODAY) == []


def test_a_grant_holds_to_the_end_of_its_day_or_until_it_is_revoked(cast: Cast) -> None:
    link = small.issued(cast)
    with small.trail() as events:
        short, long = grant(cast, days=2), grant(cast, days=5)
    assert events == [("grant:give", short), ("grant:give", long)]
    assert sees(cast, link.assessment_id, days=5)
    assert not sees(cast, link.assessment_id, days=6)
    found = grant_for(reading(), cast.audrey.id, link.assessment_id, today=TODAY)
    assert found is not None
    assert found.id == long
    with small.trail() as events:
        for _ in range(2):
            revoke_grant(long, actor=cast.oskar.actor, now=NOW)
    assert events == [("grant:revoke", long)]
    assert sees(cast, link.assessment_id, days=2)
    assert not sees(cast, link.assessment_id, days=3)
    assert [row.id for row in grants_of_vendor(reading(), cast.vera.vendor_id, today=TODAY)] == [
        short
    ]


def test_only_auditors_are_granted_anything_and_only_what_belongs_together(cast: Cast) -> None:
    theirs = stages.issued(cast.mallory, cast.oskar, only=small.ONLY)
    with pytest.raises(NotFound):
        grant(cast, assessment_id=theirs.assessment_id)
    with pytest.raises(NotFound):
        grant(cast, vendor_id="0" * 32)
    with pytest.raises(NotFound):
        revoke_grant("0" * 32, actor=cast.oskar.actor, now=NOW)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("person", {"to": cast.olga}),
        ("until", {"days": -1}),
        ("until", {"days": 367}),
        ("purpose", {"purpose": " "}),
    ]
    for field, how in wrong:
        with small.trail() as events, pytest.raises(FieldRefused) as refused:
            grant(cast, **how)
        assert refused.value.field == field
        assert events == []
