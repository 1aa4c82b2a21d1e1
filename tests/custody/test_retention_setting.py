"""Setting the rules of retention, and what refuses to delete without them."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from riskapp.core.db import db, reading
from riskapp.core.errors import FieldRefused
from riskapp.custody.models import AssessmentErasure
from riskapp.custody.retention import rules, set_rule
from riskapp.custody.rules import RecordClass
from riskapp.tables import ERASABLE
from tests import small
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody.retaining import REASON, decided, keep_for

pytestmark = pytest.mark.usefixtures("in_app")

ANSWERS, LINKS = RecordClass.ANSWERS, RecordClass.LINKS


def test_nothing_but_a_run_can_delete_and_nothing_can_change_what_was_said(
    cast: Cast, clock: StoppedClock
) -> None:
    first, second = decided(cast), decided(cast, cast.mallory)
    held = AssessmentErasure(
        assessment_id=first.assessment_id, record_class="answers", days=30, at=clock.now()
    )
    with db.engine.begin() as connection:
        values = {c.key: getattr(held, c.key) for c in AssessmentErasure.__table__.columns}
        connection.execute(sa.insert(AssessmentErasure).values(**values))
    for table in ERASABLE:
        for statement, whose in (
            (f"DELETE FROM {table}", second),
            (f"UPDATE {table} SET assessment_id = assessment_id", second),
            (f"UPDATE {table} SET assessment_id = assessment_id", first),
        ):
            query = sa.text(f"{statement} WHERE assessment_id = :id")
            with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
                connection.execute(query, {"id": whose.assessment_id})
    for statement in ("DELETE FROM assessment_erasure", "UPDATE assessment_erasure SET days = 1"):
        with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_setting_a_rule_says_who_why_and_what_was_before(cast: Cast, clock: StoppedClock) -> None:
    set_rule(LINKS, 90, f"  {REASON} ", actor=cast.ada.actor, now=clock.now())
    set_rule(LINKS, None, "For good.", actor=cast.ada.actor, now=clock.now())
    bodies = [json.loads(one.body) for one in small.events() if one.type == "retention:set"]
    assert [(one["object"], one["from"], one["to"]) for one in bodies] == [
        ("links", None, 90),
        ("links", 90, None),
    ]
    assert REASON not in json.dumps(bodies)
    reading().rollback()
    row = rules(reading())[LINKS]
    assert (row.days, row.reason, row.set_by) == (None, "For good.", "Ada")


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [(0, REASON, "days"), (29, REASON, "days"), (36_501, REASON, "days"), (30, "  ", "reason")],
)
def test_a_rule_that_cannot_be_is_refused(
    cast: Cast, clock: StoppedClock, days: int, reason: str, field: str
) -> None:
    with pytest.raises(FieldRefused) as refused:
        set_rule(ANSWERS, days, reason, actor=cast.ada.actor, now=clock.now())
    assert refused.value.field == field
    assert rules(reading()) == {}


def test_the_same_rule_again_is_refused_and_keeps_its_day(cast: Cast, clock: StoppedClock) -> None:
    keep_for(30, ANSWERS, by=cast)
    clock.pass_by(days=3)
    with pytest.raises(FieldRefused):
        keep_for(30, ANSWERS, by=cast)
    reading().rollback()
    assert rules(reading())[ANSWERS].set_at < clock.now()


def test_two_first_rules_at_once_leave_one_after_the_other(cast: Cast, clock: StoppedClock) -> None:
    def setting(days: int) -> None:
        set_rule(LINKS, days, REASON, actor=cast.ada.actor, now=clock.now())

    assert small.at_once(lambda: setting(5), lambda: setting(6)) == [None, None]
    last = json.loads(small.events()[-1].body)
    assert rules(reading())[LINKS].days == last["to"]
