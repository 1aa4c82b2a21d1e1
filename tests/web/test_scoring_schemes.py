"""The pages of schemes: what is scored by, numbers of one's own looked at first, then adopted."""

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.core.db import reading
from riskapp.scoring.adopting import adopt, history, make_and_adopt, scheme_now
from riskapp.scoring.queries import receipt_documents
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.scoring.own_schemes import wish
from tests.web.desk import came_in, counted, scores, told, words

PAGE = "/scoring"
NEW, WHAT_IF = f"{PAGE}/schemes/new", f"{PAGE}/schemes/what-if"
REASON = "The board decided so, <minutes> of 3 November."
NAMED = {"name": "harbour-1", "reason": REASON}
STRICT = {"bound-medium": "1", "bound-high": "2,5", "bound-critical": "3.0"}


@pytest.fixture
def scored(app: Flask, cast: Cast) -> str:
    """An assessment that has a score."""
    return came_in(app, cast.vera, cast.oskar)


def typed(client: Client, page: str = NEW, **changes: str) -> dict[str, str]:
    """What the form holds, with some of it typed over; `bound_high` is bound-high."""
    text = client.get(page).get_data(as_text=True)
    found = re.findall(r'<input id="([\w-]+)" name="\1" type="text"(?: value="([^"]*)")?', text)
    over = {name.replace("_", "-"): value for name, value in changes.items()}
    return {**{name: unescape(value) for name, value in found}, **over}


def hidden(response: TestResponse) -> dict[str, str]:
    """What a page keeps for the next submit, but the token against forgery."""
    text = response.get_data(as_text=True)
    found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', text)
    return {name: unescape(value) for name, value in found if name != "csrf_token"}


def keep(app: Flask, cast: Cast, name: str = "harbour-1", **changes: Any) -> None:
    with app.app_context():
        domains = {"incidents": [2]}
        by = cast.ada.actor
        make_and_adopt(name, wish(**changes), domains, "For us.", actor=by, now=NOW)


def adopted(app: Flask) -> list[str]:
    with app.app_context():
        return [one.name for one in history(reading())]


def test_officers_read_what_is_scored_by(client: Client, cast: Cast) -> None:
    page = words(client.as_(cast.oskar).get(PAGE))
    for said in (
        "Scheme in use std-1, as it came with riskapp Since the first score",
        "Adequacy decisions The table of 20 August 2026 Open",
        "Where each tier begins For std-1 Medium 15 points High 35 points Critical 60 points",
        "What a failed knock-out holds For std-1 High 35 points Critical 60 points The law 60",
        "Medium inherent risk 40 % High inherent risk 50 % Critical inherent risk 60 %",
        "Low 36 months Medium 24 months High 12 months Critical 6 months",
        "From the first score on: std-1 , as it came with riskapp.",
    ):
        assert said in page
    assert "New scheme" not in page


@pytest.mark.parametrize("path", [NEW, f"{PAGE}/schemes/std-1/adopt"])
def test_officers_adopt_nothing(client: Client, cast: Cast, path: str) -> None:
    client.as_(cast.oskar)
    assert client.get(path).status_code == 404
    assert client.post(path, data={"reason": "x", "then": "save"}).status_code == 404


@pytest.mark.parametrize("path", [PAGE, WHAT_IF, f"{PAGE}/schemes/std-1"])
def test_auditors_see_none_of_it(client: Client, cast: Cast, path: str) -> None:
    assert client.as_(cast.audrey).get(path).status_code == 404


@pytest.mark.parametrize(
    "path", [f"{PAGE}/schemes/harbour-9", f"{PAGE}/schemes/harbour-9/adopt", f"{PAGE}?before=x"]
)
def test_what_there_is_not_is_not_found(ada: Client, path: str) -> None:
    assert ada.get(path).status_code == 404


