"""An officer chooses what the vendor sees of the score, and looks at it first."""

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.assessments.service import cancel
from riskapp.core.db import reading
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.reviews.sharing import Sharing, Shown, sharing
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.web.desk import came_in, told, words
from tests.web.languages import english, language
from tests.web.portal import changed, everywhere, form_of

FAILED = "ISM-12"
NEWER = "There is a newer receipt. The vendor does not see it until you choose again."


@pytest.fixture
def failed(app: Flask, cast: Cast) -> str:
    return came_in(app, cast.vera, cast.oskar, instead={FAILED: Given("no")})


def chosen(client: Client, of: str, what: str) -> str:
    """Fills in the page's own form; the words of the page that follows."""
    page = client.get(f"/desk/assessments/{of}/score").text
    fields = changed(form_of(page, "/share"), {"shown": what})
    return told(client, client.post(f"/desk/assessments/{of}/share", data=fields))


def stored(app: Flask, of: str) -> Sharing | None:
    with app.app_context():
        return sharing(reading(), of)


def test_what_the_vendor_sees_is_chosen_on_the_page_of_the_score(
    app: Flask, client: Client, cast: Cast, failed: str
) -> None:
    client.as_(cast.oskar)
    assert "What the vendor sees Nothing of the score." in words(
        client.get(f"/desk/assessments/{failed}/score")
    )
    page = chosen(client, failed, "card")
    assert "The vendor sees tier, number and card of receipt 1." in page
    assert "The tier, the number and the card of receipt 1 ." in page
    assert stored(app, failed) == Sharing(Shown.CARD, 1)
    with app.app_context():
        by = stages.reviewer(cast.oskar)
        review_answer(failed, "ISM-16", Action.REJECT, by, note="Not shown.")
    assert NEWER in words(client.get(f"/desk/assessments/{failed}/score"))
    assert NEWER not in chosen(client, failed, "tier")
    assert stored(app, failed) == Sharing(Shown.TIER, 2)
    assert "The vendor sees nothing of the score." in chosen(client, failed, "nothing")
    assert stored(app, failed) is None
    history = words(client.get(f"/desk/assessments/{failed}/history"))
    assert "showed the vendor tier, number and card of receipt 1" in history
    assert "took the score out of the vendor's sight" in history


@pytest.mark.parametrize("odd", ["", "all", "CARD"])
def test_another_choice_is_refused_and_nothing_is_shared(
    app: Flask, client: Client, cast: Cast, failed: str, odd: str
) -> None:
    client.as_(cast.oskar)
    before = everywhere(app)
    response = client.post(f"/desk/assessments/{failed}/share", data={"shown": odd})
    assert response.status_code == 422
    assert 'href="#shown"' in response.text
    assert "Choose what the vendor sees." in words(response)
    assert everywhere(app) == before
    assert stored(app, failed) is None


def test_what_was_not_submitted_or_was_cancelled_is_not_shared(
    app: Flask, client: Client, cast: Cast, failed: str
) -> None:
    with app.app_context():
        link = stages.issued(cast.mallory, cast.oskar, only=("iso-27001",))
        cancel(failed, reason="Not bought.", actor=cast.oskar.actor, now=NOW)
    client.as_(cast.oskar)
    early = client.post(f"/desk/assessments/{link.assessment_id}/share", data={"shown": "tier"})
    assert early.status_code == 422
    assert "the vendor has to submit first" in words(early)
    late = client.post(f"/desk/assessments/{failed}/share", data={"shown": "tier"})
    assert "What was cancelled is not shown to the vendor." in told(client, late)
    assert stored(app, failed) is None
    assert "/share" not in client.get(f"/desk/assessments/{failed}/score").text


def test_the_officer_looks_at_the_vendors_page_before_it_is_shown(
    app: Flask, client: Client, cast: Cast, failed: str
) -> None:
    client.as_(cast.oskar)
    base = f"/desk/assessments/{failed}/as-the-vendor-sees-it"
    assert client.get(base).status_code == 404, "nothing is shared yet"
    tier, card = (client.get(f"{base}?shown={what}") for what in ("tier", "card"))
    for page in (tier, card):
        assert "The vendor does not see this yet." in words(page)
        assert "How riskapp rates the risk" not in words(page)
        assert "Remaining risk High 35.0" in words(page)
    assert "What must not fail" not in words(tier)
    assert "What must not fail" in words(card)
    assert stored(app, failed) is None
    chosen(client, failed, "card")
    assert "The vendor sees this page." in words(client.get(base))
    assert "The vendor does not see this yet." in words(client.get(f"{base}?shown=tier"))
    for odd in ("shown=all", "shown=", "shown=card&language=fr"):
        assert client.get(f"{base}?{odd}").status_code == 404


def test_the_officer_can_look_at_it_in_german(client: Client, cast: Cast, failed: str) -> None:
    client.as_(cast.oskar)
    address = f"/desk/assessments/{failed}/as-the-vendor-sees-it?shown=card&language=de"
    page = client.get(address).text
    assert language(page) == "de"
    notice = page.partition('<div class="notice')[2].partition("<h1")[0]
    assert english(page.replace(notice, "")) == []
    assert "Hoch" in page
