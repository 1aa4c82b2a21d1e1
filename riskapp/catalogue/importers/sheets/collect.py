"""Takes the questions out of all sheets of a file, and tells of everything that is none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from riskapp.catalogue.importers.common import MOST_QUESTIONS, Note, NotImportable
from riskapp.catalogue.importers.sheets.answers import Usage
from riskapp.catalogue.importers.sheets.grid import Sheet, Workbook
from riskapp.catalogue.importers.sheets.mapping import ColumnUse, Mapping, SheetUse
from riskapp.catalogue.importers.sheets.options import meaning, offers_answers
from riskapp.catalogue.importers.sheets.rows import (
    LEFT_OUT,
    QUESTION,
    SECTION,
    TEXTS,
    Asked,
    Outcome,
    joined,
)
from riskapp.catalogue.importers.sheets.walk import details, walk

_GERMAN = re.compile("frage|anforderung|maßnahme|prüf|kriteri", re.IGNORECASE)
_GERMAN_WORDS = "der die das"  # count for German where the questions themselves are few and short
_SHOWN = 90
_MOST_GIVEN = 8
_MOST_WORDS = 500_000
"""Characters of a file's other texts in which a licence is looked for."""


@dataclass(slots=True)
class Collected:
    """Questions in the order of the file.

    `titles` stand above the headers; `others` are all texts that are no questions, `hidden` those
    of hidden sheets; `spoken` is what speaks for a language beside the questions.
    """

    asked: list[Asked] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    usages: dict[str, Usage] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)


def collect(workbook: Workbook, mapping: Mapping) -> Collected:
    """Raises NotImportable where the mapping does not fit the file, or names no questions."""
    found = Collected(notes=list(workbook.notes))
    known: dict[str, Asked] = {}
    for use in mapping.sheets:
        sheet = workbook.sheet(use.sheet)
        if sheet is None:
            problem = f"use: the mapping names a sheet {use.sheet}, which the file has not"
            raise NotImportable(problem, "guess the mapping anew")
        if use.use == "questions":
            _questions(sheet, use, found)
        elif use.use == "details":
            _details(sheet, use, found, known)
        else:
            _nothing(sheet, use, found)
    if not mapping.questions:
        raise NotImportable("question: no sheet was found to hold questions", _remedy(mapping))
    found.asked = list(_once(found.asked, found.notes))
    _add(found, known)
    return found


def _remedy(mapping: Mapping) -> str:
    if len(mapping.sheets) == 1:
        return "say which column holds the questions, as question=C"
    return "say which sheet and column hold the questions, as SHEET!question=C"


def outcomes_of(workbook: Workbook, use: SheetUse) -> list[Outcome]:
    """What each row of a sheet becomes.

    Raises NotImportable where no column is the question, and for more questions than fit.
    """
    sheet = workbook.sheet(use.sheet)
    if sheet is None:
        return []
    if use.one("question") is None:
        known = ", ".join(one.letter for one in use.columns)
        remedy = f"say which of {known} does, as question={use.columns[0].letter}" if known else ""
        problem = f"question: no column of {sheet.where} is said to hold the questions"
        raise NotImportable(problem, remedy or "choose another sheet")
    found, questions = [], 0
    for outcome in walk(sheet, use):
        found.append(outcome)
        questions += outcome.becomes == QUESTION
        if questions > MOST_QUESTIONS:
            problem = f"{sheet.where} has more than {MOST_QUESTIONS} questions"
            raise NotImportable(problem, "split it and import the parts")
    return found


def _questions(sheet: Sheet, use: SheetUse, found: Collected) -> None:
    outcomes = outcomes_of(Workbook("", "", "", [sheet]), use)
    asked = joined(outcomes)
    found.asked += asked
    found.notes += sheet.notes if sheet.name else ()
    found.notes += _columns_left(sheet, use)
    found.notes += _formulas(sheet, use)
    found.usages[sheet.name] = _usage(asked)
    if _given(asked):
        column = use.header_of(use.one("answer") or 0)
        found.notes.append(Note(sheet.where, f"answers stand in “{column}”; not imported"))
    for one in outcomes:
        if one.becomes == SECTION and one.reason:
            found.notes.append(Note(one.where, f"“{one.text}” {one.reason}"))
        if one.becomes == LEFT_OUT:
            text = one.text if len(one.text) <= _SHOWN else f"{one.text[:_SHOWN]}…"
            found.notes.append(Note(one.where, f"{one.reason}; not imported: “{text}”"))
            found.others.append(one.text)
            if one.row < use.header[0]:
                found.titles.append(one.text)
    if _GERMAN.search(use.header_of(use.one("question") or 0)):
        found.spoken.append(_GERMAN_WORDS)
    headers = (one.header for one in use.columns if one.field != "mapping")
    found.others += [sheet.name, *headers]