def test_a_scheme_is_looked_at_first_and_adopted_then(app: Flask, ada: Client, scored: str) -> None:
    before = scores(app, scored)
    preview = ada.post(NEW, data={**typed(ada), **STRICT, **NAMED, "weight-incidents": "9"})
    said = words(preview)
    assert "Scheme in use std-1 Would be in use harbour-1 Reason The board decided so" in said
    assert "1 score would move. The tier would change: 1 from " in said
    assert "to critical." in said
    assert "High Where each tier begins 35 points 2.5 points" in said
    assert "Incidents What a domain weighs Usually 2 9" in said
    assert "From an inherent risk of 10 on, no answers would make a score low" in said
    assert "Nordlicht" not in said, "an administrator sees no vendor"
    assert (adopted(app), scores(app, scored)) == ([], before)
    page = told(ada, ada.post(NEW, data={**hidden(preview), "then": "save"}))
    assert "harbour-1 is scored by from now on: 1 new receipt. 1 score moved. The tier" in page
    assert "Scheme in use harbour-1, your own, derived from std-1" in page
    assert (
        "Since 23 November 2026, 09:00 UTC, by Ada Reason The board decided so, <minutes>" in page
    )
    assert "Medium 1 points 15 points High 2.5 points 35 points Critical 3 points 60" in page
    assert "For harbour-1 std-1 Incidents 9 Usually 2" in page
    assert "Low 36 months Same" in page
    with app.app_context():
        (_, first), (_, last) = receipt_documents(reading(), scored)
    assert json.loads(first)["scheme"] == "std-1"
    assert (json.loads(last)["scheme"], json.loads(last)["result"]["tier"]) == (
        "harbour-1",
        "critical",
    )


def test_a_form_that_was_sent_twice_adopts_once(app: Flask, ada: Client) -> None:
    form = {**typed(ada, bound_high="30"), **NAMED, "then": "save"}
    for _ in range(2):
        page = told(ada, ada.post(NEW, data=form))
        assert "harbour-1 is scored by from now on: 0 new receipts. No score moved." in page
    assert adopted(app) == ["harbour-1"]


