"""A really served app and a real browser; without JavaScript on request."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from riskapp.catalogue.library import Library
from riskapp.settings import Settings
from tests.conftest import Place
from tests.requirements import chromium, missing
from tests.serving import Served

REFUSED = re.compile(r"status of (409|422)")
FLAGS = [
    "--no-sandbox",  # as root in a container there is no other way
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WITHIN = 60_000
"""Milliseconds, of a slow machine: the 5 s that expectations have by themselves are short for it"""
expect.set_options(timeout=WITHIN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves the soak three of the four ways to each end, and all of the longest."""
    for item in items:
        first = "whole_path" not in item.nodeid and item.nodeid.endswith("[sqlite-scripts]")
        if "journeys" in item.nodeid and not first:
            item.add_marker(pytest.mark.soak)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        missing("browser")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def served(place: Place, tmp_path: Path) -> Iterator[Served]:
    """The app over a database with the cast, at today's time."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    settings = {"organisation": "Harbour Bank", "contact": "security@harbour.example"}
    with Served(place.instance, place.url, scratch, settings=settings) as app:
        yield app


@pytest.fixture
def library() -> Library:
    return Library(Settings().questionnaires)


class Desk:
    """Opens browser windows for people, each with cookies of its own."""

    def __init__(self, browser: Browser, url: str, *, scripts: bool) -> None:
        self._browser, self._scripts, self.url = browser, scripts, url
        self._windows = ExitStack()
        self.complaints: list[str] = []

    def window(self) -> BrowserContext:
        made = self._browser.new_context(
            base_url=self.url, java_script_enabled=self._scripts, accept_downloads=True
        )
        made.set_default_timeout(WITHIN)
        self._windows.callback(made.close)
        return made

    def page(self) -> Page:
        """A window in which every error that the browser reports is kept."""
        page = self.window().new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        return page

    def _listen(self, said: ConsoleMessage) -> None:
        """Keeps errors, but for what the app refused: a half-filled row, an older answer."""
        if said.type == "error" and not REFUSED.search(said.text):
            self.complaints.append(said.text)

    def close(self) -> None:
        self._windows.close()


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def desk(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Desk]:
    made = Desk(browser, served.url, scripts=request.param)
    yield made
    made.close()
    assert made.complaints == []


@pytest.fixture
def scripted(browser: Browser, served: Served) -> Iterator[Desk]:
    made = Desk(browser, served.url, scripts=True)
    yield made
    made.close()


def accessible(page: Page) -> None:
    """Fails for what axe finds on the page as it stands, once all of it is there."""
    page.wait_for_load_state()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def today() -> datetime:
    return datetime.now(UTC)
