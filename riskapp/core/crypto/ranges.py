"""Ranges of sealed files: what lies between two bytes, without opening what lies before.

The library reads Cobblestone-256 from its beginning only. Its chunks open one by one: chunk k holds
16 KiB from plaintext byte 16384·k on and stands at 56 + 16400·k, its nonce is the base nonce XOR
k, and only the last one is shorter (c2sp.org/chunked-encryption).
"""

import hmac
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from riskapp.core.crypto.sealed import KEY_BYTES, SEAL_BYTES, SealBroken

ReadSealed = Callable[[int, int], Iterable[bytes]]
"""The sealed bytes from a place on, so many, in pieces of any size: `BlobStore.read` of one blob"""

CHUNK = 16 * 1024
_TAG = 16
SEALED_CHUNK = CHUNK + _TAG
"""A chunk as it is stored; the last one is shorter"""
_TOGETHER = 16
"""Chunks handed on as one piece, of 256 KiB: the server takes them at twice the speed of 64 KiB"""
_CHUNKS_AT_MOST = 1 << 38
_SALT = 24
_NONCE = 12
_COMMITMENT = 32
_PURPOSE = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


class SealedRanges:
    """A sealed file, open at any place.

    Making one reads the file's head and its last chunk, and authenticates both: a wrong key, a
    wrong file, and one that was cut or lengthened raise SealBroken before a byte is handed out.
    `sealed_size` is the size of all that is stored, for what lies beyond it is not looked at.
    Passes on what `read` raises. May be used by one thread at a time.
    """

    size: int
    """Bytes of plaintext"""

    def __init__(self, key: bytes, context: bytes, sealed_size: int, read: ReadSealed) -> None:
        body = sealed_size - SEAL_BYTES
        self._last, rest = divmod(body, SEALED_CHUNK)
        if len(key) != KEY_BYTES or body < 0 or rest < _TAG or self._last >= _CHUNKS_AT_MOST:
            raise SealBroken
        self._read = read
        self.size = self._last * CHUNK + rest - _TAG
        head, tail = self._ends(rest)
        self._cipher, self._nonce = _cipher(key, context, head)
        room = bytearray(rest - _TAG)
        self._open(self._last, tail, room)
        self._tail = bytes(room)

    def pieces(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Plaintext of `length` bytes from `start` on, or as many as there are.

        Pieces have at most 256 KiB, and each is authentic when it comes. A chunk that was changed,
        moved or cut raises SealBroken, and nothing of it is handed out. Only the chunks that hold
        the range are read, by one `read`.
        """
        if start < 0 or (length is not None and length < 0):
            raise ValueError(f"no range: {length} bytes from {start} on")
        end = self.size if length is None else min(self.size, start + length)
        return self._between(start, end) if start < end else iter(())

    def _between(self, start: int, end: int) -> Iterator[bytes]:
        first, last = start // CHUNK, (end - 1) // CHUNK
        at = first * CHUNK
        for plain in self._full(first, min(last + 1, self._last)):
            yield bytes(plain[max(0, start - at) : end - at])
            at += len(plain)
        if last == self._last:
            yield self._tail[max(0, start - at) : end - at]

    def _full(self, first: int, stop: int) -> Iterator[memoryview]:
        """Full chunks, a few together. A view is good until the next one is asked for."""
        room = memoryview(bytearray(_TOGETHER * CHUNK))
        filled = 0
        for sealed in self._sealed_chunks(first, stop):
            self._open(first, sealed, room[filled : filled + CHUNK])
            first += 1
            filled += CHUNK
            if filled == len(room):
                yield room
                filled = 0
        if filled:
            yield room[:filled]

    def _sealed_chunks(self, first: int, stop: int) -> Iterator[bytearray | memoryview]:
        """What `read` gives, chunk by chunk; only what lies across two pieces is copied."""
        rest = (stop - first) * SEALED_CHUNK
        held = bytearray()
        for piece in self._read(SEAL_BYTES + first * SEALED_CHUNK, rest) if rest else ():
            view = memoryview(piece)
            rest -= len(view)
            if held:
                wanted = SEALED_CHUNK - len(held)
                held += view[:wanted]
                view = view[wanted:]
                if len(held) < SEALED_CHUNK:
                    continue
                yield held
                held.clear()
            while len(view) >= SEALED_CHUNK:
                yield view[:SEALED_CHUNK]
                view = view[SEALED_CHUNK:]
            held += view
        if rest:
            raise SealBroken

    def _ends(self, tail: int) -> tuple[bytes, bytes]:
        """The file's head and its last chunk, by one `read` where they adjoin."""
        if self._last == 0:
            both = self._exactly(0, SEAL_BYTES + tail)
            return both[:SEAL_BYTES], both[SEAL_BYTES:]
        head = self._exactly(0, SEAL_BYTES)
        return head, self._exactly(SEAL_BYTES + self._last * SEALED_CHUNK, tail)

    def _exactly(self, start: int, length: int) -> bytes:
        found = b"".join(self._read(start, length))
        if len(found) != length:
            raise SealBroken
        return found

    def _open(
        self, chunk: int, sealed: bytes | bytearray | memoryview, room: bytearray | memoryview
    ) -> None:
        """One chunk's plaintext, into `room`, which has its size."""
        try:
            self._cipher.decrypt_into((self._nonce ^ chunk).to_bytes(_NONCE), sealed, None, room)
        except InvalidTag:
            raise SealBroken from None


class LooseChunks:
    """Single chunks of a file that does not open any more, to find out what happened to it.

    `head` is the first bytes as they were sealed. Raises SealBroken if it does not commit to this
    key and context.
    """

    def __init__(self, key: bytes, context: bytes, head: bytes) -> None:
        if len(key) != KEY_BYTES or len(head) != SEAL_BYTES:
            raise SealBroken
        self._cipher, self._nonce = _cipher(key, context, head)

    def belongs_at(self, number: int, sealed: bytes) -> bool:
        """Whether these bytes are, unchanged, the chunk of this number."""
        try:
            self._cipher.decrypt((self._nonce ^ number).to_bytes(_NONCE), sealed, None)
        except InvalidTag:
            return False
        return True


def _cipher(key: bytes, context: bytes, head: bytes) -> tuple[AESGCM, int]:
    """The file's cipher and base nonce, if its head commits to this key and context."""
    salt, commitment = head[:_SALT], head[_SALT:]
    derived = HKDFExpand(SHA512(), KEY_BYTES + _NONCE + _COMMITMENT, _PURPOSE + salt + context)
    made = derived.derive(key)
    if not hmac.compare_digest(made[KEY_BYTES + _NONCE :], commitment):
        raise SealBroken
    return AESGCM(made[:KEY_BYTES]), int.from_bytes(made[KEY_BYTES : KEY_BYTES + _NONCE])
