"""What rows of a sheet turn out to be: questions, sections, or none of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

QUESTION, SECTION, MORE, HEADER, LEFT_OUT = "question", "section", "more", "header", "left out"

LONGEST_TITLE = 150
LONGEST_READ = 8_000
"""Characters of a text that are looked at; the format has room for a quarter of them."""

TEXTS = ("why", "guidance", "options", "weight", "good", "inverted", "evidence")
"""The fields that are one text of a question each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the file has it. `listed` are the choices that its answer cell offers.

    `columns` are the headers of columns that are one choice each, with what stands in this row;
    `mappings` are headers of framework columns with the ids in them. `notes` are what the row
    itself makes doubtful.
    """

    sheet: str
    row: int
    where: str
    text: str
    id: str = ""
    section: str = ""
    subsection: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    listed: Sequence[str] = ()
    columns: Sequence[tuple[str, str]] = ()
    mappings: Sequence[tuple[str, str]] = ()
    answered: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row is, why, and its words. `asked` where it is a question, or more of one."""

    row: int
    where: str
    becomes: str
    text: str
    reason: str = ""
    asked: Asked | None = None


def joined(outcomes: Sequence[Outcome]) -> list[Asked]:
    """The questions among them, each with the rows that go on with it."""
    found: list[Asked] = []
    for outcome in outcomes:
        if outcome.becomes == QUESTION and outcome.asked is not None:
            found.append(outcome.asked)
        elif outcome.becomes == MORE and outcome.asked is not None and found:
            found[-1] = _with(found[-1], outcome.asked)
    return found


def _with(first: Asked, more: Asked) -> Asked:
    texts = dict(first.texts)
    for name, text in more.texts.items():
        if text not in texts.get(name, "").split("\n"):
            texts[name] = f"{texts[name]}\n{text}" if name in texts else text
    mappings = [*first.mappings, *(one for one in more.mappings if one not in first.mappings)]
    return replace(first, texts=texts, mappings=mappings, notes=[*first.notes, *more.notes])
