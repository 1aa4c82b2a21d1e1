"""Workbooks in the shape of those that are sent about most, with invented texts."""

from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from riskapp.catalogue.model import Choice, Text, YesNo, YesPartlyNo
from tests.catalogue.importers.sheets import filled, imported, kept, new_book, offer, saved

CLOUD: list[list[Any]] = [
    ["KEY-01.1", "Are keys kept in a vault?", "Keep keys apart.", "KEY-01", "Keys", "Cryptography"],
    ["KEY-01.2", "Is each use of a key logged?", None, None, None, None],
    ["KEY-02.1", "Are keys changed yearly?", "Change keys.", "KEY-02", "Change", None],
    ["LOG-01.1", "Are logs read daily?", "Read logs.", "LOG-01", "Reading", "Logging"],
    ["LOG-01.2", "Are readers named?", None, None, None, None],
]


def cloud() -> bytes:
    """A title over all columns, headers in row 3, cells merged down, a list, a footer."""
    workbook = new_book("Introduction", "CLOUDQ v4.0.3")
    filled(workbook["Introduction"], [["How to fill this in"], ["Answer every question, please."]])
    sheet = workbook["CLOUDQ v4.0.3"]
    sheet["A1"] = "Cloud Question List Version 4.0.3"
    sheet.merge_cells("A1:I1")
    headers = [
        "Question ID",
        "Question",
        "CSP Answer",
        "Control Ownership",
        "CSP Implementation Description (Optional/Recommended)",
        "Control Specification",
        "Control ID",
        "Control Title",
        "Domain Title",
    ]
    filled(sheet, [headers], start=3)
    rows = [[one[0], one[1], None, None, None, *one[2:]] for one in CLOUD]
    filled(sheet, rows, start=4)
    for column in "FGH":
        sheet.merge_cells(f"{column}4:{column}5")
        sheet.merge_cells(f"{column}7:{column}8")
    sheet.merge_cells("I4:I6")
    sheet.merge_cells("I7:I8")
    offer(sheet, "C4:C8", '"Yes,No,NA"')
    offer(sheet, "D4:D8", '"Theirs,Ours,Shared"')
    sheet["A10"] = "End of Standard"
    sheet.merge_cells("A10:I10")
    sheet["A11"] = "© Copyright 2026 Cloud Question Society - All rights reserved. Is this yours?"
    sheet.merge_cells("A11:I11")
    return saved(workbook)


def test_a_cloud_question_list_gives_its_questions_and_nothing_else() -> None:
    result = imported(cloud(), "cloudq.xlsx")
    assert result.texts == [row[1] for row in CLOUD]
    assert list(result.sections) == ["Cryptography", "Logging"]
    assert [len(texts) for texts in result.sections.values()] == [3, 2]
    assert all(question.answer == YesNo(type="yes_no") for question in result.questions)
    assert [question.why for question in result.questions] == [
        "Keep keys apart.",
        "Keep keys apart.",
        "Change keys.",
        "Read logs.",
        "Read logs.",
    ]
    assert result.ids(1) == ("Cloud Question List Version 4.0.3 KEY-01.2", "Control ID KEY-01")


def test_what_a_cloud_question_list_holds_beside_questions_is_noted() -> None:
    result = imported(cloud(), "cloudq.xlsx")
    assert result.noted("sheet Introduction", "not imported (2 rows)")
    assert result.noted("sheet CLOUDQ v4.0.3, row 1", "above the headers", "Version 4.0.3")
    assert result.noted("sheet CLOUDQ v4.0.3, row 10", "no question", "End of Standard")
    assert result.noted("sheet CLOUDQ v4.0.3, row 11", "no question", "© Copyright 2026")
    for letter in "DEH":
        assert result.noted(f"sheet CLOUDQ v4.0.3, column {letter}", "not imported")
    assert "All rights reserved" in result.release.licence
    assert result.release.restricted is not None
    assert "All rights reserved" in result.release.restricted


COMMUNITY = {
    "Company": [
        ("CO-01", "Company name", "", "", ""),
        ("CO-02", "How long have you been in business?", "", "", ""),
        ("CO-03", "Do you have a security team?", "Yes", "20", "Name the lead."),
    ],
    "Data": [
        ("DA-01", "Do you keep data after the contract ends?", "No", "40", "Say how long."),
        ("DA-02", "Is data encrypted at rest?", "Yes", "40", "AES-256 or better."),
        ("DA-03", "Do subcontractors see data in the clear?", "No", "5", ""),
    ],
}


def _part(sheet: Worksheet, rows: Sequence[Sequence[str]], titles: list[str]) -> None:
    """Headers that each section repeats, with its title in place of the question's header."""
    sheet["A1"] = "Community Toolkit"
    sheet.merge_cells("A1:E1")
    at = 3
    for title, chosen in zip(titles, (rows[:2], rows[2:]), strict=True):
        sheet.cell(at, 1, title)
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=2)
        filled(sheet, [[None, None, "Vendor Answers", "Additional Information", "Guidance"]], at)
        for row in chosen:
            at += 1
            sheet.cell(at, 1, row[0])
            sheet.cell(at, 2, f"=VLOOKUP(A{at},Bank!A:E,2,FALSE)")
            sheet.cell(at, 5, f"=VLOOKUP(A{at},Bank!A:E,5,FALSE)")
            if row[2]:
                offer(sheet, f"C{at}", "Lists!$A$1:$A$3")
        at += 2


