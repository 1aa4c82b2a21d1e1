"""The trail: verified as a whole, and a checkpoint to keep elsewhere."""

from pathlib import Path

import click
from flask.cli import AppGroup

from riskapp.audit.findings import Finding
from riskapp.audit.verify import Trusted, Verification
from riskapp.cli.proofs import FILE, check, grown, proof, signing, text_of
from riskapp.cli.worded import one_line
from riskapp.core.db import db, reading
from riskapp.web.ports import ports

audit = AppGroup("audit", help="The trail of events: verified, signed, proved.")
for command in (check, grown, proof):
    audit.add_command(command)


@audit.command("verify")
@click.option(
    "--checkpoint",
    type=FILE,
    metavar="FILE",
    help="Checkpoints that were kept elsewhere, one or more; the log has to continue each.",
)
@click.option(
    "--indexes",
    is_flag=True,
    help="Hold each entry of SQLite's indexes to the tables, too; takes nearly twice as long.",
)
@click.option("--key", metavar="SHA256:…", help="The fingerprint of a signing key that you trust.")
@click.pass_context
def verify(ctx: click.Context, checkpoint: Path | None, key: str | None, *, indexes: bool) -> None:
    """Compute the whole trail anew, and name what does not fit, one line each.

    Each line has what it is, the number in the log, id, type and object of the event, as far as
    they are known, and what is wrong, between tabs. The last line is OK or FAILED.
    """
    trusted = Trusted(None if checkpoint is None else text_of("checkpoint", checkpoint), key)
    looked = Verification(db.engine, reading(), ports().signer, trusted, thoroughly=indexes)
    count = 0
    for count, finding in enumerate(looked.findings(), 1):  # noqa: B007 - used behind
        click.echo(_line(finding))
    _tell(looked, trusted)
    if count:
        click.echo(f"FAILED\t{count} found, in {looked.size} events")
        ctx.exit(1)
    click.echo(f"OK\t{looked.size} events, {looked.checkpoints} checkpoints")


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
    if looked.erased:
        click.echo(
            f"{looked.erased} things that events commit to cannot be opened any more: persons, "
            "links or assessments were erased, as later events say.",
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
    with signing():
        click.echo(ports().log.checkpoint(ports().clock.now()).note, nl=False)
