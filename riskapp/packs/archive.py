"""The ZIP around a bag: stored files, sizes and checksums up front, taken from any byte on.

There is one way to write a pack, so that every byte beside the files' own is known before
(`packs.zips` holds what arrives to it). Layout: PKWARE's APPNOTE 6.3.
"""

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from struct import Struct

from riskapp.core.digesting import Digests
from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.bag import Bag, Member
from riskapp.packs.errors import EvidenceDiffers

MODE = stat.S_IFREG | 0o644
UTF_8 = 0x0800
"""The flag that says how names are written."""
FULL, FULL_16 = 0xFFFFFFFF, 0xFFFF
"""Beyond these sizes, offsets or counts a ZIP needs its 64-bit form, where they stand instead."""
LOCAL, CENTRAL = Struct("<4s5H3L2H"), Struct("<4s6H3L5H2L")
LOCAL_64, CENTRAL_64 = Struct("<2H2Q"), Struct("<2H3Q")
_END_64, _LOCATOR_64, _END = Struct("<4sQ2H2L4Q"), Struct("<4sLQL"), Struct("<4s4H2LH")
_UNIX = 3 << 8
_TOGETHER = 64 * 1024
"""Smaller pieces are handed on as one."""

Plaintext = Callable[[EvidenceRow, int], Iterator[bytes]]
"""The content of a file from a byte on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a ZIP. `moment` is its time and date in DOS's form; `wide`: in the 64-bit form."""

    name: str
    moment: tuple[int, int]
    crc32: int
    size: int
    offset: int
    wide: bool


def local_header(entry: Entry) -> bytes:
    """What stands before a file."""
    name, version, size, extra = entry.name.encode(), 20, entry.size, b""
    if entry.wide:
        extra = LOCAL_64.pack(1, LOCAL_64.size - 4, size, size)
        version, size = 45, FULL
    fields = (b"PK\x03\x04", version, UTF_8, 0, *entry.moment, entry.crc32, size, size)
    return LOCAL.pack(*fields, len(name), len(extra)) + name + extra


def central_header(entry: Entry) -> bytes:
    """What stands of a file in the directory."""
    name = entry.name.encode()
    version, size, offset, extra = 20, entry.size, entry.offset, b""
    if entry.wide:
        extra = CENTRAL_64.pack(1, CENTRAL_64.size - 4, size, size, offset)
        version, size, offset = 45, FULL, FULL
    fields = (b"PK\x01\x02", version | _UNIX, version, UTF_8, 0, *entry.moment, entry.crc32)
    lengths = (len(name), len(extra), 0, 0, 0, MODE << 16)
    return CENTRAL.pack(*fields, size, size, *lengths, offset) + name + extra


def ending(count: int, start: int, length: int, *, wide: bool) -> bytes:
    """What stands behind a directory of `count` files that starts at byte `start`."""
    if not wide:
        return _END.pack(b"PK\x05\x06", 0, 0, count, count, length, start, 0)
    record = _END_64.pack(
        b"PK\x06\x06", _END_64.size - 12, 45, 45, 0, 0, count, count, length, start
    )
    locator = _LOCATOR_64.pack(b"PK\x06\x07", 0, start + length, 1)
    pointers = (FULL_16, FULL_16, FULL_16, FULL_16, FULL, FULL, 0)
    return record + locator + _END.pack(b"PK\x05\x06", *pointers)


class Archive:
    """The ZIP of a bag. `at` (UTC) is every file's time."""

    def __init__(self, bag: Bag, at: datetime, *, wide: bool | None = None) -> None:
        if wide is None:
            wide = _size(bag, wide=False) > FULL or len(bag.members) > FULL_16
        self.size = _size(bag, wide=wide)
        """How many bytes `chunks` gives altogether."""
        self._members = bag.members
        self._entries = _entries(bag, at, wide=wide)

    @property
    def _directory_at(self) -> int:
        last = self._entries[-1]
        return last.offset + len(local_header(last)) + last.size

    @property
    def _directory(self) -> bytes:
        listed = b"".join(map(central_header, self._entries))
        count, wide = len(self._entries), self._entries[0].wide
        return listed + ending(count, self._directory_at, len(listed), wide=wide)

    def evidence_from(self, offset: int) -> list[EvidenceRow]:
        """The files of evidence of which bytes come from `offset` on."""
        ends = [*(entry.offset for entry in self._entries[1:]), self._directory_at]
        return [
            member.source
            for member, end in zip(self._members, ends, strict=True)
            if end > offset and isinstance(member.source, EvidenceRow)
        ]

    def chunks(self, plaintext: Plaintext, offset: int = 0) -> Iterator[bytes]:
        """The ZIP from a byte on, in pieces of some size; what lies before is not read.

        The end of a ZIP is what makes it one, and it comes last: where a file turns out to be
        another one than its row says, EvidenceDiffers (or what `plaintext` raises) comes instead.
        """
        return _joined(self._pieces(plaintext, offset))

    def _pieces(self, plaintext: Plaintext, offset: int) -> Iterator[bytes]:
        for entry, member in zip(self._entries, self._members, strict=True):
            header = local_header(entry)
            begin = entry.offset + len(header)
            if offset < begin:
                yield header[max(0, offset - entry.offset) :]
            if offset < begin + entry.size:
                yield from _content(member, plaintext, max(0, offset - begin))
        yield self._directory[max(0, offset - self._directory_at) :]


def _size(bag: Bag, *, wide: bool) -> int:
    each = LOCAL.size + CENTRAL.size + (LOCAL_64.size + CENTRAL_64.size) * wide
    names = sum(2 * len(f"{bag.folder}/{one.name}".encode()) for one in bag.members)
    end = _END.size + (_END_64.size + _LOCATOR_64.size) * wide
    return sum(one.size for one in bag.members) + names + each * len(bag.members) + end


def _entries(bag: Bag, at: datetime, *, wide: bool) -> Sequence[Entry]:
    moment = (
        at.hour << 11 | at.minute << 5 | at.second // 2,
        (at.year - 1980) << 9 | at.month << 5 | at.day,
    )
    found, offset = list[Entry](), 0
    for one in bag.members:
        entry = Entry(f"{bag.folder}/{one.name}", moment, one.crc32, one.size, offset, wide)
        found.append(entry)
        offset += len(local_header(entry)) + one.size
    return found


def _content(member: Member, plaintext: Plaintext, start: int) -> Iterator[bytes]:
    if isinstance(member.source, bytes):
        yield member.source[start:]
        return
    count = 0
    with closing(Digests()) as found:
        for piece in plaintext(member.source, start):
            if not start:
                found.write(piece)
            count += len(piece)
            yield piece
        right = count == member.size - start
        if not right or (not start and found.finish() != (member.sha256, member.crc32)):
            raise EvidenceDiffers(member.source.evidence_id, member.source.version)


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        if len(held) + len(piece) <= _TOGETHER:
            held += piece
            continue
        if held:
            yield bytes(held)
            held.clear()
        yield piece
    if held:
        yield bytes(held)
