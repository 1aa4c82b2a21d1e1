"""Certificates of erasure: what they say, and that anybody can check them."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.canonical import canonical
from riskapp.core.crypto.signing import FileSigner
from riskapp.custody.certificates import (
    COMMAND,
    DOCUMENT,
    NAMESPACE,
    SIGNATURE,
    SIGNERS,
    Account,
    Destroyed,
    Scope,
    allowed_signers,
    document,
    in_words,
)

AT = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
FILE = Destroyed("e" * 32, 2, 4711, "a" * 64, "5" * 112, AT, "k" * 32, [("s" * 32, "ISM-01")])


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return FileSigner(tmp_path / "key" / "signing_key")


def account(signer: FileSigner, *files: Destroyed) -> Account:
    return Account(
        id="1" * 32,
        organisation="Harbour Bank",
        vendor_id="2" * 32,
        vendor_name="Zażółć & Söhne",
        scope=Scope.FILE,
        reason="It names customers.",
        asked_by="Vera Vogt",
        done_by="officer",
        done_by_id="3" * 32,
        at=AT,
        files=files or (FILE,),
        vendor_key_id=None,
        public_key=signer.public_key,
        fingerprint=signer.fingerprint,
    )


@pytest.fixture
def folder(signer: FileSigner, tmp_path: Path) -> Path:
    """The three files beside one another, as whoever asked puts them."""
    if which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: apt-get install --no-install-recommends openssh-client")
    made = document(account(signer))
    (tmp_path / DOCUMENT).write_bytes(made)
    (tmp_path / SIGNATURE).write_text(signer.sign(NAMESPACE, made))
    (tmp_path / SIGNERS).write_text(allowed_signers(made.decode()))
    return tmp_path


def checked(folder: Path) -> bool:
    ran = subprocess.run(COMMAND, shell=True, cwd=folder, capture_output=True, check=False)  # noqa: S602 - the words on the page
    return ran.returncode == 0


def test_the_command_that_the_page_gives_accepts_a_certificate(folder: Path) -> None:
    assert checked(folder)


def test_it_accepts_no_other_certificate_and_no_other_signer(folder: Path) -> None:
    made = (folder / DOCUMENT).read_bytes()
    (folder / DOCUMENT).write_bytes(made.replace(b"4711", b"4712"))
    assert not checked(folder)
    (folder / DOCUMENT).write_bytes(made)
    assert checked(folder)
    stranger = FileSigner(folder / "stranger")
    (folder / SIGNATURE).write_text(stranger.sign(NAMESPACE, made))
    assert not checked(folder)


def test_a_signature_over_another_kind_of_document_is_none_over_a_certificate(
    folder: Path, signer: FileSigner
) -> None:
    made = (folder / DOCUMENT).read_bytes()
    (folder / SIGNATURE).write_text(signer.sign("riskapp-pack", made))
    assert not checked(folder)


def test_a_certificate_says_in_words_all_that_it_says(signer: FileSigner) -> None:
    made = document(replace(account(signer), vendor_key_id="9" * 32, scope=Scope.VENDOR))
    words = in_words(made.decode())
    for said in (
        "Harbour Bank",
        "Zażółć & Söhne",
        "All files of the vendor",
        "3 November 2026, 14:05 UTC",
        "It names customers.",
        "Vera Vogt",
        "officer",
        FILE.evidence_id,
        FILE.sealed_sha256,
        FILE.key_id,
        "9" * 32,
        "ISM-01",
        "Copies in backups",
        signer.fingerprint,
        COMMAND,
    ):
        assert said is not None
        assert said in words


@given(reason=st.text(min_size=1), name=st.text())
def test_a_certificate_is_canonical_whatever_people_write(reason: str, name: str) -> None:
    said = replace(WITHOUT_KEY, reason=reason, vendor_name=name)
    try:
        made = document(said)
    except ValueError:
        assert any("\ud800" <= one <= "\udfff" for one in reason + name)
        return
    assert canonical(json.loads(made)) == made
    assert json.loads(made)["reason"] == reason


WITHOUT_KEY = Account(
    id="1" * 32,
    organisation="Harbour Bank",
    vendor_id="2" * 32,
    vendor_name="",
    scope=Scope.FILE,
    reason="",
    asked_by="",
    done_by="officer",
    done_by_id=None,
    at=AT,
    files=(FILE,),
    vendor_key_id=None,
    public_key="ssh-ed25519 AAAA",
    fingerprint="SHA256:AAAA",
)
