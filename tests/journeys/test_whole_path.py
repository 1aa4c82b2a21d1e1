"""From invitation to pack, as people do it: with scripts and without, on both databases."""

import json
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from riskapp.catalogue.library import Library
from tests.cast import Cast
from tests.journeys import people
from tests.journeys.conftest import Desk, accessible, today

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

BADLY = {"ISM-04": "partly", "GDP-08": "partly"}


def test_the_whole_path(
    desk: Desk, cast: Cast, library: Library, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    scripts = "no-scripts" not in request.node.callspec.id
    officer, vendor = desk.page(), desk.page()

    people.sign_in(officer, cast.oskar.email)
    people.register(officer)
    people.answer_intake(officer, library)
    expect(officer.get_by_role("heading", name="Inherent risk")).to_be_visible()
    expect(officer.get_by_text("gdpr-processor@2026.1")).to_be_visible()
    link = people.issue(officer)
    officer.get_by_role("link", name="To the assessment").click()
    assessment = officer.url
    expect(officer.get_by_text("Not started")).to_be_visible()

    _answer_and_submit(vendor, link, library, scripts=scripts)
    _opening_again_shows_the_acknowledgement(desk.page(), link, tmp_path)

    officer.goto(assessment)
    expect(officer.get_by_text("Not started")).to_have_count(0)
    if scripts:
        accessible(officer)
    _review_and_send_back(officer, assessment)
    _reply(vendor, link)
    _second_round(officer, assessment)
    _decide(officer, assessment)
    _grant(officer, assessment)
    _audit(desk.page(), cast, tmp_path, scripts=scripts)


def _answer_and_submit(vendor: Page, link: str, library: Library, *, scripts: bool) -> None:
    vendor.goto(link)
    expect(vendor.locator("h1")).to_contain_text("Harbour Bank asks")
    expect(vendor.get_by_text("ISM-16")).to_be_visible()
    if scripts:
        accessible(vendor)
    vendor.get_by_role("button", name="Start").click()
    expect(vendor.get_by_role("link", name="Check and send in")).to_be_visible()
    tasks = vendor.url
    answered = people.answer_sections(vendor, library, scripts=scripts, badly=BADLY)
    assert answered > 60
    vendor.goto(f"{tasks}evidence/ISM-01")
    people.attach(vendor)
    if scripts:
        accessible(vendor)
    vendor.goto(f"{tasks}evidence/ISM-03")
    people.attach(vendor, "statement.pdf")
    vendor.get_by_role("button", name="Remove statement.pdf").click()
    expect(vendor.get_by_role("heading", name="Nothing is attached yet")).to_be_visible()
    vendor.goto(f"{tasks}submit")
    people.send_in(vendor)


def _opening_again_shows_the_acknowledgement(page: Page, link: str, folder: Path) -> None:
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Your answers have arrived")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download acknowledgement 1").click()
    waiting.value.save_as(folder / "acknowledgement.json")
    acknowledgement = json.loads((folder / "acknowledgement.json").read_text())
    assert len(acknowledgement["answers"]) > 60
    assert [file["name"] for file in acknowledgement["evidence"]] == ["certificate.pdf"]
    text = json.dumps(acknowledgement)
    assert "tier" not in text
    assert "score" not in text


def _review_and_send_back(officer: Page, assessment: str) -> None:
    first = people.shown_score(officer, assessment)
    expect(officer.get_by_text(re.compile("because.*ISM-16")).first).to_be_visible()
    people.review(officer, assessment, "GDP-01", "Confirm")
    people.review(officer, assessment, "GDP-14", "Confirm")
    people.review(officer, assessment, "GDP-32", "Confirm")
    people.review(officer, assessment, "ISM-06", "Accept")
    assert people.shown_score(officer, assessment) < first
    people.review(officer, assessment, "ISM-05", "Reject", "The chart names nobody.")
    worse = people.shown_score(officer, assessment)
    officer.goto(f"{assessment}/questions/ISM-05")
    officer.locator("summary", has_text="Undo this").click()
    officer.get_by_label("Why").last.fill("They sent the right chart.")
    officer.get_by_role("button", name="Undo", exact=True).click()
    assert people.shown_score(officer, assessment) < worse
    officer.goto(f"{assessment}/questions/ISM-01")
    officer.locator("summary", has_text="Review this file").click()
    officer.get_by_label("Independent").check()
    officer.get_by_role("button", name="Save the review").click()
    expect(officer.get_by_text("Marked a file as independent")).to_be_visible()
    people.review(officer, assessment, "ISM-04", "Ask back", "Which policy was not reviewed?")
    officer.goto(assessment)
    officer.get_by_role("button", name="Send 1 question back").click()
    expect(officer.get_by_text("Returned").first).to_be_visible()


