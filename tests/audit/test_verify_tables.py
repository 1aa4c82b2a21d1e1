"""Rows that readers do not find, for they or an index are kept otherwise: verifying names them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from riskapp.audit.history import Wanted, entries
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading
from riskapp.web.ports import ports
from tests.audit.attacker import attack, put, state
from tests.audit.logs import add, elsewhere, found, kinds, nothing_yet

__all__ = ["elsewhere", "nothing_yet"]


@pytest.fixture
def on_sqlite(elsewhere: str) -> None:
    del elsewhere
    if db.engine.dialect.name != "sqlite":
        pytest.skip(
            "PostgreSQL's columns hold their type only, and its indexes cannot be described"
        )


@pytest.fixture
def on_postgresql(elsewhere: str) -> None:
    del elsewhere
    if db.engine.dialect.name != "postgresql":
        pytest.skip("PostgreSQL's indexes")


def change(*statements: str, **values: object) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), values)


def read_by(wanted: Wanted) -> set[int]:
    """What the history has of it."""
    db.session.rollback()
    return {one.id for one in entries(reading(), wanted)}


@pytest.mark.usefixtures("on_sqlite")
def test_events_whose_columns_are_kept_as_bytes_are_named() -> None:
    with attack() as bent:
        put(bent)
        row = bent.by_number()[9]
        assert row["id"] in read_by(Wanted(vendor_id="a vendor"))
        change(
            "UPDATE event SET vendor_id = CAST(vendor_id AS BLOB), "
            "assessment_id = CAST(assessment_id AS BLOB) WHERE id = :id",
            id=row["id"],
        )
        assert row["id"] not in read_by(Wanted(vendor_id="a vendor"))
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("stored", 9, row["id"])
        assert one.words.endswith("It is: vendor, assessment.")


@pytest.mark.parametrize("column", ["at", "type", "object_id", "actor_kind", "vendor_id", "body"])
@pytest.mark.usefixtures("on_sqlite")
def test_each_column_that_is_kept_as_bytes_is_named(column: str) -> None:
    with attack() as bent:
        put(bent)
        event = bent.by_number()[7]["id"]
        change(f"UPDATE event SET {column} = CAST({column} AS BLOB) WHERE id = :id", id=event)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("stored", 7, event)


@pytest.mark.usefixtures("on_sqlite")
def test_an_event_that_waits_is_held_to_its_types() -> None:
    with attack() as bent:
        put(bent)
        add(1)
        last = state().event[-1]["id"]
        change("UPDATE event SET type = CAST(type AS BLOB) WHERE id = :id", id=last)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("stored", None, last)
        put(bent)


@pytest.mark.parametrize("column", ["value", "salt", "field"])
@pytest.mark.usefixtures("on_sqlite")
def test_words_that_are_kept_as_bytes_are_named(column: str) -> None:
    with attack() as bent:
        put(bent)
        event = bent.by_number()[9]["id"]
        change(
            f"UPDATE event_private SET {column} = CAST({column} AS BLOB) "
            "WHERE event_id = :id AND field = 'actor'",
            id=event,
        )
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("private", 9, event)
        assert "kept as bytes" in one.words


@pytest.mark.usefixtures("on_sqlite")
def test_a_hash_that_is_kept_as_bytes_is_named() -> None:
    with attack() as bent:
        put(bent)
        change("UPDATE log_entry SET leaf = CAST(leaf AS BLOB) WHERE number = 9")
        one = found()[0]
        assert one.words == "What the log has as its hash is none."
        assert (one.kind, one.number, one.event) == ("body", 9, bent.by_number()[9]["id"])


@pytest.mark.parametrize("column", ["note", "at"])
@pytest.mark.usefixtures("on_sqlite")
def test_a_checkpoint_that_is_kept_as_bytes_is_named(column: str) -> None:
    with attack() as bent:
        put(bent)
        change(f"UPDATE checkpoint SET {column} = CAST({column} AS BLOB) WHERE size = 13")
        (one,) = [one for one in found() if one.kind == "stored"]
        assert "size 13" in one.words
        assert f"{column} (blob)" in one.words


@pytest.mark.usefixtures("on_sqlite")
def test_a_kept_hash_that_is_kept_as_bytes_is_named() -> None:
    add(260)
    ports().log.append()
    with attack() as bent:
        put(bent)
        change("UPDATE log_node SET hash = CAST(hash AS BLOB)")
        assert "node" in kinds(found())


@pytest.mark.parametrize(
    "row",
    [
        "log_node VALUES (8, 0.5, :hash)",
        "log_node VALUES (8.5, 0, :hash)",
        "log_node VALUES (CAST('8' AS BLOB), 0, :hash)",
        "checkpoint VALUES (24.5, :hash, '2026-01-01 00:00:00', NULL)",
    ],
)
@pytest.mark.usefixtures("on_sqlite")
def test_rows_between_places_are_found_though_they_stop_all_signing(row: str) -> None:
    add(520)  # so that there is a place between two hashes that belong there
    ports().log.checkpoint(ports().clock.now())
    with attack() as bent:
        put(bent)
        change(f"INSERT INTO {row}", hash="00" * 32)
        assert kinds(found()) & {"stored", "node"}


@contextmanager
def described_as_before(name: str, sql: str) -> Iterator[None]:
    """Another index of a name, that is then described as the one that it takes the place of."""
    with db.engine.begin() as connection:
        query = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
        before = connection.execute(query, {"name": name}).scalar_one()
    change(f"DROP INDEX {name}", sql)
    _describe(name, before)
    yield
    change(f"DROP INDEX {name}", before)


def _describe(name: str, sql: str) -> None:
    db.engine.dispose()
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA writable_schema = ON")
        driver.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))
        driver.execute("PRAGMA writable_schema = RESET")
    db.engine.dispose()


@pytest.mark.usefixtures("on_sqlite")
def test_an_event_that_an_index_lacks_is_named() -> None:
    event = state().by_number()[9]["id"]
    partial = f"CREATE INDEX ix_event_assessment ON event (assessment_id, id) WHERE id <> {event}"
    with described_as_before("ix_event_assessment", partial):
        assert event not in read_by(Wanted(assessment_id="an assessment"))
        first, one = found()
        assert first.words.startswith("The index ix_event_assessment of event has ")
        assert (one.kind, one.number, one.event) == ("index", 9, event)
    assert event in read_by(Wanted(assessment_id="an assessment"))
    assert found() == []


@pytest.mark.usefixtures("on_sqlite")
def test_who_acted_is_named_where_the_index_of_actors_lacks_it() -> None:
    event = state().by_number()[9]["id"]
    partial = (
        "CREATE INDEX ix_event_private_actor ON event_private (value, event_id) "
        f"WHERE field = 'actor' AND event_id <> {event}"
    )
    with described_as_before("ix_event_private_actor", partial):
        assert event not in read_by(Wanted(actor="a person"))
        assert [one.event for one in found()] == [None, event]


@pytest.mark.usefixtures("on_sqlite")
def test_an_index_that_says_that_it_is_partial_is_named() -> None:
    (before,) = _sql_of("ix_event_vendor")
    change("DROP INDEX ix_event_vendor", f"{before} WHERE id <> 9")
    assert {one.kind for one in found()} == {"index"}
    assert "ix_event_vendor of event is not as riskapp made it" in found()[0].words
    change("DROP INDEX ix_event_vendor")
    (one,) = found()
    assert one.words == "The index ix_event_vendor of event is not there."
    change(before)
    assert found() == []


def _sql_of(name: str) -> list[str]:
    with db.engine.begin() as connection:
        query = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
        return list(connection.execute(query, {"name": name}).scalars())


@pytest.mark.usefixtures("on_sqlite")
def test_an_index_of_which_an_entry_lies_elsewhere_is_found_by_a_thorough_look() -> None:
    event = state().by_number()[9]["id"]
    other = (
        "CREATE INDEX ix_event_assessment ON event "
        f"(CASE WHEN id = {event} THEN 'elsewhere' ELSE assessment_id END, id)"
    )
    with described_as_before("ix_event_assessment", other):
        assert event not in read_by(Wanted(assessment_id="an assessment"))
        thorough = Verification(db.engine, reading(), ports().signer, thoroughly=True)
        assert {one.kind for one in thorough.findings()} == {"index"}
    thorough = Verification(db.engine, reading(), ports().signer, thoroughly=True)
    assert list(thorough.findings()) == []


@pytest.mark.usefixtures("on_postgresql")
def test_an_index_of_postgresql_is_held_to_what_it_is_to_be() -> None:
    name, about = "ix_event_assessment", "event (assessment_id, id)"
    for other in (f"{about} WHERE id <> 9", "event (lower(assessment_id), id)", "event (id)"):
        change(f"DROP INDEX {name}", f"CREATE INDEX {name} ON {other}")
        told = [one.words for one in found()]
        assert f"The index {name} of event is not as riskapp made it" in told[0], other
    change(f"DROP INDEX {name}", f"CREATE INDEX {name} ON {about}")
    assert found() == []
    change(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    assert kinds(found()) == {"index"}
    change(f"UPDATE pg_index SET indisvalid = true WHERE indexrelid = '{name}'::regclass")
    assert found() == []
