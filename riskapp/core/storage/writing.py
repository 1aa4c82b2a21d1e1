"""What the writer of every store does alike: its states, and that leaving it aborts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

OPEN, FINISHED, FAILED, OVER = "open", "finished", "failed", "over"

Faults = Callable[[str], AbstractContextManager[object]]
"""Turns what a store raises into the port's StoreUnavailable, with these words"""


class StagedWriter:
    """A BlobWriter's order of calls. A step that fails leaves nothing to do but `abort`."""

    def __init__(self, name: str, faults: Faults) -> None:
        self._name = name
        self._faults = faults
        self._state = OPEN

    @property
    def name(self) -> str:
        return self._name

    def abort(self) -> None:
        """Leaves no trace. Does nothing after `settle` or a second time."""
        raise NotImplementedError

    @contextmanager
    def _step(self, before: str, after: str, failure: str) -> Iterator[None]:
        if self._state != before:
            raise RuntimeError(f"blob {self._name} is {self._state}, not {before}")
        self._state = FAILED
        with self._faults(failure):
            yield
        self._state = after

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.abort()
