"""How large a picture says that it is."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.pictures import size

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 400)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0"
    b"\xff\xe1\x00\x08profil"
    b"\xff\xff\xc2\x00\x11\x08" + struct.pack(">HH", 400, 640)
)
VP8 = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\x10\x02\0\x9d\x01\x2a" + struct.pack("<HH", 640, 400)
VP8L = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 639 | 399 << 14)
VP8X = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\x8f\x01\0"


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("image/png", PNG),
        ("image/jpeg", JPEG),
        ("image/webp", VP8),
        ("image/webp", VP8L),
        ("image/webp", VP8X),
    ],
    ids=["png", "jpeg", "webp", "lossless", "extended"],
)
def test_a_picture_says_its_size_at_its_beginning(kind: str, head: bytes) -> None:
    assert size(kind, head + bytes(100)) == (640, 400)
    assert size(kind, head[:-3]) is None


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/webp", "text/plain"])
def test_what_is_no_picture_has_no_size(kind: str) -> None:
    assert size(kind, b"%PDF-1.7 and more" * 10) is None
    assert size(kind, b"") is None


def test_a_picture_without_pixels_has_no_size() -> None:
    assert size("image/png", PNG[:16] + bytes(8) + PNG[24:]) is None


@given(kind=st.sampled_from(["image/png", "image/jpeg", "image/webp"]), tail=st.binary())
def test_no_bytes_can_make_it_fail(kind: str, tail: bytes) -> None:
    for head in (PNG[:10], JPEG[:22], VP8X[:16], VP8L[:16]):
        found = size(kind, head + tail)
        assert found is None or min(found) > 0
