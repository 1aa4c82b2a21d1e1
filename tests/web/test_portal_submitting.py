"""Sending in: refused while something is open, acknowledged, and again when asked back."""

import io
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import text

from riskapp.answers.service import Given
from riskapp.core.db import reading
from riskapp.invites.service import Issued
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.stages import answer_all, attach, issued, opened, reviewer, started, submitted
from tests.web.portal import Respondent, count, form_of, said, start

BY = {"name": "Vera Vogt", "role": "Security lead"}


@pytest.fixture
def full(app: Flask, cast: Cast) -> Respondent:
    """Everything is answered, nothing sent."""
    with app.app_context():
        link, invitation = started(cast.vera, cast.oskar)
        answer_all(invitation)
        attach(invitation, "ISM-01", name="certificate.pdf")
    return start(app, link.token)


@pytest.fixture
def returned(app: Flask, cast: Cast, clock: StoppedClock) -> Issued:
    """Sent in, looked at, and two answers asked back."""
    with app.app_context():
        no_data = {"GDP-01": Given("no-personal-data")}
        link, invitation = submitted(cast.vera, cast.oskar, instead=no_data)
        clock.pass_by(hours=1)
        for question, note in (("ISM-04", "Which policies?"), ("GDP-01", "You host our data.")):
            review_answer(
                invitation.assessment_id,
                question,
                Action.ASK_BACK,
                reviewer(cast.oskar),
                note=note,
            )
        due = clock.now().date() + timedelta(days=7)
        send_back(invitation.assessment_id, due, reviewer(cast.oskar))
        clock.pass_by(hours=1)
    return link


def test_what_is_open_is_listed_with_links(app: Flask, cast: Cast) -> None:
    with app.app_context():
        vera = start(app, issued(cast.vera, cast.oskar).token)
    for page in (vera.get("submit"), vera.post("submit", BY)):
        assert "29 questions are still open" in page.text
        assert f'href="{vera.base}iso-27001/governance#ISM-04"' in page.text
        assert 'name="role"' not in page.text
    assert vera.post("submit", BY).status_code == 422
    assert count(app, "submission") == 0


def test_sending_in_freezes_and_acknowledges(app: Flask, full: Respondent) -> None:
    reply = full.post("submit", BY)
    assert reply.headers["Location"] == f"{full.base}acknowledgement"
    words = said(full.get("acknowledgement").text)
    assert "Your answers have arrived" in words
    assert "Vera Vogt, Security lead" in words
    assert "23 November 2026, 09:00 UTC" in words
    assert "certificate.pdf" in words
    for tier in ("Low", "Medium", "High", "Critical", "score"):
        assert tier not in words.split()
    file = full.get("acknowledgement/1.json")
    assert file.headers["Content-Disposition"] == "attachment; filename=acknowledgement-1.json"
    assert sha256(file.data).hexdigest() in words
    contents = json.loads(file.data)
    assert contents["submitted_by"] == BY
    assert len(contents["answers"]) == 62
    assert full.get("acknowledgement/2.json").status_code == 404


def test_after_sending_in_nothing_can_be_changed(app: Flask, full: Respondent) -> None:
    page = form_of(full.get("iso-27001/governance").text, "governance")
    full.post("submit", BY)
    before = count(app, "answer_revision"), count(app, "evidence")
    acknowledgement = f"{full.base}acknowledgement"
    changed = {**page, "q-ISM-04-value": ["no"]}
    for path, data in (("iso-27001/governance", changed), ("submit", BY), ("conflict/ISM-04", {})):
        assert full.post(path, data).headers["Location"] == acknowledgement
    assert full.get("").headers["Location"] == acknowledgement
    assert full.get("iso-27001/governance").headers["Location"] == acknowledgement
    assert full.save("ISM-04", {"value": "no", "rev": "1"}).status_code == 410
    assert (count(app, "answer_revision"), count(app, "evidence")) == before
    assert count(app, "submission") == 1


def test_who_sends_it_in_has_to_be_named(app: Flask, full: Respondent) -> None:
    reply = full.post("submit", {"name": " ", "role": "Chief"})
    assert reply.status_code == 422
    assert "Enter your name" in reply.text
    assert form_of(reply.text)["role"] == ["Chief"]
    assert full.post("submit", {}).status_code == 422
    assert full.post("submit", {"name": "V" * 201, "role": "Chief"}).status_code == 422
    assert count(app, "submission") == 0


def test_there_is_no_acknowledgement_before_sending_in(full: Respondent) -> None:
    assert full.get("acknowledgement").status_code == 404
    assert full.get("acknowledgement/1.json").status_code == 404


