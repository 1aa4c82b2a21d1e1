"""What a page shows of a file: a picture, one page of a PDF, or the beginning of a text."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from riskapp.core import pictures
from riskapp.core.errors import NotFound
from riskapp.core.pdf.pages import PageRefused, PdfPages
from riskapp.core.pdf.protocol import Fault, pixels
from riskapp.evidence.errors import Damaged
from riskapp.evidence.scans import Scan
from riskapp.web.sending import Openable

PDF = "application/pdf"
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
TEXTS = frozenset({"text/csv", "text/plain", "text/markdown", "application/json"})
TEXT_BYTES = 256 * 1024

WIDTHS = {"fit": 1000, "large": 1600}
"""Widths in pixels in which a page of a PDF can be had"""

FAULTS = {
    Fault.MALFORMED: "It is damaged, or no PDF at all: nothing in it can be read.",
    Fault.ENCRYPTED: "It is protected with a password. Ask the vendor for a copy without one.",
    Fault.NO_PAGE: "It has no pages.",
    Fault.TOO_LARGE: "It asks for more memory than a page may have.",
    Fault.TOO_SLOW: "It takes longer than a page may take.",
    Fault.CRASHED: "Reading it failed: it is damaged, needs too much memory, or was made to fail.",
}
_HIDDEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
"""Controls, and what turns the direction of words so that they read as others"""
_HYPHENS = {0x02: "-", 0xFFFE: "-"}
"""How PDFium marks a word that is divided at the end of a line"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a file; `why_not` says why it shows nothing."""

    kind: str = ""
    """`picture`, `page` or `text`; empty: nothing"""
    why_not: str = ""
    width: int = 0
    height: int = 0
    page: int = 1
    pages: int = 1
    text: str = ""
    cut: bool = False
    """Whether `text` is only its beginning"""


class Lying(Protocol):
    """A file as its row has it."""

    @property
    def media_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def scan(self) -> Scan: ...
    @property
    def damage(self) -> str | None: ...
    @property
    def erased_at(self) -> object: ...


def closed(file: Lying) -> str:
    """Why nobody may look at a file; empty where one may."""
    if file.erased_at is not None:
        return "This file was erased. Nothing is left of it but the facts here."
    if file.scan is Scan.INFECTED:
        return "The virus scanner found something in this file. It stays shut."
    if file.scan is Scan.QUARANTINED:
        return "This file is in quarantine: it can be opened once the virus scanner finds it clean."
    return ""


def shown(file: Lying, open_it: Callable[[], Openable], pdf: PdfPages, *, page: int) -> Shown:
    """Looks into a file; `open_it` is called only where something can be shown.

    Raises NotFound for a page that is not there, PagesBusy, and what opening raises but damage,
    which is something to show.
    """
    if why_not := closed(file):
        return Shown(why_not=why_not)
    if file.media_type not in PICTURES | TEXTS | {PDF}:
        return Shown(why_not="Files of this kind cannot be shown here. Download it to open it.")
    try:
        return _seen(file, open_it(), pdf, page)
    except Damaged as error:
        return Shown(why_not=f"This file does not open. {error.found}")
    except PageRefused as error:
        if error.fault is Fault.NO_PAGE and page > 1:
            raise NotFound from None
        return Shown(why_not=FAULTS[error.fault])


def _seen(file: Lying, opened: Openable, pdf: PdfPages, page: int) -> Shown:
    if file.media_type == PDF:
        return _page(file, opened, pdf, page)
    return _picture(file, opened) if file.media_type in PICTURES else _text(file, opened)


def reader(opened: Openable) -> Callable[[int, int], bytes]:
    """Reads exactly so many bytes of an opened file from a place on."""
    return lambda offset, length: b"".join(opened.pieces(offset, length))


def readable(text: str) -> str:
    """A text as a page can hold it: what cannot be seen becomes something that can."""
    return _HIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _picture(file: Lying, opened: Openable) -> Shown:
    head = b"".join(opened.pieces(0, pictures.HEAD_BYTES))
    size = pictures.size(file.media_type, head)
    if size is None:
        return Shown(why_not="It is damaged, or no picture at all: its size cannot be told.")
    width, height = size
    if width * height > pictures.MOST_PIXELS:
        return Shown(why_not=f"It is too large to be shown here: {width} by {height} pixels.")
    return Shown("picture", width=width, height=height)


def _page(file: Lying, opened: Openable, pdf: PdfPages, page: int) -> Shown:
    made = pdf.page(page - 1, file.size, reader(opened))
    width, height = pixels(made.width, made.height, WIDTHS["fit"])
    text = readable(made.text.translate(_HYPHENS)).strip()
    return Shown("page", "", width, height, page, made.pages, text, made.more_text)


def _text(file: Lying, opened: Openable) -> Shown:
    head = b"".join(opened.pieces(0, TEXT_BYTES))
    cut = file.size > TEXT_BYTES
    return Shown("text", text=readable(_decoded(head, cut=cut)), cut=cut)


def _decoded(head: bytes, *, cut: bool) -> str:
    """UTF-8, or else what spreadsheets in Western Europe write; the end may be half a character."""
    try:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        return decoder.decode(head, final=not cut)
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")
