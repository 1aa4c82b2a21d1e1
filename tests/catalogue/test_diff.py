"""What changed between two releases, in sentences."""

from itertools import combinations, permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.changes import Kind, lines, summary
from riskapp.catalogue.diff import compare
from riskapp.catalogue.specs import TYPES
from tests.catalogue import writing
from tests.catalogue.writing import Json, question

FIRST, SECOND, THIRD = (question(f"TST-0{number}") for number in (1, 2, 3))
KEPT = writing.column("kept", "choice", options=[{"id": "well", "text": "Well", "credit": 1}])


def said(old: list[Json], new: list[Json], **more: Any) -> list[str]:
    """What is said of these questions and those, but for the summary."""
    return list(lines(compare(writing.parsed(*old), writing.parsed(*new, **more))))[1:]


def test_the_summary_counts_what_happened_to_how_many() -> None:
    old = writing.parsed(FIRST, SECOND, THIRD)
    new = writing.parsed(
        {**FIRST, "weight": 5, "text": "Is it still so?"},
        {**SECOND, "weight": 1},
        question("TST-04", knockout={"level": "high"}, evidence="A report."),
        title="Smaller",
        domains={"access": {"weight": 3, "title": "Access"}},
    )
    difference = compare(old, new)
    assert summary(difference) == (
        "Questions: 1 added, 1 removed, 1 reworded, 2 reweighted. Domains: 1 reweighted. "
        "Questionnaire: reworded."
    )
    assert list(lines(difference))[1:] == [
        "questionnaire small reworded: title: “Small” → “Smaller”",
        "domain access reweighted: weight: 2 → 3",
        "TST-01 reworded: question: “Is it so?” → “Is it still so?”",
        "TST-01 reweighted: weight: 3 → 5",
        "TST-02 reweighted: weight: 3 → 1",
        (
            "TST-04 added: “Is it so?” (answer: yes or no; domain access; weight 3; "
            "with evidence; knock-out high, below 0.5)"
        ),
        "TST-03 removed: “Is it so?” (answer: yes or no; domain access; weight 3)",
    ]


def test_a_page_can_group_by_what_happened() -> None:
    difference = compare(
        writing.parsed(FIRST, SECOND),
        writing.parsed({**FIRST, "weight": 5, "why": "It is."}, THIRD),
    )
    assert [one.id for one in difference.of(Kind.REWEIGHTED)] == ["TST-01"]
    assert [one.id for one in difference.of(Kind.REMOVED)] == ["TST-02"]
    (first, added, removed) = difference.subjects
    assert (first.title, first.named) == ("Is it so?", "TST-01")
    assert [(one.what, one.old, one.new) for one in first.changes] == [
        ("why we ask", "“It matters.”", "“It is.”"),
        ("weight", "3", "5"),
    ]
    assert (added.changes[0].old, removed.changes[0].new) == (None, None)


def test_asking_for_proof_reweighs_and_other_words_for_it_do_not() -> None:
    proven = {**FIRST, "evidence": "A list."}
    assert said([FIRST], [proven]) == ["TST-01 reweighted: evidence: none asked for → “A list.”"]
    assert said([proven], [{**FIRST, "evidence": "A report."}]) == [
        "TST-01 reworded: evidence: “A list.” → “A report.”"
    ]


def test_a_condition_is_said_in_each_releases_own_words_and_compared_by_what_it_asks() -> None:
    gate = question("TST-01", writing.choice(all=1, none=0))
    options = [{**one, "text": one["text"].upper()} for one in gate["answer"]["options"]]
    reworded = {**gate, "answer": {**gate["answer"], "options": options}}
    child = question("TST-02", asked_when={"question": "TST-01", "is": "all"})
    assert said([gate, child], [reworded, child]) == [
        "TST-01 reworded: words of option all: “It is all” → “IT IS ALL”",
        "TST-01 reworded: words of option none: “It is none” → “IT IS NONE”",
    ]
    other = {**child, "asked_when": {"question": "TST-01", "is": "none"}}
    assert said([gate, child], [reworded, other])[2:] == [
        (
            "TST-02 conditions changed: asked: where TST-01 is “It is all” → "
            "where TST-01 is “IT IS NONE”"
        )
    ]


def test_where_an_option_has_the_words_of_another_the_change_is_told_as_one_of_form() -> None:
    twins = {
        "type": "choice",
        "options": [{"id": name, "text": "It is", "credit": 1} for name in ("one", "two")],
    }
    parent = question("TST-01", twins)
    children = [
        question("TST-02", asked_when={"question": "TST-01", "is": name}) for name in ("one", "two")
    ]
    assert said([parent, children[0]], [parent, children[1]]) == [
        (
            "TST-02 conditions changed: asked: where TST-01 is “It is” "
            "(the same words, written otherwise in the file)"
        )
    ]


