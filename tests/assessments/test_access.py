"""When grants are in force, and what somebody who has some was told of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from riskapp.assessments.access import (
    PAGE,
    Access,
    Standing,
    access,
    all_access,
    knows,
    past_access,
    population_access,
    present_access,
    stands,
    vendor_access,
)
from riskapp.assessments.grants import Wish, grant_access, revoke_grant
from riskapp.assessments.models import Grant
from riskapp.assessments.queries import grant_for
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from tests import small, stages
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("in_app")
TODAY = NOW.date()
ASKED = small.ONLY


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def given(
    cast: Cast, vendor_id: str | None, assessment_id: str | None = None, **how: object
) -> str:
    wish = Wish(cast.audrey.id, vendor_id, assessment_id, TODAY, days(30), False, "Audit")
    return grant_access(replace(wish, **how), actor=cast.oskar.actor, now=NOW)  # type: ignore[arg-type]  # fields of Wish


def by_hand(starts: date, until: date, *, revoked: bool, day: date) -> Standing:
    """Written out once more, in the words of the page."""
    if revoked:
        return Standing.REVOKED
    if day < starts:
        return Standing.COMING
    if day > until:
        return Standing.ENDED
    return Standing.IN_FORCE


def test_the_database_and_the_row_agree_on_where_a_grant_stands(cast: Cast) -> None:
    made: dict[str, bool] = {}
    for first in range(4):
        for last in range(first, 4):
            for revoked in (False, True):
                name = given(
                    cast,
                    cast.vera.vendor_id,
                    starts=days(first),
                    until=days(last),
                    purpose=f"Revoked: {revoked}",
                )
                made[name] = revoked
                if revoked:
                    revoke_grant(name, actor=cast.oskar.actor, now=NOW)
    for number in range(-1, 6):
        day = days(number)
        reading().rollback()
        counted = 0
        for standing in Standing:
            query = sa.select(Grant.id).where(stands(standing, day))
            for name in reading().scalars(query):
                row = access(reading(), name)
                assert row is not None
                expected = by_hand(row.starts, row.until, revoked=made[name], day=day)
                assert standing is expected is row.standing(day)
                counted += 1
        assert counted == len(made), "each grant stands somewhere, and in one place"


def names(rows: list[Access]) -> list[str]:
    return [row.id for row in rows]


def test_present_and_past_are_all_of_somebodys_grants(cast: Cast) -> None:
    now = given(cast, cast.vera.vendor_id)
    coming = given(cast, cast.vera.vendor_id, starts=days(5))
    taken = given(cast, None)
    revoke_grant(taken, actor=cast.oskar.actor, now=NOW)
    reading().rollback()
    assert names(list(present_access(reading(), cast.audrey.id, today=TODAY))) == [now, coming]
    assert names(list(past_access(reading(), cast.audrey.id, today=TODAY))) == [taken]
    assert names(list(present_access(reading(), cast.audrey.id, today=days(31)))) == []
    ended = names(list(past_access(reading(), cast.audrey.id, today=days(31))))
    assert sorted(ended) == sorted([now, coming, taken])
    assert present_access(reading(), cast.olga.id, today=TODAY) == []


def test_a_second_press_is_no_second_grant_that_would_outlast_the_first(cast: Cast) -> None:
    vendor = cast.vera.vendor_id
    with small.trail() as events:
        both = small.at_once(lambda: given(cast, vendor), lambda: given(cast, vendor))
    one = str(both[0])
    assert both == [one, one]
    assert events == [("grant:give", one)]
    others = {
        given(cast, None),
        given(cast, vendor, purpose="Another audit"),
        given(cast, vendor, until=days(31)),
        given(cast, vendor, evidence=True),
    }
    assert len({one, *others}) == 5
    with small.trail() as events:
        small.at_once(*[lambda: revoke_grant(one, actor=cast.oskar.actor, now=NOW)] * 2)
    assert events == [("grant:revoke", one)]
    assert given(cast, vendor) != one, "what was taken back is given anew"


def test_days_at_the_end_of_the_calendar_are_refused_in_words(cast: Cast) -> None:
    for starts, until, field in (
        (date(9999, 6, 1), date.max, "starts"),
        (date.max, date.max, "starts"),
        (date(9998, 12, 31), date.max, "starts"),
        (TODAY, date.max, "until"),
        (days(367), days(367), "starts"),
    ):
        with pytest.raises(FieldRefused) as refused:
            given(cast, None, starts=starts, until=until)
        assert refused.value.field == field
    assert given(cast, None, starts=days(366), until=days(732))


def test_all_grants_are_paged(cast: Cast) -> None:
    made = {given(cast, cast.vera.vendor_id, purpose=f"Audit {n}") for n in range(PAGE + 2)}
    first = all_access(reading(), None, today=TODAY)
    end = first[-1]
    second = all_access(reading(), None, today=TODAY, before=(end.granted_at, end.id))
    assert (len(first), len(second)) == (PAGE, 2)
    assert {row.id for row in (*first, *second)} == made


def test_of_several_grants_one_that_opens_files_counts_then_the_longest(cast: Cast) -> None:
    _, invitation = stages.submitted(cast.vera, cast.oskar, only=ASKED)
    chosen = invitation.assessment_id
    given(cast, cast.vera.vendor_id, until=days(90))
    files = given(cast, cast.vera.vendor_id, chosen, until=days(10), evidence=True)
    reading().rollback()
    best = grant_for(reading(), cast.audrey.id, chosen, today=TODAY)
    assert best is not None
    assert best.id == files
    whole = vendor_access(reading(), cast.audrey.id, cast.vera.vendor_id, today=TODAY)
    assert whole is not None
    assert (whole.until, whole.evidence) == (days(90), False)
    later = grant_for(reading(), cast.audrey.id, chosen, today=days(11))
    assert later is not None
    assert not later.evidence


def test_one_assessment_is_not_the_vendor_and_the_list_is_neither(cast: Cast) -> None:
    _, invitation = stages.submitted(cast.vera, cast.oskar, only=ASKED)
    given(cast, cast.vera.vendor_id, invitation.assessment_id)
    assert vendor_access(reading(), cast.audrey.id, cast.vera.vendor_id, today=TODAY) is None
    assert population_access(reading(), cast.audrey.id, today=TODAY) is None
    everything = given(cast, None)
    reading().rollback()
    found = population_access(reading(), cast.audrey.id, today=TODAY)
    assert found is not None
    assert (found.id, found.vendor_name, found.draft) == (everything, None, False)
    assert vendor_access(reading(), cast.audrey.id, cast.mallory.vendor_id, today=TODAY) is None


def test_an_auditor_knows_what_was_named_and_what_a_grant_in_force_lists(cast: Cast) -> None:
    vera, mallory, who = cast.vera.vendor_id, cast.mallory.vendor_id, cast.audrey.id
    first = stages.issued(cast.vera, cast.oskar, only=ASKED).assessment_id
    second = stages.issued(cast.vera, cast.oskar, only=ASKED).assessment_id

    def known(vendor: str, assessment: str | None, day: date = TODAY) -> bool:
        reading().rollback()
        return knows(reading(), who, vendor, assessment, today=day)

    assert not known(vera, None)
    named = given(cast, vera, first, until=days(2))
    assert (known(vera, None), known(vera, first), known(vera, second)) == (True, True, False)
    assert known(vera, first, days(3)), "what was named once can be asked for again"
    revoke_grant(named, actor=cast.oskar.actor, now=NOW)
    assert known(vera, first)
    given(cast, vera, until=days(2))
    assert (known(vera, second), known(vera, second, days(3))) == (True, False)
    assert not known(mallory, None)
    given(cast, None, until=days(2))
    assert (known(mallory, None), known(mallory, None, days(3))) == (True, False)


def test_days_are_those_of_utc(cast: Cast) -> None:
    late = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    wish = Wish(cast.audrey.id, None, None, date(2026, 11, 30), date(2026, 12, 3), False, "Audit")
    with pytest.raises(Exception, match="Choose today or a later day"):
        grant_access(wish, actor=cast.oskar.actor, now=late)
