"""What sheets and columns are taken for, why, and how a person corrects it."""

from typing import Any

import pytest

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.sheets.importer import FIELDS, Mapping, guess, look
from tests.catalogue.importers.sheets import (
    fields,
    filled,
    imported,
    new_book,
    offer,
    saved,
    separated,
    xlsx,
)

SMALL = xlsx(["ID", "Question", "Colour"], ["1", "Is it so?", "blue"], ["2", "Is it?", "red"])


def mapping(data: bytes, *corrections: str) -> Mapping:
    return guess(look(data, "a.xlsx"), corrections)


def uses(data: bytes) -> dict[str, str]:
    return {one.sheet: one.use for one in mapping(data).sheets}


def rows(*questions: str) -> list[list[Any]]:
    return [["ID", "Question"], *([f"Q{at}", text] for at, text in enumerate(questions, 1))]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["ID", "Domain", "Question", "Guidance", "Answer"], "id section question guidance answer"),
        (["Nr.", "Kapitel", "Frage", "Hinweise", "Antwort"], "id section question guidance answer"),
        (
            ["Lfd. Nr.", "Themengebiet", "Anforderung", "Begründung", "Gewichtung"],
            "id section question why weight",
        ),
        (
            ["Ref", "Category", "Sub-category", "Requirement", "Evidence required"],
            "id section subsection question evidence",
        ),
        (
            ["#", "Area", "Security Question", "Rationale", "Vendor Response"],
            "id section question why answer",
        ),
        (
            ["req_id", "chapter", "requirement_text", "objective", "severity"],
            "id section question why weight",
        ),
        (
            ["Question ID", "Question Category", "Question Text", "Response Options", "Importance"],
            "id section question options weight",
        ),
        (
            ["Question Number", "Domain (Level 1)", "Question/Request", "Help text", "Priority"],
            "id section question guidance weight",
        ),
    ],
)
def test_headers_say_what_columns_are(headers: list[str], expected: str) -> None:
    cells = {
        "id": "A-1",
        "section": "Access",
        "subsection": "Passwords",
        "question": "Are rights reviewed every year?",
        "guidance": "Look at the list of rights.",
        "why": "People change their jobs.",
        "weight": "high",
        "options": "Yes/No",
        "evidence": "A screenshot of it",
        "answer": "",
    }
    names = expected.split()
    found = fields(separated(headers, [cells[name] for name in names]), "a.csv")
    assert list(found.values()) == names


def test_every_guess_has_a_sentence_that_says_why() -> None:
    (use,) = mapping(SMALL).sheets
    reasons = {one.letter: one.reason for one in use.columns}
    assert reasons == {
        "A": "Its header “ID” says so.",
        "B": "Its header “Question” says so.",
        "C": "What “Colour” means is not known.",
    }
    assert use.reason == "2 rows of it look like questions."
    assert use.header == (1, 1)


def test_without_headers_the_content_says_what_columns_are() -> None:
    data = separated(["AC-1", "Are rights reviewed yearly?"], ["AC-2", "Are accounts named?"])
    (use,) = mapping(data).sheets
    assert fields(data, "a.csv") == {"A": "id", "B": "question"}
    assert use.header == (0, 0)
    assert "100%" in use.columns[1].reason
    assert imported(data, "a.csv").texts == ["Are rights reviewed yearly?", "Are accounts named?"]


def test_a_column_of_empty_cells_that_offer_a_list_is_where_the_answer_goes() -> None:
    workbook = new_book("Q")
    filled(workbook["Q"], [*rows("Is it so?", "Is it?")])
    workbook["Q"]["D1"] = "Ihre Einschätzung"
    offer(workbook["Q"], "D2:D3", '"Ja,Nein"')
    data = saved(workbook)
    assert fields(data)["D"] == "answer"
    assert "offer a list" in mapping(data).sheets[0].columns[2].reason


def test_of_two_columns_of_sections_the_coarser_one_is_above() -> None:
    data = separated(
        ["Section", "Chapter", "Question"],
        ["Keys", "Technology", "Are keys kept apart?"],
        ["Logs", "Technology", "Are logs read?"],
        ["Guards", "Sites", "Are doors locked?"],
    )
    assert fields(data, "a.csv") == {"A": "subsection", "B": "section", "C": "question"}
    result = imported(data, "a.csv")
    assert list(result.sections) == ["Keys", "Logs", "Guards"]
    assert [domain.title for domain in result.release.domains.values()] == ["Technology", "Sites"]


def test_headers_in_two_rows_are_read_together() -> None:
    workbook = new_book("Q")
    sheet = workbook["Q"]
    filled(
        sheet,
        [
            ["Control", None, "Rating", None],
            ["No.", "Question", "Weight", "Compliant answer"],
            ["1", "Is data kept after the contract ends?", "high", "No"],
        ],
    )
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("C1:D1")
    data = saved(workbook)
    assert mapping(data).sheets[0].header == (1, 2)
    assert list(fields(data).values()) == ["id", "question", "weight", "good"]
    assert imported(data).only.weight == 5


