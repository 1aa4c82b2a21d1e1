"""The answers of a pack as a workbook, and its sub-processor register as a table. Pure."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from riskapp.core import countries
from riskapp.packs.documents import Document, Documents
from riskapp.packs.report.answers import closed, files, words
from riskapp.packs.report.findings import findings
from riskapp.packs.report.score import Score
from riskapp.packs.report.view import about_lines
from riskapp.packs.report.wording import REVIEWED
from riskapp.packs.shipped.verify import harmless

LONGEST_CELL = 32_767
"""What a cell of a spreadsheet holds, in units of UTF-16."""
CUT = " … [cut: the whole text is in the JSON files of the pack]"
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What no XML can say, not even escaped; other control characters are written as codes."""

Cell = str | int | date | datetime | None


class Column(NamedTuple):
    """A column's heading, and its width in characters."""

    title: str
    width: int


class Sheet(NamedTuple):
    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def answers_xlsx(documents: Documents) -> bytes:
    """A workbook with answers, evidence, review, findings and what it is; formulas in none.

    The same documents give the same bytes. Times are UTC. Written in memory: a spreadsheet's
    usual temporary files would put the answers on the disk.
    """
    import xlsxwriter  # noqa: PLC0415 - only packs write workbooks

    told = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(told, options) as book:
        about = documents.about
        book.set_properties(
            {
                "title": _text(f"Assessment of {about['vendor']['name']}"),
                "author": _text(about["assessment"]["organisation"]),
                "created": _utc(documents.decision["at"]),
            }
        )
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "whole": book.add_format({"num_format": "#,##0", "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"}),
        }
        for sheet in _sheets(documents):
            _write(book.add_worksheet(sheet.name), sheet, styles)
    return told.getvalue()


