"""The officer's pages of what auditors may see."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask

from riskapp.accounts.service import set_active
from riskapp.assessments.access import PAGE
from riskapp.assessments.grants import revoke_grant
from riskapp.audit.service import OPERATOR, About, record
from riskapp.core.db import transaction
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.web.auditor import ASKED, PURPOSE, grant, page_of
from tests.web.desk import counted, signed_in_anew, told, words

LIST = "/desk/grants"
TERMS = {"starts": "2026-12-01", "until": "2026-12-31", "purpose": "Samples of the year"}


def test_the_list_of_all_is_granted_from_a_later_day_on(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    page = told(client, client.post(LIST, data={"person": cast.audrey.id, **TERMS}))
    assert "Access is granted, from its first day on." in page
    assert "Sees The list of all vendors From 1 December 2026 Until 31 December 2026" in page
    assert "Coming" in page
    assert "No access here" in words(client.get(LIST))
    assert "Samples of the year" in words(client.get(f"{LIST}?show=coming"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"person": "0" * 32}, "Choose an auditor from the list."),
        ({"until": ""}, "Enter the last day of access as a date, like 2027-03-31."),
        ({"purpose": ""}, "Say what the auditor needs this for."),
    ],
)
def test_a_wrong_grant_of_the_list_is_refused(
    client: Client, cast: Cast, wrong: dict[str, str], said: str
) -> None:
    data = {"person": cast.audrey.id, **TERMS, **wrong}
    response = client.as_(cast.oskar).post(LIST, data=data)
    assert response.status_code == 422
    assert said in words(response)


def test_every_grant_stands_on_one_of_the_lists(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        issued = stages.issued(cast.vera, cast.oskar, only=ASKED)
        ends = grant(cast, cast.vera, until=NOW.date())
        lasts = grant(cast, cast.vera, issued.assessment_id)
        comes = grant(cast, cast.mallory, starts=date(2027, 1, 5))
        taken = grant(cast, None)
        revoke_grant(taken, actor=cast.oskar.actor, now=NOW)
    clock.pass_by(days=1)
    client.as_(signed_in_anew(app, cast.oskar))
    for show, expected in (
        ("", {lasts}),
        ("coming", {comes}),
        ("ended", {ends}),
        ("revoked", {taken}),
        ("all", {ends, lasts, comes, taken}),
    ):
        page = client.get(f"{LIST}?show={show}" if show else LIST).text
        assert set(re.findall(r'href="/desk/grants/([0-9a-f]{32})"', page)) == expected, show


def test_a_grant_is_taken_back_once(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        given = grant(cast, cast.vera)
    client.as_(cast.oskar)
    page = told(client, client.post(f"{LIST}/{given}/revoke"))
    assert "Access is taken back, from now on" in page
    assert "taken back on 23 November 2026, 09:00 UTC" in page
    assert "Take access back" not in page
    assert client.post(f"{LIST}/{given}/revoke").status_code == 303
    assert client.get(f"{LIST}/{given}/revoke").status_code == 405


def test_what_was_opened_stands_on_the_grant_it_was_opened_by(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        mallory = grant(cast, cast.mallory)
    page_of(client, cast, decided)
    client.as_(cast.oskar)
    (vera,) = re.findall(
        r'href="/desk/grants/([0-9a-f]{32})"',
        client.get(f"/desk/vendors/{cast.vera.vendor_id}").text,
    )
    assert "Read the assessment" in words(client.get(f"{LIST}/{vera}"))
    page = words(client.get(f"{LIST}/{mallory}"))
    assert "What was opened" in page
    assert "Nothing yet." in page
    assert "Read the assessment" not in page


def test_many_openings_are_paged_in_a_fixed_number_of_statements(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    (given,) = re.findall(
        r'href="/desk/grants/([0-9a-f]{32})"',
        client.as_(cast.oskar).get(f"/desk/vendors/{cast.vera.vendor_id}").text,
    )

    def read(times: int) -> None:
        about = About(f"{decided}/1", cast.vera.vendor_id, decided)
        with app.app_context(), transaction() as session:
            for _ in range(times):
                by = cast.audrey.actor
                record(session, "receipt:read", about, actor=by, now=NOW, grant=given)

    read(3)
    with counted(app) as few:
        client.get(f"{LIST}/{given}")
    read(98)
    with counted(app) as many:
        page = client.get(f"{LIST}/{given}").text
    assert len(few) == len(many)
    assert page.count("Took receipt 1") == 100
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    assert client.get(unescape(following[1])).text.count("Took receipt 1") == 1


def test_the_list_is_paged_in_a_fixed_number_of_statements(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        grant(cast, cast.vera)
    client.as_(cast.oskar).get(LIST)
    with counted(app) as few:
        client.get(LIST)
    with app.app_context():
        for days in range(PAGE):
            grant(cast, cast.mallory, until=NOW.date() + timedelta(days=days))
    with counted(app) as many:
        page = client.get(LIST).text
    assert len(few) == len(many)
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following is not None
    assert words(client.get(unescape(following[1]))).count(PURPOSE) == 1


def test_a_closed_account_is_said(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        given = grant(cast, cast.vera)
        set_active(cast.audrey.id, active=False, actor=OPERATOR, now=NOW)
    client.as_(cast.oskar)
    assert "Audrey : Nordlicht Software GmbH Account closed" in words(client.get(LIST))
    assert "Audrey (account closed)" in words(client.get(f"{LIST}/{given}"))


def test_nobody_but_officers_looks_after_grants(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        given = grant(cast, cast.vera)
    for member in (cast.ada, cast.audrey):
        client.as_(member)
        assert client.get(LIST).status_code == 404
        assert client.get(f"{LIST}/{given}").status_code == 404
        assert client.post(f"{LIST}/{given}/revoke").status_code == 404
    assert client.as_(cast.audrey).get(f"/auditor/vendors/{cast.vera.vendor_id}").status_code == 200
