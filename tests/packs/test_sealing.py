import io
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from riskapp.core.errors import FieldRefused
from riskapp.packs.sealing import PrivateKeyGiven, Recipient, SealingFailed, recipient, sealed
from tests.requirements import missing

CHUNK = 64 * 1024
KINDS = ("age", "ssh-ed25519", "ssh-rsa")


class Pair:
    """A recipient's public key as it is pasted, and the file that opens what was sealed to it."""

    def __init__(self, kind: str) -> None:
        if kind == "age":
            identity = pyrage.x25519.Identity.generate()
            self.public, self.secret = str(identity.to_public()), str(identity).encode()
            self.opener = identity
            return
        key = (
            Ed25519PrivateKey.generate()
            if kind == "ssh-ed25519"
            else generate_private_key(65537, 2048)
        )
        written = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        self.public = f"{written.decode()} audrey@example.org"
        self.secret = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        self.opener = pyrage.ssh.Identity.from_buffer(self.secret)


@pytest.fixture(scope="module")
def pairs() -> dict[str, Pair]:
    return {kind: Pair(kind) for kind in KINDS}


def pieces(data: bytes, length: int = 100_000) -> Iterator[bytes]:
    for start in range(0, len(data), length):
        yield data[start : start + length]


def workers() -> list[int]:
    """The processes of ours that seal."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if b"sealing_worker.py" in words and int(parent) == os.getpid():
                found.append(int(folder.name))
    return found


def eventually(done: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not done() and time.monotonic() < until:
        time.sleep(0.01)
    return done()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_003])
def test_what_was_sealed_opens_and_has_the_size_that_was_announced(
    pairs: dict[str, Pair], kind: str, size: int
) -> None:
    data = os.urandom(size)
    made = sealed(pieces(data), size, recipient(pairs[kind].public))
    written = b"".join(made.chunks)
    assert len(written) == made.size
    assert pyrage.decrypt(written, [pairs[kind].opener]) == data
    assert workers() == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_program_age_opens_it(pairs: dict[str, Pair], kind: str, tmp_path: Path) -> None:
    program = shutil.which("age")
    if program is None:
        missing("age")
    data = os.urandom(200_000)
    made = sealed(pieces(data), len(data), recipient(pairs[kind].public))
    path, key = tmp_path / "pack.zip.age", tmp_path / "key"
    path.write_bytes(b"".join(made.chunks))
    key.write_bytes(pairs[kind].secret)
    key.chmod(0o600)
    opened = subprocess.run(
        [program, "-d", "-i", str(key), str(path)], check=True, capture_output=True
    )
    assert opened.stdout == data


def test_nobody_else_opens_it(pairs: dict[str, Pair]) -> None:
    made = sealed(pieces(b"secret"), 6, recipient(pairs["age"].public))
    written = b"".join(made.chunks)
    assert b"secret" not in written
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(written, [pyrage.x25519.Identity.generate()])


@pytest.mark.parametrize("kind", KINDS)
def test_comments_and_blanks_around_a_key_are_dropped(pairs: dict[str, Pair], kind: str) -> None:
    pasted = pairs[kind].public
    found = recipient(f"  {pasted}\r\n")
    assert found.text == " ".join(pasted.split()[:2])
    assert found == recipient(found.text)
    assert found.shown == found.text if kind == "age" else found.shown.startswith("SHA256:")


def test_an_ssh_key_is_shown_by_the_fingerprint_that_ssh_keygen_shows(
    pairs: dict[str, Pair], tmp_path: Path
) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        missing("ssh-keygen")
    path = tmp_path / "key.pub"
    path.write_text(pairs["ssh-rsa"].public)
    told = subprocess.run([program, "-lf", str(path)], check=True, capture_output=True, text=True)
    assert told.stdout.split()[1] == recipient(pairs["ssh-rsa"].public).shown


def test_a_private_key_is_refused_and_not_said_again(pairs: dict[str, Pair]) -> None:
    for kind in KINDS:
        secret = pairs[kind].secret.decode()
        with pytest.raises(PrivateKeyGiven) as refused:
            recipient("\n " + secret)
        assert refused.value.field == "sealed_to"
        assert "public one" in refused.value.message
        assert secret.split()[-1] not in refused.value.message


WEAK = generate_private_key(65537, 1024).public_key()  # noqa: S505 - it is to be refused


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "one public key"),
        ("   ", "one public key"),
        ("correct horse battery staple", "no public key"),
        ("age1qqqq", "not whole"),
        ("AGE1YUBIKEY1QQQQ", "no public key"),
        ("age1yubikey1qwertz", "not whole, or needs a plugin"),
        ("ssh-ed25519", "not whole"),
        ("ssh-ed25519 AAAA", "not whole"),
        ("ssh-rsa ü", "not whole"),
        ("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==", "not whole"),
        ("ssh-dss AAAA", "no key of the kind ssh-dss"),
        ("ecdsa-sha2-nistp256 AAAA", "no key of the kind ecdsa-sha2-nistp256"),
        ("sk-ssh-ed25519@openssh.com AAAA", "no key of the kind sk-ssh"),
        ('from="10.0.0.1" ssh-ed25519 AAAA', "no public key"),
        ("age1" + "q" * 5000, "one public key"),
        ("ssh-ed25519 AAAA\nssh-ed25519 AAAA", "one public key"),
        (WEAK.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), "too weak"),
    ],
)
def test_what_is_no_public_key_is_refused_in_words(pasted: str, words: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        recipient(pasted)
    assert refused.value.field == "sealed_to"
    assert words in refused.value.message


class Broke(Exception):  # noqa: N818 - it is expected
    pass


def breaking(after: int) -> Iterator[bytes]:
    yield from pieces(bytes(after))
    raise Broke


@pytest.fixture(scope="module")
def audrey(pairs: dict[str, Pair]) -> Recipient:
    return recipient(pairs["age"].public)


@pytest.mark.parametrize("after", [0, 10, 300_000])
def test_what_breaks_is_raised_and_never_looks_whole(
    audrey: Recipient, pairs: dict[str, Pair], after: int
) -> None:
    written = io.BytesIO()
    with pytest.raises(Broke):  # noqa: PT012 - where it breaks depends on how much comes first
        for piece in sealed(breaking(after), 1_000_000, audrey).chunks:
            written.write(piece)
    if written.tell():
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(written.getvalue(), [pairs["age"].opener])
    assert workers() == []


@pytest.mark.parametrize("told", [199_999, 200_001, 400_000])
def test_a_file_of_another_size_than_announced_is_an_error(audrey: Recipient, told: int) -> None:
    with pytest.raises(SealingFailed):
        list(sealed(pieces(bytes(200_000)), told, audrey).chunks)


def test_a_worker_that_is_killed_is_an_error(audrey: Recipient) -> None:
    made = sealed(pieces(bytes(20_000_000)), 20_000_000, audrey)
    next(made.chunks)
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(SealingFailed):
        list(made.chunks)
    assert workers() == []


def test_whoever_hangs_up_ends_the_worker(audrey: Recipient) -> None:
    made = sealed(pieces(bytes(20_000_000)), 20_000_000, audrey)
    next(made.chunks)
    assert len(workers()) == 1
    del made
    assert eventually(lambda: workers() == [])


def test_a_pack_that_nobody_reads_ends_its_worker(audrey: Recipient) -> None:
    made = sealed(pieces(bytes(20_000_000)), 20_000_000, audrey)
    assert len(workers()) == 1
    del made
    assert eventually(lambda: workers() == [])


def test_a_slow_reader_is_not_read_ahead_of(audrey: Recipient) -> None:
    """The most that lies between: the two pipes, what the library holds, and a piece."""
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(400):
            taken += CHUNK
            yield bytes(CHUNK)

    made = sealed(counted(), 400 * CHUNK, audrey)
    given = 0
    for piece in made.chunks:
        given += len(piece)
        assert taken - given < 2_000_000
    assert given == made.size
