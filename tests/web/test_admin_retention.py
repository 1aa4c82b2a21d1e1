"""The administrator's pages of retention: what is kept for how long, and what will be erased."""

from datetime import timedelta

import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.custody.retention import rules
from riskapp.custody.rules import RecordClass
from riskapp.vendors.service import end_engagement
from tests.cast import Cast, Member
from tests.conftest import Client, StoppedClock
from tests.custody.retaining import decided, erased, keep_for
from tests.small import app
from tests.web.desk import counted, signed_in_anew, told, words

__all__ = ["app"]

RULE = {"days": "30", "reason": "The policy of 2026.", "then": "preview"}


@pytest.fixture
def app_(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def browser(app: Flask, member: Member) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    return client.as_(signed_in_anew(app, member))


@pytest.fixture
def ada(app_: Flask, cast: Cast) -> Client:
    return browser(app_, cast.ada)


@pytest.fixture
def over(app_: Flask, cast: Cast, clock: StoppedClock) -> str:
    """A decided assessment of an engagement that has ended 40 days ago."""
    with app_.app_context():
        one = decided(cast)
        end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=40)
    return one.assessment_id


def test_without_rules_everything_is_kept_for_good(ada: Client) -> None:
    said = words(ada.get("/admin/retention"))
    assert said.count("Kept for good") == len(RecordClass)
    assert "1,095 days are proposed" in said


def test_a_rule_is_set_after_a_look_at_what_it_would_erase(
    app_: Flask, over: str, cast: Cast, clock: StoppedClock
) -> None:
    ada = browser(app_, cast.ada)
    said = words(ada.post("/admin/retention/answers", data=RULE))
    day = (clock.now() + timedelta(days=1)).date()
    assert f"1 assessment on {day.day} {day:%B %Y}, the first day of the rule" in said
    assert over in said
    assert "Nordlicht" not in said
    with app_.app_context():
        assert rules(reading()) == {}
    said = told(ada, ada.post("/admin/retention/answers", data={**RULE, "then": "save"}))
    assert "The rule is set: answers and receipts, kept for 30 days." in said
    assert "Due today Nothing Due tomorrow 1 assessment" in said
    assert f"{over}" in said
    with app_.app_context():
        assert erased() == []
        clock.pass_by(days=1)
        assert erased() == [("answers", over)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": "29"}, "Choose from 30 to 36,500 days."),
        ({"days": "soon"}, "Enter a number of days, like 365, or nothing: for good."),
        ({"days": "٣٠"}, "Enter a number of days"),
        ({"days": "9999999999"}, "Enter a number of days"),
        ({"reason": " "}, "Say why, for example which law or policy says so."),
    ],
)
def test_what_cannot_be_a_rule_is_said_at_its_field(
    ada: Client, changes: dict[str, str], said: str
) -> None:
    response = ada.post("/admin/retention/answers", data={**RULE, **changes})
    assert response.status_code == 422
    assert said in words(response)


def test_all_that_is_wrong_is_said_at_once(ada: Client) -> None:
    response = ada.post("/admin/retention/answers", data={"days": "soon", "reason": ""})
    page = response.get_data(as_text=True)
    assert [name for name in ("days", "reason") if f'id="{name}-error"' not in page] == []


def test_a_rule_that_is_so_already_is_refused_when_it_is_kept(ada: Client) -> None:
    keep = {**RULE, "then": "save"}
    assert ada.post("/admin/retention/answers", data=keep).status_code == 303
    assert ada.post("/admin/retention/answers", data=keep).status_code == 422


def test_what_was_typed_is_there_when_it_is_changed(ada: Client) -> None:
    page = ada.post("/admin/retention/links", data={**RULE, "then": "edit"})
    assert 'value="30"' in page.get_data(as_text=True)
    assert "The policy of 2026." in words(page)


def test_a_class_that_there_is_not_is_nothing(ada: Client) -> None:
    assert ada.get("/admin/retention/everything").status_code == 404


def test_the_page_asks_the_database_as_often_however_much_is_due(
    app_: Flask, cast: Cast, clock: StoppedClock
) -> None:
    with app_.app_context():
        keep_for(30, *RecordClass, by=cast)
        for _ in range(2):
            decided(cast)
    clock.pass_by(days=20)
    ada = browser(app_, cast.ada)
    with counted(app_) as few:
        assert "1 assessment" in words(ada.get("/admin/retention"))
    with app_.app_context():
        decided(cast)
    clock.pass_by(days=1)
    ada = browser(app_, cast.ada)
    with counted(app_) as many:
        assert "2 assessments" in words(ada.get("/admin/retention"))
    assert len(many) == len(few)
