"""Sealed files: Cobblestone-256 (c2sp.org/chunked-encryption), written and read as a stream.

Chosen because it commits to its key, binds a context, and authenticates the end of the file, so a
file that was cut, lengthened, reordered or swapped for another one never opens. The format is
published: a person with the keys can open a file without riskapp.
"""

import secrets
from collections.abc import Iterable, Iterator

import rfc8785
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

KEY_BYTES = 32
SEAL_BYTES = 56
"""A sealed file's head: salt and commitment to key and context, unlike that of any other file"""
PIECE_BYTES = 64 * 1024
"""How much goes through the cipher at a time, so that memory does not follow the caller's pieces"""


class SealBroken(Exception):  # noqa: N818 - the words that a log shall show
    """The file is not what was sealed, or the key or context is another one. Nobody can tell which.

    Pieces handed out before this was raised are true, but the file as a whole is not: whoever
    consumed them must not call them complete.
    """

    def __init__(self) -> None:
        super().__init__("The sealed file was changed, or its key or context is another one.")


def new_key() -> bytes:
    """32 random bytes: a data key, vendor key or master key."""
    return secrets.token_bytes(KEY_BYTES)


def context(vendor: str, evidence: str, version: int) -> bytes:
    """What a file is bound to, in canonical JSON (RFC 8785): it opens in no other place."""
    return rfc8785.dumps({"v": 1, "vendor": vendor, "evidence": evidence, "version": version})


class Sealer:
    """Seals what is pushed into it. A key seals one file only.

    A key that is not 32 bytes long raises ValueError.
    """

    def __init__(self, key: bytes, context: bytes) -> None:
        self._cipher = Cobblestone256Encryptor(key, context)

    def write(self, data: bytes) -> bytes:
        """Ciphertext that is ready: possibly none, for it leaves in chunks of 16 KiB."""
        return self._cipher.update(data)

    def finish(self) -> bytes:
        """The last ciphertext, without which the file does not open."""
        return self._cipher.finalize()


def unseal(key: bytes, context: bytes, ciphertext_chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The plaintext, as it becomes certain; raises SealBroken, at the latest at the end.

    The ciphertext may come in pieces of any size. A key of another length is a wrong key.
    """
    if len(key) != KEY_BYTES:
        raise SealBroken
    cipher = Cobblestone256Decryptor(key, context)
    try:
        for chunk in ciphertext_chunks:
            view = memoryview(chunk)
            for start in range(0, len(view), PIECE_BYTES):
                if plain := cipher.update(view[start : start + PIECE_BYTES]):
                    yield plain
        if rest := cipher.finalize():
            yield rest
    except InvalidTag:
        raise SealBroken from None
