"""Finds the rows in which the headers of a sheet stand: not always the first, not always one."""

from collections.abc import Sequence

from riskapp.catalogue.importers.sheets import options as sheet_options
from riskapp.catalogue.importers.sheets.grid import Row, Sheet
from riskapp.catalogue.importers.sheets.headers import LONGEST_HEADER, Meaning, known, meanings

_ONE_HEADER = 2
"""What one header that is surely known is worth in `known`."""

_SEARCHED = 200
"""Rows in which headers are looked for."""

_SHORT = 50
"""Characters up to which a text may be a header that is not known."""


def headers_of(sheet: Sheet) -> tuple[int, int]:
    """The first and last row of the headers, 0 and 0 where no row looks like headers."""
    rows = sheet.visible[:_SEARCHED]
    best, most = None, 0
    asked = False
    for at, row in enumerate(rows):
        texts = list(row.own.values())
        worth = known(texts)
        if worth > most and (worth > _ONE_HEADER or (_is_question(texts) and not asked)):
            best, most = at, worth
        asked = asked or any(text.endswith("?") for text in texts)
    if best is None:
        return 0, 0
    first = last = best
    while first > 0 and _groups(rows[first - 1], rows[first]):
        first -= 1
    while last + 1 < len(rows) and _below(rows[last + 1], rows[last]):
        last += 1
    return rows[first].number, rows[last].number


def _is_question(texts: Sequence[str]) -> bool:
    """Whether a row has the very header of questions, beside headers that are not known."""
    short = all(len(text) <= _SHORT and not text.endswith(("?", ".")) for text in texts)
    return short and any(Meaning("question", 3) in meanings(text) for text in texts)


def _groups(row: Row, below: Row) -> bool:
    """Whether a row only groups the headers below it: several words, some over several columns."""
    texts = row.own
    if row.number + 1 != below.number or len(texts) < 2:  # noqa: PLR2004 - a title is one
        return False
    shared = any(
        cell.origin is not None and cell.origin[0] == row.number
        for one in (row, below)
        for cell in one.cells.values()
    )
    short = all(len(text) <= LONGEST_HEADER for text in texts.values())
    return shared and short and (known(list(texts.values())) > 0)


def _below(row: Row, above: Row) -> bool:
    """Whether a row goes on with the headers above it: under a shared one, or with choices."""
    texts = row.own
    if row.number != above.number + 1 or not texts:
        return False
    choices = [text for text in texts.values() if sheet_options.meaning(text)]
    if len(choices) >= 2 and len(choices) == len(texts):  # noqa: PLR2004 - yes and no
        return True
    under = [column for column in texts if column in above.cells and _spread(above, column)]
    hanging = any(cell.origin and cell.origin[0] == above.number for cell in row.cells.values())
    short = all(len(text) <= _SHORT and not text.endswith("?") for text in texts.values())
    several = len(choices) >= 2  # noqa: PLR2004 - yes and no
    return (hanging or several) and short and len(under) == len(texts)


def _spread(row: Row, column: int) -> bool:
    """Whether a header covers several columns."""
    origin = row.cells[column].origin or (row.number, column)
    return sum((cell.origin or (row.number, at)) == origin for at, cell in row.cells.items()) > 1


def header_texts(sheet: Sheet, header: tuple[int, int]) -> dict[int, list[str]]:
    """The words over each column, from the top down, each once."""
    found: dict[int, list[str]] = {column: [] for column in sheet.columns}
    for row in sheet.rows:
        if header[0] <= row.number <= header[1]:
            for column, cell in row.cells.items():
                if cell.text and cell.text not in found[column]:
                    found[column].append(cell.text)
    return found
