"""Looks for plaintext in every file that a server could have written, as fast as it can.

Files are found by folder, and by /proc/<pid>/fd: a file that was unlinked at once, or that never
had a name (O_TMPFILE, memfd), stands only there.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving import Served

PIECE = 1 << 20


class Watcher:
    """Watches `folders` and the open files of `served` for `marker`, which ends up in `found`."""

    def __init__(self, served: Served, folders: list[Path], marker: bytes) -> None:
        self._served = served
        self._folders = folders
        self._marker = marker
        self._over = threading.Event()
        self.found: set[str] = set()
        self.rounds = 0
        self.seen: set[str] = set()
        self._clean: dict[tuple[int, int], tuple[int, int]] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.look()
        self.look()  # at what stays, too

    def look(self) -> None:
        for path in self._paths():
            # A file may go between being listed and being read: that is not its being in clear.
            try:
                shown = str(path.readlink()) if path.is_symlink() else str(path)
                if self._holds_marker(path):
                    self.found.add(shown)
                self.seen.add(shown)
            except (FileNotFoundError, ProcessLookupError):
                continue
        self.rounds += 1

    def _paths(self) -> Iterator[Path]:
        for folder in self._folders:
            for parent, _, names in os.walk(folder):
                yield from (Path(parent, name) for name in names)
        for process in self._served.processes:
            try:
                yield from list(Path(f"/proc/{process}/fd").iterdir())
            except (FileNotFoundError, ProcessLookupError):
                continue

    def _holds_marker(self, path: Path) -> bool:
        """Whether the marker lies anywhere in it. A file that did not change is read once."""
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return False
        file = status.st_dev, status.st_ino
        version = status.st_size, status.st_mtime_ns
        if self._clean.get(file) == version:
            return False
        handle = os.open(path, os.O_RDONLY)
        try:
            marked = self._is_in(handle, status.st_size)
        finally:
            os.close(handle)
        if not marked:
            self._clean[file] = version
        return marked

    def _is_in(self, handle: int, size: int) -> bool:
        overlap = len(self._marker)
        return any(
            self._marker in os.pread(handle, PIECE + overlap, start)
            for start in range(0, size, PIECE)
        )
