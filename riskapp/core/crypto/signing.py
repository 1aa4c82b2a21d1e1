"""The installation's own signatures: Ed25519 in OpenSSH's format (PROTOCOL.sshsig).

Chosen because everybody has the verifier: `ssh-keygen -Y verify`. A namespace keeps a signature
over one kind of document from passing for one over another.
"""

import base64
import hashlib
import os
import secrets
import stat
import struct
from contextlib import suppress
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

_MAGIC = b"SSHSIG"
_KIND = b"ssh-ed25519"
_HASH = b"sha512"
_LINE = 70


class SigningKeyUnreadable(Exception):  # noqa: N818 - the words that an operator shall see
    """The signing key cannot be trusted or read, so riskapp must not start."""


class Signer(Protocol):
    """Signs for this installation."""

    @property
    def public_key(self) -> str:
        """As OpenSSH writes it: `ssh-ed25519 AAAA…`."""
        ...

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: `SHA256:…`."""
        ...

    @property
    def raw_public_key(self) -> bytes:
        """The 32 bytes of the Ed25519 key."""
        ...

    def sign(self, namespace: str, message: bytes) -> str:
        """An armoured signature over `message`, for `ssh-keygen -Y verify -n NAMESPACE`."""
        ...

    def sign_raw(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature, for signed notes.

        No note begins as what `sign` signs does, so neither can be taken for the other.
        """
        ...


class FileSigner:
    """A key in a local file (OpenSSH's format, mode 0600), made where there is none.

    Several processes that start at once agree on one. Raises SigningKeyUnreadable.
    """

    def __init__(self, path: Path) -> None:
        try:
            if not os.path.lexists(path):
                _make(path)
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read()
        except OSError as fault:
            raise SigningKeyUnreadable(
                f"The signing key {path} cannot be read ({fault.strerror}). Give it to the user "
                "that runs riskapp, or restore it from its backup."
            ) from fault
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SigningKeyUnreadable(
                f"The signing key {path} is open to other users. Run `chmod 600 {path}`; if others "
                "may have read it, anybody could sign in your name."
            )
        try:
            key = load_ssh_private_key(content, password=None)
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise SigningKeyUnreadable(
                f"The signing key {path} is not an Ed25519 key in OpenSSH's format without a "
                "passphrase. Restore it from its backup."
            )
        self._key = key
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._raw = raw
        self._blob = _text(_KIND) + _text(raw)

    @property
    def public_key(self) -> str:
        return f"{_KIND.decode()} {base64.b64encode(self._blob).decode()}"

    @property
    def fingerprint(self) -> str:
        digest = base64.b64encode(hashlib.sha256(self._blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    @property
    def raw_public_key(self) -> bytes:
        return self._raw

    def sign_raw(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def sign(self, namespace: str, message: bytes) -> str:
        about = _text(namespace.encode()) + _text(b"") + _text(_HASH)
        signed = self._key.sign(_MAGIC + about + _text(hashlib.sha512(message).digest()))
        whole = (
            _MAGIC
            + struct.pack(">I", 1)
            + _text(self._blob)
            + about
            + _text(_text(_KIND) + _text(signed))
        )
        armour = base64.b64encode(whole).decode()
        lines = [armour[at : at + _LINE] for at in range(0, len(armour), _LINE)]
        return "\n".join(
            ["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]
        )


def _text(data: bytes) -> bytes:
    """A string as the SSH protocol writes it: its length before it."""
    return struct.pack(">I", len(data)) + data


def _make(path: Path) -> None:
    """Makes the file whole or not at all; whoever comes second keeps the first one's file."""
    content = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
