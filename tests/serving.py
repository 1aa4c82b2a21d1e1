"""Really serves the app: the command of `make demo`, in a process group of its own."""

import http.client
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
TARGET = "wsgi:app"
ALIVE_WITHIN = 60.0
"""Seconds, of a slow machine"""


def serve_command(port: int) -> list[str]:
    """What the Makefile serves with, from the environment that runs the tests."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^SERVE = (.+)$", text, re.MULTILINE)
    if found is None:
        raise LookupError("the Makefile says no more how the app is served")
    line = found[1].replace("$(PORT)", str(port))
    scripts = Path(sys.executable).parent
    return [word.replace(".venv/bin", str(scripts)) for word in shlex.split(line)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Served:
    """The app over an instance folder and a database, on a loopback port that it keeps.

    `scratch` is an existing folder that takes its log and, as TMPDIR, its temporary files.
    `settings` are RISKAPP_* settings without their prefix; `target` serves another app than
    riskapp. As a context manager: started, and killed at the end.
    """

    def __init__(
        self,
        instance: Path,
        database_url: str,
        scratch: Path,
        *,
        settings: Mapping[str, str] | None = None,
        target: str = TARGET,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = scratch / "server.log"
        given = {
            "instance": str(instance),
            "database_url": database_url,
            "base_url": self.url,
            **(settings or {}),
        }
        own = {name: text for name, text in os.environ.items() if not name.startswith("RISKAPP_")}
        self._environment = {
            **own,
            **{f"RISKAPP_{name.upper()}": text for name, text in given.items()},
            "TMPDIR": str(scratch),
        }
        self._command = [target if word == TARGET else word for word in serve_command(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Returns as soon as it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + ALIVE_WITHIN
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"the app does not serve:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)
        return self

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/static/favicon.svg")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def kill(self) -> None:
        """SIGKILL to every process at once: nobody gets to tidy up."""
        if self._process is None:
            return
        with _gone_already():
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        _wait_for_the_end_of(self._process.pid)
        self._process = None

    def stop(self) -> None:
        """The polite way: SIGTERM, as an init system stops it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(ALIVE_WITHIN)
            self.kill()

    def restart(self) -> Self:
        self.kill()
        return self.start()

    @property
    def processes(self) -> list[int]:
        """The ids of the server and its workers."""
        return [] if self._process is None else members(self._process.pid)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()


def members(group: int) -> list[int]:
    """The processes of a group that live."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with _gone_already():
                # pid (name) state parent group …; the name may hold anything, so from behind it
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == group and fields[0] not in "ZX":
                    found.append(int(folder.name))
    return found


def _wait_for_the_end_of(group: int) -> None:
    until = time.monotonic() + ALIVE_WITHIN
    while members(group):
        if time.monotonic() > until:
            raise RuntimeError(f"processes {members(group)} outlive SIGKILL")
        time.sleep(0.01)


@contextmanager
def _gone_already() -> Iterator[None]:
    """A process that ended by itself between looking and doing is as good as killed."""
    try:
        yield
    except (ProcessLookupError, FileNotFoundError):
        return
