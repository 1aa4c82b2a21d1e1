"""What a ZIP says of itself, read from its end in memory. Nothing is unpacked, nothing kept. Pure.

The list of contents (the central directory) decides, and a list can lie. This is what can be held
against it without unpacking:

- Deflate makes nothing longer by more than a little: an entry that takes more room packed than it
  says it has unpacked lies. It makes nothing more than 1,032 times shorter either.
- Entries lie one behind the other, from the file's first byte to the list, without overlap: so one
  packed piece cannot be counted many times.
- Entries that lie wholly in the last `TAIL_BYTES`, which is all of a smaller file, are held against
  their own headers and inflated, a little at a time, to be counted and forgotten.

What remains: an entry further in front that says it is about as long as it is packed, and is not.
Programs that go by the list stop there; a virus scanner that unpacks has bounds of its own.
"""

import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from riskapp.evidence.names import display_name, extension
from riskapp.evidence.problems import Problem

TAIL_BYTES = 2 * 1024 * 1024
"""How much of the file's end is looked at; the list of contents must lie in it"""
END_BYTES = 22 + 65_535
"""An end record with its longest comment: what tells whether another kind of file is a ZIP too"""
MOST_ENTRIES = 10_000
MOST_UNPACKED = 4 * 1024**3
"""In bytes, all entries together, as they say"""
HARMLESS = 32 * 1024 * 1024
"""So many bytes may be packed as tightly as they like"""
RATIO = 100
"""How many times longer than packed an entry, or all together, may be where it is not harmless"""
PIECE_BYTES = 16 * 1024
MOST_COUNTED = 256 * 1024 * 1024
"""So many bytes are inflated to be counted, and no more"""

_ARCHIVES = (
    "7z ace apk ar arj bz2 cab cpio deb dmg ear gz img iso jar lha lz lz4 lzh lzma pkg rar rpm tar "
    "taz tbz tbz2 tgz txz tzst vhd vhdx war wim xz z zip zipx zst"
)
ARCHIVES = frozenset(_ARCHIVES.split())
"""Endings of files that hold files, and that no check here sees into"""
_DOCUMENTS = (
    "docm docx dotm dotx epub key numbers odb odc odf odg odi odp ods odt otg oth otp ots ott "
    "pages potm potx ppsm ppsx pptm pptx vsdm vsdx xlam xlsb xlsm xlsx xltm xltx"
)
DOCUMENTS = frozenset(_DOCUMENTS.split())
"""Endings of documents that are ZIPs inside"""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_POINTER64 = struct.Struct("<4sLQL")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF8 = 0x0800
_AES = 99
_REORDERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FULL = 0xFFFFFFFF
_GAP = 65_535 + 24
"""Between an entry and the next there may be a header's extra field and a data descriptor"""


