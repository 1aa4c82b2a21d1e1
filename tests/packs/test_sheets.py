"""The workbook and the sub-processor register as spreadsheets read them."""

import csv
import io
import time
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from riskapp.packs.sheets import CUT, LONGEST_CELL, answers_xlsx, subprocessors_csv
from tests.packs import report_cases as cases
from tests.packs.conftest import Delivered
from tests.packs.oscal_cases import answer, away, question
from tests.packs.stories import Unpacked

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "\t=1", "https://example.com/", "1e5", "007")


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def rows(sheet: Worksheet) -> list[dict[str, Any]]:
    head, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), line, strict=True)) for line in lines]


@pytest.fixture(scope="module")
def book() -> Any:
    return opened(answers_xlsx(cases.story()))


def test_there_is_a_sheet_for_each_thing_that_is_asked_for(book: Any) -> None:
    assert book.sheetnames == ["Answers", "Evidence", "Review", "Findings", "About"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.font.bold for cell in sheet[1])


def test_answers_are_typed(book: Any) -> None:
    found = {one["Id"]: one for one in rows(book["Answers"])}
    asked = cases.story().answers["questionnaires"][0]["sections"][0]["questions"]
    assert list(found) == [one["id"] for one in asked]
    assert found["ISM-01"] == {
        "Questionnaire": "small",
        "Release": "2026.1",
        "Section": "All",
        "Id": "ISM-01",
        "Question": "Is ISM-01 in place?",
        "Asked": "yes",
        "Answer": "Yes",
        "Why it does not apply": None,
        "Remark": "The remark.",
        "Revision": 1,
        "Saved (UTC)": datetime(2026, 11, 23, 9),  # noqa: DTZ001 - spreadsheets know no zones
        "Standing": "open",
        "Domain": "governance",
        "Weight": 3,
        "Files": "E1",
        "Left out because": None,
    }
    assert found["ISM-03"]["Why it does not apply"] == "We have no such thing."
    assert found["ISM-04"]["Answer"] is None
    assert found["ISM-07"]["Asked"] == "no"


def test_evidence_review_findings_and_what_it_is_have_their_rows(book: Any) -> None:
    (file,) = rows(book["Evidence"])
    assert file["File name"] == "a.pdf"
    assert file["Bytes"] == 30
    assert file["SHA-256"] == f"{'01':0>64}"
    assert file["Issued"] == datetime(2026, 10, 1)  # noqa: DTZ001 - as above
    assert file["Valid until"] is None
    assert [one["What was done"] for one in rows(book["Review"])] == [
        "rejected",
        "credited a compensating control",
        "asked back",
        "rejected",
    ]
    assert rows(book["Review"])[3]["Taken back (UTC)"] == datetime(2026, 11, 25, 9)  # noqa: DTZ001
    assert {"Rejected answers", "Weak domains"} <= {one["Kind"] for one in rows(book["Findings"])}
    about = dict(book["About"].iter_rows(min_row=2, values_only=True))
    assert about["Prepared for"] == "Audit House Ltd"
    assert about["Receipt SHA-256"] == "2" * 64
    assert about["Left out: E-mail addresses"] == "They prove nothing."


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    data = answers_xlsx(cases.saying(text))
    cells = [cell for sheet in opened(data) for row in sheet.iter_rows() for cell in row]
    assert sum(cell.value == text for cell in cells) >= 10
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"<hyperlink" in parts.read(name) for name in parts.namelist())


