"""What moved a score: every point has a cause, and together they are the move exactly."""

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.scoring.basis import Ageing, Basis, BasisItem, Transfer
from riskapp.scoring.day import sheet_on
from riskapp.scoring.moves import MOST, moved, moves
from riskapp.scoring.receipts import read_receipt
from riskapp.scoring.sheet import Domain, Sheet, State
from riskapp.scoring.terms import standard
from riskapp.scoring.transfers import Safeguard
from riskapp.vendors.rules import Factor
from tests.scoring import documents, reference
from tests.scoring.documents import Document, day, item, proof, receipt

examples = settings(deadline=None, max_examples=60)
FULL, OF_90 = Fraction(1), Fraction(90)


def sheet_of(document: Document) -> Sheet:
    return read_receipt(document)[0]


def told(before: Document, after: Document) -> list[dict[str, Any]]:
    return moved(sheet_of(before), sheet_of(after))


def score(document: Document) -> Fraction:
    return Fraction(reference.result(document)["score"])


def total(entries: list[dict[str, Any]]) -> Fraction:
    return sum((Fraction(one["points"]) for one in entries), Fraction(0))


@st.composite
def another(draw: st.DrawFn, first: Document) -> Document:
    """A receipt that shares items with the first, or has nothing of it."""
    second = draw(documents.receipts())
    if draw(st.integers(0, 4)):
        own = [draw(st.sampled_from([one, None])) for one in second["items"]]
        kept = [copy.deepcopy(one) for one in first["items"] if draw(st.booleans())]
        names = {one["id"] for one in kept}
        second["items"] = kept + [one for one in own if one and one["id"] not in names]
        known = {one["id"] for one in second["domains"]}
        second["domains"] += [one for one in first["domains"] if one["id"] not in known]
    second["as_of"] = day(-draw(st.sampled_from((0, 1, 40, 366, 800))))
    if draw(st.booleans()):
        second["constants"]["kappa"] = "4/5"
        second["constants"]["bounds"] = {"medium": "10", "high": "30", "critical": "55"}
    return second


@examples
@given(st.data())
def test_the_points_add_up_to_the_move_whatever_changed_at_once(data: st.DataObject) -> None:
    before = data.draw(documents.receipts())
    after = data.draw(another(before))
    found = told(before, after)
    assert total(found) == score(after) - score(before)
    assert len(found) <= MOST
    weights = [abs(Fraction(one["points"])) for one in found if one["why"] != "rest"]
    assert weights == sorted(weights, reverse=True)


@examples
@given(st.data())
def test_an_item_that_did_not_change_has_no_part_in_the_move(data: st.DataObject) -> None:
    before = data.draw(documents.receipts(least=2))
    index = data.draw(documents.indexes(before))
    after = copy.deepcopy(before)
    change = data.draw(
        st.fixed_dictionaries(
            {
                "credit": documents.credits_,
                "state": st.sampled_from(documents.STATES),
                "evidence": documents.proofs,
            }
        )
    )
    after["items"][index].update(change)
    found = moves(sheet_of(before), sheet_of(after))
    name = before["items"][index]["id"]
    assert {one.item for one in found if one.item} <= {name}
    residual = [Fraction(reference.result(one)["residual"]) for one in (before, after)]
    parts = [one.points for one in found if one.item]
    assert sum(parts, Fraction(0)) == residual[1] - residual[0], "floors are told apart"


def test_nothing_moved_the_first_score_and_nothing_moves_what_is_the_same() -> None:
    sheet = sheet_of(documents.worked())
    assert moved(None, sheet) == []
    assert moved(sheet, sheet) == []


def two(**fields: object) -> Document:
    """An item A1 with these fields, as heavy as all others together, at an inherent risk of 90."""
    one = {"credit": "1", **fields}
    found = receipt(
        OF_90,
        {"a": 1, "b": 1},
        [item("A1", "a", 5, **one), item("B1", "b", 5, "1"), item("B2", "b", 5, "1")],  # type: ignore[arg-type]
    )
    found["constants"]["weak"] = dict.fromkeys(("critical", "high", "medium"), "0")
    return found


GOOD, HALF, BAD = {"credit": "1"}, {"credit": "1/2"}, {"credit": "0"}
PROVIDED = proof("provided", day(10), day(-5))