def test_hidden_columns_are_not_imported_unless_somebody_chooses_them() -> None:
    workbook = new_book("Q")
    filled(
        workbook["Q"],
        [["ID", "Question", "Weight"], ["1", "Is it so?", "high"], ["2", "Is?", "low"]],
    )
    workbook["Q"].column_dimensions["C"].hidden = True
    data = saved(workbook)
    result = imported(data)
    assert [question.weight for question in result.questions] == [3, 3]
    assert result.noted("sheet Q, column C", "Weight", "hidden")
    chosen = imported(data, "a.xlsx", "weight=C")
    assert [question.weight for question in chosen.questions] == [5, 1]


def test_hidden_rows_are_noted_and_not_imported() -> None:
    workbook = new_book("Q")
    filled(workbook["Q"], rows("Is it so?", "Is it secret?", "Is it?"))
    workbook["Q"].row_dimensions[3].hidden = True
    result = imported(saved(workbook))
    assert result.texts == ["Is it so?", "Is it?"]
    assert result.noted("sheet Q, row 3", "hidden", "Is it secret?")


# Sheets -----------------------------------------------------------------------------------------


def test_several_sheets_of_questions_are_imported_one_after_the_other() -> None:
    workbook = new_book("People", "Sites", "Glossary")
    filled(workbook["People"], rows("Are people trained?", "Are people vetted?"))
    filled(workbook["Sites"], [["ID", "Question"], ["S1", "Are doors locked?"]])
    filled(workbook["Glossary"], [["Term", "Description"], ["Door", "What one goes through."]])
    data = saved(workbook)
    assert uses(data) == {"People": "questions", "Sites": "questions", "Glossary": "nothing"}
    result = imported(data)
    assert result.sections == {
        "People": ["Are people trained?", "Are people vetted?"],
        "Sites": ["Are doors locked?"],
    }
    assert result.noted("sheet Glossary", "not imported (2 rows)")


def test_a_sheet_that_only_repeats_questions_is_not_imported_again() -> None:
    workbook = new_book("All", "Again")
    filled(workbook["All"], rows("Is it so?", "Is it?"))
    filled(workbook["Again"], rows("Is it so?", "Is it?"))
    result = imported(saved(workbook))
    assert result.texts == ["Is it so?", "Is it?"]
    assert result.noted("sheet Again", "repeats 2 questions")


def test_a_sheet_may_add_to_the_questions_of_another_by_their_ids() -> None:
    workbook = new_book("All", "More")
    filled(workbook["All"], rows("Is it so?", "Is it kept?"))
    header = ["ID", "Question", "Compliant answer", "Reason", "ISO 27001"]
    more = [
        ["Q2", "Is it kept?", "No", "We want it gone.", "A.8.10"],
        ["Q9", "Is it?", "Yes", "So.", "A.5.1"],
    ]
    filled(workbook["More"], [header, *more])
    result = imported(saved(workbook))
    assert result.texts == ["Is it so?", "Is it kept?"]
    kept = result.questions[1]
    assert kept.answer.model_dump()["good"] == "no"
    assert kept.why == "We want it gone."
    assert kept.mappings["iso27001"] == ("A.8.10",)
    assert result.noted("sheet More, row 3", "no question has the id Q9")


def test_a_sheet_without_questions_may_add_to_those_of_another_by_their_ids() -> None:
    workbook = new_book("All", "Crosswalk")
    filled(workbook["All"], rows("Is it so?", "Is it kept?"))
    filled(workbook["Crosswalk"], [["Question ID", "NIST CSF"], ["Q1", "PR.AA-01"], ["Q2", ""]])
    data = saved(workbook)
    assert uses(data) == {"All": "questions", "Crosswalk": "details"}
    assert imported(data).questions[0].mappings["csf"] == ("PR.AA-01",)


def test_sheets_that_number_from_one_each_do_not_repeat_one_another() -> None:
    workbook = new_book("One", "Two")
    filled(workbook["One"], [["No.", "Question"], [1, "Is it so?"], [2, "Is it?"]])
    filled(workbook["Two"], [["No.", "Question"], [1, "Are they?"], [2, "Were they?"]])
    result = imported(saved(workbook))
    assert result.texts == ["Is it so?", "Is it?", "Are they?", "Were they?"]


def test_a_question_that_stands_twice_with_its_id_is_imported_once() -> None:
    data = separated(["ID", "Question"], ["1", "Is it so?"], ["1", "Is it so?"], ["1", "Is it?"])
    result = imported(data, "a.csv")
    assert result.texts == ["Is it so?", "Is it?"]
    assert result.noted("line 3", "line 2", "imported once")
    assert result.noted("line 4", "same id 1", "both imported")


# Corrections ------------------------------------------------------------------------------------


