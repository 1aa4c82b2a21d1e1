"""Where the answers of an assessment say that data is, and who has it there. Pure.

Nothing here knows a questionnaire: what is read are the transfer register, the questions that are
looked up in it, and the table beside them that names the vendor's owner.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from riskapp.catalogue.model import Column, Question, Release, Table
from riskapp.scoring.adequacy import AdequacyTable
from riskapp.scoring.basis import Basis, BasisItem
from riskapp.scoring.sheet import State
from riskapp.scoring.transfers import Safeguard

SERVICE = "service"
"""The column of a table of sub-processors that says what they do."""


class Role(StrEnum):
    """What an answer says of a country; `delivered` and `seat` are the officer's own words."""

    TRANSFERRED = "transferred"
    STORED = "stored"
    REACHED = "reached"
    NAMED = "named"
    SUB_PROCESSOR = "sub-processor"
    OWNER = "owner"
    DELIVERED = "delivered"
    SEAT = "seat"


_ASKED_FOR = (
    (Role.STORED, re.compile(r"\b(stor|back.?up|host|kept)", re.IGNORECASE)),
    (Role.REACHED, re.compile(r"\b(reach|access|support|administ)", re.IGNORECASE)),
)
"""What a question for a list of countries asks for, by its words; the first that fits."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A country that somebody names, with what they say of it.

    `country` an ISO code, empty where none was given; `who` empty for the vendor itself;
    `safeguard` only where a row of the register names one; `cells` title and words of what else
    the row says.
    """

    role: Role
    country: str
    question: str = ""
    what: str = ""
    who: str = ""
    safeguard: Safeguard | None = None
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A question that tells places, and how its answer counts.

    `empty` where the vendor said that there is nothing to list; `believed` whether what it
    mentions decides a credit.
    """

    question: Question
    role: Role
    state: State
    mentions: tuple[Mention, ...]
    empty: bool
    believed: bool


def sources(
    releases: Sequence[Release],
    values: Mapping[str, Any],
    basis: Basis,
    adequacy: AdequacyTable,
) -> tuple[Source, ...]:
    """Every question asked about places, in the order of the releases.

    `values` are the answers by question id as they were scored. What is not asked for now says
    nothing, whatever was answered before.
    """
    items = {item.id: item for item in basis.items}
    found = []
    for release in releases:
        registers = {one.domain for one in release.questions.values() if one.transfers is not None}
        for question in release.questions.values():
            role = _role(question, registers)
            item = items.get(question.id)
            if role is not None and item is not None:
                found.append(_source(question, role, item, values.get(question.id), adequacy))
    return tuple(found)


def _role(question: Question, registers: set[str | None]) -> Role | None:
    """What a question tells of places; None where it tells nothing."""
    if question.transfers is not None:
        return Role.TRANSFERRED
    if isinstance(question.answer, Table):
        if question.transfers_via is not None and question.country is not None:
            return Role.SUB_PROCESSOR
        single = question.answer.max_rows == 1 and _first(question.answer, "country") is not None
        return Role.OWNER if single and question.domain in registers else None
    if question.transfers_via is None:
        return None
    fitting = (role for role, words in _ASKED_FOR if words.search(question.text))
    return next(fitting, Role.NAMED)


def _source(
    question: Question,
    role: Role,
    item: BasisItem,
    value: Any,  # noqa: ANN401 - JSON
    adequacy: AdequacyTable,
) -> Source:
    told = item.state in (State.ANSWERED, State.REJECTED) and isinstance(value, list)
    return Source(
        question=question,
        role=role,
        state=item.state,
        mentions=tuple(_mentions(question, role, value, adequacy)) if told else (),
        empty=value == [],
        believed=bool(item.transfers) if question.by_transfers else item.state is State.ANSWERED,
    )


def _mentions(
    question: Question,
    role: Role,
    value: Sequence[Any],
    adequacy: AdequacyTable,
) -> Iterator[Mention]:
    if not isinstance(question.answer, Table):
        for code in value:
            yield Mention(role, adequacy.country(code), question.id)
        return
    table = question.answer
    country = _country(question, table)
    allowing = question.transfers.safeguard if question.transfers is not None else ""
    who = _first(table, "text")
    activity = next((one for one in table.columns if one.options and one.id != allowing), None)
    doing = next((one for one in table.columns if one.id == SERVICE), None) or activity
    shown = {country, allowing, who and who.id, doing and doing.id}
    for row in value:
        cells = ((one.title, _cell(one, row)) for one in table.columns if one.id not in shown)
        yield Mention(
            role=role,
            country=adequacy.country(row.get(country)),
            question=question.id,
            what=_cell(doing, row),
            who=_cell(who, row),
            safeguard=_safeguard(row.get(allowing)) if allowing else None,
            cells=tuple((title, words) for title, words in cells if words),
        )


def _country(question: Question, table: Table) -> str:
    if question.transfers is not None:
        return question.transfers.country
    first = _first(table, "country")
    return question.country or (first.id if first else "")


def _first(table: Table, kind: str) -> Column | None:
    return next((column for column in table.columns if column.type == kind), None)


def _cell(column: Column | None, row: Mapping[str, str]) -> str:
    """A cell in words; nothing for a column that is not there."""
    value = "" if column is None else row.get(column.id) or ""
    options = () if column is None else column.options
    return next((option.text for option in options if option.id == value), value)


def _safeguard(value: str | None) -> Safeguard:
    return Safeguard.NONE if value is None else Safeguard(value)
