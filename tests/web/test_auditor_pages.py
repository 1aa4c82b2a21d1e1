"""What an auditor reads of an assessment and takes away, in words and byte for byte."""

import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.answers.queries import AnswerRow, answers
from riskapp.answers.service import Given, Saving, save
from riskapp.audit.models import Event
from riskapp.core.db import db, reading
from riskapp.evidence.queries import of_assessment
from riskapp.packs.queries import exports
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, review_evidence, send_back, undo
from riskapp.scoring.queries import score
from riskapp.submissions.queries import submissions
from riskapp.web.auditor.wording import standing
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.web.auditor import ASKED, PURPOSE, grant, page_of, text_of


def test_a_pack_is_made_by_a_button_only(client: Client, cast: Cast, decided: str) -> None:
    client.as_(cast.audrey)
    assert client.get(f"/auditor/assessments/{decided}/pack").status_code == 405


def test_the_page_tells_the_grant_the_decision_and_what_was_asked(
    client: Client, cast: Cast, decided: str
) -> None:
    words = text_of(page_of(client, cast, decided))
    assert "Granted to you Until 31 January 2027" in words
    assert f"For {PURPOSE}" in words
    assert "Decision Approved Reasons Sound throughout. Made by Oskar, 23 November 2026" in words
    assert "iso-27001@2026.1 SHA-256" in words


def test_answers_are_shown_in_words_with_their_evidence_and_thread(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, invitation = stages.submitted(
            cast.vera,
            cast.oskar,
            only=ASKED,
            instead={
                "ISM-05": Given("partly", None, "The <rest> follows."),
                "ISM-06": Given(None, "We have no such thing."),
            },
        )
        by = stages.reviewer(cast.oskar)
        chosen = invitation.assessment_id
        review_answer(chosen, "ISM-05", Action.REJECT, by, note="Too little.")
        (file,) = of_assessment(reading(), chosen)
        review_evidence(
            chosen,
            file.use_id,
            Action.EVIDENCE_INDEPENDENT,
            by,
            issued_on=date(2026, 9, 1),
            valid_until=date(2027, 8, 31),
        )
        grant(cast, cast.vera)
    page = page_of(client, cast, chosen)
    words = text_of(page)
    assert "Yes, ISO/IEC 27001:2022 for this service and all its sites Not reviewed" in words
    assert "Partly The <rest> follows. Rejected Version 1, saved 23 November 2026" in words
    assert (
        "Does not apply: We have no such thing. Claim that it does not apply: open Version 1"
    ) in words
    assert "The answer was rejected Too little. 23 November 2026, 09:00 UTC · Oskar" in words
    assert "certificate.pdf Independent proof; issued 1 September 2026" in words
    assert "valid until 31 August 2027" in words
    assert sha256(stages.PDF).hexdigest() in words
    assert "The evidence was taken as independent proof" in words
    assert "<rest>" not in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        ({}, ["Not reviewed"]),
        ({"standing": "accepted"}, ["Accepted"]),
        ({"standing": "rejected", "asked_back": True}, ["Rejected", "Asked back"]),
        ({"confirmed": True}, ["Confirmed by an officer"]),
        ({"compensating": "3/4"}, ["Compensating control, credit 0.75"]),
        ({"na_reason": "No."}, ["Claim that it does not apply: open"]),
        ({"na_reason": "No.", "na_refused": True}, ["Claim that it does not apply: refused"]),
        (
            {"na_reason": "No.", "na_approvals": ["a"]},
            ["Claim that it does not apply: approved by 1 officer"],
        ),
        (
            {"na_reason": "No.", "na_approvals": ["a", "b"]},
            ["Claim that it does not apply: approved by 2 officers"],
        ),
    ],
)
def test_where_a_review_stands_is_said_in_words(holds: dict[str, Any], words: list[str]) -> None:
    untouched = AnswerRow("ISM-05", 1, "yes", None, "", NOW, "open", False, [], False, False, None)
    assert standing(replace(untouched, **holds)) == words


