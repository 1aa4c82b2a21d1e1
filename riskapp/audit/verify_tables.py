"""Whether the trail's tables are what readers take them for: their types, and their indexes.

Readers look events up by indexes. One that was made over a part of the rows only, and then
described as if it were over all, hides what it lacks from pages and packs, while the log and the
table have it. To hold every entry of each index to the table would take as long as all else that
verifying does, and is done where it is asked for; what an index counts is looked at always.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.orm import Session

from riskapp.audit.findings import Finding
from riskapp.audit.models import (
    Checkpoint,
    Event,
    EventPrivate,
    LogEntry,
    LogNode,
    SigningKey,
)

_TABLES: tuple[Any, ...] = tuple(
    model.__table__ for model in (Event, EventPrivate, LogEntry, LogNode, Checkpoint, SigningKey)
)
_FEW: tuple[Any, ...] = tuple(model.__table__ for model in (Checkpoint, SigningKey))
"""Tables of few rows. Of the others each row is looked at with its event, or its place."""
_BY_ROW = {("event", "id"), ("signing_key", "number")}
"""Keys that are SQLite's own numbers of rows, without an index beside the table."""
_MOST = 1000
"""So many events that one index lacks are named."""
_FIT = "is not as riskapp made it, so that readers may not find what it is about"
_LACKS = (
    "SELECT e.id, l.number, e.type, e.object_id FROM event e NOT INDEXED "
    "LEFT JOIN log_entry l NOT INDEXED ON l.event_id = e.id WHERE e.id IN "
    "(SELECT {id} FROM {table} NOT INDEXED{plainly} EXCEPT "
    "SELECT {id} FROM {table} INDEXED BY {index}{where}) ORDER BY e.id LIMIT {most}"
)
_COUNT = "(SELECT total(1) FROM {table} {how}{where})"
"""SQLite counts by whichever index is the smallest, where it is asked for the count as such."""
_INDEXES = (
    "SELECT c.relname, i.indisunique, pg_get_indexdef(i.indexrelid), "
    "i.indisvalid AND i.indisready AND i.indislive "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(%s)"
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an index is over: columns, and which rows; those of constraints have any name."""

    name: str | None
    unique: bool
    columns: str
    where: str


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    shape: _Shape
    counted: bool
    """Whether it lies beside the table."""


def unfit_tables(session: Session, *, thoroughly: bool) -> Iterator[Finding]:
    """What is wrong with the tables. On SQLite `thoroughly` is each entry of each index."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    for table in _TABLES:
        found = list(_on_sqlite(session, table) if on_sqlite else _on_postgresql(session, table))
        wanted = list(_wanted(table, on_sqlite=on_sqlite))
        unfit = [one for one in found if one.shape not in wanted]
        for name in [one.name for one in unfit]:
            yield Finding("index", f"The index {name} of {table.name} {_FIT}.")
        for shape in wanted:
            if shape not in [one.shape for one in found]:
                name = shape.name or f"over {shape.columns}"
                yield Finding("index", f"The index {name} of {table.name} is not there.")
        if on_sqlite:
            yield from _short(session, table, [one for one in found if one.counted])
            if thoroughly:
                yield from _broken(session, table)
    if on_sqlite:
        for table in _FEW:
            yield from _other_types(session, table)
    session.rollback()


def _wanted(table: Table, *, on_sqlite: bool) -> Iterator[_Shape]:
    """What the models say."""
    dialect = "sqlite" if on_sqlite else "postgresql"
    for index in table.indexes:
        where = index.dialect_options[dialect].get("where")
        yield _Shape(
            index.name,
            bool(index.unique),
            _columns(index),
            "" if where is None else _plain(str(where)),
        )
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            columns = _columns(constraint)
            if not (on_sqlite and (table.name, columns) in _BY_ROW):
                yield _Shape(None, True, columns, "")


def _columns(of: Index | PrimaryKeyConstraint | UniqueConstraint) -> str:
    return ", ".join(column.name for column in of.columns)


def _plain(where: str) -> str:
    """A condition without what PostgreSQL adds to it."""
    return re.sub(r"::\w+( varying)?|[()\s]", "", where)


def _on_postgresql(session: Session, table: Table) -> Iterator[_Found]:
    rows = session.connection().exec_driver_sql(_INDEXES, (table.name,))
    for name, unique, text, valid in rows:
        tail = re.search(r" USING btree \((.*?)\)(?: WHERE (.*))?$", text)
        columns, where = tail.groups() if tail and valid else (text, None)
        columns = columns.replace('"', "")
        known = name if name in {one.name for one in table.indexes} else None
        yield _Found(name, _Shape(known, unique, columns, _plain(where or "")), counted=False)


def _on_sqlite(session: Session, table: Table) -> Iterator[_Found]:
    connection = session.connection()
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
    told = dict(tuple(row) for row in connection.exec_driver_sql(query))
    rows = connection.exec_driver_sql(f"PRAGMA index_list('{table.name}')").fetchall()
    for _, name, unique, origin, partial in rows:
        parts = connection.exec_driver_sql(f"PRAGMA index_xinfo('{_quoted(name)}')").fetchall()
        columns = ", ".join(
            f"{part[2] or 'an expression'}{' DESC' * bool(part[3])}{_collated(part[4])}"
            for part in parts
            if part[5]
        )
        where = re.split(r"(?i)\bWHERE\b", told.get(name) or "", maxsplit=1)[1:] if partial else []
        shape = _Shape(
            name if origin == "c" else None, bool(unique), columns, _plain("".join(where))
        )
        own = origin == "pk" and not table.dialect_options["sqlite"].get("with_rowid", True)
        yield _Found(name, shape, counted=not own)


def _quoted(name: str) -> str:
    return name.replace("'", "''")


def _collated(collation: str | None) -> str:
    return "" if collation in ("BINARY", None) else f" COLLATE {collation}"


def _short(session: Session, table: Table, found: list[_Found]) -> Iterator[Finding]:
    """Indexes that have not as many entries as the table has rows; what they lack is named."""
    known = [(one, where) for one in found for where in _where(table, one)]
    kinds = sorted({where for _, where in known})
    counts = [
        _COUNT.format(table=table.name, how="NOT INDEXED", where=_plainly(one)) for one in kinds
    ]
    counts += [
        _COUNT.format(table=table.name, how=f"INDEXED BY {_name(one)}", where=where)
        for one, where in known
    ]
    # One statement sees one moment.
    rows = session.connection().exec_driver_sql(f"SELECT {', '.join(counts)}").one()
    whole = dict(zip(kinds, rows, strict=False))
    for (one, where), count in zip(known, rows[len(kinds) :], strict=True):
        if count != whole[where]:
            which = f"The index {one.name} of {table.name}"
            words = f"{which} has {int(count)} rows of {int(whole[where])}."
            yield Finding("index", words)
            yield from _lacking(session, table, one, where)


def _lacking(session: Session, table: Table, one: _Found, where: str) -> Iterator[Finding]:
    """Events that an index does not give, though they are there."""
    key = {"event": "id", "event_private": "event_id", "log_entry": "event_id"}.get(table.name)
    if key is None:
        return
    query = _LACKS.format(
        id=key, table=table.name, index=_name(one), where=where, plainly=_plainly(where), most=_MOST
    )
    words = f"The index {one.name} lacks it, so that nobody finds it by that."
    for event, number, kind, about in session.connection().exec_driver_sql(query):
        yield Finding("index", words, number, event, kind, about)


def _plainly(where: str) -> str:
    """A condition by which SQLite does not know an index again, which it may use all the same."""
    return where.replace(" WHERE ", " WHERE +")


def _name(one: _Found) -> str:
    return '"' + one.name.replace('"', '""') + '"'


def _where(table: Table, one: _Found) -> Iterator[str]:
    """Which rows an index is over, in SQL; of one that the models do not know, nothing."""
    if not one.shape.where:
        yield ""
    for index in table.indexes:
        where = index.dialect_options["sqlite"].get("where")
        if one.shape.where and where is not None and one.shape.where == _plain(str(where)):
            yield f" WHERE {where}"


def _broken(session: Session, table: Table) -> Iterator[Finding]:
    """SQLite's own look at a table and every entry of its indexes, in its words."""
    for (words,) in session.connection().exec_driver_sql(f"PRAGMA integrity_check('{table.name}')"):
        if words != "ok":
            yield Finding("index", f"SQLite says of {table.name}: {words}.")


def _other_types(session: Session, table: Table) -> Iterator[Finding]:
    """Rows that hold something of another type than their column is of, as SQLite lets anybody."""
    keys = [column.name for column in table.primary_key.columns]
    types = [f"typeof({column.name})" for column in table.columns]
    taken = [_types(column) for column in table.columns]
    unfit = " OR ".join(
        f"{one} NOT IN ({', '.join(map(repr, some))})"
        for one, some in zip(types, taken, strict=True)
    )
    places = [f"quote({key})" for key in keys]
    query = f"SELECT {', '.join([*places, *types])} FROM {table.name} WHERE {unfit}"  # noqa: S608 - names of our own
    for row in session.connection().exec_driver_sql(query):
        told = zip(table.columns, row[len(keys) :], taken, strict=True)
        names = ", ".join(
            f"{column.name} ({kind})" for column, kind, some in told if kind not in some
        )
        place = ", ".join(f"{key} {str(one)[:60]}" for key, one in zip(keys, row, strict=False))
        words = f"In {table.name} the row of {place} holds what belongs in no such column: {names}."
        yield Finding("stored", words)


def _types(column: Any) -> tuple[str, ...]:  # noqa: ANN401 - of any type
    kind = column.type.python_type
    found = {int: "integer", bytes: "blob"}.get(kind, "text")
    return (found, "null") if column.nullable else (found,)
