"""What a grant opens to an auditor, for how long, and what stays shut."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from riskapp.assessments.grants import revoke_grant
from riskapp.assessments.service import Plan, draft
from riskapp.web.ports import ports
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.web.auditor import (
    ASKED,
    OPEN,
    addresses,
    audrey_at,
    file_addresses,
    grant,
    page_of,
    statuses,
    text_of,
)


def test_the_list_holds_what_is_granted_and_nothing_else(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        stages.issued(cast.mallory, cast.oskar)
    page = client.as_(cast.audrey).get("/auditor/")
    assert "Nordlicht Software GmbH" in text_of(page)
    assert "Approved" in text_of(page)
    assert f'href="/auditor/assessments/{decided}"' in page.get_data(as_text=True)
    assert "Mallow" not in text_of(page)


def test_without_a_grant_the_list_says_what_to_do(client: Client, cast: Cast) -> None:
    words = text_of(client.as_(cast.audrey).get("/auditor/"))
    assert "Nothing is granted to you today" in words
    assert "Ask the one you work with." in words


def test_what_is_granted_can_be_read_and_taken_away(
    client: Client, cast: Cast, decided: str
) -> None:
    assert statuses(client, cast, decided) <= OPEN


def test_another_vendors_assessment_is_not_there(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        _, other = stages.decided(cast.mallory, cast.oskar, only=ASKED)
    assert statuses(client, cast, other.assessment_id) == {404}


def test_a_grant_for_one_assessment_opens_no_other_of_the_vendor(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, first = stages.decided(cast.vera, cast.oskar, only=ASKED)
        _, second = stages.decided(cast.vera, cast.oskar, only=ASKED)
        grant(cast, cast.vera, first.assessment_id)
    assert statuses(client, cast, first.assessment_id) <= OPEN
    assert statuses(client, cast, second.assessment_id) == {404}
    assert client.get(f"/auditor/vendors/{cast.vera.vendor_id}").status_code == 404
    files = file_addresses(app, second.assessment_id)
    assert {client.get(path).status_code for path in files} == {404}


def test_a_grant_begins_on_its_first_day_and_ends_after_its_last(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.oskar, only=ASKED)
        grant(cast, cast.vera, starts=date(2027, 1, 10), until=date(2027, 1, 31))
    chosen, vendor = invitation.assessment_id, f"/auditor/vendors/{cast.vera.vendor_id}"
    ways = [
        *addresses(chosen),
        ("GET", vendor),
        *(("GET", path) for path in file_addresses(app, chosen)),
    ]

    def asked(when: datetime) -> set[int]:
        client.as_(audrey_at(app, clock, cast, when))
        return {client.open(path, method=method).status_code for method, path in ways}

    assert asked(NOW) == {404}
    page = client.get("/auditor/")
    assert "Nordlicht Software GmbH Not yet 10 January 2027 31 January 2027" in text_of(page)
    assert vendor not in page.text
    assert "Assessments you may read" not in text_of(page)
    assert asked(datetime(2027, 1, 9, 23, 59, 59, tzinfo=UTC)) == {404}
    assert 404 not in asked(datetime(2027, 1, 10, tzinfo=UTC))
    assert "31 January 2027 22 days left" in text_of(client.get("/auditor/"))
    assert 404 not in asked(datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC))
    assert "31 January 2027 today is the last day" in text_of(client.get("/auditor/"))
    assert asked(datetime(2027, 2, 1, tzinfo=UTC)) == {404}
    words = text_of(client.get("/auditor/"))
    assert "Nothing is granted to you today" in words
    assert "Over What you could see From Until For Nordlicht Software GmbH" in words
    assert "Approved" not in words


def test_a_revoked_grant_opens_nothing(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.oskar, only=ASKED)
        given = grant(cast, cast.vera)
    chosen = invitation.assessment_id
    assert statuses(client, cast, chosen) <= OPEN
    with app.app_context():
        revoke_grant(given, actor=cast.oskar.actor, now=NOW)
    assert statuses(client, cast, chosen) == {404}
    assert {client.get(path).status_code for path in file_addresses(app, chosen)} == {404}
    assert client.get(f"/auditor/vendors/{cast.vera.vendor_id}").status_code == 404
    assert "Taken back on 23 November 2026" in text_of(client.get("/auditor/"))


def test_a_draft_is_nobodys_business(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        library = ports().library
        chosen = [library.current.latest("iso-27001")]
        made = draft(
            library,
            cast.vera.engagement_id,
            Plan(chosen, NOW.date() + timedelta(days=21), stages.REASON),
            actor=cast.oskar.actor,
            now=NOW,
        )
        grant(cast, cast.vera)
    assert statuses(client, cast, made) == {404}
    assert made not in client.get("/auditor/").text
    assert "None was issued." in text_of(client.get(f"/auditor/vendors/{cast.vera.vendor_id}"))


@pytest.mark.parametrize("bad", ["none", "0" * 32, "..", "%F0%9F%92%A5"])
def test_an_id_that_is_none_is_not_found(client: Client, cast: Cast, bad: str) -> None:
    assert statuses(client, cast, bad) == {404}


def test_a_longer_grant_counts_where_there_are_several(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        grant(cast, cast.vera, decided, until=date(2027, 6, 30))
    assert "Granted to you Until 30 June 2027" in text_of(page_of(client, cast, decided))


BEFORE_ALL = "0001-01-01T00:00:00%2B14:00"


@pytest.mark.parametrize(
    "before", ["x", "~", "2026-11-23~a", "2026-11-23T09:00:00~a", f"{BEFORE_ALL}~a"]
)
def test_a_place_in_the_list_that_is_none_is_not_found(
    client: Client, cast: Cast, before: str
) -> None:
    assert client.as_(cast.audrey).get(f"/auditor/?before={before}").status_code == 404


def test_the_list_goes_on_behind_its_last_row(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        for _ in range(51):
            stages.issued(cast.vera, cast.oskar, only=ASKED)
        grant(cast, cast.vera)
    first = client.as_(cast.audrey).get("/auditor/").get_data(as_text=True)
    seen = re.findall(r'href="/auditor/assessments/([0-9a-f]{32})"', first)
    (further,) = re.findall(r'href="([^"]+)" rel="next"', first)
    second = client.get(unescape(further)).get_data(as_text=True)
    rest = re.findall(r'href="/auditor/assessments/([0-9a-f]{32})"', second)
    assert (len(seen), len(rest)) == (50, 1)
    assert not set(seen) & set(rest)


@pytest.mark.parametrize("who", ["ada", "oskar"])
def test_the_auditors_pages_are_there_for_auditors_only(
    app: Flask, client: Client, cast: Cast, decided: str, who: str
) -> None:
    client.as_(getattr(cast, who))
    asked = [
        ("GET", "/auditor/"),
        ("GET", "/auditor/population"),
        ("GET", "/auditor/requests"),
        ("GET", f"/auditor/vendors/{cast.vera.vendor_id}"),
        *addresses(decided),
        *(("GET", path) for path in file_addresses(app, decided)),
    ]
    assert {client.open(path, method=method).status_code for method, path in asked} == {404}
