"""Evidence packs: built from an assessment, verified from the file alone."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import AppGroup

from riskapp.audit.service import OPERATOR
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.packs.service import export
from riskapp.packs.verify import examine_file
from riskapp.web.ports import ports

RECIPIENT = "Whoever runs riskapp"
PURPOSE = "Built on the command line."

packs = AppGroup("packs", help="Evidence packs.")


@packs.command("build")
@click.argument("assessment")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the pack goes; a file that is there is never overwritten.",
)
@click.option("--recipient", default=RECIPIENT, show_default=True, help="Who receives it.")
@click.option("--purpose", default=PURPOSE, show_default=True, help="What it is needed for.")
def build(assessment: str, out: Path, recipient: str, purpose: str) -> None:
    """Build the evidence pack of a decided assessment, readable by you alone.

    Recipient and purpose stand in the pack and in the record. A build that fails leaves no file.
    """
    parts = ports()
    try:
        with _new_file(out) as file:
            pack = export(
                parts.library,
                parts.blobs,
                parts.keyring,
                assessment,
                actor=OPERATOR,
                now=parts.clock.now(),
                recipient=recipient,
                purpose=purpose,
            )
            _write(file, pack.chunks)
    except NotFound:
        raise FieldRefused(
            "assessment", f"There is no assessment {assessment}. `assessments list` shows the ids."
        ) from None
    click.echo(f"{out}: {pack.size} bytes. Check it with: flask riskapp packs verify {out}")


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there, and that is gone again if anything fails. Raises FieldRefused."""
    try:
        file = path.open("xb")
    except FileExistsError:
        raise FieldRefused(
            "out", f"{path} is there already and is not overwritten. Name another file."
        ) from None
    except OSError as error:
        raise FieldRefused("out", f"{path} cannot be written ({error.strerror}).") from error
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(file: BinaryIO, chunks: Iterable[bytes]) -> None:
    try:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise FieldRefused("out", f"{file.name} cannot be written ({error.strerror}).") from error


@packs.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def verify(ctx: click.Context, file: Path) -> None:
    """Check a pack, from the file alone: one line for each thing that is wrong.

    Needs no database.
    """
    problems, notes = examine_file(file)
    for note in notes:
        click.echo(" ".join(note.split()), err=True)
    for problem in problems:
        click.echo(" ".join(problem.split()))
    if problems:
        ctx.exit(1)
    click.echo("Nothing is wrong.", err=True)
