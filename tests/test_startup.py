"""What happens before the first request is served."""

import pytest
from flask import Flask

from riskapp.startup import KeyringForeign, make_ready
from tests import stages
from tests.cast import Cast
from tests.conftest import Place, StoppedClock, dispose, make_app


@pytest.mark.usefixtures("in_app")
def test_a_keyring_that_does_not_open_what_is_stored_stops_the_start(
    app: Flask, place: Place, cast: Cast
) -> None:
    _, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
    stages.attach(invitation, "ISM-01")
    make_ready(app)
    (place.instance / "keyring.json").unlink()
    other = make_app(place.instance, place.url, clock=StoppedClock())
    with pytest.raises(KeyringForeign, match="restore the keyring"):
        make_ready(other)
    dispose(other)


@pytest.mark.usefixtures("in_app")
def test_a_blob_that_no_row_knows_is_cleared_at_the_start(app: Flask, place: Place) -> None:
    left = place.instance / "evidence" / "incoming" / ("ab" * 16)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half of something")
    make_ready(app)
    assert not left.exists()
