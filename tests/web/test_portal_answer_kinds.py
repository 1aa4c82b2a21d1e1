"""Every kind of answer is taken, refused and shown again."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from flask import Flask

from riskapp.catalogue import lock
from riskapp.settings import Settings
from tests.cast import Cast
from tests.catalogue.writing import (
    COUNTRIES,
    DATE,
    MATURITY,
    MULTIPLE,
    PARTLY,
    REGISTER,
    TEXT,
    YES_NO,
    choice,
    number,
    question,
    release,
)
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.stages import issued
from tests.web.portal import count, form_of, said, start, stored

EVERY_KIND: list[tuple[str, dict[str, Any], dict[str, Any], Any, dict[str, Any], str]] = [
    ("TST-01", YES_NO, {"value": "yes"}, "yes", {"value": "partly"}, "value"),
    ("TST-02", PARTLY, {"value": "partly"}, "partly", {"value": "YES"}, "value"),
    ("TST-03", choice(good=1, bad=0), {"value": "bad"}, "bad", {"value": "ugly"}, "value"),
    (
        "TST-04",
        MULTIPLE,
        {"value": ["drills", "logs"]},
        ["logs", "drills"],
        {"value": ["logs"], "none-of-these": "yes"},
        "value",
    ),
    ("TST-05", MATURITY, {"value": "3"}, 3, {"value": "5"}, "value"),
    (
        "TST-06",
        number({"at_most": "4", "credit": 1}, {"else": 0}, max="24", decimals=2),
        {"value": "2,50"},
        "2.5",
        {"value": "25"},
        "value",
    ),
    ("TST-07", DATE, {"value": "2026-02-28"}, "2026-02-28", {"value": "2026-02-30"}, "value"),
    ("TST-08", TEXT, {"value": "Øst & Søn"}, "Øst & Søn", {"value": "x" * 21}, "value"),
    ("TST-09", COUNTRIES, {"value": ["PL", "DE"]}, ["DE", "PL"], {"value": ["EU"]}, "value"),
    (
        "TST-10",
        REGISTER,
        {"row-1-country": "US", "row-1-safeguard": "scc", "row-1-note": "Module 2"},
        [{"country": "US", "safeguard": "scc", "note": "Module 2"}],
        {"row-1-country": "US", "row-3-safeguard": "scc"},
        "row-1-safeguard",
    ),
]
UNSCORED = {"TST-07", "TST-08", "TST-09", "TST-10"}


@pytest.fixture
def everyone_app(place: Place, clock: StoppedClock, tmp_path: Path) -> Any:
    """An app with a questionnaire that has a question of every kind."""
    folder = tmp_path / "questionnaires"
    copytree(Settings().questionnaires, folder)
    (folder / "every-kind").mkdir()
    asked = [
        question(name, kind, **({"weight": None} if name in UNSCORED else {}))
        for name, kind, *_ in EVERY_KIND
    ]
    (folder / "every-kind" / "2026.1.yaml").write_text(
        json.dumps(release(*asked, id="every-kind"), indent=1), encoding="utf-8"
    )
    lock.add(folder / "every-kind" / "2026.1.yaml")
    made = make_app(
        place.instance, place.url, clock=clock, base_url="http://localhost", questionnaires=folder
    )
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


def test_every_kind_of_answer_is_taken_and_shown_again(everyone_app: Flask, cast: Cast) -> None:
    with everyone_app.app_context():
        vera = start(everyone_app, issued(cast.vera, cast.oskar, only=("every-kind",)).token)
    section = "every-kind/only"
    right = {
        f"q-{name}-{field}": value
        for name, _, good, *_ in EVERY_KIND
        for field, value in good.items()
    }
    taken = vera.fill(section, right)
    assert taken.status_code == 302, said(taken.text)[:600]
    for name, _, _, value, *_ in EVERY_KIND:
        assert stored(everyone_app, name).value == value, name
    before = count(everyone_app, "answer_revision")
    assert vera.fill(section, {}).status_code == 302
    assert count(everyone_app, "answer_revision") == before, "the page gives back what is saved"

    wrong = {
        f"q-{name}-{field}": value
        for name, _, _, _, bad, _ in EVERY_KIND
        for field, value in bad.items()
    }
    refused = vera.fill(section, {**dict.fromkeys(right), **wrong})
    assert refused.status_code == 422
    for name, _, _, value, _, field in EVERY_KIND:
        assert f'href="#q-{name}-{field}"' in refused.text, name
        assert stored(everyone_app, name).value == value, name
    typed = form_of(refused.text, section)
    for field in ("q-TST-04-none-of-these", "q-TST-04-value", "q-TST-06-value", "q-TST-08-value"):
        assert typed[field][0] == (wrong[field] if isinstance(wrong[field], str) else "logs")
    assert typed["q-TST-10-row-1-country"] == ["US"]
    assert typed["q-TST-10-row-3-safeguard"] == ["scc"]
