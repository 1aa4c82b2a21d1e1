"""Migrations are code: they go up and down with data in the tables, on both databases."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import DatabaseError

from riskapp import MIGRATIONS
from riskapp.assessments.models import AssessmentRelease
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading, transaction
from riskapp.tables import APPEND_ONLY, METADATA
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.conftest import StoppedClock, Template, dispose, make_app

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory(MIGRATIONS).walk_revisions()))
]


@pytest.fixture
def empty(template: Template, tmp_path: Path) -> Iterator[Flask]:
    """An app over a database without any table."""
    url = template.database.fresh(tmp_path)
    app = make_app(tmp_path / "instance", url, clock=StoppedClock())
    with app.app_context():
        yield app
    dispose(app)
    template.database.drop(url)


def _tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_from_nothing_the_migrations_make_what_the_models_say(empty: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert difference == []
    assert _tables() == set(METADATA.tables)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_goes_up_down_and_up_again(empty: Flask, revision: str) -> None:
    flask_migrate.upgrade(revision=revision)
    before = _tables()
    flask_migrate.downgrade(revision="base")
    assert _tables() == set()
    flask_migrate.upgrade(revision=revision)
    assert _tables() == before


@pytest.mark.usefixtures("in_app")
def test_going_down_to_the_first_revision_and_up_again_keeps_every_row_it_has_a_table_for(
    cast: Cast,
) -> None:
    stages.decided(cast.vera, cast.oskar, only=("iso-27001",))
    before = _counts()
    with transaction() as session:
        asked = session.scalars(sa.select(AssessmentRelease.questions)).all()
    flask_migrate.downgrade(revision=REVISIONS[0])
    first = _tables()
    flask_migrate.upgrade()
    after = _counts()
    assert {name: after[name] for name in first} == {name: before[name] for name in first}
    assert before["answer"] > 0
    assert before["event"] > 0
    with transaction() as session:
        again = session.scalars(sa.select(AssessmentRelease.questions)).all()
    assert [sorted(one) for one in again] == [sorted(one) for one in asked]
    assert all(len(one) > 1 for one in asked)


@pytest.mark.usefixtures("in_app")
def test_what_events_said_before_0005_they_only_commit_to_since(cast: Cast) -> None:
    stages.decided(cast.vera, cast.oskar, only=("iso-27001",))
    reading().rollback()
    kept = _openings()
    assert {field for _, field in kept} >= {"actor", "answer"}
    flask_migrate.downgrade(revision="0004")
    said = _bodies()
    for (event, field), value in kept.items():
        if field == "actor":
            assert said[event]["actor"]["id"] == value
        elif field == "answer":
            assert said[event]["digest"] == value
    flask_migrate.upgrade()
    assert _openings() == {
        (event, field): value
        for (event, field), value in kept.items()
        if field in {"actor", "answer"}
    }
    assert not any(
        body["type"] == "answer:save" and "digest" in body for body in _bodies().values()
    )
    assert list(Verification(db.engine, reading(), ports().signer).findings()) == []


def _openings() -> dict[tuple[int, str], str]:
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event_id, field, value FROM event_private")
        return {(event, field): value for event, field, value in rows}


def _bodies() -> dict[int, Any]:
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, body FROM event")
        return {event: json.loads(body) for event, body in rows}


def _counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def test_the_triggers_are_there_after_the_last_migration(empty: Flask) -> None:
    flask_migrate.upgrade()
    if db.engine.dialect.name == "sqlite":
        query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT relname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid "
            "WHERE NOT tgisinternal"
        )
    with db.engine.connect() as connection:
        guarded = Counter(connection.exec_driver_sql(query).scalars())
    assert {table: guarded[table] for table in APPEND_ONLY} == dict.fromkeys(APPEND_ONLY, 2)


@pytest.mark.usefixtures("in_app")
def test_an_event_cannot_be_rewritten(cast: Cast) -> None:
    del cast
    for statement in (
        "UPDATE event SET body = '{}' WHERE id = 1",
        "DELETE FROM event WHERE id = 1",
        "DELETE FROM event",
    ):
        with pytest.raises(DatabaseError), transaction() as session:
            session.execute(sa.text(statement))
