"""One grid for every kind of spreadsheet: sheets, rows and cells, whatever file they stood in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskapp.catalogue.importers.common import Note, NotImportable

WHOLE = "the whole file"
"""Where a note stands that is about no place in it."""

MOST_CELLS = 300_000
MOST_CHARACTERS = 20_000_000
"""Filled cells and characters of a whole file; the largest questionnaires need a tenth of them."""

MOST_IN_CELL = 32_767
"""Characters that spreadsheet programs keep in a cell."""

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ODD = re.compile("[^\\S ]|  ")
_SPACES = re.compile("[\t \xa0\u2000-\u200a\u202f\u205f\u3000]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a person sees in one cell, and why it is there.

    `formula` cells were computed: `text` is what a spreadsheet program last kept, empty where it
    kept nothing. `origin` is the row and column where the words of a merged cell really stand.
    """

    text: str
    formula: bool = False
    origin: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Its filled cells by column, from 1. `number` is the row, or in a text file the line."""

    number: int
    cells: Mapping[int, Cell]
    hidden: bool = False

    def text(self, column: int) -> str:
        cell = self.cells.get(column)
        return "" if cell is None else cell.text

    @property
    def own(self) -> dict[int, str]:
        """The words that stand in this row itself, not shared from a merged cell elsewhere."""
        return {
            column: cell.text
            for column, cell in self.cells.items()
            if cell.text and cell.origin is None
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `choices` are the lists that a cell offers, by row and column.

    `name` is empty for the one grid of a text file, whose rows are lines.
    """

    name: str
    rows: Sequence[Row]
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    choices: Mapping[tuple[int, int], Sequence[str]] = field(default_factory=dict)
    notes: Sequence[Note] = ()

    @property
    def where(self) -> str:
        return f"sheet {self.name}" if self.name else WHOLE

    def at(self, row: int) -> str:
        """Where a row is, in the words of a note."""
        return f"sheet {self.name}, row {row}" if self.name else f"line {row}"

    @property
    def columns(self) -> list[int]:
        """Every column with something in it."""
        return sorted({column for row in self.rows for column in row.cells})

    @property
    def visible(self) -> list[Row]:
        return [row for row in self.rows if not row.hidden]


@dataclass(frozen=True, slots=True)
class Workbook:
    """A spreadsheet file. `kind` is the format in words; `title` and `author` are its own."""

    name: str
    kind: str
    sha256: str
    sheets: Sequence[Sheet]
    notes: Sequence[Note] = ()
    title: str | None = None
    author: str | None = None

    def sheet(self, name: str) -> Sheet | None:
        return next((one for one in self.sheets if one.name == name), None)


class Budget:
    """Counts cells and characters while a file is read, so that a small file cannot fill memory."""

    def __init__(self) -> None:
        self.cells = 0
        self.characters = 0

    def spend(self, text: str) -> None:
        """Raises NotImportable where the file holds more than a questionnaire can."""
        self.cells += 1
        self.characters += len(text)
        if len(text) > MOST_IN_CELL:
            problem = f"a cell holds more than {MOST_IN_CELL} characters"
            raise NotImportable(problem, "look for a quote that is never closed, or shorten it")
        if self.cells > MOST_CELLS or self.characters > MOST_CHARACTERS:
            raise NotImportable(
                f"the file holds over {MOST_CELLS} filled cells or {MOST_CHARACTERS} characters",
                "keep only the sheets, rows and columns that hold the questions",
            )


def trimmed(text: str) -> str:
    """A cell's words with single spaces; line breaks are kept, as options may stand on lines."""
    text = text.strip()
    if not _ODD.search(text):
        return text
    lines = (_SPACES.sub(" ", line).strip() for line in _BREAKS.sub("\n", text).split("\n"))
    return "\n".join(lines)


def letter(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(letters: str) -> int | None:
    """The column with these letters, or None where they are none."""
    if not re.fullmatch("[A-Za-z]{1,3}", letters):
        return None
    column = 0
    for one in letters.upper():
        column = column * 26 + ord(one) - ord("A") + 1
    return column
