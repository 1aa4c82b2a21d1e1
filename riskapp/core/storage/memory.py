"""Blobs in memory: for tests and demonstrations; gone with the process."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext

from riskapp.core.storage.port import PIECE_BYTES, BlobExists, BlobMissing, require_name
from riskapp.core.storage.writing import FINISHED, OPEN, OVER, StagedWriter


class MemoryWriter(StagedWriter):
    """A blob on its way into `MemoryBlobs`."""

    def __init__(self, store: "MemoryBlobs", name: str) -> None:
        super().__init__(name, nullcontext)
        self._store = store
        self._data = bytearray()

    def write(self, data: bytes) -> None:
        with self._step(OPEN, OPEN, ""):
            self._data += data

    def finish(self) -> None:
        with self._step(OPEN, FINISHED, ""):
            self._store.unsettled[self._name] = bytes(self._data)

    def settle(self) -> None:
        with self._step(FINISHED, OVER, ""):
            self._store.settled[self._name] = bytes(self._data)
            self._store.unsettled.pop(self._name, None)

    def abort(self) -> None:
        if self._state != OVER:
            self._state = OVER
            self._store.unsettled.pop(self._name, None)


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
