"""The database: one base class, two kinds of transaction, two engines.

Reading: `reading()` is the request's session; it takes no lock. Writing: `with transaction()` is
the only place that commits. On SQLite a writer queues on a lock of ours, then says BEGIN IMMEDIATE:
SQLite's own sleeping retry makes the slowest saves four times slower, and BEGIN DEFERRED loses
concurrent saves to "database is locked".
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import JSON, String, TypeDecorator

from riskapp.core.errors import Refusal

WRITES = "riskapp_writes"
BUSY_MS, PATIENCE_MS = 10_000, 500
"""How long SQLite waits for others, and how long it does to empty its log."""

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class DatabaseUnavailable(Refusal):
    """The database does not answer; nothing was written."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in and out; a naive one is a mistake and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMES)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: JSON(),
            list[Any]: JSON(),
            list[str]: JSON(),
            str: String(),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class WriteQueue:
    """One writer at a time: a lock between threads, and `flock` between processes."""

    def __init__(self, database: Path | None) -> None:
        self._threads = threading.Lock()
        self._inside: int | None = None
        self._file = None if database is None else database.with_name(database.name + ".writers")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for this thread's turn. RuntimeError where it has it: it would wait for itself."""
        if self._inside == threading.get_ident():
            raise RuntimeError("a transaction inside a transaction would wait for ever")
        with self._threads:
            self._inside = threading.get_ident()
            try:
                with self._alone():
                    yield
            finally:
                self._inside = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keeps other processes out."""
        if self._file is None:
            yield
            return
        with self._file.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def reading() -> Session:
    """The request's session, for queries. Never commit it."""
    return db.session()


@contextmanager
def transaction(on: Engine | None = None) -> Iterator[Session]:
    """One state change: everything inside is committed together, or nothing is.

    Not to be nested: a verb that needs another room's part calls that room's function with this
    session. `on` is `db.engine` as it was when a request was there, for what turns out while its
    response is sent. Raises DatabaseUnavailable where the database does not answer.
    """
    with _turn_to_write(on) as engine, Session(engine, expire_on_commit=False) as session:
        session.connection(execution_options={WRITES: True})
        yield session
        session.commit()


@contextmanager
def plain_transaction() -> Iterator[Connection]:
    """As `transaction`, for statements without objects: spares the session on the hottest path."""
    with _turn_to_write() as engine, engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


@contextmanager
def _turn_to_write(on: Engine | None = None) -> Iterator[Engine]:
    engine = on or db.engine
    queue: WriteQueue | None = getattr(engine, "riskapp_write_queue", None)
    try:
        if on is None:
            db.session.rollback()
        with nullcontext() if queue is None else queue.turn():
            yield engine
    except OperationalError as error:
        raise DatabaseUnavailable from error


def forget_deleted() -> bool:
    """Writes SQLite's write-ahead log back and empties it: it holds pages as they were before.

    After the commit that deletes a secret, never inside a transaction. False where somebody reads
    what was before, so that the log stays until a later time. PostgreSQL forgets by VACUUM.
    """
    engine = db.engine
    queue: WriteQueue | None = getattr(engine, "riskapp_write_queue", None)
    if queue is None:
        return True
    db.session.rollback()
    with queue.turn(), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")  # who writes waits as long as this
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (True,)
        finally:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            cursor.close()
    return not busy


def prepare_engine(engine: Engine) -> None:
    """Sets what SQLite needs for durability and for many writers; PostgreSQL needs nothing."""
    if engine.dialect.name != "sqlite":
        return
    name = engine.url.database
    in_memory = name in (None, "", ":memory:")
    queue = WriteQueue(None if in_memory or name is None else Path(name))
    engine.riskapp_write_queue = queue  # type: ignore[attr-defined] # the engine's own lock
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a power cut must not lose an answer or an event
        "foreign_keys=ON",
        "recursive_triggers=ON",  # else INSERT OR REPLACE slips by the append-only triggers
        f"busy_timeout={BUSY_MS}",
        "secure_delete=ON",  # a destroyed key must not stay readable in free space
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    # By the driver: the pool's way of saying it would cost as much as a statement.
    cursor = connection.connection.cursor()
    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    cursor.close()
