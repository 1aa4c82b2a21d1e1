"""What the trail costs: the same saves by eight writers with it, and without."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.house import Respondent, installed, respondent
from bench.respondents import simple_questions
from bench.table import Row
from riskapp.answers import service as answers
from riskapp.answers.service import Given, Saving, save
from riskapp.assessments.queries import assessment
from riskapp.audit.service import Along
from riskapp.audit.verify import Verification
from riskapp.catalogue.model import Question
from riskapp.core.db import db, reading
from riskapp.web.ports import ports
from tests.databases import Postgres
from tests.requirements import postgres_url

WRITERS = 8
SECONDS = 6
PAIRS = 5
SEQUENCE_EVERY, SIGN_EVERY = 2.0, 60.0
"""Seconds; as the clockwork does"""
_FORK = get_context("fork")


def writing() -> Iterator[Row]:
    """Transactions a second on PostgreSQL, whose commits wait for the disk, as its default is."""
    server = postgres_url()
    if server is None:
        yield Row("saves by 8 writers with the trail (PostgreSQL)", "no server", "none", None)
        return
    with ExitStack() as stack:
        folder, database = (
            Path(stack.enter_context(tempfile.TemporaryDirectory())),
            Postgres(server),
        )
        url = database.fresh(folder)
        stack.callback(database.drop, url)
        _wait_for_the_disk(url)
        app = stack.enter_context(installed(folder, url))
        writers = [_Writer.of(respondent(number)) for number in range(WRITERS)]
        _rate(app, writers, trail=True, seconds=2)
        pairs = [
            (_rate(app, writers, trail=True), _rate(app, writers, trail=False))
            for _ in range(PAIRS)
        ]
        wrong = [one.words for one in Verification(db.engine, reading(), ports().signer).findings()]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    yield Row(
        f"saves by {WRITERS} writers with the trail (PostgreSQL)",
        f"{ours:.0f}/s",
        f"the same without {theirs:.0f}/s",
        statistics.median(ratios),
        least=0.9,
        pairs=ratios,
        failed="; ".join(wrong[:3]),
    )


def _wait_for_the_disk(url: str) -> None:
    """Databases of tests do not."""
    name = sa.make_url(url).database
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit TO on')
    engine.dispose()


class _Writer:
    """Somebody who answers one question after the other, and again with another remark."""

    def __init__(self, saving: Saving, questions: list[tuple[Question, Any]]) -> None:
        self._saving = saving
        self._questions = questions
        self.saves = 0

    @classmethod
    def of(cls, who: Respondent) -> "_Writer":
        row = assessment(reading(), who.assessment_id)
        assert row is not None
        saving = Saving(who.assessment_id, row.vendor_id, who.invitation_id, 0)
        return cls(saving, simple_questions(who))

    def save(self) -> None:
        turn, at = divmod(self.saves, len(self._questions))
        question, value = self._questions[at]
        to = self._saving
        over = Saving(to.assessment_id, to.vendor_id, to.invitation_id, turn)
        save(question, Given(value, comment=f"Remark {turn}"), over, now=datetime.now(UTC))
        self.saves += 1


def _rate(app: Flask, writers: list[_Writer], *, trail: bool, seconds: float = SECONDS) -> float:
    """Saves a second, of all writers in processes of their own, and a sequencer beside them."""
    reading().rollback()
    begin, end = _FORK.Barrier(WRITERS + 1), _FORK.Event()
    counts = [_FORK.Value("q", 0, lock=False) for _ in writers]
    jobs: list[Any] = [
        _FORK.Process(target=_write, args=(app, one, count, begin, end, trail))
        for one, count in zip(writers, counts, strict=True)
    ]
    if trail:
        jobs.append(_FORK.Process(target=_sequence, args=(app, end)))
    for job in jobs:
        job.start()
    begin.wait()
    began = time.perf_counter()
    time.sleep(seconds)
    end.set()
    took = time.perf_counter() - began
    for job in jobs:
        job.join()
        assert job.exitcode == 0
    for one, count in zip(writers, counts, strict=True):
        one.saves += count.value
    done: int = sum(count.value for count in counts)
    return done / took


def _write(app: Flask, who: _Writer, count: Any, begin: Barrier, end: Event, trail: bool) -> None:  # noqa: ANN401 - shared memory
    with app.app_context():
        db.engine.dispose(close=False)
        if not trail:
            vars(answers)["record_along"] = _only_along
        before = who.saves
        begin.wait()
        while not end.is_set():
            who.save()
        count.value = who.saves - before


def _only_along(connection: sa.Connection, along: Along, *_: object, **__: object) -> None:
    connection.exec_driver_sql(along.on_postgresql, along.values)


def _sequence(app: Flask, end: Event) -> None:
    with app.app_context():
        db.engine.dispose(close=False)
        signed = time.monotonic()
        while not end.wait(SEQUENCE_EVERY):
            ports().log.append()
            if time.monotonic() > signed + SIGN_EVERY:
                ports().log.checkpoint(datetime.now(UTC))
                signed = time.monotonic()
        ports().log.checkpoint(datetime.now(UTC))
