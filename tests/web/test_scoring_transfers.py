"""The page of transfers: what counts, since when and why; looked at first, then overridden."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.core.db import reading
from riskapp.scoring.overrides import Word, history
from riskapp.scoring.overrides import override as keep
from riskapp.scoring.queries import receipts
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.scoring.building import row
from tests.web.desk import PRIVACY, came_in, counted, scores, told, words

PAGE = "/scoring/transfers"
US = f"{PAGE}/override?country=US"
REASON = "C-703/25 P annulled it, <OJ> C of today."
FALLEN = {"coverage": "none", "reason": REASON}
ENDING = {
    "coverage": "partial",
    "valid_from": "2023-07-10",
    "valid_to": "2026-11-23",
    "condition": "On the list.",
    "reason": REASON,
}
KENYA = {"country": "KE", "coverage": "full", "valid_from": "2026-11-23", "reason": REASON}


@pytest.fixture
def relying(app: Flask, cast: Cast) -> str:
    """An assessment whose transfers rest on the decision on the US."""
    register = {"GDP-32": Given([row("US", "dpf")])}
    return came_in(app, cast.vera, cast.oskar, only=PRIVACY, instead=register)


def saved(client: Client, address: str = US, **data: Any) -> str:
    return told(client, client.post(address, data={**FALLEN, **data, "then": "save"}))


def hidden(page: str) -> dict[str, str]:
    """What a page keeps for the next submit, but the token against forgery."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def test_officers_read_each_decision_with_its_days_and_source(client: Client, cast: Cast) -> None:
    page = words(client.as_(cast.oskar).get(PAGE))
    for said in (
        "Drawn up 20 August 2026 Regime EU GDPR Art. 45",
        "Read in the Official Journal: 12 of 17.",
        "Overridden here Nothing: the table counts as it came with riskapp.",
        "Faroe Islands FO Everybody there In force 5 March 2010 No end set 2010/146/EU Read in",
        "Jersey JE Everybody there In force 8 May 2008 No end set 2008/393/EC From secondary",
        "In force 28 June 2021 27 December 2031 (EU) 2021/1772",
        "US Recipients that meet a condition Condition: recipient on active Data Privacy Framework",
        "European Patent Organisation XX-EPO This organisation Counts for no country In force",
        "Of these, Faroe Islands has a decision of its own",
        "In the EEA 100 %",
        "A decision in force that covers everybody there 95 %",
        "A decision in force for recipients that meet its condition 85 %",
        "Clauses or rules whose assessment is missing or older 30 %",
        "None of these, or not known 0 % Blocked by the law",
    ):
        assert said in page
    assert page.index("Andorra AD") < page.index("Brazil BR") < page.index("Uruguay UY")
    for trap in ("Svalbard", "Greenland", "Gibraltar"):
        assert trap in page.partition("Not the EEA, though they look like it")[2]


