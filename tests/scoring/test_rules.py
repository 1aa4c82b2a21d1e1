from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import permutations

import pytest

from riskapp.scoring.constants import SCHEME, STD_1, KnockoutLevel, Level
from riskapp.scoring.explain import Reason, explain, reasons
from riskapp.scoring.receipts import read_receipt
from riskapp.scoring.rules import (
    Confidence,
    Floor,
    FloorKind,
    best_evidence,
    evaluate,
    fresh_share,
    shown,
    strength,
)
from riskapp.scoring.sheet import (
    Domain,
    Evidence,
    Inherent,
    Item,
    Knockout,
    Questionnaire,
    Sheet,
    State,
)
from riskapp.vendors.rules import Tier
from tests.scoring import documents

TODAY = date(2026, 11, 23)
HALF = Fraction(1, 2)


def sheet(*items: Item, risk: int = 60) -> Sheet:
    return Sheet(
        as_of=TODAY,
        constants=STD_1,
        inherent=Inherent.given(Fraction(risk), STD_1.inherent_bounds),
        questionnaires=(Questionnaire("example", "2026.1", "0" * 64),),
        domains=(Domain("A", 3), Domain("B", 2)),
        items=items,
        scheme=SCHEME,
    )


def item(name: str, state: State = State.ANSWERED, credit: Fraction | int = 1) -> Item:
    return Item(name, "A", 5, Fraction(credit), state)


def ago(days: int, level: Level = Level.REVIEWED) -> Evidence:
    return Evidence(asked=True, level=level, issued_on=TODAY - timedelta(days=days))


def test_the_worked_vector_comes_out_in_every_number() -> None:
    facts, _ = read_receipt(documents.worked())
    result = evaluate(facts)
    assert result.domain_effectiveness == {"A": Fraction(7, 12), "B": 0}
    assert result.effectiveness == Fraction(7, 20)
    assert result.residual == Fraction("41.1")
    assert result.base == 6
    points = {"A-1": "1.8", "A-2": "8.1", "A-3": "3.6", "B-1": "21.6", "B-2": "0"}
    assert result.contributions == {name: Fraction(value) for name, value in points.items()}
    assert result.item_credit == {
        "A-1": Fraction(9, 10),
        "A-2": Fraction(1, 4),
        "A-3": 0,
        "B-1": 0,
    }
    assert result.score == 60
    assert result.shown == "60.0"
    assert result.tier is Tier.CRITICAL
    assert result.confidence_value == Fraction(9 * 5 + 5 * 3 + 10 * 5, 10 * 14)


def test_without_any_item_nothing_is_effective_and_nothing_is_known() -> None:
    for facts in (sheet(), sheet(item("q", State.NA_APPROVED))):
        result = evaluate(facts)
        assert result.residual == result.score == 60
        assert result.base == 6
        assert result.effectiveness == result.claimed == 0
        assert result.confidence is Confidence.LOW
        assert result.floors == ()


def test_a_knock_out_fails_below_its_threshold_and_not_at_it() -> None:
    for credit, fails in ((HALF, False), (Fraction(49, 100), True)):
        asked = replace(item("q", credit=credit), knockout=Knockout(KnockoutLevel.HIGH))
        kinds = [floor.kind for floor in evaluate(sheet(asked)).floors]
        assert ("knockout" in kinds) is fails


def test_a_knock_out_looks_at_the_answer_and_not_at_its_proof() -> None:
    unproven = replace(
        item("q", credit=HALF),
        evidence=Evidence(asked=True),
        knockout=Knockout(KnockoutLevel.CRITICAL),
    )
    result = evaluate(sheet(unproven))
    assert result.item_credit["q"] == Fraction(1, 4)
    assert [floor.kind for floor in result.floors] == ["weak-domain"]


@pytest.mark.parametrize(
    ("state", "credit", "fails"),
    [
        (State.MISSING, 1, True),
        (State.REJECTED, 1, True),
        (State.NA_CLAIMED, 1, True),
        (State.NA_APPROVED, 0, False),
        (State.HIDDEN, 0, True),
        (State.HIDDEN, Fraction(9, 10), False),
    ],
)
def test_a_knock_out_without_an_answer_fails_unless_excused_or_moot(
    state: State, credit: Fraction | int, fails: bool
) -> None:
    asked = replace(item("q", state, credit), knockout=Knockout(KnockoutLevel.CRITICAL))
    result = evaluate(sheet(asked, item("other")))
    assert [floor.subject for floor in result.floors if floor.kind == "knockout"] == (
        ["q"] if fails else []
    )