def test_a_text_that_is_too_long_is_cut_with_a_mark() -> None:
    fits = "\N{GRINNING FACE}" * (LONGEST_CELL // 2)
    for text in (fits, fits + "\N{GRINNING FACE}", "x" * 100_000):
        document = cases.told(question("ISM-01", answer=answer(words=text)))
        (found,) = rows(opened(answers_xlsx(document))["Answers"])
        units = len(found["Answer"].encode("utf-16-le")) // 2
        assert units <= LONGEST_CELL
        assert found["Answer"] == text if text is fits else found["Answer"].endswith(CUT)
        assert found["Answer"].removesuffix(CUT) in text
        assert units > LONGEST_CELL - 10


def test_characters_that_xml_does_not_know_break_nothing() -> None:
    text = "a\x00\x01\x0b\x1f\ufffe\uffff\ud800b _x0041_ \r\n\t<&>"
    document = cases.told(question("ISM-01", answer=answer(words=text)))
    (found,) = rows(opened(answers_xlsx(document))["Answers"])
    assert found["Answer"].startswith("a")
    assert found["Answer"].endswith("<&>")
    assert "_x0041_" in found["Answer"]


def test_the_same_documents_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = answers_xlsx(cases.story())
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 86_400)
    assert answers_xlsx(cases.story()) == first


def test_what_is_left_out_of_the_pack_is_in_neither() -> None:
    document = cases.left_out()
    book = opened(answers_xlsx(document))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    told = "\n".join(cells) + subprocessors_csv(document).decode("utf-8-sig")
    for secret in ("The remark.", "Partly", "no such thing", "Never", "Morava", "vague", "a.pdf"):
        assert secret not in told
    assert {one["Left out because"] for one in rows(book["Answers"])} == {"A trade secret."}
    assert "Left out of this pack: A trade secret." in told


def register(*questions: Any) -> list[list[str]]:
    data = subprocessors_csv(cases.told(*questions))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def listing(name: str, value: Any, **more: Any) -> Any:
    return question(
        name,
        weight=None,
        answer_type="table",
        offered=cases.COLUMNS,
        answer=answer(value=value, words="We use none"),
        **more,
    )


def test_sub_processors_have_a_row_each_and_no_formula() -> None:
    own = {"id": "bound", "text": "Bound by"}
    assert register(
        question("ISM-01"),
        listing("GDP-14", cases.SUB_PROCESSORS),
        {
            **listing("DOR-02", [{"name": "Süd AG", "country": "CH", "bound": "scc"}]),
            "offered": [*cases.COLUMNS, own],
        },
    ) == [
        [
            "Questionnaire",
            "Release",
            "Question",
            "Name",
            "Country where the data is handled",
            "What they do",
            "Bound by",
            "Code",
            "Note",
        ],
        ["small", "2026.1", "GDP-14", "Morava Cloud s.r.o.", "Czechia", "Hosts it", "", "CZ", ""],
        ["small", "2026.1", "GDP-14", "'=cmd|' /C calc'!A0", "XX", "'-2+3", "", "XX", ""],
        ["small", "2026.1", "DOR-02", "Süd AG", "Switzerland", "", "scc", "CH", ""],
    ]


def test_an_empty_register_says_why() -> None:
    away_with = {**listing("GDP-14", None), "answer": away("We are no processor.")}
    hidden = {"asked": False, "not_asked_because": "It is hidden.", "answer": None}
    for asked, note in {
        "listed": (listing("GDP-14", []), "We use none"),
        "away": (away_with, "Does not apply: We are no processor."),
        "open": ({**listing("GDP-14", None), "answer": None}, "Not answered."),
        "hidden": ({**listing("GDP-14", None), **hidden}, "It is hidden."),
    }.values():
        assert register(asked)[1:] == [["small", "2026.1", "GDP-14", "", "", "", "", note]]


def test_without_such_a_question_there_is_a_head_alone() -> None:
    other = {**listing("GDP-31", [{"parent": "A"}]), "offered": [{"id": "parent", "text": "P"}]}
    assert register(question("ISM-01"), other) == [
        ["Questionnaire", "Release", "Question", "Name", "Country", "Code", "Note"]
    ]


def test_the_sheets_of_a_pack_are_made_of_its_own_documents(
    bag: Unpacked, delivered: Delivered
) -> None:
    documents = cases.of_pack(lambda name: (bag / name).read_bytes())
    made = answers_xlsx(documents)
    assert (bag / "data/answers.xlsx").read_bytes() == made
    assert (bag / "data/subprocessors.csv").read_bytes() == subprocessors_csv(documents)
    about = dict(opened(made)["About"].iter_rows(min_row=2, values_only=True))
    assert about["Assessment"] == delivered.assessment_id
