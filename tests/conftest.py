"""Fixtures of the whole suite: apps on both databases, a fixed cast, a clock that stands still."""

import gc
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from riskapp import create_app
from riskapp.accounts import passwords
from riskapp.catalogue.library import Library
from riskapp.core.db import db
from riskapp.core.mail import Mail
from riskapp.settings import Settings
from riskapp.web.guard import SESSION_COOKIE
from tests.cast import NOW, Cast, Member, assemble
from tests.databases import Database, Postgres, Sqlite
from tests.page import check_page
from tests.requirements import missing, postgres_url

for name in [name for name in os.environ if name.startswith("RISKAPP_")]:
    if not name.startswith(("RISKAPP_TEST_", "RISKAPP_REQUIRE")):
        del os.environ[name]  # a developer's own settings must not decide about tests


# No example fails for being slow on a busy machine: what hangs, the timeout of the tests ends. And
# every run tries the same examples, so that a change is not refused for what it did not bring;
# `pytest --hypothesis-profile=wide` looks for new ones.
WIDE = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("wide", WIDE)
hypothesis.settings.register_profile("repeatable", WIDE, derandomize=True)
hypothesis.settings.load_profile("repeatable")

# What never changes is read and compiled once for all apps of a run.
SHIPPED = Library(Settings().questionnaires)
_FOLDER = tempfile.TemporaryDirectory(prefix="riskapp-templates-")
TEMPLATES = FileSystemBytecodeCache(_FOLDER.name)


def _compile_routes_once() -> None:
    """Lets all apps of a run share what Werkzeug compiles for each route: most of making an app."""
    compile_rule = Rule.compile
    compiled: dict[tuple[str, str], tuple[Any, ...]] = {}

    def once(rule: Rule) -> None:
        key = (rule.rule, repr(rule.defaults))
        if key not in compiled:
            compile_rule(rule)
            made = (rule._parts, rule._trace, rule._converters)
            compiled[key] = (*made, rule._build.__func__, rule._build_unknown.__func__)  # type: ignore[attr-defined]  # bound
            return
        rule._parts, rule._trace, rule._converters, build, unknown = compiled[key]
        rule._build, rule._build_unknown = build.__get__(rule), unknown.__get__(rule)

    Rule.compile = once  # type: ignore[assignment, method-assign]  # the same, kept


_compile_routes_once()
# Hundreds of tests sign somebody in: the same function, at a cost that they can bear.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class _OneDialect:
    """Makes SQLAlchemy's dialects of a kind equal, so that their engines can share a cache."""

    def __init__(self) -> None:
        self.compiled: dict[type[Dialect], LRUCache[Any, Any]] = {}
        for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]  # of all alike
            kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]  # as above
            self.compiled[kind] = LRUCache(5000)

    def share(self, engine: Engine) -> None:
        """Each statement is compiled once a run and not once a test: a sixth of a test's time."""
        engine._compiled_cache = self.compiled[type(engine.dialect)]


_DIALECTS = _OneDialect()


class StoppedClock:
    """Says `time` until a test moves it."""

    def __init__(self, time: datetime = NOW) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time

    def pass_by(self, **how_long: float) -> None:
        self.time += timedelta(**how_long)


class Letterbox:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)


class Client(FlaskClient):
    """A browser without JavaScript that looks at every page which it is given."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data:
            check_page(response.get_data(as_text=True))
        return response

    def as_(self, member: Member) -> "Client":
        """The same browser with this person signed in."""
        self.set_cookie(SESSION_COOKIE, member.session)
        return self


PAGES = (
    "web",
    "cli/test_assessments",
    "cli/test_packs",
    "cli/test_questionnaires",
    "cli/test_score",
    "packs/test_export",
    "packs/test_history",
    "packs/test_narrowing",
    "packs/test_nothing_kept",
    "packs/test_oscal_packs",
    "packs/test_population",
    "packs/test_signed",
    "packs/test_taking",
    "packs/test_verify",
    "scoring/test_effect",
)
"""How the paths begin, below `tests`, whose subject is what people see, a file, or computing"""
WITH_STATEMENTS = ("test_admin", "test_desk_evidence", "test_desk_pages", "test_permissions")
"""Pages whose statements are the point, or are tried nowhere else"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives `PAGES` their turn on PostgreSQL in the soak; what they call has it with every test."""
    for item in items:
        within = item.path.relative_to(Path(__file__).parent).as_posix()
        chosen: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
        if (
            chosen.get("template") == "postgresql"
            and within.startswith(PAGES)
            and not item.path.name.startswith(WITH_STATEMENTS)
        ):
            item.add_marker(pytest.mark.soak)
    # The longest come first, so that at the end nobody waits for the one who has them.
    items.sort(key=lambda item: item.path.parent.name != "journeys")


