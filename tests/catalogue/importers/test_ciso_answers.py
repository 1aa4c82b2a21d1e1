"""What CISO Assistant's choices are worth, and on which answers its questions are asked."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from riskapp.catalogue.model import Choice, Question, YesNo
from riskapp.catalogue.visible import asked
from tests.catalogue.importers.ciso_writing import (
    below,
    choice,
    ciso,
    depends,
    node,
    one_of,
    question,
    some_of,
    title,
)
from tests.catalogue.importers.files import Read


def worth(question: Question) -> Mapping[str, Fraction | None]:
    assert isinstance(question.answer, Choice)
    return {option.id: option.credit for option in question.answer.options}


def scored(*scores: Any, **framework: Any) -> Read:
    """A question whose choices a, b, … have these scores."""
    choices = [choice(name, **({} if score is None else {"add_score": score}))
               for name, score in zip("abcdef", scores, strict=False)]  # fmt: skip
    return ciso(node("1", one_of("How?", *choices)), framework=framework)


@pytest.mark.parametrize(
    ("scores", "least", "expected"),
    [
        ((0, 50, 100), 0, ("0", "1/2", "1")),
        ((0, 1, 3), 0, ("0", "1/3", "1")),
        ((1, 2, 5), 1, ("0", "1/4", "1")),
        ((50, 100), 0, ("1/2", "1")),
        ((-10, 0, 10), 0, ("0", "1/2", "1")),
        ((0, None, 4), 0, ("0", "0", "1")),
        ((0, 2.5, 10), 0, ("0", "1/4", "1")),
        ((0, 1, 99_991), 0, None),
    ],
)
def test_scores_become_credits_from_the_least_to_the_best(
    scores: tuple[Any, ...], least: int, expected: tuple[str, ...] | None
) -> None:
    read = scored(*scores, min_score=least, max_score=100)
    found = [str(one) for one in worth(read.questions[0]).values()]
    if expected is None:
        assert found[0] == "0"
        assert found[2] == "1"
        assert Fraction(found[1]).denominator <= 9_999
    else:
        assert found == list(expected)
    assert read.noted("credits are the scores of the choices (add_score)") == ["the whole file"]


@pytest.mark.parametrize(
    ("scores", "reason"),
    [((5, 5), "do not tell a good answer from a bad one"), ((0, 0), "all have the same score")],
)
def test_scores_that_are_all_the_same_tell_nothing(scores: tuple[int, ...], reason: str) -> None:
    read = scored(*scores)
    assert not read.questions[0].scored
    assert read.noted(reason)


@pytest.mark.parametrize(
    ("written", "credit"),
    [
        (True, "1"), ("true", "1"), ("1", "1"), ("compliant", "1"), (" Compliant ", "1"),
        ("partially_compliant", "1/2"),
        (False, "0"), ("false", "0"), ("0", "0"), ("non_compliant", "0"),
    ],
)  # fmt: skip
def test_results_become_credits(written: Any, credit: str) -> None:
    choices = [choice("this", compute_result=written)]
    choices += [
        choice("good", compute_result="compliant"),
        choice("bad", compute_result="non_compliant"),
    ]
    read = ciso(node("1", one_of("How?", *choices)))
    assert str(worth(read.questions[0])["this"]) == credit
    assert read.noted("credits are the results of the choices (compute_result)")


def test_scores_say_more_than_results() -> None:
    choices = [
        choice("none", add_score=0, compute_result="non_compliant"),
        choice("some", add_score=1, compute_result="partially_compliant"),
        choice("all", add_score=4, compute_result="compliant"),
    ]
    read = ciso(node("1", one_of("How?", *choices)))
    assert [str(one) for one in worth(read.questions[0]).values()] == ["0", "1/4", "1"]


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ((choice("a", add_score=9, compute_result=False), choice("b", add_score=0)), "contradict"),
        ((choice("a", compute_result="odd"), choice("b")), "the result “odd” is unknown"),
        ((choice("a", compute_result=True), choice("b")), "only some choices have a result"),
        ((choice("a", compute_result=True), choice("b", compute_result=True)), "do not tell"),
        ((choice("Alternate"), choice("Yes")), "nothing says what its choices are worth"),
    ],
)
def test_what_does_not_say_what_is_good_is_not_scored(
    choices: tuple[Any, ...], reason: str
) -> None:
    read = ciso(node("1", one_of("How?", *choices)))
    assert not read.questions[0].scored
    assert read.noted(reason)


def test_without_any_scores_yes_partly_and_no_have_their_usual_worth() -> None:
    choices = [choice("Oui"), choice("Partiellement"), choice("Non")]
    read = ciso(node("1", one_of("Est-ce en place ?", *choices)))
    assert [str(one) for one in worth(read.questions[0]).values()] == ["1", "1/2", "0"]
    assert read.noted("the file gives no scores: yes counts 1, partly ½ and no 0")


def test_where_other_questions_have_scores_one_without_them_counts_nothing() -> None:
    read = ciso(
        node("1", one_of("How?", choice("a", add_score=0), choice("b", add_score=1))),
        node("2", one_of("Do you?", choice("Yes"), choice("No"))),
    )
    assert not read.about("Do you?").scored
    assert read.noted("its choices have no scores; not scored")


def test_a_no_that_is_compliant_is_the_good_answer() -> None:
    choices = [choice("Yes", compute_result=False), choice("No", compute_result=True)]
    read = ciso(node("1", one_of("Was there an incident?", *choices)))
    assert read.questions[0].answer == YesNo(type="yes_no", good="no")


def test_ticks_that_are_all_good_count_by_their_share() -> None:
    read = ciso(node("1", some_of("Which?", choice("a", add_score=5), choice("b", add_score=5))))
    assert read.questions[0].weight == 3
    assert read.noted("of several choices to tick the share counts that is ticked")


def test_ticks_of_which_some_are_bad_are_not_scored() -> None:
    read = ciso(node("1", some_of("Which?", choice("a", add_score=5), choice("b", add_score=0))))
    assert not read.questions[0].scored
    assert read.noted("not every tick is good for something; not scored")


@pytest.mark.parametrize(
    ("importance", "weight"),
    [
        ("mandatory", 5),
        ("recommended", 3),
        ("nice to have", 1),
        ("nice_to_have", 1),
        ("undefined", 3),
    ],
)
def test_the_importance_of_a_node_is_its_weight(importance: str, weight: int) -> None:
    assert ciso(node("1", name="It", importance=importance)).questions[0].weight == weight


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((1, 1), (3, 3)),
        ((1, 2), (3, 5)),
        ((1, 5), (1, 5)),
        ((1, 2, 3), (3, 5, 5)),
        ((4, 4), (5, 5)),
    ],
)
def test_the_weights_of_nodes_are_three_classes(
    weights: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    nodes = [node(str(at), name=f"Node {at}", weight=one) for at, one in enumerate(weights)]
    read = ciso(*nodes)
    assert tuple(one.weight for one in read.questions) == expected


PARENT = node("1", one_of("Parent?", choice("a"), choice("b"), choice("c")))
TICKS = node("2", some_of("Ticks?", choice("a"), choice("b"), choice("c")))


def child(on: dict[str, Any]) -> dict[str, Any]:
    return node("9", question("text", "Child?", depends_on=on))


def shown(read: Read, **answers: Any) -> bool:
    """Whether the child is asked on these answers, by the words of the questions."""
    by_id = {one.id: answers[one.text.rstrip("?")] for one in read.questions
             if one.text.rstrip("?") in answers}  # fmt: skip
    return any("Child?" in one.text for one in asked(read.release, {}, by_id))


@pytest.mark.parametrize(
    ("on", "answers", "expected"),
    [
        (depends("1", 1), {"Parent": "a"}, True),
        (depends("1", 1), {"Parent": "b"}, False),
        (depends("1", 1, 2), {"Parent": "b"}, True),
        (depends("1", 2, condition="all"), {"Parent": "b"}, True),
        (depends("2", 1, 2), {"Ticks": ["b"]}, True),
        (depends("2", 1, 2), {"Ticks": ["c"]}, False),
        (depends("2", 1, 2, condition="all"), {"Ticks": ["b"]}, False),
        (depends("2", 1, 2, condition="all"), {"Ticks": ["a", "b", "c"]}, True),
    ],
)
def test_a_question_is_asked_on_any_or_all_of_the_answers(
    on: dict[str, Any], answers: dict[str, Any], expected: bool
) -> None:
    read = ciso(PARENT, TICKS, child(on))
    assert shown(read, **answers) is expected
    assert not read.noted("asked more often")


def test_all_of_several_answers_of_which_one_is_chosen_never_come() -> None:
    read = ciso(PARENT, child(depends("1", 1, 2, condition="all")))
    assert [one.text for one in read.questions] == ["Parent?"]
    assert read.noted("is never asked in its source")


@pytest.mark.parametrize("answer", ["urn:acme:risk:req_node:demo:1:question:1:CHOICE:2", "2", "b"])
def test_answers_are_named_by_urn_by_its_end_or_by_their_words(answer: str) -> None:
    on = {**depends("1", 1), "answers": [answer]}
    read = ciso(PARENT, child(on))
    assert (shown(read, Parent="b"), shown(read, Parent="a")) == (True, False)


def test_a_question_of_the_same_node_is_named_by_the_end_of_its_urn() -> None:
    read = ciso(
        node(
            "1",
            one_of("Parent?", choice("a"), choice("b")),
            question("text", "Child?", depends_on={"question": "1", "answers": ["2"]}),
        )
    )
    assert (shown(read, Parent="b"), shown(read, Parent="a")) == (True, False)


def test_a_yes_or_no_is_named_by_true_or_false() -> None:
    on = {"question": "urn:acme:risk:req_node:demo:1:question:1", "answers": [True]}
    read = ciso(node("1", question("boolean", "Parent?")), child(on))
    assert (shown(read, Parent="yes"), shown(read, Parent="no")) == (True, False)


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        (depends("7", 1), "names “urn:acme:risk:req_node:demo:7:question:1”, which is no question"),
        (depends("1", 9), "waits for no answer that there is"),
        (depends("2", 1, 9, condition="all"), "waits for an answer that there is not"),
        (depends("1", 1, condition="most"), "has the unknown condition “most”"),
        (depends("3", 1), "waits for no answer that there is"),
    ],
)
def test_a_dependency_that_cannot_be_said_is_left_out_and_noted(
    on: dict[str, Any], reason: str
) -> None:
    read = ciso(PARENT, TICKS, node("3", question("text", "Words?")), child(on))
    assert read.about("Child?").asked_when is None
    (note,) = [one for one in read.notes if "asked more often than in its source" in one]
    assert reason in note


def test_a_choice_that_selects_a_group_decides_about_the_nodes_of_that_group() -> None:
    read = ciso(
        node("1", one_of("Parent?", choice("a", select_implementation_groups=["D"]), choice("b"))),
        node("2", name="Child?", implementation_groups=["D"]),
        node("3", name="Other", implementation_groups=["D", "B"]),
        framework={"implementation_groups_definition": [{"ref_id": "B", "name": "Basic"}]},
    )
    assert (shown(read, Parent="a"), shown(read, Parent="b")) == (True, False)
    assert read.about("Parent?").gate
    assert read.about("Other").asked_when is None


def test_a_group_that_is_selected_anyway_decides_nothing() -> None:
    read = ciso(
        node("1", one_of("Parent?", choice("a", select_implementation_groups=["D"]), choice("b"))),
        node("2", name="Child?", implementation_groups=["D"]),
        framework={"implementation_groups_definition": [{"ref_id": "D", "default_selected": True}]},
    )
    assert read.about("Child?").asked_when is None


def test_scores_decide_whether_an_answer_may_hide_a_scored_question() -> None:
    parent = one_of(
        "Parent?",
        choice("no", add_score=0),
        choice("some", add_score=1),
        choice("all", add_score=2),
    )
    last = one_of(
        "Child?", choice("x", add_score=0), choice("y", add_score=1), depends_on=depends("1", 3)
    )
    read = ciso(node("1", parent), node("2", last))
    assert shown(read, Parent="some")
    assert not shown(read, Parent="no")
    assert read.noted("lets an answer that is neither the best nor the worst hide it")


def test_questions_return_to_the_section_of_their_node() -> None:
    read = ciso(
        title("A", "Access"),
        below("A", "A.1", name="First"),
        below("A", "A.2", name="Inner", assessable=False),
        below("A.2", "A.2.1", name="Second", depth=3),
        below("A", "A.3", name="Third"),
    )
    assert [(one.title, len(one.questions)) for one in read.release.sections] == [
        ("Access", 2),
        ("Access: Inner", 1),
    ]
