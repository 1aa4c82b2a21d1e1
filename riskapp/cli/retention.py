"""Retention: what the rules are, what they will erase, and erasing it now."""

from collections.abc import Iterable

import click
from flask.cli import AppGroup

from riskapp.audit.service import OPERATOR
from riskapp.cli.worded import one_line
from riskapp.core.db import reading
from riskapp.custody.due import ahead_of, due
from riskapp.custody.erasing import Means
from riskapp.custody.retention import RuleRow, rules
from riskapp.custody.rules import AHEAD, RecordClass
from riskapp.custody.runs import Erased, Run, carry_out, foreseen
from riskapp.web.ports import ports

retention = AppGroup("retention", help="For how long records are kept.")


@retention.command("show")
def show() -> None:
    """List the rule of each class of record, and how much of it falls due.

    Each line has the class, the days (`for good` without a rule), how many are due today, how many
    through the next 30 days, how many a legal hold keeps of those, and the reason, between tabs.
    """
    known = rules(reading())
    for kind in RecordClass:
        click.echo("\t".join(_line(kind, known.get(kind))))


def _line(kind: RecordClass, row: RuleRow | None) -> list[str]:
    rule = None if row is None else row.rule
    reason = "" if row is None else one_line(row.reason)
    if rule is None:
        return [kind, "for good", "0", "0", "0", reason]
    today = ports().clock.now().date()
    found = due(reading(), kind, rule, through=ahead_of(today, AHEAD))
    free = [one for one in found if not one.held]
    now = sum(1 for one in free if one.day <= today)
    return [kind, str(rule.days), str(now), str(len(free)), str(len(found) - len(free)), reason]


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Erase nothing; only list what is due.")
def run(*, dry_run: bool) -> None:
    """Erase what the rules do not keep any longer, as riskapp does by itself every day.

    Each line has the class, the id and the day on which it was due, between tabs, and is printed
    once the record is gone; the last line counts.
    """
    parts = ports()
    now = parts.clock.now()
    if dry_run:
        found = foreseen(reading(), through=now.date())
        kept = sum(1 for one in found if one.what.held)
        done = _listed(one for one in found if not one.what.held)
        click.echo(f"{_records(done)} would be erased; {kept} kept by a legal hold.")
        return
    means = Means(parts.blobs, parts.signer, parts.settings.organisation)
    done = _listed(carry_out(Run(means, OPERATOR, now)))
    click.echo(f"{_records(done)} {'was' if done == 1 else 'were'} erased.")


def _listed(found: Iterable[Erased]) -> int:
    done = 0
    for one in found:
        click.echo(f"{one.about}\t{one.what.id}\t{one.what.day.isoformat()}")
        done += 1
    return done


def _records(number: int) -> str:
    return "1 record" if number == 1 else f"{number} records"
