"""What officers are told of a pack that was made before another key signed."""

from flask import Flask

from riskapp.audit.keys import enrol, rotate
from riskapp.audit.service import OPERATOR
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.small import app
from tests.web.desk import words
from tests.web.packs import decided, make

__all__ = ["app"]


def test_a_pack_is_checked_by_the_key_that_signed_it(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client.as_(cast.oskar)
    with app.app_context():
        enrol(ports().signer, clock.now())
        before = ports().signer.fingerprint
    address = f"/desk/packs/{make(client, decided(app, cast))}"
    assert f"--key {before}" in words(client.get(address))
    clock.pass_by(minutes=5)
    with app.app_context():
        rotate(ports().signer, actor=OPERATOR, now=clock.now())
        ports().log.checkpoint(clock.now())
    page = client.get(address)
    assert f"--key {before}" in words(page)
    assert "Another key signs here by now" in words(page)
    assert "/download" not in page.get_data(as_text=True)
    assert client.get(f"{address}/download").status_code == 409
