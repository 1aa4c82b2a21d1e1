"""A questionnaire is tried by an officer: with scripts the score follows, without by a button."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.journeys import people
from tests.journeys.conftest import Desk, accessible

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_questionnaire_is_tried_and_the_score_follows(
    desk: Desk, cast: Cast, request: pytest.FixtureRequest
) -> None:
    scripts = "no-scripts" not in request.node.callspec.id
    page = desk.page()
    people.sign_in(page, cast.oskar.email)
    page.get_by_role("link", name="Questionnaires").click()
    page.get_by_role("link", name="Try iso-27001@2026.1").click()
    expect(page.locator("h1")).to_have_text("Try: Information security management")
    said = page.get_by_role("status").filter(has_text="Residual risk")
    expect(said).to_contain_text("Residual risk 87.5, critical.")
    if scripts:
        accessible(page)
    _answer(page, "ISM-04", "yes", scripts=scripts)
    expect(said).not_to_contain_text("87.5")
    expect(page.locator('[data-cost="ISM-04"]')).to_contain_text("has no proof")
    page.locator('[name="q-ISM-04-proof"]').select_option("independent")
    _update(page, scripts=scripts)
    expect(page.locator('[data-cost="ISM-04"]')).to_be_hidden()
    page.get_by_label("Inherent risk").fill("nearly none")
    page.get_by_label("Inherent risk").press("Tab")
    _update(page, scripts=scripts)
    expect(page.locator("#fact-inherent-error")).to_contain_text("“nearly none” is no inherent")
    page.get_by_label("Inherent risk").fill("low")
    page.get_by_label("Inherent risk").press("Tab")
    _update(page, scripts=scripts)
    expect(said).to_contain_text(", low.")
    expect(page.locator("#fact-inherent-error")).to_be_hidden()
    expect(page.locator('input[name="q-ISM-04-value"][value="yes"]')).to_be_checked()


def _answer(page: Page, question: str, value: str, *, scripts: bool) -> None:
    page.locator(f'input[name="q-{question}-value"][value="{value}"]').check()
    _update(page, scripts=scripts)


def _update(page: Page, *, scripts: bool) -> None:
    if not scripts:
        page.get_by_role("button", name="Update").first.click()
