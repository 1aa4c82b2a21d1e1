"""Questionnaire files."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from riskapp.catalogue.errors import Fault
from riskapp.catalogue.folder import check_paths, files_in
from riskapp.cli.differences import diff
from riskapp.cli.importing import import_file
from riskapp.cli.publishing import list_all, publish, retire
from riskapp.web.ports import ports

questionnaires = AppGroup("questionnaires", help="Questionnaire files.")
for command in (diff, import_file, list_all, publish, retire):
    questionnaires.add_command(command)


@questionnaires.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, paths: Sequence[Path]) -> None:
    """Say what is wrong with questionnaire files, one line for each fault.

    PATH is a file or a folder; without any, the folder of this installation. Needs no database.
    """
    chosen = paths or [ports().settings.questionnaires]
    faults = [*_empty(chosen), *check_paths(chosen)]
    for fault in faults:
        click.echo(" ".join(str(fault).split()))
    if faults:
        ctx.exit(1)
    click.echo("Nothing is wrong.", err=True)


def _empty(paths: Sequence[Path]) -> list[Fault]:
    """A folder in which nothing was found was not meant: nothing in it was checked."""
    return [
        Fault(str(path), 1, "", "holds no questionnaire", "name the folder that does")
        for path in paths
        if path.is_dir() and not files_in(path)
    ]
