"""What the desk's tests share: words of pages, statements counted, assessments at hand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from riskapp.accounts.service import sign_in
from riskapp.answers.service import Given
from riskapp.core.db import db, reading
from riskapp.scoring.queries import receipts
from riskapp.web.ports import ports
from tests import stages
from tests.cast import PASSWORD, Member, Provider
from tests.conftest import Client

SECURITY = ("iso-27001",)
PRIVACY = ("gdpr-processor",)


def words(response: TestResponse) -> str:
    """The words of a page as a person reads them."""
    text = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(unescape(text).split())


def told(client: Client, response: TestResponse) -> str:
    """The words of the page that a form leads to."""
    assert response.status_code == 303, words(response)[:500]
    return words(client.get(response.headers["Location"]))


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collects the SQL statements that are sent inside the block."""
    found: list[str] = []

    def note(*arguments: Any) -> None:
        found.append(arguments[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def came_in(app: Flask, provider: Provider, by: Member, **how: Any) -> str:
    """An assessment that was submitted; gives its id."""
    with app.app_context():
        _, invitation = stages.submitted(provider, by, **{"only": SECURITY, **how})
        return invitation.assessment_id


def signed_in_anew(app: Flask, member: Member) -> Member:
    """The member with a session of now, after time has passed."""
    with app.app_context():
        session = sign_in(
            email=member.email,
            password=PASSWORD,
            agent="tests",
            now=ports().clock.now(),
            lasts=timedelta(hours=12),
        )
    return replace(member, session=session)


def says_no(question_id: str) -> dict[str, Given]:
    return {question_id: Given("no")}


def scores(app: Flask, assessment_id: str) -> list[str]:
    """The shown numbers of all receipts, oldest first."""
    with app.app_context():
        return [row.shown for row in reversed(receipts(reading(), assessment_id))]
