"""Files of any size go in and out in a bounded memory, of all processes that serve."""

import hashlib
import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests import stages
from tests.serving import Served
from tests.soak.conftest import House
from tests.soak.officer import Officer
from tests.soak.respondent import HEAD, QUESTION, Respondent

MEBIBYTE = 1024 * 1024
SIZE = 300 * MEBIBYTE
AT_ONCE = 8
LARGE = 2048 * MEBIBYTE
CHUNK = 16 * 1024
"""Plaintext in a chunk of the sealed format"""
RANGES = 60

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("template", ["sqlite"], indirect=True),
]


def memory(served: Served) -> int:
    """Bytes that the serving processes hold in memory, pages that they share counted once."""
    total = 0
    for process in served.processes:
        # What seals a pack may end between being listed and being looked at: then it holds nothing.
        with suppress(FileNotFoundError, ProcessLookupError):
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


class Numbered:
    """A file of `size` bytes in which each MiB says which one it is, made anew wherever needed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._block = os.urandom(MEBIBYTE - len(HEAD) - 8)

    def mebibyte(self, number: int) -> bytes:
        return HEAD + number.to_bytes(8) + self._block

    def pieces(self) -> Iterator[bytes]:
        return (self.mebibyte(number) for number in range(self.size // MEBIBYTE))

    def slice(self, start: int, length: int) -> bytes:
        first, last = start // MEBIBYTE, (start + length - 1) // MEBIBYTE
        whole = b"".join(self.mebibyte(number) for number in range(first, last + 1))
        return whole[start - first * MEBIBYTE :][:length]


def ranges(size: int) -> list[tuple[int, int]]:
    """Beginning and length: random ones, and those where chunks and the file begin and end."""
    dice = random.Random()  # noqa: S311 - what is read is compared, whatever it is
    edges = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, size // 2, size - CHUNK, size - 1]
    some = [(start, min(2 * CHUNK, size - start)) for start in edges]
    for _ in range(RANGES):
        start = dice.randrange(size)
        some.append((start, min(dice.randrange(1, 2 * MEBIBYTE), size - start)))
    return some


def test_two_gibibytes_go_in_and_out_by_ranges_in_little_memory(
    house: House, tell: Callable[[str], None]
) -> None:
    served = house.served(upload_limit=str(LARGE))
    with house.inside():
        officer = Officer(served, house.officer())
    small, file = Numbered(MEBIBYTE), Numbered(LARGE)
    address = sent_in(house, served, small)
    assert officer.digest(address) == digest(small)  # whatever is loaded for it is loaded now
    time.sleep(0.5)
    before = memory(served)
    peak, began = Peak(served, house.place.instance / "evidence" / "incoming"), time.monotonic()
    with peak.watched():
        address = sent_in(house, served, file)
        uploaded = time.monotonic()
        for start, length in ranges(file.size):
            assert officer.range(address, start, length) == file.slice(start, length), (
                start,
                length,
            )
        read = time.monotonic()
        assert officer.digest(address) == digest(file)
        over = time.monotonic()
    rise = peak.bytes - before
    tell(
        f"2 GiB: in {uploaded - began:.1f} s, {RANGES} ranges in {read - uploaded:.1f} s, out in "
        f"{over - read:.1f} s; at the peak {rise / MEBIBYTE:.1f} MiB more, {peak.looks} looks"
    )
    assert rise < 64 * MEBIBYTE
    shutil.rmtree(house.place.instance / "evidence")


def sent_in(house: House, served: Served, file: Numbered) -> str:
    """Uploads a file on an assessment and sends it in; where officers download it."""
    link = house.link(stages.answer_all)
    vera = link.opened(served)
    assert vera.upload(QUESTION, file.pieces(), file.size).status == 302
    assert vera.submit().status == 302
    return house.address(link, file.size)


def digest(file: Numbered) -> str:
    sha256 = hashlib.sha256()
    for piece in file.pieces():
        sha256.update(piece)
    return sha256.hexdigest()
