"""Pages of PDF files, made by a process that may hang, crash or lie."""

import struct
import sys
import threading
import zlib
from collections.abc import Callable

import pytest

from riskapp.core.pdf.pages import Page, PageRefused, PagesBusy, PdfPages
from riskapp.core.pdf.protocol import FRAME, IMAGE_PIXELS, Fault, pixels
from tests import pdfs

TWELVE = pdfs.of_pages([f"This is page {number}" for number in range(1, 13)])


class Source:
    """A file that notes what is read of it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[tuple[int, int]] = []

    def __call__(self, offset: int, length: int) -> bytes:
        self.asked.append((offset, length))
        return self.content[offset : offset + length]


def made(content: bytes, number: int = 0, width: int = 0, pages: PdfPages | None = None) -> Page:
    return (pages or PdfPages()).page(number, len(content), Source(content), width=width)


def fault(content: bytes, number: int = 0, width: int = 0) -> Fault:
    with pytest.raises(PageRefused) as refused:
        made(content, number, width)
    return refused.value.fault


def rows(image: bytes) -> tuple[int, int, bytes]:
    """Width, height and pixels of a PNG as ours are written."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack_from(">II", image, 16)
    (length,) = struct.unpack_from(">I", image, 33)
    body = zlib.decompress(image[41 : 41 + length])
    assert len(body) == height * (1 + 3 * width)
    return width, height, body


def test_a_page_has_its_text_and_its_picture() -> None:
    page = made(TWELVE, 6, width=600)
    assert (page.pages, page.width, page.height) == (12, 595, 842)
    assert page.text == "This is page 7"
    width, height, body = rows(page.image)
    assert (width, height) == (600, 849)
    assert b"\0\0\0" in body  # ink
    assert body.count(b"\xff") > len(body) / 2  # paper


def test_without_a_width_no_picture_is_made() -> None:
    assert made(TWELVE).image == b""


def test_colours_are_what_the_file_says() -> None:
    red = b"<< /Length 26 >>\nstream\n1 0 0 rg 0 0 600 900 re f \nendstream"
    _, _, body = rows(made(pdfs.one_page(content=red), width=10).image)
    assert body[1:4] == b"\xff\0\0"


def test_of_a_large_file_only_what_a_page_needs_is_read() -> None:
    content = pdfs.of_pages(["A page of a large file"], padding=5_000_000)
    source = Source(content)
    assert PdfPages().page(0, len(content), source).text == "A page of a large file"
    assert sum(length for _, length in source.asked) < 500_000
    assert all(length <= 65_536 for _, length in source.asked)


@pytest.mark.parametrize("number", [12, 13, 1_000_000])
def test_a_page_that_is_not_there_is_refused(number: int) -> None:
    assert fault(TWELVE, number=number) is Fault.NO_PAGE


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        TWELVE[:-600],
        TWELVE[: len(TWELVE) // 2],
        bytes(100_000),
        pdfs.written([b"1 0 R", b"2 0 R"]),
        pdfs.one_page(pages=b"/Kids [2 0 R 2 0 R] /Count 10"),
    ],
    ids=["head", "cut", "half", "zeros", "itself", "loop"],
)
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    assert fault(content) in {Fault.MALFORMED, Fault.NO_PAGE}


def test_a_file_with_a_password_is_refused_as_such() -> None:
    assert fault(pdfs.ENCRYPTED) is Fault.ENCRYPTED


def test_a_million_pages_are_only_said_to_be_there() -> None:
    claims = pdfs.one_page(pages=b"/Kids [3 0 R] /Count 1000000")
    assert made(claims).pages == 1_000_000
    assert fault(claims, number=999_999) is Fault.MALFORMED


@pytest.mark.parametrize(
    "box",
    [b"[0 0 1e9 1e9]", b"[0 0 10 100000]", b"[0 0 100000 1]", b"[0 0 0 0]", b"[0 0 1e39 -1e39]"],
)
def test_a_page_of_any_size_comes_to_a_bounded_picture(box: bytes) -> None:
    width, height, _ = rows(made(pdfs.one_page(box=box), width=1600).image)
    assert width * height <= IMAGE_PIXELS