def test_the_same_link_shows_what_was_asked_back(
    app: Flask, client: Client, returned: Issued
) -> None:
    page = said(client.get(f"/i/{returned.token}").text)
    assert "Your organisation has asked back" in page
    assert "2 questions again" in page
    tasks = start(app, returned.token).get().text
    assert "Asked back: ISM-04" in tasks
    assert "Asked back: GDP-01" in tasks
    assert "Certification and scope" not in tasks
    assert "0 of 2 questions answered" in tasks


def test_only_what_was_asked_back_can_be_answered(app: Flask, returned: Issued) -> None:
    vera = start(app, returned.token)
    page = vera.get("iso-27001/governance").text
    assert "Asked back: Which policies?" in page
    assert 'name="q-ISM-04-value"' in page
    assert 'name="q-ISM-05-value"' not in page
    assert "ISM-05" in page
    refused = vera.save("ISM-05", {"value": "no", "rev": "1"})
    assert refused.status_code == 422
    assert "cannot be changed now" in refused.json["errors"][0]["message"]
    by_hand = vera.post("iso-27001/governance", {"q-ISM-05-value": "no", "q-ISM-05-rev": "1"})
    assert by_hand.status_code == 422
    assert "cannot be changed now" in by_hand.text
    assert 'href="#ISM-05"' in by_hand.text
    assert 'id="ISM-05"' in by_hand.text
    files = vera.get("evidence/ISM-05").text
    assert "cannot be changed now" in files
    assert 'type="file"' not in files
    late = vera.attach("ISM-05", (io.BytesIO(b"%PDF-1.7 late"), "late.pdf"))
    assert late.status_code == 409
    assert "they were sent in" in late.text
    assert count(app, "evidence") == 1
    with app.app_context():
        use = reading().execute(text("SELECT id FROM evidence_use")).scalars().one()
    assert vera.post(f"evidence/ISM-01/{use}/remove").status_code == 409
    assert count(app, "evidence_use") == 1


def test_answers_asked_back_are_sent_in_again_beside_the_first(
    app: Flask, client: Client, returned: Issued
) -> None:
    vera = start(app, returned.token)
    assert "2 questions are still open" in vera.post("submit", BY).text
    vera.save("ISM-04", {"value": "yes", "comment": "All of them.", "rev": "1"})
    assert "One question is still open" in vera.get("submit").text
    revealed = vera.fill("gdpr-processor/role", {"q-GDP-01-value": "processor"}, "continue")
    assert revealed.headers["Location"].endswith("gdpr-processor/role#GDP-02")
    assert "GDP-29" in vera.post("submit", BY).text
    with app.app_context():
        answer_all(opened(returned.token))
    assert "Everything is answered" in vera.get("submit").text
    vera.post("submit", BY)
    page = said(client.get(f"/i/{returned.token}").text)
    assert "Submission 1" in page
    assert "Submission 2" in page
    for number in (1, 2):
        file = client.get(f"/i/{returned.token}/acknowledgement-{number}.json")
        assert file.get_json()["submission"] == number


def test_an_answer_that_came_up_after_the_return_can_still_be_corrected(
    app: Flask, returned: Issued
) -> None:
    vera = start(app, returned.token)
    vera.save("GDP-01", {"value": "processor", "rev": "1"})
    assert vera.save("GDP-02", {"value": "no", "rev": "0"}).status_code == 200
    assert vera.save("GDP-02", {"value": "yes", "rev": "1"}).status_code == 200
    assert form_of(vera.get("gdpr-processor/role").text, "role")["q-GDP-02-value"] == ["yes"]


def test_a_file_alone_answers_what_was_asked_back(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        link, invitation = submitted(cast.vera, cast.oskar)
        review_answer(
            invitation.assessment_id,
            "ISM-01",
            Action.ASK_BACK,
            reviewer(cast.oskar),
            note="Where is the second page?",
        )
        send_back(invitation.assessment_id, clock.now().date(), reviewer(cast.oskar))
        clock.pass_by(hours=1)
    vera = start(app, link.token)
    assert "Where is the second page?" in vera.get("submit").text
    assert "Where is the second page?" in vera.get("evidence/ISM-01").text
    assert vera.attach("ISM-01", (io.BytesIO(b"%PDF-1.7 second"), "page2.pdf")).status_code == 302
    assert "Everything is answered" in vera.get("submit").text
    assert "What you sent before" in vera.get().text
    assert "answer them" in vera.get("acknowledgement").text
