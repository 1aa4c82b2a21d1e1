"""The vendor's page of the result: what was shared of one receipt, and nothing beside it."""

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.invites.service import Issued, revoke
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.reviews.sharing import Shown
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.web.desk import counted, words
from tests.web.languages import english, german, language
from tests.web.portal import Respondent, said, start

FAILED = "ISM-12"
NOTE = "Ferdinand says that this is thin."


@pytest.fixture
def sent(app: Flask, cast: Cast) -> tuple[Respondent, Issued]:
    """Sent in with a failed knock-out by a browser that goes on; an officer has made notes."""
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
    vera = start(app, link.token)
    with app.app_context():
        stages.answer_all(invitation, {FAILED: Given("no")})
        stages.attach(invitation, "ISM-01")
        stages.send_in(invitation)
        review_answer(
            link.assessment_id, "ISM-16", Action.REJECT, stages.reviewer(cast.oskar), note=NOTE
        )
    return vera, link


def shows(app: Flask, cast: Cast, link: Issued, level: Shown | None) -> None:
    with app.app_context():
        stages.share_newest(link.assessment_id, level, stages.reviewer(cast.oskar))


def test_nothing_is_there_before_it_is_shared_nor_after_it_is_withdrawn(
    app: Flask, client: Client, cast: Cast, sent: tuple[Respondent, Issued]
) -> None:
    vera, link = sent
    ways = (lambda: vera.get("result"), lambda: client.get(f"/i/{link.token}/result"))
    assert [way().status_code for way in ways] == [404, 404]
    assert "see the result" not in vera.get("acknowledgement").text
    shows(app, cast, link, Shown.TIER)
    assert [way().status_code for way in ways] == [200, 200]
    assert f'href="{vera.base}result"' in vera.get("acknowledgement").text
    assert f'href="/i/{link.token}/result"' in client.get(f"/i/{link.token}").text
    shows(app, cast, link, None)
    assert [way().status_code for way in ways] == [404, 404]


def test_the_tier_alone_says_tier_number_and_day(
    app: Flask, cast: Cast, sent: tuple[Respondent, Issued]
) -> None:
    vera, link = sent
    shows(app, cast, link, Shown.TIER)
    page = vera.get("result")
    text = words(page)
    assert "own view of what remains at risk for them with this service, as of 23 November" in text
    assert "Remaining risk High 35.0 As of 23 November 2026" in text
    assert 'href="/scoring/scheme"' in page.text
    for more in ("ISM-", "Area by area", "What would help", "Risk of the service itself"):
        assert more not in text


def test_the_card_says_what_failed_what_helps_and_what_is_missing_of_their_answers(
    app: Flask, cast: Cast, sent: tuple[Respondent, Issued]
) -> None:
    vera, link = sent
    shows(app, cast, link, Shown.CARD)
    page = vera.get("result").text
    text = said(page)
    failed = text.partition("What must not fail")[2].partition("Area by area")[0]
    assert "You answered: No" in failed
    assert f"{FAILED} Has everyone" in failed
    helps = text.partition("What would help most")[2].partition("What must not fail")[0]
    assert FAILED in helps
    assert "would bring it to: Medium." in helps
    areas = text.partition("Area by area")[2]
    assert "Your answer was not accepted." in areas.partition("ISM-16")[2][:400]
    assert "There is no proof." in areas
    assert "Risk of the service itself" in text
    for secret in (NOTE, "Ferdinand", "Oskar", "INT-0", "Mallow"):
        assert secret not in page


def test_a_newer_receipt_is_not_seen_until_it_is_shared(
    app: Flask, cast: Cast, sent: tuple[Respondent, Issued]
) -> None:
    vera, link = sent
    shows(app, cast, link, Shown.CARD)
    before = vera.get("result").text
    with app.app_context():
        by = stages.reviewer(cast.oskar)
        review_answer(link.assessment_id, "ISM-05", Action.REJECT, by, note=NOTE)
    assert vera.get("result").text == before
    shows(app, cast, link, Shown.CARD)
    assert vera.get("result").text != before


def test_the_page_is_german_for_who_reads_german(
    app: Flask, cast: Cast, sent: tuple[Respondent, Issued]
) -> None:
    vera, link = sent
    shows(app, cast, link, Shown.CARD)
    page = german(vera).get("result").text
    assert language(page) == "de"
    assert english(page) == []
    assert "Hoch" in page
    assert "35,0" in page
    assert "23. November 2026" in page
    assert "Ihre Antwort: Nein" in said(page)


def test_nobody_else_sees_it_and_a_revoked_link_shows_it_no_more(
    app: Flask, client: Client, cast: Cast, sent: tuple[Respondent, Issued]
) -> None:
    vera, link = sent
    shows(app, cast, link, Shown.CARD)
    assert client.get(f"{vera.base}result").status_code == 404
    with app.app_context():
        other, _ = stages.started(cast.mallory, cast.oskar, only=("iso-27001",))
    mallory = start(app, other.token)
    assert mallory.client.get(f"{vera.base}result").status_code == 404
    assert mallory.get("result").status_code == 404
    with app.app_context():
        revoke(
            link.invitation_id, assessment_id=link.assessment_id, actor=cast.oskar.actor, now=NOW
        )
    assert vera.get("result").status_code == 404
    assert client.get(f"/i/{link.token}/result").status_code == 410


def test_the_statements_do_not_grow_with_the_questions(app: Flask, cast: Cast) -> None:
    numbers = []
    for provider, only in ((cast.vera, ("iso-27001",)), (cast.mallory, stages.QUESTIONNAIRES)):
        with app.app_context():
            link, _ = stages.submitted(provider, cast.oskar, only=only)
            stages.share_newest(link.assessment_id, Shown.CARD, stages.reviewer(cast.oskar))
        client = app.test_client()
        client.get(f"/i/{link.token}/result")
        with counted(app) as statements:
            assert client.get(f"/i/{link.token}/result").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]