def shown(**fields: object) -> dict[str, object]:
    return {"evidence": proof(**fields)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("was", "now", "later", "why", "points"),
    [
        (BAD, GOOD, 0, "answer-better", "-81/2"),
        (GOOD, HALF, 0, "answer-worse", "81/4"),
        ({"state": "missing"}, GOOD, 0, "answered", "-81/2"),
        (GOOD, {"state": "rejected"}, 0, "rejected", "81/2"),
        (GOOD, {"state": "missing"}, 0, "unanswered", "81/2"),
        (GOOD, {"state": "na-claimed"}, 0, "na-claimed", "81/2"),
        (GOOD, {"state": "hidden-by-control", "credit": "1/2"}, 0, "hidden", "81/4"),
        ({"state": "hidden-by-control"}, {"state": "missing"}, 0, "asked", "81/2"),
        (
            {"state": "hidden-by-control"},
            {"state": "hidden-by-control", "credit": "1/2"},
            0,
            "hidden",
            "81/4",
        ),
        ({"state": "na-claimed"}, {"state": "na-approved"}, 0, "na-approved", "-81/2"),
        ({"state": "na-approved"}, {"state": "missing"}, 0, "na-withdrawn", "81/2"),
        ({"state": "na-approved"}, HALF, 0, "answered", "81/4"),
        (shown(), shown(level="provided", issued=day(1)), 0, "evidence-given", "-81/8"),
        (
            shown(level="provided", issued=day(1)),
            shown(level="reviewed", issued=day(1)),
            0,
            "evidence-reviewed",
            "-243/40",
        ),
        (
            shown(level="provided", issued=day(730)),
            shown(level="reviewed", issued=day(1)),
            0,
            "evidence-given",
            "-81/5",
        ),
        (
            shown(level="provided", issued=day(1)),
            shown(level="reviewed", issued=day(0)),
            0,
            "evidence-renewed",
            "-243/40",
        ),
        (
            shown(level="provided", issued=day(1)),
            shown(level="rejected", issued=day(1)),
            0,
            "evidence-rejected",
            "81/8",
        ),
        (
            shown(level="provided", issued=day(1)),
            shown(level="erased", issued=day(1)),
            0,
            "evidence-erased",
            "81/8",
        ),
        (shown(level="provided", issued=day(1)), shown(), 0, "evidence-removed", "81/8"),
        (
            shown(level="reviewed", issued=day(1)),
            shown(level="provided", issued=day(1)),
            0,
            "evidence-less",
            "243/40",
        ),
        (
            shown(level="provided", issued=day(1)),
            shown(level="provided", issued=day(1)),
            729,
            "evidence-aged",
            "81/8",
        ),
    ],
)
def test_each_cause_has_its_word_and_its_points(
    was: dict[str, object], now: dict[str, object], later: int, why: str, points: str
) -> None:
    before, after = two(**was), two(**now)
    after["as_of"] = day(-later)
    found = told(before, after)
    assert found == [{"why": why, "item": "A1", "points": points}]


def test_a_proof_that_ran_out_says_on_which_day_even_if_a_lesser_one_counts_now() -> None:
    good = shown(level="independent", issued=day(10), until=day(-30))
    less = shown(level="provided", issued=day(10))
    for left in (good, less):
        before, after = two(**good), two(**left)
        after["as_of"] = day(-40)
        (found,) = told(before, after)
        assert (found["why"], found["on"]) == ("evidence-expired", day(-31))


def test_an_answer_and_its_proof_are_told_apart() -> None:
    before = two(credit="1/2", **shown())
    after = two(credit="1", **shown(level="independent", issued=day(1)))
    assert [(one["why"], one["points"]) for one in told(before, after)] == [
        ("evidence-given", "-81/4"),
        ("answer-better", "-81/8"),
    ]


def test_a_question_that_is_new_or_gone_counts_against_the_mean_of_the_others() -> None:
    before = two()
    after = copy.deepcopy(before)
    after["items"].append(item("B3", "b", 5, "0"))
    assert told(before, after) == [{"why": "asked", "item": "B3", "points": "27/2"}]
    assert told(after, before) == [{"why": "not-asked", "item": "B3", "points": "-27/2"}]
    heavier = copy.deepcopy(after)
    heavier["items"][-1]["weight"] = 6
    (found,) = told(after, heavier)
    assert (found["why"], found["item"]) == ("weight", "B3")


def test_another_inherent_risk_and_another_scheme_are_told_apart_from_the_answers() -> None:
    before, after = two(**HALF), two(**GOOD)
    after["inherent"] = documents.inherent(Fraction(50))
    after["constants"]["kappa"] = "4/5"
    found = {one["why"]: Fraction(one["points"]) for one in told(before, after)}
    # 90 · (1 less 9/10·3/4) is 29.25; under κ = 4/5 36; at a risk of 50 20; well answered 10
    assert found == {
        "scheme": Fraction(27, 4),
        "inherent": Fraction(-16),
        "answer-better": Fraction(-10),
    }
    weighed = copy.deepcopy(before)
    weighed["domains"][0]["weight"] = 3
    assert [one["why"] for one in told(before, weighed)] == ["weight"]


def knocked(credit: str, level: str = "critical") -> Document:
    return two(credit=credit, knockout={"below": "1/2", "level": level})


