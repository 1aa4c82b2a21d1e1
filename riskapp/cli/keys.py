"""Master keys: which there are, a new one, and wrapping with it what the old ones wrap."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.evidence.rotation import (
    MasterKeyRow,
    Progress,
    make_master_key,
    master_keys,
    rotate,
)
from riskapp.web.ports import ports

FOUND = 3

keys = AppGroup("keys", help="Master keys, which wrap the vendors' keys.")


@keys.command("list")
@click.pass_context
def list_keys(ctx: click.Context) -> None:
    """List the master keys, the oldest first; never what is secret of them.

    Each line has the id, `current`, `old` or `missing`, and how many vendors' keys it wraps,
    between tabs.
    """
    found = master_keys(reading(), ports().keyring)
    for one in found:
        click.echo(f"{one.id}\t{_standing(one)}\t{one.wraps}")
    if not all(one.is_there for one in found):
        click.echo(
            "Master keys are missing: the files of the vendors whose keys they wrap cannot be "
            "opened. Restore the keyring from its backup.",
            err=True,
        )
        ctx.exit(FOUND)


def _standing(one: MasterKeyRow) -> str:
    if not one.is_there:
        return "missing"
    return "current" if one.is_current else "old"


@keys.command("new")
def new() -> None:
    """Make a master key, which wraps new vendors' keys from now on. Prints its id."""
    parts = ports()
    click.echo(make_master_key(parts.keyring, actor=OPERATOR, now=parts.clock.now()))
    click.echo(
        f"Copy {parts.settings.keyring_path} to its place offline before you go on.", err=True
    )


@keys.command("rotate")
@click.pass_context
def rotate_keys(ctx: click.Context) -> None:
    """Wrap every vendor's key with the current master key. Touches no file.

    May be killed and run again; people work on meanwhile.
    """
    parts = ports()
    with _progress() as progress:
        done = rotate(parts.keyring, actor=OPERATOR, now=parts.clock.now(), progress=progress)
    number = "1 vendor's key was" if done.wrapped == 1 else f"{done.wrapped} vendors' keys were"
    click.echo(f"{number} wrapped with {parts.keyring.current}.")
    for one in done.unopened:
        click.echo(f"{one.vendor_id}: {one.reason}", err=True)
    if done.unopened:
        ctx.exit(FOUND)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error, where somebody watches."""
    with click.progressbar(
        length=1, label="Wrapping", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def show(done: int, every: int) -> None:
            bar.length = max(every, 1)
            bar.update(done - bar.pos)

        yield show
