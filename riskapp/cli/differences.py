"""What is not the same in two releases, and which assessments would land in another tier."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from riskapp.catalogue.changes import lines
from riskapp.catalogue.check import check
from riskapp.catalogue.diff import compare
from riskapp.catalogue.errors import Faulty
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.releases.queries import listed
from riskapp.scoring.effect import Effect, Landing, effect
from riskapp.web.ports import ports

_NUMBER = re.compile(r"[0-9]{4}\.[0-9]{1,4}")


@click.command("diff")
@click.argument("questionnaire")
@click.argument("old")
@click.argument("new")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day for which scores are computed. Without it: today (UTC).",
)
@click.option("--all", "everything", is_flag=True, help="Also assessments that keep their tier.")
def diff(
    questionnaire: str, old: str, new: str, as_of: datetime | None, *, everything: bool
) -> None:
    """Say what changed from one release to another, and which assessments would change tier.

    OLD and NEW are numbers of releases that are here, or files: of a draft, before it is
    published. Nothing is changed.
    """
    parts = ports()
    before = _release("old", questionnaire, old)
    after = _release("new", questionnaire, new)
    click.echo(f"{before.key} → {after.key}")
    for line in lines(compare(before, after)):
        click.echo(_on_one_line(line))
    click.echo()
    if after.audience == "officer":
        click.echo("An assessment keeps the intake that it was drawn up with: none would change.")
        return
    tally = _Tally()
    day = (as_of or parts.clock.now()).date()
    found = effect(reading(), parts.library, before, after, day)
    for one in tally.counted(found):
        if everything or one.changes_tier:
            click.echo(_effect_line(one))
    click.echo(tally.words)


def _release(field: str, questionnaire: str, written: str) -> Release:
    """The release meant by a number or by a file. Raises FieldRefused, Faulty."""
    if _NUMBER.fullmatch(written):
        return _published(field, questionnaire, written)
    release = _drafted(field, Path(written))
    if release.id != questionnaire:
        raise FieldRefused(
            field,
            f"{written} is a release of {release.id}, not of {questionnaire}. Name one of it.",
        )
    return release


def _published(field: str, questionnaire: str, number: str) -> Release:
    there = [one.release for one in listed(reading(), ports().library)]
    mine = {one.release: one for one in there if one.id == questionnaire}
    if not mine:
        known = ", ".join(dict.fromkeys(one.id for one in there))
        raise FieldRefused(
            "questionnaire", f"There is no questionnaire {questionnaire} here. There are: {known}."
        )
    if number not in mine:
        raise FieldRefused(
            field,
            f"There is no release {number} of {questionnaire} here. There are: {', '.join(mine)}. "
            "Name one of them, or a file.",
        )
    return mine[number]


def _drafted(field: str, path: Path) -> Release:
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise FieldRefused(
            field,
            f"{path} is no number of a release, as 2026.1, and no file that can be read "
            f"({error.strerror}).",
        ) from error
    except UnicodeDecodeError as error:
        raise FieldRefused(field, f"{path} is no UTF-8. Save the file as UTF-8.") from error
    release = parse(text, str(path))
    faults = check(release)
    if faults:
        raise Faulty(faults)
    return release


@dataclass(slots=True)
class _Tally:
    """How many assessments there are, and how many of them would land in another tier."""

    every: int = 0
    changed: int = 0
    reweighted: int = 0
    anew: int = 0

    def counted(self, effects: Iterator[Effect]) -> Iterator[Effect]:
        for one in effects:
            self.every += 1
            self.changed += one.changes_tier
            self.reweighted += one.reweighting_changes_tier
            self.anew += one.asking_changes_tier
            yield one

    @property
    def words(self) -> str:
        if not self.every:
            return "No assessment that was asked this questionnaire has a score yet."
        assessments = "1 assessment" if self.every == 1 else f"{self.every} assessments"
        if not self.changed:
            return f"None of {assessments} would land in another tier."
        return (
            f"{self.changed} of {assessments} would land in another tier: "
            f"{self.reweighted} if re-weighted, {self.anew} if asked anew."
        )


def _effect_line(one: Effect) -> str:
    named = (one.assessment_id, one.vendor_name, one.engagement_title)
    return "\t".join(
        (
            *map(_on_one_line, named),
            _landed(one.today),
            f"re-weighted {_landed(one.reweighted)}",
            f"asked anew {_landed(one.anew)}",
        )
    )


def _landed(landing: Landing) -> str:
    return f"{landing.tier} {landing.shown}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