def test_a_legal_failure_is_absolute_and_blocks_and_cannot_be_excused() -> None:
    for state in (State.ANSWERED, State.MISSING, State.NA_CLAIMED, State.NA_APPROVED):
        legal = replace(item("q", state, 0), knockout=Knockout(KnockoutLevel.LEGAL))
        result = evaluate(sheet(legal, item("other"), risk=10))
        assert result.score == 60
        assert result.tier is Tier.CRITICAL
        assert result.blocked


def test_a_weak_domain_lifts_to_the_tier_above_the_residual_one_only() -> None:
    weak = replace(item("weak", credit=0), domain="B", weight=1)
    result = evaluate(sheet(item("good"), weak, risk=50))
    assert result.residual == Fraction(23)
    assert result.floors == (Floor(FloorKind.WEAK_DOMAIN, "B", Fraction(35)),)
    assert result.tier is Tier.HIGH
    assert evaluate(sheet(item("bad", credit=0), risk=100)).floors == ()
    assert evaluate(sheet(item("bad", credit=0), risk=24)).floors == ()


@pytest.mark.parametrize(
    ("credit", "risk", "weak"),
    [
        ("3/5", 75, False),
        ("59/100", 75, True),
        ("59/100", 74, False),
        ("1/2", 74, False),
        ("49/100", 50, True),
        ("2/5", 49, False),
        ("39/100", 25, True),
    ],
)
def test_how_weak_a_domain_may_be_depends_on_the_inherent_tier(
    credit: str, risk: int, weak: bool
) -> None:
    result = evaluate(sheet(item("q", credit=Fraction(credit)), risk=risk))
    assert bool(result.floors) is weak


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("34.96", "34.9"),
        ("60", "60.0"),
        ("0", "0.0"),
        ("1/11", "0.0"),
        ("100", "100.0"),
        ("14.9999999999999999999999999", "14.9"),
    ],
)
def test_a_shown_number_is_cut_and_never_rounded_up(value: str, text: str) -> None:
    assert shown(Fraction(value)) == text


@pytest.mark.parametrize(
    ("days", "share"),
    [(-5, 365), (0, 365), (365, 365), (366, 364), (729, 1), (730, 0), (731, 0), (4000, 0)],
)
def test_evidence_without_end_fades_over_its_second_year(days: int, share: int) -> None:
    assert fresh_share(ago(days), TODAY) == share


def test_evidence_with_an_end_counts_through_its_last_day() -> None:
    issued = replace(ago(2000), valid_until=TODAY)
    assert fresh_share(issued, TODAY) == 365
    assert fresh_share(issued, TODAY + timedelta(days=1)) == 0


@pytest.mark.parametrize("level", [Level.NONE, Level.REJECTED, Level.ERASED])
def test_rejected_and_erased_evidence_is_worth_what_none_is(level: Level) -> None:
    assert strength(ago(1, level), TODAY) == HALF


def test_undated_evidence_counts_as_none_even_with_an_end() -> None:
    undated = replace(ago(1, Level.INDEPENDENT), issued_on=None)
    assert strength(undated, TODAY) == HALF
    assert strength(replace(undated, valid_until=TODAY), TODAY) == HALF


def test_the_best_of_several_files_counts_in_whatever_order_they_came() -> None:
    strong_stale = ago(700, Level.INDEPENDENT)
    weak_fresh = ago(10, Level.PROVIDED)
    files = [strong_stale, weak_fresh, ago(1, Level.REJECTED), ago(800), ago(800, Level.ERASED)]
    for order in permutations(files):
        assert best_evidence(order, TODAY) == weak_fresh
    for order in permutations([ago(5, Level.REJECTED), ago(9, Level.ERASED), ago(800)]):
        assert best_evidence(order, TODAY) == ago(800), "what would count again if renewed"
    assert best_evidence([], TODAY) == Evidence(asked=True, level=Level.NONE)


