"""Rows of any table as JSON lines, and back, into either kind of database.

The first line names the columns. JSON has no times, days and bytes: they are objects of one member
whose name is their kind. A JSON column is kept as the text that the database holds, for SQL's NULL
and JSON's null must not become one.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from riskapp.core.backup.errors import BackupUnfit
from riskapp.core.backup.folder import LineFile

BATCH = 500
"""Rows that are held in memory at a time"""
LARGE_BATCH = 10
"""The same of a table with columns of bytes, which can be megabytes"""
BATCH_LETTERS = 4_000_000
"""Of text in one statement"""
VERSIONS = "alembic_version"


def schema(connection: sa.Connection) -> list[sa.Table]:
    """The tables as they are in this database, each behind those that it refers to."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSIONS]


def revision(connection: sa.Connection) -> str | None:
    """Which migration this database has seen last; None where it has no tables."""
    if not sa.inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.scalar(sa.text(f"SELECT version_num FROM {VERSIONS}"))  # noqa: S608 - a constant
    return found


def has_rows(connection: sa.Connection, tables: Sequence[sa.Table]) -> bool:
    return any(
        connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
        for table in tables
    )


def write_rows(connection: sa.Connection, table: sa.Table, lines: LineFile) -> None:
    """Every row in the order of the primary key; only a batch of them is in memory at a time."""
    columns = [
        sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column
        for column in table.columns
    ]
    documents = [isinstance(column.type, sa.JSON) for column in table.columns]
    lines.write([column.name for column in table.columns])
    large = any(isinstance(column.type, sa.LargeBinary) for column in table.columns)
    rows = connection.execute(
        sa.select(*columns).order_by(*table.primary_key.columns),
        execution_options={"stream_results": True, "yield_per": LARGE_BATCH if large else BATCH},
    )
    for row in rows:
        lines.write(
            [
                {"json": value} if document and value is not None else _written(value)
                for value, document in zip(row, documents, strict=True)
            ]
        )


def insert_rows(connection: sa.Connection, table: sa.Table, lines: Iterator[Any]) -> int:
    """How many there were. Raises BackupUnfit where the table has other columns."""
    names: list[str] = next(lines, [])
    if set(names) != {column.name for column in table.columns}:
        raise BackupUnfit(
            f"The table {table.name} has other columns than its backup, though both say that they "
            "are of one version. Restore with the version of riskapp that made the backup."
        )
    into = sa.insert(_plain(table))
    count = 0
    for batch in _batches(lines):
        connection.execute(
            into,
            [{n: _read(value) for n, value in zip(names, row, strict=True)} for row in batch],
        )
        count += len(batch)
    return count


def _batches(lines: Iterator[Any]) -> Iterator[list[Any]]:
    batch, letters = list[Any](), 0
    for row in lines:
        batch.append(row)
        letters += sum(len(next(iter(one.values()))) for one in row if isinstance(one, dict))
        if len(batch) == BATCH or letters > BATCH_LETTERS:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch


def go_on_counting(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Lets the next row of each table with a counter follow the last; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        for column in table.primary_key.columns:
            sequence = connection.scalar(
                sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            )
            last = connection.scalar(sa.select(sa.func.max(column)))
            if sequence is not None and last is not None:
                connection.execute(sa.select(sa.func.setval(sequence, last)))


def read_rows(lines: Iterator[Any]) -> Iterator[dict[str, Any]]:
    """Rows of a backup by column names, without a database."""
    names: list[str] = next(lines, [])
    for row in lines:
        yield {name: _read(value) for name, value in zip(names, row, strict=True)}


def _plain(table: sa.Table) -> sa.TableClause:
    """The same table without a type for JSON, so that its text goes in as it came out."""
    return sa.table(
        table.name,
        *(
            sa.column(one.name, sa.types.NULLTYPE if isinstance(one.type, sa.JSON) else one.type)
            for one in table.columns
        ),
    )


def _written(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    match value:
        case None | bool() | int() | str() | float():
            return value
        case bytes() | memoryview():
            return {"base64": base64.b64encode(value).decode()}
        case datetime():  # SQLite's are naive and UTC, as UtcDateTime stores them
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return {"time": aware.isoformat()}
        case date():
            return {"day": value.isoformat()}
    raise TypeError(f"no way to write a {type(value).__name__} into a backup")


_KINDS: dict[str, Callable[[str], Any]] = {
    "base64": base64.b64decode,
    "time": datetime.fromisoformat,
    "day": date.fromisoformat,
    "json": str,
}


def _read(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _KINDS[kind](text)
