"""Whether a ZIP is canonical: there is one way to write a pack, and any other one is refused.

Programs disagree on ZIPs that say things twice and differently, or hold bytes that belong to no
file; what one of them checks, another need not unpack. So every byte beside the files' own has to
be what it must be. Layout: PKWARE's APPNOTE 6.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import IO

from riskapp.packs.archive import MODE
from riskapp.packs.names import folded, path_problem

_LOCAL = Struct("<4s5H3L2H")
_CENTRAL = Struct("<4s6H3L5H2L")
_LOCAL_64, _CENTRAL_64 = Struct("<2H2Q"), Struct("<2H3Q")
_END_64, _LOCATOR_64, _END = Struct("<4sQ2H2L4Q"), Struct("<4sLQL"), Struct("<4s4H2LH")
_FULL, _FULL_16 = 0xFFFFFFFF, 0xFFFF
_UTF_8 = 0x0800
_ENCRYPTED, _DESCRIPTOR = 0x0001, 0x0008
_UNIX = 3 << 8
_SHORT = "the ZIP is cut short"
_CENTRAL_FIELDS = (
    "signature",
    "origin",
    "version",
    "flags",
    "method",
    "time",
    "date",
    "CRC-32",
    "stored size",
    "size",
    "name's length",
    "extra field's length",
    "comment's length",
    "disk",
    "internal attributes",
    "mode",
    "place",
)


class NonCanonical(Exception):  # noqa: N818 - says what the file is
    """The first place in which a ZIP is not what a pack's has to be."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the header before a file says; `wide`: in the 64-bit form."""

    name: str
    moment: tuple[int, int]
    crc32: int
    size: int
    offset: int
    wide: bool


def zip_problem(path: Path) -> str | None:
    """What keeps a ZIP from being canonical, or None. Contents are not read, but skipped.

    Raises OSError.
    """
    with path.open("rb") as file:
        try:
            entries = list(_entries(file))
            _check_names([entry.name for entry in entries])
            _check_alike(entries)
            _check_directory(file, entries)
        except NonCanonical as problem:
            return str(problem)
        except UnicodeDecodeError:
            return "a name in the ZIP is not UTF-8"
    return None


def _entries(file: IO[bytes]) -> Iterable[_Entry]:
    """Walks from file to file, as long as another one follows right behind."""
    offset = 0
    while True:
        file.seek(offset)
        head = file.read(_LOCAL.size)
        if head[:4] != b"PK\x03\x04":
            file.seek(offset)
            _expect_directory(head, offset)
            return
        entry, after = _entry(file, head, offset)
        yield entry
        offset = after + entry.size


def _expect_directory(head: bytes, offset: int) -> None:
    if head[:4] == b"PK\x01\x02" and offset:
        return
    if head[:4] == b"PK\x07\x08":
        raise NonCanonical(f"a data descriptor stands at byte {offset}; packs have none")
    raise NonCanonical(f"bytes that belong to no file stand at byte {offset}")


def _entry(file: IO[bytes], head: bytes, offset: int) -> tuple[_Entry, int]:
    if len(head) < _LOCAL.size:
        raise NonCanonical(_SHORT)
    _, version, flags, method, *moment, crc32, stored, size, name_length, extra = _LOCAL.unpack(
        head
    )
    name = _taken(file, name_length).decode()
    if flags & _ENCRYPTED:
        raise NonCanonical(f"{name}: is encrypted")
    if flags & _DESCRIPTOR:
        raise NonCanonical(f"{name}: leaves its size to a data descriptor; packs have none")
    if method != 0:
        raise NonCanonical(f"{name}: is compressed; packs store files as they are")
    wide = (version, stored, size, extra) == (45, _FULL, _FULL, _LOCAL_64.size)
    if wide:
        kind, length, size, stored = _LOCAL_64.unpack(_taken(file, extra))
        if (kind, length) != (1, _LOCAL_64.size - 4):
            raise NonCanonical(f"{name}: has an extra field before it")
    elif extra:
        raise NonCanonical(f"{name}: has an extra field before it")
    if (version, flags) != (45 if wide else 20, _UTF_8) or stored != size:
        raise NonCanonical(f"{name}: version, flags or sizes before it are not those of a pack")
    entry = _Entry(name, (moment[0], moment[1]), crc32, size, offset, wide)
    return entry, offset + _LOCAL.size + name_length + extra


def _taken(file: IO[bytes], count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise NonCanonical(_SHORT)
    return found


def _check_names(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        problem = path_problem(name)
        if problem is not None:
            raise NonCanonical(f"{name}: {problem}")
        if folded(name) in seen:
            raise NonCanonical(f"{name}: stands twice, at least where case does not count")
        seen.add(folded(name))
    if len({name.partition("/")[0] for name in names}) != 1 or "/" not in names[0]:
        raise NonCanonical("the ZIP must hold one folder, and nothing beside it")


def _check_alike(entries: list[_Entry]) -> None:
    for entry in entries:
        if (entry.moment, entry.wide) != (entries[0].moment, entries[0].wide):
            raise NonCanonical(f"{entry.name}: has another time or form than the first file")


def _check_directory(file: IO[bytes], entries: list[_Entry]) -> None:
    """The directory repeats what stands before the files, in the same order, then the ZIP ends."""
    start = file.tell()
    for entry in entries:
        right = _central(entry)
        found = _taken(file, len(right))
        if found != right:
            raise NonCanonical(f"{entry.name}: {_difference(found, right)}")
    right = _end(len(entries), start, file.tell() - start, wide=entries[0].wide)
    if file.read(len(right) + 1) != right:
        raise NonCanonical("the ZIP does not end as it must: a comment, or bytes after its end")


def _central(entry: _Entry) -> bytes:
    name = entry.name.encode()
    version, size, offset, extra = 20, entry.size, entry.offset, b""
    if entry.wide:
        extra = _CENTRAL_64.pack(1, _CENTRAL_64.size - 4, size, size, offset)
        version, size, offset = 45, _FULL, _FULL
    fields = (b"PK\x01\x02", version | _UNIX, version, _UTF_8, 0, *entry.moment, entry.crc32)
    lengths = (len(name), len(extra), 0, 0, 0, MODE << 16)
    return _CENTRAL.pack(*fields, size, size, *lengths, offset) + name + extra


def _difference(found: bytes, right: bytes) -> str:
    pairs = zip(
        _CENTRAL_FIELDS,
        _CENTRAL.unpack(found[: _CENTRAL.size]),
        _CENTRAL.unpack(right[: _CENTRAL.size]),
        strict=True,
    )
    for field, stated, wanted in pairs:
        if stated != wanted:
            return f"the directory gives another {field} than the pack must have there"
    return "the directory gives it another name or extra field"


def _end(count: int, start: int, length: int, *, wide: bool) -> bytes:
    if not wide:
        return _END.pack(b"PK\x05\x06", 0, 0, count, count, length, start, 0)
    record = _END_64.pack(
        b"PK\x06\x06", _END_64.size - 12, 45, 45, 0, 0, count, count, length, start
    )
    locator = _LOCATOR_64.pack(b"PK\x06\x07", 0, start + length, 1)
    pointers = (_FULL_16, _FULL_16, _FULL_16, _FULL_16, _FULL, _FULL, 0)
    return record + locator + _END.pack(b"PK\x05\x06", *pointers)
