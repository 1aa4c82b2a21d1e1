"""The key that this installation signs by: Ed25519, in a file.

A file can be replaced while processes run; they notice. Whoever needs a key twice, such as its
name and a signature by it, asks for it once with `held`.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from riskapp.core.crypto.folder import locked, sync
from riskapp.core.crypto.sshsig import fingerprint_of, key_line, signature

NEXT = ".next"
"""Behind the file's name: where the key lies that will take its place."""


class SigningKeyUnreadable(Exception):  # noqa: N818 - the words that an operator shall see
    """The signing key cannot be trusted, read or replaced: the message says what to do."""


class Key:
    """One key, which stays the same whatever becomes of the file that it was read from."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.raw_public_key = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        """The 32 bytes of the Ed25519 key."""

    @property
    def public_key(self) -> str:
        """As OpenSSH writes it: `ssh-ed25519 AAAA…`."""
        return key_line(self.raw_public_key)

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: `SHA256:…`."""
        return fingerprint_of(self.raw_public_key)

    def sign(self, namespace: str, message: bytes) -> str:
        """An armoured signature over `message`, for `ssh-keygen -Y verify -n NAMESPACE`."""
        return signature(self.raw_public_key, namespace, message, self._key.sign)

    def sign_raw(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature, for signed notes.

        No note begins as what `sign` signs does, so neither can be taken for the other.
        """
        return self._key.sign(message)


class Signer(Protocol):
    """Signs for this installation, by the key that is in its place at that moment."""

    @property
    def public_key(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...

    @property
    def raw_public_key(self) -> bytes: ...

    def sign(self, namespace: str, message: bytes) -> str: ...

    def sign_raw(self, message: bytes) -> bytes: ...

    def held(self) -> Key:
        """The key of this moment. Raises SigningKeyUnreadable."""
        ...

    def prepared(self) -> Key:
        """The key that will take the place of this one; made durable at the first call.

        Raises SigningKeyUnreadable.
        """
        ...

    def switch(self, fingerprint: str) -> bool:
        """Puts the prepared key in place, in one step, if it is this one; whether it was.

        Raises SigningKeyUnreadable.
        """
        ...


class FileSigner:
    """A key in a local file (OpenSSH's format, mode 0600), made where there is none.

    Several processes that start at once agree on one. Raises SigningKeyUnreadable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not os.path.lexists(path):
            way_out = (
                "Make its folder writable for the user that runs riskapp, or name another place."
            )
            with _in_words(path, "cannot be made", way_out):
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _make(path)
        self._loaded = _load(path)

    def held(self) -> Key:
        try:
            changed = _stamp(self._path.stat()) != self._loaded.stamp
        except OSError:
            changed = True
        if changed:
            self._loaded = _load(self._path)
        return self._loaded.key

    @property
    def public_key(self) -> str:
        return self.held().public_key

    @property
    def fingerprint(self) -> str:
        return self.held().fingerprint

    @property
    def raw_public_key(self) -> bytes:
        return self.held().raw_public_key

    def sign(self, namespace: str, message: bytes) -> str:
        return self.held().sign(namespace, message)

    def sign_raw(self, message: bytes) -> bytes:
        return self.held().sign_raw(message)

    def prepared(self) -> Key:
        path = self._next
        way_out = (
            "Make its folder writable for the user that runs riskapp, for as long as it takes."
        )
        with _in_words(path, "cannot be made", way_out), locked(path.parent):
            if not os.path.lexists(path):
                _make(path)
            return _load(path).key

    def switch(self, fingerprint: str) -> bool:
        path = self._next
        with locked(path.parent):
            if self.held().fingerprint == fingerprint:  # another process was first
                return True
            if not os.path.lexists(path) or _load(path).key.fingerprint != fingerprint:
                return False
            with _in_words(path, "cannot be put in place", "Move it there by hand."):
                path.replace(self._target)
                sync(path.parent)
        return True

    @property
    def _target(self) -> Path:
        """The file itself, where the name is a link to it."""
        return self._path.resolve()

    @property
    def _next(self) -> Path:
        return self._target.with_name(self._target.name + NEXT)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What lay in the file when it was as `stamp` tells it from others."""

    key: Key
    stamp: tuple[int, int, int]


def _load(path: Path) -> _Loaded:
    way_out = "Give it to the user that runs riskapp, or restore it from its backup."
    with _in_words(path, "cannot be read", way_out), path.open("rb") as file:
        status = os.fstat(file.fileno())
        content = file.read()
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SigningKeyUnreadable(
            f"The signing key {path} is open to other users. Run `chmod 600 {path}`; if others "
            "may have read it, anybody could sign in your name."
        )
    try:
        key = load_ssh_private_key(content, password=None)
    except (ValueError, TypeError):  # TypeError: it wants a passphrase
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnreadable(
            f"The signing key {path} is not an Ed25519 key in OpenSSH's format without a "
            "passphrase. Restore it from its backup."
        )
    return _Loaded(Key(key), _stamp(status))


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_ctime_ns, status.st_size  # ctime: the mode counts, too


def _make(path: Path) -> None:
    """Makes the file whole or not at all; whoever comes second keeps the first one's file."""
    content = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            path.hardlink_to(beside)
    finally:
        beside.unlink()
    sync(path.parent)


@contextmanager
def _in_words(path: Path, problem: str, way_out: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise SigningKeyUnreadable(
            f"The signing key {path} {problem} ({fault.strerror}). {way_out}"
        ) from fault
