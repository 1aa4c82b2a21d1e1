"""What kind of answer a question of a spreadsheet gets, and what each answer is worth."""

from fractions import Fraction
from typing import Any

import pytest

from riskapp.catalogue.model import (
    Choice,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Question,
    Text,
    YesNo,
    YesPartlyNo,
)
from tests.catalogue.importers.sheets import (
    filled,
    imported,
    new_book,
    offer,
    one,
    saved,
    separated,
)

YES = YesNo(type="yes_no")
NO = YesNo(type="yes_no", good="no")
PARTLY = YesPartlyNo(type="yes_partly_no")
IS_IT = "Is it so?"


def worths(question: Question) -> dict[str, Fraction | None]:
    assert isinstance(question.answer, Choice)
    return {option.text: option.credit for option in question.answer.options}


@pytest.mark.parametrize(
    "options",
    [
        "Yes/No",
        "Yes / No",
        "yes, no",
        "Y/N",
        "Ja/Nein",
        "Yes\nNo",
        "- Yes\n- No",
        "☐ Yes ☐ No",
        "Yes; No; N/A",
        "Yes/No/N.A.",
        "yes|no",
        "Boolean",
        "Single choice: Yes; No",
        "[ ] Yes [ ] No",
    ],
)
def test_yes_and_no_are_recognised_however_they_are_listed(options: str) -> None:
    assert one(Answer_options=options).only.answer == YES


@pytest.mark.parametrize(
    "options",
    [
        "Yes/Partly/No",
        "Ja / Teilweise / Nein / k.A.",
        "No, partially, yes",
        "oui;partiellement;non",
    ],
)
def test_partly_is_recognised_however_it_is_listed(options: str) -> None:
    assert one(Answer_options=options).only.answer == PARTLY


def test_not_applicable_is_no_choice_and_that_is_noted() -> None:
    result = one(Answer_options="Yes/No/Not applicable")
    assert result.only.answer == YES
    assert result.noted("the whole file", "not applicable", "with a reason")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("Daily (10); Weekly (5); Never (0)", {"Daily": 1, "Weekly": Fraction(1, 2), "Never": 0}),
        (
            "Daily = 3 points\nMonthly = 2 points\nNever = 0 points",
            {"Daily": 1, "Monthly": Fraction(2, 3), "Never": 0},
        ),
        ("Good: 1; Bad: -1", {"Good": 1, "Bad": 0}),
        ("Alle [4] | Einige [1,5] | Keine [0]", {"Alle": 1, "Einige": Fraction(3, 8), "Keine": 0}),
        ("Yes (5); No (5); Maybe (0)", {"Yes": 1, "No": 1, "Maybe": 0}),
    ],
)
def test_scores_behind_choices_become_credits(options: str, expected: dict[str, Any]) -> None:
    question = one(Options=options).only
    assert worths(question) == expected
    assert question.weight == 3


def test_scores_that_tell_nothing_apart_are_noted_and_not_scored() -> None:
    result = one(Options="Red (0); Green (0)")
    assert result.only.weight is None
    assert worths(result.only) == {"Red": None, "Green": None}
    assert result.noted("line 2", "same scores", "not scored")


def test_choices_that_mean_yes_partly_or_no_keep_their_words() -> None:
    question = one(Options="Fully implemented; Partially implemented; Not implemented").only
    assert list(worths(question).values()) == [1, Fraction(1, 2), 0]


def test_choices_of_which_nothing_says_what_they_are_worth_are_not_scored() -> None:
    result = one(Options="Red; Green; Blue")
    assert result.only.weight is None
    assert result.only.domain is None
    assert result.noted("line 2", "what each choice is worth", "not scored")


def test_the_compliant_answer_may_be_one_of_the_choices() -> None:
    result = one(Options="Red; Green; Blue", Compliant_answer="green")
    assert worths(result.only) == {"Red": 0, "Green": 1, "Blue": 0}
    assert result.noted("line 2", "only the compliant answer")


def test_a_compliant_answer_that_is_no_choice_is_noted() -> None:
    result = one(Options="Red; Green", Compliant_answer="Purple")
    assert result.only.weight is None
    assert result.noted("line 2", "Purple", "no choice")


@pytest.mark.parametrize(
    "options", ["0-4", "Scale 0 to 4", "0 - None\n1 - Some\n2 - Half\n3 - Most\n4 - All"]
)
def test_levels_are_worth_more_the_higher_they_are(options: str) -> None:
    result = one(Options=options)
    answer = result.only.answer
    if isinstance(answer, Maturity):
        assert answer.levels == ("None", "Some", "Half", "Most", "All")
    else:
        assert list(worths(result.only).values()) == [Fraction(step, 4) for step in range(5)]
    assert result.noted("the whole file", "highest")


def test_columns_of_level_descriptions_are_levels() -> None:
    described = {f"Level_{step}": f"It is done to the degree {step}" for step in range(5)}
    answer = one(**described).only.answer
    assert isinstance(answer, Maturity)
    assert answer.levels == tuple(described.values())


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("Text", Text),
        ("free text", Text),
        ("Freitext", Text),
        ("Date", Date),
        ("Datum", Date),
        ("Number", Number),
        ("Prozent", Number),
        ("Country", Countries),
        ("Multiple choice: Logs; Alerts; Drills", Multiple),
        ("Mehrfachauswahl:\nLogs\nAlerts", Multiple),
        ("Reifegrad", Choice),
    ],
)
def test_words_for_kinds_of_answer_are_understood(kind: str, type_: type) -> None:
    assert isinstance(one("State of it:", Answer_type=kind).only.answer, type_)


