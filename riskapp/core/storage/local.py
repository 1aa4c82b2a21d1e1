"""Blobs in a local folder. The standard library alone, because durability needs fsync.

    root/incoming/<name>    on its way in: mode 0600 while written, 0400 once finished
    root/<aa>/<name>        settled; <aa> are the first two digits of the name

The writer holds `flock` on its file until it settles or aborts. The kernel frees that lock when
the process dies, however it dies, so a sweep knows a dead writer from a slow one. The folder must
be on a local disk: over a network, locks may outlive their owner or not exist.
"""

import fcntl
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from riskapp.core.storage.port import (
    PIECE_BYTES,
    BlobExists,
    BlobMissing,
    StoreUnavailable,
    require_name,
)
from riskapp.core.storage.writing import FINISHED, OPEN, OVER, StagedWriter

_NAMES = "[0-9a-f]" * 32


class LocalFolder:
    """A BlobStore under `root`, which is made (mode 0700) where it is missing."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        with _faults("The evidence folder cannot be made"):
            for folder in (root, self._incoming):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def create(self, name: str) -> "LocalWriter":
        require_name(name)
        path = self._incoming / name
        with _faults("A blob cannot be created"):
            file = self._create_locked(path)
            # Asked only now: whoever settles this name must hold its place in `incoming`.
            if self._settled_path(name).exists():
                path.unlink()
                file.close()
                raise BlobExists(name)
        return LocalWriter(self, file, name)

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        _, size = self._find(name)
        rest = max(0, size - start)
        return self._pieces(name, start, rest if length is None else min(length, rest))

    def size(self, name: str) -> int:
        return self._find(name)[1]

    def delete(self, name: str) -> None:
        path, _ = self._find(name)
        with _faults("A blob cannot be deleted"):
            path.unlink()
            sync_folder(path.parent)

    def names(self) -> Iterator[str]:
        for folder in self._root.glob("[0-9a-f][0-9a-f]"):
            yield from (path.name for path in folder.glob(_NAMES))

    def leftovers(self) -> Iterator[str]:
        for path in self._incoming.glob(_NAMES):
            with _faults("A blob cannot be looked at"):
                file = _locked_if_dead(path)
            if file is not None:
                file.close()
                yield path.name

    def sweep(self, known: Callable[[str], bool]) -> list[str]:
        names = [path.name for path in self._incoming.glob(_NAMES)]
        return [name for name in names if self._swept(name, known)]

    def place(self, name: str) -> None:
        """Moves a finished blob to where it stays. Whoever calls this holds the file's lock."""
        path = self._settled_path(name)
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._root)
        (self._incoming / name).rename(path)
        sync_folder(path.parent)
        sync_folder(self._incoming)

    def incoming_path(self, name: str) -> Path:
        """Where a blob is while unsettled."""
        return self._incoming / name

    def _create_locked(self, path: Path) -> io.FileIO:
        """A new file under lock, surely the one that stands at `path`.

        Between creating and locking, a sweep may take the file for a dead writer's and remove
        it; then there is another try.
        """
        while True:
            try:
                file = io.FileIO(path, "xb", opener=_private)
            except FileExistsError:
                raise BlobExists(path.name) from None
            fcntl.flock(file, fcntl.LOCK_EX)
            if _stands_at(file, path):
                return file
            file.close()

    def _swept(self, name: str, known: Callable[[str], bool]) -> bool:
        path = self._incoming / name
        with _faults("A blob cannot be swept"):
            file = _locked_if_dead(path)
        if file is None:
            return False
        with file:
            wanted = _finished(os.fstat(file.fileno())) and known(name)
            with _faults("A blob cannot be swept"):
                if wanted:
                    self.place(name)
                else:
                    path.unlink()
                    sync_folder(self._incoming)
        return True

    def _settled_path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _find(self, name: str) -> tuple[Path, int]:
        """Path and size. Incoming first: a blob that is settled meanwhile is found in the end."""
        require_name(name)
        with _faults("The evidence folder cannot be read"):
            for path in (self._incoming / name, self._settled_path(name)):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue
                if _finished(status):
                    return path, status.st_size
        raise BlobMissing(name)

    def _pieces(self, name: str, start: int, length: int) -> Iterator[bytes]:
        with self._opened(name) as file:
            with _faults("A blob cannot be read"):
                file.seek(start)
            while length:
                with _faults("A blob cannot be read"):
                    piece = file.read(min(PIECE_BYTES, length))
                if not piece:
                    return
                length -= len(piece)
                yield piece

    def _opened(self, name: str) -> io.BufferedReader:
        while True:
            path, _ = self._find(name)
            with _faults("A blob cannot be read"):
                try:
                    return path.open("rb")
                except FileNotFoundError:
                    continue  # settled or deleted since: the next look tells which


class LocalWriter(StagedWriter):
    """A blob on its way into a LocalFolder; owns the open, locked file."""

    def __init__(self, store: LocalFolder, file: io.FileIO, name: str) -> None:
        super().__init__(name, _faults)
        self._store = store
        self._file = file

    def write(self, data: bytes) -> None:
        with self._step(OPEN, OPEN, "A blob cannot be written"):
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]

    def finish(self) -> None:
        with self._step(OPEN, FINISHED, "A blob cannot be made durable"):
            os.fchmod(self._file.fileno(), stat.S_IRUSR)
            os.fsync(self._file.fileno())
            sync_folder(self._store.incoming_path(self._name).parent)

    def settle(self) -> None:
        # Over even if it fails: the row is committed, so an abort must not take the blob away.
        with self._step(FINISHED, OVER, "A blob cannot be settled; a sweep will"):
            self._state = OVER
            try:
                self._store.place(self._name)
            finally:
                self._file.close()

    def abort(self) -> None:
        if self._state == OVER:
            return
        self._state = OVER
        with _faults("An aborted blob cannot be removed; a sweep will"):
            try:
                self._store.incoming_path(self._name).unlink(missing_ok=True)
            finally:
                self._file.close()


def sync_folder(folder: Path) -> None:
    """Makes names in a folder durable: without it a power cut can lose a file just created."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _finished(status: os.stat_result) -> bool:
    return not status.st_mode & stat.S_IWUSR


def _locked_if_dead(path: Path) -> io.FileIO | None:
    """The file under our lock; None if its writer lives, or settled or removed it meanwhile."""
    try:
        file = io.FileIO(path)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    if not _stands_at(file, path):
        file.close()
        return None
    return file


def _stands_at(file: io.FileIO, path: Path) -> bool:
    """Whether an open file is still the one that has this path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _faults(message: str) -> Iterator[None]:
    """Turns the system's errors into the port's."""
    try:
        yield
    except OSError as fault:
        raise StoreUnavailable(f"{message}: {fault.strerror}.") from fault
