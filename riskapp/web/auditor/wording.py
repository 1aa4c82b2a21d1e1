"""How a review reads to somebody who did not take part in it."""

from fractions import Fraction

from riskapp.answers.queries import AnswerRow
from riskapp.reviews.rules import Action
from riskapp.scoring.constants import Level

ACTIONS = {
    Action.ACCEPT: "The answer was accepted",
    Action.REJECT: "The answer was rejected",
    Action.ASK_BACK: "The question was marked to be asked back",
    Action.APPROVE_NA: "That it does not apply was approved",
    Action.REFUSE_NA: "That it does not apply was refused",
    Action.CONFIRM: "The answer was confirmed",
    Action.COMPENSATE: "A compensating control was credited",
    Action.EVIDENCE_REVIEWED: "The evidence was reviewed",
    Action.EVIDENCE_INDEPENDENT: "The evidence was taken as independent proof",
    Action.EVIDENCE_REJECTED: "The evidence was rejected",
    Action.UNDO: "The action before was undone",
}

LEVELS = {
    Level.PROVIDED: "Provided, not reviewed",
    Level.REVIEWED: "Reviewed",
    Level.INDEPENDENT: "Independent proof",
    Level.REJECTED: "Rejected",
    Level.ERASED: "Erased",
}


def standing(answer: AnswerRow) -> list[str]:
    """Where the review of an answer stands, a few words for each thing that holds."""
    words = []
    if answer.standing != "open":
        words.append(answer.standing.capitalize())
    if answer.na_reason is not None:
        words.append(_not_applicable(answer))
    if answer.confirmed:
        words.append("Confirmed by an officer")
    if answer.compensating is not None:
        share = Fraction(answer.compensating)
        words.append(f"Compensating control, credit {float(share):g}")
    if answer.asked_back:
        words.append("Asked back")
    return words or ["Not reviewed"]


def _not_applicable(answer: AnswerRow) -> str:
    if answer.na_refused:
        return "Claim that it does not apply: refused"
    count = len(answer.na_approvals)
    if count == 0:
        return "Claim that it does not apply: open"
    return f"Claim that it does not apply: approved by {count} officer{'s' if count > 1 else ''}"
