"""Which sheets and columns mean what: plain data that a guess makes and a person corrects."""

import re
from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.sheets.grid import column_of, letter

FIELDS: abc.Mapping[str, str] = {
    "id": "the file's own id of a question",
    "section": "the part that a question belongs to",
    "subsection": "the smaller part within it",
    "question": "the question, control or requirement",
    "why": "why it is asked: reason, objective, control text",
    "guidance": "what counts, or help with the answer",
    "options": "what may be answered: the choices, or the kind of answer",
    "answer": "where the answer goes: the list that its cells offer is read",
    "choice": "one choice for each such column (Yes, No, N/A)",
    "weight": "weight, importance or severity",
    "good": "the compliant answer",
    "inverted": "a mark where No is the compliant answer",
    "evidence": "what proof is wanted",
    "mapping": "ids in a framework; each such column is one",
}
"""What a column can be, in words for a form. All but choice and mapping are one column at most."""

SEVERAL = frozenset({"choice", "mapping"})
"""The fields that may be several columns."""

USES: abc.Mapping[str, str] = {
    "questions": "its rows are questions",
    "details": "adds to the questions of other sheets, by their ids",
    "nothing": "is not imported",
}
_WRITTEN = re.compile(r"(?:(.*)!)?([A-Za-z]+) *=(.*)", re.DOTALL)
NOTHING = frozenset({"", "-", "none", "nothing"})


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What a column is, and a sentence why. `field` is None where it is not imported."""

    column: int
    header: str
    field: str | None = None
    reason: str = ""
    hidden: bool = False

    @property
    def letter(self) -> str:
        return letter(self.column)


@dataclass(frozen=True, slots=True)
class SheetUse:
    """What a sheet is. `header` are the first and last row of its headers, 0 and 0 for none.

    `unit` is what its rows are called: row, or line.
    """

    sheet: str
    use: str
    reason: str
    header: tuple[int, int]
    last_row: int
    columns: tuple[ColumnUse, ...]
    hidden: bool = False

    def all(self, field: str) -> list[int]:
        return [one.column for one in self.columns if one.field == field]

    def one(self, field: str) -> int | None:
        return next(iter(self.all(field)), None)

    def header_of(self, column: int) -> str:
        return next((one.header for one in self.columns if one.column == column), "")


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that a person says differently: `key` of a sheet, or of all that hold questions."""

    sheet: str | None
    key: str
    value: str

    @property
    def name(self) -> str:
        """As it was written, for a message."""
        return f"{self.sheet}!{self.key}" if self.sheet is not None else self.key


@dataclass(frozen=True, slots=True)
class Mapping:
    """What each sheet and each of its columns is."""

    sheets: tuple[SheetUse, ...]

    def of(self, sheet: str) -> SheetUse | None:
        return next((one for one in self.sheets if one.sheet == sheet), None)

    @property
    def questions(self) -> list[SheetUse]:
        return [one for one in self.sheets if one.use == "questions"]

    def corrected(self, *corrections: str) -> "Mapping":
        """The mapping but for what is said differently. Raises NotImportable naming the field.

        `question=C` says which column a field is, by letter or header; `question=` that none is;
        `mapping=F,G` names several. `header=4`, `header=4-5` or `header=none` says where the
        headers stand, `use=questions`, `use=details` or `use=nothing` what a sheet is. In front
        may stand the sheet that is meant: `Part 2!question=C`.
        """
        mapping = self
        for correction in parsed(corrections):
            for use in mapping.meant(correction):
                changed = _corrected(use, correction)
                sheets = (changed if one is use else one for one in mapping.sheets)
                mapping = Mapping(tuple(sheets))
        return mapping

    def meant(self, correction: Correction) -> list[SheetUse]:
        """The sheets that a correction is about. Raises NotImportable where it does not say."""
        if correction.sheet is not None:
            use = self.of(correction.sheet)
            if use is not None:
                return [use]
            problem = f"{correction.name}: there is no sheet {correction.sheet}"
            remedy = f"name one of {self._names}" if self._names else "leave out the sheet"
            raise NotImportable(problem, remedy)
        chosen = self.questions or [one for one in self.sheets if not one.hidden]
        if len(chosen) != 1 and (correction.key == "use" or not self.questions):
            remedy = f"write SHEET!{correction.key}=…, with one of {self._names}"
            raise NotImportable(f"{correction.name}: does not say of which sheet", remedy)
        return chosen

    @property
    def _names(self) -> str:
        return ", ".join(one.sheet for one in self.sheets)

    def written(self) -> list[str]:
        """The whole mapping as corrections that make it again of any other mapping of the file."""
        return [line for use in self.sheets for line in _written(use)]


