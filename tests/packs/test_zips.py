import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from stat import S_IFREG
from zlib import crc32

import pytest
from stream_zip import NO_COMPRESSION_32, NO_COMPRESSION_64, stream_zip

from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.archive import Archive
from riskapp.packs.bag import Bag, Member
from riskapp.packs.verify import examine_file
from riskapp.packs.zips import zip_problem

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
FILES = {"bagit.txt": b"one", "data/表.txt": b"two\n" * 9, "data/empty": b""}


def member(name: str, data: bytes) -> Member:
    return Member(name, data, len(data), sha256(data).hexdigest(), crc32(data))


def nothing(_: EvidenceRow, __: int) -> Iterator[bytes]:
    raise AssertionError("no evidence here")


def bag_of(*members: Member) -> Bag:
    return Bag("pack", members, None)


def packed(bag: Bag, *, wide: bool | None = None) -> bytes:
    return b"".join(Archive(bag, AT, wide=wide).chunks(nothing))


BAG = bag_of(*(member(name, data) for name, data in FILES.items()))
GOOD = packed(BAG)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("wide", [False, True])
def test_what_packs_are_written_as_is_canonical_and_any_unzipper_reads_it(
    tmp_path: Path, wide: bool
) -> None:
    data = packed(BAG, wide=wide)
    assert zip_problem(written(tmp_path / "pack.zip", data)) is None
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert {name: found.read(f"pack/{name}") for name in FILES} == FILES
    assert len(data) == Archive(BAG, AT, wide=wide).size


@pytest.mark.parametrize("wide", [False, True])
def test_another_writer_of_streams_writes_the_same_bytes(wide: bool) -> None:
    method = NO_COMPRESSION_64 if wide else NO_COMPRESSION_32
    files = (
        (f"pack/{name}", AT, S_IFREG | 0o644, method(len(data), crc32(data)), (data,))
        for name, data in FILES.items()
    )
    assert packed(BAG, wide=wide) == b"".join(stream_zip(files, extended_timestamps=False))


@pytest.mark.parametrize("wide", [False, True])
def test_from_any_byte_on_the_rest_is_what_the_whole_has_there(wide: bool) -> None:
    whole, archive = packed(BAG, wide=wide), Archive(BAG, AT, wide=wide)
    for offset in range(len(whole) + 2):
        assert b"".join(archive.chunks(nothing, offset)) == whole[offset:]


def test_what_lies_before_the_place_is_not_read_and_in_a_file_it_is_read_from_there() -> None:
    first, second = b"a" * 300_000, b"b" * 300_000
    rows = {name: row(name, data) for name, data in (("1", first), ("2", second))}
    asked: list[tuple[str, int]] = []

    def plaintext(file: EvidenceRow, start: int) -> Iterator[bytes]:
        asked.append((file.evidence_id, start))
        yield {"1": first, "2": second}[file.evidence_id][start:]

    members = tuple(
        replace(member(f"data/{name}", data), source=rows[name])
        for name, data in (("1", first), ("2", second))
    )
    archive = Archive(bag_of(*members), AT)
    whole = b"".join(archive.chunks(plaintext))
    asked.clear()
    at = whole.index(b"b" * 100) + 1000
    assert b"".join(archive.chunks(plaintext, at)) == whole[at:]
    assert asked == [("2", 1000)]
    assert archive.evidence_from(at) == [rows["2"]]


def row(name: str, data: bytes) -> EvidenceRow:
    given = dict.fromkeys(EvidenceRow.__dataclass_fields__)
    said = {"evidence_id": name, "version": 1, "size": len(data), "sha256": ""}
    return EvidenceRow(**{**given, **said})  # type: ignore[arg-type]  # the rest is not looked at


def test_a_pack_beyond_four_gigabytes_is_written_in_the_64_bit_form() -> None:
    assert len(packed(BAG)) == Archive(BAG, AT, wide=False).size
    bag = bag_of(replace(BAG.members[0], size=0xFFFFFFFF))
    assert Archive(bag, AT).size == Archive(bag, AT, wide=True).size > 0xFFFFFFFF


def other_tool(**how: int) -> bytes:
    """The same files as Python's own writer stores them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", **how) as out:  # type: ignore[call-overload] # a method's number
        for name, data in FILES.items():
            out.writestr(f"pack/{name}", data)
    return made.getvalue()


class Pipe(io.BytesIO):
    """Somewhere to write to without going back, so that sizes follow the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError("a pipe cannot seek")

    def tell(self) -> int:
        raise OSError("a pipe does not know where it is")


def with_descriptors() -> bytes:
    made = Pipe()
    with zipfile.ZipFile(made, "w") as out:
        for name, data in FILES.items():
            out.writestr(f"pack/{name}", data)
    return made.getvalue()


