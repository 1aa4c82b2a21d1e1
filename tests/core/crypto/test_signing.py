"""Signatures that OpenSSH's own tool verifies, by a key that is made once and kept to ourselves."""

import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from riskapp.core.crypto.signing import FileSigner, SigningKeyUnreadable
from tests.requirements import missing, ssh_keygen

MESSAGE = b'{"erased": true}'


def verify(
    folder: Path, signer: FileSigner, signature: str, message: bytes, *, namespace: str = "test"
) -> bool:
    """Whether `ssh-keygen -Y verify` takes it."""
    program = ssh_keygen() or missing("ssh-keygen")
    (folder / "signature").write_text(signature)
    (folder / "allowed").write_text(f"riskapp {signer.public_key}\n")
    who = ("-f", folder / "allowed", "-I", "riskapp", "-n", namespace)
    done = subprocess.run(
        [program, "-Y", "verify", *who, "-s", folder / "signature"],
        input=message,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_openssh_verifies_what_was_signed(tmp_path: Path) -> None:
    signer = FileSigner(tmp_path / "key")
    assert verify(tmp_path, signer, signer.sign("test", MESSAGE), MESSAGE)


def test_another_message_namespace_or_key_is_refused(tmp_path: Path) -> None:
    signer, other = FileSigner(tmp_path / "key"), FileSigner(tmp_path / "other")
    signature = signer.sign("test", MESSAGE)
    assert not verify(tmp_path, signer, signature, MESSAGE + b" ")
    assert not verify(tmp_path, signer, signature, MESSAGE, namespace="else")
    assert not verify(tmp_path, other, signature, MESSAGE)


def test_the_fingerprint_is_the_one_that_openssh_prints(tmp_path: Path) -> None:
    program = ssh_keygen() or missing("ssh-keygen")
    signer = FileSigner(tmp_path / "key")
    (tmp_path / "key.pub").write_text(signer.public_key + "\n")
    said = subprocess.run(
        [program, "-l", "-f", tmp_path / "key.pub"], capture_output=True, text=True, check=True
    )
    assert said.stdout.split()[1] == signer.fingerprint


def test_the_key_is_made_once_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "key"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: FileSigner(path).public_key, range(8)))
    assert made == {FileSigner(path).public_key}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_a_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    FileSigner(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(SigningKeyUnreadable, match="chmod 600"):
        FileSigner(tmp_path / "key")


@pytest.mark.parametrize("kind", ["nonsense", "another kind of key"])
def test_what_is_no_ed25519_key_stops_the_start(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key"
    key = generate_private_key(SECP256R1())
    content = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    path.write_bytes(b"nonsense" if kind == "nonsense" else content)
    path.chmod(0o600)
    with pytest.raises(SigningKeyUnreadable, match="Ed25519"):
        FileSigner(path)


def test_a_dangling_link_is_not_taken_for_a_first_start(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "not mounted")
    with pytest.raises(SigningKeyUnreadable, match="cannot be read"):
        FileSigner(tmp_path / "key")
    assert not (tmp_path / "not mounted").exists()


def test_a_key_that_was_put_in_place_is_noticed_and_one_that_is_held_stays(tmp_path: Path) -> None:
    path = tmp_path / "key"
    signer, other = FileSigner(path), FileSigner(tmp_path / "other").held()
    held = signer.held()
    (tmp_path / "other").rename(path)
    assert signer.fingerprint == other.fingerprint != held.fingerprint
    assert verify(tmp_path, signer, signer.sign("test", MESSAGE), MESSAGE)
    assert not verify(tmp_path, signer, held.sign("test", MESSAGE), MESSAGE)


def test_a_key_that_goes_while_a_process_runs_is_not_signed_by_any_longer(tmp_path: Path) -> None:
    signer = FileSigner(tmp_path / "key")
    (tmp_path / "key").unlink()
    with pytest.raises(SigningKeyUnreadable, match="restore it from its backup"):
        signer.sign("test", MESSAGE)
    assert not (tmp_path / "key").exists()


def test_the_next_key_is_prepared_once_and_put_in_place_if_it_is_the_one(tmp_path: Path) -> None:
    path = tmp_path / "key"
    signer, process = FileSigner(path), FileSigner(path)
    before = signer.fingerprint
    with ThreadPoolExecutor(8) as pool:
        (new,) = set(pool.map(lambda _: signer.prepared().fingerprint, range(8)))
    assert stat.S_IMODE((tmp_path / "key.next").stat().st_mode) == 0o600
    assert not signer.switch("SHA256:another")
    assert signer.fingerprint == before != new
    assert process.switch(new)
    assert signer.fingerprint == process.fingerprint == new
    assert signer.switch(new), "another process did it; that is as good"
    assert not signer.switch(before), "there is no way back"
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_where_the_name_is_a_link_the_file_itself_is_replaced(tmp_path: Path) -> None:
    real = tmp_path / "safe" / "key"
    FileSigner(real)
    (tmp_path / "key").symlink_to(real)
    signer = FileSigner(tmp_path / "key")
    assert signer.switch(signer.prepared().fingerprint)
    assert (tmp_path / "key").is_symlink()
    assert FileSigner(real).fingerprint == signer.fingerprint
    assert [entry.name for entry in real.parent.iterdir()] == ["key"]


def test_a_key_with_a_passphrase_stops_the_start(tmp_path: Path) -> None:
    program = ssh_keygen() or missing("ssh-keygen")
    path = tmp_path / "key"
    how = ("-t", "ed25519", "-N", "secret words")
    subprocess.run([program, "-q", *how, "-f", path], check=True, capture_output=True)
    with pytest.raises(SigningKeyUnreadable, match="passphrase"):
        FileSigner(path)
