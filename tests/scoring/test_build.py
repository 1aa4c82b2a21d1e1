"""From answers to items: what an answer, a review, a file or another question makes of one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.conditions import questions_named
from riskapp.catalogue.load import load_folder
from riskapp.catalogue.model import (
    Choice,
    Countries,
    Multiple,
    Number,
    Question,
    Table,
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.visible import asked
from riskapp.scoring.build import Case, Reviewed, build_sheet, officers_needed
from riskapp.scoring.constants import Level
from riskapp.scoring.rules import FloorKind, Result, evaluate
from riskapp.scoring.sheet import Evidence, Item, State
from riskapp.settings import Settings
from riskapp.vendors.intake import factors, facts
from tests.cast import INTAKE
from tests.catalogue import writing

AS_OF = date(2026, 11, 23)
CATALOGUE = load_folder(Settings.model_fields["questionnaires"].default)
FACTS = facts(CATALOGUE.intake, INTAKE)
FACTORS = factors(CATALOGUE.intake, INTAKE)
SHIPPED = [release for release in CATALOGUE.releases if release.audience == "vendor"]
HALF = Fraction(1, 2)

Answers = dict[str, Reviewed]
Files = Mapping[str, list[Evidence]]


def said(value: Any = None, **more: Any) -> Reviewed:
    """An answer as it came in, with what reviewers made of it in `more`."""
    came_in = Reviewed(
        value=value,
        na_reason=None,
        standing="open",
        na_approvals=0,
        na_refused=False,
        confirmed=False,
        compensating=None,
    )
    return replace(came_in, **more)


def na(**more: Any) -> Reviewed:
    return said(na_reason="Not ours.", **more)


def items(
    *questions: writing.Json,
    files: Files | None = None,
    known: Mapping[str, Any] = FACTS,
    **answers: Reviewed,
) -> dict[str, Item]:
    """The items that these questions make, by id; TST_01 answers TST-01."""
    release = writing.parsed(*questions)
    given_to = {name.replace("_", "-"): answer for name, answer in answers.items()}
    sheet = build_sheet(Case([release], known, FACTORS, given_to, files or {}), AS_OF)
    return {item.id: item for item in sheet.items}


def stands(item: Item) -> tuple[State, float | Fraction]:
    return item.state, item.credit


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
        (na(na_approvals=1), [FRESH], Fraction(0)),
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


# --- transfers, by the questions that are shipped ---

GDPR = [release for release in SHIPPED if release.id == "gdpr-processor"]


def row(country: str, safeguard: str) -> dict[str, str]:
    return {
        "country": country,
        "activity": "storage",
        "recipient": "Host",
        "safeguard": safeguard,
    }


def sub(country: str) -> dict[str, str]:
    names = ("name", "address", "contact", "service", "data")
    return {**dict.fromkeys(names, "Words"), "country": country}


def transfers(
    register: Reviewed, assessed: Reviewed | None = None, **answers: Reviewed
) -> tuple[dict[str, Item], Result]:
    """GDP-32 and the questions that are looked up in it."""
    everything = {
        "GDP-01": said("processor"),
        "GDP-32": register,
        "GDP-33": assessed or said("recent"),
        **{name.replace("_", "-"): answer for name, answer in answers.items()},
    }
    sheet = build_sheet(Case(GDPR, FACTS, FACTORS, everything, {}), AS_OF)
    return {item.id: item for item in sheet.items}, evaluate(sheet)


def holding(result: Result, kind: FloorKind) -> set[str]:
    return {floor.subject for floor in result.floors if floor.kind is kind}


@pytest.mark.parametrize(
    ("register", "worth", "blocked"),
    [
        (said([row("US", "none")]), Fraction(0), True),
        (said([row("US", "dpf"), row("IN", "none")]), Fraction(0), True),
        (said([]), Fraction(0), True),
        (said([], confirmed=True), Fraction(1), False),
        (said([row("JP", "adequacy")]), Fraction(19, 20), False),
        (said([row("US", "dpf"), row("JP", "adequacy")]), Fraction(17, 20), False),
        (said([row("US", "art49")]), Fraction(1, 5), False),
        (said([row("US", "dpf")], standing="rejected"), Fraction(0), True),
    ],
)
def test_the_worst_transfer_counts_and_one_without_a_ground_is_a_legal_block(
    register: Reviewed, worth: Fraction, blocked: bool
) -> None:
    found, result = transfers(register)
    assert found["GDP-32"].credit == worth
    assert ("GDP-32" in holding(result, FloorKind.LEGAL)) == blocked


@pytest.mark.parametrize(
    ("assessed", "worth", "fails"),
    [
        (said("recent"), Fraction(7, 10), False),
        (said("older"), Fraction(3, 10), True),
        (said("missing"), Fraction(3, 10), True),
        (said(None), Fraction(3, 10), True),
        (na(na_approvals=1), Fraction(3, 10), True),
        (said("recent", standing="rejected"), Fraction(3, 10), True),
    ],
)
@pytest.mark.parametrize("safeguard", ["scc", "bcr"])
def test_clauses_need_a_recent_assessment_of_the_transfer(
    safeguard: str, assessed: Reviewed, worth: Fraction, fails: bool
) -> None:
    found, result = transfers(said([row("US", safeguard)]), assessed)
    assert found["GDP-32"].credit == worth
    assert ("GDP-33" in holding(result, FloorKind.KNOCKOUT)) == fails
    assert "GDP-32" not in holding(result, FloorKind.LEGAL)


@pytest.mark.parametrize(
    ("named", "register", "worth"),
    [
        (["DE", "NO"], said([]), Fraction(1)),
        (["DE", "US"], said([row("US", "dpf")]), Fraction(17, 20)),
        (["US"], said([row("US", "dpf"), row("US", "art49")]), Fraction(1, 5)),
        (["US"], said([row("JP", "adequacy")]), Fraction(0)),
        (["US"], said([], confirmed=True), Fraction(0)),
        (["US"], said([row("US", "dpf")], standing="rejected"), Fraction(0)),
        (["US"], said(None), Fraction(0)),
    ],
)
def test_countries_named_elsewhere_are_worth_what_the_register_says_of_them(
    named: list[str], register: Reviewed, worth: Fraction
) -> None:
    found, _ = transfers(
        register,
        GDP_14=said([sub(country) for country in named]),
        GDP_29=said(named),
        GDP_30=said(named),
    )
    for name in ("GDP-14", "GDP-29", "GDP-30"):
        assert stands(found[name]) == (State.ANSWERED, worth)


def test_scored_columns_beside_a_country_count_as_well() -> None:
    safeguard = writing.REGISTER["columns"][1]
    kept = writing.column("kept", "choice", options=writing.choice(well=1, badly=0)["options"])
    register = writing.question(
        answer=writing.table(writing.column("country", "country"), safeguard, kept),
        transfers={"country": "country", "safeguard": "safeguard"},
    )
    good = {"country": "DE", "safeguard": "none", "kept": "well"}
    assert items(register, TST_01=said([good]))["TST-01"].credit == 1
    assert items(register, TST_01=said([good, {**good, "kept": "badly"}]))["TST-01"].credit == 0


# --- properties, over the questions that are shipped ---


def possible(question: Question) -> list[Any]:
    """Answers of every worth to a shipped question."""
    match question.answer:
        case YesNo() | YesPartlyNo() | Choice():
            return list(question.choices)
        case Multiple(options=options):
            ids = [option.id for option in options]
            return [ids[:count] for count in range(len(ids) + 1)]
        case Number(bands=bands):
            return [str(band.at_most) for band in bands if band.at_most is not None] + ["90"]
        case Countries():
            return [["DE"], ["DE", "US"], ["IN"]]
        case Table() if question.id == "GDP-32":
            return [
                [],
                [row("US", "dpf")],
                [row("US", "scc"), row("IN", "bcr")],
                [row("US", "none")],
            ]
        case Table() if question.id == "GDP-14":
            return [[], [sub("DE")], [sub("US"), sub("DE")]]
        case Table(columns=columns):
            known = [option.id for column in columns for option in column.options]
            rest = {column.id: "DE" for column in columns if not column.options}
            return [[{**rest, columns[-1].id: one}] for one in known]
    return [None]


QUESTIONS = {
    question.id: question for release in SHIPPED for question in release.questions.values()
}
SCORED = [question.id for question in QUESTIONS.values() if question.scored]
PARENTS = sorted(
    {
        name
        for question in QUESTIONS.values()
        if question.asked_when is not None and question.scored
        for name in questions_named(question.asked_when)
        if QUESTIONS[name].scored
    }
)
PROOF = [
    Evidence(True, Level.PROVIDED, date(2026, 6, 1)),
    Evidence(True, Level.INDEPENDENT, date(2025, 6, 1)),
    Evidence(True, Level.REVIEWED, date(2024, 1, 1), date(2027, 1, 1)),
]
examples = settings(deadline=None, max_examples=40)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Answers, Files]:
    """Answers to some of everything, as a processor, with some files and reviews."""
    answers: Answers = {"GDP-01": said(draw(st.sampled_from(["processor", "own-controller"])))}
    for name in SCORED:
        kind = draw(st.sampled_from(["answer"] * 6 + ["missing", "na", "rejected"]))
        value = draw(st.sampled_from(possible(QUESTIONS[name])))
        if kind == "na":
            answers[name] = na(na_approvals=draw(st.integers(0, 2)))
        elif kind != "missing":
            standing = "rejected" if kind == "rejected" else "open"
            answers[name] = said(value, standing=standing, confirmed=draw(st.booleans()))
    proved = draw(st.lists(st.sampled_from(SCORED), max_size=12))
    return answers, {name: [draw(st.sampled_from(PROOF))] for name in proved}


def scored(answers: Answers, files: Files) -> tuple[Result, dict[str, Item]]:
    sheet = build_sheet(Case(SHIPPED, FACTS, FACTORS, answers, files), AS_OF)
    return evaluate(sheet), {item.id: item for item in sheet.items}


@examples
@given(cases(), st.data())
def test_p2_a_better_answer_to_a_shipped_question_never_raises_the_score(
    case: tuple[Answers, Files], data: st.DataObject
) -> None:
    answers, files = case
    # A register that names clauses brings a knock-out with them: another set of items.
    name = data.draw(st.sampled_from([one for one in SCORED if one != "GDP-32"]))
    worths: dict[Fraction, Fraction] = {}
    for value in possible(QUESTIONS[name]):
        result, found = scored({**answers, name: said(value, confirmed=True)}, files)
        item = found.get(name)
        if item is not None and item.state is State.ANSWERED:
            worths[item.credit] = max(result.score, worths.get(item.credit, Fraction(0)))
    order = [worths[worth] for worth in sorted(worths)]
    assert order == sorted(order, reverse=True)
    missing, _ = scored({**answers, name: said(None)}, files)
    assert all(missing.score >= score for score in order)


@examples
@given(cases(), st.data())
def test_p12_hiding_questions_never_pays_against_answering_them_fully(
    case: tuple[Answers, Files], data: st.DataObject
) -> None:
    answers, files = case
    parent = data.draw(st.sampled_from(PARENTS))
    children = [
        question
        for question in QUESTIONS.values()
        if question.asked_when is not None
        and question.scored
        and parent in questions_named(question.asked_when)
    ]
    full = {**answers, **{one.id: said("yes") for one in children}}
    proof = {**files, **{one.id: [Evidence(True, Level.INDEPENDENT, AS_OF)] for one in children}}
    hidden, shown = [], []
    for value in possible(QUESTIONS[parent]):
        result, found = scored({**full, parent: said(value)}, proof)
        gone = [found[one.id] for one in children if one.id in found]
        if any(item.state is State.HIDDEN for item in gone):
            hidden.append((found[parent].credit, result.score))
        elif gone:
            shown.append((found[parent].credit, result.score))
    assert hidden
    assert {one.answer.type for one in children} == {"yes_partly_no"}  # a yes is the fullest
    for worth, score in hidden:
        assert all(score >= other for credit, other in shown if credit >= worth)


@examples
@given(cases())
def test_what_the_vendor_sees_asked_is_what_is_scored_as_asked(
    case: tuple[Answers, Files],
) -> None:
    answers, files = case
    _, found = scored(answers, files)
    known = {name: one.value for name, one in answers.items() if one.value is not None}
    shown = {one.id for release in SHIPPED for one in asked(release, FACTS, known) if one.scored}
    assert shown <= set(found)
    unasked = (State.HIDDEN, State.MISSING)
    assert all(item.state in unasked for name, item in found.items() if name not in shown)
    assert all(item.state is not State.HIDDEN for name, item in found.items() if name in shown)


def test_the_shipped_questions_have_controls_that_hide_others() -> None:
    assert PARENTS
