"""Reading spreadsheet files into grids: what a person sees in each cell, and where it stands."""

import datetime as dt
from pathlib import Path

import pytest

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.sheets.importer import Sheet, look
from tests.catalogue.importers.sheets import (
    by_hand,
    edited,
    filled,
    imported,
    kept,
    new_book,
    offer,
    saved,
    separated,
    xlsx,
)
from tests.requirements import missing

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
FIRST = "xl/worksheets/sheet1.xml"


def only(data: bytes, name: str = "a.xlsx") -> Sheet:
    (sheet,) = look(data, name).sheets
    return sheet


def texts(sheet: Sheet) -> list[list[str]]:
    """The words of every row, by column, with nothing where nothing stands."""
    return [[row.text(column) for column in sheet.columns] for row in sheet.rows]


# XLSX -------------------------------------------------------------------------------------------


def test_merged_cells_share_their_words_with_every_row_and_column_that_they_cover() -> None:
    workbook = new_book("A")
    sheet = workbook["A"]
    filled(sheet, [["Title", None, "x"], ["Down", "b2", "c2"], [None, "b3", "c3"]])
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("A2:A3")
    read = only(saved(workbook))
    assert texts(read) == [["Title", "Title", "x"], ["Down", "b2", "c2"], ["Down", "b3", "c3"]]
    assert read.rows[2].cells[1].origin == (2, 1)
    assert read.rows[2].own == {2: "b3", 3: "c3"}


def test_a_merge_over_a_million_rows_fills_only_rows_that_hold_something() -> None:
    workbook = new_book("A")
    filled(workbook["A"], [["a", "b"], ["c", "d"]])
    merge = '</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    data = edited(saved(workbook), FIRST, lambda xml: xml.replace("</sheetData>", merge))
    assert texts(only(data)) == [["a", "a"], ["a", "a"]]


def test_a_formula_gives_the_value_that_was_kept_and_nothing_where_none_was() -> None:
    data = kept(xlsx(["=B1&C1", "=B1"]), 1, {"A1": "was computed"})
    row = only(data).rows[0]
    assert (row.cells[1].text, row.cells[1].formula) == ("was computed", True)
    assert (row.cells[2].text, row.cells[2].formula) == ("", True)


def test_a_cell_that_shows_an_error_holds_no_words() -> None:
    data = edited(
        xlsx(["words", 1]), FIRST, lambda xml: xml.replace('<c r="B1" t="n">', '<c r="B1" t="e">')
    )
    assert only(data).rows[0].cells[2].text == ""


def test_sheets_rows_and_columns_know_whether_they_are_hidden() -> None:
    workbook = new_book("Seen", "Hidden", "Deep")
    for sheet in workbook:
        filled(sheet, [["a", "b"], ["c", "d"]])
    workbook["Hidden"].sheet_state = "hidden"
    workbook["Deep"].sheet_state = "veryHidden"
    workbook["Seen"].row_dimensions[2].hidden = True
    workbook["Seen"].column_dimensions["B"].hidden = True
    seen, hidden, deep = look(saved(workbook), "a.xlsx").sheets
    assert [seen.hidden, hidden.hidden, deep.hidden] == [False, True, True]
    assert [row.hidden for row in seen.rows] == [False, True]
    assert seen.hidden_columns == {2}


def test_numbers_are_shown_as_the_sheet_shows_them() -> None:
    workbook = new_book("A")
    sheet = workbook["A"]
    filled(sheet, [[1, 1.1, 1.1, 0.5, 2.0, True, dt.date(2026, 3, 31)]])
    sheet["C1"].number_format = "0.00"
    sheet["D1"].number_format = "0%"
    row = only(saved(workbook)).rows[0]
    shown = [row.text(column) for column in range(1, 8)]
    assert shown == ["1", "1.1", "1.10", "50%", "2", "TRUE", "2026-03-31"]


def test_words_in_several_runs_are_one_text_without_how_they_are_pronounced() -> None:
    runs = "<si><r><t>Two </t></r><r><t>runs_x000D_</t></r><rPh><t>TUU</t></rPh></si>"
    data = by_hand('<row><c t="s"><v>1</v></c></row>', f"<si><t>other</t></si>{runs}")
    assert texts(only(data)) == [["Two runs"]]


def test_cells_without_an_address_stand_one_after_the_other() -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert texts(only(by_hand(rows))) == [["1", "2"], ["3", ""]]


