"""SQL statements and CPU of a page, with ten assessments and with a thousand."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from bench.house import installed
from bench.portfolio import Portfolio, grow, make_two
from bench.table import Row
from riskapp.core.db import db
from riskapp.web.guard import RESPONDENT_COOKIE, SESSION_COOKIE
from riskapp.web.ports import ports
from tests.databases import Database, Postgres, Sqlite
from tests.requirements import postgres_url

FEW, MANY = 10, 1000
TIMES = 15
OK = 200


def pages() -> Iterator[Row]:
    """Lists and single pages, on each database that is here."""
    yield from _pages("SQLite", Sqlite())
    url = postgres_url()
    if url is not None:
        yield from _pages("PostgreSQL", Postgres(url))


def _pages(name: str, database: Database) -> Iterator[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = database.fresh(folder)
        stack.callback(database.drop, url)
        app = stack.enter_context(installed(folder, url))
        portfolio = make_two()
        addresses = _addresses(portfolio)
        grow(portfolio, FEW)
        few = {page: _look(app, portfolio, where) for page, where in addresses.items()}
        grow(portfolio, MANY)
        many = {page: _look(app, portfolio, where) for page, where in addresses.items()}
    for page in addresses:
        (before, quick), (after, slow) = few[page], many[page]
        yield Row(
            f"SQL of {page}, {MANY:,} assessments ({name})",
            f"{after}; {slow * 1000:.1f} ms, {slow / quick:.2f} times as long",
            f"{before} at {FEW}; {quick * 1000:.1f} ms",
            after / before,
            goal=1,
        )


def _addresses(portfolio: Portfolio) -> dict[str, str]:
    one, mine = (
        f"/desk/assessments/{portfolio.submitted}",
        f"/p/{portfolio.respondent.invitation_id}",
    )
    release = ports().library.current.latest("iso-27001")
    return {
        "the list of assessments": "/desk/assessments",
        "the list by state": "/desk/assessments?state=submitted",
        "the list of vendors": "/desk/vendors",
        "a vendor": f"/desk/vendors/{portfolio.vendor}",
        "an assessment": one,
        "its answers": f"{one}/answers",
        "its history": f"{one}/history",
        "a respondent's tasks": f"{mine}/",
        "a respondent's section": f"{mine}/{release.id}/{release.sections[0].id}",
    }


def _look(app: Flask, portfolio: Portfolio, where: str) -> tuple[int, float]:
    """Statements for one look at a page, and the median CPU seconds of it."""
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, portfolio.officer)
    client.set_cookie(RESPONDENT_COOKIE, portfolio.respondent.session)
    _open(client, where)  # templates and statements are compiled once
    with _counted() as statements:
        _open(client, where)
    seconds = []
    for _ in range(TIMES):
        began = time.process_time()
        _open(client, where)
        seconds.append(time.process_time() - began)
    return len(statements), statistics.median(seconds)


def _open(client: FlaskClient, where: str) -> None:
    response = client.get(where)
    assert response.status_code == OK, (where, response.status)


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)
