"""A sealed upload against the least that a server must do with one."""

import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.house import Respondent, installed, respondent
from bench.respondents import Browser, simple_questions
from bench.serving import baseline
from bench.table import Row
from bench.wire import Wire
from tests.databases import Sqlite
from tests.serving import Served

MEBIBYTE = 1024 * 1024
BLOCK = 1 * MEBIBYTE
PAIRS = 3
QUESTION = "ISM-01"
BOUNDARY = "----bench-7MA4YWxkTrZu0gW"
TAKEN = (200, 302)
WHOLE, CR_ALONE = "1 GiB", "1 GiB of CR alone"
LIMIT = {"upload_limit": str(2048 * MEBIBYTE)}


@dataclass(frozen=True, slots=True)
class Load:
    """`how_many` files at once, of so many MiB each, made of one block over and over."""

    name: str
    how_many: int
    mebibytes: int
    block: bytes


def uploads() -> Iterator[Row]:
    """One large file, several at once, and bytes that parsers of forms stumble over."""
    random = os.urandom(BLOCK)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        instance = folder / "instance"
        instance.mkdir()
        url = Sqlite().fresh(instance)
        stack.enter_context(installed(instance, url))
        who = respondent(1)
        ours = stack.enter_context(Served(instance, url, folder, settings=LIMIT))
        plain = stack.enter_context(baseline("bench.baseline_upload:app", folder / "plain"))
        token, cookies = form_of(who, ours)
        speeds = {}
        for load in (
            Load(WHOLE, 1, 1024, random),
            Load("8 of 64 MiB at once", 8, 64, random),
            Load(CR_ALONE, 1, 1024, b"\r" * BLOCK),
        ):
            pairs = []
            for _ in range(PAIRS):
                mine = send(ours, who, load, token, cookies)
                theirs = send(plain, who, load, token, cookies)
                pairs.append((mine, theirs))
                for left in (folder / "plain").glob("[0-9a-f]" * 32):
                    left.unlink()
            speeds[load.name] = statistics.median(one for one, _ in pairs)
            yield _row(load, pairs)
        yield Row(
            "CR alone against random bytes, sealed",
            f"{speeds[CR_ALONE]:.0f} MiB/s",
            f"random {speeds[WHOLE]:.0f} MiB/s",
            speeds[CR_ALONE] / speeds[WHOLE],
            least=0.5,
        )


def _row(load: Load, pairs: list[tuple[float, float]]) -> Row:
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    return Row(
        f"sealed upload, {load.name}",
        f"{mine:.0f} MiB/s",
        f"hashed and written in clear {theirs:.0f} MiB/s",
        statistics.median(ratios),
        least=0.7,
        pairs=ratios,
    )


def form_of(who: Respondent, server: Served) -> tuple[str, str]:
    """The CSRF token of a page, and the cookies of the browser that has it."""
    with Wire(server.port) as wire:
        browser = Browser(who, simple_questions(who), wire, server.url)
        browser.open()
        return browser.token, browser.cookies


def send(server: Served, who: Respondent, load: Load, token: str, cookies: str) -> float:
    """MiB a second, over all files together, from the first byte sent to the last reply."""
    with ThreadPoolExecutor(load.how_many) as pool:
        began = time.perf_counter()
        done = [pool.submit(_one, server, who, load, token, cookies) for _ in range(load.how_many)]
        for one in done:
            one.result()
        return load.how_many * load.mebibytes / (time.perf_counter() - began)


def _one(server: Served, who: Respondent, load: Load, token: str, cookies: str) -> None:
    fields = {"csrf_token": token, "issued_on": "2026-10-01", "valid_until": ""}
    before = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    before += (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{secrets.token_hex(4)}.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n'
    )
    after = f"\r\n--{BOUNDARY}--\r\n".encode()
    size = len(before) + load.mebibytes * BLOCK + len(after)
    head = (
        f"POST /p/{who.invitation_id}/evidence/{QUESTION} HTTP/1.1\r\n"
        f"Host: {server.url.removeprefix('http://')}\r\nAccept: application/json\r\n"
        f"Origin: {server.url}\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {size}\r\n\r\n{before}"
    )
    with Wire(server.port) as wire:
        reply = wire.ask(head.encode(), *[load.block] * load.mebibytes, after)
    assert reply.status in TAKEN, reply
