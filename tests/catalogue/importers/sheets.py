"""Makes small spreadsheet files for tests, and imports them."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from riskapp.catalogue.check import check
from riskapp.catalogue.importers.common import Imported, Naming
from riskapp.catalogue.importers.sheets import importer as sheet
from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.parsing import parse

NAMING = Naming(id="theirs", prefix="THE", release="2026.1")

Rows = Sequence[Sequence[Any]]


def filled(worksheet: Worksheet, rows: Rows, start: int = 1) -> None:
    """Writes rows from a row on; None leaves a cell empty."""
    for number, row in enumerate(rows, start):
        for column, value in enumerate(row, 1):
            if value is not None:
                worksheet.cell(number, column, value)


def new_book(*names: str) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    del workbook["Sheet"]
    for name in names:
        workbook.create_sheet(name)
    return workbook


def saved(workbook: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def xlsx(*rows: Sequence[Any], name: str = "Questions") -> bytes:
    """A workbook of one sheet with these rows."""
    workbook = new_book(name)
    filled(workbook[name], rows)
    return saved(workbook)


def offer(worksheet: Worksheet, cells: str, formula: str) -> None:
    """Gives cells a list to choose from: '"Yes,No"' or Lists!$A$1:$A$3."""
    validation = DataValidation(type="list", formula1=formula)
    validation.add(cells)
    worksheet.add_data_validation(validation)


def edited(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The same file with one part changed, or made where there was none."""
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == part:
                changed = change(content.decode()).encode()
                assert changed != content
                content = changed
            target.writestr(info.filename, content)
        if part not in source.namelist():
            target.writestr(part, change(""))
    return stream.getvalue()


RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def by_hand(rows: str, strings: str = "", after: str = "") -> bytes:
    """A workbook of one sheet as other programs than openpyxl write it, with shared strings."""
    parts = {
        "xl/workbook.xml": f'<workbook xmlns:r="{RELATED}"><sheets>'
        '<sheet name="Questions" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        f'<Relationship Id="rId1" Type="{RELATED}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATED}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>",
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


def kept(data: bytes, number: int, values: Mapping[str, str]) -> bytes:
    """The same file as a program leaves it that has computed these cells' formulas."""

    def change(xml: str) -> str:
        for cell, value in values.items():
            pattern = rf'<c r="{cell}"([^>]*)><f>(.*?)</f><v ?/?>(?:</v>)?</c>'
            assert re.search(pattern, xml), cell
            xml = re.sub(
                pattern, rf'<c r="{cell}"\1 t="str"><f>\2</f><v>{value}</v></c>', xml, count=1
            )
        return xml

    return edited(data, f"xl/worksheets/sheet{number}.xml", change)


def separated(*rows: Sequence[Any], by: str = ",") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=by).writerows(rows)
    return stream.getvalue().encode()


@dataclass(frozen=True)
class Result:
    """What came out of a file, read back and checked."""

    imported: Imported
    release: Release

    @property
    def questions(self) -> list[Question]:
        return list(self.release.questions.values())

    @property
    def texts(self) -> list[str]:
        return [question.text for question in self.questions]

    @property
    def only(self) -> Question:
        (question,) = self.questions
        return question

    @property
    def notes(self) -> list[str]:
        return [str(note) for note in self.imported.notes]

    def noted(self, where: str, *words: str) -> bool:
        """Whether one note of this place has all these words."""
        return any(
            note.where == where and all(word in note.problem for word in words)
            for note in self.imported.notes
        )

    @property
    def sections(self) -> dict[str, list[str]]:
        """The texts of each section, by its title."""
        return {
            section.title: [question.text for question in section.questions]
            for section in self.release.sections
        }

    def ids(self, number: int = 0) -> tuple[str, ...]:
        """What stands under “other” of a question."""
        return self.questions[number].mappings.get("other", ())


def imported(
    data: bytes,
    name: str = "theirs.xlsx",
    *corrections: str,
    naming: Naming = NAMING,
) -> Result:
    """Imports a file and makes sure that the catalogue finds nothing wrong with the result."""
    mapping = sheet.guess(sheet.look(data, name), corrections) if corrections else None
    made = sheet.read(data, name, naming, mapping)
    release = parse(made.text, "theirs/2026.1.yaml")
    assert check(release) == []
    assert made.questions == len(release.questions)
    return Result(made, release)


def fields(data: bytes, name: str = "theirs.xlsx", of: str | None = None) -> dict[str, str]:
    """The letter of each column's field that is guessed for a sheet, the first without a name."""
    mapping = sheet.guess(sheet.look(data, name))
    use = mapping.sheets[0] if of is None else mapping.of(of)
    assert use is not None
    return {one.letter: one.field for one in use.columns if one.field is not None}


def one(text: str = "Is it so?", **cells: Any) -> Result:
    """A file of one question, its columns headed by the names of these cells."""
    headers = [name.replace("_", " ") for name in cells]
    return imported(separated(["ID", "Question", *headers], ["1", text, *cells.values()]), "a.csv")
