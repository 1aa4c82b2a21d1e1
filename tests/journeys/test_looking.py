"""Evidence that wants to do harm, looked at in a real browser; and two versions side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from tests import pdfs, stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.journeys import people
from tests.journeys.conftest import Desk, accessible

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

QUESTION = "ISM-01"


@contextmanager
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that files want to reach; its address, and what reached it."""
    reached: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - as above

    server = HTTPServer(("127.0.0.1", 0), Listening)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", reached
    server.shutdown()
    thread.join()
    server.server_close()


def came_in(app: Flask, cast: Cast, clock: StoppedClock, address: str) -> str:
    """A certificate in two versions, and two files that reach out; gives the assessment's id."""
    twelve = pdfs.of_pages([f"This is page {number}" for number in range(1, 13)])
    script = f"<script>fetch('{address}/text')</script>,=cmd|' /C calc'!A0\n".encode()
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
        stages.answer_all(invitation)
        stages.attach(invitation, QUESTION, twelve)
        (use,) = of_assessment(reading(), invitation.assessment_id)
        stages.attach(invitation, QUESTION, pdfs.acts(f"{address}/pdf"), name="acting.pdf")
        stages.attach(invitation, QUESTION, b"name\n" + script, name="script.csv")
        stages.send_in(invitation)
        by = stages.reviewer(cast.oskar)
        review_answer(link.assessment_id, QUESTION, Action.ASK_BACK, by, note="A newer one")
        send_back(link.assessment_id, clock.time.date() + timedelta(days=9), by)
        clock.pass_by(minutes=1)
        again = stages.opened(link.token)
        stages.attach(again, QUESTION, pdfs.of_pages(["The new page"]), replaces=use.use_id)
        stages.send_in(again)
    return link.assessment_id


def test_evidence_is_looked_at_and_nothing_in_it_runs(
    app: Flask, desk: Desk, cast: Cast, clock: StoppedClock, request: pytest.FixtureRequest
) -> None:
    scripts = "no-scripts" not in request.node.callspec.id
    with stranger() as (address, reached):
        assessment = came_in(app, cast, clock, address)
        page = desk.page()
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        people.sign_in(page, cast.oskar.email)
        question = f"/desk/assessments/{assessment}/questions/{QUESTION}"
        for name in ("acting.pdf", "script.csv"):
            page.goto(question)
            page.get_by_role("link", name=name, exact=True).click()
            expect(page.locator("h1")).to_contain_text(name)
            page.wait_for_load_state("networkidle")
            if scripts:
                accessible(page)
        page.goto(question)
        page.get_by_role("link", name="certificate.pdf", exact=True).click()
        _side_by_side(page)
        if scripts:
            accessible(page)
        assert reached == []
        assert [url for url in asked if not url.startswith(desk.url)] == []


def _side_by_side(page: Page) -> None:
    """From the newest version to both, and on, by the keyboard alone."""
    expect(page.get_by_role("img", name="Page 1 of certificate.pdf")).to_be_visible()
    page.get_by_role("link", name="Side by side with version 1").press("Enter")
    expect(page.get_by_role("region", name="Version 1, left").get_by_role("img")).to_be_visible()
    page.wait_for_load_state("networkidle")
    left, right = page.get_by_role("img").all()
    for picture in (left, right):
        assert picture.evaluate("one => one.complete && one.naturalWidth") == 1000
    page.get_by_label("Page, up to 12").fill("7")
    page.get_by_label("Page, up to 12").press("Enter")
    expect(page.get_by_role("img", name="Page 7 of certificate.pdf")).to_be_visible()
    expect(page.get_by_text("It has no page 7.")).to_be_visible()
    page.locator("summary", has_text="Text of this page").press("Enter")
    expect(page.get_by_text("This is page 7")).to_be_visible()
