"""From an auditor's request to the officer's answer, by the pages."""

import re
from html import unescape

import pytest
from flask import Flask

from riskapp.accounts.service import set_active
from riskapp.assessments.requests import LONGEST_WISH, requests
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import Client, Letterbox
from tests.web.auditor import ASKED, grant, text_of
from tests.web.desk import counted, told, words

ASK = "/auditor/requests"


def open_request(client: Client) -> str:
    """The address of the one request that waits, on the officer's pages."""
    (found,) = re.findall(
        r'href="(/desk/requests/[0-9a-f]{32})"', client.get("/desk/requests").text
    )
    return str(found)


def test_one_is_drawn_from_the_list_asked_for_and_granted(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, invitation = stages.submitted(cast.vera, cast.oskar, only=ASKED)
        grant(cast, None)
    chosen = invitation.assessment_id
    client.as_(cast.audrey)
    (link,) = re.findall(rf'href="([^"]+{chosen})"', client.get("/auditor/population").text)
    form = client.get(unescape(link))
    assert "Nordlicht Software GmbH: Customer portal, cycle 1" in text_of(form)
    data = {"about": f"assessment:{chosen}", "wish": "Drawn for the sample:\nthe answers."}
    page = told(client, client.post(ASK, data=data))
    assert "Your request is with the security officers." in page
    assert "Nordlicht Software GmbH: Customer portal Waits for an answer" in page

    client.as_(cast.oskar)
    assert "A request of an auditor waits for an answer" in words(client.get("/desk/assessments"))
    assert "Requests (1 waiting)" in words(client.get("/desk/grants"))
    here = open_request(client)
    page = client.get(here).text
    assert f'<option value="{chosen}" selected>' in page, "what was asked for is proposed"
    assert re.search(r'name="starts"[^>]* value="2026-11-23"', page)
    assert re.search(r'name="until"[^>]* value="2026-12-23"', page)
    assert "Drawn for the sample: the answers." in page, "the wish is the purpose proposed"
    given = {
        "assessment": chosen,
        "starts": "2026-11-23",
        "until": "2026-12-01",
        "evidence": "yes",
        "purpose": "Sample of November",
        "answer": "Until the first of December.",
    }
    page = told(client, client.post(f"{here}/grant", data=given))
    assert "Access is granted. It ends by itself at the end of its last day (UTC)." in page
    assert "Until the first of December." in page
    assert "What was granted" in page
    assert "waits for an answer" not in words(client.get("/desk/assessments"))
    assert "Sample of November" in words(client.get(f"/desk/vendors/{cast.vera.vendor_id}"))

    client.as_(cast.audrey)
    page = text_of(client.get(ASK))
    assert "Granted Drawn for the sample: the answers. Asked on" in page
    assert "Until the first of December. Answered by Oskar on 23 November 2026" in page
    assert client.get(f"/auditor/assessments/{chosen}").status_code == 200
    assert "1 December 2026 9 days left Open Sample of November" in text_of(client.get("/auditor/"))


def test_a_request_is_refused_in_words(app: Flask, client: Client, cast: Cast) -> None:
    client.as_(cast.audrey).post(ASK, data={"about": "", "wish": "All of it."})
    client.as_(cast.oskar)
    here = open_request(client)
    assert "Grant the list of all vendors" in words(client.get(here))
    empty = client.post(f"{here}/answer", data={"words-answer": " "})
    assert empty.status_code == 422
    assert "Say why nothing is granted on this request." in words(empty)
    page = told(client, client.post(f"{here}/answer", data={"words-answer": "Not this year."}))
    assert "The request is answered." in page
    assert "Nothing was granted on it." in page
    again = told(client.as_(cast.olga), client.post(f"{here}/grant", data=TERMS))
    assert "Nothing was changed: this request was answered already." in again
    again = told(client, client.post(f"{here}/answer", data={"words-answer": "Or is it?"}))
    assert "Nothing was changed" in again
    assert "Or is it?" not in again
    answered = words(client.get("/desk/requests?show=answered"))
    assert "No vendor in particular Audrey" in answered
    page = text_of(client.as_(cast.audrey).get(ASK))
    assert "Answered, nothing granted All of it." in page
    assert "Not this year. Answered by Oskar" in page


TERMS = {"until": "2026-12-31", "purpose": "Sampling"}


def test_a_request_that_names_no_vendor_can_be_answered_with_the_list(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.audrey).post(ASK, data={"wish": "The population, to sample from."})
    client.as_(cast.oskar)
    here = open_request(client)
    wrong = client.post(f"{here}/grant", data={**TERMS, "until": "2026-11-01"})
    assert wrong.status_code == 422
    assert "The last day of access comes before the first one." in words(wrong)
    told(client, client.post(f"{here}/grant", data=TERMS))
    assert client.as_(cast.audrey).get("/auditor/population").status_code == 200


@pytest.mark.parametrize(
    ("wish", "said"),
    [("  ", "Say what you want to see"), ("x" * (LONGEST_WISH + 1), "Use at most 2000 characters")],
)
def test_a_wrong_request_comes_back_as_it_was_typed(
    app: Flask, client: Client, cast: Cast, wish: str, said: str
) -> None:
    with app.app_context():
        grant(cast, cast.vera)
    about = f"vendor:{cast.vera.vendor_id}"
    page = client.as_(cast.audrey).post(ASK, data={"about": about, "wish": wish})
    assert page.status_code == 422
    assert said in text_of(page)
    assert f'<option value="{about}" selected>' in page.text
    with app.app_context():
        assert requests(reading()) == []


@pytest.mark.parametrize(
    "about", ["vendor:{mallory}", "assessment:{mallory}", "grant:{vera}", "vendor:", "x"]
)
def test_what_an_auditor_cannot_know_cannot_be_asked_for(
    app: Flask, client: Client, cast: Cast, about: str
) -> None:
    with app.app_context():
        grant(cast, cast.vera)
    named = about.format(mallory=cast.mallory.vendor_id, vera=cast.vera.vendor_id)
    client.as_(cast.audrey)
    assert client.get(f"{ASK}/new?about={named}").status_code == 404
    assert client.post(ASK, data={"about": named, "wish": "This."}).status_code == 404


def test_requests_are_their_auditors_alone(app: Flask, client: Client, cast: Cast) -> None:
    client.as_(cast.audrey).post(ASK, data={"wish": "The certificates."})
    here = open_request(client.as_(cast.oskar))
    client.as_(cast.audrey)
    assert client.get(here).status_code == 404
    assert client.post(f"{here}/answer", data={"words-answer": "Yes"}).status_code == 404
    for member in (cast.oskar, cast.ada):
        assert client.as_(member).get(ASK).status_code == 404
        assert client.post(ASK, data={"wish": "Mine"}).status_code == 404
    assert client.as_(cast.ada).get(here).status_code == 404


def test_a_closed_auditors_request_is_answered_in_words_only(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.audrey).post(ASK, data={"wish": "The certificates."})
    with app.app_context():
        set_active(cast.audrey.id, active=False, actor=OPERATOR, now=NOW)
    client.as_(cast.oskar)
    here = open_request(client)
    page = client.get(here)
    assert "nothing can be granted on this request" in words(page)
    assert f"{here}/grant" not in page.text
    refused = client.post(f"{here}/grant", data=TERMS)
    assert refused.status_code == 422
    answered = client.post(f"{here}/answer", data={"words-answer": "Gone."})
    assert "The auditor's account is closed." in told(client, answered)


def test_both_sides_are_told_by_mail_and_the_mail_tells_nothing(
    mailing_app: Flask, letterbox: Letterbox, cast: Cast
) -> None:
    client = mailing_app.test_client()
    assert isinstance(client, Client)
    client.as_(cast.audrey).post(ASK, data={"wish": "ACME's certificates."})
    assert {mail.to for mail in letterbox.mails} == {cast.oskar.email, cast.olga.email}
    here = open_request(client.as_(cast.oskar))
    assert all(f"http://localhost{here}" in mail.text for mail in letterbox.mails)
    letterbox.mails.clear()
    page = told(client, client.post(f"{here}/answer", data={"words-answer": "ACME is not ours."}))
    assert "The auditor was told by mail." in page
    (mail,) = letterbox.mails
    assert mail.to == cast.audrey.email
    assert "http://localhost/auditor/requests" in mail.text
    assert "ACME" not in mail.subject + mail.text


def test_twenty_requests_cost_no_more_statements_than_one(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.audrey).post(ASK, data={"wish": "One."})
    with counted(app) as few:
        client.get(ASK)
    for number in range(19):
        assert client.post(ASK, data={"wish": f"Number {number}."}).status_code == 303
    assert client.post(ASK, data={"wish": "One too many."}).status_code == 422
    with counted(app) as many:
        client.get(ASK)
    assert len(few) == len(many)
