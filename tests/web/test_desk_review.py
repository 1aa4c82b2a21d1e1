import json
import re
from datetime import date

import pytest
from flask import Flask

from riskapp.answers.service import Given, save
from riskapp.assessments.queries import assessment
from riskapp.core.db import reading
from riskapp.evidence.errors import Damaged
from riskapp.evidence.queries import of_assessment
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from tests import stages
from tests.cast import Cast
from tests.conftest import Client, Letterbox, Place, StoppedClock
from tests.web.desk import PRIVACY, SECURITY, came_in, says_no, scores, told, words

ONE = "ISM-04"
KNOCKOUT = "ISM-12"


def at(assessment_id: str, question_id: str = ONE) -> str:
    return f"/desk/assessments/{assessment_id}/questions/{question_id}"


def shown(app: Flask, assessment_id: str) -> tuple[str | None, str | None]:
    with app.app_context():
        row = assessment(reading(), assessment_id)
        assert row is not None
        return row.shown, row.tier


def newest_entry(app: Flask, assessment_id: str) -> str:
    with app.app_context():
        return [entry for entry in thread(reading(), assessment_id) if not entry.undone_at][-1].id


def test_what_came_in_stands_beside_the_score_with_the_points_it_costs(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar, instead=says_no(ONE))
    client.as_(cast.oskar)
    page = words(client.get(f"/desk/assessments/{found}/answers"))
    score, tier = shown(app, found)
    assert f"Residual risk {str(tier).title()} {score}" in page
    said = "certificate.pdf 48 bytes Download certificate.pdf Not reviewed; issued 1 October 2026"
    assert said in page
    row = client.get(f"/desk/assessments/{found}/answers").text.partition(f'id="q-{ONE}"')[2]
    row = re.sub(r"<[^>]+>", " ", row.partition("</tr>")[0])
    assert re.search(r"No\s+None given\s+\+\d+\.\d\s+To review\s+Accept", row)
    score_page = words(client.get(f"/desk/assessments/{found}/score"))
    assert re.search(rf"\+\d+\.\d because {ONE} is answered “No”, worth 0 %", score_page)


@pytest.mark.parametrize(
    "show", ["all", "open", "costs", "na", "evidence", "confirm", "asked-back"]
)
def test_answers_are_filtered_by_the_url(app: Flask, client: Client, cast: Cast, show: str) -> None:
    found = came_in(app, cast.vera, cast.oskar, instead=says_no(ONE))
    response = client.as_(cast.oskar).get(f"/desk/assessments/{found}/answers?show={show}")
    assert response.status_code == 200
    assert (f'id="q-{ONE}"' in response.text) == (show in {"all", "open", "costs"})
    assert ('id="q-ISM-01"' in response.text) == (show in {"all", "open", "costs", "evidence"})


