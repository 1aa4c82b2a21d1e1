"""What is not the same in how a question is answered, and in what its answers are worth."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from riskapp.catalogue.changes import (
    Change,
    Kind,
    Trait,
    of_traits,
    quoted,
    worth,
    yes_or_no,
)
from riskapp.catalogue.model import (
    Band,
    Choice,
    Column,
    Maturity,
    Multiple,
    Number,
    Option,
    Spec,
    Table,
    YesNo,
)

_NO_LIMIT = "no limit"

Part = TypeVar("Part", Option, Column)

KINDS: Mapping[str, str] = {
    "yes_no": "yes or no",
    "yes_partly_no": "yes, partly or no",
    "choice": "one of",
    "multiple": "any of",
    "maturity": "a level of maturity",
    "number": "a number",
    "date": "a day",
    "text": "words",
    "countries": "countries",
    "table": "a table of",
}


def in_words(spec: Spec) -> str:
    """What is answered, for whoever compares: one of “Yes” (yes, worth 1), “No” (no, worth 0)."""
    kind = KINDS[spec.type]
    match spec:
        case Choice(options=options) | Multiple(options=options):
            return f"{kind} {', '.join(map(_option, options))}"
        case YesNo(good="no"):
            return f"{kind}, of which no is the good answer"
        case Number(unit=unit, bands=bands):
            measured = f" of {unit}" if unit else ""
            return f"{kind}{measured}" + (f": {_bands(bands)}" if bands else "")
        case Table(columns=columns):
            return f"{kind} {', '.join(map(_column, columns))}"
    return kind


def _option(option: Option) -> str:
    said = [option.id]
    said += [f"worth {worth(option.credit)}"] if option.credit is not None else []
    said += [f"value {worth(option.value)}"] if option.value is not None else []
    return f"{quoted(option.text)} ({', '.join(said)})"


def _column(column: Column) -> str:
    options = f" {', '.join(map(_option, column.options))}" if column.options else ""
    return f"{quoted(column.title)} ({column.id}, {column.type}{options})"


def _bands(bands: Sequence[Band]) -> str:
    return ", ".join(f"{_range(band)} is worth {worth(band.worth)}" for band in bands)


def _range(band: Band) -> str:
    if band.at_most is not None:
        return f"at most {band.at_most}"
    return "all else" if band.at_least is None else f"at least {band.at_least}"


TRAITS: Mapping[str, Trait] = {
    "good": Trait(Kind.REWEIGHTED, "the good answer"),
    "unit": Trait(Kind.ANSWER, "unit"),
    "min": Trait(Kind.ANSWER, "at least"),
    "max": Trait(Kind.ANSWER, "at most", without=_NO_LIMIT),
    "decimals": Trait(Kind.ANSWER, "decimal places"),
    "bands": Trait(Kind.REWEIGHTED, "what numbers are worth", _bands),
    "after": Trait(Kind.ANSWER, "first day", without=_NO_LIMIT),
    "before": Trait(Kind.ANSWER, "last day", without=_NO_LIMIT),
    "max_length": Trait(Kind.ANSWER, "most characters"),
    "multiline": Trait(Kind.ANSWER, "several lines", yes_or_no),
    "min_rows": Trait(Kind.ANSWER, "fewest rows"),
    "max_rows": Trait(Kind.ANSWER, "most rows"),
    "empty_means": Trait(Kind.REWORDED, "tick for an empty table", quoted),
}
"""The single values of all kinds of answer; options, levels and columns are compared one by one."""

OPTION_TRAITS: Mapping[str, Trait] = {
    "text": Trait(Kind.REWORDED, "words", quoted),
    "credit": Trait(Kind.REWEIGHTED, "worth", worth),
    "value": Trait(Kind.REWEIGHTED, "value", worth),
}

COLUMN_TRAITS: Mapping[str, Trait] = {
    "title": Trait(Kind.REWORDED, "title", quoted),
    "type": Trait(Kind.ANSWER, "type"),
    "required": Trait(Kind.ANSWER, "required", yes_or_no),
    "max_length": Trait(Kind.ANSWER, "most characters"),
}


def answer_changes(old: Spec, new: Spec) -> Iterator[Change]:
    """What differs between two forms of the answer to one question."""
    if old.type != new.type:
        yield Change(Kind.ANSWER, "answer", in_words(old), in_words(new))
        return
    there = {name: trait for name, trait in TRAITS.items() if name in type(new).model_fields}
    yield from of_traits(there, old, new)
    match old, new:
        case (Choice(), Choice()):
            yield from _parts(old.options, new.options, "option", _option, OPTION_TRAITS)
        case (Multiple(), Multiple()):
            yield from _parts(old.options, new.options, "option", _option, OPTION_TRAITS)
        case Maturity(), Maturity():
            yield from _levels(old.levels, new.levels)
        case Table(), Table():
            yield from _columns(old.columns, new.columns)


def _levels(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    for level, (before, after) in enumerate(zip(old, new, strict=True)):
        if before != after:
            yield Change(Kind.REWORDED, f"level {level}", quoted(before), quoted(after))


def _columns(old: Sequence[Column], new: Sequence[Column]) -> Iterator[Change]:
    yield from _parts(old, new, "column", _column, COLUMN_TRAITS)
    before = {column.id: column for column in old}
    for column in new:
        if column.id in before:
            options = before[column.id].options
            what = f"{column.id} option"
            yield from _parts(options, column.options, what, _option, OPTION_TRAITS)


def _parts(
    old: Sequence[Part],
    new: Sequence[Part],
    what: str,
    say: Callable[[Part], str],
    traits: Mapping[str, Trait],
) -> Iterator[Change]:
    """Options or columns: which went, which came, what differs in the others, and their order."""
    before, after = ({part.id: part for part in parts} for parts in (old, new))
    yield from (Change(Kind.ANSWER, what, say(part), None) for part in old if part.id not in after)
    yield from (Change(Kind.ANSWER, what, None, say(part)) for part in new if part.id not in before)
    for name, part in after.items():
        if name in before:
            for change in of_traits(traits, before[name], part):
                yield replace(change, what=f"{change.what} of {what} {name}")
    orders = [
        [name for name in before if name in after],
        [name for name in after if name in before],
    ]
    if orders[0] != orders[1]:
        first, second = (", ".join(order) for order in orders)
        yield Change(Kind.ANSWER, f"order of {what}s", first, second)
