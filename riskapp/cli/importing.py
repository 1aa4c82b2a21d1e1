"""Foreign questionnaires made into files of riskapp's own format."""

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskapp.catalogue.importers import foreign
from riskapp.catalogue.importers.common import MOST_BYTES, Imported, Progress
from riskapp.catalogue.importers.naming import Taken, completed, taken_by
from riskapp.catalogue.parsing import parse
from riskapp.cli.publishing import own_releases
from riskapp.cli.worded import one_line
from riskapp.core.errors import FieldRefused
from riskapp.web.ports import ports

if TYPE_CHECKING:
    from riskapp.catalogue.importers.sheets.importer import Mapping, SheetUse

ONLY_SHEETS = "--column, --sheet and --header are for --from sheet."
ONLY_VSAQ = "--extension is for --from vsaq."
VSAQ = "vsaq"
CORRECTING = """\
To say it differently: --column question=C (a letter or a header), --column weight= for none,
--header ROW, --sheet NAME; with several sheets --column 'SHEET!question=C'. A column can be:"""


@click.command("import")
@click.option(
    "--from", "form", type=click.Choice(list(foreign.FORMS)), required=True, help="Its format."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder below which the file is written, as DIR/<id>/<release>.yaml.",
)
@click.option("--id", "name", help="Its id; without one, made of its title or the file's name.")
@click.option("--prefix", help="Three capitals that its questions begin with.")
@click.option("--title", help="Its title; without one, what the file says.")
@click.option("--release", help="Its number; without one, the next of this year.")
@click.option("--column", "columns", multiple=True, metavar="NAME=COLUMN", help="What a column is.")
@click.option("--sheet", "sheets", multiple=True, metavar="NAME", help="The sheets to be read.")
@click.option("--header", metavar="ROW", help="Where the headers stand: 4, 4-5 or none.")
@click.option(
    "--extension",
    "extensions",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A VSAQ extension to be put into the questionnaire.",
)
@click.option("--preview", is_flag=True, help="Say what would be made of it, and write nothing.")
def import_file(
    form: str,
    file: Path,
    out: Path | None,
    columns: Sequence[str],
    sheets: Sequence[str],
    header: str | None,
    *,
    extensions: Sequence[Path],
    preview: bool,
    **naming: str | None,
) -> None:
    """Make a questionnaire file of a foreign one; publish it afterwards.

    Prints a line for everything that was not taken over as it stood. A file that is there is
    never overwritten.
    """
    if out is None and not preview:
        raise click.UsageError("Missing option '--out' (or --preview).")
    if form != foreign.SHEET and (columns or sheets or header):
        raise click.UsageError(ONLY_SHEETS)
    if form != VSAQ and extensions:
        raise click.UsageError(ONLY_VSAQ)
    data = _read(file)
    named = {"id": naming["name"], **{key: naming[key] for key in ("prefix", "title", "release")}}
    year = ports().clock.now().year
    chosen = completed(named, file.name, _taken(), year)
    target = out and out / chosen.id / f"{chosen.release}.yaml"
    if target and not preview:
        _refuse_existing(target)
    mapping = None
    if form == foreign.SHEET:
        mapping = _mapping(data, file.name, columns, sheets, header)
        _say_columns(mapping)
    with _bar() as told:
        more = [_read(one) for one in extensions]
        imported = foreign.read(form, data, file.name, chosen, mapping, told, extensions=more)
    if target and not preview:
        _write(target, imported.text)
    _say(imported)
    if target and not preview:
        click.echo(f"Written: {target}", err=True)


def _taken() -> Taken:
    return taken_by([*ports().library.current.releases, *own_releases()])


def _read(file: Path) -> bytes:
    """At most one byte more than is imported, so that no endless file is swallowed."""
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise FieldRefused("file", f"{file} cannot be read ({error.strerror}).") from error


def _mapping(
    data: bytes, name: str, columns: Sequence[str], sheets: Sequence[str], header: str | None
) -> "Mapping":
    """The columns as guessed, with what was said differently. Raises NotImportable."""
    guessed = foreign.see(data, name).columns
    said = []
    if sheets:
        others = [one.sheet for one in guessed.questions if one.sheet not in sheets]
        said = [f"{one}!use=questions" for one in sheets] + [f"{one}!use=nothing" for one in others]
    if header is not None:
        meant = sheets or [one.sheet for one in guessed.questions]
        said += [f"{one}!header={header}" for one in meant] or [f"header={header}"]
    return foreign.see(data, name, [*said, *columns]).columns


def _say_columns(mapping: "Mapping") -> None:
    """What the columns are taken for, with reasons, and how to say it differently."""
    for use in mapping.sheets:
        name = f"Sheet “{use.sheet}”" if use.sheet else "The file"
        click.echo(one_line(f"{name}: {_use_words(use)} {use.reason}"), err=True)
        for one in use.columns if use.use != "nothing" else ():
            said = (one.letter, one.header, one.field or "not imported", one.reason)
            click.echo("  " + "\t".join(map(one_line, said)), err=True)
    from riskapp.catalogue.importers.sheets.importer import FIELDS  # noqa: PLC0415 - takes long

    click.echo(CORRECTING, err=True)
    for field, words in FIELDS.items():
        click.echo(f"  {field}\t{words}", err=True)


def _use_words(use: "SheetUse") -> str:
    from riskapp.catalogue.importers.sheets.importer import USES  # noqa: PLC0415 - takes long

    first, last = use.header
    rows = f"headers in row {first}" if first == last else f"headers in rows {first} to {last}"
    return f"{USES[use.use]}{f'; {rows}' if first and use.use != 'nothing' else ''}."


@contextmanager
def _bar() -> Iterator[Progress]:
    """A bar on standard error that shows how far an import is; hidden where nobody looks."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=1, label="Questions", file=sys.stderr, hidden=hidden) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield told


def _say(imported: Imported) -> None:
    """The notes, a line for each, on standard output; what they come to beside them."""
    for note in imported.notes:
        click.echo(one_line(str(note)))
    release = parse(imported.text, "the import")
    sections = len(release.sections)
    click.echo(
        f"{release.key}, “{one_line(release.title)}”: {imported.questions} questions in "
        f"{sections} section{'s'[: sections != 1]}; {len(imported.notes)} notes.",
        err=True,
    )
    click.echo(f"Licence: {one_line(release.licence)}", err=True)
    if release.restricted:
        click.echo(f"Warning: {one_line(release.restricted)}", err=True)


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise FieldRefused(
            "out", f"{target} is there already and is not overwritten. Use another --release."
        )


def _write(target: Path, text: str) -> None:
    """The whole file or none. Raises FieldRefused."""
    made = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with made.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(made, target)  # unlike renaming, it takes nobody's place
        finally:
            with suppress(FileNotFoundError):
                made.unlink()
    except FileExistsError:
        _refuse_existing(target)
    except OSError as error:
        raise FieldRefused("out", f"{target} cannot be written ({error.strerror}).") from error
