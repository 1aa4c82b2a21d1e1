"""How the risk of an engagement moved and what comes, as an officer reads it."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.scoring.rescoring import rescore
from riskapp.scoring.track import PAGE, TrackRow, track
from riskapp.vendors.service import end_engagement
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.small import app
from tests.web.desk import counted, signed_in_anew, words

__all__ = ["app"]
TODAY = NOW.date()
CERTIFICATE = TODAY + timedelta(days=120)
"""The last day of the proof on which the small assessment stands."""


def risk(client: Client, cast: Cast) -> str:
    response = client.get(f"/desk/engagements/{cast.vera.engagement_id}/risk")
    assert response.status_code == 200
    return words(response)


@pytest.fixture
def scored(app: Flask, cast: Cast) -> str:
    """The id of a small assessment with one certificate that ends and one that fades."""
    poor = {small.NUMBER: Given("50"), small.SEVERAL: Given(["logs"]), small.CONTROL: Given("some")}
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        stages.answer_all(invitation, poor)
        stages.attach(invitation, small.VITAL, issued_on=TODAY, valid_until=CERTIFICATE)
        stages.attach(invitation, small.PROVEN, issued_on=TODAY - timedelta(days=300))
        stages.send_in(stages.opened(link.token))
        return invitation.assessment_id


def rejected(app: Flask, cast: Cast, assessment_id: str, question: str) -> None:
    with app.app_context():
        by = stages.reviewer(cast.oskar)
        review_answer(assessment_id, question, Action.REJECT, by, note="Not this.")


def again(app: Flask, clock: StoppedClock, day: date) -> None:
    """Everything is scored as of a day."""
    clock.time = datetime.combine(day, NOW.timetz())
    with app.app_context():
        rescore(cause="Time passed", actor=OPERATOR, now=clock.now())


def receipts(app: Flask, cast: Cast) -> Sequence[TrackRow]:
    with app.app_context():
        return track(reading(), cast.vera.engagement_id, limit=99)


def written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def test_what_is_not_scored_has_no_curve_and_what_is_not_there_is_not_found(
    client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    assert "Not scored yet" in risk(client, cast)
    for path in (
        "0" * 32 + "/risk",
        f"{cast.vera.engagement_id}/risk?before=yesterday",
        f"{cast.vera.engagement_id}/risk?before=2026-11-23T09:00:00%2B00:00~1",
        f"{cast.vera.engagement_id}/risk?before=2026-11-23T09:00:00%2B00:00~1.x",
    ):
        assert client.get(f"/desk/engagements/{path}").status_code == 404
    far = "2026-11-23T09:00:00%2B00:00~999999999999999999.999999999999999999"
    page = client.get(f"/desk/engagements/{cast.vera.engagement_id}/risk?before={far}")
    assert "There are no older receipts" in words(page)
    assert (
        client.as_(cast.audrey).get(f"/desk/engagements/{cast.vera.engagement_id}/risk").status_code
        == 404
    )


def test_the_page_says_on_which_day_a_proof_ends_and_the_receipt_of_that_day_agrees(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, scored: str
) -> None:
    page = risk(client.as_(cast.oskar), cast)
    day = CERTIFICATE + timedelta(days=1)
    row = re.search(rf"{written(day)} (\+\d+\.\d) {small.VITAL} has proof that has run out", page)
    assert row is not None, page
    assert f"From {written(TODAY + timedelta(days=66))} through" in page, "the other one fades"
    again(app, clock, CERTIFICATE)
    again(app, clock, day)
    page = risk(client.as_(signed_in_anew(app, cast.oskar)), cast)
    moved = page.partition("What moved it")[2]
    newest = moved.partition("Time passed")[0]
    assert f"{row[1]} {small.VITAL} has proof that was valid until {written(CERTIFICATE)}" in newest
    assert "certificate.pdf" not in page


def test_the_tier_rises_on_the_day_that_was_foretold(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, scored: str
) -> None:
    rejected(app, cast, scored, small.LEVEL)
    page = risk(client.as_(cast.oskar), cast)
    lead = re.search(r"(\w+) today\. It becomes (\w+) on (\d+ \w+ \d{4})", page)
    assert lead is not None, page
    day = datetime.strptime(lead[3], "%d %B %Y").replace(tzinfo=NOW.tzinfo).date()
    again(app, clock, day - timedelta(days=1))
    again(app, clock, day)
    newest, before, *_ = receipts(app, cast)
    assert (newest.as_of, newest.tier) == (day, lead[2])
    assert (before.as_of, before.tier) == (day - timedelta(days=1), lead[1].lower())


def numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"[\d.]+", path)]


def test_the_curve_is_drawn_from_the_receipts_and_described_for_those_who_do_not_see_it(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, scored: str
) -> None:
    rejected(app, cast, scored, small.VITAL)
    clock.pass_by(days=70)
    rejected(app, cast, scored, small.LEVEL)
    rows = receipts(app, cast)
    browser = client.as_(signed_in_anew(app, cast.oskar))
    text = browser.get(f"/desk/engagements/{cast.vera.engagement_id}/risk").text
    past = re.search(r'class="past" d="([^"]+)"', text)
    ahead = re.search(r'class="ahead" d="([^"]+)"', text)
    assert past is not None
    assert ahead is not None
    begin, low, *rest = numbers(past[1])
    middle, newest = rest[0], rest[1]
    assert [100 - low, 100 - newest] == [float(rows[1].shown), float(rows[0].shown)], (
        "of two receipts of one day, the later one"
    )
    today = numbers(ahead[1])[0]
    assert (begin, rest[-2]) == (0, today)
    assert middle == today == round(70 / (70 + 365) * 1000, 1)
    assert numbers(ahead[1])[-2] == 1000
    described = re.search(r"<desc [^>]*>([^<]+)</desc>", text)
    assert described is not None
    assert f"to {written(clock.now().date())} ({rows[0].shown}, {rows[0].tier})." in described[1]
    for tier in ("Low", "Medium", "High", "Critical"):
        assert f">{tier}</text>" in text


def test_each_receipt_says_what_moved_it(
    app: Flask, client: Client, cast: Cast, scored: str
) -> None:
    rejected(app, cast, scored, small.LEVEL)
    rejected(app, cast, scored, small.VITAL)
    moved = risk(client.as_(cast.oskar), cast).partition("What moved it")[2]
    assert re.search(rf"\+\d+\.\d {small.VITAL} fails, and must not: the score is at least", moved)
    assert re.search(rf"\+\d+\.\d {small.LEVEL} had its answer rejected", moved)
    assert "The first score." in moved
    assert f"Review of {small.LEVEL}: rejected" in moved


def test_an_engagement_that_ended_is_foreseen_no_more(
    app: Flask, client: Client, cast: Cast, scored: str
) -> None:
    with app.app_context():
        end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=NOW)
    page = risk(client.as_(cast.oskar), cast)
    assert "The engagement ended on 23 November 2026" in page
    assert "Foreseen" not in page


def test_many_receipts_come_in_pages_with_as_many_statements_as_few(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, scored: str
) -> None:
    def read() -> tuple[str, list[str]]:
        with counted(app) as statements:
            text = client.get(f"/desk/engagements/{cast.vera.engagement_id}/risk").text
        return text, statements

    client.as_(cast.oskar)
    _, few = read()
    for action in (Action.REJECT, Action.ACCEPT) * (PAGE // 2 + 2):
        with app.app_context():
            by = stages.reviewer(cast.oskar)
            review_answer(scored, small.LEVEL, action, by, note="Again.")
    text, many = read()
    assert len(many) == len(few)
    following = re.search(r'href="([^"]+)" rel="next"', text)
    assert following is not None
    older = words(client.get(following[1].replace("&amp;", "&")))
    assert older.count("of cycle 1") == len(receipts(app, cast)) - PAGE
    assert "The first score." in older
    assert "Today" not in older


def test_cycles_share_a_curve_and_the_last_one_is_foreseen(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, scored: str
) -> None:
    clock.pass_by(days=30)
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        stages.answer_all(invitation, {small.VITAL: Given("partly")})
        stages.send_in(stages.opened(link.token))
    assert [row.cycle for row in receipts(app, cast)] == [2, 1]
    page = risk(client.as_(signed_in_anew(app, cast.oskar)), cast)
    assert "The first score of cycle 2." in page
    assert small.VITAL not in page.partition("What is coming")[2].partition("What moved it")[0]