def pytest_collection_finish() -> None:
    """Takes what was collected out of every later garbage collection: a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host not in {None, "127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test wants to connect to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@dataclass(frozen=True)
class Template:
    """A migrated database with the cast in it, and the instance folder that goes with it."""

    database: Database
    url: str
    instance: Path
    cast: Cast


def make_app(instance: Path, url: str, **changes: Any) -> Flask:
    """An app over a folder and a database.

    `changes` are settings, or `clock`, `mailer` and `library` (that of questionnaires read before).
    """
    parts = {name: changes.pop(name, None) for name in ("clock", "mailer", "library")}
    settings = Settings(instance=instance, database_url=url, **changes)
    if "questionnaires" not in changes:
        parts["library"] = SHIPPED
    app = create_app(settings, **parts)
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        _DIALECTS.share(db.engine)
    return app


def dispose(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def make_template(database: Database, folder: Path) -> Template:
    instance = folder / "instance"
    instance.mkdir()
    url = database.fresh(instance)
    app = make_app(instance, url, clock=StoppedClock())
    with app.app_context():
        flask_migrate.upgrade()
    cast = assemble(app)
    dispose(app)
    return Template(database, url, instance, cast)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Template]]:
    """Makes a template of each kind once; modules go from one to the other and back."""
    made: dict[str, Template] = {}

    def template_of(kind: str) -> Template:
        if kind not in made:
            made[kind] = make_template(_database(kind), tmp_path_factory.mktemp(kind))
        return made[kind]

    yield template_of
    for template in made.values():
        template.database.close()
        template.database.drop(template.url)


def _database(kind: str) -> Database:
    if kind == "sqlite":
        return Sqlite()
    server = postgres_url()
    if server is None:
        missing("postgres")
    return Postgres(server)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest, templates: Callable[[str], Template]) -> Template:
    """Where every test's database is copied from, on both kinds of database."""
    return templates(request.param)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@dataclass(frozen=True)
class Place:
    """One test's own instance folder and database."""

    instance: Path
    url: str


@pytest.fixture
def place(template: Template, tmp_path: Path) -> Iterator[Place]:
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    for name in ("keyring.json", "secret_key", "signing_key"):
        (instance / name).write_bytes((template.instance / name).read_bytes())
        (instance / name).chmod(0o600)
    url = template.database.copy(template.url, instance)
    yield Place(instance, url)
    template.database.drop(url)


@pytest.fixture
def app(place: Place, clock: StoppedClock) -> Iterator[Flask]:
    """An app over a database that holds the cast and nothing else."""
    made = make_app(place.instance, place.url, clock=clock, base_url="http://localhost")
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


@pytest.fixture
def mailing_app(place: Place, clock: StoppedClock, letterbox: Letterbox) -> Iterator[Flask]:
    """The same with a mail server."""
    made = make_app(
        place.instance, place.url, clock=clock, mailer=letterbox, base_url="http://localhost"
    )
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


@pytest.fixture
def in_app(app: Flask) -> Iterator[None]:
    """An app context, for tests of services and queries."""
    with app.app_context():
        yield


@pytest.fixture
def cast(template: Template) -> Cast:
    return replace(template.cast)


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser in which nobody is signed in; `client.as_(cast.oskar)` signs Oskar in."""
    browser = app.test_client()
    if not isinstance(browser, Client):
        raise TypeError("the app makes other clients than tests want")
    return browser
