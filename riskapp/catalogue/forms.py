"""From the fields of a web form to an answer."""

import re
from collections.abc import Mapping, Sequence

from riskapp.catalogue.model import Countries, Maturity, Multiple, Question, Table
from riskapp.catalogue.values import NOTHING, VALUE, Value, canonical_rows, canonical_value, refuse
from riskapp.core.sentences import Sentence

NONE_OF_THESE = "none-of-these"
"""The tick under a list of options that says that none of them is meant."""

_CELL = re.compile(r"row-([0-9]{1,4})-(.+)", re.DOTALL)

Fields = Mapping[str, Sequence[str]]


def read_form(question: Question, fields: Fields) -> Value | None:
    """The canonical answer in a form's fields, or None where nothing was answered.

    The fields of one question are `value` (several times for several options or countries),
    `none-of-these` beside options, and for a table `row-<number>-<column id>` and
    `nothing-to-list`. Fields of any other name are not looked at. Raises AnswerRefused.
    """
    if isinstance(question.answer, Table):
        return _table(question, fields)
    given = [text.strip() for text in fields.get(VALUE, ())]
    given = [text for text in given if text]
    if isinstance(question.answer, Multiple) and NONE_OF_THESE in fields:
        if given:
            both = Sentence("Some are chosen and none is too; take one of the two back.")
            refuse(question, both)
        return []
    if not given:
        return None
    if isinstance(question.answer, Multiple | Countries):
        return canonical_value(question, given)
    if len(set(given)) > 1:
        refuse(question, Sentence("There are two answers; choose one."))
    if isinstance(question.answer, Maturity) and re.fullmatch("[0-9]", given[0]):
        return canonical_value(question, int(given[0]))
    return canonical_value(question, given[0])


def _table(question: Question, fields: Fields) -> Value | None:
    rows: dict[int, dict[str, str]] = {}
    for name, texts in fields.items():
        cell = _CELL.fullmatch(name)
        text = next((text.strip() for text in texts if text.strip()), None)
        if cell is not None and text is not None:
            rows.setdefault(int(cell[1]), {})[cell[2]] = text
    if NOTHING in fields:
        if rows:
            problem = Sentence(
                "Rows are filled in although there is nothing to list; take one of the two back."
            )
            refuse(question, problem, NOTHING)
        return canonical_rows(question, [])
    return canonical_rows(question, sorted(rows.items())) if rows else None
