"""Making a backup: one snapshot of all tables, then the blobs that it names."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from riskapp.core.backup.blobs import Line, copy_out, forget_others
from riskapp.core.backup.errors import BackupUnfit, files_of
from riskapp.core.backup.folder import (
    LineFile,
    Manifest,
    Part,
    alone_in,
    declare,
    declared,
    drop_other_sets,
    lines_of,
    new_set,
)
from riskapp.core.backup.rows import revision, schema, write_rows
from riskapp.core.storage.port import BlobStore

NAMES = "names"
BLOBS = "blobs"

Progress = Callable[[int, int], None]
"""How many of how many are done."""
NamesOf = Callable[[Sequence[sa.Table]], sa.Select[tuple[str]]]
"""Which blobs the tables of a database name; in ascending order."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a backup goes, and what goes where: rows of `key_table` only to the folder of keys."""

    records: Path
    keys: Path
    key_table: str

    def require_apart(self) -> None:
        """Raises BackupUnfit: keys beside what they open protect nothing."""
        records, keys = self.records.resolve(), self.keys.resolve()
        if records == keys or records in keys.parents or keys in records.parents:
            raise BackupUnfit(
                "The folder of keys must lie apart from the other one, and not in it: whoever has "
                "both can open everything. Best is another disk, with its own access."
            )


@dataclass(frozen=True, slots=True)
class Made:
    """What was written. `missing` blobs are named by rows, and not in the store as they should."""

    records: Manifest
    keys: Manifest
    missing: tuple[str, ...]
    forgotten: int

    @property
    def rows(self) -> int:
        return sum(len_of(one) for part in (self.records, self.keys) for one in part.tables)


def len_of(part: Part) -> int:
    """Rows without the line that names the columns."""
    return part.rows - 1


def make(
    engine: sa.Engine,
    blobs: BlobStore,
    places: Places,
    names_of: NamesOf,
    *,
    now: datetime,
    progress: Progress,
) -> Made:
    """A backup beside the one that lies there, which it replaces when it is complete.

    Raises BackupUnfit, StoreUnavailable; then the one before still counts.
    """
    places.require_apart()
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        for folder in (places.records, places.keys):
            stack.enter_context(alone_in(folder))
            stack.enter_context(files_of(folder))
        before = declared(places.records)
        for folder in (places.records, places.keys):
            new_set(folder, name)
        found, tables = _tables(engine, places, name, names_of)
        missing = list[str]()
        listed = _blobs(blobs, places.records, name, before, missing, progress)
        is_key = [part.name == places.key_table for part in tables]
        others = tuple(p for p, key in zip(tables, is_key, strict=True) if not key)
        keys = tuple(p for p, key in zip(tables, is_key, strict=True) if key)
        records = Manifest(name, now, found, others, listed)
        held = Manifest(name, now, found, keys, None)
        # Keys first: with newer keys an older backup opens no file that was erased since.
        for folder, manifest in ((places.keys, held), (places.records, records)):
            declare(folder, manifest)
            drop_other_sets(folder, name)
        gone = forget_others(places.records, lines_of(places.records, records, listed))
    return Made(records, held, tuple(missing), gone)


def _tables(
    engine: sa.Engine, places: Places, name: str, names_of: NamesOf
) -> tuple[str, list[Part]]:
    """Every table as of one moment: the revision and the files; writes the blobs' names as well."""
    with engine.connect() as plain:
        connection = plain
        if engine.dialect.name == "postgresql":
            connection = plain.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            found, tables = revision(connection), schema(connection)
            if found is None or places.key_table not in {table.name for table in tables}:
                raise BackupUnfit(
                    "The database does not have the tables of this version. Run `flask db upgrade`."
                )
            parts = []
            for table in tables:
                folder = places.keys if table.name == places.key_table else places.records
                with LineFile(folder / name / f"{table.name}.jsonl") as lines:
                    write_rows(connection, table, lines)
                    parts.append(lines.finish())
            with LineFile(places.records / name / f"{NAMES}.jsonl") as lines:
                for blob in connection.scalars(
                    names_of(tables), execution_options={"stream_results": True, "yield_per": 1000}
                ):
                    lines.write(blob)
                lines.finish()
    return found, parts


def _blobs(
    blobs: BlobStore,
    folder: Path,
    name: str,
    before: Manifest | None,
    missing: list[str],
    progress: Progress,
) -> Part:
    """Copies the blobs that the snapshot names; no transaction is open meanwhile."""
    path = folder / name / f"{NAMES}.jsonl"
    with path.open(encoding="ascii") as file:
        every = sum(1 for _ in file)
    with path.open(encoding="ascii") as file, LineFile(folder / name / f"{BLOBS}.jsonl") as lines:
        names = _told((line.strip().strip('"') for line in file), every, progress)
        missing += copy_out(blobs, names, _known(folder, before), folder, lines)
        listed = lines.finish()
    path.unlink()
    return listed


def _known(folder: Path, before: Manifest | None) -> Iterator[Line]:
    """The blobs of the backup before; of one whose list is torn, none."""
    if before is None or before.blobs is None:
        return
    try:
        yield from lines_of(folder, before, before.blobs)
    except BackupUnfit:
        return


def _told(names: Iterable[str], every: int, progress: Progress) -> Iterator[str]:
    for done, name in enumerate(names):
        progress(done, every)
        yield name
    progress(every, every)
