"""What an auditor reads of an assessment and takes away, in words and byte for byte."""

import json
import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.answers.queries import AnswerRow, answers
from riskapp.answers.service import Given, Saving, save
from riskapp.assessments.service import cancel
from riskapp.core.db import db, reading
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Place, remove
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, review_evidence, send_back, undo
from riskapp.scoring.queries import score
from riskapp.submissions.queries import submissions
from riskapp.web.auditor.wording import standing
from tests import stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.web.auditor import (
    ASKED,
    PURPOSE,
    addresses,
    grant,
    openings,
    page_of,
    text_of,
)


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


def rewriting(app: Flask, cast: Cast, clock: StoppedClock) -> tuple[str, str]:
    """An assessment that was sent back, and is being changed; its id, and the link's token."""
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
        return chosen, link.token


def test_what_is_changed_after_sending_back_is_shown_once_it_is_submitted(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    chosen, token = rewriting(app, cast, clock)
    words = text_of(page_of(client, cast, chosen))
    assert "Partly so far" in words
    assert "Questions were sent back to the vendor since" in words
    assert "rewritten" not in words
    with app.app_context():
        stages.send_in(stages.opened(token))
    words = text_of(page_of(client, cast, chosen))
    assert "Yes rewritten" in words
    assert "rewritten.pdf" in words
    assert "so far" not in words


def test_a_file_that_is_being_taken_back_stands_there_until_that_is_sent_in(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=ASKED)
        chosen, by = invitation.assessment_id, stages.reviewer(cast.oskar)
        stages.answer_all(invitation)
        stages.attach(invitation, "ISM-05", name="first.pdf")
        stages.send_in(invitation)
        review_answer(chosen, "ISM-05", Action.ASK_BACK, by, note="Is there a newer one?")
        send_back(chosen, date(2026, 12, 20), by)
        clock.pass_by(minutes=3)
        (file,) = of_assessment(reading(), chosen)
        place = Place(chosen, invitation.vendor_id, invitation.id, "ISM-05")
        remove(file.use_id, place, now=clock.now())
        question, said = stages.question(invitation, "ISM-05"), Given("yes", None, "There is none.")
        save(question, said, stages.saving(invitation, base=1), now=clock.now())
        grant(cast, cast.vera)
        db.session.remove()
    look = f"/auditor/assessments/{chosen}/evidence/{file.evidence_id}/{file.version}/view"
    assert "first.pdf Provided, not reviewed" in text_of(page_of(client, cast, chosen))
    assert "This version is history" not in text_of(client.get(look))
    with app.app_context():
        stages.send_in(stages.opened(link.token))
    gone = "first.pdf (taken back or replaced on 23 November 2026)"
    assert gone in text_of(page_of(client, cast, chosen))
    assert "This version is history" in text_of(client.get(look))


def test_what_was_being_changed_when_it_was_cancelled_is_never_shown(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    chosen, _ = rewriting(app, cast, clock)
    with app.app_context():
        cancel(chosen, "Not bought after all.", actor=cast.oskar.actor, now=clock.now())
    words = text_of(page_of(client, cast, chosen))
    assert "Cancelled" in words
    assert "Partly so far" in words
    assert "rewritten" not in words


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


def test_what_is_opened_is_an_event_with_the_grant_that_opened_it(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.oskar, only=ASKED)
        given = grant(cast, cast.vera)
    chosen, vendor = invitation.assessment_id, cast.vera.vendor_id
    client.as_(cast.audrey).get("/auditor/")
    assert openings(app) == [], "the list of grants opens nothing"
    page_of(client, cast, chosen)
    client.get(f"/auditor/assessments/{chosen}/receipts/1.json")
    client.get(f"/auditor/assessments/{chosen}/acknowledgements/1.json")
    client.get(f"/auditor/vendors/{vendor}")
    assert openings(app) == [
        ("assessment:read", chosen, given),
        ("receipt:read", f"{chosen}/1", given),
        ("acknowledgement:read", f"{chosen}/1", given),
        ("vendor:read", vendor, given),
    ]
    clock.pass_by(seconds=59)
    page_of(client, cast, chosen)
    assert len(openings(app)) == 4, "reloading within a minute is the same reading"
    clock.pass_by(seconds=1)
    page_of(client, cast, chosen)
    assert openings(app)[4:] == [("assessment:read", chosen, given)]
    mine = text_of(client.get("/auditor/opened"))
    assert mine.count("Read the assessment") == 2
    assert "Took receipt 1 Nordlicht Software GmbH Customer portal, cycle 1" in mine
    theirs = text_of(client.as_(cast.oskar).get(f"/desk/grants/{given}"))
    assert theirs.count("Read the assessment") == 2
    assert "Read what the register says of the vendor" in theirs


def test_what_is_not_granted_leaves_no_event_of_reading(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        _, other = stages.decided(cast.mallory, cast.oskar, only=ASKED)
    client.as_(cast.audrey)
    for method, path in addresses(other.assessment_id):
        assert client.open(path, method=method).status_code == 404
    client.get(f"/auditor/assessments/{decided}/receipts/99.json")
    client.get(f"/auditor/vendors/{cast.mallory.vendor_id}")
    assert openings(app) == []


def test_the_vendors_page_tells_the_register_and_everything_asked_but_no_addresses(
    app: Flask, client: Client, cast: Cast, decided: str
) -> None:
    with app.app_context():
        cancelled = stages.issued(cast.vera, cast.oskar, only=ASKED).assessment_id
        cancel(cancelled, "Not bought after all.", actor=cast.oskar.actor, now=NOW)
    page = client.as_(cast.audrey).get(f"/auditor/vendors/{cast.vera.vendor_id}")
    words = text_of(page)
    assert "Country of its seat Germany Registered 23 November 2026" in words
    assert "Customer portal Builds and runs it. Development Germany, Poland High" in words
    assert f"/auditor/assessments/{decided}" in page.text
    assert f"/auditor/assessments/{cancelled}" in page.text
    assert "Cancelled" in words
    assert "Approved" in words
    assert cast.vera.email not in page.text
    assert "@" not in words.partition("Sign out")[2]


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

    for one in (small, large):
        statements(one.assessment_id)  # the first reading of each is an event
    assert statements(small.assessment_id) == statements(large.assessment_id) < 25
