"""Backup and restore of the whole installation; the table of keys goes to a folder of its own.

Apart, because whoever has both folders and the keyring can read everything, and because a file is
erased for good only when no backup of its key is left: keys are kept for a short time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from riskapp.audit.service import About, Actor, record
from riskapp.core.backup.errors import BackupUnfit
from riskapp.core.backup.folder import lines_of
from riskapp.core.backup.making import Made, Places, Progress, make
from riskapp.core.backup.restoring import Backup, insert_all, put_blobs, read_backup, ready_for
from riskapp.core.backup.rows import read_rows
from riskapp.core.crypto.keyring import Keyring, MasterKeyMissing, UnwrapFailed, Wrapped
from riskapp.core.db import db, plain_transaction
from riskapp.core.storage.port import BlobStore
from riskapp.evidence.keys import VENDOR_KEY
from riskapp.evidence.models import Evidence, WrappedKey

KEYS = WrappedKey.__tablename__
FILES = Evidence.__tablename__


@dataclass(frozen=True, slots=True)
class Migrations:
    """The revisions that this version knows, oldest first, and how a database gets to one."""

    revisions: Sequence[str]
    upgrade: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. `keyless` files have no key in the backup of keys: nobody can open them.

    `made` and `keys_made` are the moments of the two folders.
    """

    rows: int
    blobs: int
    keyless: int
    made: datetime
    keys_made: datetime


def places(records: Path, keys: Path) -> Places:
    return Places(records, keys, KEYS)


def make_backup(
    where: Places, *, blobs: BlobStore, now: datetime, progress: Progress
) -> tuple[Made, list[str]]:
    """Writes a backup, and says which files it lacks because the store does not have them.

    Raises BackupUnfit, StoreUnavailable.
    """
    made = make(db.engine, blobs, where, _names, now=now, progress=progress)
    return made, [name for name in made.missing if _still_wanted(name)]


def _names(tables: Sequence[sa.Table]) -> sa.Select[tuple[str]]:
    """The blobs of files that are not erased; of older versions' tables too."""
    files = next(table for table in tables if table.name == FILES)
    query = sa.select(files.c.blob).order_by(files.c.blob)
    return query.where(files.c.erased_at.is_(None)) if "erased_at" in files.c else query


def _still_wanted(name: str) -> bool:
    """A file that was removed or erased while the backup was made is not missing."""
    with db.engine.connect() as connection, connection.begin():
        files = sa.Table(FILES, sa.MetaData(), autoload_with=connection)
        query = _names([files]).where(files.c.blob == name)
        return connection.scalar(query) is not None


def restore_backup(
    where: Places,
    *,
    blobs: BlobStore,
    keyring: Keyring,
    migrations: Migrations,
    actor: Actor,
    now: datetime,
    progress: Progress,
) -> Restored:
    """Puts a backup into an empty installation, as an event; whatever fails, it is empty again.

    Database and store may be of other kinds than those that the backup was made of. Raises
    BackupUnfit, StoreUnavailable, DatabaseUnavailable.
    """
    backup = read_backup(where)
    _require_keyring(backup, keyring)
    ready_for(db.engine, backup, migrations.revisions, migrations.upgrade)
    put = put_blobs(backup, blobs, progress)
    as_of_now = backup.records.revision == migrations.revisions[-1]
    with plain_transaction() as connection:
        rows = insert_all(connection, backup)
        if as_of_now:
            _tell(connection, backup, rows, put, actor=actor, now=now)
    if not as_of_now:
        # Events of an older version may have another form: this one comes once they have ours.
        migrations.upgrade(migrations.revisions[-1])
        with plain_transaction() as connection:
            _tell(connection, backup, rows, put, actor=actor, now=now)
    return Restored(rows, put, _keyless(), backup.records.made, backup.keys.made)


def _tell(
    connection: sa.Connection,
    backup: Backup,
    rows: int,
    put: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        connection,
        "backup:restore",
        About(backup.records.name),
        actor=actor,
        now=now,
        made=backup.records.made.isoformat(),
        keys=backup.keys.name,
        rows=rows,
        blobs=put,
    )


def _require_keyring(backup: Backup, keyring: Keyring) -> None:
    """Tries the keyring on a vendor's key. Raises BackupUnfit before anything is put back."""
    (part,) = backup.keys.tables
    newest: Mapping[str, Any] | None = None
    for row in read_rows(lines_of(backup.places.keys, backup.keys, part)):
        if row["provider"] != VENDOR_KEY and (
            newest is None or row["created_at"] > newest["created_at"]
        ):
            newest = row
    if newest is None:
        return
    try:
        keyring.unwrap(Wrapped(newest["provider"], newest["wrapping_key_id"], newest["wrapped"]))
    except (MasterKeyMissing, UnwrapFailed) as fault:
        raise BackupUnfit(
            "The keyring of this installation does not open the keys of the backup. Put the "
            "keyring that belongs to it in its place first; a backup never holds it."
        ) from fault


def _keyless() -> int:
    """Files that nobody can open: erased after this backup, or their keys were backed up before."""
    query = (
        sa.select(sa.func.count())
        .select_from(Evidence)
        .where(
            Evidence.erased_at.is_(None),
            ~sa.exists().where(
                WrappedKey.subject == sa.literal("evidence:") + Evidence.id,
                WrappedKey.version == Evidence.version,
            ),
        )
    )
    with db.engine.connect() as connection, connection.begin():
        return int(connection.scalar(query) or 0)


__all__ = ["BackupUnfit", "Migrations", "Restored", "make_backup", "places", "restore_backup"]
