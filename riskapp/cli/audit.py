"""The trail: verified as a whole, a checkpoint to keep elsewhere, the proof of one event."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DataError

from riskapp.audit.errors import LogBent
from riskapp.audit.log import newest, proofs
from riskapp.audit.notes import NoteInvalid, proof_text
from riskapp.audit.stored import LAST
from riskapp.audit.verify import Trusted, Verification
from riskapp.audit.verify_stretches import Finding
from riskapp.cli.worded import one_line
from riskapp.core.db import db, reading
from riskapp.core.errors import FieldRefused
from riskapp.web.ports import ports

VERIFY = (
    "Nothing was signed. Run `flask riskapp audit verify`, with a checkpoint that is kept "
    "elsewhere, to see what was done to it."
)

audit = AppGroup("audit", help="The trail of events: verified, signed, proved.")


@audit.command("verify")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="A checkpoint that was kept elsewhere; the log has to continue it.",
)
@click.option("--key", metavar="SHA256:…", help="The fingerprint of a signing key that you trust.")
@click.pass_context
def verify(ctx: click.Context, checkpoint: Path | None, key: str | None) -> None:
    """Compute the whole trail anew, and name what does not fit, one line each.

    Each line has what it is, the number in the log, id, type and object of the event, as far as
    they are known, and what is wrong, between tabs. The last line is OK or FAILED.
    """
    trusted = Trusted(None if checkpoint is None else _text(checkpoint), key)
    looked = Verification(db.engine, reading(), ports().signer, trusted)
    count = 0
    for count, finding in enumerate(looked.findings(), 1):  # noqa: B007 - used behind
        click.echo(_line(finding))
    _tell(looked, trusted)
    if count:
        click.echo(f"FAILED\t{count} found, in {looked.size} events")
        ctx.exit(1)
    click.echo(f"OK\t{looked.size} events, {looked.checkpoints} checkpoints")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FieldRefused("checkpoint", f"{file} cannot be read as text ({error}).") from None


def _line(finding: Finding) -> str:
    columns = (
        finding.kind,
        finding.number,
        finding.event,
        finding.type,
        finding.object_id,
        finding.words,
    )
    return "\t".join("-" if one is None else one_line(str(one)) for one in columns)


def _tell(looked: Verification, trusted: Trusted) -> None:
    """What is no fault, but good to know."""
    if looked.waiting:
        click.echo(
            f"{looked.waiting} events wait for their number: until then only the database vouches "
            "for them. A process that serves gives it to them within seconds.",
            err=True,
        )
    if looked.size > looked.signed:
        click.echo(
            f"No checkpoint vouches for the last {looked.size - looked.signed} events yet. "
            "`flask riskapp audit checkpoint` signs now.",
            err=True,
        )
    if trusted.checkpoint is None:
        click.echo(
            "Not compared with a checkpoint from elsewhere: whoever writes to the database can "
            "take away the newest events with their checkpoints. Keep what `flask riskapp audit "
            "checkpoint` prints, and hand it in with --checkpoint.",
            err=True,
        )


@audit.command("checkpoint")
def checkpoint() -> None:
    """Number what waits, sign the log as it is, and print the checkpoint, to keep it elsewhere.

    A signed note (C2SP tlog-checkpoint); the last one where nothing happened since.
    """
    with _not_signed():
        click.echo(ports().log.checkpoint(ports().clock.now()).note, nl=False)


@audit.command("proof")
@click.argument("event", type=click.IntRange(1, LAST))
def proof(event: int) -> None:
    """Print the proof that EVENT is in the log, by the newest checkpoint (C2SP tlog-proof).

    Where no checkpoint covers the event yet, one is signed.
    """
    parts = ports()
    with _not_signed():
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
    click.echo(proof_text(found[event]), nl=False)


@contextmanager
def _not_signed() -> Iterator[None]:
    """Says what keeps the log from being signed, and what to do."""
    try:
        yield
    except LogBent as error:
        raise click.ClickException(f"{error} {VERIFY}") from None
    except NoteInvalid as error:
        raise click.ClickException(f"The newest checkpoint: {error} {VERIFY}") from None
    except (DataError, TypeError, ValueError) as error:
        raise click.ClickException(f"What is kept of it cannot be read. {VERIFY}") from error