def _write(page: Any, sheet: Sheet, styles: dict[str, Any]) -> None:  # noqa: ANN401 - the library's own
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        page.write_string(0, at, column.title, styles["head"])
    for line, row in enumerate(sheet.rows, 1):
        for at, cell in enumerate(row):
            match cell:
                case None | "":
                    continue
                case datetime():
                    page.write_datetime(line, at, cell, styles["time"])
                case date():
                    page.write_datetime(line, at, cell, styles["day"])
                case int():
                    page.write_number(line, at, cell, styles["whole"])
                case _:
                    page.write_string(line, at, _text(cell), styles["text"])
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _text(text: str) -> str:
    """As a cell can hold it: without what XML cannot say, and cut, with a mark, if too long."""
    told = _NO_XML.sub("\ufffd", text)
    units = told.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return told
    return units[: 2 * (LONGEST_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT


def _utc(text: str) -> datetime:
    """Without its zone, for spreadsheets know none."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _time(text: str | None) -> datetime | None:
    return _utc(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _sheets(documents: Documents) -> Iterator[Sheet]:
    yield Sheet("Answers", _ANSWERS, list(_answers(documents)))
    yield Sheet("Evidence", _EVIDENCE, list(_evidence(documents)))
    yield Sheet("Review", _REVIEW, list(_review(documents)))
    yield Sheet("Findings", _FINDINGS, list(_findings(documents)))
    yield Sheet("About", _ABOUT, list(_about(documents)))


def _placed(documents: Documents) -> Iterator[tuple[Document, str, Document]]:
    """Every question with its questionnaire and the title of its section."""
    for asked in documents.answers["questionnaires"]:
        for section in asked["sections"]:
            for question in section["questions"]:
                yield asked, section["title"], question


_ANSWERS = (
    Column("Questionnaire", 16),
    Column("Release", 9),
    Column("Section", 22),
    Column("Id", 10),
    Column("Question", 50),
    Column("Asked", 8),
    Column("Answer", 50),
    Column("Why it does not apply", 30),
    Column("Remark", 40),
    Column("Revision", 9),
    Column("Saved (UTC)", 19),
    Column("Standing", 12),
    Column("Domain", 18),
    Column("Weight", 8),
    Column("Files", 10),
    Column("Left out because", 30),
)


def _answers(documents: Documents) -> Iterator[Sequence[Cell]]:
    numbers = {(one["evidence"], one["version"]): one["number"] for one in files(documents)}
    for asked, section, question in _placed(documents):
        answer, why = question["answer"] or {}, closed(question)
        said = answer if why is None else {}
        served = [one for one in question["evidence"] if not one["ended_at"]]
        yield (
            asked["id"],
            asked["release"],
            section,
            question["id"],
            question["text"],
            "yes" if question["asked"] else "no",
            said.get("words"),
            said.get("na_reason"),
            said.get("comment"),
            answer.get("revision"),
            _time(answer.get("saved_at")),
            answer.get("standing"),
            question["domain"],
            question["weight"],
            ", ".join(f"E{numbers[one['evidence'], one['version']]}" for one in served),
            why,
        )


_EVIDENCE = (
    Column("No.", 6),
    Column("Question", 10),
    Column("File name", 40),
    Column("Level", 13),
    Column("Issued", 12),
    Column("Valid until", 12),
    Column("Bytes", 14),
    Column("SHA-256", 68),
    Column("Media type", 24),
    Column("Received (UTC)", 19),
    Column("Taken off (UTC)", 19),
    Column("Virus scanner", 13),
    Column("File in the pack", 60),
    Column("Not in the pack because", 40),
)


def _evidence(documents: Documents) -> Iterator[Sequence[Cell]]:
    """A row for each use of a file: one that proves two answers has two."""
    known = {(one["evidence"], one["version"]): one for one in files(documents)}
    for _, _, question in _placed(documents):
        for use in question["evidence"]:
            file = known[use["evidence"], use["version"]]
            yield (
                f"E{file['number']}",
                question["id"],
                file["name"],
                use["level"],
                _day(use["issued_on"]),
                _day(use["valid_until"]),
                use["size"],
                use["sha256"],
                use["media_type"],
                _time(use["uploaded_at"]),
                _time(use["ended_at"]),
                use["scan"],
                use["file"],
                " ".join(file["notes"]),
            )


_REVIEW = (
    Column("At (UTC)", 19),
    Column("Question", 10),
    Column("File", 8),
    Column("What was done", 28),
    Column("Note", 60),
    Column("By", 24),
    Column("Submission", 11),
    Column("Taken back (UTC)", 19),
    Column("Left out because", 30),
)


def _review(documents: Documents) -> Iterator[Sequence[Cell]]:
    known = {f"{one['evidence']}/{one['version']}": one["number"] for one in files(documents)}
    for entry in documents.review["entries"]:
        number = known.get(entry["evidence"] or "")
        yield (
            _time(entry["at"]),
            entry["question"],
            None if number is None else f"E{number}",
            REVIEWED.get(entry["action"], entry["action"]),
            None if entry.get("redacted") else entry["note"],
            entry["name"],
            entry["submission"],
            _time(entry["undone_at"]),
            entry.get("redacted"),
        )


_FINDINGS = (Column("Kind", 38), Column("Where", 20), Column("What", 100))


def _findings(documents: Documents) -> Iterator[Sequence[Cell]]:
    score = Score.of(documents.receipt, words(documents))
    for group in findings(documents, score):
        for line in group["lines"]:
            yield group["title"], line["what"], line["text"]


_ABOUT = (Column("What", 40), Column("", 100))


def _about(documents: Documents) -> Iterator[Sequence[Cell]]:
    yield from about_lines(documents)
    for entry in documents.about["pack"]["left_out"]:
        yield f"Left out: {entry['what']}", entry.get("why") or entry.get("reason")


_REGISTER = {"name", "country"}
"""The columns by which a table is a register of companies that handle data somewhere."""
_KNOWN = {"name": "Name", "country": "Country"}


def subprocessors_csv(documents: Documents) -> bytes:
    """The sub-processors that the vendor named: a row each, with the columns it was asked for.

    Taken from every table that asks for names and countries. Where nothing is listed, the note
    says why, so that an empty register is never a silent one.
    """
    asked = [
        (questionnaire, question)
        for questionnaire, _, question in _placed(documents)
        if question["answer_type"] == "table"
        and {column["id"] for column in question["offered"]} >= _REGISTER
    ]
    columns = {c["id"]: c["text"] for _, question in asked for c in question["offered"]} or _KNOWN
    told = io.StringIO()
    table = csv.writer(told, lineterminator="\r\n")
    table.writerow(
        map(harmless, ("Questionnaire", "Release", "Question", *columns.values(), "Code", "Note"))
    )
    for questionnaire, question in asked:
        start = (questionnaire["id"], questionnaire["release"], question["id"])
        rows = _listed(question)
        for row in rows:
            cells = [_place(row.get(one)) if one == "country" else row.get(one) for one in columns]
            table.writerow(map(harmless, (*start, *cells, row.get("country"), "")))
        if not rows:
            empty = [""] * (len(columns) + 1)
            table.writerow(map(harmless, (*start, *empty, _nothing(question))))
    return told.getvalue().encode("utf-8-sig")


def _listed(question: Document) -> list[dict[str, Any]]:
    answer = question["answer"]
    if answer is None or closed(question) is not None or not isinstance(answer["value"], list):
        return []
    return [row for row in answer["value"] if isinstance(row, dict)]


def _nothing(question: Document) -> str:
    answer, why = question["answer"], closed(question)
    if why is not None:
        return f"Left out of this pack: {why}"
    if answer is None:
        return "Not answered." if question["asked"] else str(question["not_asked_because"])
    return f"{answer['words']}{': ' if answer['na_reason'] else ''}{answer['na_reason'] or ''}"


def _place(code: Any) -> str:  # noqa: ANN401 - as the vendor's answer has it
    text = str(code or "")
    return countries.name(text) if countries.is_country(text) else text