def parsed(corrections: Sequence[str]) -> Iterator[Correction]:
    """Corrections in their parts. Raises NotImportable for what is none."""
    known = [*FIELDS, "header", "use"]
    for written in corrections:
        found = _WRITTEN.fullmatch(written.strip())
        key = found[2].lower() if found else written
        if found is None or key not in known:
            problem = f"{key}: is no field of the mapping"
            raise NotImportable(problem, f"write FIELD=COLUMN with one of {', '.join(known)}")
        yield Correction(found[1], key, found[3].strip())


def _corrected(use: SheetUse, correction: Correction) -> SheetUse:
    match correction.key:
        case "use":
            if correction.value not in USES:
                problem = f"{correction.name}: “{correction.value}” is no use of a sheet"
                raise NotImportable(problem, f"write one of {', '.join(USES)}")
            return replace(use, use=correction.value, reason="You said so.")
        case "header":
            return replace(use, header=header_rows(use.last_row, correction))
    wanted = _columns(use, correction)
    columns = []
    for one in use.columns:
        if one.column in wanted:
            columns.append(replace(one, field=correction.key, reason="You said so."))
        elif one.field == correction.key:
            columns.append(replace(one, field=None, reason="You said so."))
        else:
            columns.append(one)
    asks = correction.key == "question" and wanted and use.use == "nothing"
    return replace(use, columns=tuple(columns), use="questions" if asks else use.use)


def header_rows(last_row: int, correction: Correction) -> tuple[int, int]:
    """The first and last row of the headers that a correction names. Raises NotImportable."""
    if correction.value.lower() in NOTHING | {"0"}:
        return 0, 0
    first, _, last = correction.value.partition("-")
    rows = [int(one) if one.isdecimal() and len(one) < 9 else 0 for one in (first, last or first)]  # noqa: PLR2004 - digits
    if not 1 <= rows[0] <= rows[1] <= last_row:
        raise NotImportable(
            f"{correction.name}: “{correction.value}” are no rows of the sheet",
            f"write a row from 1 to {last_row}, two as 4-5, or none",
        )
    return rows[0], rows[1]


def _columns(use: SheetUse, correction: Correction) -> set[int]:
    if correction.value.lower() in NOTHING:
        return set()
    whole = _column(use, correction.value)
    if whole is not None:
        return {whole}
    names = [name.strip() for name in correction.value.split(",")]
    found = [_column(use, name) for name in names]
    wanted = {column for column in found if column is not None}
    if len(wanted) < len(names):
        raise NotImportable(
            f"{correction.name}: “{names[found.index(None)]}” is no column here",
            "write one of " + ", ".join(one.letter for one in use.columns),
        )
    if len(wanted) > 1 and correction.key not in SEVERAL:
        problem = f"{correction.name}: “{correction.value}” are several columns"
        raise NotImportable(problem, "name one column")
    return wanted


def _column(use: SheetUse, name: str) -> int | None:
    """By its letters, or by its header where no other column has the same."""
    column = column_of(name)
    if any(one.column == column for one in use.columns):
        return column
    same = [one.column for one in use.columns if one.header.casefold() == name.casefold()]
    return same[0] if len(same) == 1 else None


def _written(use: SheetUse) -> Iterator[str]:
    first, last = use.header
    yield f"{use.sheet}!header={first}-{last}" if first else f"{use.sheet}!header=none"
    for field in FIELDS:
        letters = ",".join(letter(column) for column in use.all(field))
        yield f"{use.sheet}!{field}={letters}"
    yield f"{use.sheet}!use={use.use}"
