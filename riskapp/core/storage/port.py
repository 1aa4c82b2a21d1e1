"""The port to stored blobs: sealed bytes under a random name, written once, never overwritten.

A blob and the database row that names it cannot be committed in one step. So a blob is written,
`finish`ed (durable, still unsettled), then the row is committed, then the blob is `settle`d. A
process killed between these leaves an unsettled blob, and `sweep` asks the database what to do.
"""

import re
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol, Self

PIECE_BYTES = 256 * 1024
"""The most that `read` yields at a time"""

_NAME = re.compile(r"[0-9a-f]{32}")


class BlobMissing(Exception):  # noqa: N818 - the words that a log shall show
    """There is no blob of that name, or it was never finished."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no blob {name}.")
        self.name = name


class BlobExists(Exception):  # noqa: N818 - the words that a log shall show
    """That name is taken, by a settled or an unsettled blob. Nothing was written."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a blob {name} already.")
        self.name = name


class StoreUnavailable(Exception):  # noqa: N818 - the words that a log shall show
    """The store failed: full, read-only or broken. `__cause__` has the system's error."""


class BlobWriter(Protocol):
    """One blob on its way in. As a context manager: leaving it without `settle` aborts.

    Calls out of order raise RuntimeError; failures of the store raise StoreUnavailable, after
    which only `abort` is left.
    """

    @property
    def name(self) -> str:
        """The name under which the blob will be read."""
        ...

    def write(self, data: bytes) -> None:
        """Appends. Nobody can read it yet."""
        ...

    def finish(self) -> None:
        """Makes it durable and readable; still unsettled. Commit the row after this."""
        ...

    def settle(self) -> None:
        """Makes it permanent; the statement right after the database's commit.

        If this fails the blob stays as it was, to be settled by a sweep: the row already counts
        on it, so `abort` does nothing from here on.
        """
        ...

    def abort(self) -> None:
        """Leaves no trace. Does nothing after `settle` or a second time."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class BlobStore(Protocol):
    """Blobs by name. A name is 32 hexadecimal digits in lower case; others raise ValueError."""

    def create(self, name: str) -> BlobWriter:
        """A new blob; raises BlobExists, StoreUnavailable."""
        ...

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The content in pieces of at most 256 KiB, also of a finished blob not yet settled.

        Of `length` bytes from `start` on, or as many as there are; only these are read. Raises
        BlobMissing at once, so that no response is begun for nothing.
        """
        ...

    def size(self, name: str) -> int:
        """Bytes of what `read` would yield; raises BlobMissing."""
        ...

    def delete(self, name: str) -> None:
        """Removes what `read` would find; raises BlobMissing."""
        ...

    def names(self) -> Iterator[str]:
        """The settled blobs, in no particular order.

        Unsettled ones are left out: whoever compares names with rows would take an upload that
        is just being committed for an orphan. So is what others put beside them: it is no blob.
        """
        ...

    def leftovers(self) -> Iterator[str]:
        """What a sweep would handle now: unsettled blobs whose writers are surely dead."""
        ...

    def sweep(self, known: Callable[[str], bool]) -> list[str]:
        """Cleans up after killed processes, at any time, from any process; the names it handled.

        For each unsettled blob whose writer is dead: settled if `known(name)` says that its row
        was committed, deleted otherwise. `known` is asked only when the writer is surely dead.
        """
        ...


def is_name(name: str) -> bool:
    """Whether a blob can be called so."""
    return _NAME.fullmatch(name) is not None


def require_name(name: str) -> str:
    """The name itself, if it is one; names become paths, so nothing else may pass."""
    if not is_name(name):
        raise ValueError(f"not a blob's name: {name!r}")
    return name
