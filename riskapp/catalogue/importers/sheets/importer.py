"""Imports spreadsheets: XLSX and CSV, by a mapping of columns that is guessed and correctable.

The way of a file: `look` reads it into grids, `guess` says what its sheets and columns seem to be,
`Mapping.corrected` takes what a person knows better, `preview` shows what the first rows become,
`read` makes a questionnaire of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.catalogue.importers.common import Imported, Naming, Progress
from riskapp.catalogue.importers.sheets.answers import answer_of
from riskapp.catalogue.importers.sheets.build import build
from riskapp.catalogue.importers.sheets.collect import collect, outcomes_of
from riskapp.catalogue.importers.sheets.grid import Sheet, Workbook, letter
from riskapp.catalogue.importers.sheets.guess import guess
from riskapp.catalogue.importers.sheets.look import look
from riskapp.catalogue.importers.sheets.mapping import FIELDS, USES, ColumnUse, Mapping, SheetUse

__all__ = [
    "FIELDS",
    "USES",
    "ColumnUse",
    "Mapping",
    "Preview",
    "Sheet",
    "SheetUse",
    "Workbook",
    "guess",
    "look",
    "preview",
    "read",
]

PREVIEWED = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """One row of a file and what would become of it.

    `cells` are its letters and words. `becomes` is question, section, more (of the question
    above), header or left out; `text` the words that are taken, `answer` the kind of answer of a
    question, `doubts` why it is left out or what is not sure.
    """

    where: str
    cells: Sequence[tuple[str, str]]
    becomes: str
    text: str
    section: str = ""
    answer: str = ""
    doubts: Sequence[str] = ()


def preview(workbook: Workbook, mapping: Mapping, rows: int = PREVIEWED) -> list[Preview]:
    """What the first rows become, from the headers on. Raises NotImportable as `read` does."""
    usages = collect(workbook, mapping).usages
    shown: list[Preview] = []
    for use in mapping.questions:
        sheet = workbook.sheet(use.sheet)
        cells = {row.number: row.cells for row in sheet.rows} if sheet is not None else {}
        for outcome in outcomes_of(workbook, use):
            if len(shown) == rows:
                return shown
            if outcome.row < use.header[0]:
                continue
            answer, section, doubts = "", "", [outcome.reason] if outcome.reason else []
            if outcome.becomes == "question" and outcome.asked is not None:
                answered = answer_of(outcome.asked, usages[use.sheet])
                answer, section = answered.type, outcome.asked.section
                doubts = [*outcome.asked.notes, *answered.notes]
            words = [
                (letter(column), cell.text)
                for column, cell in sorted(cells[outcome.row].items())
                if cell.text and cell.origin is None
            ]
            shown.append(
                Preview(
                    outcome.where, words, outcome.becomes, outcome.text, section, answer, doubts
                )
            )
    return shown


def read(
    data: bytes,
    name: str,
    naming: Naming,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
) -> Imported:
    """A questionnaire out of a spreadsheet file, by a mapping or by the one that is guessed.

    Raises NotImportable where the file is no spreadsheet, the mapping does not fit it, or no
    questions or too many are in it.
    """
    workbook = look(data, name)
    mapping = guess(workbook) if mapping is None else mapping
    return build(workbook, collect(workbook, mapping), naming, progress)
