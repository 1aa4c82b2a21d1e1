"""Debian's clamd, really running, with one signature of our own; and daemons that misbehave."""

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from riskapp.core.clamd import Clamd
from riskapp.core.scanning import Verdict
from tests.requirements import clamd, missing

# In two pieces, for a scanner that looks at this file is to find nothing in it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
FOUND = "Riskapp.Test.EICAR.UNOFFICIAL"
STREAM_MAX = 4 * 1024 * 1024
ALIVE_WITHIN = 60.0
SHM = Path("/dev/shm")  # noqa: S108 - a tmpfs, for clamd writes what it scans in clear

CONFIG = """
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}/streams
Foreground yes
LogSyslog no
StreamMaxLength {stream_max}
MaxFileSize 1M
AlertExceedsMax yes
MaxThreads 2
SelfCheck 3600
"""


class Daemon:
    """clamd in a folder of its own; `stop` and `start` as often as a test likes."""

    def __init__(self, program: str, folder: Path) -> None:
        self.path = str(folder / "clamd.ctl")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("signatures", "streams"):
            (folder / name).mkdir()
        (folder / "signatures" / "own.ndb").write_text(
            f"{FOUND.removesuffix('.UNOFFICIAL')}:0:*:{EICAR.hex()}\n"
        )
        config = folder / "clamd.conf"
        config.write_text(CONFIG.format(folder=folder, stream_max=STREAM_MAX))
        self._command = [program, "--config-file", str(config)]

    def start(self) -> None:
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until = time.monotonic() + ALIVE_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            Path(self.path).unlink(missing_ok=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as tried, suppress(OSError):
            tried.connect(self.path)
            tried.sendall(b"zPING\0")
            return tried.recv(16) == b"PONG\0"
        return False


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    program = clamd()
    if program is None:
        missing("clamav")
    # Short, for a socket's path has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="clamd-", dir=SHM if SHM.is_dir() else None))
    running = Daemon(program, folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


@contextmanager
def listening(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A daemon that does with each connection what it is told; gives the path of its socket."""
    folder = tempfile.mkdtemp(prefix="clamd-")
    path = f"{folder}/clamd.ctl"
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)
        shutil.rmtree(folder)


def drained(connection: socket.socket) -> bytes:
    """All of a stream, up to the piece of length nought."""
    said = b""
    while not said.endswith(b"\0\0\0\0"):
        piece = connection.recv(1 << 16)
        if not piece:
            break
        said += piece
    return said


def scan(path: str, data: bytes, piece: int = 50_000) -> Verdict:
    going = Clamd(path).begin()
    for at in range(0, len(data), piece):
        going.write(data[at : at + piece])
    return going.finish()
