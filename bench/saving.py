"""Saving an answer: its CPU, and sixteen clients at once without a lost answer."""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bench.house import Respondent, installed, respondent
from bench.respondents import Browser, comment, simple_questions
from bench.serving import baseline, cpu_seconds
from bench.table import Row
from bench.wire import Wire
from riskapp.answers.models import Answer, AnswerRevision
from riskapp.audit.models import Event
from riskapp.core.db import reading
from tests.databases import Database, Postgres, Sqlite
from tests.requirements import postgres_url
from tests.serving import Served

OK = 200
ROUNDS = 5
SAVES = 400
CLIENTS = 16
EACH = 625
"""Sixteen times this is 10,000."""


def cpu() -> Iterator[Row]:
    """CPU seconds of the server's processes for one save, against the bare view."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, bare, (browser,) = _set_up(stack, Sqlite(), folder, 1)
        wire = stack.enter_context(Wire(bare.port))
        _cost(ours, browser.wire, browser, 100)
        _cost(bare, wire, browser.copy(), 100)
        pairs = [
            (
                _cost(ours, browser.wire, browser, SAVES),
                _cost(bare, wire, browser.copy(), 3 * SAVES),
            )
            for _ in range(ROUNDS)
        ]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    yield Row(
        "CPU of saving an answer (SQLite, FULL)",
        f"{mine * 1000:.2f} ms",
        f"bare view {theirs * 1000:.2f} ms",
        statistics.median(ratios),
        goal=7,
        pairs=ratios,
    )


def seconds_of_a_save() -> float:
    """CPU seconds of the server's processes for one save."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, _, (browser,) = _set_up(stack, Sqlite(), folder, 1)
        _cost(ours, browser.wire, browser, 100)
        return statistics.median(_cost(ours, browser.wire, browser, SAVES) for _ in range(ROUNDS))


def _set_up(
    stack: ExitStack, database: Database, folder: Path, how_many: int
) -> tuple[Served, Served, list[Browser]]:
    """Both servers, and browsers in which respondents have loaded their first section."""
    instance = folder / "instance"
    instance.mkdir()
    url = database.fresh(instance)
    stack.callback(database.drop, url)
    stack.enter_context(installed(instance, url))
    people = [respondent(number) for number in range(how_many)]
    ours = stack.enter_context(Served(instance, url, folder))
    bare = stack.enter_context(baseline("bench.baseline_view:app", folder / "bare"))
    return ours, bare, [_browser(one, ours, stack) for one in people]


def _browser(who: Respondent, server: Served, stack: ExitStack) -> Browser:
    wire = stack.enter_context(Wire(server.port))
    browser = Browser(who, simple_questions(who), wire, server.url)
    browser.open()
    return browser


def _lost(browsers: list[Browser]) -> list[str]:
    """What the database does not have of what was answered with Saved, in words."""
    reading().rollback()
    saves = sum(browser.saves for browser in browsers)
    found = [
        f"{count} {kind} instead of {saves}"
        for kind, query in (
            ("revisions", sa.select(sa.func.count()).select_from(AnswerRevision)),
            ("events", sa.select(sa.func.count()).where(Event.type == "answer:save")),
        )
        if (count := reading().scalar(query)) != saves
    ]
    standing = {
        (row[0], row[1]): (row[2], row[3])
        for row in reading().execute(
            sa.select(Answer.assessment_id, Answer.question_id, Answer.revision, Answer.comment)
        )
    }
    for browser in browsers:
        for at, (question, _) in enumerate(browser.questions):
            last = (browser.saves - at - 1) // len(browser.questions) + 1
            if standing.get((browser.who.assessment_id, question.id)) != (last, comment(last)):
                found.append(f"{question.id} is not at revision {last}")
    return found


def _cost(server: Served, wire: Wire, browser: Browser, times: int) -> float:
    """CPU seconds of the server for each of so many saves, one after another."""
    before = cpu_seconds(server)
    for _ in range(times):
        reply = wire.ask(browser.next_save())
        assert reply.status == OK, reply
    return (cpu_seconds(server) - before) / times


def clients() -> Iterator[Row]:
    """10,000 saves by 16 clients on each database: nothing lost, and the slowest hundredth."""
    yield from _clients("SQLite", Sqlite())
    url = postgres_url()
    if url is None:
        yield Row("p99 of 16 clients' saves (PostgreSQL)", "no server", "none", None)
    else:
        yield from _clients("PostgreSQL", Postgres(url))


def _clients(name: str, database: Database) -> Iterator[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, bare, browsers = _set_up(stack, database, folder, CLIENTS)
        durable = stack.enter_context(baseline("bench.baseline_durable:app", folder / "durable"))
        mine, theirs, synced = _Crowd(ours.port), _Crowd(bare.port), _Crowd(durable.port)
        # The baselines before and after, for the machine changes its pace.
        copies = [browser.copy() for browser in browsers]
        theirs.run(copies, EACH // 2)
        synced.run(copies, EACH // 4)
        mine.run(browsers, EACH)
        synced.run(copies, EACH // 4)
        theirs.run(copies, EACH - EACH // 2)
        lost = _lost(browsers)
    slow = mine.percentile(99)
    said = f"{slow * 1000:.1f} ms, p50 {mine.percentile(50) * 1000:.1f} ms, {mine.rate:.0f}/s"
    wrong = "; ".join([*mine.refused[:1], *lost[:3]])
    yield Row(
        f"p99 of 10,000 saves by 16 clients ({name})",
        said,
        theirs.words("bare view"),
        slow / theirs.percentile(99),
        goal=5,
        failed=wrong,
    )
    yield Row(
        f"… against a view that only appends and syncs ({name})",
        said,
        synced.words("one fsync each"),
        slow / synced.percentile(99),
        failed=wrong,
    )
    yield Row(
        f"saves refused or lost, of {len(mine.seconds):,} ({name})",
        f"{len(mine.refused)} refused, {len(lost)} lost",
        "none",
        float(len(mine.refused) + len(lost)),
        goal=0,
        failed=wrong,
    )


@dataclass
class _Crowd:
    """Clients that all ask at once, each one request after another, on fresh connections.

    A connection that breaks is an error of the whole bench: a figure from fewer requests than it
    claims is worse than none. Servers close connections that are idle for half a minute.
    """

    port: int
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    took: float = 0

    def run(self, browsers: list[Browser], times: int) -> None:
        with ExitStack() as stack:
            wires = [stack.enter_context(Wire(self.port)) for _ in browsers]
            pool = stack.enter_context(ThreadPoolExecutor(len(browsers)))
            barrier = threading.Barrier(len(browsers))
            began = time.perf_counter()
            done = [
                pool.submit(self._client, wire, browser, times, barrier)
                for wire, browser in zip(wires, browsers, strict=True)
            ]
            for one in done:
                self.seconds += one.result()
            self.took += time.perf_counter() - began

    def _client(
        self, wire: Wire, browser: Browser, times: int, barrier: threading.Barrier
    ) -> list[float]:
        seconds = []
        barrier.wait()
        for _ in range(times):
            request = browser.next_save()
            began = time.perf_counter()
            reply = wire.ask(request)
            seconds.append(time.perf_counter() - began)
            if reply.status != OK:
                self.refused.append(f"{reply.status} {reply.body[:200]!r}")
        return seconds

    def percentile(self, which: int) -> float:
        return statistics.quantiles(self.seconds, n=100)[which - 1]

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took

    def words(self, what: str) -> str:
        return f"{what} {self.percentile(99) * 1000:.1f} ms, {self.rate:.0f}/s"
