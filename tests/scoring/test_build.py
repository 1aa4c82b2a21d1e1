"""From answers to items: what an answer, a review, a file or another question makes of one."""

from datetime import date
from fractions import Fraction

import pytest

from riskapp.scoring.build import Reviewed, officers_needed
from riskapp.scoring.constants import Level
from riskapp.scoring.sheet import Evidence, State
from tests.catalogue import writing
from tests.scoring.building import FACTS, HALF, items, na, said, stands

GATE = writing.question("TST-01", writing.plain_choice("some", "none"), weight=None, gate=True)
GATED = writing.question("TST-02", asked_when={"question": "TST-01", "is": "some"})


def test_what_the_intake_says_does_not_apply_is_no_item() -> None:
    only = {"fact": "data", "is": ["none"]}
    child = writing.question("TST-02", asked_when={"question": "TST-01", "is": "yes"})
    first = writing.question("TST-01", applies_when=only)
    assert items(first, child, TST_01=said("yes"), TST_02=said("yes")) == {}
    assert set(items(first, child, known={**FACTS, "data": "none"}, TST_01=said("yes"))) == {
        "TST-01",
        "TST-02",
    }


@pytest.mark.parametrize(
    "gate",
    [
        said("none"),
        said("none", standing="accepted"),
        said("none", confirmed=True, standing="rejected"),
        said(None, confirmed=True),
        na(confirmed=True, na_approvals=2),
    ],
)
def test_what_a_gate_hides_is_missing_until_an_officer_confirms_what_it_says(
    gate: Reviewed,
) -> None:
    found = items(GATE, GATED, TST_01=gate, TST_02=said("yes"))
    assert {name: stands(item) for name, item in found.items()} == {
        "TST-02": (State.MISSING, Fraction(0))
    }


def test_what_a_confirmed_gate_hides_is_no_item_and_what_it_opens_is_asked() -> None:
    assert items(GATE, GATED, TST_01=said("none", confirmed=True), TST_02=said("yes")) == {}
    opened = items(GATE, GATED, TST_01=said("some"), TST_02=said("yes"))
    assert stands(opened["TST-02"]) == (State.ANSWERED, 1)
    assert stands(items(GATE, GATED)["TST-02"]) == (State.MISSING, 0)


def test_what_an_unconfirmed_gate_hides_further_down_is_missing_too() -> None:
    below = writing.question("TST-03", asked_when={"question": "TST-02", "is": "yes"})
    found = items(GATE, GATED, below, TST_01=said("none"), TST_02=said("yes"), TST_03=said("yes"))
    assert {item.state for item in found.values()} == {State.MISSING}
    assert items(GATE, GATED, below, TST_01=said("none", confirmed=True), TST_02=said("yes")) == {}


def test_of_two_gates_that_each_could_open_a_question_both_have_to_be_confirmed() -> None:
    other = {**GATE, "id": "TST-03"}
    either = {"any": [{"question": "TST-01", "is": "some"}, {"question": "TST-03", "is": "some"}]}
    both = {"all": either["any"]}
    closed, agreed = said("none"), said("none", confirmed=True)

    def state(condition: writing.Json, first: Reviewed, second: Reviewed) -> State | None:
        asked = writing.question("TST-04", asked_when=condition)
        found = items(GATE, other, asked, TST_01=first, TST_03=second)
        return found["TST-04"].state if found else None

    assert state(either, agreed, closed) is State.MISSING
    assert state(either, agreed, agreed) is None
    assert state(both, agreed, closed) is None
    assert state(both, agreed, said("some")) is None
    assert state(both, closed, said("some")) is State.MISSING


CONTROL = writing.question(
    "TST-01", writing.choice(own=1, good=0.8, weak=0.4, none=0), evidence="A list."
)
CHILD = writing.question(
    "TST-02",
    evidence="A report.",
    asked_when={"question": "TST-01", "is": ["good", "weak"]},
)
GRANDCHILD = writing.question("TST-03", asked_when={"question": "TST-02", "is": "yes"})
FRESH = Evidence(True, Level.REVIEWED, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("answer", "files", "worth"),
    [
        (said("none"), [FRESH], Fraction(0)),
        (said("own"), [FRESH], Fraction(9, 10)),
        (said("own"), [], HALF),
        (said("own", standing="rejected"), [FRESH], Fraction(0)),
        (said("none", compensating=Fraction(3, 4)), [FRESH], Fraction(27, 40)),
        (na(), [FRESH], Fraction(0)),
    ],
)
def test_what_a_control_hides_has_the_controls_own_credit_and_asks_no_proof(
    answer: Reviewed, files: list[Evidence], worth: Fraction
) -> None:
    found = items(
        CONTROL,
        CHILD,
        GRANDCHILD,
        files={"TST-01": files, "TST-02": [FRESH]},
        TST_01=answer,
        TST_02=said("yes"),
        TST_03=said("yes"),
    )
    for name in ("TST-02", "TST-03"):
        assert stands(found[name]) == (State.HIDDEN, worth)
        assert not found[name].evidence.asked


def test_what_hangs_on_a_control_that_was_approved_as_not_applicable_is_no_item_either() -> None:
    found = items(CONTROL, CHILD, GRANDCHILD, TST_01=na(na_approvals=1), TST_03=said("yes"))
    assert {name: one.state for name, one in found.items()} == {"TST-01": State.NA_APPROVED}


