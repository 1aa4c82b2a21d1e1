from datetime import datetime

from riskapp.core.errors import Refusal


class UnderHold(Refusal):
    """A legal hold forbids to destroy it. Nothing was changed.

    `evidence_id` is None where all of the vendor is held.
    """

    def __init__(self, reason: str, since: datetime, evidence_id: str | None) -> None:
        super().__init__(f"held since {since.date().isoformat()}")
        self.reason = reason
        self.since = since
        self.evidence_id = evidence_id


class NothingToErase(Refusal):
    """Nothing is left of it: it was erased before, or there never was a file."""


class HoldLifted(Refusal):
    """The hold was lifted before; what lifted it stays as it is."""
