"""Guesses which sheets hold questions, where their headers are, and what each column is."""

from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass, replace

from riskapp.catalogue.importers.sheets.columns import columns_of
from riskapp.catalogue.importers.sheets.grid import Sheet, Workbook
from riskapp.catalogue.importers.sheets.headers import meanings
from riskapp.catalogue.importers.sheets.mapping import Mapping, SheetUse, header_rows, parsed
from riskapp.catalogue.importers.sheets.rows import Asked, joined
from riskapp.catalogue.importers.sheets.top import headers_of
from riskapp.catalogue.importers.sheets.walk import details, walk

_REPEATS = 0.5
"""Share of questions that a sheet has in common with others, from which it only repeats them."""

_LOOKED_AT = 10_000
"""Rows by which a sheet is judged; more are no questionnaire."""

_FEWEST = 2
"""Rows without headers or question marks that are taken for a list of requirements."""

_ADDS = ("weight", "good", "inverted", "why", "guidance", "evidence", "mapping")


@dataclass(frozen=True, slots=True)
class _Found:
    """A sheet with what its columns may be. `sure`: a header says which are the questions."""

    sheet: Sheet
    use: SheetUse
    asked: Sequence[Asked]
    sure: bool

    @property
    def texts(self) -> set[str]:
        return {" ".join(one.text.casefold().split()) for one in self.asked}

    @property
    def ids(self) -> set[str]:
        """Its ids, but for mere numbers, which many sheets have in common."""
        told = self.asked or details(self.sheet, self.use)
        return {one.id.casefold() for one in told if not one.id.isdecimal()} - {""}

    @property
    def adds(self) -> list[str]:
        return [field for field in _ADDS if self.use.all(field)]


def guess(workbook: Workbook, corrections: Sequence[str] = ()) -> Mapping:
    """What each sheet and column seems to be, with what a person says differently.

    Corrections are those of `Mapping.corrected`. Where they move the headers of a sheet, its
    columns are guessed anew from there. Raises NotImportable naming the field.
    """
    mapping = _guessed(workbook, {})
    moved = {
        use.sheet: header_rows(use.last_row, one)
        for one in parsed(corrections)
        if one.key == "header"
        for use in mapping.meant(one)
    }
    return (_guessed(workbook, moved) if moved else mapping).corrected(*corrections)


def _guessed(workbook: Workbook, headers: abc.Mapping[str, tuple[int, int]]) -> Mapping:
    found = [_found(sheet, headers.get(sheet.name)) for sheet in workbook.sheets]
    sure = any(one.sure for one in found if not one.sheet.hidden)
    chosen: list[_Found] = []
    uses = []
    for one in found:
        use, reason = _use(one, chosen, sure=sure)
        uses.append(replace(one.use, use=use, reason=reason))
        if use == "questions":
            chosen.append(one)
    return Mapping(tuple(uses))


def _found(sheet: Sheet, header: tuple[int, int] | None) -> _Found:
    header = headers_of(sheet) if header is None else header
    last = max((row.number for row in sheet.rows), default=0)
    columns = columns_of(sheet, header)
    use = SheetUse(sheet.name, "nothing", "", header, last, columns, sheet.hidden)
    place = use.one("question")
    seen = replace(sheet, rows=sheet.rows[:_LOOKED_AT])
    asked = joined(list(walk(seen, use))) if place else []
    said = [one for part in use.header_of(place or 0).split(" / ") for one in meanings(part)]
    sure = any(one.field == "question" and one.strength > 1 for one in said)
    return _Found(sheet, use, asked, sure or (bool(header[0]) and use.one("id") is not None))


def _use(one: _Found, chosen: Sequence[_Found], *, sure: bool) -> tuple[str, str]:
    """What a sheet is used for, and a sentence why."""
    texts = {text for other in chosen for text in other.texts}
    ids = {name for other in chosen for name in other.ids}
    known = one.ids & ids
    if not one.asked and not one.sheet.hidden and one.adds and len(known) > len(one.ids) / 2:
        return "details", f"It has {len(known)} ids of sheets before it, and {_and(one.adds)}."
    against = _against(one, chosen, sure=sure)
    if against:
        return "nothing", against
    same = len(one.texts & texts)
    if same < _REPEATS * len(one.texts):
        return "questions", f"{len(one.asked)} rows of it look like questions."
    if one.adds and any(asked.id for asked in one.asked):
        adds = _and(one.adds)
        return "details", f"It repeats {same} questions of sheets before it, and adds {adds}."
    return "nothing", f"It repeats {same} questions of sheets before it."


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _against(one: _Found, chosen: Sequence[_Found], *, sure: bool) -> str:
    """Why a sheet is not to be imported; empty where nothing speaks against it."""
    if one.sheet.hidden:
        holds = f"; it seems to hold {len(one.asked)} questions" if one.asked and one.sure else ""
        return f"The sheet is hidden{holds}."
    if not one.asked:
        return "No questions were found on it."
    if sure and not one.sure:
        return "No header on it says which are the questions, as one does on other sheets."
    asks = any(asked.text.endswith("?") for asked in one.asked)
    if not one.use.header[0] and not asks and (chosen or len(one.asked) < _FEWEST):
        return "It has no headers, and nothing on it is put as a question."
    return ""