def test_a_filter_that_there_is_not_is_not_found(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    response = client.as_(cast.oskar).get(f"/desk/assessments/{found}/answers?show=everything")
    assert response.status_code == 404


def test_an_answer_is_accepted_from_the_list_and_the_list_comes_back(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    client.as_(cast.oskar)
    response = client.post(
        f"{at(found)}/review", data={"action": "accept", "back": "answers", "show": "open"}
    )
    assert response.headers["Location"].endswith(f"/answers?show=open#q-{ONE}")
    assert f"{ONE} is accepted. The score is" in told(client, response)
    assert "Accepted" in words(client.get(at(found)))


def test_a_rejected_answer_counts_as_missing_and_undoing_it_puts_the_score_back(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    before = shown(app, found)
    client.as_(cast.oskar)
    refused = client.post(f"{at(found)}/review", data={"action": "reject", "note": " "})
    assert refused.status_code == 422
    assert "Say why in a sentence" in words(refused)
    data = {"action": "reject", "note": "It is not what was asked."}
    page = told(client, client.post(f"{at(found)}/review", data=data))
    assert "because ISM-04 has an answer that was rejected" in page
    assert shown(app, found) != before
    entry = newest_entry(app, found)
    undo = f"{at(found)}/entries/{entry}/undo"
    refused = client.post(undo, data={f"{entry}-note": ""})
    assert refused.status_code == 422
    page = told(client, client.post(undo, data={f"{entry}-note": "The wrong one."}))
    assert "It is undone" in page
    assert "It is not what was asked." in page, "both stay in the thread"
    assert "The wrong one." in page
    assert shown(app, found) == before
    again = client.post(undo, data={f"{entry}-note": "Once more."})
    assert "This cannot be undone now" in told(client, again)
    assert len(scores(app, found)) == 3


def test_an_action_that_there_is_not_is_refused(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    client.as_(cast.oskar)
    for action in ("", "evidence-reviewed", "undo", "praise"):
        response = client.post(f"{at(found)}/review", data={"action": action, "note": "Words."})
        assert response.status_code == 422
        assert "Choose what to do with this answer." in words(response)


def test_only_asked_back_questions_reopen_by_the_same_link_and_a_second_receipt_stands_beside(
    mailing_app: Flask, letterbox: Letterbox, clock: StoppedClock, cast: Cast
) -> None:
    app, client = mailing_app, mailing_app.test_client()
    assert isinstance(client, Client)
    with app.app_context():
        link, invitation = stages.submitted(
            cast.vera, cast.oskar, only=SECURITY, instead=says_no(ONE)
        )
    client.as_(cast.oskar)
    found = link.assessment_id
    here = f"/desk/assessments/{found}"
    early = client.post(f"{here}/return", data={"back-due": "2026-12-20"})
    assert "No question is marked to be asked back." in told(client, early)
    client.post(f"{at(found)}/review", data={"action": "ask-back", "note": "Since when?"})
    assert "Send 1 question back" in words(client.get(here))
    refused = client.post(f"{here}/return", data={"back-due": "2026-01-01"})
    assert refused.status_code == 422
    assert "Send 1 question back" in words(refused)
    page = told(client, client.post(f"{here}/return", data={"back-due": "2026-12-20"}))
    assert "One question is open to the vendor again" in page
    assert "Mail went to vera@nordlicht.example." in page
    (mail,) = letterbox.mails
    assert ONE in mail.text
    assert "Use the link that you have" in mail.text
    assert "/i/" not in mail.text
    clock.pass_by(minutes=5)
    with app.app_context():
        question = stages.question(invitation, ONE)
        since = Given("yes", comment="Since May.")
        save(question, since, stages.saving(invitation, base=1), now=clock.now())
    page = words(client.get(at(found)))
    assert "Since May." not in page, "what is not submitted is not ours to read"
    assert "The vendor is replying." in words(client.get(f"{here}/answers"))
    with app.app_context():
        stages.send_in(stages.opened(link.token))
    page = words(client.get(at(found)))
    assert "Since May." in page
    assert "Revision 1" in page
    assert "Revision 2" in page
    overview = words(client.get(here))
    assert overview.count("Vera Vogt, Security lead") == 2
    old = client.get(f"{here}/score?receipt=1")
    assert "This is receipt 1, an older one." in words(old)
    assert re.search(rf"because {ONE} is answered “No”", words(old)), "explained as it was then"
    assert not re.search(rf"because {ONE} is answered “No”", words(client.get(f"{here}/score")))


def test_evidence_is_reviewed_with_its_dates_and_the_score_follows(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    with app.app_context():
        (file,) = of_assessment(reading(), found)
    client.as_(cast.oskar)
    where = f"{at(found, 'ISM-01')}/evidence/{file.use_id}/review"

    def form(**values: str) -> dict[str, str]:
        return {f"{file.use_id}-{name}": value for name, value in values.items()}

    refused = client.post(where, data=form(issued_on="2026-10-01"))
    assert refused.status_code == 422
    assert "Choose how far this file can be relied on." in words(refused)
    for day, said in (("", "Enter the day on which"), ("x", "as a date"), ("2026-12-24", "future")):
        response = client.post(where, data=form(action="evidence-reviewed", issued_on=day))
        assert response.status_code == 422
        assert said in words(response)
    refused = client.post(where, data=form(action="evidence-rejected", issued_on="2026-10-01"))
    assert "Say why in a sentence" in words(refused)
    good = form(action="evidence-independent", issued_on="2026-09-01", valid_until="2028-08-31")
    page = told(client, client.post(where, data=good))
    assert "Independent; issued 1 September 2026, valid until 31 August 2028" in page
    assert "Marked a file as independent (certificate.pdf)" in page
    first, second = scores(app, found)
    assert float(second) < float(first)
    entry = newest_entry(app, found)
    undo = f"{at(found, 'ISM-01')}/entries/{entry}/undo"
    page = told(client, client.post(undo, data={f"{entry}-note": "Not independent."}))
    assert "Not reviewed; issued 1 October 2026" in page
    elsewhere = came_in(app, cast.mallory, cast.oskar)
    for foreign in (at(elsewhere, "ISM-01"), at(found, ONE)):
        where = f"{foreign}/evidence/{file.use_id}/review"
        assert client.post(where, data=good).status_code == 404
        undo = f"{foreign}/entries/{newest_entry(app, found)}/undo"
        assert client.post(undo, data={f"{entry}-note": "Why not."}).status_code == 404


def test_an_empty_table_counts_once_an_officer_confirms_that_there_is_nothing(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar, only=PRIVACY)
    client.as_(cast.oskar)
    page = words(client.get(f"/desk/assessments/{found}/answers?show=confirm"))
    assert "GDP-01" in page
    assert "GDP-32" in page
    assert "which no officer has confirmed" in words(client.get(at(found, "GDP-32")))
    response = client.post(f"{at(found, 'GDP-32')}/review", data={"action": "confirm"})
    page = told(client, response)
    assert "GDP-32 is confirmed." in page
    assert "which no officer has confirmed" not in page
    wrong = client.post(f"{at(found, 'GDP-02')}/review", data={"action": "confirm"})
    assert "There is nothing here to confirm" in told(client, wrong)


def test_a_compensating_control_is_credited_at_most_three_quarters(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar, instead=says_no(ONE))
    client.as_(cast.oskar)
    data = {"action": "compensate", "note": "A night guard.", "compensation": "0.9"}
    refused = client.post(f"{at(found)}/review", data=data)
    assert refused.status_code == 422
    assert "Enter a credit above 0 and at most 0.75." in words(refused)
    assert "A night guard." in refused.text
    page = told(client, client.post(f"{at(found)}/review", data={**data, "compensation": "0.5"}))
    assert "Credit of the compensating control: 1/2." in page
    first, second = scores(app, found)
    assert float(second) < float(first)


def claimed(app: Flask, cast: Cast, question_id: str) -> str:
    claim = {question_id: Given(None, "We have nothing of the kind.")}
    return came_in(app, cast.vera, cast.oskar, instead=claim)


def test_not_applicable_is_approved_by_one_officer_and_leaves_the_score(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = claimed(app, cast, ONE)
    client.as_(cast.oskar)
    page = words(client.get(at(found)))
    assert "Does not apply: We have nothing of the kind." in page
    assert "1 officer is needed" in page
    assert "is said not to apply, which is not approved" in page
    data = {"action": "approve-na", "note": "They have no offices."}
    page = told(client, client.post(f"{at(found)}/review", data=data))
    assert "N/A approved by 1" in page
    assert "Costs no points." in page
    again = client.post(f"{at(found)}/review", data=data)
    assert "You have approved this already." in told(client, again)
    data = {"action": "refuse-na", "note": "They have one."}
    assert "N/A refused" in told(client, client.post(f"{at(found)}/review", data=data))
    other = client.post(f"{at(found, 'ISM-05')}/review", data=data)
    assert "The vendor does not say that this question does not apply." in told(client, other)


def test_not_applicable_on_a_knock_out_needs_two_officers(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = claimed(app, cast, KNOCKOUT)
    data = {"action": "approve-na", "note": "They have no such systems."}
    client.as_(cast.oskar)
    page = told(client, client.post(f"{at(found, KNOCKOUT)}/review", data=data))
    assert "Approved by Oskar; 2 officers are needed." in page
    assert f"because {KNOCKOUT} is said not to apply, which is not approved" in page
    client.as_(cast.olga)
    page = told(client, client.post(f"{at(found, KNOCKOUT)}/review", data=data))
    assert "Costs no points." in page
    assert "2 officers are needed." in page


def test_a_legal_block_refuses_approval_and_says_why(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar, only=PRIVACY, instead=says_no("GDP-02"))
    client.as_(cast.oskar)
    here = f"/desk/assessments/{found}/decision"
    response = client.get(here)
    assert "This assessment cannot be approved." in words(response)
    assert "GDP-02 is answered “No”, worth 0 %, which the law does not allow" in words(response)
    assert 'value="approve"' not in response.text
    for outcome in ("approve", "approve-with-conditions"):
        data = {"outcome": outcome, "reasons": "We need them.", "conditions": "Sign soon."}
        refused = client.post(here, data=data)
        assert refused.status_code == 409
        assert "It cannot be approved while GDP-02" in words(refused)
        assert "We need them." in refused.text
    assert "Rejected" in told(client, client.post(here, data={**data, "outcome": "reject"}))


def test_a_decision_is_made_once_with_reasons(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    client.as_(cast.oskar)
    here = f"/desk/assessments/{found}/decision"
    wrong = [
        ({"outcome": "", "reasons": "Sound."}, "Choose one of the decisions."),
        ({"outcome": "approve", "reasons": " "}, "Give the reasons for the decision."),
        ({"outcome": "approve-with-conditions", "reasons": "Sound."}, "Say what the vendor has"),
    ]
    for data, said in wrong:
        refused = client.post(here, data=data)
        assert refused.status_code == 422
        assert said in words(refused)
    data = {"outcome": "approve-with-conditions", "reasons": "Sound.", "conditions": "Test yearly."}
    page = told(client, client.post(here, data=data))
    assert "Approved with conditions" in page
    assert "Test yearly." in page
    again = client.post(here, data=data)
    assert "Nothing was changed: the assessment is now “decided”." in told(client, again)
    late = client.post(f"{at(found)}/review", data={"action": "accept"})
    assert "the assessment is now “decided”" in told(client, late)


def test_marks_that_were_not_sent_hold_the_decision_up(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    with app.app_context():
        by = stages.reviewer(cast.olga)
        review_answer(found, ONE, Action.ASK_BACK, by, note="Since when?")
    client.as_(cast.oskar)
    here = f"/desk/assessments/{found}/decision"
    assert "ISM-04 is marked to be asked back." in words(client.get(here))
    refused = client.post(here, data={"outcome": "approve", "reasons": "Sound."})
    assert refused.status_code == 409
    assert "ISM-04 is marked to be asked back, and not sent." in words(refused)


def test_evidence_is_downloaded_as_it_was_given(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        stages.answer_all(invitation)
        name = "Über 100 % “sicher”.pdf"
        stages.attach(invitation, "ISM-01", name=name, issued_on=date(2026, 1, 1))
        stages.send_in(invitation)
        (file,) = of_assessment(reading(), invitation.assessment_id)
    client.as_(cast.oskar)
    path = f"/evidence/{file.evidence_id}/1"
    response = client.get(f"/desk/assessments/{invitation.assessment_id}{path}")
    assert response.data == stages.PDF
    headers = response.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Length"] == str(len(stages.PDF))
    assert headers["Content-Disposition"] == (
        'attachment; filename="_ber 100 _ _sicher_.pdf"; '
        "filename*=UTF-8''%C3%9Cber%20100%20%25%20%E2%80%9Csicher%E2%80%9D.pdf"
    )
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    other = came_in(app, cast.mallory, cast.oskar)
    assert client.get(f"/desk/assessments/{other}{path}").status_code == 404
    history = words(client.get(f"/desk/assessments/{invitation.assessment_id}/history"))
    assert f"Oskar downloaded “{name}”" in history


def test_a_file_that_was_changed_in_the_store_is_never_taken_for_whole(
    app: Flask, place: Place, client: Client, cast: Cast, capfd: pytest.CaptureFixture[str]
) -> None:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        stages.answer_all(invitation)
        small = stages.attach(invitation, "ISM-01")
        large = stages.attach(invitation, "ISM-01", stages.PDF + b"%" * 1_300_000)
        stages.send_in(invitation)
    for file, byte in ((small, 80), (large, 900_000)):
        (stored,) = (place.instance / "evidence").rglob(file.blob)
        changed = bytearray(stored.read_bytes())
        changed[byte] ^= 1
        stored.chmod(0o600)
        stored.write_bytes(changed)
        stored.chmod(0o400)
    at_all = f"/desk/assessments/{invitation.assessment_id}/evidence"
    client.as_(cast.oskar)
    refused = client.get(f"{at_all}/{small.evidence_id}/1")
    assert refused.status_code == 500
    assert "This file is damaged" in words(refused)
    assert "%PDF" not in refused.text
    with client.get(f"{at_all}/{large.evidence_id}/1", buffered=False) as begun:
        assert begun.status_code == 200
        came: list[bytes] = []
        with pytest.raises(Damaged):  # which ends the connection
            came.extend(begun.iter_encoded())
    assert 0 < sum(map(len, came)) < int(begun.headers["Content-Length"])
    noted = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["event"] for line in noted] == ["evidence damaged", "download broken"]
    assert [line["evidence"] for line in noted] == [f"{small.evidence_id}/1", large.evidence_id]
