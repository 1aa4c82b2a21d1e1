"""Making backups and putting them back, and what an installation holds then."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from riskapp.core.crypto.sealed import context, unseal
from riskapp.core.db import db, reading
from riskapp.evidence.keys import data_key
from riskapp.evidence.models import Evidence
from riskapp.tables import METADATA
from riskapp.web.ports import ports
from tests.cli.runs import run

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Folders:
    records: Path
    keys: Path

    @property
    def words(self) -> tuple[str, ...]:
        return (str(self.records), "--keys", str(self.keys))

    def copy(self, to: Path) -> "Folders":
        for folder in (self.records, self.keys):
            shutil.copytree(folder, to / folder.name)
        return Folders(to / self.records.name, to / self.keys.name)


def backed_up(app: Flask, folders: Folders) -> str:
    result = run(app, "backup", "make", *folders.words)
    assert result.exit_code == 0, result.output
    return result.stdout


def restored(app: Flask, folders: Folders) -> str:
    result = run(app, "backup", "restore", *folders.words)
    assert result.exit_code == 0, result.output
    return result.stderr


def everything(app: Flask) -> Rows:
    """All rows of all tables, but the event that says that they were put back."""
    with app.app_context(), db.engine.connect() as connection:
        found = {}
        for name, table in METADATA.tables.items():
            query = sa.select(table).order_by(*table.primary_key.columns)
            if name == "event":
                query = query.where(table.c.type != "backup:restore")
            found[name] = [tuple(row) for row in connection.execute(query)]
        return found


def but_for_salts(rows: Rows) -> Rows:
    """The same where each installation commits to who acted with salts of its own."""
    return {
        **rows,
        "event": [row[:-2] for row in rows["event"]],
        "event_private": [(row[0], row[1], row[3]) for row in rows["event_private"]],
    }


def opened(app: Flask) -> dict[str, str]:
    """Each file that is not erased, with the digest of what it really holds."""
    with app.app_context():
        found = {}
        for row in reading().scalars(sa.select(Evidence).where(Evidence.erased_at.is_(None))):
            key = data_key(reading(), row.vendor_id, row.id, row.version, ports().keyring)
            bound = context(row.vendor_id, row.id, row.version)
            pieces = unseal(key, bound, ports().blobs.read(row.blob))
            found[f"{row.id}/{row.version}"] = hashlib.sha256(b"".join(pieces)).hexdigest()
        return found
