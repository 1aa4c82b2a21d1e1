"""The vendor's language: chosen or preferred, on every page, and switching loses nothing."""

import re

import pytest
from flask import Flask

from riskapp.assessments.queries import assessments
from riskapp.core.db import reading
from riskapp.web.languages import COOKIE
from tests.cast import Cast
from tests.conftest import Client
from tests.stages import issued
from tests.web.languages import asked, english, full, german, language, mixed, token
from tests.web.portal import Respondent, count, everywhere, form_of, said, start, stored

__all__ = ["full", "mixed", "token"]  # fixtures

GOVERNANCE = "iso-27001/governance"
IN_GERMAN = "?language=de"


@pytest.fixture
def vera(app: Flask, token: str) -> Respondent:
    return german(start(app, token))


def test_the_first_page_offers_the_languages_and_keeps_the_choice(
    client: Client, token: str
) -> None:
    first = client.get(f"/i/{token}")
    assert language(first.text) == "en"
    assert f'<a href="{IN_GERMAN}" lang="de" hreflang="de">Deutsch</a>' in first.text
    chosen = client.get(f"/i/{token}{IN_GERMAN}")
    assert chosen.headers["Location"] == f"/i/{token}", "going back must not choose again"
    page = client.get(f"/i/{token}").text
    assert language(page) == "de"
    assert "Your organisation hat Fragen zu „Customer portal“" in said(page)
    assert "Haben Sie ein akkreditiertes Zertifikat" in page
    assert "Wird nur gestellt, wenn gilt: ISM-01 ist „" in said(page)
    assert "14. Dezember 2026" in page
    assert "Etwa 1 Stunde bis 2½ Stunden" in page
    assert "die Person, die Ihnen diesen Link geschickt hat" in page
    assert "zu nichts anderem" in page, "the notice on data is the one that is set"
    assert english(page) == []


def test_the_choice_holds_on_every_page(app: Flask, token: str) -> None:
    who = start(app, token)
    who.client.get(f"/i/{token}{IN_GERMAN}")
    for path in ("", "all", GOVERNANCE, "evidence/ISM-01", "submit", "iso-27001/nonsense"):
        page = who.get(path).text
        assert language(page) == "de"
        assert english(page) == []
        assert 'lang="en" hreflang="en">English</a>' in page or "language=en" in page
    back = who.get("?language=en")
    assert back.headers["Location"] == who.base
    assert language(who.get().text) == "en"


def test_a_choice_keeps_what_else_stands_in_the_address(vera: Respondent) -> None:
    there = vera.get(f"evidence/ISM-01{IN_GERMAN}&replaces=a%26b").headers["Location"]
    assert there == f"{vera.base}evidence/ISM-01?replaces=a%26b"


def test_the_cookie_holds_a_language_and_nothing_else(secure: Flask, cast: Cast) -> None:
    with secure.app_context():
        token = issued(cast.vera, cast.oskar).token
    client = secure.test_client()
    there = client.get(f"/i/{token}{IN_GERMAN}", base_url="https://risk.example")
    cookie = there.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=de; ")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    for other in ("fr", "de\r\nX: y", "../../de", ""):
        address = f"/i/{token}"
        unknown = client.get(
            address, query_string={"language": other}, base_url="https://risk.example"
        )
        assert "Set-Cookie" not in unknown.headers
        assert unknown.status_code == 302


@pytest.mark.parametrize("cookie", ["fr", "../de", "DE", ""])
def test_a_cookie_that_is_none_of_ours_counts_for_nothing(
    client: Client, token: str, cookie: str
) -> None:
    client.set_cookie(COOKIE, cookie)
    assert language(client.get(f"/i/{token}").text) == "en"


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        ("de", "de"),
        ("de-AT, en;q=0.8", "de"),
        ("fr, de;q=0.5, en;q=0.3", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr", "en"),
        ("*", "en"),
        (";;,q=", "en"),
    ],
)
def test_without_a_choice_the_browsers_preference_decides(
    client: Client, token: str, wanted: str, spoken: str
) -> None:
    page = client.get(f"/i/{token}", headers={"Accept-Language": wanted}).text
    assert language(page) == spoken
    assert ("akkreditiertes" in page) is (spoken == "de")


def test_a_choice_outweighs_the_browsers_preference(client: Client, token: str) -> None:
    client.set_cookie(COOKIE, "en")
    page = client.get(f"/i/{token}", headers={"Accept-Language": "de"}).text
    assert language(page) == "en"


def test_a_language_that_not_all_questionnaires_have_is_not_taken_unasked(
    mixed: Flask, cast: Cast
) -> None:
    both = asked(mixed, cast, "small", "foreign")
    in_browser = {"Accept-Language": "de, en;q=0.5"}
    assert language(both.client.get(both.base, headers=in_browser).text) == "en"
    foreign = asked(mixed, cast, "foreign")
    assert language(foreign.client.get(foreign.base, headers=in_browser).text) == "de"
    assert language(foreign.get().text) == "en"


