"""Packs sealed to their recipient: age's format, to an age or an SSH public key.

The sealing itself is done by a process of its own (`sealing_worker.py`): the library holds Python's
lock from the first byte to the last. It is fed and emptied by whoever takes the sealed bytes, so
that nothing is read ahead of a slow reader, and it ends with them.
"""

import base64
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from riskapp.core.errors import FieldRefused, Refusal

FIELD = "sealed_to"
EXTENSION = ".age"
CHUNK, TAG, NONCE = 64 * 1024, 16, 16
"""Of age's payload: the plaintext in a chunk, its tag, and what stands before the first"""
LEAST_RSA_BITS = 2048
LONGEST_KEY = 4096
_LONGEST_HEADER = 64 * 1024
_HEADER_END = b"\n--- "
_PIECE = 64 * 1024
_SECRET = ("age-secret-key-", "-----begin", "putty-user-key-file")
_WORKER = Path(__file__).with_name("sealing_worker.py")


class SealingFailed(Refusal):
    """The process that seals ended before its time; what came of it is no whole file."""

    def __init__(self) -> None:
        super().__init__("The process that seals packs ended before its time. Try again.")


class PrivateKeyGiven(FieldRefused):
    """Where a public key is asked for, a private one was given: it must not be shown again."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key that a pack can be sealed to: `text` in its one short form, without comment.

    `shown` is what two people compare: an SSH key's fingerprint, an age key itself.
    """

    text: str
    shown: str

    @property
    def is_ssh(self) -> bool:
        return self.text.startswith("ssh-")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file on its way: `size` bytes come in `chunks`, or an error instead of the end."""

    size: int
    chunks: Iterator[bytes]


def recipient(text: str) -> Recipient:
    """The public key in what somebody pasted. Raises FieldRefused, of which PrivateKeyGiven."""
    line = text.strip()
    if line.casefold().startswith(_SECRET):
        raise PrivateKeyGiven(
            FIELD,
            "This is a private key, and was not kept. Give the public one; and as this one was "
            "shown, a new pair should take the place of both.",
        )
    if len(line) > LONGEST_KEY or len(line.splitlines()) != 1:
        raise FieldRefused(FIELD, "Paste one public key, on one line.")
    kind = line.split()[0]
    if kind.startswith("age1"):
        return _age(line)
    if kind in {"ssh-ed25519", "ssh-rsa"}:
        return _ssh(line)
    if kind.startswith(("ecdsa-", "sk-", "ssh-")):
        raise FieldRefused(FIELD, f"age seals to no key of the kind {kind[:40]}. {_WANTED}")
    raise FieldRefused(FIELD, f"This is no public key. {_WANTED}")


_WANTED = "Give one that begins with age1, ssh-ed25519 or ssh-rsa."


def _age(line: str) -> Recipient:
    import pyrage  # noqa: PLC0415 - few packs are sealed

    try:
        return Recipient(str(pyrage.x25519.Recipient.from_str(line)), line)
    except pyrage.RecipientError:
        raise FieldRefused(
            FIELD,
            "This age key is not whole, or needs a plugin. It has 62 characters from age1 on; "
            "copy it again.",
        ) from None


def _ssh(line: str) -> Recipient:
    import pyrage  # noqa: PLC0415 - as above
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
        load_ssh_public_key,
        ssh_key_fingerprint,
    )

    broken = FieldRefused(FIELD, "This SSH key is not whole. Copy the line of the .pub file again.")
    try:
        key = load_ssh_public_key(" ".join(line.split()[:2]).encode())
    except (ValueError, UnsupportedAlgorithm):
        raise broken from None
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        raise FieldRefused(
            FIELD,
            f"This RSA key has {key.key_size} bits, which is too weak. Ask for one with "
            f"{LEAST_RSA_BITS} bits or more, or for another kind.",
        )
    text = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    try:
        pyrage.ssh.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise broken from None
    digest = base64.b64encode(ssh_key_fingerprint(key, SHA256())).decode().rstrip("=")
    return Recipient(text, f"SHA256:{digest}")


def payload_size(size: int) -> int:
    """How many bytes age makes of `size`, its header not counted: that has a random length."""
    return NONCE + size + TAG * max(1, -(-size // CHUNK))


def sealed(chunks: Iterator[bytes], size: int, to: Recipient) -> Sealed:
    """`size` bytes that come in `chunks`, sealed; the header is made at once, so the size is known.

    Nothing waits here: what the process makes is taken when the chunks are, and it is ended when
    they are done with, or dropped. Raises what `chunks` raises, and SealingFailed; so do the sealed
    chunks, which then lack the end that makes them whole to age.
    """
    pieces = _sealed(chunks, size, to)
    header = next(pieces)
    return Sealed(len(header) + payload_size(size), chain((header,), pieces))


def _sealed(chunks: Iterator[bytes], size: int, to: Recipient) -> Iterator[bytes]:
    """The header, whole and alone, then the rest as it comes."""
    with subprocess.Popen(
        _command(to),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        bufsize=0,
    ) as process:
        try:
            made = _through(process, chunks)
            header, rest = _header(made)
            yield header
            yield rest
            count = len(rest)
            for piece in made:
                count += len(piece)
                yield piece
            if process.wait() != 0 or count != payload_size(size):
                raise SealingFailed
        finally:
            process.kill()


def _header(made: Iterator[bytes]) -> tuple[bytes, bytes]:
    """The header, and what came with it. Raises SealingFailed."""
    found = b""
    for piece in made:
        found += piece
        end = found.find(b"\n", found.find(_HEADER_END) + len(_HEADER_END))
        if _HEADER_END in found and end >= 0:
            return found[: end + 1], found[end + 1 :]
        if len(found) > _LONGEST_HEADER:
            break
    raise SealingFailed


def _through(process: subprocess.Popen[bytes], chunks: Iterator[bytes]) -> Iterator[bytes]:
    """What the process makes of the chunks; it gets the next one when it has taken the last."""
    told, heard = process.stdin, process.stdout
    if told is None or heard is None:
        raise TypeError("the worker was started without pipes")
    os.set_blocking(told.fileno(), False)
    with selectors.DefaultSelector() as pipes:
        pipes.register(heard, selectors.EVENT_READ)
        pipes.register(told, selectors.EVENT_WRITE)
        filled = (piece for piece in chunks if piece)
        left = memoryview(b"")
        while True:
            for pipe, _ in pipes.select():
                if pipe.fileobj is heard:
                    piece = os.read(pipe.fd, _PIECE)
                    if not piece:
                        return
                    yield piece
                    continue
                if not left:
                    left = memoryview(next(filled, b""))
                if left:
                    left = left[_written(pipe.fd, left) :]
                else:
                    pipes.unregister(told)
                    told.close()


def _written(pipe: int, piece: memoryview) -> int:
    """How much of it was taken. To a process that is gone, all: that it is, its silence tells."""
    try:
        return os.write(pipe, piece)
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        return len(piece)


def _command(to: Recipient) -> list[str]:
    """Python without the environment's and the user's folders, importing from one folder only."""
    spec = find_spec("pyrage")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pyrage")
    libraries = Path(spec.origin).parents[1]
    return [sys.executable, "-I", "-S", "-B", os.fspath(_WORKER), os.fspath(libraries), to.text]
