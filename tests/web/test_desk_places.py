"""The page of an engagement's places: who has the data where, by what right, and what it costs."""

from datetime import date
from typing import Any

from flask import Flask

from riskapp.answers.service import Given
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.scoring.overrides import Word, override
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast, Provider
from tests.conftest import Client, StoppedClock
from tests.scoring.building import row, sub
from tests.web.desk import PRIVACY, SECURITY, came_in, counted, signed_in_anew, words

HOST = {**sub("IN"), "name": "Night Desk Ltd", "service": "Support at night"}
ABROAD = {
    "GDP-14": Given([HOST]),
    "GDP-29": Given(["DE", "FR", "IE"]),
    "GDP-30": Given(["DE", "IN"]),
    "GDP-31": Given([{"parent": "Acme Inc.", "country": "US", "exposure": "with-measures"}]),
    "GDP-32": Given([{**row("IN", "scc"), "activity": "support", "recipient": "Night Desk Ltd"}]),
}


def told(app: Flask, provider: Provider, cast: Cast, **instead: Given) -> str:
    """What was answered about places, as ABROAD but for these; gives the assessment's id."""
    changed = {name.replace("_", "-"): given for name, given in instead.items()}
    return came_in(app, provider, cast.oskar, only=PRIVACY, instead={**ABROAD, **changed})


def page(client: Client, provider: Provider) -> Any:
    response = client.get(f"/desk/engagements/{provider.engagement_id}/places")
    assert response.status_code == 200
    return response


def part(text: str, begins: str, ends: str) -> str:
    return text.partition(begins)[2].partition(ends)[0]


def test_the_picture_goes_from_the_vendor_to_its_places_and_to_those_behind_it(
    app: Flask, client: Client, cast: Cast
) -> None:
    assessment_id = told(app, cast.vera, cast)
    response = page(client.as_(cast.oskar), cast.vera)
    text = words(response)
    assert (
        "Data is in 4 countries: 3 in the EEA, India under standard contractual clauses "
        "(assessed until 23 November 2028). India costs "
    ) in text
    assert "Acme Inc. (United States) stands above the vendor. That is no transfer, but" in text
    drawn = part(text, "From the vendor to each place", "Each place in full")
    order = ["In the EEA", "Germany", "Ireland", "Under a safeguard", "India", "worth 70 %"]
    assert [drawn.index(one) for one in order] == sorted(drawn.index(one) for one in order)
    assert "Night Desk Ltd Sub-processor: Support at night" in drawn
    assert "Named in no answer that counts Poland Delivered from here, as registered" in drawn
    india = part(text, "Each place in full", "Who is behind the vendor").partition("India")[2]
    assert "No adequacy decision in force." in india
    assert "GDP-32 is worth 70 %: this place decides, and " in india
    assert "Without it" in india
    assert f'href="/desk/assessments/{assessment_id}/questions/GDP-32"' in response.text
    assert "adequacy decisions</a> as of 20 August 2026" in response.text


def test_a_country_without_a_ground_is_called_out_and_one_without_a_lawful_one_blocks(
    app: Flask, client: Client, cast: Cast
) -> None:
    told(app, cast.vera, cast, GDP_30=Given(["CN"]), GDP_32=Given([row("IN", "none")]))
    text = words(page(client.as_(cast.oskar), cast.vera))
    assert "China without lawful ground, India without lawful ground" in text
    assert "That blocks the assessment." in text
    assert "No ground is named for China in the list of transfers." in text
    assert "No ground is named for India" not in text
    assert "No ground, as the vendor says." in text


def test_the_picture_is_that_of_the_day_and_of_the_decisions_as_they_count_then(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    told(app, cast.vera, cast)
    clock.pass_by(days=3 * 365)
    oskar = signed_in_anew(app, cast.oskar)
    text = words(page(client.as_(oskar), cast.vera))
    assert "India under standard contractual clauses (not assessed)" in text
    assert "Under a safeguard that does not suffice India worth 30 %" in text
    word = Word("full", date(2026, 11, 1), None, suspended=False, condition="", reason="As advised")
    with app.app_context():
        override("IN", word, actor=cast.ada.actor, now=ports().clock.now())
    text = words(page(client.as_(oskar), cast.vera))
    assert "India under an adequacy decision" in text
    assert "The table of decisions is overridden here: As advised" in text


def test_a_rejected_or_unconfirmed_answer_is_said_to_be_so(
    app: Flask, client: Client, cast: Cast
) -> None:
    assessment_id = told(app, cast.vera, cast, GDP_14=Given([]))
    with app.app_context():
        by = stages.reviewer(cast.oskar)
        review_answer(assessment_id, "GDP-32", Action.REJECT, by, note="Which clauses?")
    text = words(page(client.as_(cast.oskar), cast.vera))
    assert "Support (rejected) No ground named" in text
    assert "GDP-32 says nothing that counts, which blocks the assessment." in text
    drawn_from = text.partition("What this is drawn from")[2]
    assert "GDP-14 Which sub-processors handle our personal data? Nothing to list, which no" in (
        drawn_from
    )
    assert "Rejected: it says nothing until it is answered again" in drawn_from


def test_where_nothing_was_asked_only_what_is_registered_is_shown(
    app: Flask, client: Client, cast: Cast
) -> None:
    came_in(app, cast.vera, cast.oskar, only=SECURITY)
    text = words(page(client.as_(cast.oskar), cast.vera))
    assert "Nothing was asked about places" in text
    assert "Poland Delivered from here, as registered" in text
    assert "What this is drawn from" not in text


def test_where_nothing_is_scored_the_page_says_when_there_will_be_a_picture(
    client: Client, cast: Cast
) -> None:
    text = words(page(client.as_(cast.oskar), cast.vera))
    assert "Not scored yet" in text
    assert client.get("/desk/engagements/nobody/places").status_code == 404
    hidden = client.as_(cast.audrey).get(f"/desk/engagements/{cast.vera.engagement_id}/places")
    assert hidden.status_code == 404


def test_many_places_take_no_more_statements_than_few(
    app: Flask, client: Client, cast: Cast
) -> None:
    told(app, cast.vera, cast)
    many = ["AR", "BD", "BR", "CA", "CL", "CN", "EG", "GB", "ID", "JP", "KE", "MX", "NZ", "US"]
    told(
        app,
        cast.mallory,
        cast,
        GDP_14=Given([sub(one) for one in many]),
        GDP_29=Given(many),
        GDP_30=Given(["IN"]),
        GDP_32=Given([row(one, "scc") for one in many]),
    )
    client.as_(cast.oskar)
    page(client, cast.vera)
    with counted(app) as few:
        page(client, cast.vera)
    with counted(app) as more:
        text = words(page(client, cast.mallory))
    assert "under a safeguard, 1 without lawful ground (India)." in text
    assert len(few) == len(more) <= 16, more