def test_a_knock_out_is_told_as_a_whole_or_by_what_differs_in_it() -> None:
    legal = {**FIRST, "knockout": {"level": "legal", "below": "at-0"}}
    high = {
        **FIRST,
        "knockout": {"level": "high", "when": {"fact": "inherent", "is": "critical"}},
    }
    assert said([FIRST], [high]) == [
        "TST-01 reweighted: knock-out: none → high, below 0.5, where the inherent risk is critical"
    ]
    assert said([high], [legal]) == [
        "TST-01 reweighted: knock-out: high → legal",
        "TST-01 reweighted: knock-out below: 0.5 → 1",
        "TST-01 reweighted: knock-out holds: where the inherent risk is critical → always",
    ]


def test_a_fraction_is_said_as_files_write_it() -> None:
    def factor(weight: str) -> Json:
        return question("TST-01", weight=None, domain=None, factor={"weight": weight})

    assert said([factor("1/3")], [factor("0.125")]) == [
        "TST-01 reweighted: part in the inherent risk: weight 1/3 → weight 0.125"
    ]


ANSWERS: list[Json] = [
    writing.YES_NO,
    writing.PARTLY,
    writing.choice(all=1, none=0),
    writing.MULTIPLE,
    writing.MATURITY,
    writing.number({"else": 1}, unit="days"),
    writing.DATE,
    writing.TEXT,
    writing.COUNTRIES,
    writing.table(writing.column("place"), KEPT),
]


def test_between_any_two_kinds_of_answer_the_change_is_told_once() -> None:
    assert {one["type"] for one in ANSWERS} == set(TYPES)
    for before, after in permutations(ANSWERS, 2):
        (line,) = said([{**FIRST, "answer": before}], [{**FIRST, "answer": after}])
        assert line.startswith("TST-01 answer changed: answer: ")
        assert "→" in line


def test_a_tables_columns_and_their_options_are_told_one_by_one() -> None:
    worse = {**KEPT, "options": [{**KEPT["options"][0], "credit": 0.5}]}
    place = writing.column("place", "country")
    old = question("TST-01", writing.table(KEPT, writing.column("name")))
    new = question("TST-01", writing.table({**worse, "title": "Is kept"}, place))
    assert said([old], [new]) == [
        "TST-01 answer changed: column removed: “Name” (name, text)",
        "TST-01 answer changed: column added: “Place” (place, country)",
        "TST-01 reworded: title of column kept: “Kept” → “Is kept”",
        "TST-01 reweighted: worth of kept option well: 1 → 0.5",
    ]


def test_of_questions_in_another_order_as_few_as_can_be_are_told_as_moved() -> None:
    many = [question(f"TST-0{number}") for number in range(1, 7)]
    assert said(many, [*many[3:], *many[1:3], many[0]]) == [
        "TST-02 moved: place: before TST-04 → after TST-06",
        "TST-03 moved: place: before TST-04 → after TST-06",
        "TST-01 moved: place: before TST-04 → after TST-06",
    ]


def test_what_comes_and_goes_around_a_question_does_not_move_it() -> None:
    found = said([FIRST, SECOND], [THIRD, SECOND])
    assert [line.split(":")[0] for line in found] == ["TST-03 added", "TST-01 removed"]


def test_a_question_in_another_section_is_told_as_moved_and_new_sections_as_added() -> None:
    parts = [
        {"id": "only", "title": "Only", "questions": [FIRST]},
        {"id": "more", "title": "More", "questions": [SECOND]},
    ]
    assert said([FIRST, SECOND], [], sections=parts) == [
        "section more added: “More”",
        "TST-02 moved: section: “Only” → “More”",
    ]


def test_domains_and_sections_move_too() -> None:
    domains = {name: {"weight": 2, "title": name.title()} for name in ("access", "people", "exit")}
    sections = [
        {"id": name, "title": name.title(), "questions": [asked]}
        for name, asked in (("first", FIRST), ("second", SECOND), ("third", THIRD))
    ]
    old = writing.parsed(domains=domains, sections=sections)
    turned = dict(reversed(domains.items()))
    new = writing.parsed(domains=turned, sections=[sections[2], *sections[:2]])
    assert list(lines(compare(old, new))) == [
        "Sections: 1 moved. Domains: 2 moved.",
        "domain people moved: place: before exit → after exit",
        "domain access moved: place: before exit → after exit",
        "section third moved: place: after second → before first",
    ]


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(1, 7)))
def test_leaving_out_what_moved_leaves_one_order_and_leaving_out_less_does_not(
    order: list[int],
) -> None:
    many = [question(f"TST-0{number}") for number in range(1, 7)]
    found = said(many, [many[number - 1] for number in order])
    gone = {int(line.split()[0][-1]) for line in found}
    assert all(" moved: place: " in line and "written otherwise" not in line for line in found)
    assert [one for one in order if one not in gone] == sorted(set(order) - gone)
    for fewer in combinations(range(1, 7), max(0, len(gone) - 1)):
        left = [one for one in order if one not in fewer]
        assert not gone or left != sorted(left)
