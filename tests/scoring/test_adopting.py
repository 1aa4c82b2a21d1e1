"""Schemes of one's own: made once, adopted, left again; what is scored by each."""

import json
from typing import Any

import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.scoring.adopting import PAGE, adopt, history, make_and_adopt, scheme_now
from riskapp.scoring.queries import receipt_documents
from riskapp.scoring.receipts import recompute
from riskapp.scoring.rescoring import rescore
from riskapp.scoring.schemes import STANDARD, Scheme
from riskapp.scoring.wishes import SchemeRefused
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.scoring.own_schemes import DOMAINS, scheme, wish
from tests.small import app
from tests.web.desk import counted

__all__ = ["app"]
pytestmark = pytest.mark.usefixtures("in_app")

REASON = "The board decided so."


def make(cast: Cast, name: str = "harbour-1", **changes: Any) -> Scheme:
    return make_and_adopt(name, wish(**changes), DOMAINS, REASON, actor=cast.ada.actor, now=NOW)


def go_back(cast: Cast, name: str, reason: str = REASON) -> Scheme:
    return adopt(name, reason, actor=cast.ada.actor, now=NOW)


def now() -> Scheme:
    reading().rollback()
    return scheme_now(reading())


def adopted() -> list[str]:
    reading().rollback()
    return [one.name for one in history(reading())]


def test_it_is_scored_by_std_1_until_something_is_adopted() -> None:
    assert now() is STANDARD
    assert adopted() == []


def test_a_scheme_that_was_made_is_scored_by_exactly_as_it_was_checked(cast: Cast) -> None:
    changes: dict[str, Any] = {
        "bound_high": "30.5",
        "weak_high": 55,
        "weight_d1": 9,
        "cadence_critical": 3,
    }
    with small.trail() as trail:
        made = make(cast, **changes)
    assert now() == made == scheme(**changes)
    assert trail == [("scheme:make", "harbour-1"), ("scheme:adopt", "harbour-1")]
    (entry,) = history(reading())
    assert (entry.name, entry.reason, entry.who, entry.at) == ("harbour-1", REASON, "Ada", NOW)


def test_the_events_say_what_was_before_and_nothing_that_could_not_be_told(cast: Cast) -> None:
    make(cast, bound_high=30)
    bodies = [one.body for one in small.events() if one.type.startswith("scheme:")]
    assert all(REASON not in body for body in bodies)
    assert json.loads(bodies[1])["before"] == "std-1"


def test_one_goes_back_to_std_1_and_to_an_earlier_own_one(cast: Cast) -> None:
    first = make(cast, bound_high=30)
    second = make(cast, "harbour-2", bound_high=20)
    with small.trail() as trail:
        assert go_back(cast, "harbour-1") == now() == first
        assert go_back(cast, "std-1") is now() is STANDARD
        assert go_back(cast, "harbour-2") == now() == second
    assert [kind for kind, _ in trail] == ["scheme:adopt"] * 3
    assert adopted() == ["harbour-2", "std-1", "harbour-1", "harbour-2", "harbour-1"]


def test_a_name_stands_for_the_same_numbers_for_ever(cast: Cast) -> None:
    make(cast, bound_high=30)
    make(cast, "harbour-2", bound_high=20)
    go_back(cast, "std-1")
    with pytest.raises(SchemeRefused) as refused:
        make(cast, bound_high=25)
    assert "Take another name, like harbour-3." in refused.value.faults["name"]
    assert adopted() == ["std-1", "harbour-2", "harbour-1"]


def test_the_same_numbers_under_another_name_are_refused(cast: Cast) -> None:
    make(cast, bound_high=30)
    with pytest.raises(SchemeRefused) as refused:
        make(cast, "harbour-2", bound_high=30)
    assert refused.value.faults == {
        "": "These are the numbers of harbour-1. Adopt that one, or change something."
    }


def test_what_is_refused_leaves_nothing(cast: Cast) -> None:
    with small.trail() as trail:
        with pytest.raises(SchemeRefused):
            make(cast, bound_high=70)
        with pytest.raises(NotFound):
            go_back(cast, "harbour-1")
        with pytest.raises(FieldRefused):
            go_back(cast, "std-1")
        for reason in ("", " \n\0", "x" * 2001):
            with pytest.raises(FieldRefused, match="reason"):
                go_back(cast, "std-1", reason)
    assert trail == []
    assert adopted() == []


def test_of_two_who_make_the_same_at_once_one_is_refused(cast: Cast) -> None:
    results = small.at_once(*[lambda: make(cast, bound_high=30)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["Scheme", "SchemeRefused"]
    assert adopted() == ["harbour-1"]


def test_the_history_is_paged_and_read_in_one_statement(app: Flask, cast: Cast) -> None:
    make(cast, bound_high=30)
    for turn in range(PAGE):
        go_back(cast, ("std-1", "harbour-1")[turn % 2])
    reading().rollback()
    with counted(app) as statements:
        first = history(reading())
        now_used = scheme_now(reading())
    assert len(statements) - statements.count("BEGIN") == 2
    assert now_used.name == first[0].name
    rest = history(reading(), before=first[-1].number)
    assert [len(first), len(rest)] == [PAGE, 1]
    assert [one.name for one in history(reading(), name="std-1")] == ["std-1"] * (PAGE // 2)


def test_receipts_carry_the_scheme_that_they_were_scored_by_and_old_ones_never_move(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    first = receipt_documents(reading(), invitation.assessment_id)
    domain = next(iter(json.loads(first[0][1])["domains"]))
    weight = domain["weight"] % 9 + 1
    make_and_adopt(
        "harbour-1",
        wish(bound_high="30.5", **{f"weight_{domain['id']}": weight}),
        {domain["id"]: [domain["weight"]]},
        REASON,
        actor=cast.ada.actor,
        now=clock.now(),
    )
    rescore(cause="Scheme harbour-1 adopted", actor=cast.ada.actor, now=clock.now())
    by = stages.reviewer(cast.oskar)
    review_answer(invitation.assessment_id, small.VITAL, Action.REJECT, by, note="Because.")
    reading().rollback()
    documents = receipt_documents(reading(), invitation.assessment_id)
    assert documents[:1] == first
    schemes = []
    for _, text in documents:
        document = json.loads(text)
        schemes.append(document["scheme"])
        again = recompute(text)
        assert (again.same, again.foreign_constant) == (True, None)
        if document["scheme"] == "harbour-1":
            assert document["constants"]["bounds"]["high"] == "61/2"
            assert {"id": domain["id"], "weight": weight} in document["domains"]
    assert schemes == ["std-1", "harbour-1", "harbour-1"]
