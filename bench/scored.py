"""A scored portfolio of any size: real bases, packed, and answers as rows beside them."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from bench.house import respondent
from riskapp.answers.models import Answer
from riskapp.assessments.models import Assessment
from riskapp.core.db import db, plain_transaction
from riskapp.core.ids import new_id
from riskapp.scoring.build import Case, build_basis
from riskapp.scoring.compiled import marked_alone
from riskapp.scoring.constants import Level
from riskapp.scoring.models import Plan, StoredBasis
from riskapp.scoring.packing import Packed, pack
from riskapp.scoring.service import outcome_kept
from riskapp.scoring.sheet import Evidence
from riskapp.scoring.terms import standard
from riskapp.tables import METADATA
from riskapp.vendors.intake import factors, facts
from riskapp.vendors.models import Engagement, Intake, Vendor
from riskapp.web.ports import ports
from tests.cast import INTAKE
from tests.scoring.building import CATALOGUE, SHIPPED, na, said
from tests.scoring.shipped import QUESTIONS, SCORED, possible

ITEMS, KINDS = 200, 40
LEVELS = (Level.PROVIDED, Level.REVIEWED, Level.INDEPENDENT)
COLUMNS = ("plan", "factors", "items", "files", "transfers", "rest")


def kinds(today: date) -> list[Packed]:
    """Different answers to all shipped questionnaires, most of them good, of different intakes.

    They have some 170 scored questions; the first ones stand there twice, to make 200.
    """
    die = random.Random(4)  # noqa: S311 - chance, not secrecy
    found = []
    for _ in range(KINDS):
        basis = build_basis(_case(die, today))
        again = (replace(one, id=f"{one.id}-b", leans_on=()) for one in basis.items)
        found.append(pack(replace(basis, items=(*basis.items, *again)[:ITEMS])))
    return found


def _case(die: random.Random, today: date) -> Case:
    known = dict(INTAKE)
    for question in CATALOGUE.intake.questions.values():
        if question.factor is not None and not die.randrange(3):
            known[question.id] = die.choice(question.choices)
    answers = {"GDP-01": said("processor")}
    for name in SCORED:
        every = possible(QUESTIONS[name])
        answers[name] = said(every[0] if die.randrange(3) else die.choice(every))
    answers |= {name: na(na_approvals=2) for name in die.sample(SCORED, 8)}
    files = {
        name: [Evidence(True, die.choice(LEVELS), today - timedelta(days=die.randrange(700)))]
        for name in die.sample(SCORED, 30)
    }
    weighed = factors(CATALOGUE.intake, known)
    return Case(SHIPPED, facts(CATALOGUE.intake, known), weighed, answers, files)


def fill(every: list[Packed], size: int, today: date) -> tuple[list[str], dict[str, int]]:
    """One assessment made through the services, the others row by row.

    Gives their ids, and the questions' weights. Scoring again reads no answers; the baseline does.
    """
    respondent(0)
    ids = [new_id() for _ in range(size)]
    documents = {kind.plan: kind.document for kind in every}
    kept = [
        outcome_kept(standard(), marked_alone(kind.document, kind, today, standard()).mark)
        for kind in every
    ]
    with plain_transaction() as connection:
        for model in (Vendor, Engagement, Intake, Assessment):
            row = dict(connection.execute(sa.select(model.__table__)).mappings().one())
            connection.execute(
                sa.insert(model), [{**row, **_own(model, number, ids)} for number in range(size)]
            )
        plans = [{"sha256": plan, "document": text} for plan, text in documents.items()]
        connection.execute(sa.insert(Plan), plans)
        connection.execute(
            sa.insert(StoredBasis),
            [
                {"assessment_id": one, "outcome": kept[at % KINDS], **_columns(every[at % KINDS])}
                for at, one in enumerate(ids)
            ],
        )
        for number, kind in enumerate(every):
            _answer(connection, kind, ids[number::KINDS])
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as either database does by itself in time
    plan_items = [item for text in documents.values() for item in json.loads(text)["items"]]
    return ids, {name: weight for name, _, weight in plan_items}


def _columns(kind: Packed) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in COLUMNS}


def _own(model: type, number: int, ids: list[str]) -> dict[str, Any]:
    """What tells a copied row from the others."""
    vendor, engagement, intake = (f"{kind}{number:031}" for kind in "vei")
    name = f"Provider {number:05}"
    own: dict[type, dict[str, Any]] = {
        Vendor: {"id": vendor, "name": name, "name_key": name.lower()},
        Engagement: {"id": engagement, "vendor_id": vendor, "scored_by": ids[number]},
        Intake: {"id": intake, "engagement_id": engagement},
        Assessment: {
            "id": ids[number],
            "vendor_id": vendor,
            "engagement_id": engagement,
            "intake_id": intake,
            "submissions": 1,
            "state": "submitted",
        },
    }
    return own[model]


def _answer(connection: sa.Connection, kind: Packed, ids: list[str]) -> None:
    """The answers of one assessment, and copies of them inside the database for the others."""
    first, *others = ids
    names = [item[0] for item in json.loads(kind.document)["items"]]
    now = ports().clock.now()
    connection.execute(
        sa.insert(Answer),
        [
            {
                "assessment_id": first,
                "question_id": name,
                "revision": 1,
                "value": word,
                "comment": "",
                "saved_at": now,
            }
            for name, word in zip(names, _words(kind), strict=True)
        ],
    )
    table = METADATA.tables["answer"]
    copied = [column for column in table.c if column.name != "assessment_id"]
    for begin in range(0, len(others), 200):
        mine = Assessment.id.in_(others[begin : begin + 200])
        rows = (
            sa.select(Assessment.id, *copied)
            .join_from(Assessment, table, table.c.assessment_id == first)
            .where(mine)
        )
        names_ = ["assessment_id", *(column.name for column in copied)]
        connection.execute(sa.insert(table).from_select(names_, rows))


def _words(kind: Packed) -> Iterator[str]:
    """Each credit as the nearest word, by the last two bytes of its record."""
    for at in range(0, len(kind.items), 4):
        n, d = kind.items[at + 2], kind.items[at + 3]
        yield ("no", "partly", "yes")[round(2 * n / d)]
