"""Several processes count their rate limits together, in Redis."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from riskapp import extensions
from riskapp.settings import Settings
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.requirements import missing, redis_url

ATTEMPT = {"email": f"{uuid.uuid4().hex}@example.com", "password": "never the right one"}


@pytest.fixture
def two_processes(place: Place) -> Iterator[tuple[Flask, Flask]]:
    """Two apps over one database and one Redis, as two processes are."""
    url = redis_url()
    if url is None:
        missing("redis")
    made = []
    for _ in range(2):
        app = make_app(
            place.instance,
            place.url,
            clock=StoppedClock(),
            redis_url=url,
            processes=2,
            sign_in_limit="3 per minute",
        )
        app.config["WTF_CSRF_ENABLED"] = False
        made.append(app)
    yield made[0], made[1]
    extensions.limiter.reset()
    for app in made:
        dispose(app)


def test_attempts_at_one_process_count_at_the_other(two_processes: tuple[Flask, Flask]) -> None:
    first, second = two_processes
    statuses = [
        app.test_client().post("/sign-in", data=ATTEMPT).status_code
        for app in (first, second, first, second)
    ]
    assert statuses == [422, 422, 422, 429]


def test_several_processes_without_redis_do_not_start() -> None:
    with pytest.raises(ValueError, match="RISKAPP_REDIS_URL"):
        Settings(processes=2)
