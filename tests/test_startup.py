"""What happens before the first request is served."""

import pytest
from flask import Flask

from riskapp.audit.errors import KeyUnknown
from riskapp.audit.keys import rotate
from riskapp.audit.service import OPERATOR
from riskapp.core.crypto.signing import FileSigner
from riskapp.startup import KeyringForeign, SigningKeyForeign, make_ready
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
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
def test_the_first_start_notes_which_key_signs_and_the_next_ones_nothing(app: Flask) -> None:
    with small.trail() as events:
        make_ready(app)
        make_ready(app)
    assert events == [("signing-key:add", ports().signer.fingerprint)]


@pytest.mark.usefixtures("in_app")
def test_another_signing_key_stops_the_start_until_the_right_one_is_back(
    app: Flask, place: Place
) -> None:
    make_ready(app)
    path = place.instance / "signing_key"
    kept = path.rename(path.with_name("kept"))
    other = make_app(place.instance, place.url, clock=StoppedClock())
    with pytest.raises(SigningKeyForeign, match="signing-keys adopt"):
        make_ready(other)
    kept.replace(path)
    make_ready(other)
    dispose(other)


@pytest.mark.usefixtures("in_app")
def test_a_start_finishes_a_rotation_that_broke_off(
    app: Flask, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ready(app)
    signer = ports().signer
    with monkeypatch.context() as patch:
        patch.setattr(FileSigner, "switch", lambda *_: False)
        with pytest.raises(KeyUnknown):
            rotate(signer, actor=OPERATOR, now=NOW)
    new = signer.prepared().fingerprint
    other = make_app(place.instance, place.url, clock=StoppedClock())
    make_ready(other)
    assert FileSigner(place.instance / "signing_key").fingerprint == new
    assert signer.fingerprint == new, "the process that ran notices"
    dispose(other)


@pytest.mark.usefixtures("in_app")
def test_a_blob_that_no_row_knows_is_cleared_at_the_start(app: Flask, place: Place) -> None:
    left = place.instance / "evidence" / "incoming" / ("ab" * 16)
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half of something")
    make_ready(app)
    assert not left.exists()
