"""Broken and hostile spreadsheet files are refused, or read without harm; nothing else escapes."""

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.importers.common import MOST_QUESTIONS, NotImportable
from riskapp.catalogue.importers.sheets.importer import guess, look, read
from tests.catalogue.importers.sheets import (
    NAMING,
    by_hand,
    edited,
    filled,
    imported,
    new_book,
    offer,
    saved,
    separated,
    xlsx,
)

FIRST = "xl/worksheets/sheet1.xml"
DOCTYPE = '<!DOCTYPE sst [<!ENTITY a "aaaaaaaaaa">{}]>'


def refused(data: bytes) -> NotImportable:
    with pytest.raises(NotImportable) as error:
        read(data, "a.xlsx", NAMING)
    assert error.value.problem
    assert error.value.remedy
    return error.value


@pytest.mark.parametrize(
    "declared",
    [
        "",
        '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">',
        '<!ENTITY b SYSTEM "file:///etc/passwd">',
        '<!ENTITY % b SYSTEM "http://127.0.0.1:1/b.dtd"> %b;',
    ],
)
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", FIRST, "xl/sharedStrings.xml", "docProps/core.xml"]
)
def test_document_types_and_entities_are_refused_in_every_part(part: str, declared: str) -> None:
    data = by_hand('<row><c t="s"><v>0</v></c></row>', "<si><t>Question</t></si>")
    data = edited(data, part, lambda xml: DOCTYPE.format(declared) + (xml or "<a/>"))
    assert "document type" in refused(data).problem


def test_a_part_that_unpacks_to_more_than_any_questionnaire_is_refused() -> None:
    huge = "<si><t>" + "x" * 110_000_000 + "</t></si>"
    data = by_hand('<row><c t="s"><v>0</v></c></row>', huge)
    assert len(data) < 500_000
    assert "unpacks to more than" in refused(data).problem


def test_one_long_text_in_very_many_cells_is_refused() -> None:
    cells = '<c t="s"><v>0</v></c>' * 16_000
    data = by_hand(f"<row>{cells}</row>" * 3, f"<si><t>{'long ' * 2_000}</t></si>")
    assert "characters" in refused(data).problem


def test_a_cell_longer_than_any_program_keeps_is_refused() -> None:
    long = by_hand('<row><c t="s"><v>0</v></c></row>', f"<si><t>{'long ' * 7_000}</t></si>")
    assert "32767 characters" in refused(long).problem
    assert "32767 characters" in refused(separated(["Question"], ["long " * 7_000])).problem


def test_cells_without_end_are_refused() -> None:
    cells = "<c><v>1</v></c>" * 16_000
    assert "filled cells" in refused(by_hand(f"<row>{cells}</row>" * 20)).problem


def test_elements_without_end_are_refused() -> None:
    assert "too large" in refused(by_hand("<a/>" * 1_500_000)).problem


def test_elements_within_one_another_are_refused() -> None:
    assert "nested" in refused(by_hand("<a>" * 100_000)).problem


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="0"><c><v>1</v></c></row>',
        '<row><c r="XFE1"><v>1</v></c></row>',
        '<row><c r="A9999999"><v>1</v></c></row>',
    ],
)
def test_cells_beyond_the_edge_are_refused(rows: str) -> None:
    assert "beyond" in refused(by_hand(rows)).problem


def test_merges_and_lists_over_whole_sheets_many_times_are_refused() -> None:
    rows = (
        '<row><c r="A1"><v>1</v></c><c r="Z1"><v>1</v></c></row>'
        + "<row><c><v>1</v></c></row>" * 999
    )
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 1_000
    assert (
        "filled cells" in refused(by_hand(rows, after=f"<mergeCells>{merged}</mergeCells>")).problem
    )
    offered = '<dataValidation type="list" sqref="{}"><formula1>"a,b"</formula1></dataValidation>'
    lists = offered.format("A1:XFD1048576") * 1_000
    assert "filled cells" in refused(by_hand(rows, after=lists)).problem
    many = offered.format(" ".join(["A1"] * 60_000))
    assert "merged cells or lists" in refused(by_hand(rows, after=many)).problem


def test_more_questions_than_a_questionnaire_may_have_are_refused() -> None:
    rows = [["ID", "Question"], *([str(one), f"Is {one} so?"] for one in range(MOST_QUESTIONS + 1))]
    assert "5000" in refused(separated(*rows)).problem


def test_a_file_without_questions_is_refused_and_says_how_to_name_them() -> None:
    error = refused(xlsx(["Colour", "Size"], ["blue", 1], ["red", 2]))
    assert "question" in error.problem
    assert "question=C" in error.remedy


