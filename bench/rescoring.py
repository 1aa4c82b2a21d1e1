"""Scoring again: a portfolio with loading and writing, the arithmetic alone, and one assessment."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from bench.baseline_sums import sums
from bench.house import installed
from bench.saving import seconds_of_a_save
from bench.scored import ITEMS, KINDS, fill, kinds
from bench.table import Row
from riskapp.audit.service import OPERATOR
from riskapp.core.db import plain_transaction, reading
from riskapp.scoring.batch import marked
from riskapp.scoring.compiled import outcome_packed
from riskapp.scoring.models import StoredBasis
from riskapp.scoring.packing import Packed
from riskapp.scoring.rescoring import rescore
from riskapp.scoring.terms import standard
from riskapp.web.ports import ports
from tests.databases import Database, Postgres, Sqlite
from tests.requirements import postgres_url

MANY = 10_000
CHANGED = (0, 100)
PAIRS = 3
TIMES = 2000


def rescoring() -> Iterator[Row]:
    """All three, the portfolio on each database that is here."""
    today = datetime.now(UTC).date()
    every = kinds(today)
    yield from _whole("SQLite", Sqlite(), every, today)
    url = postgres_url()
    if url is not None:
        yield from _whole("PostgreSQL", Postgres(url), every, today)
    yield _kernel(every, today)
    yield _one(every, today)


def _whole(name: str, database: Database, every: list[Packed], today: date) -> Iterator[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database.fresh(folder)
        stack.callback(database.drop, url)
        stack.enter_context(installed(folder, url))
        ids, weights = fill(every, MANY, today)
        for changed in CHANGED:
            pairs = []
            for _ in range(PAIRS):
                stale, ids = ids[:changed], ids[changed:]
                pairs.append((_seconds(lambda: _sums(weights)), _rescored(stale)))
            theirs, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratios = tuple(slow / quick for slow, quick in pairs)
            yield Row(
                f"{MANY:,} of {ITEMS} answers scored again, {changed} differ ({name})",
                f"{ours:.2f} s",
                f"pandas reads and sums them {theirs:.2f} s",
                statistics.median(ratios),
                least=10,
                pairs=ratios,
            )


def _sums(weights: dict[str, int]) -> None:
    assert len(sums(reading().connection(), weights)) == MANY
    reading().rollback()


def _rescored(stale: list[str]) -> float:
    """Seconds of scoring all again, where these were scored otherwise before."""
    with plain_transaction() as connection:
        mine = StoredBasis.assessment_id.in_(stale)
        connection.execute(sa.update(StoredBasis).where(mine).values(outcome="otherwise"))
    now = ports().clock.now()
    began = time.perf_counter()
    found = rescore(cause="bench", actor=OPERATOR, now=now)
    took = time.perf_counter() - began
    assert {one.assessment_id for one in found} == set(stale)
    reading().rollback()
    return took


def _kernel(every: list[Packed], today: date) -> Row:
    """The arithmetic alone, against looking up each answer's credit and a weighted sum."""
    rows = [every[number % KINDS] for number in range(MANY)]
    plans = {kind.plan: kind.document for kind in every}
    data = np.frombuffer(b"".join(row.items for row in rows), "<u2").reshape(MANY, ITEMS, 2)
    codes = np.ascontiguousarray(data[:, :, 1])
    table, weights = np.arange(2**16, dtype=np.int64), np.ones(ITEMS, np.int64)

    def plain() -> object:
        return (table[codes] * weights).sum(axis=1)

    pairs = [
        (_seconds(lambda: marked(plans, rows, today, standard())), _seconds(plain))
        for _ in range(2 * PAIRS)
    ]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Row(
        f"{MANY * ITEMS:,} answers to tiers, by NumPy (goal: under 2 s)",
        f"{ours:.2f} s",
        f"plain look-up and weighted sum {theirs:.3f} s",
        statistics.median(one / other for one, other in pairs),
        failed="" if ours < 2 else f"{ours:.2f} s",
    )


def _one(every: list[Packed], today: date) -> Row:
    """One assessment of which an answer changed, against saving that answer."""
    save = seconds_of_a_save()
    kind, seconds = every[0], []
    for _ in range(PAIRS):
        began = time.process_time()
        for number in range(TIMES):
            at = number % ITEMS * 4
            items = kind.items[: at + 2] + b"\1\2" + kind.items[at + 4 :]
            outcome_packed(kind.document, kind._replace(items=items), today, standard())
        seconds.append((time.process_time() - began) / TIMES)
    ratios = tuple(one / save for one in seconds)
    return Row(
        f"one assessment of {ITEMS} answers scored again, one changed",
        f"{statistics.median(seconds) * 1e6:.0f} µs of CPU",
        f"saving the answer {save * 1e6:.0f} µs",
        statistics.median(ratios),
        goal=0.1,
        pairs=ratios,
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