class Flawed(Exception):  # noqa: N818 - a finding on the way out of the reader, no error
    """The archive is not taken; `entry` is the file in it that is meant, as it may be shown."""

    def __init__(self, problem: Problem, entry: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive, as the list has it; sizes in bytes, `offset` that of its header."""

    name: str
    raw: bytes
    flags: int
    method: int
    crc32: int
    packed: int
    unpacked: int
    offset: int


class _Directory(NamedTuple):
    offset: int
    size: int
    entries: int
    end: int
    """Where the records behind it begin: it has to reach exactly there"""


def listed(tail: bytes, size: int) -> Sequence[Entry]:
    """The files in a ZIP of `size` bytes, of which `tail` is the end; raises Flawed.

    `tail` has `TAIL_BYTES` at least, or is the whole file.
    """
    where = _directory(tail, size)
    if where.entries > MOST_ENTRIES:
        raise Flawed(Problem.TOO_MANY)
    if where.offset + where.size != where.end:
        raise Flawed(Problem.INCONSISTENT)
    start = where.offset - (size - len(tail))
    if start < 0:
        raise Flawed(Problem.TOO_MANY)
    entries = list(_entries(tail[start : start + where.size], where.entries))
    for entry in entries:
        _check_entry(entry)
    _check_layout(entries, where.offset)
    _check_sizes(entries)
    counted = 0
    for entry in entries:
        if counted > MOST_COUNTED:
            break  # whoever hides tight entries beside a large one is not to cost minutes
        counted += _check_content(entry, tail, size - len(tail))
    return entries


def ends_as_zip(tail: bytes) -> bool:
    """Whether a program that looks for archives would find one at the end of another file.

    `tail` has `END_BYTES` at least, or is the whole file. Bytes behind the end record do not
    matter here, for such programs skip them.
    """
    window = tail[-END_BYTES:]
    at = window.rfind(_END_SIGN)
    while at >= 0:
        if at + _END.size <= len(window):
            _, disk, first, here, total, length, _, _ = _END.unpack_from(window, at)
            begins = len(tail) - len(window) + at - length
            seen = begins < 0 or tail.startswith(_CENTRAL_SIGN, begins)
            if (
                disk == first == 0
                and here == total > 0
                and length >= total * _CENTRAL.size
                and seen
            ):
                return True
        at = window.rfind(_END_SIGN, 0, at)
    return False


def _directory(tail: bytes, size: int) -> _Directory:
    """Where the list of contents lies. Only one end record may fit, else readers could differ."""
    base = size - len(tail)
    window = tail[-END_BYTES:]
    shift = len(tail) - len(window)
    ends, at = [], window.find(_END_SIGN)
    anything = at >= 0
    while at >= 0:
        if at + _END.size <= len(window):
            comment = _END.unpack_from(window, at)[7]
            if at + _END.size + comment == len(window):
                ends.append(shift + at)
        at = window.find(_END_SIGN, at + 1)
    if not ends:
        raise Flawed(Problem.BEHIND_END if anything else Problem.NO_END)
    if len(ends) > 1:
        raise Flawed(Problem.INCONSISTENT)
    at = ends[0]
    _, disk, first, here, total, length, offset, _ = _END.unpack_from(tail, at)
    pointer = at - _POINTER64.size
    if pointer >= 0 and tail.startswith(b"PK\6\7", pointer):
        return _directory64(tail, base, pointer)
    if disk or first or here != total:
        raise Flawed(Problem.INCONSISTENT)
    return _Directory(offset, length, total, base + at)


def _directory64(tail: bytes, base: int, pointer: int) -> _Directory:
    """The same for archives with more or larger files than the first format can count."""
    _, disk, where, disks = _POINTER64.unpack_from(tail, pointer)
    at = where - base
    if disk or disks != 1 or at != pointer - _END64.size or at < 0:
        raise Flawed(Problem.INCONSISTENT)
    sign, rest, _, _, disk, first, here, total, length, offset = _END64.unpack_from(tail, at)
    if sign != b"PK\6\6" or rest != _END64.size - 12 or disk or first or here != total:
        raise Flawed(Problem.INCONSISTENT)
    return _Directory(offset, length, total, base + at)


def _entries(directory: bytes, number: int) -> Iterator[Entry]:
    at = 0
    seen = set()
    for _ in range(number):
        if at + _CENTRAL.size > len(directory):
            raise Flawed(Problem.INCONSISTENT)
        (sign, _, _, flags, method, _, _, crc32, packed, unpacked, name, extra, comment, disk, _, _,
         offset) = _CENTRAL.unpack_from(directory, at)  # fmt: skip
        names = at + _CENTRAL.size
        after = names + name + extra + comment
        if sign != _CENTRAL_SIGN or disk or after > len(directory):
            raise Flawed(Problem.INCONSISTENT)
        raw = directory[names : names + name]
        if raw in seen:
            raise Flawed(Problem.INCONSISTENT)  # which of them counts, readers decide differently
        seen.add(raw)
        fields = directory[names + name : names + name + extra]
        sizes = _wide([unpacked, packed, offset], fields)
        text = raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        yield Entry(text, raw, flags, method, crc32, sizes[1], sizes[0], sizes[2])
        at = after
    if at != len(directory):
        raise Flawed(Problem.INCONSISTENT)


def _wide(values: list[int], extra: bytes) -> list[int]:
    """Numbers too large for their field stand in the extra field 1, eight bytes each, in order."""
    if _FULL not in values:
        return values
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            found = list(
                struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4)
            )
            if len(found) < values.count(_FULL):
                break
            return [found.pop(0) if value == _FULL else value for value in values]
        at += 4 + length
    raise Flawed(Problem.INCONSISTENT)


def _check_entry(entry: Entry) -> None:
    shown = display_name(entry.name)
    if entry.flags & _ENCRYPTED or entry.method == _AES:
        raise Flawed(Problem.ENCRYPTED, shown)
    if entry.method not in {_STORED, _DEFLATED}:
        raise Flawed(Problem.PACKING, shown)
    if not _plain(entry.name):
        raise Flawed(Problem.NAMES, shown)
    if extension(shown) in ARCHIVES:
        raise Flawed(Problem.NESTED, shown)
    # A stored entry is as long as it is; deflate adds five bytes to each 64 KiB at most, and some
    # writers close blocks early.
    slack = 0 if entry.method == _STORED else entry.unpacked // 64 + 1024
    if entry.packed > entry.unpacked + slack:
        raise Flawed(Problem.INCONSISTENT)
    if entry.method == _STORED and entry.packed != entry.unpacked:
        raise Flawed(Problem.INCONSISTENT)


def _plain(name: str) -> bool:
    """Whether it is a path below where it is unpacked, in characters that everybody sees."""
    if not name or name.startswith("/") or "\\" in name or name[1:2] == ":":
        return False
    parts = name.removesuffix("/").split("/")
    return ".." not in parts and not any(_hides(char) for char in name)


def _hides(char: str) -> bool:
    return char in _REORDERS or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def _check_layout(entries: Sequence[Entry], end: int) -> None:
    """Each entry lies behind the one before, and the last before the list."""
    at = 0
    for entry in sorted(entries, key=lambda one: one.offset):
        if not at <= entry.offset <= at + (_GAP if at else 0):
            raise Flawed(Problem.INCONSISTENT)
        at = entry.offset + _LOCAL.size + len(entry.raw) + entry.packed
    if not at <= end <= at + _GAP:
        raise Flawed(Problem.INCONSISTENT)


def _check_sizes(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.unpacked > HARMLESS and entry.unpacked > RATIO * entry.packed:
            raise Flawed(Problem.TOO_LARGE, display_name(entry.name))
    packed = sum(entry.packed for entry in entries)
    unpacked = sum(entry.unpacked for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > HARMLESS and unpacked > RATIO * packed):
        raise Flawed(Problem.TOO_LARGE)


def _check_content(entry: Entry, tail: bytes, base: int) -> int:
    """Holds an entry against itself, where all of it is in sight; how many bytes that made."""
    at = entry.offset - base
    if at < 0:
        return 0
    if at + _LOCAL.size > len(tail):
        raise Flawed(Problem.INCONSISTENT)
    sign, _, flags, method, _, _, _, _, _, name, extra = _LOCAL.unpack_from(tail, at)
    start = at + _LOCAL.size + name + extra
    raw = tail[at + _LOCAL.size : at + _LOCAL.size + name]
    same = (sign, flags & _ENCRYPTED, method, raw) == (_LOCAL_SIGN, 0, entry.method, entry.raw)
    if not same or start + entry.packed > len(tail):
        raise Flawed(Problem.INCONSISTENT)
    length, begins = _measured(memoryview(tail)[start : start + entry.packed], entry)
    if length != entry.unpacked:
        raise Flawed(Problem.INCONSISTENT)
    shown = display_name(entry.name)
    if _is_archive(begins) and extension(shown) not in DOCUMENTS:
        raise Flawed(Problem.NESTED, shown)
    return length


def _measured(packed: memoryview, entry: Entry) -> tuple[int, bytes]:
    """How long it is unpacked, one byte beyond what it says at most, and its first bytes."""
    if entry.method == _STORED:
        return len(packed), bytes(packed[:8])
    inflater, length, begins = zlib.decompressobj(-zlib.MAX_WBITS), 0, b""
    try:
        for start in range(0, len(packed), PIECE_BYTES):
            rest = bytes(packed[start : start + PIECE_BYTES])
            piece = b"x"
            while (rest or piece) and length <= entry.unpacked and not inflater.eof:
                piece = inflater.decompress(rest, min(1 << 20, entry.unpacked + 1 - length))
                rest = inflater.unconsumed_tail
                begins += piece[: 8 - len(begins)]
                length += len(piece)
            if inflater.eof and start + PIECE_BYTES < len(packed):
                raise Flawed(Problem.INCONSISTENT)
    except zlib.error:
        raise Flawed(Problem.INCONSISTENT) from None
    if inflater.unused_data or not inflater.eof:
        raise Flawed(Problem.INCONSISTENT)
    return length, begins


def _is_archive(begins: bytes) -> bool:
    return begins.startswith((b"PK\3\4", b"PK\5\6", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"))