def test_what_was_typed_comes_back_to_be_changed(ada: Client) -> None:
    form = {**typed(ada, bound_high="30,5", weight_exit="4"), **NAMED}
    preview = ada.post(NEW, data=form)
    again = ada.post(NEW, data={**hidden(preview), "then": "edit"}).get_data(as_text=True)
    for name, value in {**form, "reason": ""}.items():
        if value:
            assert f'name="{name}" type="text" value="{value}"' in again
    assert "&lt;minutes&gt; of 3 November." in again


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"bound-high": "x"}, "Where each tier begins, High", "Enter a number, like 35 or 12.5."),
        ({"bound-high": "-1"}, "Where each tier begins, High", "Enter a number, like 35 or 12.5."),
        ({"bound-high": "1e9"}, "Where each tier begins, High", "Enter a number, like"),
        ({"weak-high": ""}, "When a domain is weak, High inherent risk", "Enter a number, like"),
        ({"cadence-low": "1.5"}, "Months until the next assessment, Low", "Enter a whole number,"),
        ({"weight-exit": "1,5"}, "What a domain weighs, Exit", "Enter a whole number, like 3."),
        ({"bound-high": "61"}, "Where each tier begins, Critical", "It must begin above 61"),
        ({"name": "Harbour"}, "Name", "Use lower-case letters, digits and hyphens"),
        ({"reason": " "}, "Reason", "Say why, for whoever has to defend a score later."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_is_summed_up(
    app: Flask, ada: Client, changes: dict[str, str], field: str, said: str
) -> None:
    form = {**typed(ada, bound_high="30"), **NAMED, **changes}
    for then in ("preview", "save"):
        response = ada.post(NEW, data={**form, "then": then})
        assert response.status_code == 422
        page = words(response)
        assert f"There is a problem {field}: {said}" in page
        assert page.count(said) == 2
    assert adopted(app) == []


def test_the_numbers_of_std_1_under_another_name_are_no_scheme(ada: Client) -> None:
    response = ada.post(NEW, data={**typed(ada), **NAMED})
    assert response.status_code == 422
    assert "There is a problem These are the numbers of std-1. Change one" in words(response)


def test_a_new_scheme_begins_with_the_numbers_in_use(app: Flask, ada: Client, cast: Cast) -> None:
    keep(app, cast, bound_high="30.5", weak_high=55, weight_incidents=5)
    found = typed(ada)
    assert (found["bound-high"], found["weak-high"], found["weight-incidents"]) == (
        "30.5",
        "55",
        "5",
    )
    assert (found["name"], found["weight-exit"]) == ("", "")
    form = {**found, "name": "harbour-1", "reason": "x"}
    response = ada.post(NEW, data={**form, "bound-high": "31"})
    assert "harbour-1 is made already, and never changes. Take another name" in words(response)
    response = ada.post(NEW, data={**form, "name": "harbour-2"})
    assert "These are the numbers of harbour-1. Adopt that one" in words(response)


def test_officers_try_other_numbers_and_see_whose_scores_they_would_move(
    app: Flask, client: Client, cast: Cast, scored: str
) -> None:
    client.as_(cast.oskar)
    before = scores(app, scored)
    form = {**typed(client, WHAT_IF), **STRICT}
    assert "name" not in form
    response = client.post(WHAT_IF, data={**form, "then": "save"})
    page = words(response)
    assert "1 score would move." in page
    assert "Nordlicht Software GmbH Customer portal" in page
    assert "Critical " in page
    assert "Adopt" not in page
    assert f'href="/desk/assessments/{scored}"' in response.get_data(as_text=True)
    assert (adopted(app), scores(app, scored)) == ([], before)


def test_one_goes_back_to_an_earlier_scheme_having_seen_what_it_moves(
    app: Flask, client: Client, cast: Cast, scored: str
) -> None:
    keep(app, cast, bound_medium=1, bound_high=2, bound_critical=3)
    client.as_(cast.ada)
    here = f"{PAGE}/schemes/std-1"
    assert "Go back to it" in words(client.get(here))
    page = words(client.get(f"{here}/adopt"))
    assert "Critical Where each tier begins 3 points 60 points" in page
    response = client.post(f"{here}/adopt", data={"reason": ""})
    assert response.status_code == 422
    assert words(response).count("Say why, for whoever has to defend a score later.") == 2
    form = {"reason": "It was too strict."}
    for _ in range(2):
        page = told(client, client.post(f"{here}/adopt", data=form))
        assert "std-1 is scored by from now on" in page
    assert adopted(app) == ["std-1", "harbour-1"]
    assert "It was too strict." in page
    assert client.get(f"{here}/adopt").headers["Location"] == here
    assert "In use" in words(client.get(here))
    page = words(client.as_(cast.oskar).get(f"{PAGE}/schemes/harbour-1?moves=yes"))
    assert "1 score would move." in page
    assert "Nordlicht Software GmbH" in page
    assert "When it was adopted harbour-1 adopted For us." in page
    assert scored in client.get(f"{PAGE}/schemes/harbour-1?moves=yes").get_data(as_text=True)


def test_the_overview_takes_as_many_statements_whatever_was_adopted(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    keep(app, cast, bound_high=30)
    client.get(PAGE)
    with counted(app) as once:
        client.get(PAGE)
    with app.app_context():
        for turn in range(21):
            name = ("std-1", "harbour-1")[turn % 2]
            adopt(name, f"Turn {turn}.", actor=cast.ada.actor, now=NOW)
        assert scheme_now(reading()).name == "std-1"
    with counted(app) as often:
        response = client.get(PAGE)
    assert len(often) == len(once)
    assert "Next page" in words(response)
    assert "Turn 20." in words(response)
    after = re.search(r'href="(/scoring\?before=\d+)', response.get_data(as_text=True))
    assert after is not None
    page = words(client.get(after[1]))
    assert "For us." in page
    assert "Turn 20." in page.partition("What was adopted")[0], "what counts now is said on all"
    assert "Turn 20." not in page.partition("What was adopted")[2]


def test_questionnaires_are_explained_and_tried_by_the_scheme_in_use(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    keep(app, cast, floor_high="40.5", floor_legal=90)
    page = words(client.get("/questionnaires/gdpr-processor/2026.1"))
    assert "then the score is at least 40.5" in page
    assert "the law asks it: the score is at least 90.0, and nothing can be approved" in page
    assert "90.0" in words(client.get("/questionnaires/gdpr-processor/2026.1/try"))
