"""ZIPs as the standard library makes them, and with bytes of them changed."""

import functools
import io
import struct
import zipfile
from collections.abc import Mapping

ODF = "application/vnd.oasis.opendocument."
TYPES = "[Content_Types].xml"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    """Of a day that stands still: two workers that name tests by such bytes name them alike."""
    found = zipfile.ZipInfo(name, (2026, 11, 26, 12, 0, 0))
    found.compress_type = how
    return found


def packed(
    members: Mapping[str, bytes | str], how: int = zipfile.ZIP_STORED, *, comment: bytes = b""
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as zipped:
        for name, content in members.items():
            zipped.writestr(_entry(name, how), content)
        zipped.comment = comment
    return out.getvalue()


def deflated(**members: bytes | str) -> bytes:
    return packed(
        {f"{name}.txt": content for name, content in members.items()}, zipfile.ZIP_DEFLATED
    )


def office(kind: str, **more: bytes | str) -> bytes:
    """The smallest thing that has the parts of an Office document."""
    return packed({TYPES: "<Types/>", MAIN[kind]: "<x/>", **more}, zipfile.ZIP_DEFLATED)


def open_document(kind: str, members: Mapping[str, bytes | str] | None = None) -> bytes:
    return packed({"mimetype": ODF + kind, "content.xml": "<x/>", **(members or {})})


def central(data: bytes, index: int = 0) -> int:
    """Where the entry of that number stands in the list of contents."""
    at = end_of(data, "offset")
    for _ in range(index):
        at += 46 + sum(struct.unpack_from("<3H", data, at + 28))
    return at


def end_of(data: bytes, field: str) -> int:
    at = data.rindex(b"PK\5\6")
    where = {"number": ("<H", 10), "length": ("<L", 12), "offset": ("<L", 16)}[field]
    return int(struct.unpack_from(where[0], data, at + where[1])[0])


def with_field(data: bytes, at: int, shape: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(shape, changed, at, value)
    return bytes(changed)


def says(data: bytes, unpacked: int, index: int = 0) -> bytes:
    """The same, but the list says that the entry is of that length unpacked."""
    return with_field(data, central(data, index) + 24, "<L", unpacked)


@functools.cache
def bomb(size: int = 1 << 30) -> bytes:
    """A file of zeros, packed: a thousand times shorter."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped,
        zipped.open(_entry("zeros.txt", zipfile.ZIP_DEFLATED), "w", force_zip64=True) as member,
    ):
        zeros = bytes(1 << 22)
        for _ in range(size >> 22):
            member.write(zeros)
    return out.getvalue()
