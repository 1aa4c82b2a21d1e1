"""An administrator's word on a country: it counts, it is told, and it can be taken back."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.assessments.models import Assessment
from riskapp.audit.service import OPERATOR, Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.invites.queries import OpenedInvitation
from riskapp.scoring.adequacy import Coverage, Decision, shipped
from riskapp.scoring.build import build_sheet
from riskapp.scoring.current import terms_now
from riskapp.scoring.overrides import (
    LONGEST_CONDITION,
    LONGEST_REASON,
    PAGE,
    NotOverridden,
    Word,
    checked,
    history,
    override,
    overriding,
    table_now,
    withdraw,
)
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.service import case_of
from riskapp.scoring.sheet import Item
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.scoring.building import row
from tests.web.desk import counted

in_app = pytest.mark.usefixtures("in_app")

TODAY = NOW.date()
FALLEN = Word("none", None, None, suspended=False, condition="", reason="C-703/25 P annulled it.")
FULL = Word("full", date(2026, 12, 1), None, False, "", "(EU) 2026/1, OJ L of today.")
PARTIAL = Word("partial", date(2024, 1, 1), date(2028, 1, 1), False, "On the list.", "As decided.")


def say(cast: Cast, code: str, word: Word, *, now: datetime = NOW, by: Actor | None = None) -> bool:
    return override(code, word, actor=by or cast.ada.actor, now=now)


def told() -> list[tuple[str, str | None, str, str | None]]:
    """Country, coverage, reason and name of every word, the newest first."""
    reading().rollback()
    rows = history(reading())
    return [
        (one.code, one.word.coverage if one.word else None, one.reason, one.who) for one in rows
    ]


@in_app
def test_before_anything_is_said_the_table_is_the_shipped_one() -> None:
    assert table_now(reading()) is shipped()
    assert history(reading()) == []


@in_app
def test_a_word_counts_in_place_of_the_tables_row_from_the_moment_it_is_given(cast: Cast) -> None:
    assert say(cast, "JP", PARTIAL)
    table = table_now(reading())
    assert table.of("JP") == (
        Decision(
            "JP",
            "",
            Coverage.PARTIAL,
            date(2024, 1, 1),
            date(2028, 1, 1),
            condition="On the list.",
            checked=False,
            overridden="As decided.",
        ),
    )
    assert table.coverage("JP", date(2028, 1, 1)) is Coverage.PARTIAL
    assert table.coverage("JP", date(2028, 1, 2)) is None
    assert table.of("US") == shipped().of("US")


@in_app
def test_no_decision_counts_where_the_word_is_none_and_the_row_stays_to_say_so(cast: Cast) -> None:
    assert say(cast, "US", replace(FALLEN, valid_from=TODAY, condition="Ignored.", suspended=True))
    table = table_now(reading())
    assert table.coverage("US", TODAY) is None
    [kept] = table.of("US")
    assert (kept.coverage, kept.overridden) == (Coverage.NONE, FALLEN.reason)
    assert (kept.valid_from, kept.condition, kept.suspended) == (TODAY, "", False)


@in_app
def test_a_country_without_a_decision_can_get_one(cast: Cast) -> None:
    assert say(cast, "KE", FULL)
    table = table_now(reading())
    assert table.coverage("KE", date(2026, 11, 30)) is None
    assert table.coverage("KE", date(2026, 12, 1)) is Coverage.FULL


@in_app
def test_the_newest_word_counts_and_after_its_withdrawal_the_table(cast: Cast) -> None:
    say(cast, "US", FALLEN)
    say(cast, "US", PARTIAL, by=OPERATOR)
    say(cast, "KE", FULL)
    assert table_now(reading()).coverage("US", TODAY) is Coverage.PARTIAL
    withdraw("us", "  It was upheld.\n", actor=cast.ada.actor, now=NOW)
    reading().rollback()
    table = table_now(reading())
    assert table.of("US") == shipped().of("US")
    assert [one.code for one in overriding(reading())] == ["KE"]
    assert told() == [
        ("US", None, "It was upheld.", "Ada"),
        ("KE", "full", FULL.reason, "Ada"),
        ("US", "partial", PARTIAL.reason, None),
        ("US", "none", FALLEN.reason, "Ada"),
    ]


@in_app
def test_each_word_leaves_one_event_without_its_text(cast: Cast) -> None:
    with small.trail() as trail:
        say(cast, "UK", replace(PARTIAL, suspended=True))
        withdraw("GB", "An error.", actor=cast.ada.actor, now=NOW)
    assert trail == [("transfer-override:make", "GB"), ("transfer-override:withdraw", "GB")]
    made, withdrawn = (json.loads(one.body) for one in small.events()[-2:])
    said = {
        "coverage": "partial",
        "valid_from": "2024-01-01",
        "valid_to": "2028-01-01",
        "suspended": True,
    }
    assert said.items() <= made.items()
    assert set(made["private"]) == {"actor", "condition", "reason"}
    assert set(withdrawn["private"]) == {"actor", "reason"}
    assert "As decided." not in json.dumps(made)


@in_app
def test_the_same_word_twice_is_kept_once_and_another_reason_is_another_word(cast: Cast) -> None:
    say(cast, "US", FALLEN)
    with small.trail() as trail:
        assert not say(cast, "US", replace(FALLEN, reason=f" {FALLEN.reason}\n"))
    assert trail == []
    assert say(cast, "US", replace(FALLEN, reason="The OJ says so, too."))
    assert len(told()) == 2


@in_app
def test_what_is_not_overridden_cannot_be_withdrawn(cast: Cast) -> None:
    def take_back() -> None:
        withdraw("US", "Why not.", actor=cast.ada.actor, now=NOW)

    with small.trail() as trail, pytest.raises(NotOverridden):
        take_back()
    assert trail == []
    say(cast, "US", FALLEN)
    take_back()
    with pytest.raises(NotOverridden):
        take_back()
    assert say(cast, "US", FALLEN), "what was withdrawn can be said again"


@in_app
def test_of_two_administrators_at_once_one_counts_and_both_are_in_the_history(cast: Cast) -> None:
    words = [FALLEN, PARTIAL, FULL, replace(FALLEN, reason="Another one.")]
    done = small.at_once(*[lambda word=word: say(cast, "US", word) for word in words])
    assert done == [True] * 4
    rows = told()
    assert {(coverage, reason) for _, coverage, reason, _ in rows} == {
        (word.coverage, word.reason) for word in words
    }
    [counting] = overriding(reading())
    assert counting.reason == rows[0][2]


@in_app
def test_the_same_form_sent_twice_at_once_is_one_word(cast: Cast) -> None:
    done = small.at_once(*[lambda: say(cast, "US", FALLEN)] * 2)
    assert sorted(map(str, done)) == ["False", "True"]
    assert len(told()) == 1


@in_app
def test_the_table_of_now_is_one_statement_however_much_was_said(app: Flask, cast: Cast) -> None:
    for code in ("US", "GB", "JP", "KE"):
        say(cast, code, FULL)
        say(cast, code, PARTIAL)
    reading().rollback()
    with counted(app) as statements:
        table = table_now(reading())
    assert len(statements) == 1
    assert sum(bool(one.overridden) for one in table.decisions) == 4


@in_app
def test_the_history_is_read_page_by_page(cast: Cast) -> None:
    for number in range(PAGE + 2):
        say(cast, "US", replace(FALLEN, reason=f"Reason {number}."))
    reading().rollback()
    first = history(reading())
    rest = history(reading(), before=first[-1].number)
    assert (len(first), len(rest)) == (PAGE, 2)
    assert all(one.number > other.number for one, other in pairwise([*first, *rest]))


def _as_shipped(code: str) -> Word:
    [one] = shipped().of(code)
    return Word(one.coverage, one.valid_from, one.valid_to, one.suspended, one.condition, "Same.")


@pytest.mark.parametrize(
    ("country", "word", "field", "words"),
    [
        ("", FULL, "country", "Choose a country from the list."),
        ("ZZ", FULL, "country", "Choose a country from the list."),
        ("XX-EPO", FULL, "country", "Choose a country from the list."),
        ("EL", FULL, "country", "Within the EEA data needs no decision"),
        ("RE", FULL, "country", "Within the EEA data needs no decision"),
        ("KE", replace(FULL, coverage=""), "coverage", "Choose whom"),
        ("KE", replace(FULL, coverage="organisation"), "coverage", "Choose whom"),
        ("KE", replace(FULL, valid_from=None), "valid_from", "Enter the first day"),
        ("KE", replace(FULL, valid_to=date(2026, 11, 30)), "valid_to", "not be before the first"),
        ("KE", replace(PARTIAL, condition=" \n"), "condition", "Say which recipients"),
        ("KE", replace(FULL, condition="x" * (LONGEST_CONDITION + 1)), "condition", "at most 1000"),
        ("KE", replace(FULL, reason=" \0"), "reason", "Say why"),
        ("KE", replace(FULL, reason="x" * (LONGEST_REASON + 1)), "reason", "at most 4000"),
        ("KE", FALLEN, "coverage", "The table says this already."),
        ("GB", _as_shipped("GB"), "coverage", "The table says this already."),
        ("US", _as_shipped("US"), "coverage", "The table says this already."),
    ],
)
def test_what_cannot_count_is_refused_at_its_field(
    country: str, word: Word, field: str, words: str
) -> None:
    with pytest.raises(FieldRefused, match=words) as refused:
        checked(country, word)
    assert refused.value.field == field


@in_app
def test_what_is_refused_leaves_no_word_and_no_event(cast: Cast) -> None:
    with small.trail() as trail:
        for country, word in (("DE", FULL), ("KE", FALLEN), ("KE", replace(FULL, reason=""))):
            with pytest.raises(FieldRefused):
                say(cast, country, word)
        with pytest.raises(FieldRefused, match="Say why"):
            withdraw("US", " ", actor=cast.ada.actor, now=NOW)
    assert trail == []
    assert told() == []


def test_the_longest_reason_and_a_single_day_are_taken() -> None:
    day = replace(FULL, valid_to=FULL.valid_from, reason="x" * LONGEST_REASON)
    assert checked("uk", day) == ("GB", day)


def _privacy(invitation: OpenedInvitation, as_of: date = TODAY) -> tuple[Item, Result]:
    """The transfer register as it is scored under the terms of now, and the whole result."""
    reading().rollback()
    assessment = reading().get_one(Assessment, invitation.assessment_id)
    case = case_of(reading(), ports().library, assessment)
    sheet = build_sheet(case, as_of, terms_now(reading()))
    return next(item for item in sheet.items if item.id == "GDP-32"), evaluate(sheet)


@in_app
def test_when_the_decision_on_the_us_falls_whoever_relied_on_it_is_blocked(cast: Cast) -> None:
    register = {"GDP-32": Given([row("US", "dpf")])}
    _, invitation = stages.submitted(
        cast.vera, cast.oskar, only=("gdpr-processor",), instead=register
    )
    item, before = _privacy(invitation)
    assert item.credit == Fraction(17, 20)
    say(cast, "US", FALLEN)
    item, fallen = _privacy(invitation)
    assert item.credit == 0
    assert (before.blocked, fallen.blocked) == (False, True)
    assert fallen.score > before.score
    withdraw("US", "It was upheld.", actor=cast.ada.actor, now=NOW)
    assert _privacy(invitation)[1] == before
    ending = Word("partial", date(2023, 7, 10), TODAY, False, "On the list.", "It ends today.")
    say(cast, "US", ending)
    assert _privacy(invitation)[1] == before
    assert _privacy(invitation, TODAY + timedelta(days=1))[1].blocked
