"""The states of an assessment, and which questionnaires an engagement calls for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where an assessment stands; the values are what the command line prints."""

    DRAFT = "draft"
    ISSUED = "issued"
    IN_PROGRESS = "in-progress"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    DECIDED = "decided"
    CANCELLED = "cancelled"


_NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ISSUED, State.CANCELLED}),
    State.ISSUED: frozenset({State.IN_PROGRESS, State.CANCELLED}),
    State.IN_PROGRESS: frozenset({State.SUBMITTED, State.CANCELLED}),
    State.SUBMITTED: frozenset({State.IN_REVIEW, State.RETURNED, State.DECIDED, State.CANCELLED}),
    State.IN_REVIEW: frozenset({State.RETURNED, State.DECIDED, State.CANCELLED}),
    State.RETURNED: frozenset({State.SUBMITTED, State.CANCELLED}),
    State.DECIDED: frozenset(),
    State.CANCELLED: frozenset(),
}

WITH_VENDOR = frozenset({State.ISSUED, State.IN_PROGRESS, State.RETURNED})
"""The link is open: the vendor can answer, or start to."""

ANSWERABLE = frozenset({State.IN_PROGRESS, State.RETURNED})
REVIEWABLE = frozenset({State.SUBMITTED, State.IN_REVIEW})
ENDED = frozenset({State.DECIDED, State.CANCELLED})


def can_move(current: State, to: State) -> bool:
    return to in _NEXT[current]


@dataclass(frozen=True, slots=True)
class Called:
    """A questionnaire that an engagement calls for, and why, in words."""

    questionnaire: str
    why: str


MINIMUM = "mvsp"
SECURITY = "iso-27001"
ACCESS = "access-control"
CONTINUITY = "exit-continuity"
DATA_PROTECTION = "gdpr-processor"
OPERATIONS = "operations"

_BRINGS: dict[str, tuple[str, ...]] = {
    "development": (ACCESS, CONTINUITY, OPERATIONS),
    "staff-augmentation": (ACCESS, CONTINUITY, OPERATIONS),
    "qa": (ACCESS, OPERATIONS),
    "infrastructure": (ACCESS, CONTINUITY, OPERATIONS),
    "soc": (ACCESS, OPERATIONS),
    "helpdesk": (ACCESS, OPERATIONS),
    "saas": (CONTINUITY, OPERATIONS),
    "consulting": (CONTINUITY, OPERATIONS),
}


def called_for(facts: Mapping[str, Any]) -> list[Called]:
    """The questionnaires for these facts, each once, with the first reason that calls for it."""
    tier = facts["inherent"]
    found: dict[str, str] = {}
    if tier == "low":
        found[MINIMUM] = "Inherent risk is low: the short minimum is enough."
    else:
        found[SECURITY] = f"Inherent risk is {tier}."
    if tier in {"high", "critical"}:
        found[ACCESS] = f"Inherent risk is {tier}."
    if facts["personal_data"] == "yes":
        found[DATA_PROTECTION] = "Personal data is, or may be, touched."
    if tier != "low":
        for service in facts["services"]:
            for questionnaire in _BRINGS.get(service, ()):
                found.setdefault(questionnaire, f"The service includes {service}.")
    if facts["regulated"] == "dora-critical":
        for questionnaire in (OPERATIONS, CONTINUITY):
            found[questionnaire] = "It supports a critical or important function under DORA."
    return [Called(questionnaire, why) for questionnaire, why in found.items()]
