"""Evidence packs: built from the record, listed, verified from the file alone."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import AppGroup

from riskapp.assessments.queries import assessment as known_assessment
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.packs.narrowing import PEOPLE, Narrowing, Redaction
from riskapp.packs.queries import PAGE, ExportRow, made
from riskapp.packs.sealing import Recipient, recipient, sealed
from riskapp.packs.service import PackWish, Parts, prepare, stream
from riskapp.packs.shipped.verify import NOT_ANCHORED
from riskapp.packs.verify import examine_file
from riskapp.web.ports import ports

RECIPIENT = "Whoever runs riskapp"
PURPOSE = "Built on the command line."
SEALED = b"age-encryption.org/"
"""How a file that is sealed begins."""
OPTIONS = {"redactions": "leave-out", "sealed_to": "seal-to"}
"""What fields are called here."""

packs = AppGroup("packs", help="Evidence packs.")


@packs.command("build")
@click.argument("assessment", required=False)
@click.option("--vendor", metavar="ID", help="A vendor, in place of one assessment: all of it.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the pack goes; a file that is there is never overwritten.",
)
@click.option("--recipient", "who", default=RECIPIENT, show_default=True, help="Who receives it.")
@click.option("--purpose", default=PURPOSE, show_default=True, help="What it is needed for.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The last day of use, like 2027-03-31.",
)
@click.option("--without-evidence", is_flag=True, help="List the files, and give none.")
@click.option(
    "--leave-out",
    "left_out",
    multiple=True,
    metavar="WHAT=REASON",
    help="A question's answer, a file (ID/VERSION) or `names`, and why. Any number of times.",
)
@click.option(
    "--seal-to",
    metavar="KEY",
    help="An age or SSH public key, or @FILE that holds it: only its owner can open the pack.",
)
def build(  # noqa: PLR0913 - one for each thing that a pack can be told
    assessment: str | None,
    vendor: str | None,
    out: Path,
    who: str,
    purpose: str,
    until: datetime | None,
    left_out: Sequence[str],
    seal_to: str | None,
    *,
    without_evidence: bool,
) -> None:
    """Build the evidence pack of a decided assessment, or of a vendor, readable by you alone.

    Recipient and purpose stand in the pack and in the record. A build that fails leaves no file.
    """
    with _by_option():
        to = None if seal_to is None else recipient(_key(seal_to))
    narrowing = Narrowing(
        evidence=not without_evidence, redactions=tuple(_redaction(one) for one in left_out)
    )
    with _by_option(), _new_file(out) as file:
        wish = PackWish(
            *_subject(assessment, vendor),
            who,
            purpose,
            until and until.date(),
            narrowing,
            None if to is None else to.text,
        )
        size = _built(file, wish, to)
    click.echo(f"{out}: {size} bytes. {_next(out, to)}")


@contextmanager
def _by_option() -> Iterator[None]:
    """Calls what is refused as its option is called."""
    try:
        yield
    except FieldRefused as error:
        raise FieldRefused(OPTIONS.get(error.field, error.field), error.message) from None


def _subject(assessment: str | None, vendor: str | None) -> tuple[str, str | None]:
    """Ids of the vendor, and of the assessment if it is about one. Raises FieldRefused."""
    if (assessment is None) == (vendor is None):
        raise FieldRefused("assessment", "Name one assessment, or a vendor with --vendor.")
    if assessment is None:
        return vendor or "", None
    row = known_assessment(reading(), assessment)
    if row is None:
        raise FieldRefused(
            "assessment", f"There is no assessment {assessment}. `assessments list` shows the ids."
        )
    return row.vendor_id, row.id


def _key(given: str) -> str:
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FieldRefused("seal-to", f"{given[1:]} cannot be read: {error}") from error


def _redaction(given: str) -> Redaction:
    what, found, reason = given.partition("=")
    if not found or not reason.strip():
        raise FieldRefused("leave-out", f"Say why after an equals sign: {what}=REASON")
    if what == "names":
        return Redaction("names", PEOPLE, reason.strip())
    return Redaction("file" if "/" in what else "answer", what, reason.strip())


def _built(file: BinaryIO, wish: PackWish, to: Recipient | None) -> int:
    """Makes and takes the pack; how many bytes were written."""
    own = ports()
    parts = Parts(own.library, own.blobs, own.keyring, own.signer, own.log, own.stamper)
    now = own.clock.now()
    try:
        prepared = prepare(parts, wish, actor=OPERATOR, now=now)
    except NotFound:
        raise FieldRefused("vendor", f"There is no vendor {wish.vendor_id}.") from None
    pack = stream(parts, prepared.id, actor=OPERATOR, now=now)
    if to is None:
        _write(file, pack.chunks)
        return pack.size
    out = sealed(pack.chunks, pack.size, to)
    _write(file, out.chunks)
    return out.size


def _next(out: Path, to: Recipient | None) -> str:
    if to is not None:
        return "Only the owner of the key can open it, with age."
    return f"Check it with: flask riskapp packs verify --key {ports().signer.fingerprint} {out}"


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


@packs.command("list")
@click.option("--vendor", metavar="ID", help="Those of one vendor only.")
def listing(vendor: str | None) -> None:
    """List the packs that were made, newest first: one line each, between tabs.

    The id, when it was made, what of (`vendor` or the assessment's id), its size in bytes, until
    when it may be used, for whom, and by whom it was made.
    """
    before = None
    while True:
        rows = made(reading(), vendor, before=before)
        for row in rows:
            click.echo("\t".join(_line(row)))
        if len(rows) < PAGE:
            return
        before = (rows[-1].at, rows[-1].id)


def _line(row: ExportRow) -> tuple[str, ...]:
    until: date | str = row.until or "-"
    return (
        row.id,
        row.at.isoformat(timespec="seconds"),
        row.assessment_id or "vendor",
        str(row.size),
        str(until),
        " ".join(row.recipient.split()) or "-",
        row.made_by or "-",
    )


@packs.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", metavar="SHA256:…", help="The fingerprint of the key that must have signed.")
@click.pass_context
def verify(ctx: click.Context, file: Path, key: str | None) -> None:
    """Check a pack, from the file alone: one line for each thing that is wrong.

    Without the fingerprint of the key, which was told to you by another way, anybody could have
    signed it: then it says NOT ANCHORED. Needs no database.
    """
    if _sealed(file):
        raise FieldRefused(
            "file",
            f"{file} is sealed. Open it first with the recipient's private key: "
            f"age -d -i KEY -o PACK.zip {file}",
        )
    found = examine_file(file, key)
    for note in found.notes:
        click.echo(" ".join(note.split()), err=True)
    for problem in found.problems:
        click.echo(" ".join(problem.split()))
    if not found.problems:
        click.echo("Nothing is wrong." if found.anchored else NOT_ANCHORED, err=True)
    ctx.exit(found.code)


def _sealed(path: Path) -> bool:
    """Whether age made it; what cannot be read is told of by whoever examines it."""
    try:
        with path.open("rb") as file:
            return file.read(len(SEALED)) == SEALED
    except OSError:
        return False
