"""A portfolio of any size: two assessments made through the services, then copied row by row.

The services take seconds for each assessment. Copies of what they wrote are as real, down to every
answer, revision, receipt and event, and a thousand of them take seconds together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bench.house import Respondent, officer, provider, respondent
from riskapp.core.db import db, plain_transaction, reading
from riskapp.core.ids import new_id
from riskapp.tables import METADATA
from tests import stages

SHARED = {"person", "sign_in_session", "stored_release", "wrapped_key", "respondent_session"}
"""Tables of which a copy needs no row of its own. Evidence is left out: its blobs are files."""
FILES = {"evidence", "evidence_use"}


@dataclass(frozen=True)
class Portfolio:
    """What pages are asked for: an assessment that came in, and one that is being answered."""

    officer: str
    submitted: str
    vendor: str
    respondent: Respondent


def make_two() -> Portfolio:
    member, theirs, who = officer(), provider(0), respondent(1)
    _, came = stages.submitted(theirs, member)
    stages.answer_all(stages.opened(who.link))
    return Portfolio(member.session, came.assessment_id, theirs.vendor_id, who)


def grow(originals: Portfolio, size: int) -> None:
    """Copies the two in turn until there are so many assessments."""
    reading().rollback()
    known = reading().execute(sa.select(_table("assessment"))).mappings().all()
    pattern = [
        dict(_rows_of(row["id"], row["vendor_id"]))
        for row in known
        if row["id"] in {originals.submitted, originals.respondent.assessment_id}
    ]
    copies: dict[str, list[dict[str, Any]]] = {}
    for number in range(len(known), size):
        for name, row in _copied(pattern[number % len(pattern)], number):
            copies.setdefault(name, []).append(row)
    with plain_transaction() as connection:
        for table in METADATA.sorted_tables:
            if copies.get(table.name):
                connection.execute(sa.insert(table), copies[table.name])
    reading().rollback()
    assert reading().scalar(sa.select(sa.func.count()).select_from(_table("assessment"))) == size
    reading().rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as either database does by itself in time


def _rows_of(assessment_id: str, vendor_id: str) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Every row of an assessment and of its vendor, by table."""
    engagements = sa.select(_table("engagement").c.id).where(
        _table("engagement").c.vendor_id == vendor_id
    )
    for table in METADATA.sorted_tables:
        if table.name in SHARED | FILES:
            continue
        if "assessment_id" in table.c and table.name != "event":
            mine = table.c.assessment_id == assessment_id
        elif "vendor_id" in table.c:
            mine = table.c.vendor_id == vendor_id
        elif "engagement_id" in table.c:
            mine = table.c.engagement_id.in_(engagements)
        elif table.name == "vendor":
            mine = table.c.id == vendor_id
        else:
            continue  # nothing of an assessment
        rows = reading().execute(sa.select(table).where(mine)).mappings()
        yield table.name, [dict(row) for row in rows]


def _copied(
    pattern: Mapping[str, list[Mapping[str, Any]]], number: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows again, with ids, names and tokens of their own, and a little older each time."""
    ids = {
        row["id"]: new_id()
        for rows in pattern.values()
        for row in rows
        if isinstance(row.get("id"), str)
    }
    for table, rows in pattern.items():
        for row in rows:
            copy = {
                name: ids.get(value, value) if isinstance(value, str) else value
                for name, value in row.items()
                if not (name == "id" and isinstance(value, int))  # the database numbers these
            }
            for name, value in copy.items():
                if isinstance(value, datetime):
                    copy[name] = value - timedelta(minutes=number)
            if table == "vendor":
                copy |= {"name": f"Provider {number:04}", "name_key": f"provider {number:04}"}
            if "token_hash" in copy:
                copy["token_hash"] = new_id() * 2
            yield table, copy


def _table(name: str) -> sa.Table:
    return METADATA.tables[name]
