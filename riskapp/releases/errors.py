from collections.abc import Sequence

from riskapp.catalogue.errors import Fault
from riskapp.core.errors import Refusal


class UnknownRelease(Refusal):
    """No release of this name is here; `known` are those that are."""

    def __init__(self, written: str, known: Sequence[str]) -> None:
        super().__init__(
            f"There is no release {written} here to be sent. There are: {', '.join(known)}."
        )
        self.written = written
        self.known = known


class NotPublishable(Refusal):
    """A questionnaire that has faults, or whose id, number or questions are taken."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


class StandingUnchanged(Refusal):
    """A release that is retired already, or one that is offered already."""


class BroughtAlready(Refusal):
    """The same import was kept before: the form was sent twice."""

    def __init__(self, draft_id: str) -> None:
        super().__init__(draft_id)
        self.draft_id = draft_id


class DraftChanged(Refusal):
    """A draft is not as it was looked at: somebody has corrected it meanwhile."""
