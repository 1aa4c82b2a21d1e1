"""What auditors ask for beside what is granted, and that each request is answered once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from riskapp.accounts.service import set_active
from riskapp.assessments.access import access
from riskapp.assessments.errors import AlreadyAnswered
from riskapp.assessments.grants import Wish, grant_access
from riskapp.assessments.requests import (
    LONGEST_ANSWER,
    LONGEST_WISH,
    MOST_OPEN,
    PAGE,
    answer_request,
    ask,
    count_waiting,
    grant_request,
    request_by_id,
    requests,
    target,
)
from riskapp.audit.queries import private
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from tests import small, stages
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("in_app")
TODAY = NOW.date()
UNTIL = TODAY + timedelta(days=14)
ASKED = small.ONLY


def grant(cast: Cast, vendor_id: str | None) -> str:
    wish = Wish(cast.audrey.id, vendor_id, None, TODAY, UNTIL, False, "Audit")
    return grant_access(wish, actor=cast.oskar.actor, now=NOW)


def asked(cast: Cast, vendor_id: str | None = None, wish: str = "The certificates.") -> str:
    return ask(cast.audrey.id, wish, vendor_id=vendor_id, assessment_id=None, now=NOW).id


def wish_for(vendor_id: str | None, person_id: str = "") -> Wish:
    return Wish(person_id, vendor_id, None, TODAY, UNTIL, evidence=True, purpose="The sample")


def answered(request_id: str) -> tuple[str, str | None]:
    reading().rollback()
    row = request_by_id(reading(), request_id)
    assert row is not None
    return row.answer, row.grant_id


def test_a_request_is_granted_to_who_asked_with_one_event_for_each_object(cast: Cast) -> None:
    grant(cast, None)
    with small.trail() as left:
        made = asked(cast, cast.vera.vendor_id)
    assert left == [("request:ask", made)]
    assert count_waiting(reading()) == 1
    with small.trail() as left:
        given = grant_request(
            made,
            wish_for(cast.vera.vendor_id, cast.olga.id),
            " Gladly. ",
            actor=cast.oskar.actor,
            now=NOW,
        )
    assert left == [("grant:give", given), ("request:answer", made)]
    assert answered(made) == ("Gladly.", given)
    row = access(reading(), given)
    assert row is not None
    assert (row.person_id, row.vendor_id, row.evidence) == (
        cast.audrey.id,
        cast.vera.vendor_id,
        True,
    )
    assert count_waiting(reading()) == 0


def test_peoples_words_are_in_no_event_and_can_be_opened_until_they_are_erased(cast: Cast) -> None:
    made = asked(cast, wish="Everything of ACME, please.")
    answer_request(made, "ACME is none of ours.", actor=cast.oskar.actor, now=NOW)
    mine = [one for one in small.events() if one.object_id == made]
    assert all("ACME" not in one.body for one in mine)
    opened = private(reading(), [one.id for one in mine])
    words = [{name: value for name, (_, value) in opened[one.id].items()} for one in mine]
    assert words == [
        {"actor": cast.audrey.id, "wish": "Everything of ACME, please."},
        {"actor": cast.oskar.id, "answer": "ACME is none of ours."},
    ]


def test_a_request_is_answered_once(cast: Cast) -> None:
    made = asked(cast)
    answer_request(made, "Not this year.", actor=cast.oskar.actor, now=NOW)
    with small.trail() as left:
        with pytest.raises(AlreadyAnswered):
            answer_request(made, "On second thoughts.", actor=cast.olga.actor, now=NOW)
        with pytest.raises(AlreadyAnswered):
            grant_request(made, wish_for(None), "", actor=cast.olga.actor, now=NOW)
    assert left == []
    assert answered(made) == ("Not this year.", None)


def test_of_two_officers_at_once_one_answers(cast: Cast) -> None:
    made = asked(cast)
    actors = (cast.oskar.actor, cast.olga.actor)
    results = small.at_once(
        lambda: grant_request(made, wish_for(None), "Yes.", actor=actors[0], now=NOW),
        lambda: answer_request(made, "No.", actor=actors[1], now=NOW),
    )
    refused = [one for one in results if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [AlreadyAnswered]
    given = [one.object_id for one in small.events() if one.type == "grant:give"]
    words, grant_id = answered(made)
    assert (words, given) in [("Yes.", [grant_id]), ("No.", [])]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("", "Say what you want to see"),
        (" \n\0 ", "Say what you want to see"),
        ("x" * (LONGEST_WISH + 1), f"at most {LONGEST_WISH} characters"),
    ],
)
def test_a_wish_has_to_say_something_in_few_words(cast: Cast, wish: str, said: str) -> None:
    with small.trail() as left, pytest.raises(FieldRefused, match=said):
        asked(cast, wish=wish)
    assert left == []
    assert asked(cast, wish="x" * LONGEST_WISH)


def test_nothing_is_refused_without_a_word(cast: Cast) -> None:
    made = asked(cast)
    for words in ("  ", "x" * (LONGEST_ANSWER + 1)):
        with pytest.raises(FieldRefused):
            answer_request(made, words, actor=cast.oskar.actor, now=NOW)
    assert answered(made) == ("", None)
    assert grant_request(made, wish_for(None), "", actor=cast.oskar.actor, now=NOW)


def test_a_grant_that_is_refused_leaves_the_request_open(cast: Cast) -> None:
    grant(cast, None)
    made = asked(cast, cast.vera.vendor_id)
    wish = wish_for(cast.vera.vendor_id)
    with pytest.raises(FieldRefused):
        grant_request(made, replace(wish, purpose=" "), "", actor=cast.oskar.actor, now=NOW)
    for other in (cast.mallory.vendor_id, None):
        strange = replace(wish, vendor_id=other)
        with pytest.raises(NotFound):
            grant_request(made, strange, "", actor=cast.oskar.actor, now=NOW)
    assert count_waiting(reading()) == 1


def test_what_an_auditor_does_not_know_cannot_be_asked_for(cast: Cast) -> None:
    chosen = stages.issued(cast.vera, cast.oskar, only=ASKED).assessment_id
    for vendor, assessment in ((cast.vera.vendor_id, None), (None, chosen), (None, "0" * 32)):
        with pytest.raises(NotFound):
            ask(cast.audrey.id, "This.", vendor_id=vendor, assessment_id=assessment, now=NOW)
    grant(cast, cast.vera.vendor_id)
    made = ask(cast.audrey.id, "This.", vendor_id=None, assessment_id=chosen, now=NOW)
    row = request_by_id(reading(), made.id)
    assert row is not None
    assert (row.vendor_id, row.assessment_id) == (cast.vera.vendor_id, chosen)
    assert (row.vendor_name, row.cycle) == ("Nordlicht Software GmbH", 1)
    found = target(reading(), cast.audrey.id, assessment_id=chosen, today=TODAY)
    assert found.engagement_title == "Customer portal"


def test_asked_twice_at_once_it_is_one_request_until_it_is_answered(cast: Cast) -> None:
    grant(cast, cast.vera.vendor_id)
    with small.trail() as left:
        both = small.at_once(*[lambda: asked(cast, cast.vera.vendor_id, " The same. ")] * 2)
    assert left == [("request:ask", both[0])]
    assert both[0] == both[1] == asked(cast, cast.vera.vendor_id, "The same.")
    assert len({both[0], asked(cast, None, "The same."), asked(cast, wish="Another.")}) == 3
    answer_request(both[0], "No.", actor=cast.oskar.actor, now=NOW)
    assert asked(cast, cast.vera.vendor_id, "The same.") != both[0]


def test_so_many_wait_at_a_time(cast: Cast) -> None:
    made = [asked(cast, wish=f"Number {at}.") for at in range(MOST_OPEN)]
    with pytest.raises(FieldRefused, match="wait for an answer"):
        asked(cast)
    answer_request(made[0], "No.", actor=cast.oskar.actor, now=NOW)
    assert asked(cast)


def test_nobody_but_an_active_auditor_asks_and_a_closed_one_is_granted_nothing(cast: Cast) -> None:
    for member in (cast.oskar, cast.ada):
        with pytest.raises(NotFound):
            ask(member.id, "All.", vendor_id=None, assessment_id=None, now=NOW)
    made = asked(cast)
    set_active(cast.audrey.id, active=False, actor=OPERATOR, now=NOW)
    with pytest.raises(NotFound):
        asked(cast)
    with pytest.raises(FieldRefused) as refused:
        grant_request(made, wish_for(None), "", actor=cast.oskar.actor, now=NOW)
    assert refused.value.field == "person"
    answer_request(made, "The account is closed.", actor=cast.oskar.actor, now=NOW)
    assert answered(made) == ("The account is closed.", None)


def test_lists_are_paged_and_hold_what_is_asked(cast: Cast) -> None:
    made = []
    for _ in range(PAGE + 1):
        made.append(asked(cast))
        answer_request(made[-1], "No.", actor=cast.oskar.actor, now=NOW)
    waits = asked(cast)
    first = requests(reading(), answered=True)
    end = first[-1]
    rest = requests(reading(), answered=True, before=(end.asked_at, end.id))
    assert sorted(row.id for row in (*first, *rest)) == sorted(made)
    assert [row.id for row in requests(reading(), answered=False)] == [waits]
    assert requests(reading(), person_id=cast.oskar.id) == []
