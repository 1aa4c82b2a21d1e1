"""The properties of the scheme, P1 to P14, one test each.

Every sheet is scored twice, by the application and by the plain reference: see `judged`. Those that
need questions, gates and transfers stand in test_build_properties.py once more.
"""

import copy
import datetime as dt
import json
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.core.canonical import canonical
from riskapp.scoring.constants import STD_1
from riskapp.scoring.receipts import read_receipt, receipt_bytes, receipt_document, recompute
from riskapp.scoring.rules import Result, evaluate
from riskapp.vendors.rules import Factor, Tier, inherent_score, tier_of, unknown
from tests.scoring import documents, reference

Document = dict[str, Any]
examples = settings(deadline=None, max_examples=40)

WORTH = ("none", "provided", "reviewed", "independent")
LATER = st.integers(1, 900)


def judged(document: Document) -> Result:
    """Score a receipt, having checked every number of it against the reference."""
    sheet, _ = read_receipt(document)
    result = evaluate(sheet)
    written = receipt_document(sheet, result)
    assert written["result"] == reference.result(document)
    points = {item["id"]: item["contribution"] for item in written["items"]}
    assert points == reference.contributions(document)
    return result


def changed(document: Document, index: int, **fields: object) -> Document:
    copied = copy.deepcopy(document)
    copied["items"][index].update(fields)
    return copied


def not_worse(better: Result, than: Result) -> bool:
    return better.score <= than.score and better.tier <= than.tier


@examples
@given(documents.receipts())
def test_p1_scores_are_bounded_and_only_a_legal_floor_lifts_them_above_the_inherent_risk(
    document: Document,
) -> None:
    result = judged(document)
    assert 0 <= result.residual <= result.score <= 100
    assert result.blocked or result.score <= Fraction(document["inherent"]["score"])
    for share in (result.effectiveness, result.claimed, result.na_share, result.confidence_value):
        assert 0 <= share <= 1


@examples
@given(st.data())
def test_p2_a_better_answer_never_raises_score_or_tier(data: st.DataObject) -> None:
    document = data.draw(documents.receipts(least=1))
    index = data.draw(documents.indexes(document))
    low, high = sorted(data.draw(st.tuples(*[st.sampled_from(documents.CREDITS)] * 2)))
    before = changed(document, index, state="answered", credit=str(low))
    after = changed(document, index, state="answered", credit=str(high))
    assert not_worse(judged(after), judged(before))


@examples
@given(st.data())
def test_p3_better_or_later_evidence_never_raises_score_or_tier(data: st.DataObject) -> None:
    document = data.draw(documents.receipts(least=1))
    index = data.draw(documents.indexes(document))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, 3)] * 2)))
    early, late = sorted(data.draw(st.tuples(*[st.integers(-900, 0)] * 2)))
    kind = data.draw(st.sampled_from(("issued", "until")))

    def proven(level: int, moved: int) -> Result:
        day = documents.day(-moved)
        dates = (day, None) if kind == "issued" else ("2024-01-01", day)
        evidence = documents.proof(WORTH[level], *dates)
        return judged(changed(document, index, state="answered", evidence=evidence))

    worse = proven(low, early)
    assert not_worse(proven(high, early), worse)
    assert not_worse(proven(low, late), worse)
    assert not_worse(proven(high, late), worse)


@examples
@given(documents.receipts(), LATER)
def test_p4_with_nothing_else_changed_the_score_never_falls_as_time_passes(
    document: Document, days: int
) -> None:
    later = copy.deepcopy(document)
    later["as_of"] = (documents.AS_OF + dt.timedelta(days=days)).isoformat()
    assert not_worse(judged(document), judged(later))


@examples
@given(st.data())
def test_p5_a_missing_answer_is_never_better_than_any_answer(data: st.DataObject) -> None:
    document = data.draw(documents.receipts(least=1))
    index = data.draw(documents.indexes(document))
    credit, evidence = data.draw(st.tuples(documents.credits_, documents.proofs))
    answered = changed(document, index, state="answered", credit=credit, evidence=evidence)
    for state in ("missing", "rejected"):
        assert not_worse(judged(answered), judged(changed(document, index, state=state)))


