"""The vendor uses a file again, replaces it wherever it serves, and sees until when it is good."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, review_evidence, send_back
from tests import stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.stages import PDF, issued, opened
from tests.web.desk import counted
from tests.web.portal import Respondent, count, form_of, said, start


@pytest.fixture
def token(app: Flask, cast: Cast) -> str:
    with app.app_context():
        return issued(cast.vera, cast.oskar, only=("iso-27001",)).token


@pytest.fixture
def vera(app: Flask, token: str) -> Respondent:
    return start(app, token)


def pdf(name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(PDF), name


def files(app: Flask, token: str) -> Sequence[EvidenceRow]:
    with app.app_context():
        return of_assessment(reading(), opened(token).assessment_id)


def _named(rows: Sequence[EvidenceRow], name: str) -> EvidenceRow:
    (found,) = [row for row in rows if row.name == name]
    return found


def test_a_file_that_was_sent_is_offered_and_used_again(
    app: Flask, vera: Respondent, token: str
) -> None:
    vera.attach("ISM-01", pdf("Certificate.pdf"), valid_until="2026-12-13")
    vera.attach("ISM-04", pdf("Policies.pdf"), valid_until="2026-10-31")
    page = vera.get("evidence/ISM-02")
    assert "Certificate.pdf" in said(page.text)
    assert "serves ISM-01 Expires in 20 days" in said(page.text)
    assert "serves ISM-04 Expired on 31 October 2026" in said(page.text)
    certificate = _named(files(app, token), "Certificate.pdf")
    ref = f"{certificate.evidence_id}/1"
    assert form_of(page.text, "evidence/ISM-02/again")
    used = vera.post("evidence/ISM-02/again", {"again": ref})
    assert used.status_code == 302
    words = said(vera.get("evidence/ISM-02").text)
    assert "1 file that you sent before is attached here too." in words
    assert len(files(app, token)) == 3
    assert count(app, "evidence") == 2
    assert "Use a file you sent before" in words, "the other one is still offered"
    assert f'value="{ref}"' not in vera.get("evidence/ISM-02").text


def test_none_chosen_is_said_at_the_choice(vera: Respondent) -> None:
    vera.attach("ISM-01", pdf("Certificate.pdf"))
    reply = vera.post("evidence/ISM-02/again", {})
    assert reply.status_code == 422
    assert "Nothing was changed" in said(reply.text)
    assert 'href="#again"' in reply.text
    assert "Choose the files that prove this answer too." in said(reply.text)


def test_what_is_not_offered_here_is_not_found(app: Flask, vera: Respondent, cast: Cast) -> None:
    with app.app_context():
        link = issued(cast.mallory, cast.oskar)
        mallory = start(app, link.token)
    mallory.attach("ISM-01", pdf("secret.pdf"))
    (theirs,) = files(app, link.token)
    assert "secret.pdf" not in vera.get("evidence/ISM-01").text
    for ref in (f"{theirs.evidence_id}/1", "nothing", "a/b/c", "/"):
        assert vera.post("evidence/ISM-01/again", {"again": ref}).status_code == 404
    assert vera.post("evidence/ZZZ-01/again", {"again": "a/1"}).status_code == 404


def test_the_page_says_where_a_replaced_file_is_replaced_too(
    app: Flask, vera: Respondent, token: str
) -> None:
    vera.attach("ISM-01", pdf("old.pdf"))
    (old,) = files(app, token)
    vera.post("evidence/ISM-02/again", {"again": f"{old.evidence_id}/1"})
    page = vera.get(f"evidence/ISM-01?replaces={old.use_id}")
    assert "The file also serves ISM-02. The new one takes its place there too." in said(page.text)
    assert "Use a file you sent before" not in said(page.text)
    assert vera.attach("ISM-01", pdf("new.pdf"), replaces=old.use_id).status_code == 302
    found = {(one.question_id, one.name, one.version) for one in files(app, token)}
    assert found == {("ISM-01", "new.pdf", 2), ("ISM-02", "new.pdf", 2)}
    assert count(app, "evidence") == 1


def test_who_replaces_what_another_window_replaced_is_told_and_nothing_is_kept(
    app: Flask, vera: Respondent, token: str
) -> None:
    vera.attach("ISM-01", pdf("old.pdf"))
    (old,) = files(app, token)
    assert vera.attach("ISM-01", pdf("first.pdf"), replaces=old.use_id).status_code == 302
    reply = vera.attach("ISM-01", pdf("second.pdf"), replaces=old.use_id)
    assert reply.status_code == 409
    assert "was replaced or removed in the meantime" in said(reply.text)
    assert "first.pdf" in said(reply.text)
    assert "Attach another file" in said(reply.text)
    (left,) = files(app, token)
    assert left.name == "first.pdf"
    assert count(app, "evidence") == 1


def test_after_the_review_the_vendor_sees_whose_days_count(
    app: Flask, vera: Respondent, token: str, cast: Cast, clock: StoppedClock
) -> None:
    vera.attach("ISM-01", pdf("Certificate.pdf"), valid_until="2027-10-01")
    vera.attach("ISM-04", pdf("Policies.pdf"))
    with app.app_context():
        invitation = opened(token)
        stages.answer_all(invitation)
        stages.send_in(invitation)
        by = stages.reviewer(cast.oskar)
        review_evidence(
            invitation.assessment_id,
            _named(files(app, token), "Certificate.pdf").use_id,
            Action.EVIDENCE_REVIEWED,
            by,
            issued_on=date(2026, 10, 1),
            valid_until=date(2027, 10, 1),
        )
        review_answer(invitation.assessment_id, "ISM-01", Action.ASK_BACK, by, note="Which site?")
        send_back(invitation.assessment_id, date(2026, 12, 20), by)
    clock.pass_by(hours=1)
    words = said(vera.get("evidence/ISM-01").text)
    assert "valid until 1 October 2027 (confirmed)" in words
    assert "issued 1 October 2026; serves ISM-04" in words
    assert "issued 1 October 2026 (as you stated)" in said(vera.get("all").text)


def test_offering_many_files_costs_no_more_statements_than_one(
    app: Flask, vera: Respondent
) -> None:
    vera.attach("ISM-01", pdf("one.pdf"))
    with counted(app) as few:
        assert vera.get("evidence/ISM-02").status_code == 200
    for number in range(6):
        vera.attach("ISM-01", pdf(f"{number}.pdf"))
    with counted(app) as many:
        page = vera.get("evidence/ISM-02")
    assert "Choose among 7 files" in said(page.text)
    assert len(few) == len(many)