def community() -> bytes:
    """Parts on several sheets, texts by formulas from a hidden one, and a sheet for analysts."""
    workbook = new_book("START", "Company", "Data", "Analysis", "Bank", "Lists")
    filled(workbook["START"], [["Welcome"], ["Fill in every sheet."], ["Do not share this file."]])
    _part(workbook["Company"], COMMUNITY["Company"], ["General Information", "Organisation"])
    _part(workbook["Data"], COMMUNITY["Data"], ["Data Keeping", "Data Sharing"])
    every = [*COMMUNITY["Company"], *COMMUNITY["Data"]]
    header = ["ID", "Question", "Vendor Answer", "Compliant Answer", "Weight"]
    filled(workbook["Analysis"], [["For analysts"], [], header])
    filled(workbook["Analysis"], [[o[0], o[1], None, o[2] or None, o[3] or None] for o in every], 4)
    filled(workbook["Bank"], [["ID", "Question", "Compliant Answer", "Weight", "Guidance"], *every])
    filled(workbook["Lists"], [["Yes"], ["No"], ["N/A"]])
    workbook["Bank"].sheet_state = "hidden"
    workbook["Lists"].sheet_state = "veryHidden"
    data = saved(workbook)
    for number, name in ((2, "Company"), (3, "Data")):
        texts: dict[str, str] = {}
        for at, row in zip((4, 5, 8), COMMUNITY[name], strict=True):
            texts |= {f"B{at}": row[1], f"E{at}": row[4] or "0"}
        data = kept(data, number, texts)
    return data


def test_a_community_toolkit_gives_its_questions_once_and_in_their_sections() -> None:
    result = imported(community(), "toolkit.xlsx")
    assert result.sections == {
        "General Information": ["Company name:", "How long have you been in business?"],
        "Organisation": ["Do you have a security team?"],
        "Data Keeping": [
            "Do you keep data after the contract ends?",
            "Is data encrypted at rest?",
        ],
        "Data Sharing": ["Do subcontractors see data in the clear?"],
    }


def test_a_community_toolkit_keeps_which_answers_are_good_and_what_they_weigh() -> None:
    result = imported(community(), "toolkit.xlsx")
    name, long, team, keep, rest, shared = result.questions
    assert isinstance(name.answer, Text)
    assert isinstance(long.answer, Text)
    assert name.weight is None
    assert [one.answer for one in (team, keep, rest, shared)] == [
        YesNo(type="yes_no", good=good) for good in ("yes", "no", "yes", "no")
    ]
    assert [one.weight for one in (team, keep, rest, shared)] == [3, 5, 5, 1]
    assert team.why == "Name the lead."
    assert shared.why == "The source gives no reason for asking this."


def test_what_a_community_toolkit_hides_is_noted_and_not_imported() -> None:
    result = imported(community(), "toolkit.xlsx")
    assert result.noted("sheet Bank", "hidden", "6 questions")
    assert result.noted("sheet Lists", "hidden")
    assert result.noted("sheet START", "not imported (3 rows)")
    assert result.noted("sheet Analysis", "only adds to questions by their ids")
    assert result.noted("sheet Data", "formulas", "last computed")


def test_a_hidden_sheet_is_imported_where_somebody_chooses_it() -> None:
    chosen = ("Company!use=nothing", "Data!use=nothing", "Bank!use=questions")
    result = imported(community(), "toolkit.xlsx", *chosen, "Analysis!use=nothing")
    assert len(result.questions) == 6
    assert result.questions[3].answer == YesNo(type="yes_no", good="no")


PARTLY = YesPartlyNo(type="yes_partly_no")


def test_tick_columns_under_a_shared_header_are_the_choices() -> None:
    workbook = new_book("Liste")
    sheet = workbook["Liste"]
    filled(
        sheet,
        [
            ["Bereich", "Nr.", "Frage", "Antwort", None, None, "Bemerkung"],
            [None, None, None, "Ja", "Teilweise", "Nein"],
            ["Zugriff", "1.1", "Werden Rechte jährlich geprüft?", "x"],
            [None, "1.2", "Gibt es gemeinsam genutzte Konten?"],
        ],
    )
    sheet.merge_cells("D1:F1")
    for letter in "ABCG":
        sheet.merge_cells(f"{letter}1:{letter}2")
    sheet.merge_cells("A3:A4")
    result = imported(saved(workbook), "liste.xlsx")
    assert result.sections == {
        "Zugriff": ["Werden Rechte jährlich geprüft?", "Gibt es gemeinsam genutzte Konten?"]
    }
    assert [question.answer for question in result.questions] == [PARTLY, PARTLY]
    assert result.release.language == "de"
    assert result.ids() == ("liste 1.1",)


def test_options_that_stand_one_below_the_other_beside_a_merged_question_belong_to_it() -> None:
    workbook = new_book("Q")
    sheet = workbook["Q"]
    filled(
        sheet,
        [
            ["ID", "Question", "Answer options"],
            ["1", "How are backups tested?", "Restored monthly (10)"],
            [None, None, "Restored yearly (5)"],
            [None, None, "Not at all (0)"],
            ["2", "Are backups encrypted?", "Yes / No"],
        ],
    )
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("B2:B4")
    result = imported(saved(workbook))
    assert result.texts == ["How are backups tested?", "Are backups encrypted?"]
    answer = result.questions[0].answer
    assert isinstance(answer, Choice)
    assert [(one.text, float(one.credit or 0)) for one in answer.options] == [
        ("Restored monthly", 1.0),
        ("Restored yearly", 0.5),
        ("Not at all", 0.0),
    ]
