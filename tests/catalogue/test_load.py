"""Files become releases, or say exactly what is wrong with them and where."""

import hashlib
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.check import check
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.load import parse
from riskapp.catalogue.model import Choice
from tests.catalogue import writing
from tests.catalogue.writing import SMALL, Json, question, written


def faults_of(text: str) -> list[Fault]:
    with pytest.raises(Faulty) as caught:
        parse(text, "small/2026.1.yaml")
    return caught.value.faults


def only_fault(text: str) -> Fault:
    [fault] = faults_of(text)
    return fault


def test_a_release_is_known_by_id_release_and_the_hash_of_its_bytes() -> None:
    release = parse(SMALL, "small/2026.1.yaml")

    assert release.key == "small@2026.1"
    assert release.source == SMALL
    assert release.sha256 == hashlib.sha256(SMALL.encode()).hexdigest()
    assert list(release.questions) == ["TST-01"]


def test_credits_are_exact_and_words_stay_words() -> None:
    answer = parse(SMALL, "x").questions["TST-01"].answer

    assert isinstance(answer, Choice)
    assert [(option.id, option.credit) for option in answer.options] == [
        ("yes", 1),
        ("nearly", Fraction(1, 10)),
        ("no", 0),
    ]


def test_at_0_becomes_the_smallest_credit_that_the_answer_can_have() -> None:
    knockout = parse(SMALL, "x").questions["TST-01"].knockout

    assert knockout is not None
    assert knockout.below == Fraction(1, 10)


@pytest.mark.parametrize(
    ("written_below", "below"), [("1/2", Fraction(1, 2)), ("0.75", Fraction(3, 4))]
)
def test_a_knockout_may_say_below_what_it_fails(written_below: str, below: Fraction) -> None:
    knockout = parse(SMALL.replace("at-0", written_below), "x").questions["TST-01"].knockout

    assert knockout is not None
    assert knockout.below == below


def test_a_knockout_without_below_fails_below_a_half() -> None:
    knockout = parse(SMALL.replace(", below: at-0", ""), "x").questions["TST-01"].knockout

    assert knockout is not None
    assert knockout.below == Fraction(1, 2)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "weight: 5",
            "weight: 4",
            "23: sections[0].questions[0].weight: is “4”; write 5, 3 or 1",
        ),
        (
            "{weight: 2, title: Access}",
            "{weight: 4, title: Access}",
            "8: domains.access.weight: is “4”; write 1, 2 or 3",
        ),
        (
            "credit: 0.1",
            "credit: 1.1",
            (
                "21: sections[0].questions[0].answer.options[1].credit: is 11/10; "
                "write a value from 0 to 1"
            ),
        ),
        (
            "why: It matters.",
            "wy: It matters.",
            "13: sections[0].questions[0].why: is missing; add it",
        ),
        (
            "below: at-0",
            "below: 0",
            (
                "24: sections[0].questions[0].knockout.below: is 0, which no credit "
                "lies below; write at-0 or a credit above 0"
            ),
        ),
        (
            "type: choice",
            "type: choose",
            (
                "17: sections[0].questions[0].answer: has no known type; begin it "
                "with type: yes_no | yes_partly_no | choice | multiple | maturity | number | "
                "date | text | countries | table"
            ),
        ),
        (
            "title: Small",
            "title:",
            "3: title: is empty; give it a value or leave it out",
        ),
        (
            "title: Small",
            "title: &t Small",
            "3: title: uses an anchor or alias; write the value out",
        ),
        (
            "title: Small",
            "title: !!str Small",
            "3: title: has the tag tag:yaml.org,2002:str; take the tag away",
        ),
        (
            "title: Small",
            "title: Small\nid: small",
            ("4: id: stands here a second time; the first is on line 1; keep one of the two"),
        ),
        (
            "mappings: {iso27001: [A.5.1]}",
            "mappings: {iso27001: [A.5.1]}\n---\nid: other",
            "26: holds a second document; keep one release in a file",
        ),
        (
            "audience: vendor",
            "audience: everybody",
            "5: audience: is “everybody”; write vendor or officer",
        ),
    ],
)
def test_a_fault_says_file_line_path_problem_and_remedy(old: str, new: str, expected: str) -> None:
    assert f"small/2026.1.yaml:{expected}" in [
        str(fault) for fault in faults_of(SMALL.replace(old, new))
    ]


def test_a_misspelt_key_is_corrected() -> None:
    faults = faults_of(SMALL.replace("evidence", "x").replace("weight: 5", "wieght: 5"))

    assert [(fault.line, fault.remedy) for fault in faults] == [(23, "write weight")]


def test_a_known_key_in_the_wrong_place_is_told_so() -> None:
    fault = only_fault(SMALL.replace("type: choice", "type: choice\n          evidence: A copy"))

    assert fault.path == "sections[0].questions[0].answer.evidence"
    assert fault.remedy == "move it to the part of the question where it belongs"


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = SMALL.replace("weight: 5", "weight: 4").replace("audience: vendor", "audience: all")

    assert [fault.line for fault in faults_of(text)] == [5, 23]


@pytest.mark.parametrize(
    "text", ["a: [", "\tid: x", 'id: "x', "id: \x00", 'a: "\\U99999999"', "*x"]
)
def test_broken_syntax_is_a_fault_with_a_line(text: str) -> None:
    fault = only_fault("# first line\n" + text)

    assert fault.line == 2


@pytest.mark.parametrize("text", ["", "# only a remark\n", "- a list", "a word"])
def test_what_is_no_questionnaire_is_said_to_be_none(text: str) -> None:
    assert only_fault(text).problem == "is no questionnaire"


def test_endless_nesting_is_refused() -> None:
    assert "nested" in only_fault("id: " + "[" * 5000).problem


def test_half_a_character_is_refused() -> None:
    assert only_fault("id: a\ntitle: \ud800").line == 2


def test_a_condition_is_told_from_what_is_none() -> None:
    faults = writing_faults({"applies_when": {"if": "x"}})

    assert [fault.problem for fault in faults] == ["is no condition"]


@pytest.mark.parametrize(
    "test",
    [
        {"fact": "inherent"},
        {"fact": "inherent", "is": "low", "at_least": "high"},
        {"fact": "services", "includes": []},
    ],
)
def test_a_test_compares_with_one_thing(test: Json) -> None:
    assert "compares with" in writing_faults({"applies_when": test})[0].problem


def writing_faults(more: Json) -> list[Fault]:
    return faults_of(written(writing.release(question(**more))))


_NOISE = st.sampled_from(
    [
        "",
        ":",
        "-",
        "  ",
        "\n",
        "[",
        "}",
        "&a ",
        "*a",
        "!!set ",
        "null",
        "~",
        '"',
        "'",
        "\t",
        "#",
        "? ",
        "<<: ",
        "|\n",
        "%YAML 1.1\n",
        "---\n",
        "...\n",
        "\\",
        "\x85",
        "🙂",
        "9" * 40,
        "0x1F",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_mutation_of_a_file_raises_anything_but_faulty(data: st.DataObject) -> None:
    text = SMALL
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        noise = data.draw(st.one_of(_NOISE, st.text(max_size=5)))
        text = text[:start] + noise + text[end:]
    assert all(fault.line >= 1 and fault.problem for fault in everything_wrong_with(text))


def everything_wrong_with(text: str) -> list[Fault]:
    try:
        return check(parse(text, "small/2026.1.yaml"))
    except Faulty as error:
        return error.faults