def test_a_floor_that_comes_or_goes_has_the_points_that_it_alone_brings() -> None:
    before, after = knocked("1/2"), knocked("1/4")
    worse = {"why": "answer-worse", "item": "A1", "points": "81/8"}
    floor = {"kind": "knockout", "holders": ["A1"], "at": "60"}
    # 29.25 before; 39.375 after, which the floor of 60 lifts by 20.625
    assert told(before, after) == [{"why": "floor-new", "points": "165/8", **floor}, worse]
    back = told(after, before)
    assert back[0] == {"why": "floor-gone", "points": "-165/8", **floor}
    assert back[1] == {"why": "answer-better", "item": "A1", "points": "-81/8"}


def test_what_changes_below_a_floor_that_holds_is_taken_up_by_it() -> None:
    before, after = knocked("1/4"), knocked("0")
    floor = {"kind": "knockout", "holders": ["A1"], "at": "60"}
    assert told(before, after) == [
        {"why": "answer-worse", "item": "A1", "points": "81/8"},
        {"why": "floor-held", "points": "-81/8", **floor},
    ]


def test_a_weak_domain_whose_floor_follows_the_tier_of_the_rest_says_where_it_was() -> None:
    def at(credit: str) -> Document:
        found = two(credit="0")
        found["inherent"] = documents.inherent(Fraction(60))
        found["constants"]["weak"]["high"] = "1/2"
        found["items"].append(item("B3", "b", 10, credit))
        return found

    # without a floor it is 39.75, then 33; the weak domain a holds 60, then 35
    weak = {"kind": "weak-domain", "holders": ["a"]}
    assert told(at("1/2"), at("1")) == [
        {"why": "floor-moved", "points": "-25", **weak, "at": "35", "was": "60"},
        {"why": "answer-better", "item": "B3", "points": "-27/4"},
        {"why": "floor-held", "points": "27/4", **weak, "at": "60"},
    ]


def test_floors_of_one_height_share_a_line_and_the_law_is_told_even_where_it_adds_nothing() -> None:
    def failing(*names: str, level: str = "critical") -> Document:
        found = two()
        for one in found["items"]:
            one["knockout"] = {"below": "1/2", "level": level}
            one["credit"] = "1/4" if one["id"] in names else "1"
        return found

    (first, *_) = told(failing(), failing("B1", "B2"))
    assert (first["why"], first["holders"], first["at"]) == ("floor-new", ["B1", "B2"], "60")
    before, after = failing("A1"), failing("A1")
    after["items"][0]["knockout"]["level"] = "legal"
    found = {one["why"]: one for one in told(before, after)}
    assert found["floor-new"]["kind"] == "legal"
    assert total(list(found.values())) == 0


def test_more_moves_than_a_list_holds_are_summed_in_its_last_line() -> None:
    many = [item(f"A{n:02}", "a", 1 + n % 5, "1") for n in range(30)]
    before = receipt(OF_90, {"a": 1}, many)
    after = receipt(OF_90, {"a": 1}, [{**one, "credit": "3/4"} for one in many])
    found = told(before, after)
    assert len(found) == MOST
    assert (found[-1]["why"], found[-1]["count"]) == ("rest", 30 - MOST + 1)
    assert total(found) == score(after) - score(before)


def basis_of(one: BasisItem) -> Basis:
    factors = {"INT-02": Factor("some", Fraction(1), Fraction(1), None)}
    return Basis(factors, (), (Domain("a", 1),), (one,))


ANSWERED = BasisItem("A1", "a", 5, State.ANSWERED, FULL)


@pytest.mark.parametrize(
    "change",
    [
        lambda until: {"transfers": (Transfer("US", Safeguard.SCC, until),)},
        lambda until: {"ageing": Ageing(until, Fraction(1, 2))},
    ],
)
def test_a_credit_that_time_takes_is_not_told_as_another_answer(
    change: Callable[[dt.date], dict[str, Any]],
) -> None:
    basis = basis_of(replace(ANSWERED, **change(documents.AS_OF)))
    before, after = (
        sheet_on(basis, documents.AS_OF + dt.timedelta(days=days), standard()) for days in (0, 1)
    )
    (found, *_) = (one for one in moved(before, after, basis) if "item" in one)
    assert (found["why"], found["item"]) == ("transfer", "A1")


def test_of_two_floors_that_come_the_higher_has_only_what_it_lifts_beyond_the_lower() -> None:
    before, after = two(), two(**BAD)
    for document in (before, after):
        for one, level in zip(document["items"], ("high", "critical"), strict=False):
            one["knockout"] = {"below": "1/2", "level": level}
    after["items"][0]["credit"] = "1"
    for one in after["items"][:2]:
        one["credit"] = "1/4"
    after["inherent"] = before["inherent"] = documents.inherent(Fraction(50))
    floors = [one for one in told(before, after) if one["why"] == "floor-new"]
    # without floors it is 5, then 5 + 45·(3/8 + 3/16) = 485/16: lifted to 35, and on to 50
    assert [(one["at"], one["points"]) for one in floors] == [("50", "15"), ("35", "75/16")]
