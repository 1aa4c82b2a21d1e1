"""Databases for tests: a template is migrated and peopled once, and copied for every test."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

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

    def drop(self, url: str) -> None: ...


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


@dataclass
class Postgres:
    """Makes and drops databases on a server; every test run has names of its own."""

    server: str
    kind: str = "postgresql"
    _made: list[str] = field(default_factory=list)

    @contextmanager
    def _admin(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(
            self.server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
        )
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def _create(self, template: str) -> str:
        name = f"riskapp_test_{uuid.uuid4().hex[:16]}"
        with self._admin() as connection:
            connection.exec_driver_sql(
                f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
            )
        url = sa.make_url(self.server).set(database=name)
        return url.render_as_string(hide_password=False)

    def fresh(self, folder: Path) -> str:
        del folder
        return self._create("template0")

    def copy(self, template: str, folder: Path) -> str:
        del folder
        return self._create(sa.make_url(template).database or "")

    def drop(self, url: str) -> None:
        name = sa.make_url(url).database
        with self._admin() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
