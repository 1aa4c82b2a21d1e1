import re
from dataclasses import replace

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.web.questionnaires import comparing
from tests import small
from tests.cast import Cast
from tests.conftest import Client
from tests.small import app as small_app
from tests.web.desk import words
from tests.web.questionnaires import OWN, publish_own, rows

__all__ = ["small_app"]
COMPARE = f"{OWN}/compare"
EFFECT = f"{COMPARE}?effect=yes"


@pytest.fixture
def app(small_app: Flask) -> Flask:
    small_app.config["WTF_CSRF_ENABLED"] = False
    return small_app


def altered(**instead: dict[str, object]) -> list[dict[str, object]]:
    """The small questions with what `instead` says of some (SML_03 for SML-03)."""
    return [{**one, **instead.get(one["id"].replace("-", "_"), {})} for one in small.QUESTIONS]


def strict(app: Flask, cast: Cast) -> None:
    """A release in which SML-04 must not fail, whose proof stays the same."""
    publish_own(app, cast, *altered(SML_04={"knockout": {"level": "critical"}}), release="2026.2")


def badly_answered(app: Flask, cast: Cast) -> str:
    """An assessment in which SML-04 is answered no, on the release in the folder."""
    with app.app_context():
        return small.submitted(cast, SML_04=Given("no")).assessment_id


def test_two_releases_are_compared_in_words(app: Flask, client: Client, cast: Cast) -> None:
    changed = altered(SML_04={"weight": 1, "text": "Is it really so?"})[:-1]
    publish_own(app, cast, *changed, release="2026.2")
    page = words(client.as_(cast.ada).get(f"{COMPARE}?old=2026.1&new=2026.2"))
    assert "Questions: 1 removed, 1 reworded, 1 reweighted." in page
    assert "SML-04 Is it really so? Reworded question: “Is it so?” → “Is it really so?”" in page
    assert "Reweighted weight: 3 → 1" in page
    assert "SML-13 Removed “Is it so?” (answer: countries)" in page
    back = words(client.get(f"{COMPARE}?old=2026.2&new=2026.1"))
    assert "SML-13 Added" in back
    assert "weight: 1 → 3" in back


def test_without_a_choice_the_newest_is_compared_with_the_one_before(
    app: Flask, client: Client, cast: Cast
) -> None:
    for number in ("2026.2", "2026.10"):
        publish_own(app, cast, *altered(SML_04={"text": f"Is it {number}?"}), release=number)
    page = words(client.as_(cast.oskar).get(COMPARE))
    assert "“Is it 2026.2?” → “Is it 2026.10?”" in page


def test_a_release_is_the_same_as_itself(app: Flask, client: Client, cast: Cast) -> None:
    strict(app, cast)
    page = words(client.as_(cast.oskar).get(f"{COMPARE}?old=2026.2&new=2026.2"))
    assert "Nothing changed." in page


@pytest.mark.parametrize("query", ["old=2026.7", "new=x", "old=&new=2026.1"])
def test_a_number_that_is_not_there_is_not_found(
    app: Flask, client: Client, cast: Cast, query: str
) -> None:
    strict(app, cast)
    assert client.as_(cast.oskar).get(f"{COMPARE}?{query}").status_code == 404
    assert client.as_(cast.audrey).get(COMPARE).status_code == 404


def test_what_it_would_do_to_assessments_is_worked_out_when_asked(
    app: Flask, client: Client, cast: Cast
) -> None:
    here = badly_answered(app, cast)
    strict(app, cast)
    before = rows(app)
    client.as_(cast.oskar)
    page = words(client.get(COMPARE))
    assert "Work it out" in page
    assert "Nordlicht" not in page
    response = client.get(EFFECT)
    page = words(response)
    assert "Of 1 assessment with a score, 1 would land in another tier as of 23 November" in page
    assert "1 if re-weighted, 1 if asked anew" in page
    assert f'href="/desk/assessments/{here}"' in response.text
    moved = r"Nordlicht Software GmbH Customer portal 2026.1 (Low|Medium|High) [\d.]+ (\w+) [\d.]+"
    found = re.search(moved, page)
    assert found is not None
    assert found[1] != found[2]
    assert rows(app) == before


def test_an_administrator_sees_how_many_and_not_whose(
    app: Flask, client: Client, cast: Cast
) -> None:
    badly_answered(app, cast)
    strict(app, cast)
    page = words(client.as_(cast.ada).get(EFFECT))
    assert "1 would land in another tier" in page
    assert "Officers can see here which they are." in page
    assert "Nordlicht" not in page


def test_where_nothing_was_scored_nothing_would_change(
    app: Flask, client: Client, cast: Cast
) -> None:
    strict(app, cast)
    page = words(client.as_(cast.oskar).get(EFFECT))
    assert "No assessment that was asked this questionnaire has a score yet." in page


def test_more_than_is_looked_at_is_said(
    app: Flask, client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    badly_answered(app, cast)
    with app.app_context():
        small.submitted(_as_vera(cast), SML_04=Given("no"))
    strict(app, cast)
    monkeypatch.setattr(comparing, "MOST_LOOKED_AT", 1)
    page = words(client.as_(cast.oskar).get(EFFECT))
    assert "There are more assessments: these are the first 1, by vendor." in page
    monkeypatch.setattr(comparing, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(comparing, "MOST_SHOWN", 1)
    page = words(client.get(EFFECT))
    assert "There are more assessments" not in page
    assert "These are the first 1 of 2." in page


def _as_vera(cast: Cast) -> Cast:
    """The cast in which Mallory's company stands in Vera's place."""
    return replace(cast, vera=cast.mallory)
