"""The short way past the form's parser changes nothing of what arrives."""

import os
import re
from dataclasses import dataclass
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.formparser import MultiPartParser

from riskapp.web.metered import MeteredBody
from riskapp.web.sinks import MemorySink
from tests.web.uploads.posting import BOUNDARY, body, part

MARK = b"--" + BOUNDARY.encode()
END = re.compile(rb"[\r\n]" + MARK + rb"(--|[^\S\r\n]*[\r\n])")
BITS = st.one_of(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"--", MARK, MARK[:5], MARK[5:], b"-", b" "]),
    st.binary(max_size=60),
    st.integers(0, 3).map(lambda some: b"x" * (40_000 * some)),
)
CONTENT = (
    st.lists(BITS, max_size=12)
    .map(b"".join)
    .filter(lambda data: not END.search(b"\n" + data + b"\r\n"))
)


@dataclass
class Sent:
    """A body as it comes from a socket: in pieces of these sizes, over and over."""

    data: bytes
    sizes: list[int]
    at: int = 0
    reads: int = 0

    def read(self, size: int) -> bytes:
        some = self.sizes[self.reads % len(self.sizes)]
        piece = self.data[self.at : self.at + min(size, some)]
        self.at += len(piece)
        self.reads += 1
        return piece


@dataclass
class Parsed:
    """What came of a form, and how many of its bytes the parser saw."""

    file: bytes
    fields: dict[str, str]
    seen: int = 0


class Counted(MeteredBody):
    seen = 0

    def read(self, size: int) -> bytes:
        piece = super().read(size)
        self.seen += len(piece)
        assert len(piece) <= size
        return piece


def parsed(data: bytes, sizes: list[int]) -> Parsed:
    sink = MemorySink(len(data))
    metered = Counted(Sent(data, sizes), len(data), sink, BOUNDARY.encode())  # type: ignore[arg-type]  # a body is read, no more

    def open_sink(filename: str, content_type: str | None, **_: Any) -> IO[bytes]:
        return sink.open(filename, content_type)

    parser = MultiPartParser(open_sink)  # type: ignore[arg-type]  # called by keywords
    fields, _ = parser.parse(metered, BOUNDARY.encode(), len(data))  # type: ignore[arg-type]  # as above
    return Parsed(sink.finish().data, fields.to_dict(), metered.seen)


@given(
    content=CONTENT,
    sizes=st.lists(st.sampled_from([1, 7, 50, 4096, 30_000, 65_536]), min_size=1, max_size=4),
    before=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_file_and_the_fields_around_it_arrive_as_they_were_sent(
    content: bytes, sizes: list[int], before: bool
) -> None:
    file, long = part("file", content, "a.bin"), "y" * 3000
    parts = [part("note", long.encode()), file] if before else [file, part("note", long.encode())]
    found = parsed(body(*parts), sizes if len(content) < 4000 else [max(4096, *sizes)])
    assert found.file == content
    assert found.fields == {"note": long}


@pytest.mark.parametrize("block", [os.urandom(1 << 20), b"x" * (1 << 20)])
def test_the_parser_sees_little_of_a_large_file(block: bytes) -> None:
    content = block * 8
    found = parsed(body(part("file", content, "a.bin"), part("note", b"hello")), [65_536])
    assert found.file == content
    assert found.fields == {"note": "hello"}
    assert found.seen < 2 << 20
