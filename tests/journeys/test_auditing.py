"""An auditor at work, in a real browser: from the list of all to a file, until access ends."""

import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests import pdfs, stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.journeys import people
from tests.journeys.conftest import Desk, accessible, today

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WISH = "Drawn for the sample of this quarter."
FILE = "certificate.pdf"


@pytest.fixture
def sent(app: Flask, cast: Cast, clock: StoppedClock) -> str:
    """An assessment that was sent in today, with a PDF of two pages."""
    clock.time = today()
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
        stages.answer_all(invitation)
        stages.attach(invitation, "ISM-01", pdfs.of_pages(["Page one", "Page two"]), name=FILE)
        stages.send_in(invitation)
    return link.assessment_id


@pytest.mark.usefixtures("sent")
def test_a_sample_is_drawn_asked_for_granted_read_and_taken_back(
    desk: Desk, cast: Cast, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    scripts = "no-scripts" not in request.node.callspec.id
    officer, auditor = desk.page(), desk.page()
    people.sign_in(officer, cast.oskar.email)
    _grant_the_list(officer, scripts=scripts)
    people.sign_in(auditor, cast.audrey.email)
    _draw(auditor, tmp_path, scripts=scripts)
    _answer(officer, scripts=scripts)
    _read(auditor, scripts=scripts)
    officer.get_by_role("link", name="What was granted").click()
    expect(officer.get_by_text(f"Looked at {FILE}")).to_be_visible()
    _look(officer, scripts=scripts)
    officer.get_by_role("button", name="Take access back").click()
    expect(officer.get_by_text("Access is taken back, from now on")).to_be_visible()
    auditor.get_by_role("link", name="Next page").first.click()
    expect(auditor.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert all("404 (Not Found)" in said for said in desk.complaints)
    desk.complaints.clear()


def _look(page: Page, *, scripts: bool) -> None:
    """Nothing for axe to find; nothing wider than a phone."""
    if not scripts:
        return
    accessible(page)
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide), page.url
    if size is not None:
        page.set_viewport_size(size)


def _grant_the_list(officer: Page, *, scripts: bool) -> None:
    officer.get_by_role("link", name="Grants", exact=True).click()
    officer.locator("summary", has_text="Grant the list").click()
    _look(officer, scripts=scripts)
    officer.get_by_label("Auditor", exact=True).select_option(index=1)
    officer.get_by_label("Purpose").fill("To draw the sample from")
    officer.get_by_role("button", name="Grant the list").click()
    expect(officer.get_by_role("heading", name="Access of Audrey")).to_be_visible()
    _look(officer, scripts=scripts)


def _draw(auditor: Page, folder: Path, *, scripts: bool) -> None:
    _look(auditor, scripts=scripts)
    auditor.get_by_role("link", name="The list of all vendors").click()
    _look(auditor, scripts=scripts)
    with auditor.expect_download() as waiting:
        auditor.get_by_role("link", name="Download the signed list").click()
    waiting.value.save_as(folder / "population.zip")
    with zipfile.ZipFile(folder / "population.zip") as archive:
        assert len(archive.namelist()) == 5
    auditor.get_by_role("link", name=re.compile("Ask for this one.*Nordlicht")).click()
    auditor.get_by_label("What you want to see").fill(WISH)
    _look(auditor, scripts=scripts)
    auditor.get_by_role("button", name="Send the request").click()
    expect(auditor.get_by_text("Waits for an answer")).to_be_visible()
    _look(auditor, scripts=scripts)


def _answer(officer: Page, *, scripts: bool) -> None:
    officer.get_by_role("link", name="Assessments", exact=True).first.click()
    officer.get_by_role("link", name="A request of an auditor waits").click()
    _look(officer, scripts=scripts)
    officer.get_by_role("link", name="Nordlicht").click()
    _look(officer, scripts=scripts)
    officer.get_by_label("Files of evidence open").check()
    officer.get_by_role("button", name="Grant access").click()
    expect(officer.get_by_role("heading", name="The answer")).to_be_visible()


def _read(auditor: Page, *, scripts: bool) -> None:
    auditor.get_by_role("link", name="Granted", exact=True).click()
    auditor.get_by_role("link", name="Nordlicht Software GmbH: Customer portal").click()
    _look(auditor, scripts=scripts)
    auditor.get_by_role("link", name=FILE).first.click()
    expect(auditor.get_by_role("img", name=f"Page 1 of {FILE}")).to_be_visible()
    _look(auditor, scripts=scripts)
