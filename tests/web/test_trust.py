"""The public page of keys and checkpoints: what it offers verifies with stock tools."""

import re
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.audit.keys import adopt, enrol, rotate
from riskapp.audit.models import SigningKey
from riskapp.audit.notes import key_id, opened
from riskapp.audit.service import OPERATOR
from riskapp.core.crypto.signing import FileSigner
from riskapp.core.db import transaction
from riskapp.web.ports import ports
from tests import small
from tests.cast import NOW
from tests.conftest import Client, Place
from tests.requirements import missing, ssh_keygen
from tests.web.test_admin import text_of


@pytest.fixture
def started(app: Flask) -> Flask:
    """An app whose first key is noted, with one checkpoint."""
    with app.app_context():
        enrol(ports().signer, NOW)
        ports().log.checkpoint(NOW)
    return app


def rotated(app: Flask) -> None:
    with app.app_context():
        rotate(ports().signer, actor=OPERATOR, now=NOW)
        ports().log.checkpoint(NOW)


def files_on(client: Client) -> dict[str, bytes]:
    """What can be taken from the page, by where it is below /trust/."""
    page = client.get("/trust").get_data(as_text=True)
    found = {}
    for href in re.findall(r'href="/trust/([^"]+)"', page):
        response = client.get(f"/trust/{href}")
        assert response.status_code == 200, href
        assert response.mimetype == "text/plain"
        assert response.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in response.headers
        found[href] = response.data
    return found


def verifies(folder: Path, signers: bytes, document: bytes, signature: bytes) -> bool:
    program = ssh_keygen() or missing("ssh-keygen")
    (folder / "allowed_signers").write_bytes(signers)
    (folder / "signature").write_bytes(signature)
    what = ("-f", folder / "allowed_signers", "-I", "riskapp", "-n", "riskapp-key")
    done = subprocess.run(
        [program, "-Y", "verify", *what, "-s", folder / "signature"],
        input=document,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_anybody_reads_the_key_and_the_newest_checkpoint(started: Flask, client: Client) -> None:
    response = client.get("/trust")
    words = text_of(response)
    with started.app_context():
        signer, signed = ports().signer, ports().log.checkpoint(NOW)
    assert signer.fingerprint in words
    assert signer.public_key in words
    assert f"\nlocalhost/trail\n{signed.tree.size}\n" in response.get_data(as_text=True)
    assert f"python3 -I verify.py \\ --key {signer.fingerprint}" in words
    files = files_on(client)
    assert files["checkpoint"].decode() == signed.note
    assert files["allowed_signers"].decode() == f"riskapp {signer.public_key}\n"
    name, number, _ = files["log.vkey"].decode().strip().split("+", 2)
    assert (name, number) == (
        "localhost/trail",
        key_id("localhost/trail", signer.raw_public_key).hex(),
    )
    assert opened(files["checkpoint"].decode(), [signer.raw_public_key]) == signed.tree


def test_nothing_is_signed_or_written_for_a_reader(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskapp.core.crypto.signing.Key.sign", None)
    monkeypatch.setattr("riskapp.core.crypto.signing.Key.sign_raw", None)
    with app.app_context(), small.trail() as events:
        words = text_of(client.get("/trust"))
        assert client.get("/trust/checkpoint").status_code == 404
        assert client.get("/trust/log.vkey").status_code == 404
    assert events == []
    assert "There is none yet." in words
    assert "SHA256:" in words, "the key that will sign can be published already"


def test_from_the_first_key_one_can_follow_to_the_present_one(
    started: Flask, client: Client, tmp_path: Path
) -> None:
    rotated(started)
    rotated(started)
    files = files_on(client)
    first, second = files["keys/1/allowed_signers"], files["keys/2/allowed_signers"]
    for signers, number in ((first, 2), (second, 3)):
        document, by_before, by_itself = (
            files[f"keys/{number}/key-{number}.json{end}"] for end in ("", ".sig", ".accepted.sig")
        )
        assert verifies(tmp_path, signers, document, by_before)
        assert not verifies(tmp_path, signers, document + b" ", by_before)
        assert not verifies(tmp_path, signers, document, by_itself)
    third = files["allowed_signers"]
    newest = (files["keys/3/key-3.json"], files["keys/3/key-3.json.accepted.sig"])
    assert verifies(tmp_path, third, *newest)
    kept = [files[f"keys/{number}/log.vkey"].decode() for number in (1, 2)]
    assert len({*kept, files["log.vkey"].decode()}) == len(kept) + 1
    words = text_of(client.get("/trust"))
    assert "Key 3. Endorsed by key 2." in words
    assert words.index("Former keys") < words.index("Key 2 Finger") < words.index("Key 1 Finger")


def test_an_adopted_key_is_said_to_be_endorsed_by_nobody(
    started: Flask, client: Client, place: Place
) -> None:
    (place.instance / "signing_key").unlink()
    FileSigner(place.instance / "signing_key")
    with started.app_context():
        adopt(ports().signer, actor=OPERATOR, now=NOW)
    words = text_of(client.get("/trust"))
    assert "Key 2. Adopted: key 1 was lost before it could endorse this one" in words
    files = files_on(client)
    assert "keys/2/key-2.json" in files
    assert "keys/2/key-2.json.sig" not in files
    assert client.get("/trust/keys/2/key-2.json.sig").status_code == 404


def test_a_key_that_somebody_wrote_into_the_database_is_not_shown(
    started: Flask, client: Client, tmp_path: Path
) -> None:
    mallory = FileSigner(tmp_path / "mallory")
    with started.app_context(), transaction() as session:
        session.execute(
            sa.insert(SigningKey).values(
                number=2,
                fingerprint=mallory.fingerprint,
                public_key=mallory.public_key,
                since=NOW,
                endorsement=None,
            )
        )
    words = text_of(client.get("/trust"))
    assert mallory.fingerprint not in words
    with started.app_context():
        assert ports().signer.fingerprint in words
    assert client.get("/trust/keys/2/allowed_signers").status_code == 404


@pytest.mark.parametrize(
    "path", ["keys/1/key-1.json", "keys/9/allowed_signers", "keys/1/..%2f", "keys/x/a", "private"]
)
def test_what_there_is_not_is_not_found(started: Flask, client: Client, path: str) -> None:
    assert client.get(f"/trust/{path}").status_code == 404


def test_the_sign_in_page_leads_there(client: Client) -> None:
    assert 'href="/trust"' in client.get("/sign-in").get_data(as_text=True)
