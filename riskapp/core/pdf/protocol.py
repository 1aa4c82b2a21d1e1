"""What parent and worker say to each other over two pipes; all numbers are big-endian.

The parent sends one job. The worker asks for pieces of the file, each answered with exactly so many
bytes, and ends with one answer: a page, or why there is none.
"""

from enum import IntEnum
from math import inf
from struct import Struct

JOB = Struct(">QIH")
"""The file's size, the page wanted (from 0), and the width of its image in pixels; 0: no image."""

FRAME = Struct(">cQI")
"""A kind, an offset, a length: of what is asked for, or of what follows."""

ASK, PAGE, FAULT = b"?", b"=", b"!"

HEAD = Struct(">IIIII")
"""A page's answer: pages in the file, width and height of the page in points, bytes of its text.

The last number is 1 where the text goes on beyond what is given. Text (UTF-8), then PNG follow.
"""

PIECE_BYTES = 64 * 1024
"""What the worker asks for at a time, at multiples of it"""

TEXT_CHARACTERS = 64 * 1024
IMAGE_PIXELS = 6_000_000
IMAGE_SIDE = 8_000
ANSWER_BYTES = 32 * 1024 * 1024
"""More than the largest page comes to: three bytes a pixel, and text"""


class Fault(IntEnum):
    """Why a page cannot be shown."""

    MALFORMED = 1
    ENCRYPTED = 2
    NO_PAGE = 3
    TOO_LARGE = 4
    TOO_SLOW = 5
    CRASHED = 6


def pixels(across: float, down: float, width: int) -> tuple[int, int]:
    """The size of a page's image: `width` wide, and narrower where the page is very long.

    A page without a size that can be drawn counts as a square.
    """
    drawn = 0 < across < inf and 0 < down < inf
    down_for_one = min(max(down / across, 1 / IMAGE_SIDE), IMAGE_SIDE) if drawn else 1.0
    most = min(IMAGE_SIDE / down_for_one, (IMAGE_PIXELS / down_for_one) ** 0.5)
    wide = max(1, min(width, int(most)))
    return wide, max(1, min(IMAGE_SIDE, round(wide * down_for_one)))