def test_a_person_can_say_which_column_is_what_by_letter_or_header() -> None:
    for column in ("C", "c", "Colour", "colour"):
        use = mapping(SMALL, f"section={column}").sheets[0]
        assert use.one("section") == 3
        assert use.columns[2].reason == "You said so."
    assert list(imported(SMALL, "a.xlsx", "section=C").sections) == ["blue", "red"]


def test_a_column_can_be_taken_out_and_given_to_another_field() -> None:
    assert mapping(SMALL, "id=").sheets[0].one("id") is None
    use = mapping(SMALL, "question=C").sheets[0]
    assert (use.all("question"), use.columns[1].field) == ([3], None)


def test_several_columns_can_be_mappings() -> None:
    assert mapping(SMALL, "mapping=A,C").sheets[0].all("mapping") == [1, 3]


def test_headers_can_be_moved_and_columns_are_guessed_anew() -> None:
    data = xlsx(["Question", "ID", "Weight"], ["ID", "Weight", "Question"], ["1", "5", "Is it so?"])
    result = imported(data, "a.xlsx", "header=2")
    assert result.texts == ["Is it so?"]
    assert result.noted("sheet Questions, row 1", "above the headers")
    assert imported(data, "a.xlsx", "header=1-2").texts == ["Is it so?"]


def test_no_row_needs_to_be_headers() -> None:
    data = xlsx(["Question one is this?", "a"], ["Is it so?", "b"])
    result = imported(data, "a.xlsx", "header=none", "question=A")
    assert result.texts == ["Question one is this?", "Is it so?"]


def test_a_sheet_can_be_named_in_front() -> None:
    workbook = new_book("One", "Two = 2!")
    filled(workbook["One"], rows("Is it so?"))
    filled(workbook["Two = 2!"], rows("Is it?", "Are they?"))
    result = imported(saved(workbook), "a.xlsx", "Two = 2!!use=nothing")
    assert result.texts == ["Is it so?"]
    named = mapping(saved(workbook), "Two = 2!!id=B")
    assert [one.one("id") for one in named.sheets] == [1, 2]


def test_naming_the_question_of_a_sheet_makes_it_one_of_questions() -> None:
    data = xlsx(["Colour", "Thing"], ["blue", "Chairs in the hall"], ["red", "Tables in the hall"])
    with pytest.raises(NotImportable):
        imported(data)
    assert imported(data, "a.xlsx", "header=1", "question=B").texts == [
        "Chairs in the hall — is this in place?",
        "Tables in the hall — is this in place?",
    ]


@pytest.mark.parametrize(
    ("correction", "problem", "remedy"),
    [
        ("question=Q", "question: “Q” is no column", "A, B, C"),
        ("question=A,B", "question: “A,B” are several columns", "one column"),
        ("mapping=A,Z", "mapping: “Z” is no column", "A, B, C"),
        ("weights=C", "weights: is no field", "weight"),
        ("question", "question: is no field", "FIELD=COLUMN"),
        ("", ": is no field", "FIELD=COLUMN"),
        ("header=9", "header: “9” are no rows", "1 to 3"),
        ("header=3-2", "header: “3-2” are no rows", "1 to 3"),
        ("header=first", "header: “first” are no rows", "1 to 3"),
        ("use=all", "use: “all” is no use", "questions, details, nothing"),
        ("Part 9!question=A", "Part 9!question: there is no sheet Part 9", "Questions"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_and_names_its_field(
    correction: str, problem: str, remedy: str
) -> None:
    with pytest.raises(NotImportable) as refused:
        mapping(SMALL).corrected(correction)
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy


def test_a_correction_that_does_not_say_of_which_sheet_is_refused() -> None:
    workbook = new_book("One", "Two")
    filled(workbook["One"], rows("Is it so?"))
    filled(workbook["Two"], rows("Is it?"))
    with pytest.raises(NotImportable, match="use: does not say of which sheet"):
        mapping(saved(workbook), "use=nothing")


def test_a_mapping_of_another_file_is_refused() -> None:
    workbook = new_book("Other")
    filled(workbook["Other"], rows("Is it so?"))
    with pytest.raises(NotImportable, match="Questions"):
        imported_with(saved(workbook), mapping(SMALL))


def imported_with(data: bytes, use: Mapping) -> None:
    from riskapp.catalogue.importers.sheets.importer import read  # noqa: PLC0415
    from tests.catalogue.importers.sheets import NAMING  # noqa: PLC0415

    read(data, "a.xlsx", NAMING, use)


def test_a_mapping_can_be_written_down_and_made_again() -> None:
    changed = mapping(SMALL, "section=C", "id=", "header=1-2")
    again = mapping(SMALL).corrected(*changed.written())
    plain = [
        (one.use, one.header, [(column.column, column.field) for column in one.columns])
        for made in (changed, again)
        for one in made.sheets
    ]
    assert plain[0] == plain[1]


def test_every_field_has_words_for_a_form() -> None:
    assert all(words and words == words.strip() for words in FIELDS.values())