def test_a_text_that_the_file_does_not_hold_is_nothing() -> None:
    rows = '<row><c t="s"><v>7</v></c><c t="s"><v>-1</v></c><c><v>1</v></c></row>'
    assert texts(only(by_hand(rows, "<si><t>a</t></si>"))) == [["1"]]


def test_lists_of_choices_are_read_from_words_cells_names_and_other_sheets() -> None:
    workbook = new_book("A", "Lists")
    filled(workbook["A"], [["a", "b", "c", "d"]])
    filled(workbook["Lists"], [["Yes"], ["No"], [None], ["Maybe"]])
    workbook.defined_names["Kinds"] = _name("Kinds", "Lists!$A$1:$A$2")
    offer(workbook["A"], "A1", '"One,Two"')
    offer(workbook["A"], "B1", "Lists!$A$1:$A$4")
    offer(workbook["A"], "C1", "Kinds")
    offer(workbook["A"], "D1", "'Lists'!$A:$A")
    sheet = look(saved(workbook), "a.xlsx").sheets[0]
    assert sheet.choices == {
        (1, 1): ("One", "Two"),
        (1, 2): ("Yes", "No", "Maybe"),
        (1, 3): ("Yes", "No"),
        (1, 4): ("Yes", "No", "Maybe"),
    }


def _name(name: str, text: str) -> object:
    from openpyxl.workbook.defined_name import DefinedName  # noqa: PLC0415 - this test's only

    return DefinedName(name, attr_text=text)


def test_lists_that_newer_programs_keep_apart_are_read() -> None:
    workbook = new_book("A", "Lists")
    filled(workbook["A"], [["a"], ["b"]])
    filled(workbook["Lists"], [["Yes"], ["No"]])
    newer = (
        '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        '<x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        '<x14:dataValidation type="list"><x14:formula1><xm:f>Lists!$A$1:$A$2</xm:f></x14:formula1>'
        "<xm:sqref>A1:A2</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
        "</worksheet>"
    )
    data = edited(saved(workbook), FIRST, lambda xml: xml.replace("</worksheet>", newer))
    choices = look(data, "a.xlsx").sheets[0].choices
    assert choices == {(1, 1): ("Yes", "No"), (2, 1): ("Yes", "No")}


def test_a_list_that_would_have_to_be_computed_is_noted() -> None:
    workbook = new_book("A")
    filled(workbook["A"], [["Question", "Answer"], ["Is it so?"]])
    offer(workbook["A"], "B2", 'INDIRECT("Lists!A1:A3")')
    result = imported(saved(workbook))
    assert result.noted("sheet A, row 2, column B", "cannot be read", "INDIRECT")


def test_what_a_file_says_of_itself_is_kept() -> None:
    workbook = new_book("A")
    filled(workbook["A"], [["Question"], ["Is it so?"]])
    workbook.properties.title = "Our list"
    workbook.properties.creator = "Ann Author"
    data = saved(workbook)
    read = look(data, "file.xlsx")
    assert (read.title, read.author) == ("Our list", "Ann Author")
    result = imported(data, "file.xlsx")
    assert result.release.title == "Our list"
    for part in ("file.xlsx", read.sha256, "Our list", "Ann Author"):
        assert part in (result.release.origin or "")


def test_macros_and_links_to_other_files_are_noted_and_only_values_are_read() -> None:
    data = xlsx(["Question"], ["Is it so?"])
    data = edited(data, "xl/vbaProject.bin", lambda _: "Sub Workbook_Open")
    data = edited(data, "xl/externalLinks/externalLink1.xml", lambda _: "<externalLink/>")
    result = imported(data, "list.xlsm")
    assert result.texts == ["Is it so?"]
    assert result.noted("the whole file", "macros", "never run")
    assert result.noted("the whole file", "links to other files", "not followed")


# CSV --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [",", ";", "\t", "|"])
def test_any_usual_separator_is_found(by: str) -> None:
    rows = [["ID", "Question"], ["1", "Is it so, really; or | not?"], ["2", "Is\tthat so?"]]
    sheet = only(separated(*rows, by=by), "a.csv")
    assert texts(sheet) == [["ID", "Question"], ["1", rows[1][1]], ["2", "Is that so?"]]


def test_a_separator_that_the_first_line_names_is_used() -> None:
    sheet = only(b"sep=|\nID|Question\n1|One, two; three?\n", "a.csv")
    assert texts(sheet) == [["ID", "Question"], ["1", "One, two; three?"]]
    assert [row.number for row in sheet.rows] == [2, 3]