def test_a_file_that_is_asked_for_is_asked_in_words_and_noted() -> None:
    result = one("Attach your policy:", Answer_type="File upload")
    assert isinstance(result.only.answer, Text)
    assert result.noted("line 2", "asks for a file")


def test_a_kind_of_answer_that_is_not_known_is_noted() -> None:
    data = separated(
        ["ID", "Question", "Answer type"], ["1", IS_IT, "Yes/No"], ["2", "Is it?", "Slider"]
    )
    result = imported(data, "a.csv")
    assert [question.answer for question in result.questions] == [YES, PARTLY]
    assert result.noted("line 3", "Slider", "not known")


@pytest.mark.parametrize("good", ["No", "nein", "N", "No; N/A"])
@pytest.mark.parametrize("header", ["Compliant answer", "Preferred Response", "Erwartete Antwort"])
def test_no_may_be_the_compliant_answer(header: str, good: str) -> None:
    data = separated(
        ["ID", "Question", header], ["1", IS_IT, good], ["2", "Is it?", "Yes"], ["3", "Is?", ""]
    )
    assert [question.answer for question in imported(data, "a.csv").questions] == [NO, YES, PARTLY]


@pytest.mark.parametrize("mark", ["x", "Yes", "TRUE", "✓", "1", "ja"])
@pytest.mark.parametrize(
    "header", ["No is compliant", "Nein ist konform", "Inverted", "No = compliant"]
)
def test_a_mark_says_that_no_is_compliant(header: str, mark: str) -> None:
    rows = [
        ["1", IS_IT, "Yes/No", mark],
        ["2", "Is it?", "Yes/No", ""],
        ["3", "Is?", "Yes/No", "No"],
    ]
    data = separated(["ID", "Question", "Answer type", header], *rows)
    assert [question.answer for question in imported(data, "a.csv").questions] == [NO, YES, YES]


def test_a_mark_that_is_not_understood_is_noted() -> None:
    result = one(Options="Yes/No", No_is_compliant="perhaps")
    assert result.only.answer == YES
    assert result.noted("line 2", "perhaps")


def test_partly_and_meaning_choices_turn_round_where_no_is_compliant() -> None:
    question = one(Options="Yes/Partly/No", No_is_compliant="x").only
    assert worths(question) == {"Yes": 0, "Partly": Fraction(1, 2), "No": 1}


def test_a_question_of_which_both_answers_are_compliant_is_not_scored() -> None:
    result = one(Options="Yes/No", Compliant_answer="Yes or No")
    assert result.only.weight is None
    assert result.noted("line 2", "both", "not scored")


def test_lists_that_cells_offer_are_the_choices() -> None:
    workbook = new_book("Q", "Lists")
    rows = [
        ["ID", "Question", "Response"],
        ["1", IS_IT],
        ["2", "How often is it?"],
        ["3", "Registered office"],
    ]
    filled(workbook["Q"], rows)
    filled(workbook["Lists"], [["Please select"], ["Daily = 2"], ["Weekly = 1"], ["Never = 0"]])
    offer(workbook["Q"], "C2", '"Yes,No,N/A"')
    offer(workbook["Q"], "C3", "Lists!$A$1:$A$4")
    result = imported(saved(workbook))
    first, second, third = result.questions
    assert first.answer == YES
    assert worths(second) == {"Daily": 1, "Weekly": Fraction(1, 2), "Never": 0}
    assert isinstance(third.answer, Text)
    assert third.text == "Registered office:"
    assert result.noted("sheet Q, row 4", "offers no list", "not scored")


def test_answers_that_stand_in_the_file_are_not_imported_but_show_what_can_be_answered() -> None:
    rows = [["1", IS_IT, "Yes"], ["2", "Is it?", "N/A"], ["3", "Is that so?", "No"]]
    result = imported(separated(["ID", "Question", "Answer"], *rows), "a.csv")
    assert [question.answer for question in result.questions] == [YES] * 3
    assert result.noted("the whole file", "answers stand in", "not imported")


def test_answers_that_are_listed_where_the_answer_goes_are_the_choices() -> None:
    rows = [["1", IS_IT, "Yes / No / N/A"], ["2", "Is it?", "Ja/Teilweise/Nein"]]
    result = imported(separated(["ID", "Question", "Answer"], *rows), "a.csv")
    assert [question.answer for question in result.questions] == [YES, PARTLY]
    assert not result.noted("the whole file", "answers stand in")


@pytest.mark.parametrize(
    "text",
    [
        "How many people work there?",
        "Describe your backups.",
        "Please list all sites",
        "Welche Daten?",
        "Within how many hours will you tell us?",
        "Mit welchen Mitteln prüfen Sie das?",
        "Beschreiben Sie die Sicherung.",
        "If so, where are they kept?",
        "For each site, who decides?",
    ],
)
def test_what_asks_for_more_than_yes_or_no_is_answered_in_words(text: str) -> None:
    result = one(text)
    assert isinstance(result.only.answer, Text)
    assert result.only.text.startswith(text.rstrip(".?"))
    assert result.noted("line 2", "more than yes or no")


@pytest.mark.parametrize(
    "text",
    [
        "Do you know what is logged?",
        "Is it documented how keys change?",
        "Haben Sie eine Richtlinie?",
    ],
)
def test_what_can_be_answered_with_yes_is(text: str) -> None:
    result = one(text)
    assert result.only.answer == PARTLY
    assert result.noted("the whole file", "does not say how this is answered")
