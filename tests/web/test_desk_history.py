"""Histories in words: for whom, of what, filtered, paged, and as a table."""

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from riskapp.accounts.service import erase_person
from riskapp.answers.service import Given
from riskapp.audit.models import Event
from riskapp.audit.service import forget_words
from riskapp.core.db import reading, transaction
from riskapp.custody.holds import place
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.vendors.service import VendorDetails, edit_vendor
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.reviews.acting import act
from tests.small import app
from tests.web.desk import counted, words

__all__ = ["app"]

SIZE = f"{len(stages.PDF)} bytes"
NOTE = "They host nothing: =HYPERLINK(“x”)."


@pytest.fixture
def invitation(app: Flask, cast: Cast, clock: StoppedClock) -> OpenedInvitation:
    """Submitted by Vera; the next day Olga approves that PROVEN does not apply."""
    with app.app_context():
        _, found = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        stages.answer_all(found, {small.PROVEN: Given(na_reason="Not ours.")})
        stages.attach(found, small.VITAL, name="Report.pdf")
        stages.send_in(found)
        clock.pass_by(minutes=10)
        act(found, small.PROVEN, Action.APPROVE_NA, cast.olga, note=NOTE)
        clock.pass_by(minutes=5)
        act(found, small.VITAL, Action.ACCEPT, cast.oskar, note="")
        return found