def _given(asked: Sequence[Asked]) -> set[str]:
    """The answers that stand in the file, but for lists of what may be answered."""
    return {one.answered for one in asked if one.answered and not offers_answers(one.answered)}


def _usage(asked: Sequence[Asked]) -> Usage:
    given = _given(asked)
    means = {meaning(one) for one in given}
    known = means <= {"yes", "partly", "no", "na"} and bool(means & {"yes", "no"})
    usual = ["yes", *(["partly"] if "partly" in means else []), "no"]
    return Usage(
        any(one.listed for one in asked), usual if known and len(given) <= _MOST_GIVEN else ()
    )


def _columns_left(sheet: Sheet, use: SheetUse) -> Iterator[Note]:
    """One note for each column that holds something and is nothing."""
    below = [row for row in sheet.rows if row.number > use.header[1]]
    for one in use.columns:
        if one.field is None and (one.header or any(row.text(one.column) for row in below)):
            yield Note(_column(sheet, one), f"{_named(one)}not imported. {one.reason}")


def _column(sheet: Sheet, use: ColumnUse) -> str:
    return f"sheet {sheet.name}, column {use.letter}" if sheet.name else f"column {use.letter}"


def _named(use: ColumnUse) -> str:
    return f"“{use.header.replace(chr(10), ' ')}” is " if use.header else "is "


def _formulas(sheet: Sheet, use: SheetUse) -> Iterator[Note]:
    used = {one.column for one in use.columns if one.field is not None}
    many = sum(
        cell.formula and bool(cell.text) and cell.origin is None
        for row in sheet.visible
        for column, cell in row.cells.items()
        if column in used
    )
    if many:
        problem = f"{many} cells are formulas; the values that were last computed are used"
        yield Note(sheet.where, problem)


def _nothing(sheet: Sheet, use: SheetUse, found: Collected) -> None:
    rows = sum(bool(row.own) for row in sheet.rows)
    problem = f"not imported ({rows} rows). {use.reason}" if rows else "is empty"
    found.notes.append(Note(sheet.where, problem))
    found.others.append(sheet.name)
    texts = found.hidden if sheet.hidden else found.others
    left = _MOST_WORDS
    for row in sheet.rows:
        for text in row.own.values():
            left -= len(text)
            if left > 0:
                texts.append(text)


def _details(sheet: Sheet, use: SheetUse, found: Collected, known: dict[str, Asked]) -> None:
    if use.one("id") is None:
        problem = f"id: no column of {sheet.where} is said to hold the ids by which it adds"
        raise NotImportable(problem, "say which does, as id=A")
    found.notes.append(Note(sheet.where, f"only adds to questions by their ids. {use.reason}"))
    found.notes += _columns_left(sheet, use)
    found.others.append(sheet.name)
    for one in details(sheet, use):
        first = known.setdefault(one.id.casefold(), one)
        if first is not one:
            problem = f"the id {one.id} stood at {first.where}; adds nothing"
            found.notes.append(Note(one.where, problem))


def _once(asked: Sequence[Asked], notes: list[Note]) -> Iterator[Asked]:
    """The questions without those that stand in the file twice, id and words."""
    by_id: dict[str, Asked] = {}
    for one in asked:
        first = by_id.setdefault(one.id.casefold(), one) if one.id else one
        if first is one:
            yield one
        elif first.text == one.text:
            notes.append(Note(one.where, f"stands at {first.where} too ({one.id}); imported once"))
        else:
            problem = f"has the same id {one.id} as {first.where}, with other words; both imported"
            notes.append(Note(one.where, problem))
            yield one


def _add(found: Collected, known: dict[str, Asked]) -> None:
    """Gives questions what other sheets say of their ids, where they have nothing of their own."""
    for at, one in enumerate(found.asked):
        more = known.pop(one.id.casefold(), None) if one.id else None
        if more is not None:
            texts = {name: more.texts[name] for name in TEXTS if name in more.texts}
            mappings = [*one.mappings, *more.mappings]
            notes = [*one.notes, *more.notes]
            found.asked[at] = replace(
                one, texts={**texts, **one.texts}, mappings=mappings, notes=notes
            )
    for left in known.values():
        problem = f"no question has the id {left.id}; adds nothing to any"
        found.notes.append(Note(left.where, problem))
