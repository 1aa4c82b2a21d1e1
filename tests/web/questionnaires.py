"""What the tests of the questionnaires' pages share: releases of one's own, forms, rows counted."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask

from riskapp.catalogue.model import Multiple, Question, Release, Table
from riskapp.core.db import Base, db
from riskapp.releases.service import publish
from riskapp.web.ports import ports
from tests import small
from tests.cast import Cast
from tests.catalogue import writing

OWN = "/questionnaires/small"
CURRENT = f"{OWN}/2026.1"
TRY = f"{CURRENT}/try"


def publish_own(app: Flask, cast: Cast, *questions: writing.Json, **more: Any) -> Release:
    """A release of an administrator's own: the small one, unless it says otherwise."""
    content = writing.release(*(questions or small.QUESTIONS), **{"id": small.NAME, **more})
    with app.app_context():
        parts = ports()
        text, now = writing.written(content), parts.clock.now()
        return publish(parts.library, text, "own.yaml", actor=cast.ada.actor, now=now)


def fields(question: Question, value: Any) -> dict[str, Any]:
    """An answer as the form sends it."""
    at = f"q-{question.id}-"
    if value == [] and isinstance(question.answer, Table | Multiple):
        table = isinstance(question.answer, Table)
        return {f"{at}{'nothing-to-list' if table else 'none-of-these'}": "yes"}
    if isinstance(question.answer, Table):
        return {
            f"{at}row-{number}-{name}": text
            for number, row in enumerate(value, start=1)
            for name, text in row.items()
        }
    return {f"{at}value": value}


def facts(**instead: str | list[str]) -> dict[str, Any]:
    """The fields of a made-up engagement: Vera's, unless it says otherwise."""
    found: dict[str, Any] = {
        "services": ["development"],
        "data": "confidential-or-personal",
        "personal_data": "yes",
        "special_categories": "no",
        "inherent": "high",
        "regulated": "none",
        **instead,
    }
    return {f"fact-{name}": value for name, value in found.items()}


def rows(app: Flask) -> Mapping[str, int]:
    """How many rows each table has."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
