"""Backup and restore of the whole installation."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from riskapp.audit.errors import KeyUnknown
from riskapp.audit.keys import in_use
from riskapp.audit.service import OPERATOR
from riskapp.core.backup.making import Progress
from riskapp.core.crypto.signing import Signer
from riskapp.core.db import reading
from riskapp.custody.backups import Migrations, make_backup, places, restore_backup
from riskapp.web.ports import ports

INCOMPLETE = 3

backup = AppGroup("backup", help="Backup and restore of the whole installation.")

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
KEYS = click.option(
    "--keys",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder of the files' keys, apart from the other one.",
)


@backup.command("make")
@FOLDER
@KEYS
@click.pass_context
def make(ctx: click.Context, folder: Path, keys: Path) -> None:
    """Write everything but the keyring and the signing key to two folders.

    Database and sealed evidence go to FOLDER, the table of wrapped keys to the folder of keys. A
    backup that lies there is replaced when the new one is complete; files that it has are not
    copied again.
    """
    parts = ports()
    with _progress("Files") as progress:
        made, missing = make_backup(
            places(folder, keys), blobs=parts.blobs, now=parts.clock.now(), progress=progress
        )
    files = 0 if made.records.blobs is None else made.records.blobs.rows
    click.echo(f"{made.records.name}\t{made.rows} rows\t{files} files")
    click.echo(
        f"Not in it, and needed to open or sign anything: the keyring "
        f"{parts.settings.keyring_path} and the signing key {parts.settings.signing_key_path}. "
        "Keep copies of both offline.",
        err=True,
    )
    for name in missing:
        click.echo(f"The store does not have the file {name} as it was written.", err=True)
    if missing:
        click.echo("`evidence check` says more of each.", err=True)
        ctx.exit(INCOMPLETE)


@backup.command("restore")
@FOLDER
@KEYS
def restore(folder: Path, keys: Path) -> None:
    """Put a backup back, into an installation that holds nothing yet.

    Database and evidence store may be of another kind than those that the backup was made of.
    """
    parts = ports()
    with _progress("Files") as progress:
        found = restore_backup(
            places(folder, keys),
            blobs=parts.blobs,
            keyring=parts.keyring,
            migrations=_migrations(),
            actor=OPERATOR,
            now=parts.clock.now(),
            progress=progress,
        )
    click.echo(f"{_moment(found.made)}\t{found.rows} rows\t{found.blobs} files")
    if found.keys_made != found.made:
        click.echo(f"The keys are those of {_moment(found.keys_made)}.", err=True)
    if found.keyless:
        click.echo(
            f"{found.keyless} of the files cannot be opened: the backup of keys has none for them. "
            "Either they were erased or removed after this backup was made, or the backup of keys "
            "is the older one.",
            err=True,
        )
    _try_signing_key(parts.signer)


def _try_signing_key(signer: Signer) -> None:
    """Says so where the backup is of an installation that signs by another key; it is restored."""
    try:
        in_use(reading(), signer)
    except KeyUnknown as error:
        click.echo(
            f"Before you start the server: {str(error)[:1].lower()}{str(error)[1:]}", err=True
        )


def _migrations() -> Migrations:
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory).walk_revisions()
    revisions = [script.revision for script in scripts]
    return Migrations(revisions[::-1], lambda revision: upgrade(revision=revision))


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    """A bar on standard error, where somebody watches."""
    with click.progressbar(
        length=1, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def show(done: int, every: int) -> None:
            bar.length = max(every, 1)
            bar.update(done - bar.pos)

        yield show