def _reply(vendor: Page, link: str) -> None:
    vendor.goto(link)
    expect(vendor.locator("h1")).to_contain_text("has asked back")
    vendor.get_by_role("button", name="Continue").click()
    vendor.locator("main").get_by_role("link").first.click()
    expect(vendor.get_by_text("Which policy was not reviewed?")).to_be_visible()
    expect(vendor.locator("fieldset[data-question]:not([hidden])")).to_have_count(1)
    vendor.locator('input[name="q-ISM-04-value"]').first.check()
    with vendor.expect_navigation():  # which with scripts comes behind the save that is under way
        vendor.get_by_role("button", name="Save and stay here").click()
    vendor.get_by_role("link", name="All sections").click()
    vendor.get_by_role("link", name="Check and send in").click()
    people.send_in(vendor)
    expect(vendor.get_by_role("heading", name="Submission 2")).to_be_visible()


def _second_round(officer: Page, assessment: str) -> None:
    officer.goto(f"{assessment}/score")
    expect(officer.get_by_text("Submission 2").first).to_be_visible()
    expect(officer.get_by_text("Submission 1", exact=False).first).to_be_visible()


def _decide(officer: Page, assessment: str) -> None:
    officer.goto(f"{assessment}/decision")
    officer.get_by_label("Approved with conditions").check()
    officer.get_by_label("Reasons").fill("Sound, but for the annex.")
    officer.locator("textarea[name=conditions]").fill("A concrete annex by March.")
    officer.get_by_role("button", name="Decide").click()
    officer.goto(assessment)
    expect(officer.get_by_text("Approved with conditions").first).to_be_visible()


def _grant(officer: Page, assessment: str) -> None:
    officer.goto(assessment)
    officer.get_by_role("link", name="Let an auditor see it").click()
    officer.get_by_label("Auditor", exact=True).select_option(index=1)
    tomorrow = today().date() + timedelta(days=1)  # for the case that today ends meanwhile
    officer.get_by_label("Last day of access").fill(tomorrow.isoformat())
    officer.get_by_label("Files of evidence open").check()
    officer.get_by_label("Purpose").fill("Yearly audit of outsourcing")
    officer.get_by_role("button", name=re.compile("Grant|Give")).click()
    expect(officer.get_by_text("Yearly audit of outsourcing")).to_be_visible()


def _audit(auditor: Page, cast: Cast, folder: Path, *, scripts: bool) -> None:
    people.sign_in(auditor, cast.audrey.email)
    auditor.get_by_role("link", name="Windrose Coding").first.click()
    expect(auditor.get_by_text("A concrete annex by March.")).to_be_visible()
    if scripts:
        accessible(auditor)
    auditor.get_by_role("link", name="Take an evidence pack").click()
    auditor.get_by_role("button", name="Make a pack of everything").click()
    fingerprint = re.search(r"SHA256:[A-Za-z0-9+/]{43}", auditor.inner_text("main"))
    assert fingerprint is not None
    pack = people.download(auditor, folder / "pack.zip")
    unpacked = folder / "unpacked"
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(unpacked)  # our own archive, of safe names
    script = next(unpacked.rglob("verify.py"))
    assert _verified(script, fingerprint[0]).returncode == 0, _verified(script).stdout
    assert _verified(script).returncode == 4
    file = next(script.parent.rglob("certificate.pdf"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    broken = _verified(script)
    assert broken.returncode == 1
    assert "certificate.pdf" in broken.stdout


def _verified(script: Path, key: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs it as on a machine without riskapp: isolated, no site packages, an empty environment."""
    return subprocess.run(
        [sys.executable, "-I", "-S", script.name, *(["--key", key] if key else [])],
        cwd=script.parent,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
