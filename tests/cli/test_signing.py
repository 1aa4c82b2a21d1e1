"""`signing-keys`: which there were, a new one, and one whose predecessor is lost."""

import re
from pathlib import Path

import pytest
from flask import Flask

from riskapp.audit.keys import enrol
from riskapp.core.crypto.signing import FileSigner
from riskapp.core.db import db
from riskapp.web.ports import ports
from tests.audit.attacker import attack, put
from tests.cast import NOW
from tests.cli.runs import lines, refused, run
from tests.conftest import Place


@pytest.fixture
def first(app: Flask) -> str:
    """The fingerprint of the key that the first start noted."""
    with app.app_context():
        return enrol(ports().signer, NOW).fingerprint


def told(app: Flask) -> list[list[str]]:
    return [line.split("\t") for line in lines(run(app, "signing-keys", "list"))]


def test_before_the_first_start_there_is_none(app: Flask) -> None:
    assert lines(run(app, "signing-keys", "list")) == []


def test_a_rotation_prints_the_new_key_and_lists_both(app: Flask, first: str) -> None:
    since = "2026-11-23T09:00:00Z"
    assert told(app) == [["1", first, "current", since, "first"]]
    result = run(app, "signing-keys", "rotate")
    (new,) = lines(result)
    assert "offline" in result.stderr
    assert told(app) == [
        ["1", first, "former", since, "first"],
        ["2", new, "current", since, "endorsed"],
    ]


def test_after_a_rotation_the_new_key_vouches_for_the_whole_log(app: Flask, first: str) -> None:
    with app.app_context():
        log = ports().log
        before = log.checkpoint(NOW)
    run(app, "signing-keys", "rotate")
    with app.app_context():
        after = log.checkpoint(NOW)
    assert after.tree.size == before.tree.size + 1
    assert after.note.split()[-1][:5] != before.note.split()[-1][:5], "another key's name"


def test_beside_what_somebody_wrote_to_the_database_verbs_refuse_in_words(
    app: Flask, first: str
) -> None:
    assert first
    with app.app_context():
        ports().log.checkpoint(NOW)
        with attack() as bent:
            bent.checkpoint[0]["note"] = "none"
            put(bent)
            said = run(app, "signing-keys", "rotate")
            assert said.exit_code == 1
            assert "The newest checkpoint: It is not a checkpoint" in said.stderr
        with attack() as bent:
            put(bent)
            with db.engine.begin() as connection:
                since = "no time" if connection.dialect.name == "sqlite" else "infinity"
                connection.exec_driver_sql(
                    "INSERT INTO signing_key (number, fingerprint, public_key, since) "
                    f"VALUES (7, 'x', 'x', '{since}')"
                )
            for verb in ("signing-keys list", "signing-keys rotate", "audit proof 1"):
                assert "The list of signing keys cannot be read" in refused(app, *verb.split())


def test_a_key_whose_predecessor_is_lost_is_adopted(app: Flask, first: str, place: Place) -> None:
    (place.instance / "signing_key").unlink()
    other = FileSigner(place.instance / "signing_key")
    assert "signing-keys adopt" in refused(app, "signing-keys", "rotate")
    listed = run(app, "signing-keys", "list")
    assert listed.exit_code == 3
    assert "foreign" in listed.stdout
    assert "is not among the keys that the database lists" in listed.stderr
    assert lines(run(app, "signing-keys", "adopt")) == [other.fingerprint]
    assert [line[1:3] + line[4:] for line in told(app)] == [
        [first, "former", "first"],
        [other.fingerprint, "current", "adopted"],
    ]
    assert "in use already" in refused(app, "signing-keys", "adopt")


def test_a_key_that_cannot_be_read_is_refused_in_words(
    app: Flask, first: str, place: Place
) -> None:
    (place.instance / "signing_key").chmod(0o640)
    assert "chmod 600" in refused(app, "signing-keys", "rotate")


def test_nothing_that_is_printed_is_secret(app: Flask, first: str, place: Place) -> None:
    printed = "".join(run(app, "signing-keys", verb).output for verb in ("rotate", "list"))
    assert "PRIVATE" not in printed
    secret = "".join((place.instance / "signing_key").read_text().splitlines()[1:-1])
    assert not any(part in printed for part in re.findall(".{40}", secret))


def test_without_a_database_nothing_is_prepared(no_database: Flask, tmp_path: Path) -> None:
    assert "database does not answer" in refused(no_database, "signing-keys", "rotate")
    assert not list(tmp_path.rglob("*.next"))
