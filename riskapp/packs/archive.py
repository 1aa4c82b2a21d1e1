"""The ZIP around a bag: stored members, sizes and checksums up front, written as it is read."""

import hashlib
import stat
from collections.abc import Callable, Iterator
from datetime import datetime

from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.bag import Bag, Member
from riskapp.packs.errors import EvidenceDiffers

MODE = stat.S_IFREG | 0o644
MOST_32, MOST_MEMBERS_32 = 0xFFFFFFFF, 0xFFFF
"""Beyond these sizes, offsets or counts a ZIP needs its 64-bit form."""
_FIXED = {False: (30 + 46, 22), True: (30 + 46 + 20 + 28, 22 + 56 + 20)}
"""Bytes of headers for each member and at the end, in the 32-bit form and in the 64-bit form"""

Plaintext = Callable[[EvidenceRow], Iterator[bytes]]


def _size(bag: Bag, *, wide: bool) -> int:
    each, end = _FIXED[wide]
    names = sum(2 * len(_path(bag, one).encode()) for one in bag.members)
    return sum(one.size for one in bag.members) + names + each * len(bag.members) + end


def needs_64(bag: Bag) -> bool:
    return _size(bag, wide=False) > MOST_32 or len(bag.members) > MOST_MEMBERS_32


def size(bag: Bag) -> int:
    """How many bytes `chunks` gives altogether."""
    return _size(bag, wide=needs_64(bag))


def _path(bag: Bag, member: Member) -> str:
    return f"{bag.folder}/{member.name}"


def chunks(
    bag: Bag, at: datetime, plaintext: Plaintext, *, wide: bool | None = None
) -> Iterator[bytes]:
    """The ZIP in pieces of 64 KiB; `at` (UTC) is every member's time, `wide` the 64-bit form.

    The end of a ZIP is what makes it one, and it comes last: where a file turns out to be another
    one than its row says, EvidenceDiffers (or what `plaintext` raises) comes instead.
    """
    from stream_zip import (  # noqa: PLC0415 - brings a cipher library that nothing else needs
        NO_COMPRESSION_32,
        NO_COMPRESSION_64,
        stream_zip,
    )

    method = NO_COMPRESSION_64 if wide or (wide is None and needs_64(bag)) else NO_COMPRESSION_32
    files = (
        (_path(bag, one), at, MODE, method(one.size, one.crc32), _pieces(one, plaintext))
        for one in bag.members
    )
    yield from stream_zip(files, extended_timestamps=False)


def _pieces(member: Member, plaintext: Plaintext) -> Iterator[bytes]:
    if isinstance(member.source, bytes):
        yield member.source
        return
    found, count = hashlib.sha256(), 0
    for piece in plaintext(member.source):
        found.update(piece)
        count += len(piece)
        yield piece
    if (found.hexdigest(), count) != (member.sha256, member.size):
        raise EvidenceDiffers(member.source.evidence_id, member.source.version)