def test_switching_saves_what_was_typed(app: Flask, token: str) -> None:
    who = start(app, token)
    page = who.get(GOVERNANCE).text
    assert f'formaction="{who.base}{GOVERNANCE}{IN_GERMAN}"' in page
    typed = {**form_of(page, GOVERNANCE), "q-ISM-04-value": ["yes"]}
    reply = who.post(GOVERNANCE + IN_GERMAN, typed)
    assert reply.headers["Location"].endswith(GOVERNANCE)
    assert stored(app, "ISM-04").value == "yes"
    page = who.get(GOVERNANCE).text
    assert language(page) == "de"
    assert "Gespeichert: ISM-04." in page


def test_switching_shows_again_what_could_not_be_saved(app: Flask, token: str) -> None:
    who = start(app, token)
    typed = form_of(who.get(GOVERNANCE).text, GOVERNANCE)
    typed |= {"q-ISM-04-value": ["maybe"], "q-ISM-04-comment": ["Half of it."]}
    reply = who.post(GOVERNANCE + IN_GERMAN, typed)
    assert reply.status_code == 422
    assert language(reply.text) == "de"
    assert form_of(reply.text, GOVERNANCE)["q-ISM-04-comment"] == ["Half of it."]
    assert count(app, "answer") == 0


def test_enter_in_a_field_changes_no_language(vera: Respondent) -> None:
    """Browsers press the first button of a form, wherever on the page it stands."""
    for path in (GOVERNANCE, "evidence/ISM-01"):
        first = re.search(r'<button[^>]* form="[^"]+"[^>]*>', vera.get(path).text)
        assert first is not None
        assert "formaction" not in first[0]


def test_switching_keeps_the_name_and_sends_nothing_in(app: Flask, full: Respondent) -> None:
    before = everywhere(app)
    typed = {"name": "Vera Vogt", "role": "Leitung"}
    page = full.post(f"submit{IN_GERMAN}", typed)
    assert page.status_code == 200
    assert language(page.text) == "de"
    assert form_of(page.text, "submit")["name"] == ["Vera Vogt"]
    assert form_of(page.text, "submit")["role"] == ["Leitung"]
    assert everywhere(app) == before
    assert language(full.get().text) == "de"


def test_switching_beside_a_file_keeps_the_days_and_says_what_is_lost(
    app: Flask, vera: Respondent
) -> None:
    typed = {"issued_on": "2026-10-01", "valid_until": "2027-10-01", "file": "a&b.pdf"}
    page = vera.post(f"evidence/ISM-01{IN_GERMAN}", typed)
    assert page.status_code == 200
    assert 'value="2026-10-01"' in page.text
    assert 'value="2027-10-01"' in page.text
    assert "Bitte wählen Sie a&b.pdf noch einmal aus." in said(page.text)
    assert count(app, "evidence") == 0


def test_switching_between_two_answers_keeps_both(app: Flask, token: str) -> None:
    who = start(app, token)
    page = form_of(who.get(GOVERNANCE).text, GOVERNANCE)
    who.save("ISM-04", {"value": "no", "rev": "0"})
    both = who.post(GOVERNANCE, {**page, "q-ISM-04-value": ["yes"]})
    typed = form_of(both.text, "conflict/ISM-04")
    again = who.post(f"conflict/ISM-04{IN_GERMAN}", typed)
    assert language(again.text) == "de"
    assert "Zwei Antworten auf eine Frage" in again.text
    assert "error-summary" not in again.text
    assert form_of(again.text, "conflict/ISM-04")["q-ISM-04-value"] == ["yes"]
    assert stored(app, "ISM-04").value == "no"
    undecided = who.post("conflict/ISM-04", form_of(again.text, "conflict/ISM-04"))
    assert "ISM-04: Bitte wählen Sie, welche der beiden Antworten gelten soll." in undecided.text


def test_whoever_signs_in_reads_english_whatever_a_vendor_chose(
    app: Flask, cast: Cast, vera: Respondent
) -> None:
    vera.save("ISM-04", {"value": "partly", "rev": "0"})
    with app.app_context():
        of = assessments(reading())[0].id
    browser = vera.client.as_(cast.oskar)
    wants_german = {"Accept-Language": "de"}
    for path in ("", "answers", "questions/ISM-04", "history"):
        page = browser.get(f"/desk/assessments/{of}/{path}".rstrip("/"), headers=wants_german)
        assert page.status_code == 200
        assert language(page.text) == "en"
        assert "hreflang" not in page.text
    words = said(browser.get(f"/desk/assessments/{of}/questions/ISM-04").text)
    assert "Do you have written security policies" in words
    assert "Partly" in words
