"""From a tier down to one answer, repairs tried, and what the vendor is shown of it."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from riskapp.answers.service import Given
from tests import stages
from tests.cast import Cast
from tests.journeys import people
from tests.journeys.conftest import Desk, accessible

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FAILED = "ISM-12"


def test_a_score_is_explained_tried_and_shared(
    app: Flask, desk: Desk, cast: Cast, request: pytest.FixtureRequest
) -> None:
    scripts = "no-scripts" not in request.node.callspec.id
    with app.app_context():
        link, _ = stages.submitted(
            cast.vera, cast.oskar, only=("iso-27001",), instead={FAILED: Given("no")}
        )
    page = desk.page()
    people.sign_in(page, cast.oskar.email)
    page.goto(f"/desk/assessments/{link.assessment_id}/score")
    expect(page.locator(".lead")).to_contain_text("High, 35.0: one failed knock-out (ISM-12)")
    _two_clicks_to_an_answer(page)
    _repairs_are_tried(page, scripts=scripts)
    page.get_by_label("Also the domains, what failed, and what would help").check()
    page.get_by_role("button", name="Save what the vendor sees").click()
    expect(page.get_by_text("The vendor sees tier, number and card of receipt 1.")).to_be_visible()
    vendor = desk.page()
    vendor.goto(f"/i/{link.token}")
    vendor.get_by_role("link", name="see the result").click()
    expect(vendor.locator("h1")).to_have_text("How Harbour Bank rates the risk")
    expect(vendor.get_by_text("You answered: No").first).to_be_visible()
    vendor.locator("summary").first.click()
    if scripts:
        accessible(vendor)


def _two_clicks_to_an_answer(page: Page) -> None:
    back = page.url
    page.locator("summary", has_text="People").click()
    page.locator("details[open]").get_by_role("link", name=FAILED).click()
    expect(page.locator("h1")).to_contain_text(FAILED)
    page.goto(back)


def _repairs_are_tried(page: Page, *, scripts: bool) -> None:
    page.locator("summary", has_text="Where these numbers stand").click()
    page.locator("summary", has_text="People").click()
    if scripts:
        accessible(page)
    page.get_by_label(f"Try {FAILED} repaired").check()
    if not scripts:
        page.get_by_role("button", name="Work it out").first.click()
    said = page.get_by_role("status").filter(has_text="With 1 repair")
    expect(said).to_contain_text("the score goes from 35.0, high, to 25.1, medium.")
    page.wait_for_url(f"**/score?fix={FAILED}*")
    page.reload()
    expect(page.get_by_label(f"Try {FAILED} repaired")).to_be_checked()
