"""Loading much at once without waiting for the disk after each change."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from riskapp.core.db import db


@contextmanager
def without_waiting(engine: Engine) -> Iterator[None]:
    """SQLite leaves writing to the system meanwhile; PostgreSQL stays as it is.

    For data that can be made anew: a power cut may tear the database. Hundreds of changes take a
    second in place of half a minute on a slow or busy disk.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    event.listen(engine, "connect", _relax)
    _reconnect(engine)
    try:
        yield
    finally:
        event.remove(engine, "connect", _relax)
        _reconnect(engine)


def _relax(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Runs behind the engine's own setting on each new connection."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def _reconnect(engine: Engine) -> None:
    db.session.rollback()
    engine.dispose()
