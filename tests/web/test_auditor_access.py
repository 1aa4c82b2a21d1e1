"""What a grant opens to an auditor, for how long, and what stays shut."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask

from riskapp.accounts.service import sign_in
from riskapp.assessments.grants import revoke_grant
from riskapp.assessments.service import Plan, draft
from riskapp.web.ports import ports
from tests import stages
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Client, StoppedClock
from tests.web.auditor import ASKED, addresses, grant, page_of, text_of


def statuses(client: Client, cast: Cast, assessment_id: str) -> set[int]:
    client.as_(cast.audrey)
    return {
        client.open(path, method=method).status_code for method, path in addresses(assessment_id)
    }


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
    assert statuses(client, cast, decided) == {200}


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
    assert statuses(client, cast, first.assessment_id) == {200}
    assert statuses(client, cast, second.assessment_id) == {404}


def test_a_grant_ends_after_its_day(
    client: Client, cast: Cast, decided: str, clock: StoppedClock, app: Flask
) -> None:
    with app.app_context():
        clock.time = NOW.replace(year=2027, month=1, day=31, hour=23, minute=59)
        session = stages_session(cast, clock)
    client.set_cookie("riskapp_session", session)
    path = f"/auditor/assessments/{decided}"
    assert client.get(path).status_code == 200
    clock.pass_by(minutes=1)
    assert {client.open(at, method=how).status_code for how, at in addresses(decided)} == {404}
    assert "Nothing is granted to you today" in text_of(client.get("/auditor/"))


def stages_session(cast: Cast, clock: StoppedClock) -> str:
    """A session of Audrey's that is open now."""
    return sign_in(
        email=cast.audrey.email,
        password=PASSWORD,
        agent="tests",
        now=clock.now(),
        lasts=timedelta(hours=12),
    )


def test_a_revoked_grant_opens_nothing(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.oskar, only=ASKED)
        given = grant(cast, cast.vera)
        revoke_grant(given, actor=cast.oskar.actor, now=NOW)
    assert statuses(client, cast, invitation.assessment_id) == {404}


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
    assert "Nothing is granted" in text_of(client.get("/auditor/"))


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
    "before", ["x", "~", "2026-11-23~a", "2026-11-23T09:00:00~a", "", f"{BEFORE_ALL}~a"]
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
    client: Client, cast: Cast, decided: str, who: str
) -> None:
    client.as_(getattr(cast, who))
    asked = [("GET", "/auditor/"), *addresses(decided)]
    assert {client.open(path, method=method).status_code for method, path in asked} == {404}
