from collections.abc import Sequence

from riskapp.core.errors import Refusal
from riskapp.submissions.rules import OpenItem


class StillOpen(Refusal):
    """Something required is open; nothing was submitted."""

    def __init__(self, items: Sequence[OpenItem]) -> None:
        super().__init__(f"{len(items)} items are still open")
        self.items = items
