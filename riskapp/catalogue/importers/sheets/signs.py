"""By what the rows of a sheet are told apart: what they hold, and what most of them hold."""

import re
from collections.abc import Sequence

from riskapp.catalogue.importers.sheets.grid import Row, Sheet
from riskapp.catalogue.importers.sheets.headers import LONGEST_HEADER
from riskapp.catalogue.importers.sheets.mapping import SheetUse
from riskapp.catalogue.importers.sheets.rows import LONGEST_TITLE, TEXTS
from riskapp.catalogue.importers.sheets.sections import heads
from riskapp.catalogue.importers.sheets.top import header_texts

_ASKING = 1 / 3
"""Share of rows that ask something, from which a row that asks nothing is no question."""

_TASK = re.compile(
    r"(?:please |bitte )?(?:describe|list|provide|explain|specify|outline|attach|name|state|give"
    r"|beschreiben|nennen|erläutern|erklären|listen|geben|fügen)( \S+){2}",
    re.IGNORECASE,
)

_FOOTER = re.compile(
    r"©|\(c\)\s|copyright\b|all rights reserved|alle rechte vorbehalten"
    r"|end of (?:the )?(?:questionnaire|document|list|survey|standard|file|assessment|sheet|form)"
    r"|ende de[rs] (?:fragebogens|dokuments|liste|datei|formulars|blatts|tabelle|katalogs)"
    r"|(?:page|seite|version:?|revision:?) v?\d|(?:stand|notes?|hinweise?|source|quelle): "
    r"|legende?:?$",
    re.IGNORECASE,
)


def is_footer(text: str) -> bool:
    """Whether a text begins like those below or above a table: ©, Note:, Version."""
    return _FOOTER.match(text) is not None


def asks(text: str) -> bool:
    """Whether a text is put as a question or a task."""
    return text.endswith("?") or _TASK.match(text) is not None


class Signs:
    """What a sheet's rows have in common, and what each of them has.

    `by_id`: most questions have an id; `telling`: most say more than their words; `asking`: many
    are put as questions. `last` is the last row that is surely a question.
    """

    def __init__(self, sheet: Sheet, use: SheetUse) -> None:
        self.sheet, self.use = sheet, use
        self.question = use.one("question") or 0
        self.id = use.one("id")
        self.answer = use.one("answer")
        self.headers = header_texts(sheet, use.header)
        self._known = {
            column: {text[:LONGEST_HEADER].casefold() for text in texts}
            for column, texts in self.headers.items()
        }
        self.details = [
            one.column for one in use.columns if one.field in {*TEXTS, "choice", "mapping"}
        ]
        mine = self.headers.get(self.question)
        self.others = {
            one.column
            for one in use.columns
            if one.column != self.question
            and (one.field or self.headers.get(one.column) not in (mine, []))
        }
        below = [row for row in sheet.visible if row.number > use.header[1]]
        asking = [row for row in below if self.own(row) and not is_footer(self.own(row))]
        full = [row for row in asking if len(row.own) > 1 or asks(self.own(row))]
        with_id = [row for row in full if self.id_of(row)]
        self.by_id = len(with_id) >= max(len(full) / 2, 1)
        self.telling = sum(map(self.tells, full)) >= max(len(full) / 2, 1)
        put = sum(asks(self.own(row)) for row in asking)
        self.asking = put >= max(len(asking) * _ASKING, 1)
        self.last = max((row.number for row in asking if self.surely(row)), default=0)
        self.next_ids = _following([(row.number, self.id_of(row)) for row in below])
        self.leftmost = set(sheet.columns[:1])

    def own(self, row: Row) -> str:
        """The words in the question's cell, unless they stand in a row above."""
        cell = row.cells.get(self.question)
        if cell is None or (cell.origin is not None and cell.origin[0] != row.number):
            return ""
        return cell.text

    def id_of(self, row: Row) -> str:
        cell = row.cells.get(self.id or 0)
        if cell is None or not cell.text or cell.text == self.own(row):
            return ""
        return "" if cell.origin and cell.origin[0] == row.number else cell.text

    def tells(self, row: Row) -> bool:
        """Whether a row says more of a question than its words."""
        offered = self.answer is not None and (row.number, self.answer) in self.sheet.choices
        own = row.own
        words = row.cells.get(self.question)
        shared = words.origin[1] if words is not None and words.origin is not None else None
        return offered or any(column in own and column != shared for column in self.details)

    def wide(self, row: Row) -> bool:
        """Whether the words in the question's cell cover cells of other columns too."""
        origin = row.cells[self.question].origin or (row.number, self.question)
        return any(
            (cell.origin or (row.number, column)) == origin
            for column, cell in row.cells.items()
            if column in self.others
        )

    def surely(self, row: Row) -> bool:
        return bool(self.id_of(row)) or self.tells(row) or asks(self.own(row))

    def repeats(self, row: Row) -> bool:
        """Whether the headers stand here once more, maybe with a section's title among them."""
        same = others = 0
        for column, text in row.own.items():
            if text[:LONGEST_HEADER].casefold() in self._known.get(column, ()):
                same += 1
            else:
                others += 1
                if others > 1:
                    return False
        return same > 0 and (same > 1 or others == 0)

    def titled(self) -> bool:
        """Whether later headers have another title in place of the first."""
        last = self.use.header[1]
        later = [row for row in self.sheet.visible if row.number > last and self.repeats(row)]
        known = {text.casefold() for text in self.headers.get(self.question, ())}
        return any(self.own(row) and self.own(row).casefold() not in known for row in later)

    def heads(self, row: Row, text: str) -> bool:
        """Whether a row with an id is the heading of those that follow: 5 before 5.1."""
        own = row.own
        tells = any(column in own for column in self.details)
        if tells or asks(text) or len(text) > LONGEST_TITLE:
            return False
        return heads(self.id_of(row), self.next_ids.get(row.number, ""))


def _following(ids: Sequence[tuple[int, str]]) -> dict[int, str]:
    """The next id after each row."""
    found: dict[int, str] = {}
    following = ""
    for row, one in reversed(ids):
        found[row] = following
        following = one or following
    return found
