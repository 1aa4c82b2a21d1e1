"""VSAQ's tips: warnings are findings and decide what answers are worth; others are guidance."""

from fractions import Fraction

import pytest

from riskapp.catalogue.model import Choice, YesNo
from tests.catalogue.importers.files import Read, block, item, radios, ticks, vsaq, warning

YES_NO = item("yesno", "y", "Do you?", yes="Yes", no="No")
GROUP = radios("g", "How is it?", "good: It is good", "poor: It is poor", "bad: It is bad")


def credits_of(read: Read, words: str) -> dict[str, Fraction | None]:
    answer = read.about(words).answer
    assert isinstance(answer, Choice)
    return {one.id: one.credit for one in answer.options}


def test_a_warning_is_a_finding_on_the_answer_that_shows_it() -> None:
    read = vsaq(GROUP, warning("g_bad", "critical", "Too <b>weak</b>.", name="Weak", todo="Act."))
    (finding,) = read.about("How is it?").findings
    assert finding.answers == ("bad",)
    assert finding.severity == "critical"
    assert finding.text == "Weak: Too weak. To do: Act."


def test_a_warning_on_several_answers_is_one_finding() -> None:
    read = vsaq(GROUP, warning("g_bad || g_poor"))
    (finding,) = read.about("How is it?").findings
    assert finding.answers == ("poor", "bad")


def test_a_warning_on_the_contrary_of_an_answer_is_on_all_others() -> None:
    read = vsaq(GROUP, warning("!g_good"))
    assert read.about("How is it?").findings[0].answers == ("poor", "bad")
    assert credits_of(read, "How is it?") == {"good": 1, "poor": 0, "bad": 0}


def test_a_warning_on_two_questions_is_a_finding_on_each() -> None:
    read = vsaq(GROUP, YES_NO, warning("g_bad || y/no"))
    assert [len(one.findings) for one in read.questions] == [1, 1]


@pytest.mark.parametrize(
    ("severity", "weight"), [("critical", 5), ("high", 5), ("medium", 3), ("low", 1)]
)
def test_the_severity_of_the_worst_warning_is_the_weight(severity: str, weight: int) -> None:
    read = vsaq(GROUP, warning("g_bad", severity), warning("g_poor", "low"))
    assert read.about("How is it?").weight == weight
    assert read.noted("weights: 5 where a warning is critical or high") == ["the whole file"]


def test_an_answer_with_a_warning_is_worth_nothing_and_one_without_everything() -> None:
    read = vsaq(GROUP, warning("g_bad"))
    assert credits_of(read, "How is it?") == {"good": 1, "poor": 1, "bad": 0}


def test_an_answer_that_is_warned_of_under_further_conditions_is_worth_half() -> None:
    read = vsaq(YES_NO, GROUP, warning("g_bad || (g_poor && y/yes)"))
    assert credits_of(read, "How is it?") == {"good": 1, "poor": Fraction(1, 2), "bad": 0}
    texts = [one.text for one in read.about("How is it?").findings]
    only = "(Only where “It is bad” or (“It is poor” and “Do you?”: “Yes”))"
    assert any(only in one for one in texts)
    assert read.noted("is suggested whatever else its condition")


@pytest.mark.parametrize(("side", "good"), [("no", "yes"), ("yes", "no")])
def test_the_good_answer_is_the_one_that_no_warning_hangs_on(side: str, good: str) -> None:
    read = vsaq(YES_NO, warning(f"y/{side}"))
    assert read.about("Do you?").answer == YesNo(type="yes_no", good=good)
    assert read.about("Do you?").weight == 5


def test_a_yes_or_no_with_warnings_on_both_sides_is_not_scored() -> None:
    read = vsaq(YES_NO, warning("y/no"), warning("y/yes", "high", "Also bad."))
    assert not read.about("Do you?").scored
    assert read.noted("does not say which answer is good; not scored")


def test_without_a_warning_yes_is_taken_to_be_good_and_that_is_said() -> None:
    read = vsaq(YES_NO)
    assert (read.about("Do you?").weight, read.about("Do you?").answer) == (3, YesNo(type="yes_no"))
    assert read.noted("has no warning on an answer; yes is taken to be the good one")


def test_a_yes_or_no_that_only_decides_what_else_is_asked_is_not_scored() -> None:
    read = vsaq(YES_NO, item("line", "a", "Since when?", cond="y/yes"))
    assert not read.about("Do you?").scored
    assert read.noted("does not say which answer is good; not scored")


def test_a_choice_without_warnings_is_not_scored() -> None:
    read = vsaq(GROUP)
    assert not read.about("How is it?").scored
    assert credits_of(read, "How is it?") == {"good": None, "poor": None, "bad": None}


def test_a_choice_of_which_every_answer_is_warned_of_is_not_scored() -> None:
    read = vsaq(GROUP, warning("g_good || g_poor || g_bad"))
    assert not read.about("How is it?").scored
    assert len(read.about("How is it?").findings) == 1


def test_a_tick_with_a_warning_is_bad() -> None:
    read = vsaq(item("check", "c", "We have no backups."), warning("c/yes"))
    assert read.questions[0].answer == YesNo(type="yes_no", good="no")


