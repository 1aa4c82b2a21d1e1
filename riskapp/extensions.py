"""Flask's extensions, made here and joined to an app in `create_app`.

What only some requests or commands need is imported by them: a start is not to wait for it.
"""

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

import click
from flask import Flask, Response, after_this_request, current_app, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import TooManyRequests
from werkzeug.local import LocalProxy

from riskapp.core.db import db

if TYPE_CHECKING:
    from limits.strategies import FixedWindowRateLimiter

View = TypeVar("View", bound=Callable[..., Any])


def address() -> str:
    """Where the request comes from, as the server or a trusted proxy says it."""
    return request.remote_addr or "nowhere"


class Limiter:
    """Rate limits on the few routes at which strangers may knock.

    Made of `limits`, the library below Flask-Limiter: that extension looks at every request, which
    is a tenth of what saving an answer costs. Counts in the memory of the process, or in Redis;
    each app for itself.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counters: WeakKeyDictionary[Flask, FixedWindowRateLimiter] = WeakKeyDictionary()

    def limit(
        self, written: Callable[[], str], key_func: Callable[[], str] = address
    ) -> Callable[[View], View]:
        """Refuses with 429 what goes beyond "10 per minute; 60 per hour" for one key and view."""

        def wrap(view: View) -> View:
            @wraps(view)
            def limited(**arguments: Any) -> Any:  # noqa: ANN401 - a view's own arguments
                self._count(written(), key_func(), view.__qualname__)
                return view(**arguments)

            return cast(View, limited)

        return wrap

    def _count(self, written: str, key: str, view: str) -> None:
        from limits import parse_many  # noqa: PLC0415 - see the module's docstring

        counter = self._counter()
        for limit in sorted(parse_many(written)):
            if not counter.hit(limit, PREFIX, key, view):
                until = counter.get_window_stats(limit, PREFIX, key, view).reset_time
                _say_when(max(0, int(until - time.time())) + 1)
                raise TooManyRequests

    def _counter(self) -> "FixedWindowRateLimiter":
        from limits.storage import Storage, storage_from_string  # noqa: PLC0415 - as above
        from limits.strategies import FixedWindowRateLimiter  # noqa: PLC0415 - as above

        app = cast(LocalProxy[Flask], current_app)._get_current_object()  # noqa: SLF001 - Flask's documented way
        with self._lock:
            if app not in self._counters:
                storage = storage_from_string(app.config["RATELIMIT_STORAGE_URI"])
                self._counters[app] = FixedWindowRateLimiter(cast(Storage, storage))
            return self._counters[app]

    def reset(self) -> None:
        """Forgets everything that was counted."""
        for counter in list(self._counters.values()):
            counter.storage.reset()


def _say_when(seconds: int) -> None:
    @after_this_request
    def say(response: Response) -> Response:
        response.headers["Retry-After"] = str(seconds)
        return response


class LateCommand(click.Command):
    """A command that is imported when it is called."""

    def __init__(self, name: str, find: Callable[[], click.Command], *, help: str) -> None:  # noqa: A002 - click's word
        super().__init__(name, help=help)
        self._find = find

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:  # noqa: ANN401 - click's own
        """The context of the command itself, which runs from here on."""
        return self._find().make_context(*arguments, **more)


def join_migrations(app: Flask, directory: Path) -> None:
    """Joins Flask-Migrate where a migration is run: Alembic takes as long to import as Flask."""
    joined: list[Any] = []

    def config() -> Any:  # noqa: ANN401 - Flask-Migrate's own
        if not joined:
            from flask_migrate import Migrate  # noqa: PLC0415 - see above

            Migrate().init_app(app, db, directory=str(directory))
            joined.append(app.extensions["migrate"])
        return joined[0]

    def command() -> click.Command:
        config()
        return app.cli.commands["db"]  # its own by now

    app.extensions["migrate"] = LocalProxy(config)
    app.cli.add_command(LateCommand("db", command, help="Perform database migrations."))


PREFIX = "riskapp"
csrf = CSRFProtect()
limiter = Limiter()
