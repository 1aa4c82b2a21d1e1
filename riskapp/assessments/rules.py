"""The states of an assessment, and what can follow on each. Pure."""

from enum import StrEnum


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
