"""Vendors who read German, and an app whose questionnaires are in different languages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from flask import Flask

from riskapp.catalogue import lock
from riskapp.settings import Settings
from riskapp.web.languages import COOKIE
from tests.cast import Cast
from tests.catalogue.writing import (
    COUNTRIES,
    DATE,
    MATURITY,
    MULTIPLE,
    PARTLY,
    REGISTER,
    choice,
    number,
    question,
    release,
)
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.stages import answer_all, attach, issued, started
from tests.web.portal import Respondent, said, start

ENGLISH = re.compile(r"\b(the|and|of|is|are|to|you|your|not|please|answer(ed|s)?|file|saved)\b")


@pytest.fixture
def token(app: Flask, cast: Cast) -> str:
    with app.app_context():
        return issued(cast.vera, cast.oskar).token


@pytest.fixture
def full(app: Flask, cast: Cast) -> Respondent:
    """Everything is answered, nothing sent, in English."""
    with app.app_context():
        link, invitation = started(cast.vera, cast.oskar, only=("iso-27001",))
        answer_all(invitation)
        attach(invitation, "ISM-01")
    return start(app, link.token)


def german(who: Respondent) -> Respondent:
    """The same respondent, who has chosen German."""
    who.client.set_cookie(COOKIE, "de")
    return who


def language(page: str) -> str:
    found = re.search(r'<html lang="([^"]+)"', page)
    assert found is not None
    return found[1]


def english(page: str) -> list[str]:
    """English words on a page, but for the names of questionnaires and people."""
    return [match[0] for match in ENGLISH.finditer(said(page).replace("Staff Augmentation", ""))]


def form(page: str) -> str:
    return page.partition("<form")[2].partition("</form")[0]


OURS = [
    question("TST-01", PARTLY),
    question("TST-02", MULTIPLE),
    question("TST-03", MATURITY, evidence="A report."),
    question("TST-04", number({"at_most": "4", "credit": 1}, {"else": 0}, max="24", decimals=1)),
    question("TST-05", DATE, weight=None),
    question("TST-06", COUNTRIES, weight=None),
    question("TST-07", REGISTER, weight=None, counts="Every country."),
]
GOOD = {"question": "FRM-01", "is": "gut"}
FOREIGN = [
    question("FRM-01", choice(gut=1, schlecht=0), text="Ist es so?", why="Es ist wichtig."),
    question("FRM-02", PARTLY, text="Und so?", why="Auch das.", asked_when=GOOD),
]


@pytest.fixture
def mixed(place: Place, clock: StoppedClock, tmp_path: Path) -> Iterator[Flask]:
    """One questionnaire in English only, one in German only."""
    folder = tmp_path / "questionnaires"
    copytree(Settings.model_fields["questionnaires"].default / "intake", folder / "intake")
    foreign = {"id": "foreign", "language": "de", "title": "Fremd"}
    foreign["summary"] = "Ein Fragebogen von anderswo."
    for content in (release(*OURS), release(*FOREIGN, **foreign)):
        (folder / content["id"]).mkdir()
        (folder / content["id"] / "2026.1.yaml").write_text(json.dumps(content, indent=1))
        lock.add(folder / content["id"] / "2026.1.yaml")
    lock.add(folder / "intake" / "2026.1.yaml")
    made = make_app(
        place.instance,
        place.url,
        clock=clock,
        base_url="http://localhost",
        questionnaires=folder,
    )
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


def asked(mixed: Flask, cast: Cast, *names: str) -> Respondent:
    with mixed.app_context():
        token = issued(cast.vera, cast.oskar, only=names).token
    return start(mixed, token)
