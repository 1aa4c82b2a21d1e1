"""`keys`: which master keys there are, a new one, and what the old ones wrap."""

import json

import pytest
from flask import Flask

from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.cli.runs import lines, refused, run
from tests.conftest import Place
from tests.small import app

__all__ = ["app"]


@pytest.fixture
def old(app: Flask, cast: Cast) -> str:
    """The master key that wraps the key of the vendor who gave a file."""
    with app.app_context():
        stages.attach(small.started(cast), small.PROVEN)
        return ports().keyring.current


def test_a_new_master_key_wraps_what_the_old_one_did_once_rotated(app: Flask, old: str) -> None:
    assert lines(run(app, "keys", "list")) == [f"{old}\tcurrent\t1"]
    result = run(app, "keys", "new")
    (new,) = lines(result)
    assert "offline" in result.stderr
    assert lines(run(app, "keys", "list")) == [f"{old}\told\t1", f"{new}\tcurrent\t0"]
    result = run(app, "keys", "rotate")
    assert lines(result) == [f"1 vendor's key was wrapped with {new}."]
    assert result.stderr == ""
    assert lines(run(app, "keys", "list")) == [f"{old}\told\t0", f"{new}\tcurrent\t1"]
    assert lines(run(app, "keys", "rotate")) == [f"0 vendors' keys were wrapped with {new}."]


def test_a_master_key_that_the_keyring_lacks_is_named(
    app: Flask, old: str, place: Place, cast: Cast
) -> None:
    path = place.instance / "keyring.json"
    (new,) = lines(run(app, "keys", "new"))
    kept = json.loads(path.read_text())
    del kept["keys"][old]
    path.write_text(json.dumps(kept))
    listed = run(app, "keys", "list")
    assert listed.exit_code == 3
    assert listed.stdout.splitlines() == [f"{new}\tcurrent\t0", f"{old}\tmissing\t1"]
    assert "Restore the keyring" in listed.stderr
    tried = run(app, "keys", "rotate")
    assert tried.exit_code == 3
    assert tried.stdout == f"0 vendors' keys were wrapped with {new}.\n"
    assert tried.stderr.startswith(f"{cast.vera.vendor_id}: The keyring has no master key")


def test_nothing_that_is_printed_is_secret(app: Flask, old: str, place: Place) -> None:
    printed = "".join(run(app, "keys", verb).output for verb in ("list", "new", "rotate", "list"))
    keys = json.loads((place.instance / "keyring.json").read_text())["keys"]
    assert old in keys
    assert not any(key in printed for key in keys.values())


def test_a_new_master_key_is_not_left_behind_where_the_database_does_not_answer(
    no_database: Flask,
) -> None:
    with no_database.app_context():
        before = ports().keyring.ids
        assert "database does not answer" in refused(no_database, "keys", "new")
        assert ports().keyring.ids == before
