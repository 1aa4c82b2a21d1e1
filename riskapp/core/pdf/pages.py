"""Pages of a PDF as pictures and text, made by a confined process of their own (`worker.py`)."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import IO

from riskapp.core.errors import Refusal
from riskapp.core.pdf.protocol import ANSWER_BYTES, ASK, FAULT, FRAME, HEAD, JOB, PAGE, Fault

Read = Callable[[int, int], bytes]
"""Exactly so many bytes of a file, from an offset on. What it raises is raised on."""

_HERE = Path(__file__).parent
_START = "import sys; sys.path += sys.argv[1:]; from pdf.worker import main; main()"
SECONDS = 20.0
MOST_READ = 256 * 1024 * 1024
"""Bytes of the file that one page may cost, however often the same are asked for"""
MOST_AT_ONCE = 2
PATIENCE = 5.0
"""Seconds that a page waits for its turn"""
_KILLED = {-signal.SIGKILL, -signal.SIGXCPU}
"""How a process ends that used more time, or memory, than it had"""
_FAULTS = frozenset(map(int, Fault))


class PageRefused(Refusal):
    """A page cannot be shown; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


class PagesBusy(Refusal):
    """As many pages are being made as may be at once."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: how many there are, its size in points, its text, and its PNG if asked for."""

    pages: int
    width: int
    height: int
    text: str
    more_text: bool
    image: bytes = field(repr=False)


class PdfPages:
    """Makes pages, a few at a time. One for an app."""

    def __init__(
        self,
        *,
        at_once: int = MOST_AT_ONCE,
        patience: float = PATIENCE,
        seconds: float = SECONDS,
        command: list[str] | None = None,
    ) -> None:
        self._turns = BoundedSemaphore(at_once)
        self._patience, self._seconds = patience, seconds
        self._command = command

    def page(self, number: int, size: int, read: Read, *, width: int = 0) -> Page:
        """Page `number`, counted from 0, of a PDF of `size` bytes; its image `width` pixels wide.

        Raises PageRefused, PagesBusy, and whatever `read` raises. Memory: what is asked for is
        passed on in pieces of 64 KiB; the file is never here whole.
        """
        if not self._turns.acquire(timeout=self._patience):
            raise PagesBusy
        try:
            return self._made(JOB.pack(size, number, width), read)
        finally:
            self._turns.release()

    def _made(self, job: bytes, read: Read) -> Page:
        pipe = subprocess.PIPE
        with subprocess.Popen(
            self._command or _command(),
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            bufsize=0,
        ) as process:
            late = Timer(self._seconds, process.kill)
            late.daemon = True
            late.start()
            try:
                return _talk(process, job, read)
            except _Ended:
                killed = process.wait() in _KILLED
                raise PageRefused(Fault.TOO_SLOW if killed else Fault.CRASHED) from None
            finally:
                late.cancel()
                process.kill()


class _Ended(Exception):  # noqa: N818 - it is expected
    """The worker is gone."""


def _talk(process: subprocess.Popen[bytes], job: bytes, read: Read) -> Page:
    told, heard = process.stdin, process.stdout
    if told is None or heard is None:
        raise TypeError("the worker was started without pipes")
    left = MOST_READ
    size, _, _ = JOB.unpack(job)
    _tell(told, job)
    while True:
        kind, offset, length = FRAME.unpack(_exactly(heard, FRAME.size))
        if kind == ASK and length <= size and offset <= size - length:
            left -= length
            if left < 0:
                raise PageRefused(Fault.TOO_LARGE)
            _tell(told, read(offset, length))
        elif kind == PAGE and HEAD.size <= length <= ANSWER_BYTES:
            return _page(_exactly(heard, length))
        elif kind == FAULT and offset in _FAULTS:
            raise PageRefused(Fault(offset))
        else:  # taken over, or confused
            raise PageRefused(Fault.CRASHED)


def _tell(told: IO[bytes], words: bytes) -> None:
    view = memoryview(words)
    try:
        while view:
            view = view[told.write(view) :]
    except BrokenPipeError:
        raise _Ended from None


def _exactly(heard: IO[bytes], length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = heard.read(min(length - len(found), 1024 * 1024))
        if not piece:
            raise _Ended
        found += piece
    return bytes(found)


def _page(answer: bytes) -> Page:
    pages, width, height, letters, more = HEAD.unpack_from(answer)
    rest = answer[HEAD.size :]
    text = rest[:letters].decode("utf-8", "replace")
    return Page(pages, width, height, text, bool(more), rest[letters:])


def _command() -> list[str]:
    """Python without the environment's and the user's folders, importing from two folders only."""
    spec = find_spec("pypdfium2_raw")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pypdfium2_raw")
    libraries = Path(spec.origin).parents[1]
    return [sys.executable, "-I", "-S", "-B", "-c", _START, os.fspath(_HERE.parent), str(libraries)]
