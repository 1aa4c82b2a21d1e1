"""How long proof is good for, on a day. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SOON = timedelta(days=60)
"""Time enough to ask for a new certificate, and to get it."""


class Standing(StrEnum):
    """`unlimited` where nobody said until when; the last day of validity is still valid."""

    UNLIMITED = "unlimited"
    VALID = "valid"
    SOON = "soon"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Validity:
    """Where a file stands on a day; `days` are left after that day, 0 on the last one."""

    standing: Standing
    days: int = 0

    @property
    def soon(self) -> bool:
        return self.standing is Standing.SOON

    @property
    def expired(self) -> bool:
        return self.standing is Standing.EXPIRED


def validity(valid_until: date | None, today: date) -> Validity:
    """How a file with this last day stands today; once expired, `days` have passed since."""
    if valid_until is None:
        return Validity(Standing.UNLIMITED)
    left = (valid_until - today).days
    if left < 0:
        return Validity(Standing.EXPIRED, -left)
    return Validity(Standing.SOON if left <= SOON.days else Standing.VALID, left)
