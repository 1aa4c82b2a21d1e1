"""What a vendor of some strength answers to a question for which no answer is written out."""

import zlib
from collections.abc import Sequence
from typing import Any

from riskapp.answers.service import Given, checked
from riskapp.catalogue.model import (
    Choice,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Question,
    Release,
    Table,
    Text,
    YesNo,
    YesPartlyNo,
)
from riskapp.cli.portfolio.plot import Replies, Strength
from riskapp.submissions.queries import asked_questions

SOMETIMES = {Strength.STRONG: 7, Strength.MIDDLING: 3, Strength.WEAK: 2}
"""One question in so many is answered a step below the best; the weak begin a step lower."""


def planned(
    sent: Sequence[Release], facts: dict[str, Any], replies: Replies
) -> list[tuple[Question, Given]]:
    """Everything that the vendor is asked, given what it says, in the order of the pages."""
    said: dict[str, Given] = {}
    while True:
        values = {name: one.value for name, one in said.items() if one.value is not None}
        asked = [question for _, _, question in asked_questions(sent, facts, values)]
        more = [question for question in asked if question.id not in said]
        if not more:
            return [(question, said[question.id]) for question in asked]
        for question in more:
            written = replies.written.get(question.id)
            said[question.id] = checked(
                question, written or Given(_value(question, replies.strength))
            )


def _value(question: Question, strength: Strength) -> Any:  # noqa: ANN401 - JSON
    down = _down(question.id, strength)
    match question.answer:
        case YesNo(good=good):
            return good
        case YesPartlyNo():
            return ("yes", "partly", "no")[min(down, 2)]
        case Choice(options=options):
            best = sorted(options, key=lambda option: option.credit or 0, reverse=True)
            return best[min(down, max(0, len(best) - 2))].id  # never the worst: that is written out
        case Multiple(options=options):
            return [option.id for option in options[: max(1, len(options) - down)]]
        case Maturity():
            return 4 - down
    return _unscored(question)


def _unscored(question: Question) -> Any:  # noqa: ANN401 - JSON
    """A plain answer to what has no better and worse; tables are written out or empty."""
    match question.answer:
        case Number(bands=bands):
            limits = [band.at_most for band in bands if band.at_most is not None]
            return str(limits[0] if limits else 1)
        case Date():
            return "2027-06-30"
        case Text():
            return "As described in the contract."
        case Countries():
            return ["DE"]
        case Table(min_rows=0):
            return []
    raise TypeError(f"{question.id} needs an answer that is written out")


def _down(question_id: str, strength: Strength) -> int:
    """How many steps below the best; always the same for a question."""
    less = zlib.crc32(question_id.encode()) % SOMETIMES[strength] == 0
    return (1 if strength is Strength.WEAK else 0) + (1 if less else 0)
