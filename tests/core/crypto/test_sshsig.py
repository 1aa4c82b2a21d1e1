"""Checking signatures ourselves: what `ssh-keygen` writes fits, and not a letter may be another."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.crypto.signing import FileSigner, Key
from riskapp.core.crypto.sshsig import fits, key_line, raw_key
from tests.requirements import missing, ssh_keygen

MESSAGE = b'{"number":2}'
KEY = Key(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Key(Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_what_openssh_signs_with_the_same_key_is_the_same_to_the_letter(tmp_path: Path) -> None:
    program = ssh_keygen() or missing("ssh-keygen")
    signer = FileSigner(tmp_path / "key")
    done = subprocess.run(
        [program, "-Y", "sign", "-f", tmp_path / "key", "-n", "riskapp-key"],
        input=MESSAGE,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == signer.sign("riskapp-key", MESSAGE)
    assert fits(signer.raw_public_key, "riskapp-key", MESSAGE, done.stdout.decode())


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_a_signature_fits_its_key_its_namespace_and_its_message_alone(
    message: bytes, namespace: str
) -> None:
    signature = KEY.sign(namespace, message)
    assert fits(KEY.raw_public_key, namespace, message, signature)
    assert not fits(OTHER.raw_public_key, namespace, message, signature)
    assert not fits(KEY.raw_public_key, namespace + "x", message, signature)
    assert not fits(KEY.raw_public_key, namespace, message + b"x", signature)


def test_no_letter_of_a_signature_can_be_another_missing_or_added() -> None:
    signature = KEY.sign("riskapp-key", MESSAGE)
    for at in range(len(signature)):
        changed = "A" if signature[at] != "A" else "B"
        for forged in (
            signature[:at] + changed + signature[at + 1 :],
            signature[:at] + signature[at + 1 :],
            signature[:at] + "\n" + signature[at:],
        ):
            if forged != signature:
                assert not fits(KEY.raw_public_key, "riskapp-key", MESSAGE, forged), forged


@pytest.mark.parametrize("text", ["", "\n", "nonsense", "é\né\né\né", KEY.sign("a", b"") * 2])
def test_what_is_no_signature_does_not_fit(text: str) -> None:
    assert not fits(KEY.raw_public_key, "a", b"", text)


def test_a_key_is_read_as_it_was_written_and_nothing_else_is() -> None:
    line = KEY.public_key
    assert raw_key(line) == KEY.raw_public_key
    assert key_line(KEY.raw_public_key) == line
    for text in ("", "ssh-ed25519", "ssh-ed25519 é", f"{line} comment", f" {line}", line[:-4]):
        with pytest.raises(ValueError, match="Ed25519"):
            raw_key(text)
