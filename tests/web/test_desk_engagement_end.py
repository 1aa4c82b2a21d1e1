"""Engagements on their pages: where they stand, when they are asked again, and that they end."""

import re
from typing import Any

import pytest
from flask import Flask

from riskapp.assessments.queries import Filter, assessments, releases
from riskapp.assessments.service import Plan, as_proposed, draft
from riskapp.core.db import reading
from riskapp.releases.queries import offered
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.vendors.intake import facts
from riskapp.vendors.queries import engagement, intake
from riskapp.vendors.service import end_engagement, save_intake
from riskapp.web.ports import ports
from tests import stages
from tests.cast import INTAKE, NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.vendors import standings
from tests.web.desk import SECURITY, came_in, counted, signed_in_anew, told, words


@pytest.fixture
def here(cast: Cast) -> str:
    """The page of Vera's engagement."""
    return f"/desk/engagements/{cast.vera.engagement_id}"


def answer(cast: Cast, **changes: Any) -> None:
    release = ports().library.current.intake
    raw = {**INTAKE, **{name.replace("_", "-"): value for name, value in changes.items()}}
    by = cast.oskar.actor
    save_intake(cast.vera.engagement_id, release, raw, actor=by, now=ports().clock.now())


def draw_up_as_proposed(cast: Cast) -> str:
    parts, here = ports(), cast.vera.engagement_id
    answered = intake(reading(), here)
    assert answered is not None
    known = facts(parts.library.intake(answered.release_sha256), answered.answers)
    now = parts.clock.now()
    plan = as_proposed(known, offered(reading(), parts.library), now.date())
    return draft(parts.library, here, plan, actor=cast.oskar.actor, now=now)


def asked(assessment_id: str) -> set[str]:
    """What the vendor is asked; the same question of two questionnaires by one id."""
    sent = releases(reading(), ports().library, assessment_id)
    return {one.same_as or one.id for release in sent for one in release.questions.values()}


def test_ending_takes_the_engagement_out_of_the_vendors_tier_and_resuming_brings_it_back(
    app: Flask, client: Client, cast: Cast, here: str
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    with app.app_context():
        second = standings.bought(cast.vera.vendor_id, cast.oskar, "Helpdesk")
        standings.bought(cast.vera.vendor_id, cast.oskar, "Hosting")
        standings.scored(cast.vera.engagement_id, "high", "41.0", by=found)
        standings.scored(second, "medium", "20.0", by=found)
    client.as_(cast.oskar)
    vendor = f"/desk/vendors/{cast.vera.vendor_id}"
    page = words(client.get(vendor))
    assert "High 41.0 The worst of 3 live engagements; 1 not assessed yet." in page
    assert "Ended" not in page

    page = told(client, client.post(f"{here}/end"))
    assert "The engagement has ended. It counts no more for the vendor." in page
    assert "Ended on 23 November 2026" in page
    assert "Cycle 1 is still open. It stays as it is" in page
    assert "New assessment" not in page
    assert "End this engagement" not in page
    page = words(client.get(vendor))
    assert "Medium 20.0 The worst of 2 live engagements; 1 not assessed yet." in page
    assert "Customer portal Development 23 November 2026 High 41.0" in page.partition("Ended")[2]

    page = told(client, client.post(f"{here}/resume"))
    assert "The engagement goes on." in page
    assert "Ended on" not in page
    assert "High 41.0 The worst of 3 live" in words(client.get(vendor))


def test_ending_what_has_ended_and_resuming_what_goes_on_change_nothing_and_say_so(
    client: Client, cast: Cast, here: str
) -> None:
    client.as_(cast.oskar)
    assert "goes on already" in told(client, client.post(f"{here}/resume"))
    client.post(f"{here}/end")
    page = told(client, client.post(f"{here}/end"))
    assert "Nothing was changed: this engagement has ended" in page
    for verb in ("end", "resume"):
        assert client.get(f"{here}/{verb}").status_code == 405
        assert client.post(f"/desk/engagements/{'0' * 32}/{verb}").status_code == 404
        for member in (cast.ada, cast.audrey):
            assert client.as_(member).post(f"{here}/{verb}").status_code == 404
        client.as_(cast.oskar)


def test_no_assessment_is_drawn_up_for_an_ended_engagement(
    app: Flask, client: Client, cast: Cast, here: str
) -> None:
    client.as_(cast.oskar)
    form = client.get(f"{here}/assessments/new")
    assert form.status_code == 200
    client.post(f"{here}/end")
    data = {
        "due": "2026-12-10",
        "email": "vera@nordlicht.example",
        "reason": "Only this.",
        "ask-iso-27001": "all",
        "cycle": "1",
    }
    page = told(client, client.get(f"{here}/assessments/new"))
    assert "this engagement has ended, and no new assessment is drawn up for it" in page
    for more in ({}, {"then": "draft"}):
        page = told(client, client.post(f"{here}/assessments/new", data={**data, **more}))
        assert "this engagement has ended, and no new assessment is drawn up for it" in page
    with app.app_context():
        assert not assessments(reading(), Filter(engagement_id=cast.vera.engagement_id))


def test_an_open_assessment_of_an_ended_engagement_can_be_finished(app: Flask, cast: Cast) -> None:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=NOW)
        stages.answer_all(invitation)
        stages.send_in(invitation)
        row = engagement(reading(), cast.vera.engagement_id)
        (assessment,) = assessments(reading(), Filter(engagement_id=cast.vera.engagement_id))
        assert assessment.submissions == 1
        assert row is not None
        assert row.ended_at == NOW
        assert standings.standing(cast.vera.vendor_id) == (None, None)