def test_commas_in_sentences_part_no_cells() -> None:
    data = b"Question\nDo you log, and if so, where?\nIs it safe?\nAre keys kept, and rotated?\n"
    assert imported(data, "a.csv").texts == [
        "Do you log, and if so, where?",
        "Is it safe?",
        "Are keys kept, and rotated?",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    data = "Nr;Frage\n1;Prüfen Sie täglich?\n".encode(encoding)
    assert texts(only(data, "a.csv"))[1] == ["1", "Prüfen Sie täglich?"]
    assert not look(data, "a.csv").notes


def test_a_western_european_file_is_read_and_noted() -> None:
    result = imported("Nr;Frage\n1;Prüfen Sie täglich?\n".encode("cp1252"), "a.csv")
    assert result.texts == ["Prüfen Sie täglich?"]
    assert result.noted("the whole file", "no UTF-8", "Windows-1252")


def test_line_breaks_in_quotes_stay_in_their_cell_and_lines_are_counted_on() -> None:
    data = b'ID,Question\n1,"First line\nsecond line?"\n2,Is it so?\n'
    sheet = only(data, "a.csv")
    assert [row.number for row in sheet.rows] == [1, 2, 4]
    assert imported(data, "a.csv").texts == ["First line second line?", "Is it so?"]


def test_rows_may_be_shorter_or_longer_than_the_headers() -> None:
    data = b"ID,Question,Weight\n1,Is it so?\n2,Is it thus?,5,left over,and more\n\n3,Is it?\n"
    result = imported(data, "a.csv")
    assert result.texts == ["Is it so?", "Is it thus?", "Is it?"]
    assert result.noted("column D", "not imported")
    assert result.noted("column E", "not imported")


def test_a_cell_of_a_text_file_that_begins_like_a_formula_is_words() -> None:
    result = imported(b'ID,Question\n1,"=1+1 is two, is it?"\n', "a.csv")
    assert result.texts == ["=1+1 is two, is it?"]


def test_quotes_in_the_middle_of_a_cell_are_kept_and_noted() -> None:
    result = imported(b'ID,Question\n1,"Is" it so?\n2,Is it?\n', "a.csv")
    assert len(result.texts) == 2
    assert result.noted("line 2", "quotes")


def test_the_shared_list_of_requirements_comes_out_whole() -> None:
    path = SHARED / "asvs-5.0-level-2.csv"
    if not path.is_file():
        missing("shared")
    result = imported(path.read_bytes(), path.name)
    assert len(result.questions) == 253
    assert len(result.release.domains) == 17
    assert result.ids(0) == ("asvs-5.0-level-2 V1.1.1",)
    assert all(text.endswith("— is this in place?") for text in result.texts)


# Everything else --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "problem", "remedy"),
    [
        (b"", "empty", "choose the file"),
        (b" \n\n ", "empty", "choose the file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "before 2007 (.xls)",
            "save it as .xlsx",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
            "remove the password",
        ),
        (b"%PDF-1.7 words", "a PDF", "save it as .xlsx"),
        (b"<html><table><tr><td>Question</td></tr></table></html>", "a web page", ".xlsx"),
        (b"<?xml version='1.0'?><Workbook/>", "XML", ".xlsx"),
        (b"PK\x03\x04 no zip", "broken ZIP", "save it again"),
        (b"ID,Question\n1,\x00\x01\x02", "control characters", "UTF-8"),
        (b"ID,Question\n1,\x81\x8d", "neither UTF-8 nor UTF-16", "UTF-8"),
        (b"\xff\xfeI\x00D", "neither UTF-8 nor UTF-16", "UTF-8"),
        (b'ID,Question\n1,Fine?\n2,"Not closed\n3,Lost?\n', "line 3", "close it"),
        (b"word " * 5_000_000, "larger than 20 MB", "keep only"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_what_to_do(
    data: bytes, problem: str, remedy: str
) -> None:
    with pytest.raises(NotImportable) as refused:
        look(data, "a.xlsx")
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("xl/workbook.bin", ".xlsb"),
        ("content.xml", ".ods"),
        ("word/document.xml", "Word"),
    ],
)
def test_other_files_that_are_zips_are_named(part: str, what: str) -> None:
    with pytest.raises(NotImportable, match=what):
        look(edited(xlsx(["a"]), part, lambda _: "<a/>"), "a")
