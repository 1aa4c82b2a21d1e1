"""Blobs in memory: for tests and demonstrations; gone with the process."""

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from riskapp.core.storage.port import PIECE_BYTES, BlobExists, BlobMissing, require_name


class MemoryWriter:
    """A blob on its way into `MemoryBlobs`."""

    def __init__(self, store: "MemoryBlobs", name: str) -> None:
        self._store = store
        self._name = name
        self._data = bytearray()
        self._state = "open"

    @property
    def name(self) -> str:
        return self._name

    def write(self, data: bytes) -> None:
        self._require("open")
        self._data += data

    def finish(self) -> None:
        self._require("open")
        self._state = "finished"
        self._store.unsettled[self._name] = bytes(self._data)

    def settle(self) -> None:
        self._require("finished")
        self._state = "over"
        self._store.settled[self._name] = bytes(self._data)
        self._store.unsettled.pop(self._name, None)

    def abort(self) -> None:
        if self._state != "over":
            self._state = "over"
            self._store.unsettled.pop(self._name, None)

    def _require(self, state: str) -> None:
        if self._state != state:
            raise RuntimeError(f"blob {self._name} is {self._state}, not {state}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.abort()


class MemoryBlobs:
    """A BlobStore in two dictionaries.

    `unsettled` holds None for a blob that is still being written.
    """

    def __init__(self) -> None:
        self.settled: dict[str, bytes] = {}
        self.unsettled: dict[str, bytes | None] = {}

    def create(self, name: str) -> MemoryWriter:
        require_name(name)
        if name in self.settled or name in self.unsettled:
            raise BlobExists(name)
        self.unsettled[name] = None
        return MemoryWriter(self, name)

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        data = self._find(name)[start : None if length is None else start + length]
        return (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))

    def size(self, name: str) -> int:
        return len(self._find(name))

    def delete(self, name: str) -> None:
        self._find(name)
        self.settled.pop(name, None)
        self.unsettled.pop(name, None)

    def names(self) -> Iterator[str]:
        return iter(tuple(self.settled))

    def leftovers(self) -> Iterator[str]:
        """None: writers die with this process."""
        return iter(())

    def sweep(self, known: Callable[[str], bool]) -> list[str]:  # noqa: ARG002 - the port's name
        """Nothing to do: writers die with this process, and so does what they wrote."""
        return []

    def _find(self, name: str) -> bytes:
        require_name(name)
        data = self.unsettled.get(name, self.settled.get(name))
        if data is None:
            raise BlobMissing(name)
        return data
