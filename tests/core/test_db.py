"""Transactions: all or nothing, and nobody's change is lost, from threads and from processes."""

import json
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import StatementError

from riskapp.core.db import DatabaseUnavailable, db, reading, transaction
from riskapp.vendors.models import Vendor
from tests.cast import NOW, Cast
from tests.conftest import Place
from tests.small import at_once

pytestmark = pytest.mark.usefixtures("in_app")
EACH = 15


def add_one(vendor_id: str) -> None:
    """Reads a number, and writes it back one greater: what is lost when two do it at once."""
    with transaction() as session:
        row = session.get_one(Vendor, vendor_id, with_for_update=True)
        row.name = str(int(row.name) + 1)


def start_at_zero(vendor_id: str) -> None:
    with transaction() as session:
        session.get_one(Vendor, vendor_id).name = "0"


def name_of(vendor_id: str) -> str:
    reading().rollback()
    return reading().get_one(Vendor, vendor_id).name


def test_two_threads_that_write_at_once_lose_nothing(cast: Cast) -> None:
    start_at_zero(cast.vera.vendor_id)

    def work() -> None:
        for _ in range(EACH):
            add_one(cast.vera.vendor_id)

    assert at_once(work, work, work) == [None, None, None]
    assert name_of(cast.vera.vendor_id) == str(3 * EACH)


def test_two_processes_that_write_at_once_lose_nothing(cast: Cast, place: Place) -> None:
    start_at_zero(cast.vera.vendor_id)
    script = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from tests.conftest import make_app, dispose
        from tests.core.test_db import EACH, add_one

        app = make_app(Path({json.dumps(str(place.instance))}), {json.dumps(place.url)})
        with app.app_context():
            sys.stdout.write("ready\\n")
            sys.stdout.flush()
            sys.stdin.readline()
            for _ in range(EACH):
                add_one({json.dumps(cast.vera.vendor_id)})
        dispose(app)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        for _ in range(EACH):
            add_one(cast.vera.vendor_id)
        assert other.wait(60) == 0
    assert name_of(cast.vera.vendor_id) == str(2 * EACH)


def half_done(vendor_id: str) -> None:
    with transaction() as session:
        session.get_one(Vendor, vendor_id).name = "Half"
        session.flush()
        raise ZeroDivisionError


def test_an_exception_leaves_nothing_of_what_was_written_before_it(cast: Cast) -> None:
    before = name_of(cast.vera.vendor_id)
    with pytest.raises(ZeroDivisionError):
        half_done(cast.vera.vendor_id)
    assert name_of(cast.vera.vendor_id) == before
    with transaction() as session:  # and the next one has its turn
        session.get_one(Vendor, cast.vera.vendor_id).name = "Whole"
    assert name_of(cast.vera.vendor_id) == "Whole"


def test_a_reader_sees_nothing_until_all_of_it_is_committed(cast: Cast) -> None:
    before = name_of(cast.vera.vendor_id)
    with transaction() as session:
        session.get_one(Vendor, cast.vera.vendor_id).name = "Later"
        session.flush()
        with db.engine.connect() as other:
            seen = other.execute(sa.select(Vendor.name).where(Vendor.id == cast.vera.vendor_id))
            assert seen.scalar_one() == before
    assert name_of(cast.vera.vendor_id) == "Later"


def test_a_database_that_cannot_be_used_is_unavailable_and_not_a_broken_program(
    app: Flask, cast: Cast
) -> None:
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        db.engine.dispose()
        path.rename(path.with_name("away"))
        path.mkdir()
        with pytest.raises(DatabaseUnavailable):
            start_at_zero(cast.vera.vendor_id)
        path.rmdir()
        path.with_name("away").rename(path)
    else:
        reading().execute(sa.text("SELECT 1"))
        server = sa.create_engine(db.engine.url.set(database="postgres"))
        with server.connect() as connection:
            ended = connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"
                ),
                {"n": db.engine.url.database},
            )
            assert len(ended.all()) > 0
        server.dispose()
        with pytest.raises(DatabaseUnavailable):
            start_at_zero(cast.vera.vendor_id)
    start_at_zero(cast.vera.vendor_id)  # it is back
    assert name_of(cast.vera.vendor_id) == "0"


def test_a_transaction_inside_a_transaction_is_refused_where_it_would_wait_for_itself() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL gives the inner one a connection of its own")
    with pytest.raises(RuntimeError, match="wait for ever"), transaction(), transaction():
        pass
    with transaction():
        pass


def test_times_come_back_aware_and_the_same_and_a_naive_one_is_refused(cast: Cast) -> None:
    assert reading().get_one(Vendor, cast.vera.vendor_id).created_at == NOW
    with pytest.raises(StatementError, match="without a zone"), transaction() as session:
        session.get_one(Vendor, cast.vera.vendor_id).created_at = datetime(2026, 1, 1)  # noqa: DTZ001
