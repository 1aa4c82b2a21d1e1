"""The link: what it opens, to whom, and for how long."""

from datetime import timedelta

import pytest
from flask import Flask

from riskapp.assessments.service import cancel
from riskapp.invites.service import revoke
from tests.cast import Cast
from tests.conftest import Client, Place, StoppedClock, dispose, make_app
from tests.stages import decided, issued, started, submitted
from tests.web.portal import Respondent, everywhere, said, start


@pytest.fixture
def token(app: Flask, cast: Cast) -> str:
    with app.app_context():
        return issued(cast.vera, cast.oskar).token


def test_the_opened_link_says_who_asks_why_how_long_and_what(client: Client, token: str) -> None:
    page = said(client.get(f"/i/{token}").text)
    assert "Your organisation asks about “Customer portal”" in page
    assert "buys this service from Nordlicht Software GmbH" in page
    assert "used to assess the service you provide" in page
    assert "About 1 hour to 2½ hours" in page
    assert "14 December 2026" in page
    assert "ISM-01" in page
    assert "Asked when ISM-01 is" in page
    assert "GDP-32" in page


def test_opening_the_link_changes_nothing(app: Flask, client: Client, token: str) -> None:
    before = everywhere(app)
    client.get(f"/i/{token}")
    client.head(f"/i/{token}")
    assert everywhere(app) == before
    assert not client.get_cookie("riskapp_respondent")


def test_start_opens_the_tasks_in_this_browser_only(app: Flask, token: str) -> None:
    vera = start(app, token)
    assert "0 of 29 questions answered" in vera.get().text
    cookie = vera.client.get_cookie("riskapp_respondent", path=vera.base.rstrip("/"))
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    stranger = Respondent(app.test_client(), vera.base)  # type: ignore[arg-type]  # ours
    assert stranger.get().status_code == 404


def test_the_link_continues_in_another_browser(app: Flask, client: Client, token: str) -> None:
    start(app, token).save("ISM-04", {"value": "partly", "rev": "0"})
    assert "Continue" in client.get(f"/i/{token}").text
    assert "1 of 29 questions answered" in start(app, token).get().text


def test_a_link_that_nobody_issued_is_one_generic_page(client: Client, token: str) -> None:
    for unknown in ("nothing", token[:-1], f"{token}A"):
        for page in (client.get(f"/i/{unknown}"), client.post(f"/i/{unknown}")):
            assert page.status_code == 404
            assert "There is nothing here" in page.text


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("expired", "The time to answer has passed"),
        ("revoked", "This link was withdrawn"),
        ("cancelled", "This questionnaire was cancelled"),
    ],
)
def test_a_link_that_ended_says_how_and_whom_to_ask(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, ending: str, words: str
) -> None:
    with app.app_context():
        link, _ = started(cast.vera, cast.oskar)
        vera = start(app, link.token)
        of, by, now = link.assessment_id, cast.oskar.actor, clock.now()
        if ending == "revoked":
            revoke(link.invitation_id, assessment_id=of, actor=by, now=now)
        elif ending == "cancelled":
            cancel(of, "Bought elsewhere.", actor=by, now=now)
        else:
            clock.pass_by(days=22)
    for page in (client.get(f"/i/{link.token}"), client.post(f"/i/{link.token}")):
        assert page.status_code == 410
        assert words in page.text
        assert "the person who sent you this link" in page.text
    inside = vera.get("iso-27001/governance")
    assert inside.status_code == (404 if ending == "revoked" else 410)


def test_the_last_day_is_still_open_and_the_next_is_not(
    client: Client, token: str, clock: StoppedClock
) -> None:
    clock.pass_by(days=21)
    assert client.get(f"/i/{token}").status_code == 200
    clock.pass_by(days=1)
    assert client.get(f"/i/{token}").status_code == 410


@pytest.mark.parametrize("stage", [submitted, decided])
def test_after_submission_the_link_shows_only_the_acknowledgement(
    app: Flask, client: Client, cast: Cast, stage: object
) -> None:
    with app.app_context():
        link, _ = stage(cast.vera, cast.oskar, only=("iso-27001",))  # type: ignore[operator]  # a stage
    page = client.get(f"/i/{link.token}")
    assert page.status_code == 200
    assert "Your answers have arrived" in page.text
    assert "Sound throughout" not in page.text
    assert client.post(f"/i/{link.token}").headers["Location"].endswith(f"/i/{link.token}")
    file = client.get(f"/i/{link.token}/acknowledgement-1.json")
    assert file.get_json()["vendor"] == "Nordlicht Software GmbH"
    assert client.get(f"/i/{link.token}/acknowledgement-2.json").status_code == 404


def test_a_browser_that_was_forgotten_is_told_to_open_the_link_again(
    app: Flask, token: str, clock: StoppedClock
) -> None:
    vera = start(app, token)
    clock.time += timedelta(days=31)
    page = vera.get()
    assert page.status_code == 404
    assert "Open your link again" in page.text
    reply = vera.save("ISM-04", {"value": "yes", "rev": "0"})
    assert reply.status_code == 404
    assert "Open your link in another tab" in reply.json["errors"][0]["message"]


def test_mallory_sees_nothing_of_vera(app: Flask, cast: Cast) -> None:
    with app.app_context():
        vera = start(app, issued(cast.vera, cast.oskar).token)
        mallory = start(app, issued(cast.mallory, cast.oskar).token)
    own = mallory.client.get_cookie("riskapp_respondent", path=mallory.base.rstrip("/"))
    assert own is not None
    mallory.client.set_cookie("riskapp_respondent", own.value, path=vera.base)
    before = everywhere(app)
    for path in ("", "all", "submit", "iso-27001/governance", "evidence/ISM-01", "acknowledgement"):
        assert mallory.client.get(vera.base + path).status_code == 404
    for path in (
        "answers/ISM-04",
        "iso-27001/governance",
        "conflict/ISM-04",
        "evidence/ISM-01",
        "evidence/ISM-01/0/remove",
        "submit",
    ):
        reply = mallory.client.post(vera.base + path, data={"q-ISM-04-value": "no"})
        assert reply.status_code == 404
    assert everywhere(app) == before


def test_link_openings_are_limited(place: Place, clock: StoppedClock) -> None:
    app = make_app(place.instance, place.url, clock=clock, link_limit="3 per minute")
    tries = [app.test_client().get(f"/i/{number}").status_code for number in range(4)]
    dispose(app)
    assert tries == [404, 404, 404, 429]
