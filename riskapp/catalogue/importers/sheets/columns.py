"""Guesses what each column of a sheet is, by its header and by what stands below."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from riskapp.catalogue.importers.sheets import options as sheet_options
from riskapp.catalogue.importers.sheets.grid import Row, Sheet
from riskapp.catalogue.importers.sheets.headers import (
    REMARKS,
    meanings,
)
from riskapp.catalogue.importers.sheets.mapping import FIELDS, SEVERAL, ColumnUse
from riskapp.catalogue.importers.sheets.top import header_texts

_ID = re.compile(
    r"(?=.*\d)[A-Za-zÄÖÜ&§#]{0,12}(?:[ ._/-]{0,2}[A-Za-z&]{0,6})?[ ._/-]{0,2}\d{1,5}"
    r"(?:[ ._/()-]{1,2}[A-Za-z]{0,4}\d{0,4}){0,6}[a-z]?[.)]?"
)
_SHORT, _LONG_ID, _SENTENCE, _PARAGRAPH = 8, 30, 25, 120
"""Characters: less is no question, more is no id, a sentence, more than a title."""

_HALF, _MOST, _ALMOST_ALL = 0.5, 0.7, 0.9

_LOOKED_AT, _LOOKED_INTO = 200, 1_000
"""Cells of a column by which it is judged, and characters of each."""

_SECOND = {"section": "subsection", "question": "guidance"}
"""What the second best of two columns is taken for."""

_MAY_BE_EMPTY = frozenset({"answer", "choice"})


@dataclass(frozen=True, slots=True)
class Content:
    """What the cells of one column are like, below the headers. Shares are of the filled ones."""

    filled: int
    distinct: int
    length: float
    asking: float
    ids: float
    numbered: float
    how: float
    listed: int

    def suits(self, field: str) -> float:
        """How well it fits a field: from -4, it cannot be, to 2."""
        if not self.filled:
            return 0 if field in _MAY_BE_EMPTY else -4
        repeats = self.distinct < self.filled
        fitting = {
            "id": (self.ids > _MOST)
            - 2 * (self.ids < _HALF)
            - 3 * (self.length > _LONG_ID)
            - repeats,
            "question": 1.5 * self.asking
            + 0.5 * (self.length > _SENTENCE)
            - 3 * (self.length < _SHORT or self.ids > _MOST),
            "section": 0.5 * repeats - 2 * (self.length > _PARAGRAPH or self.asking > _HALF),
            "why": 0.5 * (self.length > _SENTENCE),
            "options": self.how - 3 * (self.how < _HALF),
            "answer": float(self.listed > 0),
            "weight": -3.0 * (self.length > _LONG_ID),
            "mapping": -3.0 * (self.numbered < _HALF),
        }
        like = {"subsection": "section", "guidance": "why", "good": "weight", "inverted": "weight"}
        return fitting.get(like.get(field, field), 0)


def looks_like_id(text: str) -> bool:
    return len(text) <= _LONG_ID and _ID.fullmatch(text) is not None


def content_of(sheet: Sheet, rows: Sequence[Row], column: int) -> Content:
    """What a column is like; of long ones, rows from top to bottom are looked at."""
    filled = [text for row in rows if (text := row.text(column))]
    seen = filled[:: len(filled) // _LOOKED_AT + 1]
    many = max(len(seen), 1)
    return Content(
        filled=len(filled),
        distinct=len(set(filled)),
        length=sum(map(len, seen)) / many,
        asking=sum(text.endswith("?") for text in seen) / many,
        ids=sum(map(looks_like_id, seen)) / many,
        numbered=sum(any(map(str.isdigit, text)) for text in seen) / many,
        how=sum(sheet_options.says_how(text[:_LOOKED_INTO]) for text in seen) / many,
        listed=sum((row.number, column) in sheet.choices for row in rows),
    )


def columns_of(sheet: Sheet, header: tuple[int, int]) -> tuple[ColumnUse, ...]:
    """What each column is, with a sentence why."""
    rows = [row for row in sheet.visible if row.number > header[1]]
    texts = header_texts(sheet, header)
    guessing = _Guessing(
        texts={column: texts[column] for column in texts if column not in sheet.hidden_columns},
        contents={column: content_of(sheet, rows, column) for column in texts},
    )
    guessing.choices()
    guessing.by_headers()
    guessing.by_content()
    guessing.order_sections()
    return tuple(_use(sheet, column, " / ".join(texts[column]), guessing) for column in texts)


def _use(sheet: Sheet, column: int, header: str, guessing: "_Guessing") -> ColumnUse:
    if column in sheet.hidden_columns:
        return ColumnUse(column, header, None, "The column is hidden.", hidden=True)
    field, reason = guessing.found.get(column, (None, ""))
    if field is None and not guessing.contents[column].filled:
        reason = "Nothing stands below its header."
    elif field is None:
        reason = f"What “{header}” means is not known." if header else "It has no header."
        for meant in guessing.meant(column):
            reason = f"Its header “{header}” says {meant}, which its content is not."
            if meant == REMARKS:
                reason = f"Its header “{header}” says that it is for remarks."
            elif not guessing.free(meant):
                reason = f"Its header “{header}” says {meant}, which another column is already."
    return ColumnUse(column, header, field, reason)


class _Guessing:
    """Gives columns to fields, the surest first."""

    def __init__(self, texts: dict[int, list[str]], contents: dict[int, Content]) -> None:
        self.texts = texts
        self.contents = contents
        self.found: dict[int, tuple[str | None, str]] = {}

    def headers(self, column: int) -> Iterator[str]:
        """A column's header as the lowest row says it, then as all do, then as the top row does."""
        parts = self.texts[column]
        yield from dict.fromkeys([*parts[-1:], " ".join(parts), *parts[:1]])

    def meant(self, column: int) -> list[str]:
        """The field that a column's header speaks of most surely, if any."""
        said = [one for header in self.headers(column) for one in meanings(header)]
        return [max(said, key=lambda one: one.strength).field] if said else []

    def free(self, field: str) -> bool:
        return field in SEVERAL or all(one != field for one, _ in self.found.values())

    def choices(self) -> None:
        """Columns that are one choice each: Yes, No, N/A; or the levels 0 to 4."""
        lowest = {column: parts[-1] for column, parts in self.texts.items() if parts}
        usual = {column for column, text in lowest.items() if sheet_options.meaning(text)}
        kinds = {sheet_options.meaning(lowest[column]) for column in usual}
        levels = {column for column, text in lowest.items() if sheet_options.level(text)}
        numbers = Counter(sheet_options.level(lowest[column]) for column in levels)
        for group, holds in ((usual, {"yes", "no"} <= kinds), (levels, len(numbers) >= 3)):  # noqa: PLR2004 - levels
            for column in sorted(group) if holds else ():
                reason = f"Its header “{lowest[column]}” is one of several choices."
                self.found[column] = "choice", reason

    def by_headers(self) -> None:
        candidates = []
        for column in self.texts:
            seen: set[str] = set()
            for header in self.headers(column):
                for one in meanings(header):
                    if one.field in FIELDS and one.field not in seen:
                        seen.add(one.field)
                        suits = self.contents[column].suits(one.field)
                        candidates.append((one.strength + suits, -column, one.field, header))
        for sure, minus, field, header in sorted(candidates, reverse=True):
            if sure > 0 and -minus not in self.found and self.free(field):
                self.found[-minus] = field, f"Its header “{header}” says so."
        for sure, minus, field, header in sorted(candidates, reverse=True):
            second = _SECOND.get(field)
            unused = second is not None and -minus not in self.found and self.free(second)
            if sure > 0 and second is not None and unused:
                reason = f"Its header “{header}” says {field}, which another column is already."
                self.found[-minus] = second, reason

    def by_content(self) -> None:
        """Finds the question, its id and where the answer goes by what stands in the columns."""
        left = [column for column in self.texts if column not in self.found]
        if self.free("question"):
            best = max(left, key=lambda one: self.contents[one].suits("question"), default=None)
            if best is not None and self.contents[best].suits("question") >= _HALF:
                share = f"{self.contents[best].asking:.0%}"
                reason = f"No header says so; {share} of its cells end in a question mark."
                self.found[best] = "question", reason
                left.remove(best)
        for column in left:
            content = self.contents[column]
            own = content.ids > _MOST and content.distinct > _ALMOST_ALL * content.filled
            if own and content.length < _LONG_ID / 2 and self.free("id"):
                self.found[column] = "id", f"No header says so; {content.ids:.0%} look like ids."
            elif content.listed and not content.filled and self.free("answer"):
                reason = f"No header says so; {content.listed} of its cells offer a list."
                self.found[column] = "answer", reason

    def order_sections(self) -> None:
        """Of two columns of sections, the one with fewer different words is the upper one."""
        places = {field: column for column, (field, _) in self.found.items()}
        upper, lower = places.get("section"), places.get("subsection")
        if upper is None or lower is None or self.meant(lower) != ["section"]:
            return
        if self.contents[upper].distinct > self.contents[lower].distinct:
            reason = "Its header says section; of two such columns it has {} different words."
            self.found[upper] = "subsection", reason.format("more")
            self.found[lower] = "section", reason.format("fewer")
