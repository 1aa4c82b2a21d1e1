"""A sealed download against reading the plaintext; a range from the middle against the first."""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.house import installed, officer, respondent
from bench.serving import baseline
from bench.table import Row
from bench.uploading import BLOCK, LIMIT, MEBIBYTE, QUESTION, Load, form_of, send
from bench.wire import Wire
from riskapp.core.crypto.ranges import SealedRanges
from riskapp.core.crypto.sealed import Sealer
from riskapp.core.db import reading
from riskapp.core.ids import new_id
from riskapp.core.storage.local import LocalFolder
from riskapp.evidence.queries import of_assessment
from riskapp.web.guard import SESSION_COOKIE
from tests import stages
from tests.databases import Sqlite
from tests.serving import Served

PAIRS = 5
RANGES = 40
SIZE = 1024
"""MiB"""
PART = 64 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file on a server, and who may have it."""

    server: Served
    path: str
    cookie: str = ""

    def head(self, extra: str = "") -> bytes:
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: {self.server.url.removeprefix('http://')}\r\n"
            f"Cookie: {self.cookie}\r\n{extra}\r\n"
        ).encode()


def downloads() -> Iterator[Row]:
    """All of 1 GiB, and 64 KiB of it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        instance = folder / "instance"
        instance.mkdir()
        url = Sqlite().fresh(instance)
        stack.enter_context(installed(instance, url))
        served = stack.enter_context(Served(instance, url, folder, settings=LIMIT))
        plain = stack.enter_context(baseline("bench.baseline_download:app", folder / "plain"))
        ours = _sent_in(served)
        with (folder / "plain" / "file").open("wb") as file:
            block = os.urandom(BLOCK)
            for _ in range(SIZE):
                file.write(block)
        yield _whole(ours, Source(plain, "/file"))
        yield _ranges(ours)
        yield _unsealed(folder / "blobs")


def _sent_in(server: Served) -> Source:
    """1 GiB, uploaded and submitted, as an officer downloads it."""
    who = respondent(1)
    token, cookies = form_of(who, server)
    send(server, who, Load("", 1, SIZE, os.urandom(BLOCK)), token, cookies)
    invitation = stages.opened(who.link)
    stages.answer_all(invitation)
    stages.send_in(invitation)
    (file,) = of_assessment(reading(), who.assessment_id)
    reading().rollback()
    assert file.question_id == QUESTION
    path = f"/desk/assessments/{who.assessment_id}/evidence/{file.evidence_id}/{file.version}"
    return Source(server, path, f"{SESSION_COOKIE}={officer().session}")


def _whole(ours: Source, plain: Source) -> Row:
    pairs = [(_speed(ours), _speed(plain)) for _ in range(PAIRS)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    return Row(
        "sealed download, 1 GiB",
        f"{mine:.0f} MiB/s",
        f"read in clear {theirs:.0f} MiB/s",
        statistics.median(ratios),
        least=0.7,
        pairs=ratios,
    )


def _speed(source: Source) -> float:
    """MiB a second, from the request to the last byte."""
    with Wire(source.server.port) as wire:
        began = time.perf_counter()
        status, length = wire.take(source.head(), bytearray(MEBIBYTE))
        took = time.perf_counter() - began
    assert status == 200
    assert length >= SIZE * MEBIBYTE
    return length / MEBIBYTE / took


def _ranges(ours: Source) -> Row:
    """As a browser has them: each with its session, its event where it begins a look, its head."""
    pairs, into = list[tuple[float, float]](), bytearray(PART)
    with Wire(ours.server.port) as wire:
        for start in _starts():
            times = []
            for first in (start, 0):
                request = ours.head(f"Range: bytes={first}-{first + PART - 1}\r\n")
                began = time.perf_counter()
                assert wire.take(request, into) == (206, PART)
                times.append(time.perf_counter() - began)
            pairs.append((times[0], times[1]))
    return _row("a random 64 KiB range of 1 GiB, by HTTP", pairs)


def _unsealed(folder: Path) -> Row:
    """The same below HTTP: no session, no event; the file is opened each time."""
    key, blobs, name = bytes(32), LocalFolder(folder), new_id()
    with blobs.create(name) as writer:
        sealer, block = Sealer(key, b""), os.urandom(BLOCK)
        for _ in range(SIZE):
            writer.write(sealer.write(block))
        writer.write(sealer.finish())
        writer.finish()
        writer.settle()
    size = blobs.size(name)

    def took(start: int) -> float:
        began = time.perf_counter()
        opened = SealedRanges(key, b"", size, lambda at, length: blobs.read(name, at, length))
        assert sum(len(piece) for piece in opened.pieces(start, PART)) == PART
        return time.perf_counter() - began

    return _row("a random 64 KiB range of 1 GiB, unsealed", [(took(s), took(0)) for s in _starts()])


def _starts() -> list[int]:
    dice = random.Random(1)  # noqa: S311 - where to read; guards nothing
    return [dice.randrange(PART, (SIZE - 1) * MEBIBYTE) for _ in range(RANGES)]


def _row(name: str, pairs: list[tuple[float, float]]) -> Row:
    middle, first = (statistics.median(side) * 1000 for side in zip(*pairs, strict=True))
    return Row(name, f"{middle:.2f} ms", f"the first 64 KiB {first:.2f} ms", middle / first, goal=2)