def named(*names: str) -> bytes:
    return packed(bag_of(*(member(name, b"x") for name in names)))


def at(data: bytes, offset: int, form: str, value: int) -> bytes:
    packed = struct.pack("<" + form, value)
    return data[:offset] + packed + data[offset + len(packed) :]


def stray_between(data: bytes) -> bytes:
    """Bytes between two files, with every pointer behind them made right."""
    second, central = data.index(b"PK\x03\x04", 4), data.index(b"PK\x01\x02")
    moved = data[:second] + b"????" + data[second:]
    entry = central + 4
    for _ in FILES:
        (offset,) = struct.unpack_from("<L", moved, entry + 42)
        if offset >= second:
            moved = at(moved, entry + 42, "L", offset + 4)
        entry = moved.index(b"PK\x01\x02", entry + 4) if b"PK\x01\x02" in moved[entry + 4 :] else 0
    return at(moved, moved.index(b"PK\x05\x06") + 16, "L", central + 4)


CENTRAL, END = GOOD.index(b"PK\x01\x02"), GOOD.index(b"PK\x05\x06")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "bytes that belong to no file stand at byte 0"),
        (b"#!/bin/sh\n" + GOOD, "bytes that belong to no file stand at byte 0"),
        (GOOD + b"\n", "does not end as it must"),
        (GOOD[:-1], "does not end as it must"),
        (GOOD[:40], "cut short"),
        (GOOD + GOOD, "does not end as it must"),
        (stray_between(GOOD), "bytes that belong to no file stand at byte"),
        (at(GOOD, END + 20, "H", 2) + b"hi", "a comment, or bytes after its end"),
        (at(GOOD, 6, "H", 0x0801), "pack/bagit.txt: is encrypted"),
        (with_descriptors(), "leaves its size to a data descriptor"),
        (other_tool(compression=zipfile.ZIP_DEFLATED), "pack/bagit.txt: is compressed"),
        (other_tool(), "version, flags or sizes"),
        (at(GOOD, 14, "L", 7), "the directory gives another CRC-32"),
        (at(GOOD, CENTRAL + 16, "L", 7), "the directory gives another CRC-32"),
        (at(GOOD, CENTRAL + 12, "H", 7), "the directory gives another time"),
        (at(GOOD, CENTRAL + 38, "L", 0o120777 << 16), "the directory gives another mode"),
        (at(GOOD, CENTRAL + 42, "L", 9), "the directory gives another place"),
        (at(GOOD, CENTRAL + 32, "H", 4), "the directory gives another comment's length"),
        (GOOD.replace(b"pack/bagit.txt", b"pack/other.txt", 1), "another name or extra field"),
        (at(GOOD, GOOD.index(b"PK\x03\x04", 4) + 10, "H", 7), "has another time or form"),
        (named("a", "a"), "stands twice"),
        (named("Report.pdf", "report.PDF"), "stands twice"),
        (named("../a"), "unsafe"),
        (named("a\\b"), "unsafe"),
        (named("CON.txt"), "unsafe"),
        (named("a\u202eb"), "unsafe"),
        (named("a/"), "unsafe"),
        (GOOD.replace(b"pack/bagit.txt", b"p4ck/bagit.txt"), "must hold one folder"),
    ],
)
def test_a_zip_that_is_written_in_any_other_way_is_refused(
    tmp_path: Path, data: bytes, problem: str
) -> None:
    (found,) = examine_file(written(tmp_path / "pack.zip", data)).problems
    assert problem in found
    assert found.isprintable()


def test_an_extra_field_is_refused_before_a_file_and_in_the_directory(tmp_path: Path) -> None:
    extra = struct.pack("<HH", 0xCAFE, 0)
    name = b"pack/bagit.txt"
    first = at(GOOD, 28, "H", len(extra)).replace(name, name + extra, 1)
    assert "extra field" in (zip_problem(written(tmp_path / "a.zip", first)) or "")
    later = at(GOOD, CENTRAL + 30, "H", len(extra))
    assert "extra field" in (zip_problem(written(tmp_path / "b.zip", later)) or "")


def test_every_byte_beside_the_files_own_has_to_be_what_it_is(tmp_path: Path) -> None:
    inside = [
        range(found.end(), found.end() + len(data))
        for name, data in FILES.items()
        if (found := re.search(re.escape(f"pack/{name}".encode()), GOOD))
    ]
    path = tmp_path / "pack.zip"
    for offset in range(len(GOOD)):
        if any(offset in span for span in inside):
            continue
        path.write_bytes(GOOD[:offset] + bytes([GOOD[offset] ^ 1]) + GOOD[offset + 1 :])
        assert examine_file(path).problems, offset


def test_a_file_that_cannot_be_read_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (found,) = examine_file(tmp_path / "nowhere.zip").problems
    assert "cannot be read" in found
