"""What a vendor's browser goes through beside the straight way."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from riskapp.assessments.service import cancel
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.journeys.conftest import Desk, today

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def link(app: Flask, cast: Cast, clock: StoppedClock, desk: Desk) -> str:
    """A link that is open today, and behind midnight."""
    clock.time = today()
    due = clock.time.date() + timedelta(days=1)
    with app.app_context():
        return f"{desk.url}/i/{stages.issued(cast.vera, cast.oskar, due=due).token}"


def _start(page: Page, link: str) -> Page:
    page.goto(link)
    page.get_by_role("button", name="Start").or_(
        page.get_by_role("button", name="Continue")
    ).click()
    page.get_by_role("link", name="Incidents").click()
    expect(page.locator("h1")).to_have_text("Incidents")
    return page


def _choose(page: Page, value: str) -> None:
    page.locator(f'input[name="q-ISM-15-value"][value="{value}"]').check()


def _save(page: Page) -> None:
    with page.expect_navigation():  # with scripts it comes behind the save that is under way
        page.get_by_role("button", name="Save and stay here").click()


def test_of_two_tabs_neither_loses_its_answer(desk: Desk, link: str) -> None:
    first = _start(desk.page(), link)
    second = _start(desk.page(), link)
    _choose(first, "yes")
    _save(first)
    expect(first.locator('input[name="q-ISM-15-rev"]')).to_have_value("1")
    _choose(second, "no")
    _save(second)
    expect(second.locator("h1")).to_have_text("Two answers to one question")
    panels = second.locator(".panel")
    expect(panels.nth(0)).to_contain_text("Yes")
    expect(panels.nth(1)).to_contain_text("No")
    second.get_by_label("What I typed").check()
    second.get_by_role("button", name="Save my choice").click()
    expect(second.locator("h1")).to_have_text("Incidents")
    first.reload()
    expect(first.locator('input[name="q-ISM-15-value"][value="no"]')).to_be_checked()


def test_a_link_that_was_cancelled_says_so_and_whom_to_ask(
    desk: Desk, app: Flask, cast: Cast
) -> None:
    with app.app_context():
        issued = stages.issued(cast.vera, cast.oskar)
        cancel(issued.assessment_id, "Not needed", actor=cast.oskar.actor, now=ports().clock.now())
    page = desk.window().new_page()  # the 410 is an error to the browser's console
    page.goto(f"{desk.url}/i/{issued.token}")
    expect(page.locator("main")).to_contain_text("cancelled")
    expect(page.locator("main")).to_contain_text("security@harbour.example")
    page.goto(f"{desk.url}/i/unknown")
    expect(page.locator("h1")).to_have_text("There is nothing here")
