"""Reads one sheet of an XLSX file: rows, cells, merged cells, and the lists that cells offer."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.sheets.grid import Budget, Cell, Row, column_of
from riskapp.catalogue.importers.sheets.package import SAVE_AGAIN, Handler
from riskapp.catalogue.importers.sheets.parts import Numbers, is_true, words

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
MOST_RANGES = 50_000

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_COLUMN = re.compile(r"\$?([A-Za-z]{1,3})")

Area = tuple[int, int, int, int]
"""First row and column, last row and column."""


@dataclass(slots=True)
class Raw:
    """A sheet as it was found. `lists` are what a list of choices says and the areas it is for."""

    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    lists: list[tuple[str, list[Area]]] = field(default_factory=list)


class SheetHandler(Handler):
    """Fills a `Raw` while its part is walked through."""

    def __init__(self, strings: Sequence[str], numbers: Numbers, budget: Budget) -> None:
        self.raw = Raw()
        self._strings, self._numbers, self._budget = strings, numbers, budget
        self._row = self._column = self._ranges = 0
        self._cell: dict[str, str] = {}
        self._value, self._runs, self._formula, self._spoken = "", [""], False, False
        self._list: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "row":
                self._begin_row(attributes)
            case "c":
                self._begin_cell(attributes)
            case "f":
                self._formula = True
            case "rPh":
                self._spoken = True
            case "col":
                self._begin_column(attributes)
            case "mergeCell":
                self.raw.merged += self._areas(attributes.get("ref", ""))
            case "dataValidation":
                self._list = attributes

    def end(self, name: str, text: str) -> None:
        match name:
            case "v":
                self._value = text
            case "t":
                self._runs += [] if self._spoken else [text]
            case "rPh":
                self._spoken = False
            case "c":
                self._end_cell()
            case "formula1" | "sqref":
                self._list.setdefault(name, text)
            case "f" if self._list:  # newer lists have their formula one level deeper
                self._list.setdefault("formula1", text)
            case "dataValidation":
                self._end_list()

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row = _number(attributes.get("r"), self._row + 1, LAST_ROW)
        self._column = 0
        if is_true(attributes.get("hidden")):
            self.raw.hidden_rows.add(self._row)

    def _begin_column(self, attributes: dict[str, str]) -> None:
        if is_true(attributes.get("hidden")):
            first = _number(attributes.get("min"), 1, LAST_COLUMN)
            last = _number(attributes.get("max"), first, LAST_COLUMN)
            self.raw.hidden_columns.update(range(first, last + 1))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell = attributes
        self._value, self._runs, self._formula = "", [], False
        found = _CELL.fullmatch(attributes.get("r", ""))
        column = column_of(found[1]) if found else None
        self._column = column or self._column + 1
        if found:
            self._row = _number(found[2], self._row, LAST_ROW)
        if self._column > LAST_COLUMN:
            raise NotImportable("a cell stands beyond the last column", SAVE_AGAIN)

    def _end_cell(self) -> None:
        kind = self._cell.get("t", "n")
        text = self._shown(kind)
        if text or self._formula:
            self._budget.spend(text)
            cells = self.raw.rows.setdefault(self._row, {})
            cells[self._column] = Cell(text, self._formula)
        self._formula = False

    def _shown(self, kind: str) -> str:
        match kind:
            case "s":
                at = int(self._value) if self._value.strip().isdecimal() else -1
                return self._strings[at] if 0 <= at < len(self._strings) else ""
            case "inlineStr":
                return words("".join(self._runs))
            case "b":
                return str(is_true(self._value)).upper()
            case "e":
                self._formula = True  # whatever made the error, there is no value
                return ""
            case "n" if self._value:
                return self._numbers.shown(self._value, self._cell.get("s", ""))
        return words(self._value)

    def _end_list(self) -> None:
        one, self._list = self._list, {}
        if one.get("type") == "list":
            areas = self._areas(one.get("sqref", ""))
            self.raw.lists.append((one.get("formula1", "").strip(), areas))

    def _areas(self, written: str) -> list[Area]:
        found = [area for part in written.split() if (area := area_of(part)) is not None]
        self._ranges += len(found)
        if self._ranges > MOST_RANGES:
            problem = f"a sheet has more than {MOST_RANGES} merged cells or lists"
            raise NotImportable(problem, "keep only the sheets that hold the questions")
        return found


def _number(written: str | None, otherwise: int, last: int) -> int:
    number = int(written) if written and written.isdecimal() and len(written) < 9 else otherwise  # noqa: PLR2004
    if not 1 <= number <= last:
        raise NotImportable("a cell stands beyond the edge of the sheet", SAVE_AGAIN)
    return number


def area_of(written: str) -> Area | None:
    """The area that is written as $B$2, B2:C9 or B:B, or None."""
    first, _, last = written.partition(":")
    corners = [_corner(first, 1), _corner(last or first, LAST_ROW)]
    (top, left), (bottom, right) = (corner or (0, 0) for corner in corners)
    if not (top and left and bottom and right):
        return None
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def _corner(written: str, row: int) -> tuple[int, int] | None:
    found = _CELL.fullmatch(written)
    if found:
        return int(found[2]), column_of(found[1]) or 0
    found = _COLUMN.fullmatch(written)
    return (row, column_of(found[1]) or 0) if found else None


def rows_of(raw: Raw, budget: Budget) -> list[Row]:
    """The rows in order, with the words of merged cells in every cell that they cover.

    Rows and columns that hold nothing else are not filled: no program shows anything there.
    """
    numbers = sorted(raw.rows)
    last = max((column for cells in raw.rows.values() for column in cells), default=0)
    for top, left, bottom, right in raw.merged:
        cell = raw.rows.get(top, {}).get(left)
        if cell is None or not cell.text:
            continue
        shared = Cell(cell.text, cell.formula, origin=(top, left))
        for number in within(numbers, top, bottom):
            cells = raw.rows[number]
            for column in range(left, min(right, last) + 1):
                if (number, column) != (top, left):
                    budget.spend("")
                    cells[column] = shared
    return [Row(one, raw.rows[one], one in raw.hidden_rows) for one in numbers]


def within(numbers: Sequence[int], first: int, last: int) -> Iterator[int]:
    """Those of the sorted numbers that lie between two others."""
    for at in range(bisect_left(numbers, first), len(numbers)):
        if numbers[at] > last:
            return
        yield numbers[at]


def choices_of(
    rows: Sequence[Row],
    lists: Sequence[tuple[Sequence[str], Sequence[Area]]],
    budget: Budget,
) -> Mapping[tuple[int, int], Sequence[str]]:
    """What each cell of these rows offers to choose from, by row and column."""
    numbers = [row.number for row in rows]
    last = max((column for row in rows for column in row.cells), default=0)
    found: dict[tuple[int, int], Sequence[str]] = {}
    for options, areas in lists:
        for top, left, bottom, right in areas:
            for number in within(numbers, top, bottom):
                for column in range(left, min(right, last) + 1):
                    budget.spend("")
                    found[number, column] = options
    return found