def test_a_warning_on_a_tick_of_several_is_a_finding_and_no_score() -> None:
    read = vsaq(ticks("t", "Which?", "a: Alpha", "b: Beta"), warning("t_b"))
    (question,) = read.questions
    assert (question.scored, question.findings[0].answers) == (False, ("b",))


def test_a_warning_on_ticks_that_come_together_names_all_of_them() -> None:
    read = vsaq(ticks("t", "Which?", "a: Alpha", "b: Beta", "c: Gamma"), warning("t_a && t_b"))
    (finding,) = read.questions[0].findings
    assert finding.answers == ("a", "b")
    assert finding.text == "This is bad. (Only where “Alpha” and “Beta”)"


OFFICES = radios("o", "Offices?", "own: Own ones", "shared: Shared ones", "none: None at all")
DOORS = ticks("t", "Doors?", "a: Alpha", "b: Beta", "c: Gamma")


def test_a_warning_about_what_is_not_ticked_blames_no_other_answer() -> None:
    read = vsaq(OFFICES, DOORS, warning("o_shared && !t_b", why="Explain."))
    (finding,) = read.about("Offices?").findings
    assert (finding.answers, finding.text) == (
        ("shared",),
        "This is bad. (Only where “Shared ones” and not “Doors?”: “Beta”)",
    )
    assert not read.about("Offices?").scored
    assert not read.about("Doors?").findings
    assert read.about("Doors?").counts == (
        "Explain. (Only where “Offices?”: “Shared ones” and not “Beta”)."
    )


def test_a_warning_that_looks_into_typed_words_blames_no_answer() -> None:
    read = vsaq(item("line", "a", "A?"), OFFICES, warning('o_shared && contains(a, "b")'))
    assert not read.about("Offices?").scored
    (finding,) = read.about("Offices?").findings
    assert finding.text.endswith("(Only where “Shared ones” and contains(…))")


def test_a_warning_that_one_thing_is_not_ticked_is_suggested_where_another_is() -> None:
    read = vsaq(DOORS, warning("!t_b"))
    (finding,) = read.questions[0].findings
    assert finding.answers == ("a", "c")
    assert finding.text == "This is bad. (Only where not “Beta”)"
    assert read.noted("the warning is suggested whatever else its condition “!t_b” asks for")


def test_conditions_of_german_warnings_are_worded_in_german() -> None:
    tip = warning("o_shared && !t_b || c", text="Das ist für die Sicherheit nicht gut.", todo="X.")
    doors = {**DOORS, "text": "Welche dieser Türen werden bei Ihnen nachts abgeschlossen?"}
    read = vsaq(OFFICES, doors, tip)
    assert read.release.language == "de"
    assert "Zu tun: X. (Nur bei (" in read.about("Offices?").findings[0].text
    assert ") oder „c“)" in read.about("Offices?").findings[0].text


def test_a_warning_that_nothing_was_ticked_cannot_be_suggested_and_is_noted() -> None:
    read = vsaq(ticks("t", "Which?", "a: Alpha", "b: Beta"), warning("!(t_a || t_b)"))
    assert not read.questions[0].findings
    assert read.noted("the tip “This is bad.” hangs on what riskapp cannot look for; left out")


def test_a_tip_that_is_no_warning_is_guidance_on_its_answer() -> None:
    read = vsaq(GROUP, item("tip", "t", "Better do <i>more</i>", cond="g_poor"))
    assert read.about("How is it?").counts == "If “It is poor”: Better do more."
    assert not read.about("How is it?").findings


def test_a_tip_without_a_condition_is_guidance_on_the_question_before_it() -> None:
    read = vsaq(YES_NO, GROUP, item("tip", "t", "Read the guide."))
    assert read.about("How is it?").counts == "Read the guide."
    assert read.about("Do you?").counts is None


def test_a_tip_before_every_question_is_noted() -> None:
    read = vsaq(block("In", item("tip", "t", "Read the guide.")), YES_NO)
    assert read.noted("the tip “Read the guide.” stands before every question; left out")


def test_what_a_tip_asks_to_explain_is_asked_for_as_a_comment() -> None:
    read = vsaq(GROUP, warning("g_bad", why="Explain why."))
    assert read.about("How is it?").counts == "If “It is bad”: Explain why."
    assert len(read.noted("asks for an explanation; it is asked for as a comment")) == 1


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"severity": "awful"}, "the severity “awful” is unknown; medium is taken"),
        ({"severity": ""}, "the warning has no severity; medium is taken"),
    ],
)
def test_a_severity_that_is_not_known_is_medium(more: dict[str, str], note: str) -> None:
    read = vsaq(GROUP, {**warning("g_bad"), **more})
    assert read.about("How is it?").findings[0].severity == "medium"
    assert read.noted(note)


def test_a_severity_alone_makes_a_warning() -> None:
    read = vsaq(GROUP, item("tip", "t", "Bad.", cond="g_bad", severity="high"))
    assert read.about("How is it?").findings[0].severity == "high"


def test_vendors_never_read_a_warning() -> None:
    read = vsaq(GROUP, warning("g_bad", "high", "Officers only."))
    question = read.about("How is it?")
    assert "Officers only." not in f"{question.text} {question.why} {question.counts}"
