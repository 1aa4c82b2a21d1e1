"""Reads separated values, with any usual separator and in the encodings that programs write."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import StringIO

from riskapp.catalogue.importers.common import Note, NotImportable
from riskapp.catalogue.importers.sheets.grid import WHOLE, Budget, Cell, Row, Sheet, trimmed
from riskapp.catalogue.importers.sheets.headers import known

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_ONE_COLUMN = "\x1f"  # never in the text: files with control characters are refused
_TRIED, _WIDEST = 200, 200
"""Lines, and cells of each, by which the separator is found."""

_LEAST_REGULAR = 0.2
_HEADERS = 3  # what two of them are worth
_PROSE = 0.8

_TOLD = re.compile(r"sep=([,;\t|])\n", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def read_csv(data: bytes) -> tuple[Sheet, str]:
    """The grid in a text file, and the kind of file in words. Raises NotImportable.

    Everything is text: a cell that begins with = is words, never a formula.
    """
    text, notes = _decoded(data)
    told = _TOLD.match(text)
    if told:
        text = "\n" + text[told.end() :]  # what follows keeps its line
    separator = told[1] if told else _separator(text)
    records, odd = _records(text, separator)
    if odd:
        notes.append(Note(f"line {odd}", "has quotes in the middle of a cell; kept as they are"))
    budget = Budget()
    found = ((line, dict(_cells(record, budget))) for line, record in records)
    rows = [Row(line, cells) for line, cells in found if cells]
    kind = f"separated by {_SEPARATORS[separator]}" if separator in _SEPARATORS else "one column"
    return Sheet("", rows, notes=notes), f"CSV, {kind}"


def _cells(record: Iterable[str], budget: Budget) -> Iterator[tuple[int, Cell]]:
    for column, written in enumerate(record, 1):
        text = trimmed(written)
        if text:
            budget.spend(text)
            yield column, Cell(text)


def _decoded(data: bytes) -> tuple[str, list[Note]]:
    """The text with one kind of line end."""
    notes: list[Note] = []
    try:
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        text = _western(data, error)
        problem = "is no UTF-8; read as Western European (Windows-1252), so look at the accents"
        notes.append(Note(WHOLE, problem))
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise NotImportable(
            f"line {line} holds control characters, so this is no table in a text file",
            "save the table as .xlsx, or as .csv in UTF-8",
        )
    return text, notes


def _western(data: bytes, error: UnicodeDecodeError) -> str:
    if error.encoding.startswith("utf-8"):
        with suppress(UnicodeDecodeError):  # five bytes mean nothing there: the refusal below
            return data.decode("cp1252")
    line = data.count(b"\n", 0, error.start) + 1
    remedy = "save the file as .csv in UTF-8, or as .xlsx"
    raise NotImportable(f"line {line} is neither UTF-8 nor UTF-16", remedy) from error


def _separator(text: str) -> str:
    """What parts headers, or gives most lines the same cells; one column where nothing does."""

    def fitness(separator: str) -> tuple[bool, float, int]:
        records = [record for record in _first(text, separator) if any(record)]
        widths = Counter(len(record) for record in records if len(record) > 1)
        cells = [cell for record in records for cell in record[1:] if cell]
        spaced = sum(cell.startswith(" ") for cell in cells)
        if not widths or spaced > _PROSE * len(cells):
            return False, 0, 0
        best = max(widths, key=lambda width: (widths[width], width))
        headed = any(known(record) >= _HEADERS for record in records if len(record) > 1)
        return headed, widths[best] / len(records), best

    best = max(_SEPARATORS, key=fitness)
    headed, share, _ = fitness(best)
    return best if headed or share >= _LEAST_REGULAR else _ONE_COLUMN


def _first(text: str, separator: str) -> list[list[str]]:
    reader = csv.reader(StringIO(text, newline="\n"), delimiter=separator)
    try:
        return [record[:_WIDEST] for _, record in zip(range(_TRIED), reader, strict=False)]
    except csv.Error:
        return []


def _records(text: str, separator: str) -> tuple[list[tuple[int, list[str]]], int | None]:
    """Each record with its first line, and the line from which quotes are not as they should be."""
    records, line, error = _read(text, separator, strict=True)
    if error is None:
        return records, None
    if "unexpected end" in str(error):
        raise NotImportable(
            f"a quote in the row that begins on line {line} is never closed",
            "close it, or save the table as .xlsx",
        ) from error
    records, line_of_error, error = _read(text, separator, strict=False)
    if error is not None:
        raise NotImportable(
            f"the row that begins on line {line_of_error} cannot be read ({error})",
            "look for a quote that is never closed, or save the table as .xlsx",
        ) from error
    return records, line


def _read(
    text: str, separator: str, *, strict: bool
) -> tuple[list[tuple[int, list[str]]], int, csv.Error | None]:
    """What could be read, the line after it, and what stopped it there."""
    reader = csv.reader(StringIO(text, newline="\n"), delimiter=separator, strict=strict)
    records, line = [], 1
    try:
        for record in reader:
            if record:
                records.append((line, record))
            line = reader.line_num + 1
    except csv.Error as error:
        return records, line, error
    return records, line, None
