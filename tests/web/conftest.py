from collections.abc import Iterator

import pytest
from flask import Flask

from tests import stages
from tests.cast import Cast
from tests.conftest import Client, Place, StoppedClock, dispose, make_app
from tests.web.auditor import ASKED, grant


@pytest.fixture
def secure(place: Place, clock: StoppedClock) -> Iterator[Flask]:
    """An app that people reach by https."""
    made = make_app(place.instance, place.url, clock=clock, base_url="https://risk.example")
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


@pytest.fixture
def decided(app: Flask, cast: Cast) -> str:
    """The id of a decided assessment of Vera's, granted to Audrey with everything of the vendor."""
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.oskar, only=ASKED)
        grant(cast, cast.vera)
        return invitation.assessment_id


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    """An administrator's browser."""
    return client.as_(cast.ada)
