"""Packs as officers and auditors come by them: made by a form, then downloaded."""

import io
import json
import re
import zipfile
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from riskapp.core.db import reading
from riskapp.packs.queries import ExportRow, pack
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from tests import small, stages
from tests.cast import Cast
from tests.conftest import Client

TERMS = {"recipient": "Audit House Ltd", "purpose": "Yearly audit"}


def decided(app: Flask, cast: Cast) -> str:
    """A small assessment with one file, decided; its id."""
    with app.app_context():
        invitation = small.submitted(cast)
        stages.confirm_empty(invitation, cast.oskar)
        decide(
            invitation.assessment_id,
            Outcome.APPROVE,
            stages.reviewer(cast.oskar),
            reasons="Sound throughout.",
        )
        return invitation.assessment_id


def made(response: TestResponse) -> str:
    """The id of the pack that a form led to."""
    assert response.status_code == 303, response.get_data(as_text=True)[-3000:]
    found = re.fullmatch(r"/(desk|auditor)/packs/([0-9a-f]{32})", response.headers["Location"])
    assert found is not None, response.headers["Location"]
    return found[2]


def make(client: Client, assessment_id: str, **fields: Any) -> str:
    """What Oskar makes by one form, where nothing is kept out or all reasons are given."""
    return made(client.post(f"/desk/assessments/{assessment_id}/pack", data={**TERMS, **fields}))


def row(app: Flask, pack_id: str) -> ExportRow:
    with app.app_context():
        found = pack(reading(), pack_id)
    assert found is not None
    return found


def files(data: bytes) -> dict[str, bytes]:
    """What is in a pack, by the path in its folder."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def answers(data: bytes) -> dict[str, Any]:
    """The questions of a pack by their ids."""
    document = json.loads(files(data)["data/answers.json"])
    return {
        question["id"]: question
        for questionnaire in document["questionnaires"]
        for section in questionnaire["sections"]
        for question in section["questions"]
    }


def events(app: Flask, kind: str) -> list[Any]:
    with app.app_context():
        return [event for event in small.events() if event.type == kind]
