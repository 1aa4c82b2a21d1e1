"""Every page of an assessment whose answers were erased, for whoever may look."""

import pytest
from flask import Flask

from riskapp.assessments.service import cancel
from riskapp.audit.service import CLOCK
from riskapp.core.db import reading
from riskapp.custody.rules import RecordClass
from riskapp.invites.service import Issued
from riskapp.reviews.sharing import Shown
from riskapp.scoring.cases import scored
from riskapp.scoring.intakes import answer_intake
from riskapp.scoring.rescoring import rescore
from riskapp.vendors.service import end_engagement, resume_engagement
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import INTAKE, Cast, Member
from tests.conftest import Client, StoppedClock
from tests.custody.retaining import erased, keep_for
from tests.small import app
from tests.web.auditor import grant
from tests.web.desk import signed_in_anew, told, words

__all__ = ["app"]

ERASED = "was erased on"


@pytest.fixture
def house(app: Flask, cast: Cast, clock: StoppedClock) -> tuple[Flask, Issued]:
    """Two cycles of one engagement that has ended, both erased; the second was shared."""
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        stages.decided(cast.vera, cast.oskar, only=small.ONLY)
        link, second = stages.decided(cast.vera, cast.oskar, only=small.ONLY)
        stages.share_newest(second.assessment_id, Shown.CARD, stages.reviewer(cast.oskar))
        grant(cast, cast.vera)
        end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
        keep_for(30, RecordClass.ANSWERS, by=cast)
        clock.pass_by(days=32)
        assert len(erased()) == 2
    return app, link


def browser(app: Flask, member: Member) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    return client.as_(signed_in_anew(app, member))


def test_every_page_of_the_desk_says_so_and_keeps_what_was_decided(
    house: tuple[Flask, Issued], cast: Cast
) -> None:
    app, link = house
    desk, here = browser(app, cast.oskar), f"/desk/assessments/{link.assessment_id}"
    for path in ("", "/answers", "/score", "/decision", "/history", f"/questions/{small.PROVEN}"):
        response = desk.get(here + path, follow_redirects=True)
        assert response.status_code == 200, path
        assert ERASED in words(response), path
    said = words(desk.get(here))
    assert "Erased by the rule of 30 days" in said
    assert "Sound throughout." in said
    assert "Make an evidence pack" not in said
    assert "decided: approved" in words(desk.get(f"{here}/history"))
    for path in ("/receipts/1.json", "/score?receipt=1", "/as-the-vendor-sees-it?shown=card"):
        assert desk.get(here + path).status_code == 404, path
    for path in ("risk", "places"):
        response = desk.get(f"/desk/engagements/{cast.vera.engagement_id}/{path}")
        assert "were erased" in words(response), path
    for path in (
        "/assessments",
        "/vendors",
        f"/vendors/{cast.vera.vendor_id}",
        f"/engagements/{cast.vera.engagement_id}",
    ):
        assert desk.get(f"/desk{path}").status_code == 200, path
    data = {"recipient": "Ina", "purpose": "Audit"}
    assert "There is no pack any more" in told(desk, desk.post(f"{here}/pack", data=data))


def test_the_auditor_reads_the_decision_and_that_the_rest_is_erased(
    house: tuple[Flask, Issued], cast: Cast
) -> None:
    app, link = house
    auditor, here = browser(app, cast.audrey), f"/auditor/assessments/{link.assessment_id}"
    said = words(auditor.get(here))
    assert ERASED in said
    assert "Sound throughout." in said
    assert "There is no pack any more." in said
    assert auditor.post(f"{here}/pack").status_code == 409
    for path in ("/receipts/1.json", "/acknowledgements/1.json"):
        assert auditor.get(here + path).status_code == 404


def test_the_vendors_link_says_that_the_answers_were_erased(
    house: tuple[Flask, Issued],
) -> None:
    app, link = house
    vendor = app.test_client()
    said = words(vendor.get(f"/i/{link.token}"))
    assert "Your answers were erased" in said
    assert "25 December 2026" in said
    assert vendor.get(f"/i/{link.token}/result").status_code == 404
    gone = vendor.get(f"/i/{link.token}/acknowledgement-1.json")
    assert gone.status_code == 404


def test_whatever_scores_again_passes_over_it(
    house: tuple[Flask, Issued], cast: Cast, clock: StoppedClock
) -> None:
    app, _ = house
    with app.app_context():
        resume_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
        clock.pass_by(days=400)
        assert rescore(cause="Time passed", actor=CLOCK, now=clock.now()) == []
        answer_intake(
            ports().library,
            cast.vera.engagement_id,
            {**INTAKE, "INT-09": "none"},
            actor=cast.oskar.actor,
            now=clock.now(),
        )
        assert list(scored(reading(), ports().library, small.NAME)) == []


def test_a_cycle_that_is_cancelled_leaves_no_score_where_the_one_before_is_erased(
    house: tuple[Flask, Issued], cast: Cast, clock: StoppedClock
) -> None:
    app, _ = house
    desk = browser(app, cast.oskar)
    with app.app_context():
        resume_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
        third = stages.submitted(cast.vera, cast.oskar, only=small.ONLY)[1]
        before = small.row(third).tier
        assert before is not None
        cancel(third.assessment_id, "Wrong form.", actor=cast.oskar.actor, now=clock.now())
    page = desk.get(f"/desk/engagements/{cast.vera.engagement_id}")
    assert "Not assessed yet" in words(page)