@examples
@given(st.data())
def test_p6_approved_na_is_an_absent_question_and_unapproved_na_a_missing_answer(
    data: st.DataObject,
) -> None:
    document = data.draw(documents.receipts(least=1))
    index = data.draw(documents.indexes(document))
    name = document["items"][index]["id"]
    absent = copy.deepcopy(document)
    del absent["items"][index]
    missing = judged(changed(document, index, state="missing"))
    claimed = judged(changed(document, index, state="na-claimed"))
    approved = judged(changed(document, index, state="na-approved"))

    def outcome(result: Result) -> Document:
        names = ("residual", "score", "tier", "effectiveness", "claimed", "floors", "blocked")
        points = {key: value for key, value in result.contributions.items() if key != name}
        sure = result.confidence_value
        return {**{key: getattr(result, key) for key in names}, "points": points, "sure": sure}

    assert outcome(claimed) == outcome(missing)
    assert claimed.contributions[name] == missing.contributions[name]
    if reference.is_legal(document["items"][index]):
        assert outcome(approved) == outcome(missing), "a legal item can never be N/A"
    else:
        assert outcome(approved) == outcome(judged(absent))
        assert approved.contributions[name] == 0


@examples
@given(st.data())
def test_p7_a_failed_knock_out_holds_its_floor_whatever_else_is_good(data: st.DataObject) -> None:
    document = data.draw(documents.receipts(least=1))
    index = data.draw(documents.indexes(document))
    level = data.draw(st.sampled_from(("high", "critical", "legal")))
    state = data.draw(st.sampled_from(("answered", "missing", "rejected", "na-claimed")))
    for other in document["items"]:
        other.update(state="answered", credit="1", knockout=None)
        other["evidence"] = documents.proof("independent", documents.day(1))
    knockout = {"below": "1/2", "level": level}
    failed = judged(changed(document, index, state=state, credit="1/4", knockout=knockout))
    risk = Fraction(document["inherent"]["score"])
    floors = {"high": min(risk, Fraction(35)), "critical": min(risk, Fraction(60))}
    assert failed.score >= floors.get(level, Fraction(60))
    assert failed.blocked == (level == "legal")
    held = judged(changed(document, index, state="answered", credit="1/2", knockout=knockout))
    assert not any(floor.subject == document["items"][index]["id"] for floor in held.floors)


@examples
@given(documents.receipts())
def test_p8_base_and_contributions_sum_to_the_residual_exactly(document: Document) -> None:
    result = judged(document)
    if result.item_credit:
        assert result.base + sum(result.contributions.values()) == result.residual
    else:
        assert result.residual == Fraction(document["inherent"]["score"])
    assert set(result.contributions) == {item["id"] for item in document["items"]}


@examples
@given(st.data())
def test_p9_scaling_all_weights_or_reordering_changes_nothing(data: st.DataObject) -> None:
    document = data.draw(documents.receipts())
    moved = copy.deepcopy(document)
    by_items, by_domains = data.draw(st.tuples(st.integers(1, 50), st.integers(1, 50)))
    for name, scale in (("items", by_items), ("domains", by_domains)):
        moved[name] = data.draw(st.permutations(moved[name]))
        for entry in moved[name]:
            entry["weight"] *= scale
    assert judged(moved) == judged(document)


@examples
@given(documents.receipts(), documents.risks, documents.risks)
def test_p10_for_the_same_items_more_inherent_risk_never_lowers_the_score(
    document: Document, one: Fraction, other: Fraction
) -> None:
    low, high = sorted((one, other))
    assert not_worse(
        judged({**document, "inherent": documents.inherent(low)}),
        judged({**document, "inherent": documents.inherent(high)}),
    )


