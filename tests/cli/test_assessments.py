import json
from datetime import date, timedelta

import pytest
from flask import Flask

from riskapp.assessments.queries import assessment, releases
from riskapp.assessments.rules import State
from riskapp.core.db import reading
from riskapp.vendors.service import EngagementDetails, add_engagement, end_engagement
from riskapp.web.ports import ports
from tests import stages
from tests.cast import NOW, Cast
from tests.cli.runs import lines, refused, run
from tests.conftest import Client
from tests.trails import whole_trail

DUE = (NOW + timedelta(days=20)).date().isoformat()
STATES = [
    "draft",
    "issued",
    "in-progress",
    "submitted",
    "in-review",
    "returned",
    "decided",
    "cancelled",
]


def issue(
    engagement: str, *questionnaires: str, due: str = DUE, to: str = "v@w.example"
) -> list[str]:
    named = [word for name in questionnaires for word in ("--questionnaire", name)]
    words = ["assessments", "issue", "--engagement", engagement, "--to", to, "--due", due]
    return words + named


def test_an_assessment_is_issued_and_its_link_alone_is_printed(
    app: Flask, cast: Cast, client: Client
) -> None:
    words = issue(cast.vera.engagement_id, "gdpr-processor", "iso-27001@2026.1")
    result = run(app, *words)
    link = result.stdout.removesuffix("\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert link.startswith("http://localhost/i/")
    assert client.get(link).status_code == 200
    with app.app_context():
        opened = stages.opened(link.rpartition("/")[2])
        row = assessment(reading(), opened.assessment_id)
        asked = releases(reading(), ports().library, opened.assessment_id)
        trail = whole_trail(reading(), opened.assessment_id)
    assert row is not None
    assert (opened.email, row.state, row.due) == (
        "v@w.example",
        State.ISSUED,
        date.fromisoformat(DUE),
    )
    assert row.choice_reason == "Chosen on the command line."
    assert [release.key for release in asked] == ["gdpr-processor@2026.1", "iso-27001@2026.1"]
    assert {event.actor_kind for event in trail} == {"operator"}


def test_nothing_is_issued_for_an_engagement_that_has_ended(app: Flask, cast: Cast) -> None:
    here = cast.vera.engagement_id
    with app.app_context():
        end_engagement(here, actor=cast.oskar.actor, now=NOW)
    for words in (issue(here, "iso-27001"), issue(here)):
        said = refused(app, *words)
        assert f"engagement: {here} has ended, and no new assessment is drawn up for it." in said
        assert f"say so at http://localhost/desk/engagements/{here}." in said


def test_a_reason_of_ones_own_is_kept(app: Flask, cast: Cast) -> None:
    words = issue(cast.vera.engagement_id, "iso-27001")
    token = lines(run(app, *words, "--reason", "A pilot."))[0].rpartition("/")[2]
    with app.app_context():
        row = assessment(reading(), stages.opened(token).assessment_id)
    assert row is not None
    assert row.choice_reason == "A pilot."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"questionnaires": ["iso-27002"]}, "gdpr-processor@2026.1, iso-27001@2026.1"),
        ({"questionnaires": ["iso-27001@1999.1"]}, "no release iso-27001@1999.1"),
        ({"questionnaires": ["iso-27001@"]}, "no release iso-27001@ "),
        ({"questionnaires": ["intake"]}, "no release intake "),
        ({"questionnaires": ["iso-27001", "iso-27001@2026.1"]}, "iso-27001 is named twice"),
        ({"due": "2020-01-01"}, "due: The due date has passed"),
        ({"due": "2099-01-01"}, "due: Choose a due date within a year"),
        ({"to": "vera"}, "email: Enter one e-mail address"),
        ({"engagement": "ab" * 16}, "engagement: There is no engagement abab"),
        ({"reason": " "}, "reason: Your choice differs"),
    ],
)
def test_what_cannot_be_issued_is_refused_by_field_and_issues_nothing(
    app: Flask, cast: Cast, change: dict[str, object], said: str
) -> None:
    given: dict[str, object] = {
        "engagement": cast.vera.engagement_id,
        "questionnaires": ["iso-27001"],
        "due": DUE,
        "to": "v@w.example",
        "reason": "Because.",
        **change,
    }
    words = issue(
        str(given["engagement"]),
        *list(given["questionnaires"]),  # type: ignore[call-overload]  # a list in every case
        due=str(given["due"]),
        to=str(given["to"]),
    )
    assert said in refused(app, *words, "--reason", str(given["reason"]))
    assert run(app, "assessments", "list").stdout == ""


def test_an_engagement_without_intake_is_refused_with_where_to_answer_it(
    app: Flask, cast: Cast
) -> None:
    with app.app_context():
        bare = add_engagement(
            cast.vera.vendor_id,
            EngagementDetails("Bare", "", ["qa"], []),
            actor=cast.oskar.actor,
            now=NOW,
        )
    said = refused(app, *issue(bare, "iso-27001"))
    assert f"http://localhost/desk/engagements/{bare}/intake" in said


@pytest.mark.parametrize("due", ["tomorrow", "24.12.2026", "2026-13-01", ""])
def test_a_due_date_of_another_form_is_a_usage_error(app: Flask, cast: Cast, due: str) -> None:
    said = refused(app, *issue(cast.vera.engagement_id, "iso-27001", due=due), code=2)
    assert "--due" in said


def test_the_list_has_five_columns_newest_first(app: Flask, cast: Cast) -> None:
    with app.app_context():
        older, _ = stages.submitted(cast.vera, cast.oskar)
        newer = stages.issued(cast.mallory, cast.oskar, due=date(2026, 12, 24))
    rows = [line.split("\t") for line in lines(run(app, "assessments", "list"))]
    assert sorted(row[0] for row in rows) == sorted([older.assessment_id, newer.assessment_id])
    by_id = {row[0]: row[1:] for row in rows}
    assert by_id[newer.assessment_id] == ["Mallow Systems Ltd", "issued", "-", "2026-12-24"]
    assert by_id[older.assessment_id][:2] == ["Nordlicht Software GmbH", "submitted"]
    assert by_id[older.assessment_id][2] in {"low", "medium", "high", "critical"}


def test_the_json_list_says_the_same(app: Flask, cast: Cast) -> None:
    with app.app_context():
        link = stages.issued(cast.mallory, cast.oskar, due=date(2026, 12, 24))
    assert json.loads(run(app, "assessments", "list", "--json").stdout) == [
        {
            "id": link.assessment_id,
            "vendor": "Mallow Systems Ltd",
            "state": "issued",
            "tier": None,
            "due": "2026-12-24",
        }
    ]


def test_an_empty_list_is_empty_json(app: Flask) -> None:
    assert json.loads(run(app, "assessments", "list", "--json").stdout) == []


def test_a_state_chooses(app: Flask, cast: Cast) -> None:
    with app.app_context():
        link, _ = stages.started(cast.vera, cast.oskar)
        stages.issued(cast.mallory, cast.oskar)
    found = lines(run(app, "assessments", "list", "--state", "in-progress"))
    assert [line.split("\t")[0] for line in found] == [link.assessment_id]


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_known(app: Flask, state: str) -> None:
    assert run(app, "assessments", "list", "--state", state).exit_code == 0


def test_an_unknown_state_is_refused_naming_those_there_are(app: Flask) -> None:
    said = refused(app, "assessments", "list", "--state", "open", code=2)
    assert all(f"'{state}'" in said for state in STATES)
