"""A vendor's tier is that of the worst of its live engagements, never a mean."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.db import db, reading, transaction
from riskapp.core.errors import NotFound
from riskapp.vendors.errors import EngagementEnded, EngagementLive
from riskapp.vendors.models import Engagement
from riskapp.vendors.queries import UNSCORED, bought, counts_by_tier, engagements, vendors
from riskapp.vendors.service import end_engagement, resume_engagement
from riskapp.vendors.standing import update_vendors, worst
from tests import small
from tests.cast import NOW, Cast
from tests.vendors import standings
from tests.vendors.standings import scored, standing
from tests.web.desk import counted

in_an_app = pytest.mark.usefixtures("in_app")
ORDER = ("low", "medium", "high", "critical")
NOWHERE = "0" * 32

TENTHS = st.integers(0, 1000)
STANDINGS = st.lists(st.tuples(st.sampled_from(ORDER), TENTHS), max_size=8)


def as_shown(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"


@given(STANDINGS)
def test_the_worst_is_one_of_them_and_none_is_worse_by_tier_then_number(
    engagements: list[tuple[str, int]],
) -> None:
    found = worst([(tier, as_shown(tenths)) for tier, tenths in engagements])
    if not engagements:
        assert found == (None, None)
        return
    by_badness = sorted(engagements, key=lambda one: (ORDER.index(one[0]), one[1]))
    tier, tenths = by_badness[-1]
    assert found == (tier, as_shown(tenths))


@in_an_app
def test_the_worst_of_several_counts_and_not_their_mean_or_the_newest(cast: Cast) -> None:
    vendor_id = cast.vera.vendor_id
    second = standings.bought(vendor_id, cast.oskar, "Helpdesk")
    third = standings.bought(vendor_id, cast.oskar, "Hosting")
    assert standing(vendor_id) == (None, None)
    scored(cast.vera.engagement_id, "medium", "34.9")
    assert standing(vendor_id) == ("medium", "34.9")
    scored(second, "critical", "60.0")
    scored(third, "low", "9.9")
    assert standing(vendor_id) == ("critical", "60.0")
    scored(second, "low", "10.0")
    assert standing(vendor_id) == ("medium", "34.9")
    scored(cast.vera.engagement_id, "low", "9.0")
    assert standing(vendor_id) == ("low", "10.0"), "as numbers: by letters 9.9 were more"
    assert standing(cast.mallory.vendor_id) == (None, None)


@in_an_app
def test_an_engagement_that_ends_leaves_and_one_that_goes_on_comes_back(cast: Cast) -> None:
    vendor_id, first = cast.vera.vendor_id, cast.vera.engagement_id
    second = standings.bought(vendor_id, cast.oskar, "Helpdesk")
    scored(first, "high", "41.0")
    scored(second, "medium", "20.0")
    with small.trail() as events:
        end_engagement(first, actor=cast.oskar.actor, now=NOW)
    assert events == [("engagement:end", first)]
    assert standing(vendor_id) == ("medium", "20.0")
    assert [row.id for row in engagements(reading(), vendor_id, ended=True)] == [first]
    assert [row.id for row in engagements(reading(), vendor_id, ended=False)] == [second]
    end_engagement(second, actor=cast.oskar.actor, now=NOW)
    assert standing(vendor_id) == (None, None)
    with small.trail() as events:
        resume_engagement(first, actor=cast.oskar.actor, now=NOW)
    assert events == [("engagement:resume", first)]
    assert standing(vendor_id) == ("high", "41.0")


@in_an_app
def test_a_score_that_an_ended_engagement_still_gets_does_not_count(cast: Cast) -> None:
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=NOW)
    scored(cast.vera.engagement_id, "critical", "80.0")
    assert standing(cast.vera.vendor_id) == (None, None)


@in_an_app
def test_ending_twice_and_resuming_what_goes_on_are_refused_and_leave_no_event(
    cast: Cast,
) -> None:
    here, by = cast.vera.engagement_id, cast.oskar.actor
    with small.trail() as events, pytest.raises(EngagementLive):
        resume_engagement(here, actor=by, now=NOW)
    assert events == []
    results = small.at_once(*[lambda: end_engagement(here, actor=by, now=NOW)] * 3)
    refused = [one for one in results if isinstance(one, EngagementEnded)]
    assert [one.engagement_id for one in refused] == [here, here]
    (row,) = engagements(reading(), cast.vera.vendor_id)
    assert row.ended_at == NOW
    for verb in (end_engagement, resume_engagement):
        with pytest.raises(NotFound):
            verb(NOWHERE, actor=by, now=NOW)


@in_an_app
def test_two_engagements_scored_at_once_do_not_overlook_each_other(cast: Cast) -> None:
    second = standings.bought(cast.vera.vendor_id, cast.oskar, "Helpdesk")
    both_written = threading.Barrier(2)

    def meet() -> None:
        if db.engine.dialect.name != "sqlite":  # where writers queue, and never meet
            both_written.wait(60)

    def score(engagement_id: str, tier: str, shown: str) -> Callable[[], None]:
        return lambda: scored(engagement_id, tier, shown, between=meet)

    for _ in range(5):
        scored(cast.vera.engagement_id, None, None)
        scored(second, None, None)
        results = small.at_once(
            score(cast.vera.engagement_id, "high", "50.0"), score(second, "low", "3.0")
        )
        assert results == [None, None]
        assert standing(cast.vera.vendor_id) == ("high", "50.0")


def test_many_vendors_are_put_where_they_stand_with_the_same_statements_as_few(
    app: Flask, cast: Cast
) -> None:
    with app.app_context():
        made = []
        for number in range(60):
            vendor_id = standings.another_vendor(cast.oskar, f"Vendor {number:02}", None)
            (portal,) = engagements(reading(), vendor_id)
            made.append((vendor_id, portal.id))
        sent = []
        for some in (made[:10], made):
            with counted(app) as statements, transaction() as session:
                for number, (_, engagement_id) in enumerate(some):
                    row = session.get_one(Engagement, engagement_id)
                    row.tier, row.shown = ORDER[number % 4], f"{number}.{len(some) % 10}"
                session.flush()
                statements.clear()
                update_vendors(session, [vendor_id for vendor_id, _ in some])
            sent.append(len(statements))
        assert sent == [3, 3]
        for number, (vendor_id, _) in enumerate(made):
            assert standing(vendor_id) == (ORDER[number % 4], f"{number}.0")
        with counted(app) as statements, transaction() as session:
            update_vendors(session, [vendor_id for vendor_id, _ in made])
        assert not [one for one in statements if one.startswith("UPDATE")], "nothing moved"


@in_an_app
def test_vendors_are_found_by_tier_in_the_order_of_their_names(cast: Cast) -> None:
    for number, tier in enumerate(("high", "low", "high", "high", None)):
        standings.another_vendor(cast.oskar, f"Acme {number}", tier)
    seen: list[str] = []
    after = None
    while page := vendors(reading(), tier="high", after=after, limit=2):
        seen += [row.name for row in page]
        after = (page[-1].name_key, page[-1].id)
    assert seen == ["Acme 0", "Acme 2", "Acme 3"]
    unscored = vendors(reading(), tier=UNSCORED, beginning="acme")
    assert [row.name for row in unscored] == ["Acme 4"]
    assert counts_by_tier(reading()) == {"high": 3, "low": 1, UNSCORED: 3}


@in_an_app
def test_engagements_are_counted_by_whether_they_are_live_and_scored(cast: Cast) -> None:
    vendor_id = cast.vera.vendor_id
    others = [standings.bought(vendor_id, cast.oskar, f"Other {n}", n) for n in range(4)]
    scored(cast.vera.engagement_id, "high", "41.0")
    scored(others[0], "low", "4.0")
    for ended in others[:2]:
        end_engagement(ended, actor=cast.oskar.actor, now=NOW + timedelta(days=1))
    found = bought(reading(), vendor_id)
    assert (found.live, found.scored, found.unscored, found.ended) == (3, 1, 2, 2)
    nothing = bought(reading(), NOWHERE)
    assert (nothing.live, nothing.unscored, nothing.ended) == (0, 0, 0)
