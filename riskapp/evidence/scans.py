"""What is known of a file by the virus scanner, and what follows from it. Pure."""

from enum import StrEnum


class Scan(StrEnum):
    """`unscanned` where no scanner is set up: then nothing waits for one."""

    UNSCANNED = "unscanned"
    CLEAN = "clean"
    QUARANTINED = "quarantined"
    INFECTED = "infected"

    @property
    def opens(self) -> bool:
        """Whether such a file may be opened, and counts."""
        return self in OPEN


OPEN = (Scan.UNSCANNED, Scan.CLEAN)
