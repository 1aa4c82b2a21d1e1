"""`retention show` and `retention run`: what the rules keep, and erasing what they do not."""

from flask import Flask

from riskapp.custody.holds import place
from riskapp.custody.rules import RecordClass
from riskapp.vendors.service import end_engagement
from tests.cast import Cast
from tests.cli.runs import lines, run
from tests.conftest import StoppedClock
from tests.custody.retaining import REASON, decided, keep_for
from tests.small import app

__all__ = ["app"]


def test_every_class_has_a_line_also_without_a_rule(app: Flask) -> None:
    found = [line.split("\t") for line in lines(run(app, "retention", "show"))]
    assert [line[0] for line in found] == list(RecordClass)
    assert all(line[1:] == ["for good", "0", "0", "0", ""] for line in found)


def test_a_run_lists_what_it_erases_and_a_dry_one_erases_nothing(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        one = decided(cast)
        decided(cast, cast.mallory)
        for provider in (cast.vera, cast.mallory):
            end_engagement(provider.engagement_id, actor=cast.oskar.actor, now=clock.now())
        keep_for(30, RecordClass.ANSWERS, by=cast)
        place(cast.mallory.vendor_id, None, reason="A.", person_id=cast.oskar.id, now=clock.now())
    shown = lines(run(app, "retention", "show"))
    assert f"answers\t30\t0\t0\t0\t{REASON}" in shown
    clock.pass_by(days=31)
    assert f"answers\t30\t1\t1\t1\t{REASON}" in lines(run(app, "retention", "show"))
    listed = f"answers\t{one.assessment_id}\t2026-12-24"
    dry = lines(run(app, "retention", "run", "--dry-run"))
    assert dry == [listed, "1 record would be erased; 1 kept by a legal hold."]
    assert lines(run(app, "retention", "run")) == [listed, "1 record was erased."]
    assert lines(run(app, "retention", "run")) == ["0 records were erased."]