@pytest.mark.parametrize("across", [1e-9, 0.0, -3.0, 595.0, 1e9, float("inf"), float("nan")])
@pytest.mark.parametrize("down", [1e-9, 0.0, 842.0, 1e9, float("inf"), float("nan")])
def test_every_size_is_one_that_can_be_drawn(across: float, down: float) -> None:
    width, height = pixels(across, down, 1600)
    assert 1 <= width <= 1600
    assert height >= 1
    assert width * height <= 1.01 * IMAGE_PIXELS


GREEDY = pytest.mark.parametrize("make", [pdfs.bomb, pdfs.calls_itself], ids=["bomb", "recursion"])


@GREEDY
def test_what_takes_too_long_ends_its_process_and_nothing_else(make: Callable[[], bytes]) -> None:
    hasty = PdfPages(seconds=0.5)
    with pytest.raises(PageRefused):
        made(make(), width=600, pages=hasty)
    assert made(TWELVE).pages == 12


@pytest.mark.soak
@GREEDY
def test_what_needs_too_much_meets_its_limits(make: Callable[[], bytes]) -> None:
    assert fault(make(), width=600) in {Fault.CRASHED, Fault.TOO_SLOW}


def test_actions_are_left_alone() -> None:
    """PDFium is built without JavaScript, and its process could not do any of it."""
    assert made(pdfs.acts("http://127.0.0.1:9/"), width=600).pages == 1


LIES = {
    "hangs": "import time; time.sleep(60)",
    "hangs in silence": "import os, time; os.close(1); time.sleep(60)",
    "computes for ever": "while True: pass",
    "crashes": "import os; os.abort()",
    "leaves": "",
    "floods": "import os\nwhile True: os.write(1, b'?' * 65536)",
    "asks beyond the end": f"import os; os.write(1, {FRAME.pack(b'?', 1 << 60, 100)!r})",
    "asks for all at once": f"import os; os.write(1, {FRAME.pack(b'?', 0, 4_000_000_000)!r})",
    "says too much": f"import os; os.write(1, {FRAME.pack(b'=', 0, 4_000_000_000)!r})",
    "says too little": f"import os; os.write(1, {FRAME.pack(b'=', 0, 3)!r} + b'abc')",
    "knows another fault": f"import os; os.write(1, {FRAME.pack(b'!', 77, 0)!r})",
    "asks without end": "import os\nwhile True:\n"
    f"  os.write(1, {FRAME.pack(b'?', 0, 5000)!r}); os.read(0, 5000)",
}


@pytest.mark.parametrize("name", LIES)
def test_no_worker_can_hold_up_or_mislead_the_server(name: str) -> None:
    lying = PdfPages(command=[sys.executable, "-I", "-S", "-c", LIES[name]], seconds=0.7, at_once=1)
    for _ in range(2):  # the one turn was given back
        with pytest.raises(PageRefused) as refused:
            made(TWELVE, pages=lying)
        assert refused.value.fault in {Fault.CRASHED, Fault.TOO_SLOW, Fault.TOO_LARGE}


def test_a_file_that_breaks_while_it_is_read_is_told_as_it_is() -> None:
    def breaks(offset: int, length: int) -> bytes:
        raise OSError(offset, length)

    one = PdfPages(at_once=1)
    for _ in range(2):
        with pytest.raises(OSError, match="65536"):
            one.page(0, 1 << 40, breaks)


def test_more_than_a_few_at_once_wait_their_turn_and_are_then_refused() -> None:
    begun, go_on = threading.Event(), threading.Event()
    source = Source(TWELVE)

    def slow(offset: int, length: int) -> bytes:
        begun.set()
        go_on.wait()
        return source(offset, length)

    one = PdfPages(at_once=1, patience=0.05)
    found: list[Page] = []
    first = threading.Thread(target=lambda: found.append(one.page(0, len(TWELVE), slow)))
    first.start()
    begun.wait()
    with pytest.raises(PagesBusy):
        made(TWELVE, pages=one)
    go_on.set()
    first.join()
    assert [page.pages for page in found] == [12]
    assert made(TWELVE, pages=one).pages == 12
