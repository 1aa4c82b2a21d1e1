import logging
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from tests.conftest import StoppedClock, dispose, make_app
from tests.small import app_of_its_own as small_app

__all__ = ["small_app"]

NOBODY_LISTENS = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def no_database(tmp_path: Path) -> Iterator[Flask]:
    """An app whose database does not answer."""
    made = make_app(tmp_path / "unreached", NOBODY_LISTENS, clock=StoppedClock())
    yield made
    dispose(made)


@pytest.fixture
def no_tables(tmp_path: Path) -> Iterator[Flask]:
    """An app over a database that was never migrated."""
    instance = tmp_path / "fresh"
    instance.mkdir()
    url = f"sqlite:///{instance / 'riskapp.sqlite'}"
    made = make_app(instance, url, clock=StoppedClock())
    yield made
    dispose(made)


@pytest.fixture
def empty(no_tables: Flask) -> Flask:
    """An app over a migrated database with nothing in it."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with no_tables.app_context():
        flask_migrate.upgrade()
    return no_tables
