"""Audrey's pages: what she is granted, what she can ask for, what she reads."""

import json
import re
from datetime import date, datetime
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from riskapp.assessments.grants import Wish, grant_access
from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.web.openings import TYPES
from tests import small
from tests.cast import NOW, Cast, Member, Provider
from tests.conftest import Client, StoppedClock
from tests.web.desk import signed_in_anew

UNTIL = date(2027, 1, 31)
PURPOSE = "Yearly audit of outsourced development"
ASKED = ("iso-27001",)


def text_of(response: TestResponse) -> str:
    """The words of a page as a person reads them."""
    words = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(unescape(words).split())


def grant(cast: Cast, vendor: Provider | None, assessment_id: str | None = None, **how: Any) -> str:
    wish = Wish(
        cast.audrey.id,
        None if vendor is None else vendor.vendor_id,
        assessment_id,
        how.get("starts", NOW.date()),
        how.get("until", UNTIL),
        evidence=how.get("evidence", True),
        purpose=PURPOSE,
    )
    return grant_access(wish, actor=cast.oskar.actor, now=NOW)


def page_of(client: Client, cast: Cast, assessment_id: str) -> TestResponse:
    response = client.as_(cast.audrey).get(f"/auditor/assessments/{assessment_id}")
    assert response.status_code == 200
    return response


def addresses(assessment_id: str) -> list[tuple[str, str]]:
    """Everything that there is to ask of an assessment, but its files."""
    base = f"/auditor/assessments/{assessment_id}"
    return [
        ("GET", base),
        ("GET", f"{base}/receipts/1.json"),
        ("GET", f"{base}/acknowledgements/1.json"),
        ("GET", f"{base}/pack"),
        ("POST", f"{base}/pack"),
    ]


def file_addresses(app: Flask, assessment_id: str) -> list[str]:
    """Every way to each of its files, also to those that were never submitted."""
    with app.app_context():
        files = of_assessment(reading(), assessment_id, with_ended=True)
    base = f"/auditor/assessments/{assessment_id}/evidence"
    ways = ("", "/view", "/picture")
    return [f"{base}/{file.evidence_id}/{file.version}{way}" for file in files for way in ways]


def statuses(client: Client, cast: Cast, assessment_id: str) -> set[int]:
    client.as_(cast.audrey)
    return {
        client.open(path, method=method).status_code for method, path in addresses(assessment_id)
    }


OPEN = {200, 303}
"""What answers where something is granted; making a pack leads to its page."""


def openings(app: Flask) -> list[tuple[str, str, str | None]]:
    """Type, object and grant of every event of opening, oldest first."""
    with app.app_context():
        found = [(one.type, one.object_id, json.loads(one.body)) for one in small.events()]
    return [(kind, what, body.get("grant")) for kind, what, body in found if kind in TYPES]


def audrey_at(app: Flask, clock: StoppedClock, cast: Cast, when: datetime) -> Member:
    """Audrey, with a session of that time, which it is from now on."""
    clock.time = when
    return signed_in_anew(app, cast.audrey)
