"""Kills its own process at the n-th step of what it does: SQL, commits, and files.

Steps are seen from outside of the app: by SQLAlchemy's events and by Python's audit events.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from riskapp.core.db import db

FILES = {
    "open": "opening",
    "os.chmod": "finishing",
    "os.mkdir": "making",
    "os.remove": "removing",
    "os.rename": "settling",
    "fcntl.flock": "locking",
}
"""Audit events about files. Each is raised just before the thing happens."""
WITHIN = 60.0


class Fuse:
    """Counts the steps of this process and ends it at step `at`; tells each through a pipe."""

    def __init__(self, at: int, told: int, folder: Path) -> None:
        self._left = at
        self._told = told
        self._folder = str(folder)
        self._burning = False
        self._committing = False

    def light(self, engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", self._sql)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "checkin", self._checkin)
        sys.addaudithook(self._audit)
        self._burning = True

    def _commit(self, _connection: Any) -> None:
        self._committing = True
        self.step("before COMMIT")

    def _checkin(self, _connection: Any, _record: Any) -> None:
        """A connection goes back to the pool as soon as its transaction is committed."""
        if self._committing:
            self._committing = False
            self.step("after COMMIT")

    def put_out(self) -> None:
        self._burning = False

    def step(self, what: str) -> None:
        if not self._burning:
            return
        self._burning = False  # telling of it is no step
        os.write(self._told, f"{what}\n".encode())
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._burning = True

    def _sql(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.step(f"before {' '.join(statement.split())[:60]}")

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if not self._burning or name not in FILES:
            return
        about = str(arguments[0])
        if about.startswith(self._folder) or name in {"os.chmod", "fcntl.flock"}:
            self.step(f"before {FILES[name]} {about.removeprefix(self._folder)}")


@dataclass(frozen=True)
class Burnt:
    """How far a process came; `killed` unless it came to its end."""

    steps: list[str]
    killed: bool


def burn(app: Flask, at: int, work: Callable[[], object]) -> Burnt:
    """Runs `work` in a process of its own, in an app context, which dies at step `at`."""
    read_end, write_end = os.pipe()
    process = get_context("fork").Process(target=_burn, args=(app, at, write_end, work))
    process.start()
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        steps = pipe.read().decode().splitlines()
    process.join(WITHIN)
    if process.exitcode not in {0, -signal.SIGKILL}:
        raise RuntimeError(f"the work failed by itself, with exit code {process.exitcode}")
    return Burnt(steps, process.exitcode != 0)


def _burn(app: Flask, at: int, told: int, work: Callable[[], object]) -> None:
    with app.app_context():
        db.engine.dispose(close=False)  # the connections of the process that forked are not ours
        fuse = Fuse(at, told, Path(app.instance_path))
        fuse.light(db.engine)
        work()
        fuse.put_out()
