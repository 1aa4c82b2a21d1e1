"""Scores: from their receipts alone, and of the whole portfolio again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from riskapp.audit.service import OPERATOR
from riskapp.cli.worded import one_line
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.scoring.current import terms_now
from riskapp.scoring.reading import FILE_BYTES
from riskapp.scoring.receipts import MalformedReceipt, recompute
from riskapp.scoring.rescoring import Landing, Moved, Progress, preview, rescore
from riskapp.web.ports import ports

MALFORMED = 2
DIFFERENT = 3
STDIN = "-"

score = AppGroup("score", help="Scores: recomputed, and computed anew.")


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
    if found.own_scheme:
        scheme = found.document["scheme"]
        click.echo(
            f"{scheme} is an organisation's own scheme: its constants are those of the receipt.",
            err=True,
        )
    if found.same is False:
        click.echo(f"{found.difference} differs from what the receipt's own inputs give.", err=True)
        ctx.exit(DIFFERENT)


def _read(file: str) -> bytes:
    """At most one byte more than a receipt may have, so that no endless file is swallowed."""
    if file == STDIN:
        return sys.stdin.buffer.read(FILE_BYTES + 1)
    with Path(file).open("rb") as stream:
        return stream.read(FILE_BYTES + 1)


@score.command("all")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Look ahead to a later day (UTC); stores nothing.",
)
@click.option("--dry-run", is_flag=True, help="Store nothing; only list what would change.")
def score_all(as_of: datetime | None, dry_run: bool) -> None:
    """Score every live engagement again, and list those that change tier.

    Each line has assessment, vendor, engagement, and the tier and score before and after, between
    tabs; the last line counts. A new receipt stands beside the old one where another outcome comes.
    """
    now = ports().clock.now()
    day = now.date() if as_of is None else as_of.date()
    if day < now.date():
        raise FieldRefused(
            "as-of", "Name today or a later day. The past is read from the receipts of that day."
        )
    with _progress() as progress:
        if dry_run or day > now.date():
            found = preview(reading(), terms_now(reading()), day, progress)
        else:
            found = rescore(cause="Scored again", actor=OPERATOR, now=now, progress=progress)
    changing = [one for one in found if one.changes_tier]
    for one in changing:
        click.echo(_line(one))
    click.echo(_tally(len(found), len(changing), day, stored=not dry_run and day == now.date()))


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error, where somebody watches."""
    with click.progressbar(
        length=1, label="Scoring", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def show(done: int, every: int) -> None:
            bar.length = max(every, 1)
            bar.update(done - bar.pos)

        yield show


def _line(one: Moved) -> str:
    named = (one.assessment_id, one_line(one.vendor_name), one_line(one.engagement_title))
    return "\t".join((*named, _landed(one.before), _landed(one.after)))


def _landed(landing: Landing) -> str:
    return f"{landing.tier} {landing.shown}" + (" blocked" if landing.blocked else "")


def _tally(moved: int, changing: int, day: date, *, stored: bool) -> str:
    scores = "1 score" if moved == 1 else f"{moved} scores"
    if stored:
        have = "has" if moved == 1 else "have"
        return f"{scores} {have} a new receipt, {changing} of them in another tier."
    return (
        f"{scores} would move as of {day}, {changing} of them to another tier. Nothing was stored."
    )
