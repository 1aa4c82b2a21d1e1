"""The rules of retention by themselves: from when days count, and when they are over."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.assessments.rules import State
from riskapp.custody.rules import LONGEST, Ended, Rule, all_free, free_since

DAY = date(2026, 11, 23)
days = st.integers(1, LONGEST)
dates = st.dates(date(2020, 1, 1), date(2040, 1, 1))
moments = dates.map(lambda day: datetime.combine(day, time(23, 59), UTC))


def at(day: int) -> datetime:
    return datetime(2026, 1, 1, 23, 59, tzinfo=UTC) + timedelta(days=day)


@given(days, dates, dates)
def test_a_record_is_kept_for_whole_days_and_never_erased_on_the_day_of_the_rule(
    number: int, free: date, set_on: date
) -> None:
    due = Rule(number, set_on).due(free)
    assert due > free + timedelta(days=number)
    assert due > set_on
    assert due in (free + timedelta(days=number + 1), set_on + timedelta(days=1))


@given(days, dates, dates, dates)
def test_what_is_read_from_the_database_holds_all_that_is_due(
    number: int, free: date, set_on: date, through: date
) -> None:
    rule = Rule(number, set_on)
    if rule.due(free) <= through:
        assert free < rule.free_before(through)
    if free < rule.free_before(through) and set_on < through:
        assert rule.due(free) <= through


@given(days, days, dates, dates)
def test_more_days_never_erase_earlier(one: int, other: int, free: date, set_on: date) -> None:
    fewer, more = sorted((one, other))
    assert Rule(fewer, set_on).due(free) <= Rule(more, set_on).due(free)


@given(
    st.sampled_from(State),
    st.none() | moments,
    st.none() | moments,
    st.none() | moments,
    st.booleans(),
)
def test_nothing_is_free_before_it_ended_nor_while_its_engagement_stands_on_it(
    state: State,
    ended: datetime | None,
    superseded: datetime | None,
    over: datetime | None,
    is_score: bool,
) -> None:
    free = free_since(Ended(state, ended, superseded, over, is_score))
    if state not in (State.DECIDED, State.CANCELLED) or ended is None:
        assert free is None
    if free is not None:
        assert ended is not None
        assert free >= ended.date()
    if state is State.DECIDED and superseded is None and over is None:
        assert free is None
    if state is State.DECIDED and is_score and over is None:
        assert free is None


@pytest.mark.parametrize(
    ("one", "free"),
    [
        (Ended(State.DECIDED, at(1), None, None, is_score=True), None),
        (Ended(State.DECIDED, at(1), None, None, is_score=False), None),
        (Ended(State.DECIDED, at(1), at(9), None, is_score=False), at(9)),
        (Ended(State.DECIDED, at(1), None, at(5), is_score=True), at(5)),
        (Ended(State.DECIDED, at(7), None, at(5), is_score=True), at(7)),
        (Ended(State.DECIDED, at(1), at(9), at(5), is_score=False), at(5)),
        (Ended(State.CANCELLED, at(3), None, None, is_score=False), at(3)),
        (Ended(State.IN_REVIEW, None, None, at(5), is_score=True), None),
    ],
)
def test_a_decision_stands_until_another_is_made_or_the_engagement_ends(
    one: Ended, free: datetime | None
) -> None:
    assert free_since(one) == (free and free.date())


@given(st.lists(st.none() | dates, min_size=1))
def test_a_file_is_free_once_everything_that_it_served_is(since: list[date | None]) -> None:
    free = all_free(since)
    assert (free is None) == (None in since)
    assert free is None or free == max(day for day in since if day is not None)
