"""Databases for tests: a template is migrated and peopled once, and copied for every test."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa


class Database(Protocol):
    """Somewhere to copy databases from."""

    kind: str

    def fresh(self, folder: Path) -> str:
        """The URL of a database without tables."""
        ...

    def copy(self, template: str, folder: Path) -> str:
        """The URL of a copy of the database behind `template`."""
        ...

    def drop(self, url: str) -> None:
        """Says that nobody uses it any more."""
        ...

    def close(self) -> None:
        """Leaves nothing behind."""
        ...


@dataclass
class Sqlite:
    kind: str = "sqlite"

    def fresh(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'riskapp.sqlite'}"

    def copy(self, template: str, folder: Path) -> str:
        source = Path(sa.make_url(template).database or "")
        target = folder / "riskapp.sqlite"
        shutil.copyfile(source, target)
        return f"sqlite:///{target}"

    def drop(self, url: str) -> None:
        Path(sa.make_url(url).database or "").unlink(missing_ok=True)

    def close(self) -> None:
        return


@dataclass
class Postgres:
    """Makes databases on a server; every test run has names of its own.

    Making a database costs the server a second of synchronising, so that copies are used again: a
    schema beside the tables keeps what the template held, and is put back for the next test.
    """

    server: str
    kind: str = "postgresql"
    _origins: dict[str, str] = field(default_factory=dict)
    """The template of every copy, by the copy's URL."""
    _free: dict[str, list[str]] = field(default_factory=dict)
    """Copies that nobody uses, by template."""
    _keepers: dict[str, "psycopg.Connection[Any]"] = field(default_factory=dict)
    """One open connection to each copy, to put it back: opening one takes as long as that."""
    _restoring: dict[str, str] = field(default_factory=dict)
    """The statements that put a copy back, by template: one text, sent at once."""

    def fresh(self, folder: Path) -> str:
        del folder
        return self._create("template0")

    def copy(self, template: str, folder: Path) -> str:
        del folder
        if self._free.get(template):
            url = self._free[template].pop()
            self._put_back(url)
            return url
        if template in self._keepers:  # a copy that became a template: nobody may be connected
            self._keepers.pop(template).close()
        url = self._create(sa.make_url(template).database or "")
        self._origins[url] = template
        with self._connected(url) as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS kept CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA kept")
            for table in _tables(connection):
                connection.exec_driver_sql(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
        return url

    def drop(self, url: str) -> None:
        if url in self._origins:
            self._free.setdefault(self._origins[url], []).append(url)
            return
        self._remove(url)

    def close(self) -> None:
        """Drops every copy."""
        for keeper in self._keepers.values():
            keeper.close()
        for url in self._origins:
            self._remove(url)

    @contextmanager
    def _connected(self, url: str, **how: str) -> Iterator[sa.Connection]:
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool, **how)
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def _put_back(self, url: str) -> None:
        template = self._origins[url]
        if template not in self._restoring:
            with self._connected(url) as connection:
                self._restoring[template] = _restoring(connection)
        try:
            self._restore(url)
        except psycopg.OperationalError:  # some tests end every connection to their database
            self._keepers.pop(url).close()
            self._restore(url)

    def _restore(self, url: str) -> None:
        if url not in self._keepers:
            plain = sa.make_url(url).set(drivername="postgresql")
            self._keepers[url] = psycopg.connect(plain.render_as_string(hide_password=False))
        with self._keepers[url].transaction():
            self._keepers[url].execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            self._keepers[url].execute(self._restoring[self._origins[url]].encode())

    def _create(self, template: str) -> str:
        name = f"riskapp_test_{uuid.uuid4().hex[:16]}"
        with self._connected(self.server, isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            # No test pulls the server's plug; waiting for its disk would be most of the suite.
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit TO off')
        url = sa.make_url(self.server).set(database=name)
        return url.render_as_string(hide_password=False)

    def _remove(self, url: str) -> None:
        name = sa.make_url(url).database
        with self._connected(self.server, isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _tables(connection: sa.Connection) -> list[str]:
    return sa.inspect(connection).get_table_names()


def _restoring(connection: sa.Connection) -> str:
    """What puts the tables of a copy back to what `kept` holds.

    The append-only triggers and the foreign keys rest meanwhile.
    """
    statements = ["SET LOCAL session_replication_role = replica"]
    for table in _tables(connection):
        statements.append(f'DELETE FROM "{table}"')
        if connection.scalar(sa.text(f'SELECT EXISTS (SELECT FROM kept."{table}")')):
            statements.append(f'INSERT INTO "{table}" TABLE kept."{table}"')
    for table in ("answer_revision", "event"):
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        newest = f'(SELECT coalesce(max(id), 0) + 1 FROM "{table}")'
        statements.append(f"SELECT setval({sequence}, {newest}, false)")
    return "; ".join(statements)