@pytest.mark.parametrize("part", ["xl/workbook.xml", FIRST])
def test_parts_that_are_no_xml_are_refused(part: str) -> None:
    assert (
        "no XML"
        in refused(edited(by_hand("<row/>"), part, lambda xml: xml[: len(xml) // 2])).problem
    )


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("readme.txt", "words")
    assert "no Excel workbook" in refused(stream.getvalue()).problem


def test_a_way_of_packing_that_no_spreadsheet_uses_is_refused() -> None:
    source, stream = zipfile.ZipFile(io.BytesIO(xlsx(["a"]))), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as target:
        for info in source.infolist():
            target.writestr(info.filename, source.read(info))
    assert "cannot be unpacked" in refused(stream.getvalue()).problem


def test_markup_becomes_words_and_is_never_kept() -> None:
    text = '<p>Is <b>it</b> safe?</p><script>alert(1)</script><a href="https://a.example">More</a>'
    result = imported(xlsx(["ID", "Question"], ["1", f"{text} Is it?"]))
    assert result.texts == ["Is it safe? More (https://a.example) Is it?"]
    assert result.noted("sheet Questions, row 2", "HTML")


def test_a_tag_that_a_question_speaks_of_stays() -> None:
    result = imported(
        xlsx(["ID", "Question"], ["1", "Is <script> in what users write & send filtered?"])
    )
    assert result.texts == ["Is <script> in what users write & send filtered?"]


def test_signs_that_nobody_sees_are_left_out_and_noted() -> None:
    result = imported(separated(["ID", "Question"], ["1", "Is\u200b it \u202eos\u202c?"]), "a.csv")
    assert result.texts == ["Is it os?"]
    assert result.noted("line 2", "nobody sees")


def _good() -> list[bytes]:
    workbook = new_book("Part", "Lists")
    rows: list[list[Any]] = [
        ["Title"],
        ["ID", "Question", "Answer", "Weight"],
        ["1", "Is it so?", None, 5],
    ]
    filled(workbook["Part"], [*rows, ["2", "How is it?", "=A1", 1], ["© 2026"]])
    filled(workbook["Lists"], [["Yes"], ["No"]])
    workbook["Part"].merge_cells("A1:D1")
    offer(workbook["Part"], "C3:C4", "Lists!$A$1:$A$2")
    by_program = by_hand(
        '<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row>',
        "<si><t>Question</t></si><si><r><t>Is it?</t></r></si>",
        '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>',
    )
    text = separated(*rows, ["2", 'Is "it" so, too?', "", "high"])
    return [saved(workbook), by_program, text, text.decode().encode("utf-16")]


GOOD = _good()
PARTS = [
    "xl/workbook.xml",
    FIRST,
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/sharedStrings.xml",
]


def _harmless(data: bytes) -> None:
    """Reads a file: either it is refused with a remedy, or what comes out is in order."""
    try:
        mapping = guess(look(data, "a.xlsx"))
        assert mapping.corrected(*mapping.written()) is not None
        imported(data)
    except NotImportable as error:
        refusal = error
    else:
        return
    assert refusal.problem
    assert refusal.remedy


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"ID,Question\n1,", b"\xff\xfe"])
)
def test_random_bytes_are_refused_or_harmless(data: bytes, start: bytes) -> None:
    _harmless(start + data)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_good_files_with_random_changes_are_refused_or_harmless(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(GOOD)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(changed) - 1))
        piece = data.draw(st.binary(max_size=8))
        changed[at : at + data.draw(st.integers(0, 8))] = piece
        if not changed:
            return
    _harmless(bytes(changed))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_good_workbooks_with_random_changes_inside_are_refused_or_harmless(
    data: st.DataObject,
) -> None:
    good = data.draw(st.sampled_from(GOOD[:2]))
    names = zipfile.ZipFile(io.BytesIO(good)).namelist()
    part = data.draw(st.sampled_from([name for name in PARTS if name in names]))
    pieces = [
        "",
        "<",
        ">",
        '"',
        "0",
        "-1",
        "99999999",
        "A1:",
        "s",
        "&amp;",
        "\u0130",
        "=",
        "<v>",
        "</c>",
    ]

    def change(xml: str) -> str:
        before = xml
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(xml)))
            piece = data.draw(st.sampled_from(pieces))
            xml = xml[:at] + piece + xml[at + data.draw(st.integers(0, 6)) :]
        return xml if xml != before else f"{xml} "

    _harmless(edited(good, part, change))


CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "ID",
            "Question",
            "Frage",
            "Yes/No",
            "0-4",
            "A: 1; B: 2",
            "Is it?",
            "n/a",
            "high",
            "x",
            "?",
            ":",
        ]
    ),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_tables_of_anything_are_refused_or_come_out_in_order(
    rows: list[list[str]], by: str
) -> None:
    _harmless(
        separated(["ID", "Question", "Options", "Weight", "Good", "No is compliant"], *rows, by=by)
    )


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_tables_without_headers_are_refused_or_come_out_in_order(rows: list[list[str]]) -> None:
    _harmless(separated(*rows))
