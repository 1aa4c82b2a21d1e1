"""Putting a backup back, into an installation that holds nothing yet.

Blobs come first and rows last, in one transaction: a restore that breaks off leaves a database
without a row, and the next one goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from riskapp.core.backup.blobs import put_back, require_all
from riskapp.core.backup.errors import BackupUnfit
from riskapp.core.backup.folder import Manifest, Part, complete, lines_of
from riskapp.core.backup.making import Places, Progress, len_of
from riskapp.core.backup.rows import go_on_counting, has_rows, insert_rows, revision, schema
from riskapp.core.storage.port import BlobStore


@dataclass(frozen=True, slots=True)
class Backup:
    """Two complete folders. The keys may be of another moment than the rest."""

    places: Places
    records: Manifest
    keys: Manifest

    @property
    def parts(self) -> list[tuple[Path, Manifest, Part]]:
        return [
            *((self.places.records, self.records, part) for part in self.records.tables),
            *((self.places.keys, self.keys, part) for part in self.keys.tables),
        ]

    @property
    def listed(self) -> Part:
        """The list of blobs. Raises BackupUnfit where the folder is that of keys."""
        if self.records.blobs is None:
            raise BackupUnfit(
                f"{self.places.records} is a folder of keys. Name the folder with the rest first, "
                "and that of the keys with --keys."
            )
        return self.records.blobs


def read_backup(places: Places) -> Backup:
    """Raises BackupUnfit where one of the folders is not complete, or they do not go together."""
    found = Backup(places, complete(places.records), complete(places.keys))
    _ = found.listed
    if [part.name for part in found.keys.tables] != [places.key_table]:
        raise BackupUnfit(f"{places.keys} does not hold keys. Name the folder of keys.")
    if found.keys.revision != found.records.revision:
        raise BackupUnfit(
            "The keys were backed up by another version of riskapp than the rest. Take the keys "
            f"of {found.records.made:%d %B %Y}, or a backup of the rest of the keys' version."
        )
    require_all(places.records, lines_of(places.records, found.records, found.listed))
    return found


def ready_for(
    engine: sa.Engine,
    backup: Backup,
    revisions: Sequence[str],
    migrate: Callable[[str], None],
) -> None:
    """Gives an empty database the tables that the backup was made of.

    `revisions` are all that this version knows, oldest first. Raises BackupUnfit.
    """
    wanted = backup.records.revision
    if wanted not in revisions:
        raise BackupUnfit(
            f"The backup is of a later version of riskapp than this one (revision {wanted}). "
            "Restore with that version or a newer one."
        )
    with engine.connect() as connection, connection.begin():
        found = revision(connection)
        if has_rows(connection, schema(connection)):
            raise BackupUnfit(
                "There is data in this installation already, and a restore adds to nothing. Point "
                "RISKAPP_DATABASE_URL at an empty database (without it: move "
                "instance/riskapp.sqlite away)."
            )
    if found is None or revisions.index(found) < revisions.index(wanted):
        migrate(wanted)
    elif found != wanted:
        raise BackupUnfit(
            f"The database has the tables of a later version (revision {found}) than the backup "
            f"({wanted}). Give it an empty database: the tables are made by the restore, and "
            "then brought up to date."
        )


def put_blobs(backup: Backup, blobs: BlobStore, progress: Progress) -> int:
    """How many. What a broken restore left half-written is cleared first."""
    blobs.sweep(lambda _name: False)
    folder, every = backup.places.records, backup.listed.rows
    lines = lines_of(folder, backup.records, backup.listed)
    done = 0
    for done, _ in enumerate(put_back(blobs, folder, lines), 1):
        progress(done, every)
    return done


def insert_all(connection: sa.Connection, backup: Backup) -> int:
    """Every row, in the caller's transaction; how many. Raises BackupUnfit."""
    tables = schema(connection)
    parts = {part.name: (folder, manifest, part) for folder, manifest, part in backup.parts}
    if parts.keys() != {table.name for table in tables}:
        raise BackupUnfit(
            "The backup has other tables than its revision. Restore with the version of riskapp "
            "that made it."
        )
    count = 0
    for table in tables:
        folder, manifest, part = parts[table.name]
        inserted = insert_rows(connection, table, lines_of(folder, manifest, part))
        if inserted != len_of(part):
            raise BackupUnfit(f"{table.name}: {inserted} rows of {len_of(part)} went in.")
        count += inserted
    go_on_counting(connection, tables)
    return count
