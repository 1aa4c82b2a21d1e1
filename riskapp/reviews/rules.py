"""The words of a review. Pure."""

from enum import StrEnum


class Action(StrEnum):
    """What a reviewer can do to an answer or a file."""

    ACCEPT = "accept"
    REJECT = "reject"
    ASK_BACK = "ask-back"
    APPROVE_NA = "approve-na"
    REFUSE_NA = "refuse-na"
    CONFIRM = "confirm"
    COMPENSATE = "compensate"
    EVIDENCE_REVIEWED = "evidence-reviewed"
    EVIDENCE_INDEPENDENT = "evidence-independent"
    EVIDENCE_REJECTED = "evidence-rejected"
    UNDO = "undo"


NOTE_REQUIRED = frozenset(
    {
        Action.REJECT,
        Action.ASK_BACK,
        Action.APPROVE_NA,
        Action.REFUSE_NA,
        Action.COMPENSATE,
        Action.EVIDENCE_REJECTED,
        Action.UNDO,
    }
)
"""Actions that need a reason in words."""

DONE = {
    Action.ACCEPT: "accepted",
    Action.REJECT: "rejected",
    Action.ASK_BACK: "to be asked back",
    Action.APPROVE_NA: "not applicable, approved",
    Action.REFUSE_NA: "not applicable, refused",
    Action.CONFIRM: "confirmed",
    Action.COMPENSATE: "compensating control credited",
    Action.EVIDENCE_REVIEWED: "evidence reviewed",
    Action.EVIDENCE_INDEPENDENT: "evidence taken as independent",
    Action.EVIDENCE_REJECTED: "evidence rejected",
}
"""What was done, as receipts say why they were made."""

EVIDENCE_LEVEL = {
    Action.EVIDENCE_REVIEWED: "reviewed",
    Action.EVIDENCE_INDEPENDENT: "independent",
    Action.EVIDENCE_REJECTED: "rejected",
}


class Outcome(StrEnum):
    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve-with-conditions"
    REJECT = "reject"
