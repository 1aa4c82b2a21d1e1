"""Which questionnaires can be sent: published, retired, listed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from riskapp.audit.service import OPERATOR
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.folder import is_translation
from riskapp.catalogue.model import Release
from riskapp.catalogue.publishing import publish_files
from riskapp.core.db import DatabaseUnavailable, reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.releases import service
from riskapp.releases.errors import NotPublishable
from riskapp.releases.queries import Listed, listed, own
from riskapp.web.ports import ports

NOT_COMPARED = (
    "The database does not answer or has no tables yet: what is published in it was not looked at."
)


def own_releases() -> list[Release]:
    """Those published in the database; none, and a line that says so, where it does not answer."""
    try:
        return own(reading())
    except (DatabaseUnavailable, DBAPIError):
        click.echo(NOT_COMPARED, err=True)
        return []


@click.command("publish")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
def publish(paths: Sequence[Path]) -> None:
    """Publish questionnaire files: they can be sent from then on, and never change again.

    A file in the folder of this installation is written into its releases.lock, all or none;
    any other is stored in the database, one after the other. Prints what was published, one line
    for each.
    """
    folder = ports().settings.questionnaires.resolve()
    files = list(dict.fromkeys(path.resolve() for path in paths))
    folders = [path for path in files if path.is_dir()]
    if folders:
        remedy = "name the files in it"
        raise NotPublishable([Fault(str(path), 1, "", "is a folder", remedy) for path in folders])
    sources = [(path, _source(path)) for path in files if folder not in path.parents]
    inside = [path for path in files if folder in path.parents]
    if inside:
        _publish_files(folder, inside)
    for path, source in sources:
        where = "/".join(path.parts[-3:])
        now = ports().clock.now()
        release = service.publish(ports().library, source, where, actor=OPERATOR, now=now)
        click.echo(release.key)


def _publish_files(folder: Path, paths: Sequence[Path]) -> None:
    astray = [
        Fault(str(path), 1, "", "lies astray", f"put it into {folder.name}/<its id>/")
        for path in paths
        if path.parent.parent != folder
    ]
    if astray:
        raise NotPublishable(astray)
    try:
        published = publish_files(folder, paths, own_releases())
    except Faulty as error:
        raise NotPublishable(error.faults) from error
    for called in published:
        click.echo(called)
    click.echo("Start riskapp again: it reads its folder when it starts.", err=True)


def _source(path: Path) -> str:
    """The text of a file outside the folder. Raises NotPublishable."""
    try:
        if not is_translation(path):
            return path.read_bytes().decode()
        problem = "is a translation, which stands beside its release in the folder"
        remedy = f"put both into {ports().settings.questionnaires}"
    except OSError as error:
        problem, remedy = f"cannot be read ({error.strerror})", "correct the path"
    except UnicodeDecodeError:
        problem, remedy = "is no UTF-8", "save the file as UTF-8"
    raise NotPublishable([Fault(str(path), 1, "", problem, remedy)])


@click.command("retire")
@click.argument("release", metavar="ID@RELEASE")
@click.option("--reason", default="", help="Why nobody is to be sent it any more.")
@click.option("--offer-again", is_flag=True, help="Offer a retired release again instead.")
def retire(release: str, reason: str, *, offer_again: bool) -> None:
    """Take a release out of what can be sent; assessments that have it keep it."""
    name, _, number = release.partition("@")
    parts = ports()
    now = parts.clock.now()
    try:
        if offer_again:
            if reason:
                raise FieldRefused("reason", "Offering a release again needs none. Leave it out.")
            service.reinstate(parts.library, name, number, actor=OPERATOR, now=now)
        else:
            service.retire(parts.library, name, number, reason, actor=OPERATOR, now=now)
    except NotFound:
        raise FieldRefused(
            "release",
            f"There is no release {release} that is sent to vendors. `questionnaires list` shows "
            "those that there are.",
        ) from None


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of lines.")
def list_all(*, as_json: bool) -> None:
    """List questionnaires: release, title, questions, standing, languages.

    Lines have these five between tabs; the newest release of each questionnaire comes first.
    """
    documents = [_document(row) for row in listed(reading(), ports().library)]
    if as_json:
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False))
        return
    for document in documents:
        values = {**document, "languages": ",".join(document["languages"])}
        click.echo("\t".join(" ".join(str(value).split()) for value in values.values()))


def _document(row: Listed) -> dict[str, Any]:
    release = row.release
    return {
        "release": release.key,
        "title": release.title,
        "questions": len(release.questions),
        "standing": standing(row),
        "languages": ports().library.languages(release),
    }


def standing(row: Listed) -> str:
    """One word for whether a release can be sent: `intake` is what officers answer."""
    if row.release.audience != "vendor":
        return "intake"
    return "offered" if row.retired_at is None else "retired"
