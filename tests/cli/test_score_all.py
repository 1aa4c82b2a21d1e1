"""`score all`: the whole portfolio again, today or looking ahead."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.core.db import reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.scoring.queries import receipts
from tests import small, stages
from tests.cast import NOW, Cast
from tests.cli.runs import refused, run
from tests.conftest import StoppedClock
from tests.small import app

__all__ = ["app"]
TODAY = NOW.date()


@pytest.fixture
def ageing(app: Flask, cast: Cast) -> OpenedInvitation:
    """An assessment whose score rises a tier once its proof has expired, in ten days."""
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        weak = {
            small.LIST: Given([{"name": "Host", "kept": "badly"}]),
            small.LEVEL: Given(0),
            small.NUMBER: Given("80"),
            small.CHILD: Given("no"),
            small.SEVERAL: Given(["logs"]),
        }
        stages.answer_all(invitation, weak)
        for name in (small.VITAL, small.PROVEN, small.CONTROL):
            until = TODAY + timedelta(days=9)
            stages.attach(invitation, name, issued_on=TODAY, valid_until=until)
        stages.send_in(invitation)
    return invitation


def count(app: Flask, invitation: OpenedInvitation) -> int:
    with app.app_context():
        return len(receipts(reading(), invitation.assessment_id))


def lines(result: Any) -> list[list[str]]:
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_a_look_ahead_lists_what_changes_tier_and_stores_nothing(
    app: Flask, ageing: OpenedInvitation
) -> None:
    later = TODAY + timedelta(days=10)
    result = run(app, "score", "all", "--as-of", later.isoformat())
    assert result.exit_code == 0
    (named, words, *_), (tally,) = (lines(result)[0], lines(result)[-1])
    assert named == ageing.assessment_id
    assert words == ageing.vendor_name
    before, after = lines(result)[0][3:]
    assert before.split()[0] != after.split()[0]
    assert tally == (
        f"1 score would move as of {later}, 1 of them to another tier. Nothing was stored."
    )
    assert count(app, ageing) == 1


def test_on_the_day_a_dry_run_says_what_the_real_one_then_does(
    app: Flask, ageing: OpenedInvitation, clock: StoppedClock
) -> None:
    clock.pass_by(days=10)
    dry = run(app, "score", "all", "--dry-run")
    assert count(app, ageing) == 1
    real = run(app, "score", "all")
    assert lines(real)[:-1] == lines(dry)[:-1] != []
    assert lines(real)[-1] == ["1 score has a new receipt, 1 of them in another tier."]
    assert count(app, ageing) == 2
    again = run(app, "score", "all")
    assert again.stdout == "0 scores have a new receipt, 0 of them in another tier.\n"
    assert again.stderr == ""


def test_a_day_that_has_passed_is_refused(app: Flask) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    said = refused(app, "score", "all", "--as-of", yesterday)
    assert "as-of: Name today or a later day." in said


def test_where_nothing_is_scored_there_is_nothing_to_do(app: Flask) -> None:
    assert run(app, "score", "all").stdout.startswith("0 scores have a new receipt")
