"""Evidence looked at inside the app: what is shown of it, and what is not."""

import struct
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.audit.models import Event
from riskapp.core.db import reading, transaction
from riskapp.core.pdf.pages import Page, PagesBusy, PdfPages
from riskapp.evidence.models import Evidence
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.web.ports import ports
from tests import pdfs, stages
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.core.test_pictures import PNG
from tests.custody.erasing import erased
from tests.web.desk import SECURITY, counted, words

TWELVE = pdfs.of_pages([f"This is page {number}" for number in range(1, 13)])
SEALED_OFF = "sandbox; default-src 'none'"


def later() -> None:
    """What comes next comes after what was."""
    clock = ports().clock
    assert isinstance(clock, StoppedClock)
    clock.pass_by(minutes=1)


def with_files(
    app: Flask, cast: Cast, *files: tuple[str, bytes]
) -> tuple[OpenedInvitation, list[SealedFile]]:
    """Everything was answered and submitted, with these files (name, content) on ISM-01."""
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        stages.answer_all(invitation)
        kept = []
        for name, content in files:
            later()
            kept.append(stages.attach(invitation, "ISM-01", content, name=name))
        stages.send_in(invitation)
        return stages.opened(link.token), kept


def at(invitation: OpenedInvitation, file: SealedFile, what: str) -> str:
    base = f"/desk/assessments/{invitation.assessment_id}/evidence/{file.evidence_id}"
    return f"{base}/{file.version}{what}"


def events(app: Flask, kind: str) -> int:
    with app.app_context():
        counted = sa.select(sa.func.count()).where(Event.type == kind)
        return int(reading().scalar(counted) or 0)