def test_officers_change_nothing(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    assert f"{PAGE}/override" not in client.get(PAGE).get_data(as_text=True)
    for path in ("/override", "/override?country=US", "/US/withdraw"):
        assert client.get(PAGE + path).status_code == 404
        assert client.post(PAGE + path, data={**FALLEN, "then": "save"}).status_code == 404


def test_auditors_have_no_such_page(client: Client, cast: Cast) -> None:
    assert client.as_(cast.audrey).get(PAGE).status_code == 404


def test_a_look_at_an_override_says_what_would_move_and_saves_nothing(
    app: Flask, ada: Client, relying: str
) -> None:
    form = words(ada.get(US))
    assert "United States: override the decision" in form
    response = ada.post(US, data={**FALLEN, "then": "preview"})
    page = words(response)
    assert response.status_code == 200
    assert "Would count No decision counts" in page
    assert f"Reason {REASON}" in page
    assert "1 score would move." in page
    assert "The law would block 1 that it did not block before." in page
    assert "nothing is saved yet" in page
    assert "Nordlicht" not in page, "an administrator sees no vendor"
    with app.app_context():
        assert history(reading()) == []
    assert len(scores(app, relying)) == 1


def test_the_second_submit_saves_what_the_first_one_showed_and_scores_anew(
    app: Flask, ada: Client, cast: Cast, relying: str
) -> None:
    typed = {**ENDING, "coverage": "none", "suspended": "yes"}
    shown = ada.post(US, data=typed).get_data(as_text=True)
    page = told(ada, ada.post(US, data={**hidden(shown), "then": "save"}))
    assert "The override is saved. 1 score moved." in page
    assert "The law blocks 1 that it did not block before." in page
    assert "US Nobody No decision counts Overridden" in page
    assert "Ada, 23 November 2026, 09:00 UTC. The table says: Recipients that meet a" in page
    assert "Overridden here 1 country" in page
    with app.app_context():
        newest = receipts(reading(), relying)[0]
        assert (newest.number, newest.cause) == (2, "Adequacy decision overridden: United States")
        assert float(newest.shown) >= 60
    back = told(ada, ada.post(f"{PAGE}/US/withdraw", data={"reason": "Upheld.", "then": "save"}))
    assert "The override is withdrawn: the table counts again. 1 score moved." in back
    assert "The law no longer blocks 1." in back
    assert "Nothing: the table counts as it came with riskapp." in back
    assert "United States: override withdrawn, the table counts again Upheld." in back
    first, _, third = scores(app, relying)
    assert first == third


def test_officers_look_at_what_if_and_see_whose_scores_would_move(
    app: Flask, client: Client, cast: Cast, relying: str
) -> None:
    client.as_(cast.oskar)
    address = f"{PAGE}/what-if?country=US"
    assert "Reason" not in words(client.get(address))
    page = words(client.post(address, data={"coverage": "none", "then": "save"}))
    assert "Nordlicht Software GmbH Customer portal" in page
    assert "Critical 60.0 Blocked by the law" in page
    assert f"/assessments/{relying}" in client.post(address, data=FALLEN).get_data(as_text=True)
    assert "Save" not in page
    with app.app_context():
        assert history(reading()) == []


def test_what_moves_nothing_says_so(ada: Client) -> None:
    assert "No score would move." in words(ada.post(f"{PAGE}/override", data=KENYA))
    page = told(ada, ada.post(f"{PAGE}/override", data={**KENYA, "then": "save"}))
    assert "The override is saved. No score moved." in page
    assert "Kenya KE Everybody there In force Overridden 23 November 2026 No end set" in page
    assert "The table says: No decision." in page


def test_what_was_shown_can_be_changed_before_it_is_saved(ada: Client) -> None:
    shown = hidden(ada.post(US, data=ENDING).get_data(as_text=True))
    assert shown == ENDING
    form = ada.post(US, data={**ENDING, "then": "edit"}).get_data(as_text=True)
    for value in ("2023-07-10", "2026-11-23"):
        assert f'value="{value}"' in form
    assert 'value="partial" checked' in form
    assert "&lt;OJ&gt;" in form


REFUSED: tuple[tuple[str, dict[str, str], str, str], ...] = (
    (US, {"coverage": "none"}, "reason", "Say why, and where it can be read."),
    (US, {**ENDING, "valid_from": ""}, "valid_from", "Enter the first day"),
    (US, {**ENDING, "valid_to": "soon"}, "valid_to", "Enter a day like 2027-03-31."),
    (US, {**ENDING, "condition": ""}, "condition", "Say which recipients"),
    (US, {}, "coverage", "Choose whom a decision covers."),
    (f"{PAGE}/override", FALLEN, "country", "Choose a country from the list."),
    (f"{PAGE}/override", {**KENYA, "country": "DE"}, "country", "Within the EEA"),
    (f"{PAGE}/what-if", {"coverage": "none", "country": "KE"}, "coverage", "says this already"),
)


def test_what_is_refused_stands_at_its_field_with_what_was_typed(app: Flask, ada: Client) -> None:
    for address, data, field, said in REFUSED:
        for then in ("preview", "save"):
            response = ada.post(address, data={**data, "then": then})
            page = response.get_data(as_text=True)
            assert response.status_code == 422
            assert said in words(response)
            assert f'href="#{field}"' in page
            assert f'id="{field}-error"' in page
            assert data.get("valid_from", "") in page
            assert data.get("condition", "") in page
    with app.app_context():
        assert history(reading()) == []


def test_a_country_that_can_have_no_decision_has_no_form(ada: Client) -> None:
    for country in ("DE", "ZZ", "XX-EPO"):
        assert ada.get(f"{PAGE}/override?country={country}").status_code == 404
        assert ada.get(f"{PAGE}/{country}/withdraw").status_code == 404
        assert ada.post(f"{PAGE}/{country}/withdraw", data=FALLEN).status_code == 404
    assert ada.get(f"{PAGE}/override?country=").status_code == 404
    assert ada.get(f"{PAGE}/IN/withdraw").status_code == 404, "it is not overridden"


def test_a_withdrawal_asks_why_and_shows_what_would_move(ada: Client) -> None:
    saved(ada)
    address = f"{PAGE}/US/withdraw"
    assert "Counts now No decision counts The table says Recipients" in words(ada.get(address))
    refused = ada.post(address, data={"then": "save"})
    assert refused.status_code == 422
    assert 'href="#reason"' in refused.get_data(as_text=True)
    shown = ada.post(address, data={"reason": "Upheld."})
    assert "United States: withdraw the override?" in words(shown)
    assert "No score would move." in words(shown)
    assert hidden(shown.get_data(as_text=True)) == {"reason": "Upheld."}
    data = {"reason": "Upheld.", "then": "save"}
    assert "The override is withdrawn" in told(ada, ada.post(address, data=data))
    assert "The table counts again already" in told(ada, ada.post(address, data=data))
    assert ada.get(address).status_code == 404


def test_a_form_sent_twice_is_saved_once(app: Flask, ada: Client) -> None:
    assert "The override is saved." in saved(ada)
    assert "The override was saved already. No score moved." in saved(ada)
    with app.app_context():
        assert len(history(reading())) == 1


def test_the_form_of_an_overridden_country_begins_with_what_counts(ada: Client) -> None:
    saved(ada, **{**ENDING, "suspended": "yes"})
    form = ada.get(US).get_data(as_text=True)
    assert 'value="2026-11-23"' in form
    assert 'value="partial" checked' in form
    assert 'name="suspended" value="yes" checked' in form
    assert "Suspended Overridden 10 July 2023 23 November 2026" in words(ada.get(PAGE))


def test_a_decision_that_comes_or_has_ended_is_told_so(ada: Client) -> None:
    saved(ada, **{**ENDING, "valid_to": "2026-11-22"})
    saved(ada, f"{PAGE}/override", **{**KENYA, "valid_from": "2026-11-24"})
    page = words(ada.get(PAGE))
    assert "Ended Overridden 10 July 2023 22 November 2026" in page
    assert "Kenya KE Everybody there Not yet in force Overridden 24 November 2026" in page


def test_the_page_takes_as_many_statements_however_much_was_overridden(
    app: Flask, ada: Client, cast: Cast
) -> None:
    word = Word("full", date(2026, 1, 1), None, suspended=False, condition="", reason="So.")

    def statements() -> int:
        with counted(app) as found:
            assert ada.get(PAGE).status_code == 200
        return len(found)

    before = statements()
    with app.app_context():
        for number in range(60):
            code = ("US", "KE", "IN", "JP")[number % 4]
            keep(code, replace(word, reason=f"No. {number}."), actor=cast.ada.actor, now=NOW)
    assert statements() == before
    page = ada.get(PAGE).get_data(as_text=True)
    [further] = re.findall(r'href="([^"]+)" rel="next"', page)
    older = words(ada.get(unescape(further))).partition("What was overridden")[2]
    assert [f"No. {number}." in older for number in (0, 9, 10)] == [True, True, False]
    assert ada.get(f"{PAGE}?before=soon").status_code == 404
