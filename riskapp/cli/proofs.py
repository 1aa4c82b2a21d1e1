"""Proofs of the trail: that an event is in the log, that the log only grew, and checking both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.exc import DataError

from riskapp.audit.checking import check_checkpoint, check_event, check_growth
from riskapp.audit.errors import LogBent
from riskapp.audit.log import growth, newest, proofs
from riskapp.audit.models import Event
from riskapp.audit.notes import (
    Growth,
    NoteInvalid,
    Proof,
    growth_text,
    proof_text,
    read_key,
    read_proof,
)
from riskapp.audit.stored import LAST
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.web.ports import ports

VERIFY = (
    "Nothing was signed. Run `flask riskapp audit verify`, with a checkpoint that is kept "
    "elsewhere, to see what was done to it."
)

FORMER = (
    "Where keys were rotated, --vkey needs a line of each: the page /trust has those of former "
    "keys, too."
)

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@contextmanager
def signing() -> Iterator[None]:
    """Says what keeps the log from being signed, and what to do."""
    try:
        yield
    except LogBent as error:
        raise click.ClickException(f"{error} {VERIFY}") from None
    except NoteInvalid as error:
        raise click.ClickException(f"The newest checkpoint: {error} {VERIFY}") from None
    except (DataError, TypeError, ValueError) as error:
        raise click.ClickException(f"What is kept of it cannot be read. {VERIFY}") from error


def text_of(field: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FieldRefused(field, f"{file} cannot be read as text ({error}).") from None


@click.command("proof")
@click.argument("event", type=click.IntRange(1, LAST))
@click.option(
    "--body",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write what the event says, of which it is proved that it is there.",
)
def proof(event: int, body: Path | None) -> None:
    """Print the proof that EVENT is in the log, by the newest checkpoint (C2SP tlog-proof).

    Where no checkpoint covers the event yet, one is signed. `audit check` checks it.
    """
    parts = ports()
    with signing():
        at = newest(reading(), parts.signer.raw_public_key)
        found = {} if at is None else proofs(reading(), [event], at)
        if not found:
            at = parts.log.checkpoint(parts.clock.now())
            found = proofs(reading(), [event], at)
    if not found:
        raise FieldRefused(
            "event",
            f"There is no event {event} in the log. `audit verify`, history pages and their "
            "exports show the ids.",
        )
    if body is not None:
        said = reading().scalar(select(Event.body).where(Event.id == event)) or ""
        try:
            body.write_bytes(said.encode())
        except OSError as error:
            raise FieldRefused("body", f"{body} cannot be written ({error.strerror}).") from None
    click.echo(proof_text(found[event]), nl=False)


@click.command("growth")
@click.argument("checkpoint", type=FILE)
def grown(checkpoint: Path) -> None:
    """Print the proof that the log continues CHECKPOINT, a file (as C2SP tlog-witness has it).

    It ends with the newest checkpoint. `audit check` checks it.
    """
    parts, note = ports(), text_of("checkpoint", checkpoint)
    with signing():
        at = parts.log.checkpoint(parts.clock.now())
    try:
        with _refusing("checkpoint"):
            found = growth(reading(), note, at, parts.signer.raw_public_key)
    except LogBent as error:
        raise click.ClickException(f"{error} There is no proof. {VERIFY}") from None
    click.echo(growth_text(found), nl=False)


@click.command("check")
@click.argument("proof", type=FILE)
@click.option("--vkey", type=FILE, required=True, help="The key: the line `log.vkey` of /trust.")
@click.option("--body", type=FILE, help="What the event says that is to be in the log.")
@click.option("--checkpoint", type=FILE, help="The checkpoint that the log is to continue.")
def check(proof: Path, vkey: Path, body: Path | None, checkpoint: Path | None) -> None:
    """Check a PROOF that `audit proof` or `audit growth` printed, from files alone."""
    with _refusing("vkey"):
        keys = [read_key(line) for line in text_of("vkey", vkey).splitlines()]
    with _refusing("proof"):
        found = read_proof(text_of("proof", proof))
    match found:
        case Proof() if body is not None and checkpoint is None:
            said = text_of("body", body).rstrip("\n").encode()
            with _refusing("proof", FORMER):
                tree = check_event(found, said, keys)
            click.echo(f"OK\tThe event is number {found.index} of {tree.size}.")
        case Growth() if checkpoint is not None and body is None:
            with _refusing("checkpoint", FORMER):
                old = check_checkpoint(text_of("checkpoint", checkpoint), keys)
            with _refusing("proof", FORMER):
                tree = check_growth(found, old, keys)
            click.echo(f"OK\tThe log grew from {old.size} events to {tree.size}.")
        case _:
            raise click.UsageError(
                "For the proof of an event give --body, for that of growth --checkpoint."
            )


@contextmanager
def _refusing(field: str, former: str = "") -> Iterator[None]:
    """Names the file that is not what it has to be; `former`: what helps if other keys signed."""
    try:
        yield
    except NoteInvalid as error:
        more = former if error.by_others else ""
        raise FieldRefused(field, f"{error} {more}".strip()) from None
