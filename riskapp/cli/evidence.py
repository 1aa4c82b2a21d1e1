"""Stored evidence: looked through, and put in order."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from riskapp.audit.service import OPERATOR
from riskapp.cli.worded import one_line
from riskapp.evidence import checking
from riskapp.evidence.checking import REPAIRED, Finding, Progress
from riskapp.web.ports import ports

FOUND = 3

evidence = AppGroup("evidence", help="Stored evidence: checked.")


@evidence.command("check")
@click.option(
    "--repair", is_flag=True, help="Destroy what no record points to; finish what was cut off."
)
@click.pass_context
def check(ctx: click.Context, repair: bool) -> None:
    """Read all evidence, and name what is missing, left over, or does not open.

    Each line has what it is, which file, content or key, the vendor, and what it means, between
    tabs. A damaged file is marked for officers; one that is whole again is unmarked.
    Exit 3: something was found, and is not repaired.
    """
    orphans = checking.without_row(ports().blobs)  # first: what comes in meanwhile is no orphan
    found = [0, 0]
    with _progress() as progress:
        for one in _findings(orphans, progress):
            click.echo(_line(one))
            found[one.kind in REPAIRED] += 1
    if repair:
        checking.repair(ports().blobs, orphans, actor=OPERATOR, now=ports().clock.now())
    _sum_up(*found, repaired=repair)
    if found[False] or (found[True] and not repair):
        ctx.exit(FOUND)


def _findings(orphans: list[str], progress: Progress) -> Iterator[Finding]:
    parts = ports()
    yield from checking.unfinished(parts.blobs)
    yield from checking.files(
        parts.blobs, parts.keyring, actor=OPERATOR, now=parts.clock.now(), progress=progress
    )
    yield from checking.keys()
    yield from checking.still_without_row(parts.blobs, orphans)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error, where somebody watches."""
    with click.progressbar(
        length=1, label="Reading", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def show(done: int, every: int) -> None:
            bar.length = max(every, 1)
            bar.update(done - bar.pos)

        yield show


def _line(one: Finding) -> str:
    return "\t".join((one.kind, one.thing, one_line(one.vendor) or "-", one.words))


def _sum_up(other: int, left: int, *, repaired: bool) -> None:
    """On standard error: standard output has one line for each finding, and nothing else."""
    if not other and not left:
        click.echo("Nothing is wrong.", err=True)
    if left:
        done = "deleted or put in order" if repaired else "left over; --repair clears it"
        click.echo(f"{left} {done}.", err=True)
    if other:
        click.echo(f"{other} found that only a backup, or a person, can put right.", err=True)
