"""How large a picture is, told by its first bytes: so that none is shown that fills a memory. Pure.

A picture of a few kilobytes can say that it is 60,000 pixels wide and high. Browsers believe it.
"""

import struct

HEAD_BYTES = 1024 * 1024
"""Enough of a picture: cameras put a preview and profiles before a JPEG's size"""
MOST_PIXELS = 50_000_000

_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG's markers without a length"""


def size(media_type: str, head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None where they cannot be told, as in what is no picture."""
    try:
        match media_type:
            case "image/png":
                found = _png(head)
            case "image/jpeg":
                found = _jpeg(head)
            case "image/webp":
                found = _webp(head)
            case _:
                return None
    except (struct.error, IndexError):
        return None
    return found if found and min(found) > 0 else None


def _png(head: bytes) -> tuple[int, int] | None:
    if head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", head, 16)
    return width, height


def _jpeg(head: bytes) -> tuple[int, int] | None:
    place = 2
    while head[place] == 0xFF:  # noqa: PLR2004 - every marker begins so
        kind = head[place + 1]
        if kind == 0xFF:  # noqa: PLR2004 - filler
            place += 1
        elif kind in _BARE:
            place += 2
        elif kind in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", head, place + 5)
            return width, height
        else:
            place += 2 + int(struct.unpack_from(">H", head, place + 2)[0])
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    match head[12:16]:
        case b"VP8X":
            across, down = head[24:27], head[27:30]
            if len(down) < 3:  # noqa: PLR2004 - bytes of a number
                return None
            return 1 + int.from_bytes(across, "little"), 1 + int.from_bytes(down, "little")
        case b"VP8L":
            bits = struct.unpack_from("<I", head, 21)[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", head, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None
