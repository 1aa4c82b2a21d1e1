"""The list of all on pages: for auditors who were granted it, and for officers."""

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from html import unescape

import pytest
from flask import Flask

from riskapp.assessments.grants import revoke_grant
from riskapp.web.population import VENDORS
from tests import stages
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.packs.test_population import many
from tests.web.auditor import ASKED, audrey_at, grant, openings, text_of
from tests.web.desk import counted

PAGE, ZIP = "/auditor/population", "/auditor/population.zip"


def test_the_list_is_shown_and_taken_as_of_a_day(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        stages.decided(cast.vera, cast.oskar, only=ASKED)
        given = grant(cast, None, until=date(2026, 12, 31))
    client.as_(cast.audrey)
    words = text_of(client.get(PAGE))
    assert "All vendors, as of 23 November 2026" in words
    assert "2 vendors 2 engagements 1 assessment" in words
    assert "Nordlicht Software GmbH Germany Customer portal High 1 Decided" in words
    assert "Mallow Systems Ltd Ireland Customer portal High Never assessed" in words
    before = text_of(client.get(f"{PAGE}?day=2026-11-22"))
    assert "No vendor on that day" in before
    response = client.get(f"{ZIP}?day=2026-11-23")
    assert response.mimetype == "application/zip"
    assert response.content_length == len(response.data)
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        (table,) = [name for name in archive.namelist() if name.endswith(".csv")]
        listed = list(csv.DictReader(io.StringIO(archive.read(table).decode("utf-8-sig"))))
    assert {row["vendor"] for row in listed} == {"Nordlicht Software GmbH", "Mallow Systems Ltd"}
    assert [(kind, of) for kind, _, of in openings(app)] == [
        ("population:read", given),
        ("population:read", given),
        ("population:take", given),
    ]
    client.get(PAGE)
    assert len(openings(app)) == 3, "reloading is the same reading"
    mine = text_of(client.get("/auditor/opened"))
    assert "Took the list of all vendors as of 23 November 2026" in mine
    assert "Looked at the list of all vendors as of 22 November 2026" in mine
    theirs = text_of(client.as_(cast.oskar).get(f"/desk/grants/{given}"))
    assert theirs.count("the list of all vendors as of") == 3


def test_what_is_granted_already_is_read_from_the_list_and_not_asked_for(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        found = stages.decided(cast.vera, cast.oskar, only=ASKED)[0].assessment_id
        grant(cast, None)
    client.as_(cast.audrey)
    assert f'href="/auditor/assessments/{found}"' not in client.get(PAGE).get_data(as_text=True)
    with app.app_context():
        grant(cast, cast.vera)
    page = client.get(PAGE)
    assert f'href="/auditor/assessments/{found}"' in page.get_data(as_text=True)
    assert text_of(page).count("Ask for this one") == 1, "of the other vendor"


def test_it_is_there_while_it_is_granted_and_for_nobody_else(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    def asked() -> set[int]:
        return {client.get(path).status_code for path in (PAGE, ZIP)}

    client.as_(cast.audrey)
    assert asked() == {404}
    with app.app_context():
        grant(cast, cast.vera)
    assert asked() == {404}, "a vendor is not the list"
    with app.app_context():
        given = grant(cast, None, starts=date(2026, 12, 1), until=date(2026, 12, 2))
    assert asked() == {404}
    client.as_(audrey_at(app, clock, cast, datetime(2026, 12, 1, tzinfo=UTC)))
    assert asked() == {200}
    assert client.get(f"/auditor/vendors/{cast.mallory.vendor_id}").status_code == 404
    client.as_(audrey_at(app, clock, cast, datetime(2026, 12, 3, tzinfo=UTC)))
    assert asked() == {404}
    client.as_(audrey_at(app, clock, cast, datetime(2026, 12, 2, 23, 59, tzinfo=UTC)))
    assert asked() == {200}
    with app.app_context():
        revoke_grant(given, actor=cast.oskar.actor, now=clock.now())
    assert asked() == {404}


@pytest.mark.parametrize("area", ["auditor", "desk"])
@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-24", "Choose today or an earlier day: nobody knows a later one."),
        ("yesterday", "Enter the day as a date, like 2026-03-31."),
        ("2026-02-30", "Enter the day as a date, like 2026-03-31."),
    ],
)
def test_a_day_that_is_none_is_refused_in_words(
    app: Flask, client: Client, cast: Cast, area: str, day: str, said: str
) -> None:
    with app.app_context():
        grant(cast, None)
    client.as_(cast.audrey if area == "auditor" else cast.oskar)
    page = client.get(f"/{area}/population?day={day}")
    assert (page.status_code, said in text_of(page)) == (422, True)
    taken = client.get(f"/{area}/population.zip?day={day}")
    assert (taken.status_code, said in text_of(taken)) == (422, True)
    assert [kind for kind, _, _ in openings(app)].count("population:take") == 0


def test_officers_have_it_too_and_it_is_noted(app: Flask, client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    assert "Nordlicht Software GmbH" in text_of(client.get("/desk/population"))
    assert client.get("/desk/population.zip").status_code == 200
    assert [(kind, of) for kind, _, of in openings(app)] == [("population:take", None)]


def test_a_long_list_is_paged_in_a_fixed_number_of_statements(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        grant(cast, None)
    client.as_(cast.audrey).get(PAGE)
    with counted(app) as few:
        client.get(PAGE)
    with app.app_context():
        many(2 * VENDORS)
    with counted(app) as lots:
        client.get(PAGE)
    assert len(few) == len(lots)
    seen: list[str] = []
    path: str | None = PAGE
    while path is not None:
        text = client.get(path).text
        seen += re.findall(r'<th scope="row">([^<]+)</th>', text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = None if following is None else unescape(following[1])
    assert len(seen) == len(set(seen)) == 2 * VENDORS + 2
