"""Rows that are never changed, removed or replaced, whatever statement tries."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from riskapp.assessments.service import Plan, draft
from riskapp.audit.models import LogNode
from riskapp.core.append_only import REFUSAL
from riskapp.core.db import db, transaction
from riskapp.custody.models import AssessmentErasure
from riskapp.scoring.adopting import make_and_adopt
from riskapp.scoring.overrides import Word, override
from riskapp.tables import APPEND_ONLY, METADATA
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.custody.erasing import all_erased
from tests.scoring import own_schemes

pytestmark = pytest.mark.usefixtures("in_app")


def rows(table: sa.Table) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)


RULE = {"record_class": "drafts", "days": 1, "at": NOW}


def draft_of(cast: Cast) -> str:
    plan = Plan([ports().library.current.latest(small.NAME)], NOW.date(), stages.REASON)
    return draft(ports().library, cast.mallory.engagement_id, plan, actor=cast.oskar.actor, now=NOW)


def attempts(table: sa.Table) -> list[str]:
    """Statements that would change, remove or replace rows."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    last = list(table.columns)[-1].name
    found = [
        f'UPDATE {table.name} SET "{last}" = "{last}"',
        f"DELETE FROM {table.name}",
    ]
    if db.engine.dialect.name == "sqlite":
        same = f"({columns}) SELECT {columns} FROM {table.name}"
        found += [
            f"INSERT OR REPLACE INTO {table.name} {same}",
            f"REPLACE INTO {table.name} {same}",
        ]
    else:
        found.append(f"TRUNCATE {table.name} CASCADE")
    return found


def test_no_statement_changes_removes_or_replaces_a_row_that_is_kept_for_ever(cast: Cast) -> None:
    _, invitation = stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    all_erased(invitation.vendor_id, cast.oskar)
    other = draft_of(cast)
    with transaction() as session:  # erasing one assessment frees no row of another
        session.add(AssessmentErasure(assessment_id=other, **RULE))
        session.add(LogNode(level=8, position=0, hash="00" * 32))
    ports().log.checkpoint(NOW)
    actor = cast.ada.actor
    wish = own_schemes.wish(bound_high=30)
    make_and_adopt("harbour-1", wish, {}, "For us.", actor=actor, now=NOW)
    override("US", Word("none", None, None, False, "", "It fell."), actor=actor, now=NOW)
    for name in APPEND_ONLY:
        table = METADATA.tables[name]
        before = rows(table)
        assert before, name
        for statement in attempts(table):
            with pytest.raises(DatabaseError, match=REFUSAL), transaction() as session:
                session.execute(sa.text(statement))
        assert rows(table) == before


def test_the_tables_of_what_was_said_and_done_are_among_them() -> None:
    assert {"event", "answer_revision", "submission", "receipt", "decision"} <= set(APPEND_ONLY)
