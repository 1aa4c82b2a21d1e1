"""Signatures in OpenSSH's format (PROTOCOL.sshsig) by Ed25519 keys: writing and checking. Pure.

Chosen because everybody has the verifier: `ssh-keygen -Y verify`. A namespace keeps a signature
over one kind of document from passing for one over another.
"""

import base64
import hashlib
import struct
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KIND = b"ssh-ed25519"
RAW_BYTES = 32
_MAGIC = b"SSHSIG"
_HASH = b"sha512"
_LINE = 70
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_SIGNATURE_BYTES = 64


def key_line(raw: bytes) -> str:
    """The public key (raw, 32 bytes) as OpenSSH writes it: `ssh-ed25519 AAAA…`."""
    return f"{KIND.decode()} {base64.b64encode(_blob(raw)).decode()}"


def raw_key(line: str) -> bytes:
    """The 32 bytes of a key that `key_line` wrote. Raises ValueError for every other text."""
    try:
        raw = base64.b64decode(line.partition(" ")[2], validate=True)[-RAW_BYTES:]
    except ValueError:
        raw = b""
    if len(raw) != RAW_BYTES or key_line(raw) != line:
        raise ValueError("not an Ed25519 key as OpenSSH writes it")
    return raw


def fingerprint_of(raw: bytes) -> str:
    """As `ssh-keygen -l` prints it: `SHA256:…`."""
    digest = base64.b64encode(hashlib.sha256(_blob(raw)).digest()).decode()
    return f"SHA256:{digest.rstrip('=')}"


def signature(raw: bytes, namespace: str, message: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The armoured signature; `sign` gives 64 bytes by the key whose public half is `raw`."""
    return _armoured(raw, namespace, sign(_signed(namespace, message)))


def fits(raw: bytes, namespace: str, message: bytes, armoured: str) -> bool:
    """Whether this is the signature over the message by this key, to the letter.

    Stricter than `ssh-keygen`: nothing can stand in the armour beside what `signature` writes.
    """
    body = "".join(armoured.split("\n")[1:-2])
    try:
        given = base64.b64decode(body, validate=True)[-_SIGNATURE_BYTES:]
        if _armoured(raw, namespace, given) != armoured:
            return False
        Ed25519PublicKey.from_public_bytes(raw).verify(given, _signed(namespace, message))
    except (ValueError, InvalidSignature):
        return False
    return True


def _signed(namespace: str, message: bytes) -> bytes:
    return _MAGIC + _about(namespace) + _text(hashlib.sha512(message).digest())


def _armoured(raw: bytes, namespace: str, given: bytes) -> str:
    whole = (
        _MAGIC
        + struct.pack(">I", 1)
        + _text(_blob(raw))
        + _about(namespace)
        + _text(_text(KIND) + _text(given))
    )
    armour = base64.b64encode(whole).decode()
    lines = [armour[at : at + _LINE] for at in range(0, len(armour), _LINE)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def _about(namespace: str) -> bytes:
    return _text(namespace.encode()) + _text(b"") + _text(_HASH)


def _blob(raw: bytes) -> bytes:
    return _text(KIND) + _text(raw)


def _text(data: bytes) -> bytes:
    """A string as the SSH protocol writes it: its length before it."""
    return struct.pack(">I", len(data)) + data
