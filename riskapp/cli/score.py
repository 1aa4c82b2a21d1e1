"""Scores, from their receipts alone."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from riskapp.scoring.reading import FILE_BYTES
from riskapp.scoring.receipts import MalformedReceipt, recompute

MALFORMED = 2
DIFFERENT = 3
STDIN = "-"

score = AppGroup("score", help="Scores, from their receipts alone.")


@score.command("recompute")
@click.argument("file", metavar="FILE|-")
@click.pass_context
def recompute_file(ctx: click.Context, file: str) -> None:
    """Compute a receipt anew, and print it in full as canonical JSON.

    FILE is a receipt, `-` standard input; its `result` and its contributions may be left out.
    Exit 0: it stated no result, or the same. 3: it stated another. 2: it is no receipt.
    Needs no database.
    """
    try:
        found = recompute(_read(file))
    except MalformedReceipt as error:
        click.echo(f"{error.field}: {error.problem}", err=True)
        ctx.exit(MALFORMED)
    except OSError as error:
        click.echo(f"receipt: {file} cannot be read ({error.strerror})", err=True)
        ctx.exit(MALFORMED)
    click.echo(found.document_bytes, nl=False)
    if found.foreign_constant is not None:
        scheme = found.document["scheme"]
        click.echo(f"constants.{found.foreign_constant} is not that of {scheme}.", err=True)
    if found.same is False:
        click.echo(f"{found.difference} differs from what the receipt's own inputs give.", err=True)
        ctx.exit(DIFFERENT)


def _read(file: str) -> bytes:
    """At most one byte more than a receipt may have, so that no endless file is swallowed."""
    if file == STDIN:
        return sys.stdin.buffer.read(FILE_BYTES + 1)
    with Path(file).open("rb") as stream:
        return stream.read(FILE_BYTES + 1)
