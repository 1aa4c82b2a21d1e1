"""What a vendor reads in German, also where a questionnaire is not in it; stored is the same."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.web.languages import COOKIE
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.stages import PDF, reviewer, submitted
from tests.web.languages import asked, english, form, full, german, language, mixed, token
from tests.web.portal import Respondent, count, form_of, said, start, stored

__all__ = ["full", "mixed", "token"]  # fixtures

GOVERNANCE = "iso-27001/governance"


@pytest.fixture
def vera(app: Flask, token: str) -> Respondent:
    return german(start(app, token))


def test_words_in_another_language_than_the_pages_say_so(mixed: Flask, cast: Cast) -> None:
    who = asked(mixed, cast, "small", "foreign")
    page = who.get("foreign/only").text
    assert language(page) == "en"
    assert '<span id="FRM-01-text" lang="de">Ist es so?</span>' in page
    assert '<span lang="de">It is gut</span>' in page
    assert '<p class="why" id="FRM-01-hint" lang="de">' in page
    assert "<span>Does not apply to us</span>" in page
    assert '<h2 lang="de">Fremd</h2>' in who.get().text
    who.save("FRM-01", {"value": "gut", "rev": "0"})
    assert '<div class="answer-shown" lang="de">It is gut</div>' in who.get("all").text
    assert 'lang="' not in form(who.get("small/only").text)

    german(who)
    page = who.get("small/only").text
    assert language(page) == "de"
    assert '<span id="TST-01-text" lang="en">Is it so?</span>' in page
    assert "<strong>Nachweis:</strong> <span" in page
    assert '<span lang="en">Every country.</span>' in page
    assert '<option value="scc" lang="en">SCC</option>' in page
    assert "<span>Teilweise</span>" in page
    assert "<span>Es gibt nichts aufzuführen.</span>" in page
    assert 'lang="' not in form(who.get("foreign/only").text)


GIVEN: dict[str, tuple[dict[str, Any], Any]] = {
    "TST-01": ({"value": "partly"}, "partly"),
    "TST-02": ({"value": ["drills", "logs"]}, ["logs", "drills"]),
    "TST-03": ({"value": "3"}, 3),
    "TST-04": ({"value": "2,5"}, "2.5"),
    "TST-05": ({"value": "2026-03-05"}, "2026-03-05"),
    "TST-06": ({"value": ["DE", "AT"]}, ["AT", "DE"]),
    "TST-07": (
        {"row-1-country": "IN", "row-1-safeguard": "scc"},
        [{"country": "IN", "safeguard": "scc"}],
    ),
}


@pytest.mark.parametrize("spoken", ["en", "de"])
def test_what_is_stored_does_not_depend_on_the_language(
    mixed: Flask, cast: Cast, spoken: str
) -> None:
    who = asked(mixed, cast, "small")
    who.client.set_cookie(COOKIE, spoken)
    for name, (fields, canonical) in GIVEN.items():
        assert who.save(name, {**fields, "rev": "0"}).status_code == 200
        assert stored(mixed, name).value == canonical
    again = who.fill("small/only", {})
    assert again.status_code == 302
    assert count(mixed, "answer_revision") == len(GIVEN), "the form repeats what stands"


def test_answers_are_read_in_the_chosen_language(mixed: Flask, cast: Cast) -> None:
    who = german(asked(mixed, cast, "small"))
    for name, (fields, _) in GIVEN.items():
        who.save(name, {**fields, "rev": "0"})
    words = said(who.get("all").text)
    for one in (
        "Teilweise",
        "Stufe 3 von 4: Measured",
        "2,5",
        "5. März 2026",
        "Österreich, Deutschland",
        "Country: Indien",
        "7 von 7 Fragen beantwortet",
    ):
        assert one in words
    fields = form_of(who.get("small/only").text, "small/only")
    assert fields["q-TST-04-value"] == ["2,5"]
    assert "Österreich</option>" in who.get("small/only").text


REFUSED = [
    ({"q-TST-01-value": "maybe"}, "„maybe“ ist hier keine mögliche Antwort."),
    ({"q-TST-01-na": "yes"}, "Bitte begründen Sie, warum die Frage auf Sie nicht zutrifft."),
    ({"q-TST-01-na-reason": "Weil."}, "Kreuzen Sie auch „Trifft auf uns nicht zu“ an"),
    ({"q-TST-02-value": ["logs"], "q-TST-02-none-of-these": "yes"}, "zugleich „Nichts davon“"),
    ({"q-TST-04-value": "25"}, "Erwartet wird eine Zahl wie 2,5 zwischen 0 und 24."),
    ({"q-TST-04-value": "2,55"}, "hat mehr als eine Nachkommastelle."),
    ({"q-TST-05-value": "2019-12-31"}, "Der 31. Dezember 2019 ist zu früh."),
    ({"q-TST-05-value": "2026-02-30"}, "Den Tag „2026-02-30“ gibt es im Kalender nicht."),
    ({"q-TST-06-value": ["UK"]}, "Bitte wählen Sie eines aus der Liste (meinen Sie GB?)."),
    ({"q-TST-07-row-1-country": "IN"}, "Zeile 1, Safeguard: Hier fehlt etwas."),
]


@pytest.mark.parametrize(("typed", "words"), REFUSED)
def test_refusals_are_said_in_the_chosen_language(
    mixed: Flask, cast: Cast, typed: dict[str, Any], words: str
) -> None:
    who = german(asked(mixed, cast, "small"))
    page = who.fill("small/only", typed)
    assert page.status_code == 422
    assert words in said(page.text)
    assert "Einiges wurde nicht gespeichert" in page.text
    (name,) = {field[2:8] for field in typed}
    fields = {field[9:]: value for field, value in typed.items()}
    reply = who.save(name, {**fields, "rev": "0"}).json
    assert words in reply["errors"][0]["message"]
    assert reply["status"] == "Nicht gespeichert. Was zu ändern ist, steht weiter oben."
    assert count(mixed, "answer") == 0


def test_the_script_is_answered_in_the_chosen_language(vera: Respondent) -> None:
    reply = vera.save("ISM-04", {"value": "yes", "rev": "0"}).json
    assert reply["status"] == "Gespeichert"
    assert reply["progress"] == "1 von 29 Fragen beantwortet"
    page = vera.get(GOVERNANCE).text
    words = re.search(r"data-words='([^']*)'", page)
    assert words is not None
    assert json.loads(words[1])["saving"] == "Wird gespeichert …"
    closed = Respondent(vera.client, vera.base.replace("/p/", "/p/0"))
    gone = closed.save("ISM-04", {"value": "yes"}).json
    assert gone["status"].startswith("Nicht gespeichert: Dieser Browser ist nicht mehr bekannt.")


def test_proof_is_refused_and_listed_in_the_chosen_language(vera: Respondent) -> None:
    cases: list[tuple[bytes, str, dict[str, str], str]] = [
        (b"", "empty.pdf", {}, "Die Datei ist leer."),
        (b"MZ", "run.exe", {}, "Dateien dieser Art werden nicht angenommen."),
        (PDF, "a.pdf", {"issued_on": "2027-01-01"}, "darf nicht in der Zukunft liegen"),
        (PDF, "a.pdf", {"issued_on": "2026-02-30"}, "Diesen Tag gibt es im Kalender nicht."),
    ]
    for content, name, fields, words in cases:
        page = vera.attach("ISM-01", (io.BytesIO(content), name), **fields)
        assert page.status_code == 422
        assert words in said(page.text)
        assert "Es wurde nichts angenommen" in page.text
        assert english(page.text) == []
    vera.attach("ISM-01", (io.BytesIO(PDF), "a.pdf"), valid_until="2027-03-31")
    words = said(vera.get("evidence/ISM-01").text)
    assert "Eingegangen: a.pdf" in words
    assert "ausgestellt am 1. Oktober 2026, gültig bis 31. März 2027" in words
    assert "eingegangen am 23. November 2026, 09:00 Uhr UTC" in words
    assert "Höchstens 512 MiB." in words
    vera.attach("ISM-01", (io.BytesIO(b"Zeile\n" * 256), "a.txt"))
    assert "1,5 KiB, ausgestellt am" in said(vera.get("evidence/ISM-01").text)


def test_the_acknowledgement_is_read_in_german_and_kept_in_no_language(
    app: Flask, full: Respondent
) -> None:
    german(full)
    refused = full.post("submit", {"name": "", "role": ""})
    assert "Bitte geben Sie Ihren Namen an." in refused.text
    full.post("submit", {"name": "Vera Vogt", "role": "Leitung"})
    page = full.get("acknowledgement").text
    assert language(page) == "de"
    assert "Ihre Antworten sind angekommen" in page
    assert "Bestätigung 1 herunterladen" in page
    assert "1. Oktober 2026" in page
    assert english(page) == []
    file = full.get("acknowledgement/1.json")
    full.client.set_cookie(COOKIE, "en")
    assert full.get("acknowledgement/1.json").data == file.data
    assert "Your answers have arrived" in full.get("acknowledgement").text
    contents = json.loads(file.text)
    assert contents["evidence"][0]["issued_on"] == "2026-10-01"
    assert not re.search("Ihre|Antwort|Fragebogen", file.text)
    assert app.extensions["riskapp"].settings.organisation == contents["organisation"]


def test_what_is_asked_back_is_asked_in_german(app: Flask, cast: Cast, clock: StoppedClock) -> None:
    with app.app_context():
        link, invitation = submitted(cast.vera, cast.oskar, only=("iso-27001",))
        by = reviewer(cast.oskar)
        of = invitation.assessment_id
        review_answer(of, "ISM-04", Action.ASK_BACK, by, note="Welche Richtlinien?")
        send_back(of, clock.now().date() + timedelta(days=7), by)
    who = german(start(app, link.token))
    first = said(who.client.get(f"/i/{link.token}").text)
    assert "eine Frage zu „Customer portal“ noch einmal zu beantworten" in first
    assert "hat zu einer Frage eine Rückfrage" in said(who.get().text)
    assert "Rückfrage: Welche Richtlinien?" in said(who.get(GOVERNANCE).text)
    for path in ("", GOVERNANCE, "submit", "acknowledgement"):
        assert english(who.get(path).text) == []


def test_a_link_that_opens_nothing_says_so_in_german(
    app: Flask, token: str, vera: Respondent, clock: StoppedClock
) -> None:
    clock.pass_by(days=22)
    for address in (f"/i/{token}", vera.base):
        page = vera.client.get(address)
        assert page.status_code == 410
        assert language(page.text) == "de"
        assert "Die Frist ist abgelaufen" in page.text
        assert "14. Dezember 2026" in page.text
        assert english(page.text) == []
    strange = app.test_client().get(vera.base, headers={"Accept-Language": "de"})
    assert "Bitte öffnen Sie Ihren Link noch einmal" in strange.text
    assert english(strange.text) == []
    nowhere = vera.client.get("/i/nowhere/at/all")
    assert "Hier ist nichts zu finden" in nowhere.text
    assert english(nowhere.text) == []
