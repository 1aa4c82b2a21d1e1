"""Uploads of any size in a bounded memory, of all processes that serve."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import Served
from tests.soak.conftest import House
from tests.soak.respondent import HEAD, QUESTION, Respondent

MEBIBYTE = 1024 * 1024
SIZE = 300 * MEBIBYTE
AT_ONCE = 8

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("template", ["sqlite"], indirect=True),
]


def memory(served: Served) -> int:
    """Bytes that the serving processes hold in memory, pages that they share counted once."""
    total = 0
    for process in served.processes:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


class Peak:
    """The most that was held while somebody looked, every 20 ms, and the most uploads at once."""

    def __init__(self, served: Served, incoming: Path) -> None:
        self._served = served
        self._incoming = incoming
        self._over = threading.Event()
        self.bytes = memory(served)
        self.at_once = 0
        self.looks = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.bytes = max(self.bytes, memory(self._served))
            self.at_once = max(self.at_once, len(list(self._incoming.iterdir())))
            self.looks += 1


def content(size: int) -> Iterator[bytes]:
    """A file's bytes, without holding the file."""
    block = os.urandom(MEBIBYTE)
    yield HEAD
    left = size - len(HEAD)
    while left:
        piece = block[: min(left, len(block))]
        yield piece
        left -= len(piece)


def upload(vera: Respondent, size: int) -> None:
    reply = vera.upload(QUESTION, content(size), size)
    assert reply.status == 302, reply.text


@pytest.mark.parametrize(("at_once", "allowed"), [(1, 32 * MEBIBYTE), (AT_ONCE, 64 * MEBIBYTE)])
def test_uploads_of_300_mib_take_little_memory(
    house: House, tell: Callable[[str], None], at_once: int, allowed: int
) -> None:
    served = house.served()
    links = [house.link() for _ in range(at_once)]
    browsers = [link.opened(served) for link in links]
    upload(browsers[0], MEBIBYTE)  # whatever is loaded at the first upload is loaded now
    time.sleep(0.5)
    before = memory(served)
    peak = Peak(served, house.place.instance / "evidence" / "incoming")
    began = time.monotonic()
    with peak.watched(), ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda vera: upload(vera, SIZE), browsers))
    took = time.monotonic() - began
    rise = peak.bytes - before
    tell(
        f"{at_once} at once: {before / MEBIBYTE:.1f} MiB before, at the peak "
        f"{rise / MEBIBYTE:.1f} MiB more, in {took:.1f} s and {peak.looks} looks"
    )
    assert peak.at_once == at_once
    assert rise < allowed
    shutil.rmtree(house.place.instance / "evidence")  # gigabytes, which pytest would keep
