import re

import pytest
from flask import Flask

from riskapp.answers.service import Given, save
from riskapp.assessments.queries import assessments, releases
from riskapp.core.db import reading
from riskapp.core.mail import Mail, MailNotSent
from riskapp.invites.queries import invitations
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.conftest import Client, Letterbox, Place, StoppedClock, dispose, make_app
from tests.web.desk import SECURITY, came_in, signed_in_anew, told, words

LINK = re.compile(r"http://localhost/i/[A-Za-z0-9_-]{43}")


class DeadMailServer:
    def send(self, mail: Mail) -> None:
        raise MailNotSent(mail.to)


PROPOSED = (
    "ask-access-control",
    "ask-exit-continuity",
    "ask-gdpr-processor",
    "ask-iso-27001",
    "ask-operations",
)


def form(**instead: object) -> dict[str, object]:
    return {
        **dict.fromkeys(PROPOSED, "proposed"),
        "due": "2026-12-15",
        "email": "vera@nordlicht.example",
        "then": "issue",
        **instead,
    }


def new(cast: Cast) -> str:
    return f"/desk/engagements/{cast.vera.engagement_id}/assessments/new"


def test_the_proposal_is_ticked_and_the_contact_is_filled_in(client: Client, cast: Cast) -> None:
    response = client.as_(cast.oskar).get(new(cast))
    assert len(re.findall(r'value="proposed" checked', response.text)) == 5
    assert re.search(r'name="ask-mvsp" value="none" checked', response.text)
    assert 'value="vera@nordlicht.example"' in response.text
    assert 'value="2026-12-14"' in response.text
    assert re.search(r"Together: 1[0-9]{2} questions, about [0-9] h", words(response))


def test_a_link_is_shown_once_and_only_to_whoever_made_it(client: Client, cast: Cast) -> None:
    response = client.as_(cast.oskar).post(new(cast), data=form())
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    found = LINK.findall(response.text)
    assert len(found) == 1
    assert "No mail server is set. Hand the link over to vera@nordlicht.example" in words(response)
    page = client.get(re.findall(r"/desk/assessments/[0-9a-f]{32}", response.text)[0])
    assert not LINK.search(page.text)
    assert "Not started" in page.text


def test_the_link_is_mailed_where_a_mail_server_is_set(
    mailing_app: Flask, letterbox: Letterbox, cast: Cast
) -> None:
    client = mailing_app.test_client()
    client.as_(cast.oskar)  # type: ignore[attr-defined]  # the tests' own client
    response = client.post(new(cast), data=form())
    (mail,) = letterbox.mails
    assert mail.to == "vera@nordlicht.example"
    assert "Customer portal" in mail.subject
    assert LINK.findall(mail.text) == LINK.findall(response.text)
    assert "15 December 2026" in mail.text
    assert "The mail server took the mail" in words(response)
    with mailing_app.app_context():
        (row,) = assessments(reading())
        (sent,) = invitations(reading(), row.id)
    assert sent.mailed_at is not None


def test_a_mail_that_was_not_taken_is_said_and_the_link_is_there_all_the_same(
    place: Place, clock: StoppedClock, cast: Cast
) -> None:
    app = make_app(
        place.instance, place.url, clock=clock, mailer=DeadMailServer(), base_url="http://localhost"
    )
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.as_(cast.oskar)  # type: ignore[attr-defined]  # the tests' own client
    response = client.post(new(cast), data=form())
    assert response.status_code == 200
    assert "The mail was not sent." in words(response)
    assert LINK.search(response.text)
    with app.app_context():
        (row,) = assessments(reading())
        assert invitations(reading(), row.id)[0].mailed_at is None
    dispose(app)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (dict.fromkeys(PROPOSED, "none"), "Choose at least one questionnaire."),
        ({"ask-mvsp": "twice"}, "Choose from what is offered here."),
        ({"ask-mvsp": "some", "pick-mvsp": ["ISM-01"]}, "Choose from what is offered here."),
        ({"ask-operations": "none"}, "Your choice differs from what is proposed."),
        (
            {"ask-operations": "some", "pick-operations": ["OPS-01"]},
            "Your choice differs from what is proposed.",
        ),
        ({"due": "2026-11-22"}, "The due date has passed."),
        ({"due": "2028-01-01"}, "Choose a due date within a year."),
        ({"due": "tomorrow"}, "Enter the due date as a date, like 2027-03-31."),
        ({"email": "vera"}, "Enter one e-mail address, like vera@example.com."),
    ],
)
def test_a_wrong_assessment_is_refused_and_nothing_is_drawn_up(
    app: Flask, client: Client, cast: Cast, wrong: dict[str, object], said: str
) -> None:
    response = client.as_(cast.oskar).post(new(cast), data=form(**wrong))
    assert response.status_code == 422
    assert said in words(response)
    assert not LINK.search(response.text)
    with app.app_context():
        assert assessments(reading()) == []


def test_a_draft_tells_nobody_and_is_issued_later(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    response = client.post(new(cast), data=form(then="draft", email=""))
    assert "Nobody was told." in told(client, response)
    here = response.headers["Location"]
    refused = client.post(f"{here}/issue", data={"issue-email": "nobody"})
    assert refused.status_code == 422
    issued = client.post(f"{here}/issue", data={"issue-email": "vera@nordlicht.example"})
    assert LINK.search(issued.text)
    again = client.post(f"{here}/issue", data={"issue-email": "vera@nordlicht.example"})
    assert "Nothing was changed: the assessment is now “issued”." in told(client, again)


def test_a_draft_whose_day_has_passed_asks_for_another_day(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    client.as_(cast.oskar)
    response = client.post(new(cast), data=form(then="draft", due="2026-11-23"))
    clock.pass_by(hours=15, minutes=30)
    client.as_(signed_in_anew(app, cast.oskar))
    refused = client.post(f"{response.headers['Location']}/issue", data={"issue-email": "v@x.org"})
    assert refused.status_code == 422
    assert "The due date has passed." in words(refused)


def test_an_engagement_without_an_intake_leads_to_the_intake(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    made = client.post(
        f"/desk/vendors/{cast.vera.vendor_id}/engagements/new",
        data={"title": "Support", "services": ["helpdesk"]},
    )
    engagement = made.headers["Location"].removesuffix("/intake")
    page = told(client, client.get(f"{engagement}/assessments/new"))
    assert "Answer the intake first" in page
    assert "Intake: Support" in page


def test_the_recipient_is_changed_and_the_old_link_opens_nothing(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        first = stages.issued(cast.vera, cast.oskar, only=SECURITY)
    client.as_(cast.oskar)
    here = f"/desk/assessments/{first.assessment_id}"
    data = {"link-email": "viktor@nordlicht.example", "link-replace": "yes"}
    response = client.post(f"{here}/links", data=data)
    assert LINK.search(response.text)
    page = words(client.get(here))
    assert "viktor@nordlicht.example" in page
    assert page.count("Revoked") == 1
    assert client.post(f"{here}/links", data={"link-email": "x"}).status_code == 422


def test_a_link_is_revoked_extended_and_the_assessment_cancelled(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        first = stages.issued(cast.vera, cast.oskar, only=SECURITY)
        other = stages.issued(cast.mallory, cast.oskar, only=SECURITY)
    client.as_(cast.oskar)
    here = f"/desk/assessments/{first.assessment_id}"
    foreign = client.post(f"{here}/links/{other.invitation_id}/revoke")
    assert foreign.status_code == 404
    page = told(client, client.post(f"{here}/links/{first.invitation_id}/revoke"))
    assert "The link is revoked." in page
    assert client.post(f"{here}/extend", data={"extend-due": "2026-01-01"}).status_code == 422
    page = told(client, client.post(f"{here}/extend", data={"extend-due": "2027-01-31"}))
    assert "31 January 2027" in page
    assert client.post(f"{here}/cancel", data={"cancel-reason": " "}).status_code == 422
    page = told(client, client.post(f"{here}/cancel", data={"cancel-reason": "Not bought."}))
    assert "Cancelled" in page
    late = client.post(f"{here}/extend", data={"extend-due": "2027-02-01"})
    assert "An assessment that has ended has no due date any more." in told(client, late)


def test_no_link_is_given_to_what_is_not_with_the_vendor(
    app: Flask, client: Client, cast: Cast
) -> None:
    here = f"/desk/assessments/{came_in(app, cast.vera, cast.oskar)}"
    response = client.as_(cast.oskar).post(f"{here}/links", data={"link-email": "v@x.org"})
    assert "Links are given while the assessment is with the vendor." in told(client, response)


def test_the_overview_says_whether_it_was_started_and_how_far_it_is(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        question = stages.question(invitation, "ISM-04")
        given = Given(stages.good_answer(question))
        now = ports().clock.now()
        save(question, given, stages.saving(invitation), now=now)
    client.as_(cast.oskar)
    page = words(client.get(f"/desk/assessments/{link.assessment_id}"))
    assert re.search(r"Answered: 1 of \d\d", page)
    assert "Not started" not in page
    answers = words(client.get(f"/desk/assessments/{link.assessment_id}/answers"))
    assert "Nothing has come in yet" in answers
    assert "ISM-04" not in answers, "what is not submitted is not ours to read"


def test_a_form_that_is_sent_twice_draws_up_one_assessment(client: Client, cast: Cast) -> None:
    page = f"/desk/engagements/{cast.vera.engagement_id}/assessments/new"
    form = {
        "ask-iso-27001": "all",
        "reason": "Enough for a start.",
        "due": "2026-12-14",
        "email": cast.vera.email,
        "cycle": "1",
        "then": "issue",
    }
    assert client.as_(cast.oskar).post(page, data=form).status_code == 200
    again = client.post(page, data=form, follow_redirects=True)
    assert "drawn up already" in again.get_data(as_text=True)
    listed = client.get("/desk/assessments").get_data(as_text=True)
    assert listed.count("Customer portal") == 1


def test_a_vendor_and_its_engagement_are_registered_once(client: Client, cast: Cast) -> None:
    vendor = {"name": "Nordlicht software GmbH", "country": "DE"}
    again = client.as_(cast.oskar).post("/desk/vendors/new", data=vendor)
    assert again.status_code == 422
    assert "registered already" in again.get_data(as_text=True)
    engagement = {"title": "Customer portal", "services": "development"}
    page = f"/desk/vendors/{cast.vera.vendor_id}/engagements/new"
    again = client.post(page, data=engagement)
    assert again.status_code == 422
    assert "engagement of this name" in again.get_data(as_text=True)


def test_counting_again_shows_what_a_choice_comes_to_and_sends_nothing(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    chosen = {**dict.fromkeys(PROPOSED, "none"), "ask-mvsp": "some", "pick-mvsp": ["MVS-11"]}
    response = client.post(new(cast), data=form(**chosen, then="count"))
    assert response.status_code == 200
    assert "Together: 1 question, about 5 minutes." in words(response)
    assert re.search(r'id="pick-MVS-11"[^>]* checked', response.text)
    assert not re.search(r'id="pick-MVS-12"[^>]* checked', response.text)
    with app.app_context():
        assert assessments(reading()) == []


def test_only_the_chosen_questions_are_asked_and_a_reason_is_kept(
    app: Flask, client: Client, cast: Cast
) -> None:
    chosen = {
        **dict.fromkeys(PROPOSED, "none"),
        "ask-iso-27001": "some",
        "pick-iso-27001": ["ISM-03", "ISM-16"],
        "ask-gdpr-processor": "some",
        "pick-gdpr-processor": ["GDP-18"],
        "reason": "A short check before the renewal.",
    }
    response = client.as_(cast.oskar).post(new(cast), data=form(**chosen))
    assert LINK.search(response.text)
    with app.app_context():
        (row,) = assessments(reading())
        sent = releases(reading(), ports().library, row.id)
    assert row.choice_reason == "A short check before the renewal."
    asked = {release.id: list(release.questions) for release in sent}
    assert asked == {"iso-27001": ["ISM-01", "ISM-03", "ISM-16"]}, "GDP-18 is asked as ISM-16"


def test_what_another_questionnaire_would_have_asked_stays_where_that_one_is_not_sent(
    app: Flask, client: Client, cast: Cast
) -> None:
    chosen = {"ask-exit-continuity": "none", "reason": "Exit is asked with the renewal."}
    client.as_(cast.oskar).post(new(cast), data=form(**chosen))
    with app.app_context():
        (row,) = assessments(reading())
        sent = {one.id: one for one in releases(reading(), ports().library, row.id)}
    assert {"GDP-10", "GDP-22"} <= set(sent["gdpr-processor"].questions)
    assert "GDP-18" not in sent["gdpr-processor"].questions
