"""Reads XLSX files: values that were kept, never formulas, macros, links or pictures.

Not with openpyxl's own reader: it drops the lists that Excel keeps for choices on another sheet,
shows either formulas or values, makes an object of every cell that a merge covers (a million rows
in a file of 5 KB), and refuses workbooks for an odd colour. Its knowledge of number formats and
dates is used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from riskapp.catalogue.importers.common import Note, NotImportable
from riskapp.catalogue.importers.sheets.cells import (
    Area,
    Raw,
    SheetHandler,
    area_of,
    choices_of,
    rows_of,
    within,
)
from riskapp.catalogue.importers.sheets.grid import WHOLE, Budget, Sheet, letter, trimmed
from riskapp.catalogue.importers.sheets.package import SAVE_AGAIN, Package
from riskapp.catalogue.importers.sheets.parts import (
    Book,
    Numbers,
    book_of,
    properties_of,
    relations,
    strings_of,
)

MOST_CHOICES = 200
MOST_SHEETS = 200

_PLACE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!()\[\]]+))!([^!]+)")


@dataclass(frozen=True, slots=True)
class Read:
    """What stood in the file: sheets, and what it says about itself."""

    sheets: Sequence[Sheet]
    notes: Sequence[Note]
    title: str | None
    author: str | None


def read_xlsx(data: bytes) -> Read:
    """The grids in an XLSX or XLSM file. Raises NotImportable."""
    package = Package(data)
    _refuse_others(package.parts)
    book = book_of(package)
    named = relations(package, book.part)
    raws, notes = _raws(package, book, named)
    sheets = _sheets(book, raws)
    about = properties_of(package)
    notes += _left_out(package.parts)
    return Read(sheets, notes, about.get("title") or None, about.get("creator") or None)


def _refuse_others(parts: Sequence[str]) -> None:
    """Says what a ZIP is that is no XLSX, where that is known."""
    others = {
        "xl/workbook.bin": "a binary workbook (.xlsb)",
        "content.xml": "an OpenDocument file (.ods)",
        "word/document.xml": "a Word document",
        "ppt/presentation.xml": "a presentation",
        "Index/Document.iwa": "a Numbers document",
    }
    for part, what in others.items():
        if part in parts:
            raise NotImportable(f"the file is {what}", SAVE_AGAIN)


def _left_out(parts: Sequence[str]) -> Iterator[Note]:
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        yield Note(
            WHOLE, "holds macros: never run, not imported; only the values of cells are read"
        )
    if any(part.startswith("xl/externalLinks/") for part in parts):
        yield Note(WHOLE, "links to other files: not followed; the values last kept are used")


def _raws(
    package: Package, book: Book, named: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, tuple[Raw, bool]], list[Note]]:
    """Every sheet as it was found, and whether it is hidden."""
    parts = dict(named.values())
    strings = strings_of(package, parts.get("sharedStrings", ""))
    numbers = Numbers(package, parts.get("styles", ""), since_1904=book.since_1904)
    budget = Budget()
    raws: dict[str, tuple[Raw, bool]] = {}
    notes = []
    if len(book.sheets) > MOST_SHEETS:
        raise NotImportable(f"the file has more than {MOST_SHEETS} sheets", "split it")
    for written, state, relation in book.sheets:
        name = trimmed(written).replace("\n", " ") or "unnamed"
        kind, part = named.get(relation, ("", ""))
        if kind != "worksheet" or name in raws:
            notes.append(Note(f"sheet {name}", "holds no cells of its own (a chart); not imported"))
            continue
        handler = SheetHandler(strings, numbers, budget)
        package.walk(part, handler)
        raws[name] = handler.raw, state in {"hidden", "veryHidden"}
    return raws, notes


def _sheets(book: Book, raws: Mapping[str, tuple[Raw, bool]]) -> list[Sheet]:
    budget = Budget()
    plain = {
        name: Sheet(name, rows_of(raw, budget), hidden, frozenset(raw.hidden_columns))
        for name, (raw, hidden) in raws.items()
    }
    found = []
    for name, (raw, _) in raws.items():
        lists, notes = [], []
        for written, areas in raw.lists:
            options = _options(written, name, book, plain)
            if options is None:
                top, left, _, _ = areas[0] if areas else (1, 1, 1, 1)
                problem = f"its list of choices cannot be read: {written[:80] or 'it is empty'}"
                notes.append(Note(f"{plain[name].at(top)}, column {letter(left)}", problem))
            else:
                lists.append((options, areas))
        choices = choices_of(plain[name].rows, lists, budget)
        found.append(replace(plain[name], choices=choices, notes=notes))
    return found


def _options(
    written: str, sheet: str, book: Book, sheets: Mapping[str, Sheet]
) -> tuple[str, ...] | None:
    """The choices that a list names: words in quotes, cells, or a name for either; else None."""
    written = book.names.get(written.lower(), written).removeprefix("=")
    if len(written) > 1 and written[0] == written[-1] == '"':
        return _distinct(trimmed(one) for one in written[1:-1].replace('""', '"').split(","))
    found = _PLACE.fullmatch(written)
    name = (found[1] or found[2]).replace("''", "'") if found else sheet
    area = area_of(found[3] if found else written)
    if area is None or name not in sheets:
        return None
    return _distinct(_words_in(sheets[name], area))


def _words_in(sheet: Sheet, area: Area) -> Iterator[str]:
    top, left, bottom, right = area
    rows = {row.number: row for row in sheet.rows}
    for number in within(list(rows), top, bottom):
        own = rows[number].own
        yield from (own[column] for column in sorted(own) if left <= column <= right)


def _distinct(options: Iterator[str]) -> tuple[str, ...] | None:
    """No list where there is nothing to choose from, or more than anybody could."""
    found = tuple(dict.fromkeys(option for option in options if option))
    return found if 1 <= len(found) <= MOST_CHOICES else None
