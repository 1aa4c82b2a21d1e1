"""Evidence as auditors open it: where the grant says so, what was submitted, and noted."""

from datetime import timedelta

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.assessments.grants import revoke_grant
from riskapp.core.db import reading, transaction
from riskapp.evidence.models import Evidence
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from tests import pdfs, stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.core.test_pictures import PNG
from tests.custody.erasing import erased
from tests.web.auditor import ASKED, file_addresses, grant, openings, page_of, text_of

THREE = pdfs.of_pages(["The first page", "The second page", "The third page"])
NAME = "Penetration test 2026.pdf"
SEALED_OFF = "sandbox; default-src 'none'"


@pytest.fixture
def sent(app: Flask, cast: Cast) -> tuple[OpenedInvitation, SealedFile]:
    """Everything was answered and sent in, with a PDF of three pages on ISM-01."""
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=ASKED)
        stages.answer_all(invitation, {"ISM-05": Given("partly")})
        file = stages.attach(invitation, "ISM-01", THREE, name=NAME)
        stages.send_in(invitation)
        return stages.opened(link.token), file


def at(invitation: OpenedInvitation, file: SealedFile, what: str = "") -> str:
    base = f"/auditor/assessments/{invitation.assessment_id}/evidence"
    return f"{base}/{file.evidence_id}/{file.version}{what}"


def test_with_evidence_a_file_is_looked_at_page_by_page_and_downloaded(
    app: Flask, client: Client, cast: Cast, sent: tuple[OpenedInvitation, SealedFile]
) -> None:
    invitation, file = sent
    with app.app_context():
        given = grant(cast, cast.vera, evidence=True)
    page = page_of(client, cast, invitation.assessment_id)
    assert f'href="{at(invitation, file, "/view?question=ISM-01")}"' in page.text
    first = client.get(at(invitation, file, "/view?question=ISM-01"))
    assert "Page 1 of 3" in text_of(first)
    assert "The first page" in text_of(first)
    assert at(invitation, file, "/picture?page=1") in first.text
    assert "The second page" in text_of(client.get(at(invitation, file, "/view?page=2")))
    picture = client.get(at(invitation, file, "/picture?page=2"))
    assert (picture.mimetype, picture.headers["Content-Security-Policy"]) == (
        "image/png",
        SEALED_OFF,
    )
    assert client.get(at(invitation, file, "/view?page=4")).status_code == 404
    whole = client.get(at(invitation, file))
    assert whole.data == THREE
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert whole.headers["Content-Security-Policy"] == SEALED_OFF
    rest = client.get(at(invitation, file), headers={"Range": "bytes=10-"})
    assert (rest.status_code, rest.data) == (206, THREE[10:])
    object_id = f"{file.evidence_id}/{file.version}"
    assert openings(app)[1:] == [
        ("evidence:view", object_id, given),
        ("evidence:download", object_id, given),
    ], "further pages and the rest of a download belong to the first"
    assert f"Downloaded {NAME}" in text_of(client.as_(cast.oskar).get(f"/desk/grants/{given}"))
    client.as_(cast.audrey)
    assert f"Downloaded {NAME}" in text_of(client.get("/auditor/opened"))
    with app.app_context():
        revoke_grant(given, actor=cast.oskar.actor, now=NOW)
    assert "Downloaded a file" in text_of(client.get("/auditor/opened")), "it is shut by now"


def test_without_evidence_files_are_listed_with_their_digests_and_stay_shut(
    app: Flask, client: Client, cast: Cast, sent: tuple[OpenedInvitation, SealedFile]
) -> None:
    invitation, file = sent
    with app.app_context():
        grant(cast, cast.vera, evidence=False)
    page = page_of(client, cast, invitation.assessment_id)
    assert NAME in text_of(page)
    assert file.sha256 in text_of(page)
    assert "Listed with their digests; they do not open" in text_of(page)
    assert file.evidence_id not in page.text
    ways = file_addresses(app, invitation.assessment_id)
    assert {client.get(way).status_code for way in ways} == {404}
    assert [kind for kind, _, _ in openings(app)] == ["assessment:read"]


def test_a_grant_over_one_assessment_opens_the_files_of_no_other(
    app: Flask, client: Client, cast: Cast, sent: tuple[OpenedInvitation, SealedFile]
) -> None:
    invitation, file = sent
    with app.app_context():
        _, other = stages.submitted(cast.mallory, cast.oskar, only=ASKED)
        grant(cast, cast.mallory, other.assessment_id)
    client.as_(cast.audrey)
    assert client.get(at(invitation, file)).status_code == 404
    strange = at(invitation, file).replace(invitation.assessment_id, other.assessment_id)
    assert client.get(strange).status_code == 404


def test_files_that_the_vendor_has_not_sent_in_are_not_there(
    app: Flask,
    client: Client,
    cast: Cast,
    clock: StoppedClock,
    sent: tuple[OpenedInvitation, SealedFile],
) -> None:
    invitation, file = sent
    with app.app_context():
        grant(cast, cast.vera)
        by = stages.reviewer(cast.oskar)
        review_answer(invitation.assessment_id, "ISM-01", Action.ASK_BACK, by, note="Newer?")
        send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
        clock.pass_by(minutes=1)
        (use,) = of_assessment(reading(), invitation.assessment_id)
        draft = stages.attach(invitation, "ISM-01", b"%PDF-1.7 draft", replaces=use.use_id)
    client.as_(cast.audrey)
    for way in ("", "/view", "/picture"):
        assert client.get(at(invitation, draft, way)).status_code == 404
    assert client.get(at(invitation, file)).data == THREE, "what was sent in can still be read"


@pytest.mark.parametrize("scan", [Scan.QUARANTINED, Scan.INFECTED])
def test_what_is_shut_for_everybody_is_shut_for_auditors(
    app: Flask,
    client: Client,
    cast: Cast,
    sent: tuple[OpenedInvitation, SealedFile],
    scan: Scan,
) -> None:
    invitation, file = sent
    with app.app_context():
        grant(cast, cast.vera)
        with transaction() as session:
            row = session.get(Evidence, (file.evidence_id, file.version))
            assert row is not None
            row.scan = scan
    page = page_of(client, cast, invitation.assessment_id)
    assert at(invitation, file, "/view") not in page.text
    assert client.get(at(invitation, file)).status_code == 409
    assert client.get(at(invitation, file, "/picture")).status_code == 404
    assert "The first page" not in text_of(client.get(at(invitation, file, "/view")))


def test_an_erased_file_is_told_and_not_opened(
    app: Flask, client: Client, cast: Cast, sent: tuple[OpenedInvitation, SealedFile]
) -> None:
    invitation, file = sent
    with app.app_context():
        grant(cast, cast.vera)
        erased(invitation, file, cast.oskar)
    words = text_of(page_of(client, cast, invitation.assessment_id))
    assert "Erased on 23 November 2026" in words
    assert NAME not in words
    assert client.get(at(invitation, file)).status_code == 410
    assert client.get(at(invitation, file, "/picture")).status_code == 404


def test_a_picture_is_shown_as_it_is(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=ASKED)
        stages.answer_all(invitation)
        file = stages.attach(invitation, "ISM-01", PNG, name="plan.png")
        stages.send_in(invitation)
        invitation = stages.opened(link.token)
        grant(cast, cast.vera)
    client.as_(cast.audrey)
    assert "plan.png" in text_of(client.get(at(invitation, file, "/view")))
    assert client.get(at(invitation, file, "/picture")).data == PNG
