"""Audrey's pages: what she is granted, what she can ask for, what she reads."""

import re
from datetime import date
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from riskapp.assessments.grants import Wish, grant_access
from tests.cast import NOW, Cast, Provider
from tests.conftest import Client

UNTIL = date(2027, 1, 31)
PURPOSE = "Yearly audit of outsourced development"
ASKED = ("iso-27001",)


def text_of(response: TestResponse) -> str:
    """The words of a page as a person reads them."""
    words = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(unescape(words).split())


def grant(cast: Cast, vendor: Provider, assessment_id: str | None = None, **how: Any) -> str:
    wish = Wish(
        cast.audrey.id,
        vendor.vendor_id,
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
    """Everything that there is to ask of an assessment."""
    base = f"/auditor/assessments/{assessment_id}"
    return [
        ("GET", base),
        ("GET", f"{base}/receipts/1.json"),
        ("GET", f"{base}/acknowledgements/1.json"),
        ("POST", f"{base}/pack"),
    ]
