"""Servers side by side, with the command of `make demo`, and what they cost."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving import Served

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def baseline(target: str, scratch: Path) -> Iterator[Served]:
    """Another WSGI app on the same server with the same settings of it; `scratch` is its TMPDIR."""
    scratch.mkdir(exist_ok=True)
    with Served(scratch, "", scratch, target=target) as server:
        yield server


def cpu_seconds(server: Served) -> float:
    """User and system time of the server and its workers since they were started."""
    total = 0
    for process in server.processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS
