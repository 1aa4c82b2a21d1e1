"""Pixels as a PNG file, by the standard library alone."""

import struct
import zlib

_LEVEL = 4
"""Pages of text come to the same size with more, and take longer"""


def encoded(pixels: memoryview, width: int, height: int, stride: int) -> bytes:
    """Rows of RGB pixels, each `stride` bytes from the last, as a PNG."""
    packer = zlib.compressobj(_LEVEL)
    rows = []
    for row in range(height):
        start = row * stride
        rows.append(packer.compress(b"\0"))  # this row is written as it is
        rows.append(packer.compress(pixels[start : start + 3 * width]))
    rows.append(packer.flush())
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"".join(rows)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND")


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    checked = name + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