def test_a_control_hides_also_where_an_open_gate_stands_beside_it() -> None:
    gate = {**GATE, "id": "TST-09"}
    condition = {
        "all": [{"question": "TST-09", "is": "some"}, {"question": "TST-01", "is": "good"}]
    }
    child = writing.question("TST-02", asked_when=condition)

    def state(role: Reviewed, control: str) -> tuple[State, float | Fraction] | None:
        found = items(
            gate, CONTROL, child, files={"TST-01": [FRESH]}, TST_09=role, TST_01=said(control)
        )
        return stands(found["TST-02"]) if "TST-02" in found else None

    assert state(said("some"), "own") == (State.HIDDEN, Fraction(9, 10))
    assert state(said("some"), "none") == (State.HIDDEN, 0)
    assert state(said("none"), "own") == (State.MISSING, 0)
    assert state(said("none", confirmed=True), "none") is None
    assert state(said("none", confirmed=True), "good") is None


def test_a_missing_and_a_rejected_answer_are_worth_nothing_and_one_asked_back_keeps_its_worth() -> (
    None
):
    asked = writing.question(answer=writing.PARTLY)
    assert stands(items(asked)["TST-01"]) == (State.MISSING, 0)
    assert stands(items(asked, TST_01=said(None))["TST-01"]) == (State.MISSING, 0)
    assert stands(items(asked, TST_01=said("partly"))["TST-01"]) == (State.ANSWERED, HALF)
    rejected = said("yes", standing="rejected")
    assert stands(items(asked, TST_01=rejected)["TST-01"]) == (State.REJECTED, 0)
    accepted = said("yes", standing="accepted")
    assert stands(items(asked, TST_01=accepted)["TST-01"]) == (State.ANSWERED, 1)


KNOCKOUT = {"level": "high", "when": {"fact": "inherent", "is": "high"}}


@pytest.mark.parametrize(
    ("knockout", "answer", "state"),
    [
        (None, na(), State.NA_CLAIMED),
        (None, na(na_approvals=1), State.NA_APPROVED),
        (None, na(na_approvals=2, na_refused=True), State.NA_CLAIMED),
        (None, na(na_approvals=1, standing="rejected"), State.REJECTED),
        (KNOCKOUT, na(na_approvals=1), State.NA_CLAIMED),
        (KNOCKOUT, na(na_approvals=2), State.NA_APPROVED),
        ({**KNOCKOUT, "when": {"fact": "inherent", "is": "critical"}}, na(na_approvals=1), "na"),
        ({"level": "legal"}, na(na_approvals=2), State.NA_CLAIMED),
        (None, na(na_approvals=1, compensating=HALF), State.NA_APPROVED),
    ],
)
def test_not_applicable_takes_one_officer_two_for_a_knockout_that_holds_and_never_the_law(
    knockout: writing.Json | None, answer: Reviewed, state: State | str
) -> None:
    found = items(writing.question(knockout=knockout), TST_01=answer)["TST-01"]
    assert stands(found) == (State.NA_APPROVED if state == "na" else state, 0)
    assert found.counts == (found.state is not State.NA_APPROVED)


def test_the_desk_is_told_how_many_officers_it_takes() -> None:
    plain, vital = (writing.asking(writing.YES_NO, knockout=one) for one in (None, KNOCKOUT))
    assert officers_needed(plain, FACTS, {}) == 1
    assert officers_needed(vital, FACTS, {}) == 2
    assert officers_needed(vital, {**FACTS, "inherent": "low"}, {}) == 1


@pytest.mark.parametrize(
    ("answer", "state", "worth"),
    [
        (said("no", compensating=Fraction(3, 4)), State.ANSWERED, Fraction(3, 4)),
        (said("yes", compensating=Fraction(1, 4)), State.ANSWERED, Fraction(1)),
        (said(None, compensating=HALF), State.ANSWERED, HALF),
        (na(compensating=HALF), State.ANSWERED, HALF),
        (said("yes", standing="rejected", compensating=HALF), State.ANSWERED, HALF),
    ],
)
def test_a_compensating_control_lifts_an_answer_and_a_rejected_one_is_worth_that_alone(
    answer: Reviewed, state: State, worth: Fraction
) -> None:
    found = items(writing.question(), TST_01=answer)["TST-01"]
    assert stands(found) == (state, worth)


def test_nothing_makes_up_for_what_the_law_asks() -> None:
    legal = writing.question(knockout={"level": "legal"})
    found = items(legal, TST_01=said("no", compensating=Fraction(3, 4)))["TST-01"]
    assert stands(found) == (State.ANSWERED, 0)


def test_an_empty_table_is_missing_until_an_officer_confirms_that_there_is_nothing() -> None:
    table = writing.question(answer=writing.table(writing.column("name")))
    assert stands(items(table, TST_01=said([]))["TST-01"]) == (State.MISSING, 0)
    assert stands(items(table, TST_01=said([], confirmed=True))["TST-01"]) == (State.ANSWERED, 1)
    rows = said([{"name": "A"}])
    assert stands(items(table, TST_01=rows)["TST-01"]) == (State.ANSWERED, 1)
    none = writing.question(answer=writing.MULTIPLE)
    assert stands(items(none, TST_01=said([], confirmed=True))["TST-01"]) == (State.ANSWERED, 0)


def test_of_several_files_the_best_counts_and_none_or_an_undated_one_is_no_proof() -> None:
    asked = writing.question(evidence="A report.")
    stale = Evidence(True, Level.INDEPENDENT, date(2024, 1, 1))
    undated = Evidence(True, Level.INDEPENDENT)
    rejected = Evidence(True, Level.REJECTED, date(2026, 11, 1))

    def counted(*files: Evidence) -> Evidence:
        return items(asked, files={"TST-01": list(files)}, TST_01=said("yes"))["TST-01"].evidence

    assert counted() == Evidence(asked=True)
    assert counted(stale, FRESH, undated, rejected) == FRESH
    assert counted(rejected) == rejected
    plain = items(writing.question(), files={"TST-01": [FRESH]}, TST_01=said("yes"))["TST-01"]
    assert plain.evidence == Evidence()
