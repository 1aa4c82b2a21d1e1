"""One list of every place where a person's word took the place of a rule."""

import csv
import io

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide
from riskapp.scoring.overrides import Word, override
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.reviews.acting import act, look, undo_last
from tests.small import app
from tests.web.desk import counted, words

__all__ = ["app"]

WORD = Word("full", NOW.date(), None, suspended=False, condition="", reason="OJ of today.")


@pytest.fixture
def invitation(app: Flask, cast: Cast) -> OpenedInvitation:
    """One of each kind."""
    with app.app_context():
        found = small.submitted(cast, SML_04=Given(na_reason="Not ours."), SML_03=Given("no"))
        act(found, small.PROVEN, Action.APPROVE_NA, cast.olga, note="It is so.")
        act(found, small.VITAL, Action.COMPENSATE, cast.olga, "Guards.", compensation="0.5")
        act(found, small.CONTROL, Action.ACCEPT, cast.olga, "Fine.")
        look(found, Action.EVIDENCE_INDEPENDENT, cast.olga)
        undo_last(found, cast.oskar)
        override("GB", WORD, actor=cast.ada.actor, now=NOW)
        stages.confirm_empty(found, cast.oskar)
        decide(
            found.assessment_id,
            Outcome.APPROVE_WITH_CONDITIONS,
            stages.reviewer(cast.oskar),
            reasons="Mostly.",
            conditions="Mend it.",
        )
        other = small.submitted(cast)
        stages.confirm_empty(other, cast.oskar)
        decide(
            other.assessment_id, Outcome.APPROVE, stages.reviewer(cast.oskar), reasons="As it is."
        )
        return found


def rows(client: Client, asked: str = "") -> list[dict[str, str]]:
    response = client.get(f"/desk/overrides.csv{asked}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"), newline="")))


def test_every_override_is_listed_with_who_why_and_whether_it_stands(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    told = {(row["kind"], row["actor"], row["words"], row["standing"]) for row in rows(client)}
    assert told == {
        ("Not applicable", "Olga", "It is so.", "In force"),
        ("Compensating control", "Olga", "Guards.", "In force"),
        ("Evidence taken as independent", "Olga", "Seen.", "Undone"),
        ("Review undone", "Oskar", "A slip.", "Done"),
        ("Adequacy", "Ada", "OJ of today.", "In force"),
        (
            "Approved with conditions",
            "Oskar",
            "Reasons: Mostly.\nConditions: Mend it.",
            "Overtaken: what it was about is another one now",
        ),
        ("Asked otherwise than proposed", "Oskar", stages.REASON, "In force"),
    }
    page = words(client.get("/desk/overrides"))
    assert f"Olga credited a compensating control on {small.VITAL} with 1/2 “Guards.”" in page
    assert "Ada overrode what counts of United Kingdom: covered, full “OJ of today.”" in page
    assert "Accepted" not in page
    assert "As it is." not in page


def test_filters_hold_for_the_page_and_the_table(
    client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    assert {row["kind"] for row in rows(client, "?kind=compensating")} == {"Compensating control"}
    assert {row["actor"] for row in rows(client, f"?who={cast.ada.id}")} == {"Ada"}
    assert rows(client, "?until=2026-11-22") == []
    page = client.get("/desk/overrides?until=2026-11-22")
    assert "word took the place of a rule in what is asked for." in words(page)
    assert client.get("/desk/overrides?since=x").status_code == 422
    assert client.get("/desk/overrides.csv?since=x").status_code == 404
    assert client.get("/desk/overrides?kind=answers").status_code == 404


def test_an_empty_list_says_so(app: Flask, client: Client, cast: Cast) -> None:
    assert "word took the place of a rule yet." in words(
        client.as_(cast.oskar).get("/desk/overrides")
    )


def test_a_long_list_takes_as_many_statements_as_a_short_one(
    app: Flask, client: Client, cast: Cast, invitation: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    client.get("/desk/overrides")
    with counted(app) as before:
        client.get("/desk/overrides")
    with app.app_context():
        more = small.submitted(cast, SML_04=Given(na_reason="Not ours."))
        for question in (small.VITAL, small.CONTROL, small.NUMBER):
            act(more, question, Action.COMPENSATE, cast.olga, "Guards.", compensation="0.25")
    with counted(app) as after:
        client.get("/desk/overrides")
    assert len(after) == len(before)
