"""Verifying a log of a million events, against reading and hashing their bodies once."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import baseline_hashing
from bench.house import installed
from bench.table import Row
from riskapp.audit.service import STORED_AT, About, Actor
from riskapp.audit.service import Row as EventRow
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading
from riskapp.core.ids import new_id
from riskapp.web.ports import ports
from tests.databases import Database, Postgres, Sqlite
from tests.requirements import postgres_url

EVENTS = 1_000_000
AT_ONCE = 20_000
PAIRS = 3
COLUMNS = "at, type, object_id, actor_kind, vendor_id, assessment_id, body"
WORDS = "It was shown to us on site, and the report says so too."


def verifying() -> Iterator[Row]:
    """All that `audit verify` looks at, on each database that is here."""
    yield from _verifying("SQLite", Sqlite())
    url = postgres_url()
    if url is not None:
        yield from _verifying("PostgreSQL", Postgres(url))


def _verifying(name: str, database: Database) -> Iterator[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database.fresh(folder)
        stack.callback(database.drop, url)
        stack.enter_context(installed(folder, url))
        _fill()
        hashed = _plainly(url)
        pairs = [(_seconds(_looked), _seconds(hashed)) for _ in range(PAIRS)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    yield Row(
        f"verifying {EVENTS:,} events ({name})",
        f"{ours:.1f} s",
        f"each body read and hashed {theirs:.1f} s",
        statistics.median(ratios),
        goal=4,
        pairs=ratios,
    )


def _plainly(url: str) -> Callable[[], int]:
    where = sa.make_url(url)
    if where.drivername == "sqlite":
        return lambda: baseline_hashing.on_sqlite(where.database or "")
    plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
    return lambda: baseline_hashing.on_postgresql(plain)


def _looked() -> None:
    looked = Verification(db.engine, reading(), ports().signer)
    assert list(looked.findings()) == []
    assert looked.signed == looked.size > EVENTS


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _fill() -> None:
    """Events as they are in a year: answers above all, then files, reviews, scores; signed often.

    Written by the driver; numbered and signed by the log itself.
    """
    dice = random.Random(6)  # noqa: S311 - repeatable on purpose
    now = ports().clock.now()
    places = [(new_id(), new_id(), new_id()) for _ in range(2000)]
    for begin in range(0, EVENTS, AT_ONCE):
        some = [
            _event(dice, dice.choice(places), now + timedelta(seconds=at))
            for at in range(begin, begin + AT_ONCE)
        ]
        _insert(some)
        ports().log.checkpoint(now + timedelta(seconds=begin + AT_ONCE))
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def _event(dice: random.Random, place: tuple[str, str, str], at: datetime) -> EventRow:
    assessment, vendor, invitation = place
    question = f"GDP-{dice.randrange(70):02}"
    digest = f"{dice.getrandbits(256):064x}"
    about = About(f"{assessment}/{question}", vendor, assessment)
    vera, oskar = Actor("respondent", invitation), Actor("person", vendor)
    match dice.choices(range(4), (70, 10, 15, 5))[0]:
        case 0:
            said: dict[str, Any] = {"question": question, "revision": dice.randrange(1, 9)}
            return EventRow.of("answer:save", about, vera, at, {"answer": digest}, said)
        case 1:
            said = {"question": question, "size": dice.randrange(2**24), "sha256": digest}
            file = About(f"{new_id()}/1", vendor, assessment)
            return EventRow.of("evidence:keep", file, vera, at, {}, said)
        case 2:
            said = {"question": question, "from": "open", "to": "accepted"}
            note = {"note": WORDS if dice.random() < 0.3 else None}
            return EventRow.of("review:accept", about, oskar, at, note, said)
        case _:
            said = {"receipt": digest, "tier": "medium", "score": "34.1"}
            return EventRow.of("score:make", about, Actor("clock", None), at, {}, said)


def _insert(rows: list[EventRow]) -> None:
    with closing(db.engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()
        (last,) = cursor.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()
        private = [(last + at, *one) for at, row in enumerate(rows, 1) for one in row.openings]
        if db.engine.dialect.name == "sqlite":
            cursor.execute("BEGIN")
            cursor.executemany(
                f"INSERT INTO event ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - ours
                [(row.at.strftime(STORED_AT), *row.columns) for row in rows],
            )
            cursor.executemany("INSERT INTO event_private VALUES (?, ?, ?, ?)", private)
            cursor.execute("COMMIT")
            return
        with cursor.copy(f"COPY event (id, {COLUMNS}) FROM STDIN") as copy:
            for at, row in enumerate(rows, 1):
                copy.write_row((last + at, row.at, *row.columns))
        with cursor.copy("COPY event_private FROM STDIN") as copy:
            for one in private:
                copy.write_row(one)
        cursor.execute("SELECT setval(pg_get_serial_sequence('event', 'id'), max(id)) FROM event")
        connection.commit()