def test_an_action_that_was_undone_stays_readable(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        _, invitation = stages.submitted(cast.vera, cast.oskar, only=ASKED)
        by = stages.reviewer(cast.oskar)
        chosen = invitation.assessment_id
        review_answer(chosen, "ISM-05", Action.REJECT, by, note="Too little.")
        (entry,) = thread(reading(), chosen)
        undo(chosen, entry.id, by, note="The wrong question.")
        grant(cast, cast.vera)
    words = text_of(page_of(client, cast, chosen))
    assert "The answer was rejected (undone since) Too little." in words
    assert "The action before was undone The wrong question." in words


def test_before_the_first_submission_the_vendors_drafts_are_not_shown(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=ASKED)
        stages.answer_all(invitation, {"ISM-05": Given("partly", None, "only a draft")})
        stages.attach(invitation, "ISM-01")
        grant(cast, cast.vera)
    words = text_of(page_of(client, cast, invitation.assessment_id))
    assert "The vendor has not submitted anything yet." in words
    assert "only a draft" not in words
    assert "certificate.pdf" not in words
    assert "There is no score before the first submission." in words
    assert "Nothing is decided yet." in words


def test_what_is_changed_after_sending_back_is_shown_once_it_is_submitted(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        link, invitation = stages.submitted(
            cast.vera, cast.oskar, only=ASKED, instead={"ISM-05": Given("partly", None, "so far")}
        )
        chosen, by = invitation.assessment_id, stages.reviewer(cast.oskar)
        review_answer(chosen, "ISM-05", Action.ASK_BACK, by, note="Please say more.")
        send_back(chosen, date(2026, 12, 20), by)
        clock.pass_by(minutes=3)
        base = answers(reading(), chosen)["ISM-05"].revision
        saving = Saving(chosen, invitation.vendor_id, invitation.id, base)
        question = stages.question(invitation, "ISM-05")
        save(question, Given("yes", None, "rewritten"), saving, now=clock.now())
        stages.attach(invitation, "ISM-05", name="rewritten.pdf")
        grant(cast, cast.vera)
        db.session.remove()
    words = text_of(page_of(client, cast, chosen))
    assert "Partly so far" in words
    assert "Questions were sent back to the vendor since" in words
    assert "rewritten" not in words
    with app.app_context():
        stages.send_in(stages.opened(link.token))
    words = text_of(page_of(client, cast, chosen))
    assert "Yes rewritten" in words
    assert "rewritten.pdf" in words
    assert "so far" not in words


def test_the_score_is_explained_down_to_the_answers(
    client: Client, cast: Cast, decided: str
) -> None:
    page = page_of(client, cast, decided)
    words = text_of(page)
    assert "Residual risk" in words
    assert "Every point, down to the answer" in words
    linked = set(re.findall(r'href="#(ISM-\d\d)"', page.get_data(as_text=True)))
    there = set(re.findall(r'id="(ISM-\d\d)"', page.get_data(as_text=True)))
    assert linked
    assert linked <= there


def test_a_receipt_comes_as_the_bytes_that_are_stored(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        stored = score(reading(), decided)
    assert stored is not None
    page = page_of(client, cast, decided)
    assert stored.row.sha256 in text_of(page)
    response = client.get(f"/auditor/assessments/{decided}/receipts/{stored.row.number}.json")
    assert sha256(response.data).hexdigest() == stored.row.sha256
    assert response.mimetype == "application/json"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=receipt-")
    assert response.headers["Cache-Control"] == "no-store"


def test_an_acknowledgement_comes_as_the_bytes_that_are_stored(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        (stored,) = submissions(reading(), decided)
    assert "Vera Vogt, Security lead" in text_of(page_of(client, cast, decided))
    response = client.get(f"/auditor/assessments/{decided}/acknowledgements/1.json")
    assert sha256(response.data).hexdigest() == stored.sha256
    assert json.loads(response.data)["vendor"] == "Nordlicht Software GmbH"


@pytest.mark.parametrize("kind", ["receipts", "acknowledgements"])
@pytest.mark.parametrize("number", ["0", "99", "-1", "one", "9" * 40])
def test_a_number_that_is_not_there_is_not_found(
    client: Client, cast: Cast, decided: str, kind: str, number: str
) -> None:
    client.as_(cast.audrey)
    response = client.get(f"/auditor/assessments/{decided}/{kind}/{number}.json")
    assert response.status_code == 404


def test_the_pack_of_a_decided_assessment_is_taken_away_for_the_grants_purpose(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    response = client.as_(cast.audrey).post(f"/auditor/assessments/{decided}/pack")
    assert response.mimetype == "application/zip"
    assert ".zip" in response.headers["Content-Disposition"]
    assert len(response.data) == response.content_length
    with zipfile.ZipFile(BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        assert stages.PDF in [archive.read(name) for name in archive.namelist()]
    with app.app_context():
        (event,) = [one for one in small.events() if one.type == "pack:export"]
        (taken,) = exports(reading(), decided)
    assert (taken.recipient, taken.purpose) == ("Audrey", PURPOSE)
    assert taken.until == date(2027, 1, 31)
    assert json.loads(event.body)["until"] == "2027-01-31"
    assert "Audrey" not in event.body, "names stay out of events, which stay for ever"
    assert event.actor_id == cast.audrey.id


def test_before_the_decision_there_is_no_pack_and_the_page_says_so(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, invitation = stages.submitted(cast.vera, cast.oskar, only=ASKED)
        grant(cast, cast.vera)
    chosen = invitation.assessment_id
    page = page_of(client, cast, chosen)
    assert "The pack can be downloaded once the assessment is decided." in text_of(page)
    assert f"{chosen}/pack" not in page.get_data(as_text=True)
    refused = client.post(f"/auditor/assessments/{chosen}/pack")
    assert refused.status_code == 409
    assert "There is no pack yet" in text_of(refused)


def test_reading_writes_nothing(app: Flask, client: Client, cast: Cast, decided: str) -> None:
    def count() -> int:
        with app.app_context():
            return reading().scalar(sa.select(sa.func.count()).select_from(Event)) or 0

    before = count()
    client.as_(cast.audrey).get("/auditor/")
    page_of(client, cast, decided)
    client.get(f"/auditor/assessments/{decided}/receipts/1.json")
    assert count() == before


def test_a_page_takes_as_many_statements_for_two_questionnaires_as_for_one(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        _, small = stages.submitted(cast.vera, cast.oskar, only=ASKED)
        _, large = stages.submitted(cast.mallory, cast.oskar)
        by = stages.reviewer(cast.oskar)
        for name in ("ISM-05", "ISM-07", "GDP-01"):
            review_answer(large.assessment_id, name, Action.REJECT, by, note="No.")
        grant(cast, cast.vera)
        grant(cast, cast.mallory)

    def statements(assessment_id: str) -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(*said: Any) -> None:
            seen.append(said[2])

        sa.event.listen(engine, "before_cursor_execute", note)
        page_of(client, cast, assessment_id)
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    statements(small.assessment_id)
    assert statements(small.assessment_id) == statements(large.assessment_id) < 25
