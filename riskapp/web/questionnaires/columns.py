"""A spreadsheet's column mapping between importer, draft and form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from riskapp.catalogue.importers import foreign
from riskapp.core.errors import FieldRefused

if TYPE_CHECKING:
    from riskapp.catalogue.importers.sheets.importer import Preview, SheetUse, Workbook

SAMPLES = 3
"""So many of a column's first words are shown beside what it is taken for."""

LONGEST_SAMPLE = 80
LONGEST_CELL = 240
ODD = "Choose from what is offered here."

Described = dict[str, Any]


def described(
    seen: "foreign.Seen", corrections: Sequence[str], rows: Sequence["Preview"]
) -> Described:
    """What a draft keeps of a mapping: enough for its page, without reading the file again."""
    sheets = [_sheet(use, _samples(seen.workbook, use)) for use in seen.columns.sheets]
    return {"said": list(corrections), "sheets": sheets, "rows": [_row(row) for row in rows]}


def _sheet(use: "SheetUse", samples: Mapping[int, list[str]]) -> dict[str, Any]:
    columns = [
        {**asdict(one), "letter": one.letter, "samples": samples.get(one.column, [])}
        for one in use.columns
    ]
    return {**asdict(use), "header": written_header(use), "columns": columns}


def _samples(workbook: "Workbook", use: "SheetUse") -> dict[int, list[str]]:
    """The first words of each column below the headers."""
    found: dict[int, list[str]] = {}
    sheet = workbook.sheet(use.sheet)
    for row in sheet.rows if sheet is not None else ():
        for column, words in row.own.items():
            samples = found.setdefault(column, [])
            if row.number > use.header[1] and len(samples) < SAMPLES:
                samples.append(_short(words, LONGEST_SAMPLE))
    return found


def _row(row: "Preview") -> dict[str, Any]:
    cells = [[letter, _short(words, LONGEST_CELL)] for letter, words in row.cells]
    return {**asdict(row), "cells": cells, "text": _short(row.text, LONGEST_CELL)}


def _short(words: str, most: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def written_header(use: "SheetUse") -> str:
    """The rows of the headers, as a person writes them."""
    first, last = use.header
    if not first:
        return "none"
    return str(first) if first == last else f"{first}-{last}"


def corrections(form: Mapping[str, str], shown: Described, data: bytes, name: str) -> list[str]:
    """What a form says differently from what is guessed. Raises FieldRefused, NotImportable.

    `shown` is what the form was made of: where it moves the headers of a sheet, what it says of
    its columns was said of others, and they are guessed anew.
    """
    first = list(_of_sheets(form, foreign.see(data, name).columns.sheets))
    moved = foreign.see(data, name, first).columns
    return [*first, *_of_columns(form, shown["sheets"], moved.sheets)]


def _of_sheets(form: Mapping[str, str], guessed: Sequence["SheetUse"]) -> Iterator[str]:
    for number, use in enumerate(guessed):
        wanted = form.get(f"use-{number}", use.use)
        if wanted != use.use:
            yield f"{use.sheet}!use={wanted}"
        header = form.get(f"header-{number}", written_header(use)).strip() or "none"
        if header != written_header(use):
            yield f"{use.sheet}!header={header}"


def _of_columns(
    form: Mapping[str, str], shown: Sequence[dict[str, Any]], moved: Sequence["SheetUse"]
) -> Iterator[str]:
    from riskapp.catalogue.importers.sheets.importer import FIELDS  # noqa: PLC0415 - takes long

    for number, use in enumerate(moved):
        if written_header(use) != shown[number]["header"]:
            continue
        said: dict[str, str] = {}
        for one in use.columns:
            field = f"column-{number}-{one.letter}"
            said[one.letter] = form.get(field, one.field or "")
            if said[one.letter] not in {"", *FIELDS}:
                raise FieldRefused(field, ODD)
        for field in FIELDS:
            wanted = [letter for letter, is_it in said.items() if is_it == field]
            if wanted != [one.letter for one in use.columns if one.field == field]:
                yield f"{use.sheet}!{field}={','.join(wanted)}"


def typed(shown: Described, form: Mapping[str, str]) -> Described:
    """What is shown of a mapping, with what a refused form says of it."""
    sheets = [
        {
            **sheet,
            "use": form.get(f"use-{number}", sheet["use"]),
            "header": form.get(f"header-{number}", sheet["header"]),
            "columns": [
                {**one, "field": form.get(f"column-{number}-{one['letter']}", one["field"])}
                for one in sheet["columns"]
            ],
        }
        for number, sheet in enumerate(shown.get("sheets", ()))
    ]
    return {**shown, "sheets": sheets}
