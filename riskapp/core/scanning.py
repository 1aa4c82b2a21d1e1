"""The port to a virus scanner: the plaintext goes past it while it is received, or unsealed again.

A scanner that cannot say "clean" has not said it: whatever keeps it from an answer is `Unscanned`.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Clean:
    """The scanner saw all of it and found nothing."""


@dataclass(frozen=True, slots=True)
class Infected:
    """The scanner found something; `signature` is its name for it."""

    signature: str


@dataclass(frozen=True, slots=True)
class Unscanned:
    """No verdict: the scanner does not answer, or does not take such a file. To be tried again."""

    why: str


Verdict = Clean | Infected | Unscanned


class Scan(Protocol):
    """One file on its way past the scanner. Nothing here raises: a fault becomes the verdict."""

    @property
    def given_up(self) -> bool:
        """Whether no verdict can come any more: what is still written is dropped."""
        ...

    def write(self, data: bytes) -> None:
        """The next piece of the plaintext."""
        ...

    def finish(self) -> Verdict:
        """The end of the file, and what the scanner says of it."""
        ...

    def abort(self) -> None:
        """There is no more to come; does nothing after `finish` or a second time."""
        ...


class Scanner(Protocol):
    """Looks at files. One scan for each file, from any thread."""

    def begin(self, *, patient: bool = False) -> Scan:
        """`patient` where nobody waits for the verdict: a large file may then take its minutes."""
        ...