def test_which_file_counts_depends_on_the_day() -> None:
    fading, ending = ago(300, Level.INDEPENDENT), replace(ago(1), valid_until=TODAY)
    assert best_evidence([fading, ending], TODAY) == fading
    assert best_evidence([fading, ending], TODAY + timedelta(days=400)) == fading
    lasting = replace(ending, valid_until=TODAY + timedelta(days=900))
    assert best_evidence([fading, lasting], TODAY + timedelta(days=400)) == lasting


def test_confidence_is_low_above_three_tenths_of_na_however_sure_the_rest_is() -> None:
    excused = (item(f"n{n}", State.NA_APPROVED) for n in range(3))
    at = sheet(*(item(f"q{n}") for n in range(7)), *excused)
    assert evaluate(at).na_share == Fraction(3, 10)
    assert evaluate(at).confidence is Confidence.HIGH
    over = evaluate(replace(at, items=at.items[1:]))
    assert over.confidence_value == 1
    assert over.confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("answered", "word"), [(17, "high"), (16, "medium"), (13, "medium"), (12, "low")]
)
def test_confidence_has_its_bounds(answered: int, word: str) -> None:
    missing = (item(f"m{n}", State.MISSING) for n in range(20 - answered))
    facts = sheet(*(item(f"q{n}") for n in range(answered)), *missing)
    assert evaluate(facts).confidence == word


def test_a_sheet_whose_tier_belies_its_score_is_refused() -> None:
    with pytest.raises(ValueError, match="inherent score 60 is high"):
        replace(sheet(), inherent=Inherent(Fraction(60), Tier.LOW, {}))


def test_the_explanation_begins_with_the_heaviest_and_leaves_out_what_adds_nothing() -> None:
    facts, _ = read_receipt(documents.worked())
    found = explain(facts, evaluate(facts))
    assert [(one.item, one.contribution, one.credit, one.reasons) for one in found] == [
        ("B-1", Fraction("21.6"), 0, (Reason.ANSWER,)),
        ("A-2", Fraction("8.1"), Fraction(1, 4), (Reason.ANSWER, Reason.EVIDENCE_NONE)),
        ("A-3", Fraction("3.6"), 0, (Reason.MISSING,)),
        ("A-1", Fraction("1.8"), Fraction(9, 10), (Reason.EVIDENCE_REVIEWED,)),
    ]


@pytest.mark.parametrize(
    ("state", "credit", "evidence", "words"),
    [
        (State.MISSING, 1, Evidence(asked=True), ["missing"]),
        (State.REJECTED, 1, ago(1), ["rejected"]),
        (State.NA_CLAIMED, 0, Evidence(), ["na-unapproved"]),
        (State.NA_APPROVED, 0, Evidence(), []),
        (State.HIDDEN, 0, Evidence(), ["hidden"]),
        (State.HIDDEN, 1, Evidence(), []),
        (State.ANSWERED, 1, Evidence(), []),
        (State.ANSWERED, 1, ago(1, Level.INDEPENDENT), []),
        (State.ANSWERED, 0, Evidence(asked=True), ["answer"]),
        (State.ANSWERED, 1, Evidence(asked=True), ["evidence-none"]),
        (State.ANSWERED, 1, ago(1, Level.REJECTED), ["evidence-rejected"]),
        (State.ANSWERED, 1, ago(1, Level.ERASED), ["evidence-erased"]),
        (State.ANSWERED, 1, replace(ago(1), issued_on=None), ["evidence-undated"]),
        (State.ANSWERED, 1, ago(1, Level.PROVIDED), ["evidence-provided"]),
        (State.ANSWERED, 1, ago(500, Level.INDEPENDENT), ["evidence-stale"]),
        (State.ANSWERED, HALF, ago(500), ["answer", "evidence-stale", "evidence-reviewed"]),
    ],
)
def test_each_lost_credit_has_its_reasons(
    state: State, credit: Fraction | int, evidence: Evidence, words: list[str]
) -> None:
    asked = replace(item("q", state, credit), evidence=evidence)
    assert list(reasons(asked, TODAY)) == words
    given = evaluate(sheet(asked)).item_credit.get("q")
    assert (given is not None and given < 1) is bool(words), "reasons stand where credit is lost"


def test_a_legal_item_excused_all_the_same_says_that_this_cannot_be() -> None:
    legal = replace(item("q", State.NA_APPROVED), knockout=Knockout(KnockoutLevel.LEGAL))
    assert reasons(legal, TODAY) == (Reason.NA_IMPOSSIBLE,)