@examples
@given(documents.receipts())
def test_p11_same_inputs_give_the_same_bytes_through_any_number_of_readings(
    document: Document,
) -> None:
    sheet, _ = read_receipt(document)
    written = receipt_bytes(sheet, evaluate(sheet))
    turned = json.dumps(dict(reversed(document.items())), indent=3)
    assert recompute(turned).document_bytes == written
    assert recompute(turned).same is None
    assert json.loads(written)["result"] == reference.result(document)
    again = recompute(written)
    assert (again.same, again.difference) == (True, None)
    assert again.document_bytes == written == canonical(json.loads(written))


@examples
@given(st.data())
def test_p12_hiding_questions_behind_a_control_never_pays(data: st.DataObject) -> None:
    """The first item is the control, the others of its domain are its children."""
    document = data.draw(documents.receipts(least=2))
    parent = document["items"][0]
    for child in document["items"][1:]:
        child["domain"] = parent["domain"]
        child["state"] = data.draw(st.sampled_from(("answered", "missing", "rejected")))
    parent["state"] = "answered"

    def hidden(credit: str) -> Result:
        """Score with the control at its worst or best, and the children moot by it."""
        twin = changed(document, 0, credit=credit)
        worth = str(judged(twin).item_credit[parent["id"]])
        for child in twin["items"][1:]:
            child.update(state="hidden-by-control", credit=worth)
        return judged(twin)

    without = changed(document, 0, credit="0")
    without["items"] = without["items"][:1]
    worst = hidden("0")
    assert worst.effectiveness == 0
    assert not_worse(judged(document), worst), "any answers beat a control that is not there"
    assert not_worse(judged(without), worst), "the hidden stay in the denominator"
    full = changed(document, 0, credit="1")
    for child in full["items"][1:]:
        child.update(state="answered", credit="1", evidence=documents.proof(asked=False))
    assert not_worse(judged(full), hidden("1")), "moot is at most as good as all in place"


SHARES = st.sampled_from([Fraction(n, 20) for n in range(21)])
FLOORS = st.lists(st.sampled_from([Fraction(25), Fraction(50), Fraction(75)]), max_size=3)


@examples
@given(st.lists(st.tuples(st.integers(0, 9), SHARES, FLOORS, st.data()), min_size=1, max_size=9))
def test_p13_an_unknown_intake_answer_counts_as_the_worst(
    drawn: list[tuple[int, Fraction, list[Fraction], st.DataObject]],
) -> None:
    total = sum(weight for weight, *_ in drawn) or 1
    known, blank = {}, {}
    for number, (weight, value, floors, data) in enumerate(drawn):
        name, share = f"INT-{number}", Fraction(weight, total)
        floor = data.draw(st.sampled_from([None, *floors]))
        known[name] = Factor("option", share, value, floor)
        blank[name] = unknown(share, floors)
    for name, factor in blank.items():
        assert risk_of({**known, name: factor}) >= risk_of(known)
        unanswered = Factor(None, factor.weight, known[name].value, factor.floor)
        assert risk_of({**known, name: unanswered}) == risk_of({**known, name: factor}), (
            "what stands beside an answer that is not there is not read"
        )
    assert risk_of(blank) >= risk_of(known)
    if sum(weight for weight, *_ in drawn):
        assert risk_of(blank) == 100


def risk_of(factors: dict[str, Factor]) -> Fraction:
    """The inherent risk, having compared it with the reference's."""
    plain = {
        name: {"answer": f.answer, "weight": f.weight, "value": f.value, "floor": f.floor}
        for name, f in factors.items()
    }
    assert inherent_score(factors) == reference.inherent(plain)
    return inherent_score(factors)


@examples
@given(documents.receipts())
def test_p14_the_number_that_is_shown_and_the_tier_agree(document: Document) -> None:
    result = judged(document)
    assert tier_of(Fraction(result.shown), STD_1.bounds) is result.tier
    assert 0 <= result.score - Fraction(result.shown) < Fraction(1, 10)
    assert result.tier in Tier
