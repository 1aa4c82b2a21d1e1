"""Goes down a sheet and finds out of every row what it is."""

import re
from collections.abc import Iterator, Sequence

from riskapp.catalogue.importers.sheets.grid import Cell, Row, Sheet, letter
from riskapp.catalogue.importers.sheets.headers import meanings
from riskapp.catalogue.importers.sheets.mapping import SheetUse
from riskapp.catalogue.importers.sheets.rows import (
    HEADER,
    LEFT_OUT,
    LONGEST_READ,
    LONGEST_TITLE,
    MORE,
    QUESTION,
    SECTION,
    TEXTS,
    Asked,
    Outcome,
)
from riskapp.catalogue.importers.sheets.sections import Sections
from riskapp.catalogue.importers.sheets.signs import Signs, asks, is_footer


def walk(sheet: Sheet, use: SheetUse) -> Iterator[Outcome]:
    """What each row of a sheet is that has anything in it, from the top down."""
    return _Walk(sheet, use).outcomes()


def details(sheet: Sheet, use: SheetUse) -> list[Asked]:
    """What each row with an id says, whether or not it has a question."""
    return list(_Walk(sheet, use).details())


class _Walk:
    def __init__(self, sheet: Sheet, use: SheetUse) -> None:
        self.sheet, self.use = sheet, use
        self.signs = Signs(sheet, use)
        self.question, self.id = self.signs.question, self.signs.id
        self.sections = Sections()
        self.before: Outcome | None = None

    # What a row is ------------------------------------------------------------------------------

    def outcomes(self) -> Iterator[Outcome]:
        for row in self.sheet.rows:
            texts = list(dict.fromkeys(cell.text for cell in row.cells.values() if cell.text))
            first, last = self.use.header
            if row.hidden:
                yield self._left(row, texts, "the row is hidden")
            elif first <= row.number <= last:
                yield from self._header(row, texts)
            elif row.number < first:
                yield self._left(row, texts, "stands above the headers")
            elif self.signs.repeats(row):
                yield from self._header(row, texts)
            else:
                self.before = self._below_headers(row, texts)
                yield self.before

    def details(self) -> Iterator[Asked]:
        for row in self.sheet.visible:
            below = row.number > self.use.header[1] and not self.signs.repeats(row)
            if below and self.signs.id_of(row):
                yield self._asked(row, [])

    def _left(self, row: Row, texts: Sequence[str], reason: str) -> Outcome:
        text = " | ".join(text.replace("\n", " ") for text in texts)
        return Outcome(row.number, self.sheet.at(row.number), LEFT_OUT, text, reason)

    def _header(self, row: Row, texts: Sequence[str]) -> Iterator[Outcome]:
        """Headers. Where each part repeats them, its title stands in place of “Question”."""
        titles = [row.cells[one].text for one in (self.question, self.id or 0) if one in row.cells]
        other = [text for text in titles if text and not meanings(text)]
        known = {text.casefold() for column in self.signs.headers.values() for text in column}
        first = self.use.header[0] <= row.number <= self.use.header[1]
        if other and (other[0].casefold() not in known or (first and self.signs.titled())):
            yield self._title(row, other[0])
        else:
            yield Outcome(row.number, self.sheet.at(row.number), HEADER, " | ".join(texts))

    def _title(self, row: Row, text: str, reason: str = "") -> Outcome:
        shown = self.sections.row(text, self.signs.id_of(row))
        return Outcome(row.number, self.sheet.at(row.number), SECTION, shown, reason)

    def _below_headers(self, row: Row, texts: list[str]) -> Outcome:
        cell = row.cells.get(self.question)
        if cell is not None and cell.origin is not None and cell.origin[0] != row.number:
            return self._more(row, texts)
        if cell is None or not cell.text:
            return self._without_question(row, cell, texts)
        kind, reason = self._kind(row, cell.text, texts)
        if kind == QUESTION:
            asked = self._asked(row, [reason] if reason else [])
            return Outcome(row.number, asked.where, QUESTION, asked.text, reason, asked)
        if kind == SECTION:
            return self._title(row, cell.text, reason)
        return self._left(row, texts, reason)

    def _kind(self, row: Row, text: str, texts: Sequence[str]) -> tuple[str, str]:
        """Question, section or left out, and why it is doubtful."""
        if not re.search(r"[^\W\d_]{2}", text):
            return LEFT_OUT, "has no words where the question stands"
        if self.signs.id_of(row):
            if self.signs.heads(row, text):
                return SECTION, "is taken for the heading of what follows"
            return QUESTION, ""
        alone = len(texts) == 1
        if not (alone and is_footer(text)):
            if self._asks_without_id(row, text, alone=alone):
                return QUESTION, "has no id, though others have" if self.signs.by_id else ""
            short = len(text) <= LONGEST_TITLE and not asks(text)
            if short and row.number < self.signs.last:
                return SECTION, ""
        return LEFT_OUT, "is a note, no question"

    def _asks_without_id(self, row: Row, text: str, *, alone: bool) -> bool:
        wide = self.signs.wide(row)
        if self.signs.tells(row) or (asks(text) and not wide):
            return True
        if wide or self.signs.by_id:
            return False
        return not alone or not (self.signs.telling or self.signs.asking)

    def _without_question(self, row: Row, cell: Cell | None, texts: list[str]) -> Outcome:
        if cell is not None and cell.formula:
            reason = f"column {letter(self.question)} holds a formula of which no value was kept"
            return self._left(row, texts, reason)
        if self._goes_on(row):
            return self._more(row, texts)
        named = [column for column in row.own if column != self.id]
        heading = row.text(named[0]) if named else self.signs.id_of(row)
        short = 0 < len(heading) <= LONGEST_TITLE and not is_footer(heading)
        detail = {*self.signs.details, self.signs.answer} & set(named)
        if self.id not in row.own:
            detail -= self.signs.leftmost  # where headings stand, whatever the column is
        if len(named) <= 1 and short and not detail and row.number < self.signs.last:
            return self._in_columns(row) or self._title(row, heading)
        return self._left(row, texts, "has no question")

    def _goes_on(self, row: Row) -> bool:
        """Whether a row only holds one more choice of the question right above it."""
        above = self.before
        return (
            above is not None
            and above.asked is not None
            and above.row == row.number - 1
            and "options" in above.asked.texts
            and set(row.own) == {self.use.one("options")}
        )

    def _in_columns(self, row: Row) -> Outcome | None:
        """A heading that stands alone in the column of sections; None for any other."""
        columns = {self.use.one("section"): "section", self.use.one("subsection"): "subsection"}
        if not set(row.own) <= set(columns):
            return None
        for column, text in row.own.items():
            self.sections.column(columns[column], text)
        text = ": ".join(row.own.values())
        return Outcome(row.number, self.sheet.at(row.number), SECTION, text)

    def _more(self, row: Row, texts: Sequence[str]) -> Outcome:
        """A row that goes on with the question above it, whose cell is merged with this one."""
        if self.before is None or self.before.becomes not in {QUESTION, MORE}:
            return self._left(row, texts, "goes on with a row that is no question")
        own = self.signs.id_of(row) if (self.id or 0) in row.own else ""
        notes = [f"row {row.number} shares its question and has an id, {own}"] if own else []
        asked = self._asked(row, notes)
        return Outcome(row.number, asked.where, MORE, " | ".join(row.own.values()), "", asked)

    # What a question says -----------------------------------------------------------------------

    def _asked(self, row: Row, notes: list[str]) -> Asked:
        for one in ("section", "subsection"):
            self.sections.column(one, row.text(self.use.one(one) or 0))
        upper, lower = self.sections.question()
        return Asked(
            sheet=self.sheet.name,
            row=row.number,
            where=self.sheet.at(row.number),
            text=row.text(self.question)[:LONGEST_READ],
            id=self.signs.id_of(row),
            section=upper,
            subsection=lower,
            texts={one: text for one in TEXTS if (text := self._text(row, one, notes))},
            listed=self.sheet.choices.get((row.number, self.signs.answer or 0), ()),
            columns=[(self._lowest(column), row.text(column)) for column in self.use.all("choice")],
            mappings=[
                (self._lowest(column), row.text(column))
                for column in self.use.all("mapping")
                if row.text(column)
            ],
            answered=row.text(self.signs.answer) if self.signs.answer else "",
            notes=notes,
        )

    def _lowest(self, column: int) -> str:
        return next(iter(self.signs.headers.get(column, [])[-1:]), letter(column))

    def _text(self, row: Row, field_name: str, notes: list[str]) -> str:
        column = self.use.one(field_name)
        cell = row.cells.get(column or 0)
        if cell is None:
            return ""
        if cell.formula and (not cell.text or cell.text == "0"):
            problem = f"column {letter(column or 0)} holds a formula of which no value was kept"
            notes.append(f"{problem}; left out")
            return ""
        return cell.text[:LONGEST_READ]
