"""Whether a ZIP is canonical: there is one way to write a pack, and any other one is refused.

Programs disagree on ZIPs that say things twice and differently, or hold bytes that belong to no
file; what one of them checks, another need not unpack. So every byte beside the files' own has to
be what it must be. Layout: PKWARE's APPNOTE 6.3.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

from riskapp.packs.archive import (
    CENTRAL,
    FULL,
    LOCAL,
    LOCAL_64,
    UTF_8,
    Entry,
    central_header,
    ending,
)
from riskapp.packs.names import folded, path_problem

_ENCRYPTED, _DESCRIPTOR = 0x0001, 0x0008
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


def _entries(file: IO[bytes]) -> Iterable[Entry]:
    """Walks from file to file, as long as another one follows right behind."""
    offset = 0
    while True:
        file.seek(offset)
        head = file.read(LOCAL.size)
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


def _entry(file: IO[bytes], head: bytes, offset: int) -> tuple[Entry, int]:
    if len(head) < LOCAL.size:
        raise NonCanonical(_SHORT)
    _, version, flags, method, *moment, crc32, stored, size, name_length, extra = LOCAL.unpack(head)
    name = _taken(file, name_length).decode()
    if flags & _ENCRYPTED:
        raise NonCanonical(f"{name}: is encrypted")
    if flags & _DESCRIPTOR:
        raise NonCanonical(f"{name}: leaves its size to a data descriptor; packs have none")
    if method != 0:
        raise NonCanonical(f"{name}: is compressed; packs store files as they are")
    wide = (version, stored, size, extra) == (45, FULL, FULL, LOCAL_64.size)
    if wide:
        kind, length, size, stored = LOCAL_64.unpack(_taken(file, extra))
        if (kind, length) != (1, LOCAL_64.size - 4):
            raise NonCanonical(f"{name}: has an extra field before it")
    elif extra:
        raise NonCanonical(f"{name}: has an extra field before it")
    if (version, flags) != (45 if wide else 20, UTF_8) or stored != size:
        raise NonCanonical(f"{name}: version, flags or sizes before it are not those of a pack")
    entry = Entry(name, (moment[0], moment[1]), crc32, size, offset, wide)
    return entry, offset + LOCAL.size + name_length + extra


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


def _check_alike(entries: list[Entry]) -> None:
    for entry in entries:
        if (entry.moment, entry.wide) != (entries[0].moment, entries[0].wide):
            raise NonCanonical(f"{entry.name}: has another time or form than the first file")


def _check_directory(file: IO[bytes], entries: list[Entry]) -> None:
    """The directory repeats what stands before the files, in the same order, then the ZIP ends."""
    start = file.tell()
    for entry in entries:
        right = central_header(entry)
        found = _taken(file, len(right))
        if found != right:
            raise NonCanonical(f"{entry.name}: {_difference(found, right)}")
    right = ending(len(entries), start, file.tell() - start, wide=entries[0].wide)
    if file.read(len(right) + 1) != right:
        raise NonCanonical("the ZIP does not end as it must: a comment, or bytes after its end")


def _difference(found: bytes, right: bytes) -> str:
    pairs = zip(
        _CENTRAL_FIELDS,
        CENTRAL.unpack(found[: CENTRAL.size]),
        CENTRAL.unpack(right[: CENTRAL.size]),
        strict=True,
    )
    for field, stated, wanted in pairs:
        if stated != wanted:
            return f"the directory gives another {field} than the pack must have there"
    return "the directory gives it another name or extra field"
