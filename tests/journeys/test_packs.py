"""Packs in a real browser: an officer keeps something out, an auditor takes a sample."""

import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from riskapp.assessments.grants import Wish, grant_access
from riskapp.packs.verify import examine_file
from tests import stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.journeys import people
from tests.journeys.conftest import Desk, accessible, today

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

REASON = "Names other customers"
LEFT_OUT, SAMPLE = "ISM-02", ("ISM-01", "ISM-04")


@pytest.fixture
def decided(app: Flask, cast: Cast, clock: StoppedClock) -> str:
    """An assessment of today, granted to Audrey."""
    clock.time = today()
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.oskar, only=("iso-27001",))
        day = clock.time.date()
        wish = Wish(
            cast.audrey.id,
            invitation.vendor_id,
            invitation.assessment_id,
            day,
            day + timedelta(days=9),
            evidence=True,
            purpose="Yearly audit",
        )
        grant_access(wish, actor=cast.oskar.actor, now=clock.time)
    return invitation.assessment_id


def test_an_officer_keeps_an_answer_out_and_an_auditor_takes_a_sample(
    desk: Desk, decided: str, cast: Cast, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    scripts = "no-scripts" not in request.node.callspec.id
    officer, auditor = desk.page(), desk.page()
    people.sign_in(officer, cast.oskar.email)
    officer.goto(f"/desk/assessments/{decided}")
    officer.get_by_role("link", name="Make an evidence pack").click()
    _keep_out(officer, scripts=scripts)
    answers = _taken(officer, tmp_path / "officer.zip")
    assert answers[LEFT_OUT]["redacted"] == REASON
    assert answers[SAMPLE[0]]["redacted"] is None
    people.sign_in(auditor, cast.audrey.email)
    auditor.goto(f"/auditor/assessments/{decided}")
    auditor.get_by_role("link", name="Take an evidence pack").click()
    total = _choose(auditor, scripts=scripts)
    left_out = f"{len(SAMPLE)} of {total} questions are in it; {total - len(SAMPLE)} were left out."
    expect(auditor.get_by_text(left_out)).to_be_visible()
    answers = _taken(auditor, tmp_path / "auditor.zip")
    assert {name for name, one in answers.items() if one["redacted"] is None} == set(SAMPLE)


def _keep_out(page: Page, *, scripts: bool) -> None:
    page.get_by_label("For whom").fill("Audit House Ltd")
    page.get_by_label("Purpose").fill("Yearly audit")
    page.locator("summary", has_text="Certification and scope").press("Enter")
    page.get_by_label(re.compile(rf"^\s*{LEFT_OUT} ")).check()
    if scripts:
        accessible(page)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label(f"The answer to {LEFT_OUT}").fill(REASON)
    if scripts:
        accessible(page)
    page.get_by_role("button", name="Make the pack").click()
    expect(page.locator("h1")).to_have_text("Evidence pack for Audit House Ltd")
    expect(page.get_by_role("row", name=f"The answer to {LEFT_OUT} {REASON}")).to_be_visible()
    if scripts:
        accessible(page)


def _choose(page: Page, *, scripts: bool) -> int:
    """How many questions there are to choose from."""
    for name in SAMPLE:
        page.get_by_label(re.compile(rf"^\s*{name} ")).check()
    page.get_by_role("button", name="Count").click()
    page.wait_for_load_state()
    total = page.locator("input[name=questions]").count()
    expect(page.get_by_text(f"{len(SAMPLE)} of {total} questions are chosen.")).to_be_visible()
    if scripts:
        accessible(page)
    page.get_by_role("button", name="Make a pack of these").click()
    if scripts:
        accessible(page)
    return total


def _taken(page: Page, to: Path) -> dict[str, Any]:
    """Downloads the pack on whose page one is, and verifies it; its questions by their ids."""
    key = re.search(r"SHA256:[A-Za-z0-9+/]{43}", page.inner_text("main"))
    assert key is not None
    found = examine_file(people.download(page, to), key[0])
    assert (found.problems, found.code) == ([], 0)
    page.reload()
    expect(page.get_by_role("heading", name="Taken away")).to_be_visible()
    with zipfile.ZipFile(to) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("/data/answers.json")]
        document = json.loads(archive.read(name))
    return {
        question["id"]: question
        for questionnaire in document["questionnaires"]
        for section in questionnaire["sections"]
        for question in section["questions"]
    }
