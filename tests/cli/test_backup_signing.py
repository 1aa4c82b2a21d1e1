"""A backup does not hold the signing key: put back elsewhere, it is said which one is wanted."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from riskapp.startup import SigningKeyForeign, make_ready
from riskapp.web.ports import ports
from tests.cli.runs import lines, run
from tests.conftest import Place, dispose, make_app
from tests.small import app

__all__ = ["app"]

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)
"""The database has no part in what is tested."""


@pytest.fixture
def restored(app: Flask, place: Place, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """An installation with a signing key of its own, and what restoring a backup into it said."""
    with app.app_context():
        make_ready(app)
    folders = (str(tmp_path / "records"), "--keys", str(tmp_path / "keys"))
    assert run(app, "backup", "make", *folders).exit_code == 0
    assert not any(b"OPENSSH" in one.read_bytes() for one in tmp_path.glob("[rk]*/**/*.*"))
    instance = tmp_path / "elsewhere"
    instance.mkdir()
    shutil.copy2(place.instance / "keyring.json", instance)
    parts = app.extensions["riskapp"]
    other = make_app(
        instance,
        f"sqlite:///{instance / 'riskapp.sqlite'}",
        clock=parts.clock,
        library=parts.library,
        questionnaires=parts.library.folder,
    )
    result = run(other, "backup", "restore", *folders)
    assert result.exit_code == 0, result.output
    yield other, result.stderr
    dispose(other)


def test_the_key_that_is_wanted_is_named_and_put_back_lets_the_server_start(
    app: Flask, restored: tuple[Flask, str], place: Place
) -> None:
    other, said = restored
    with app.app_context():
        wanted = ports().signer.fingerprint
    with other.app_context():
        found = ports().signer.fingerprint
        assert "Before you start the server: the signing key in its place is" in said
        assert wanted in said
        assert found in said
        with pytest.raises(SigningKeyForeign):
            make_ready(other)
        key = Path(other.instance_path) / "signing_key"
        key.write_bytes((place.instance / "signing_key").read_bytes())
        make_ready(other)
        assert ports().signer.fingerprint == wanted


def test_a_key_that_is_lost_is_adopted_and_the_log_goes_on(restored: tuple[Flask, str]) -> None:
    other, _ = restored
    run(other, "signing-keys", "adopt")
    with other.app_context():
        make_ready(other)
    listed = [line.split("\t")[2::2] for line in lines(run(other, "signing-keys", "list"))]
    assert listed == [["former", "first"], ["current", "adopted"]]
    assert lines(run(other, "audit", "verify"))[-1].startswith("OK")
