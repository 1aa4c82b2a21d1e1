"""What identifies a file, computed beside the thread that receives or sends it.

SHA-256 is the slowest thing that happens to a file. It lets other threads run, and so do sealing,
opening and writing: on two cores a large file arrives half as fast again.
"""

import hashlib
import zlib
from concurrent.futures import Future, ThreadPoolExecutor

BATCH_BYTES = 512 * 1024
"""So much is handed over at a time, and as much waits: handing over costs something too"""


class Digests:
    """SHA-256 and CRC-32 of everything written, in its order. A small file makes no thread."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._crc32 = 0
        self._batch: list[bytes] = []
        self._waiting = 0
        self._beside: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None

    def write(self, data: bytes) -> None:
        self._batch.append(data)
        self._waiting += len(data)
        if self._waiting >= BATCH_BYTES:
            self._hand_over()

    def finish(self) -> tuple[str, int]:
        """The hexadecimal SHA-256 and the CRC-32 of all that was written."""
        self.close()
        self._digest(self._batch)
        self._batch = []
        return self._sha256.hexdigest(), self._crc32

    def close(self) -> None:
        """Waits for what was handed over, and lets the thread go. May be called again."""
        if self._beside is not None:
            self._beside.shutdown()
            self._beside = None

    def _hand_over(self) -> None:
        if self._beside is None:
            self._beside = ThreadPoolExecutor(1, thread_name_prefix="digests")
        if self._running is not None:
            self._running.result()
        self._running = self._beside.submit(self._digest, self._batch)
        self._batch, self._waiting = [], 0

    def _digest(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            self._sha256.update(piece)
            self._crc32 = zlib.crc32(piece, self._crc32)