def test_the_page_says_where_the_engagement_stands_and_whether_it_is_blocked(
    app: Flask, client: Client, cast: Cast, here: str
) -> None:
    client.as_(cast.oskar)
    assert "Not assessed yet." in words(client.get(here))
    found = came_in(app, cast.vera, cast.oskar)
    with app.app_context():
        standings.scored(cast.vera.engagement_id, "critical", "60.0", by=found, blocked=True)
    response = client.get(here)
    page = words(response)
    assert "Residual risk Critical 60.0" in page
    assert "Blocked A requirement of the law is not met." in page
    for link in (f"/desk/assessments/{found}/score", f"{here}/risk", f"{here}/places"):
        assert f'href="{link}"' in response.text
    assert "again by" not in page, "nobody has decided yet"
    vendor = words(client.get(f"/desk/vendors/{cast.vera.vendor_id}"))
    assert "Critical 60.0 From its only live engagement." in vendor
    assert "Critical 60.0 Blocked" in vendor


@pytest.mark.parametrize(
    ("days", "tier", "said"),
    [
        (365, "high", "Assess again by 23 November 2027 (high: every 12 months)."),
        (366, "high", "assessed again by 23 November 2027 (high: every 12 months): 1 day ago."),
        (1, "critical", "Assess again by 23 May 2027 (critical: every 6 months)."),
        (200, "critical", "assessed again by 23 May 2027 (critical: every 6 months): 19 days ago."),
    ],
)
def test_the_page_says_by_when_to_assess_again_from_the_decision_on(
    app: Flask,
    client: Client,
    cast: Cast,
    clock: StoppedClock,
    here: str,
    days: int,
    tier: str,
    said: str,
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    with app.app_context():
        decide(found, Outcome.APPROVE, stages.reviewer(cast.oskar), reasons="Sound throughout.")
        standings.scored(cast.vera.engagement_id, tier, "40.0", by=found)
    clock.pass_by(days=days)
    client.as_(signed_in_anew(app, cast.oskar))
    assert said in words(client.get(here))
    client.post(f"{here}/end")
    assert "again by" not in words(client.get(here))


def test_a_later_intake_that_calls_for_more_says_how_many_questions_were_not_asked(
    app: Flask, client: Client, cast: Cast, here: str
) -> None:
    client.as_(cast.oskar)
    with app.app_context():
        answer(cast, **{"INT-01": ["consulting"]})
        first = draw_up_as_proposed(cast)
        answer(cast, **{"INT-01": ["consulting"]})
    notice = "The intake calls for more than was asked"
    assert notice not in words(client.get(here)), "it was answered again, and calls for the same"
    with app.app_context():
        answer(cast, **{"INT-01": ["consulting", "development"]})
    page = words(client.get(here))
    assert notice in page
    counted_there = re.search(r"now calls for (\d+) more questions?\.", page)
    assert counted_there is not None
    with app.app_context():
        second = draw_up_as_proposed(cast)
        assert int(counted_there[1]) == len(asked(second) - asked(first)) > 0
    assert notice not in words(client.get(here)), "the new assessment asks them"


def test_what_the_officer_left_out_is_not_held_against_the_assessment(
    app: Flask, client: Client, cast: Cast, here: str
) -> None:
    with app.app_context():
        parts = ports()
        plan = Plan([parts.library.current.latest("mvsp")], NOW.date(), "It is all we need.")
        draft(parts.library, cast.vera.engagement_id, plan, actor=cast.oskar.actor, now=NOW)
        answer(cast, INT_05="up-to-a-week")
    assert "calls for more than was asked" not in words(client.as_(cast.oskar).get(here))


def test_the_pages_of_the_register_cost_the_same_with_ten_rows_and_with_sixty(
    app: Flask, client: Client, cast: Cast
) -> None:
    vendor_id = cast.vera.vendor_id
    pages = ("/desk/vendors", "/desk/vendors?tier=high", f"/desk/vendors/{vendor_id}")
    client.as_(cast.oskar)
    sent = []
    for more in (10, 50):
        with app.app_context():
            standings.many_vendors(more, "high", "41.0")
            standings.many_engagements(vendor_id, more, "high", "41.0")
            standings.many_engagements(vendor_id, more, "high", "41.0", ended_at=NOW)
        for page in pages:
            with counted(app) as statements:
                assert client.get(page).status_code == 200
            sent.append(len(statements))
    assert sent[:3] == sent[3:]
    assert max(sent) < 15


def test_live_and_ended_engagements_are_paged_apart(app: Flask, client: Client, cast: Cast) -> None:
    vendor_id = cast.vera.vendor_id
    with app.app_context():
        standings.many_engagements(vendor_id, 52, "low", "4.0")
        standings.many_engagements(vendor_id, 51, "low", "3.0", ended_at=NOW)
    client.as_(cast.oskar)
    first = client.get(f"/desk/vendors/{vendor_id}")
    links = re.findall(r'<a href="([^"]+)" rel="next">', first.text)
    assert [re.sub(r"=.*", "", link.partition("?")[2]) for link in links] == ["after", "ended"]
    assert [first.text.count("Low</span>"), words(first).count("Low 3.0")] == [49 + 50, 50]
    after, ended = (words(client.get(link)) for link in links)
    assert (after.count("Low 4.0"), after.count("Low 3.0")) == (3, 50)
    assert (ended.count("Low 4.0"), ended.count("Low 3.0")) == (49, 1)
