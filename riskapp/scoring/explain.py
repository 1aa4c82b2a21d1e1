"""Why a score is what it is, ready to be put into words: "+8.1 because …"."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from riskapp.scoring.constants import FRESH_DAYS, LADDER, Level
from riskapp.scoring.rules import Result, fresh_share
from riskapp.scoring.sheet import Evidence, Item, Sheet, State


class Reason(StrEnum):
    """What keeps an item from its full credit; each names its own repair."""

    MISSING = "missing"
    REJECTED = "rejected"
    NA_UNAPPROVED = "na-unapproved"
    NA_IMPOSSIBLE = "na-impossible"
    HIDDEN = "hidden"
    ANSWER = "answer"
    EVIDENCE_NONE = "evidence-none"
    EVIDENCE_REJECTED = "evidence-rejected"
    EVIDENCE_ERASED = "evidence-erased"
    EVIDENCE_UNDATED = "evidence-undated"
    EVIDENCE_STALE = "evidence-stale"
    EVIDENCE_PROVIDED = "evidence-provided"
    EVIDENCE_REVIEWED = "evidence-reviewed"


_WITHOUT_ANSWER = {
    State.MISSING: Reason.MISSING,
    State.REJECTED: Reason.REJECTED,
    State.NA_CLAIMED: Reason.NA_UNAPPROVED,
    State.NA_APPROVED: Reason.NA_IMPOSSIBLE,
    State.HIDDEN: Reason.HIDDEN,
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The points (0…100, before floors) that one item adds to the residual risk, and why."""

    item: str
    contribution: Fraction
    credit: Fraction
    reasons: tuple[Reason, ...]


def explain(sheet: Sheet, result: Result) -> list[Explanation]:
    """Every item that adds to the residual risk, the heaviest first, equals by id.

    `result` is what `evaluate(sheet)` returned.
    """
    found = [
        Explanation(
            item.id,
            result.contributions[item.id],
            result.item_credit[item.id],
            reasons(item, sheet.as_of),
        )
        for item in sheet.items
        if result.contributions[item.id]
    ]
    return sorted(found, key=lambda entry: (-entry.contribution, entry.item))


def reasons(item: Item, as_of: date) -> tuple[Reason, ...]:
    """All that keeps an item from full credit on that day; nothing where it has it.

    Where the answer is worth nothing, proof would not help and is not named.
    """
    if item.state is not State.ANSWERED:
        whole = item.state is State.HIDDEN and item.credit == 1
        return () if whole or not item.counts else (_WITHOUT_ANSWER[item.state],)
    found = (Reason.ANSWER,) if item.credit < 1 else ()
    return found + (_proof(item.evidence, as_of) if item.credit and item.evidence.asked else ())


def _proof(evidence: Evidence, as_of: date) -> tuple[Reason, ...]:
    if evidence.level is Level.NONE or evidence.level not in LADDER:
        return (Reason(f"evidence-{evidence.level}"),)
    if evidence.issued_on is None:
        return (Reason.EVIDENCE_UNDATED,)
    stale = fresh_share(evidence, as_of) < FRESH_DAYS
    found = (Reason.EVIDENCE_STALE,) if stale else ()
    if evidence.level is Level.INDEPENDENT:
        return found
    return (*found, Reason(f"evidence-{evidence.level}"))