def table(client: Client, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200, path
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"].startswith("attachment")
    text = response.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_tables_are_named_after_what_they_are_of(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    vendor, assessment = cast.vera.vendor_id, invitation.assessment_id
    for path, name in (
        (f"vendors/{vendor}", f"nordlicht-software-gmbh-{vendor[:8]}"),
        (f"assessments/{assessment}", f"nordlicht-software-gmbh-customer-portal-{assessment[:8]}"),
        (f"people/{cast.oskar.id}", f"oskar-{cast.oskar.id[:8]}"),
    ):
        response = client.get(f"/desk/{path}/history.csv")
        assert f'"history-{name}-' in response.headers["Content-Disposition"]


def test_a_line_says_who_did_what_why_and_where(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    of = invitation.assessment_id
    page = client.as_(cast.oskar).get(f"/desk/vendors/{cast.vera.vendor_id}/history")
    said = words(page)
    assert (
        f"Olga approved that {small.PROVEN} does not apply “{NOTE}” "
        "23 November 2026, 09:10 UTC · Not in the log yet · Customer portal, cycle 1 · "
        f"{small.PROVEN} · As of that day"
    ) in said
    assert f"The respondent at vera@nordlicht.example added “Report.pdf” ({SIZE}) to" in said
    assert "Oskar issued a link to vera@nordlicht.example" in said
    assert "Oskar registered the vendor as Nordlicht Software GmbH" in said
    assert "Oskar registered the engagement Customer portal" in said
    html = page.get_data(as_text=True)
    for href in (
        f"/desk/assessments/{of}/questions/{small.PROVEN}",
        f"/desk/assessments/{of}/as-of?day=2026-11-23",
        f"/desk/people/{cast.olga.id}/history",
    ):
        assert f'href="{href}"' in html
    assert client.get(f"/desk/assessments/{of}/as-of?day=2026-11-23").status_code == 200


def test_what_was_recorded_can_be_looked_at(
    app: Flask, client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    with app.app_context():
        ports().log.append()
        (event,) = reading().query(Event).filter_by(type="review:approve-na").all()
    page = client.as_(cast.oskar).get(f"/desk/assessments/{invitation.assessment_id}/history")
    html = unescape(page.get_data(as_text=True))
    assert event.body in html
    assert json.loads(event.body)["private"]["note"] in html
    assert "Not in the log yet" not in html
    assert re.search(r"No\. \d+", html)


def test_each_history_has_its_own_and_no_other(
    app: Flask, client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    with app.app_context():
        edit_vendor(
            cast.mallory.vendor_id, VendorDetails("Mallow", "IE"), actor=cast.olga.actor, now=NOW
        )
        (file,) = of_assessment(reading(), invitation.assessment_id)
        file_id, olga = file.evidence_id, cast.olga.id
        place(cast.vera.vendor_id, file_id, reason="A claim.", person_id=olga, now=NOW)
    client.as_(cast.oskar)
    here = f"/desk/vendors/{cast.vera.vendor_id}"
    of_file = words(client.get(f"{here}/evidence/{file.evidence_id}/history"))
    assert "What happened to Report.pdf" in of_file
    assert "Olga placed a legal hold on a file “A claim.”" in of_file
    assert "approved" not in of_file
    of_vendor = words(client.get(f"{here}/history"))
    assert "Mallow" not in of_vendor
    of_olga = words(client.get(f"/desk/people/{cast.olga.id}/history"))
    assert "Olga corrected the vendor's details: Mallow" in of_olga
    assert "approved that" in of_olga
    assert "The operator let Olga in as officer" in of_olga
    rows = table(client, f"/desk/people/{cast.olga.id}/history.csv")
    assert {row["actor"] for row in rows} == {"Olga", "The operator"}
    every = words(client.get("/desk/history"))
    assert "Olga corrected the vendor's details: Mallow" in every
    assert "The operator let Audrey in as auditor" in every


def test_filters_stand_in_the_address_and_hold_for_the_table(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    here = f"/desk/assessments/{invitation.assessment_id}/history"
    asked = f"kind=review&who={cast.olga.id}&since=2026-11-23&question={small.PROVEN.lower()}"
    page = client.get(f"{here}?{asked}")
    said = words(page)
    assert "approved that" in said
    assert "accepted the answer" not in said
    assert 'value="2026-11-23"' in page.get_data(as_text=True)
    rows = table(client, f"{here}.csv?{asked}")
    assert [row["type"] for row in rows] == ["review:approve-na"]
    assert table(client, f"{here}.csv?until=2026-11-22") == []
    nothing = client.get(f"{here}?until=2026-11-22")
    assert "No event fits what is asked for." in words(nothing)


def test_the_table_says_all_and_no_cell_is_a_formula(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, invitation: OpenedInvitation
) -> None:
    with app.app_context():
        act(invitation, small.CONTROL, Action.REJECT, cast.olga, note="=1+1")
        ports().log.append()
    client.as_(cast.oskar)
    rows = table(client, f"/desk/assessments/{invitation.assessment_id}/history.csv")
    with app.app_context():
        count = reading().query(Event).filter_by(assessment_id=invitation.assessment_id).count()
    assert len(rows) == count
    assert [int(row["event"]) for row in rows] == sorted(
        (int(row["event"]) for row in rows), reverse=True
    )
    (one,) = [row for row in rows if row["type"] == "review:reject"]
    assert one["words"] == "'=1+1"
    assert one["in_words"] == f"Olga rejected the answer to {small.CONTROL}"
    assert (one["actor"], one["actor_id"], one["actor_kind"]) == ("Olga", cast.olga.id, "person")
    assert (one["vendor"], one["question"]) == ("Nordlicht Software GmbH", small.CONTROL)
    assert one["assessment"] == "Customer portal, cycle 1"
    assert one["time_utc"] == clock.now().isoformat()
    assert re.fullmatch(r"[0-9a-f]{64}", one["leaf_sha256"])
    assert one["number"].isdigit()


def test_what_makes_no_sense_is_said_and_never_left_aside(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    here = f"/desk/assessments/{invitation.assessment_id}/history"
    for asked, told in (
        ("since=soon", "Enter a day as a date"),
        ("until=2026-13-01", "Enter a day as a date"),
        ("since=2026-11-24&until=2026-11-23", "The last day comes before the first one."),
    ):
        page = client.get(f"{here}?{asked}")
        assert page.status_code == 422
        assert told in words(page)
        assert "approved that" not in words(page)
        assert client.get(f"{here}.csv?{asked}").status_code == 404
    assert "9999-12-31" in client.get(f"{here}?since=9999-12-31").get_data(as_text=True)
    for lost in ("kind=weather", "before=soon", "who=" + "x" * 99, "who=%00"):
        assert client.get(f"{here}?{lost}").status_code == 404, lost


def test_erased_words_and_people_are_told_to_be_erased(
    app: Flask, client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    with app.app_context():
        with transaction() as session:
            forget_words(session, assessment_id=invitation.assessment_id)
        erase_person(cast.olga.id, actor=cast.ada.actor, now=NOW)
    client.as_(cast.oskar)
    said = words(client.get(f"/desk/assessments/{invitation.assessment_id}/history"))
    told = f"Somebody who was erased approved that {small.PROVEN} does not apply (erased)"
    assert told in said
    assert NOTE not in said
    assert "Olga" not in said
    rows = table(client, f"/desk/assessments/{invitation.assessment_id}/history.csv?kind=review")
    assert rows[-1]["words"] == "(erased)"
    assert rows[-1]["actor_id"] == ""


def test_the_name_of_a_file_that_was_not_submitted_is_not_ours_to_read(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        stages.attach(invitation, small.VITAL, name="Draft of ours.pdf")
    client.as_(cast.oskar)
    here = f"/desk/assessments/{invitation.assessment_id}/history"
    for text in (words(client.get(here)), client.get(f"{here}.csv").get_data(as_text=True)):
        assert f"added a file ({SIZE}) to {small.VITAL}" in text
        assert "Draft of ours" not in text


def test_an_administrator_reads_who_did_what_but_nothing_of_vendors(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.ada)
    of_olga = client.get(f"/desk/people/{cast.olga.id}/history")
    said = words(of_olga)
    assert "Olga did something that concerns a vendor (review)" in said
    assert "Olga signed in" in said
    every = client.get("/desk/history")
    assert "The operator let Olga in as officer" in words(every)
    texts = [page.get_data(as_text=True) for page in (of_olga, every)]
    tables = (f"/desk/people/{cast.olga.id}/history.csv", "/desk/history.csv")
    texts += [client.get(path).get_data(as_text=True) for path in tables]
    for text in texts:
        for secret in (NOTE, "Nordlicht", small.PROVEN, invitation.assessment_id, "approve-na"):
            assert secret not in text
    for path in (
        f"/desk/vendors/{cast.vera.vendor_id}/history",
        f"/desk/assessments/{invitation.assessment_id}/history",
        f"/desk/assessments/{invitation.assessment_id}/as-of",
        "/desk/overrides",
    ):
        assert client.get(path).status_code == 404
        assert client.as_(cast.audrey).get(path).status_code == 404
        client.as_(cast.ada)
    assert client.as_(cast.audrey).get("/desk/history").status_code == 404


def test_pages_go_on_where_the_last_one_ended(
    app: Flask, client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    with app.app_context():
        for number in range(120):
            name = VendorDetails(f"Nordlicht {number}", "DE")
            edit_vendor(cast.vera.vendor_id, name, actor=cast.oskar.actor, now=NOW)
    client.as_(cast.oskar)
    page = client.get(f"/desk/vendors/{cast.vera.vendor_id}/history?kind=register")
    html = page.get_data(as_text=True)
    assert "Nordlicht 119" in html
    assert "Nordlicht 19." not in words(page)
    (following,) = re.findall(r'href="([^"]+)" rel="next"', html)
    last = client.get(unescape(following))
    assert "Nordlicht 0" in words(last)
    assert "kind=register" in following
    assert "Previous page" in words(last)
    assert 'rel="next"' not in last.get_data(as_text=True)
    rows = table(client, f"/desk/vendors/{cast.vera.vendor_id}/history.csv?kind=register")
    assert len([row for row in rows if row["type"] == "vendor:edit"]) == 120


def test_a_hundred_lines_cost_as_many_statements_as_a_few(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    path = f"/desk/vendors/{cast.vera.vendor_id}/history"
    client.get(path)
    with counted(app) as few:
        client.get(f"{path}?kind=review")
    with counted(app) as many:
        assert client.get(path).status_code == 200
    assert len(many) <= len(few) + 4  # names of kinds that the few do not name
    clock.pass_by(minutes=1)
    with app.app_context():
        for question in (small.LIST, small.NUMBER, small.SEVERAL, small.LEVEL):
            act(invitation, question, Action.ACCEPT, cast.olga)
    with counted(app) as more:
        client.get(path)
    assert len(more) == len(many)
    assert NOW + timedelta(days=1) > clock.now()