def test_a_pdf_is_read_page_by_page(app: Flask, client: Client, cast: Cast) -> None:
    invitation, (file,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    client.as_(cast.oskar)
    page = client.get(at(invitation, file, "/view"))
    assert "Page 1 of 12" in words(page)
    assert "This is page 1" in words(page)
    assert at(invitation, file, "/picture?page=1") in page.text
    third = words(client.get(at(invitation, file, "/view?page=3")))
    assert "This is page 3" in third
    assert "Previous page Next page" in third
    assert client.get(at(invitation, file, "/view?page=13")).status_code == 404
    for wrong in ("page=x", "page=9999999", "size=huge"):
        assert client.get(at(invitation, file, f"/view?{wrong}")).status_code == 404, wrong
    assert events(app, "evidence:view") == 1  # the further pages belong to it
    assert events(app, "evidence:download") == 0


def test_a_page_of_a_pdf_is_a_picture_made_here(app: Flask, client: Client, cast: Cast) -> None:
    invitation, (file,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    client.as_(cast.oskar)
    small = client.get(at(invitation, file, "/picture?page=2"))
    assert small.headers["Content-Type"] == "image/png"
    assert small.headers["Content-Security-Policy"] == SEALED_OFF
    assert small.headers["Cache-Control"] == "no-store"
    assert struct.unpack_from(">I", small.data, 16) == (1000,)
    large = client.get(at(invitation, file, "/picture?page=2&size=large"))
    assert struct.unpack_from(">I", large.data, 16) == (1600,)
    missing = client.get(at(invitation, file, "/picture?page=99"))
    assert missing.status_code == 422
    assert missing.headers["Content-Type"].startswith("image/svg+xml")
    assert events(app, "evidence:view") == 1


def test_a_picture_is_shown_from_our_own_address(app: Flask, client: Client, cast: Cast) -> None:
    content = PNG + bytes(5000)
    invitation, (file,) = with_files(app, cast, ("zones.png", content))
    client.as_(cast.oskar)
    page = client.get(at(invitation, file, "/view"))
    assert f'src="{at(invitation, file, "/picture")}' in page.text
    assert 'width="640" height="400"' in page.text
    picture = client.get(at(invitation, file, "/picture"))
    assert picture.data == content
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["Content-Security-Policy"] == SEALED_OFF
    assert events(app, "evidence:view") == 1


def test_the_beginning_of_a_text_is_shown_as_text(app: Flask, client: Client, cast: Cast) -> None:
    lines = "name;owner\r\n<script>alert(1)</script>;\u202eÜnal\r\n"
    long = (lines * 10_000).encode()
    western = "Größe\r\n".encode("cp1252")
    invitation, (first, second) = with_files(app, cast, ("a.csv", long), ("b.txt", western))
    client.as_(cast.oskar)
    page = client.get(at(invitation, first, "/view"))
    assert "The beginning of the file" in words(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;;\ufffdÜnal" in page.text
    assert len(page.text) < 600_000
    other = words(client.get(at(invitation, second, "/view")))
    assert "Größe" in other
    assert "The beginning" not in other
    assert client.get(at(invitation, second, "/picture")).status_code == 404


def test_what_cannot_be_shown_is_said_and_not_opened(
    app: Flask, client: Client, cast: Cast
) -> None:
    giant = PNG[:16] + struct.pack(">II", 60_000, 60_000)
    invitation, files = with_files(
        app,
        cast,
        ("letter.docx", b"PK\x03\x04"),
        ("giant.png", giant),
        ("broken.pdf", b"%PDF-1.7 and no more"),
        ("locked.pdf", pdfs.ENCRYPTED),
    )
    client.as_(cast.oskar)
    for file, why in zip(
        files,
        (
            "Files of this kind cannot be shown here",
            "too large to be shown here: 60000 by 60000 pixels",
            "It is damaged, or no PDF at all",
            "protected with a password",
        ),
        strict=True,
    ):
        page = client.get(at(invitation, file, "/view"))
        assert why in words(page)
        assert "<img" not in page.text
    assert events(app, "evidence:view") == len(files) - 1


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"scan": Scan.QUARANTINED}, "This file is in quarantine"),
        ({"scan": Scan.INFECTED}, "The virus scanner found something in this file"),
    ],
    ids=["quarantined", "infected"],
)
def test_what_nobody_may_open_is_shown_nowhere(
    app: Flask, client: Client, cast: Cast, values: dict[str, Scan], why: str
) -> None:
    invitation, (file,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    with app.app_context(), transaction() as session:
        session.execute(sa.update(Evidence).values(values))
    client.as_(cast.oskar)
    page = client.get(at(invitation, file, "/view"))
    assert why in words(page)
    assert "This is page" not in page.text
    assert ">Download<" not in page.text
    assert client.get(at(invitation, file, "/picture")).status_code == 404
    assert client.get(at(invitation, file, "")).status_code != 200
    assert events(app, "evidence:view") == events(app, "evidence:download") == 0


def test_an_erased_file_leaves_a_page_that_says_so(app: Flask, client: Client, cast: Cast) -> None:
    invitation, (file,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    with app.app_context():
        erased(invitation, file, cast.oskar)
    client.as_(cast.oskar)
    page = words(client.get(at(invitation, file, "/view")))
    assert "Erased file" in page
    assert "Erased on 23 November 2026" in page
    assert "Policy.pdf" not in page
    compare = at(invitation, file, "").removesuffix("/1") + "/compare"
    assert "Erased on 23 November 2026" in words(client.get(compare))
    assert client.get(at(invitation, file, "/picture")).status_code == 404
    assert client.get(at(invitation, file, "")).status_code == 410


class Occupied(PdfPages):
    """Makes no page, for others are being made."""

    def page(self, *_arguments: object, **_more: object) -> Page:
        raise PagesBusy


def test_who_has_to_wait_is_told_so(app: Flask, client: Client, cast: Cast) -> None:
    invitation, (file,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    app.extensions["riskapp"] = replace(app.extensions["riskapp"], pdf=Occupied())
    client.as_(cast.oskar)
    page = client.get(at(invitation, file, "/view"))
    assert page.status_code == 503
    assert "Too many pages are being made just now" in words(page)
    picture = client.get(at(invitation, file, "/picture"))
    assert (picture.status_code, picture.mimetype) == (503, "image/svg+xml")


def test_a_damaged_file_says_so_where_it_would_be_shown(
    app: Flask, client: Client, cast: Cast
) -> None:
    invitation, (file,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    with app.app_context():
        ports().blobs.delete(file.blob)
    client.as_(cast.oskar)
    page = words(client.get(at(invitation, file, "/view")))
    assert "This file does not open. Its content is gone from the evidence store." in page
    assert events(app, "evidence:damaged") == 1
    assert events(app, "evidence:view") == 0


def test_the_files_of_a_question_lead_to_one_another(
    app: Flask, client: Client, cast: Cast
) -> None:
    invitation, (first, second) = with_files(
        app, cast, ("one.pdf", TWELVE), ("two.csv", b"name;owner\n")
    )
    client.as_(cast.oskar)
    question = f"/desk/assessments/{invitation.assessment_id}/questions/ISM-01"
    listed = client.get(question).text
    assert at(invitation, first, "/view?question=ISM-01") in listed
    page = client.get(at(invitation, first, "/view?question=ISM-01"))
    assert f'href="{question}"' in page.text
    assert "Next file : two.csv" in words(page)
    assert "Previous file : one.pdf" in words(client.get(at(invitation, second, "/view")))


def test_only_what_was_submitted_is_an_officers_to_see(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        draft = stages.attach(invitation, "ISM-01", TWELVE)
    client.as_(cast.oskar)
    other, (theirs,) = with_files(app, cast, ("Policy.pdf", TWELVE))
    for what in ("", "/view", "/picture"):
        assert client.get(at(invitation, draft, what)).status_code == 404, what
        assert client.get(at(invitation, theirs, what)).status_code == 404, what
    compare = f"/desk/assessments/{invitation.assessment_id}/evidence"
    for file in (draft, theirs):
        assert client.get(f"{compare}/{file.evidence_id}/compare").status_code == 404
    client.as_(cast.audrey)
    assert client.get(at(other, theirs, "/view")).status_code == 404


def replaced(app: Flask, cast: Cast, new: bytes) -> tuple[OpenedInvitation, SealedFile, SealedFile]:
    """The certificate was asked back, replaced and submitted again."""
    invitation, (old,) = with_files(app, cast, ("Old.pdf", TWELVE))
    with app.app_context():
        by = stages.reviewer(cast.oskar)
        review_answer(invitation.assessment_id, "ISM-01", Action.ASK_BACK, by, note="Newer, please")
        send_back(invitation.assessment_id, by.now.date() + timedelta(days=9), by)
        (use,) = of_assessment(reading(), invitation.assessment_id)
        reading().rollback()
        later()
        newer = stages.attach(
            invitation,
            "ISM-01",
            new,
            name="New.pdf",
            issued_on=date(2026, 11, 1),
            replaces=use.use_id,
        )
        stages.send_in(invitation)
    return invitation, old, newer


def test_two_versions_lie_side_by_side(app: Flask, client: Client, cast: Cast) -> None:
    new = pdfs.of_pages(["The new first page", "The new second page"])
    invitation, old, newer = replaced(app, cast, new)
    assert (newer.evidence_id, newer.version) == (old.evidence_id, 2)
    client.as_(cast.oskar)
    compare = at(invitation, newer, "").removesuffix("/2") + "/compare"
    page = client.get(compare)
    told = words(page)
    assert "Versions 1 and 2 of New.pdf" in told
    assert "Not the same" in told
    assert "This is page 1" in told
    assert "The new first page" in told
    assert "Page 1 of 12" in told
    assert at(invitation, old, "/picture") in page.text
    assert at(invitation, newer, "/picture") in page.text
    last = words(client.get(f"{compare}?left=2&right=1&page=12"))
    assert "It has no page 12." in last
    assert "This is page 12" in last
    same = words(client.get(f"{compare}?left=2&right=2"))
    assert "The same, byte for byte" in same
    for wrong in ("left=3", "right=0", "left=x"):
        assert client.get(f"{compare}?{wrong}").status_code == 404, wrong
    history = words(client.get(at(invitation, old, "/view")))
    assert "This version is history" in history
    assert "Side by side with version 2" in history
    assert events(app, "evidence:view") >= 2


def test_looking_costs_no_more_statements_for_more_files(
    app: Flask, client: Client, cast: Cast
) -> None:
    few, (one,) = with_files(app, cast, ("a.csv", b"name;owner\n"))
    many, others = with_files(app, cast, *[(f"{n}.csv", b"name;owner\n") for n in range(12)])
    client.as_(cast.oskar)
    client.get("/desk/assessments")  # which notes that somebody is here
    found = []
    for invitation, file in ((few, one), (many, others[5])):
        with counted(app) as statements:
            assert client.get(at(invitation, file, "/view")).status_code == 200
        found.append(len(statements))
    assert found[0] == found[1]
