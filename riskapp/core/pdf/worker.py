"""The process that reads one page of one PDF with PDFium, and ends.

PDFium is C++ that reads what strangers sent, so it runs here and not in the server: without
environment, without riskapp, confined before it sees a byte. It is built without JavaScript.
Started by `pages.py`, which names the folders to import from.
"""

import ctypes
import importlib
import os
from collections import OrderedDict
from typing import Any, NoReturn

from .confine import confine
from .png import encoded
from .protocol import (
    ASK,
    FAULT,
    FRAME,
    HEAD,
    JOB,
    PAGE,
    PIECE_BYTES,
    TEXT_CHARACTERS,
    Fault,
    pixels,
)

_CACHED = 128
"""How many pieces are remembered: PDFium reads 512 bytes at a time, and goes back and forth"""
_WHITE = 0xFFFFFFFF
_LONGEST_SIDE = 1_000_000_000.0
"""In points; a page says of itself what it likes"""
IN, OUT = 0, 1


def main() -> NoReturn:
    pdfium = importlib.import_module("pypdfium2_raw")
    "".encode("utf-16-le").decode("utf-16-le")  # imported now; later no file can be opened
    pdfium.FPDF_InitLibrary()
    confine()
    size, page, width = JOB.unpack(_exactly(JOB.size))
    _Reader(pdfium, size).answer(page, width)
    os._exit(0)


def _exactly(length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = os.read(IN, length - len(found))
        if not piece:
            os._exit(1)
        found += piece
    return bytes(found)


def _send(kind: bytes, offset: int, *parts: bytes) -> None:
    written = FRAME.pack(kind, offset, sum(map(len, parts))) + b"".join(parts)
    view = memoryview(written)
    while view:
        view = view[os.write(OUT, view) :]


def _fail(fault: Fault) -> NoReturn:
    _send(FAULT, fault)
    os._exit(0)


class _Reader:
    """One file of `size` bytes, fetched piece by piece as PDFium wants them."""

    def __init__(self, pdfium: Any, size: int) -> None:  # noqa: ANN401 - ctypes throughout
        self._pdfium, self._size = pdfium, size
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        # Kept: PDFium holds pointers to both.
        self._access = pdfium.FPDF_FILEACCESS()
        self._access.m_FileLen = size
        self._access.m_GetBlock = type(self._access.m_GetBlock)(self._block)
        self._form = pdfium.FPDF_FORMFILLINFO(version=1)

    def _block(self, _param: object, position: int, into: Any, length: int) -> int:  # noqa: ANN401
        """PDFium's call for bytes: 1 when they were put where it wants them, 0 otherwise."""
        if position + length > self._size:
            return 0
        target, done = ctypes.addressof(into.contents), 0
        while done < length:
            index, start = divmod(position + done, PIECE_BYTES)
            part = self._piece(index)[start : start + length - done]
            ctypes.memmove(target + done, part, len(part))
            done += len(part)
        return 1

    def _piece(self, index: int) -> bytes:
        if index in self._pieces:
            self._pieces.move_to_end(index)
            return self._pieces[index]
        offset = index * PIECE_BYTES
        length = min(PIECE_BYTES, self._size - offset)
        os.write(OUT, FRAME.pack(ASK, offset, length))
        self._pieces[index] = _exactly(length)
        if len(self._pieces) > _CACHED:
            self._pieces.popitem(last=False)
        return self._pieces[index]

    def answer(self, number: int, width: int) -> None:
        """Sends the page `number` (from 0) with its text; its image where `width` is not 0."""
        pdfium = self._pdfium
        document = pdfium.FPDF_LoadCustomDocument(self._access, None)
        if not document:
            _fail(_why(pdfium.FPDF_GetLastError()))
        pages = pdfium.FPDF_GetPageCount(document)
        if not 0 <= number < pages:
            _fail(Fault.NO_PAGE)
        form = None
        if pdfium.FPDF_GetFormType(document) != pdfium.FORMTYPE_NONE:
            form = pdfium.FPDFDOC_InitFormFillEnvironment(document, self._form)
        page = pdfium.FPDF_LoadPage(document, number)
        if not page:
            _fail(Fault.MALFORMED)
        size = (pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page))
        text, more = self._text(page)
        image = self._image(page, form, pixels(*size, width)) if width else b""
        points = (round(min(max(1.0, side), _LONGEST_SIDE)) for side in size)
        _send(PAGE, 0, HEAD.pack(pages, *points, len(text), more), text, image)

    def _text(self, page: object) -> tuple[bytes, bool]:
        """The text in the order of the file, as UTF-8, and whether there is more of it."""
        pdfium = self._pdfium
        reader = pdfium.FPDFText_LoadPage(page)
        if not reader:
            return b"", False
        there = pdfium.FPDFText_CountChars(reader)
        wanted = max(0, min(there, TEXT_CHARACTERS))
        found = (ctypes.c_ushort * (2 * wanted + 2))()  # some characters take two
        units = pdfium.FPDFText_GetText(reader, 0, wanted, found)
        raw = bytes(found)[: 2 * max(0, units - 1)]
        return raw.decode("utf-16-le", "replace").encode(), there > wanted

    def _image(self, page: object, form: object, size: tuple[int, int]) -> bytes:
        pdfium = self._pdfium
        width, height = size
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGR, None, 0)
        if not bitmap:
            _fail(Fault.TOO_LARGE)
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
        how = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER  # which gives RGB
        where = (bitmap, page, 0, 0, width, height, 0, how)
        pdfium.FPDF_RenderPageBitmap(*where)
        if form:
            pdfium.FPDF_FFLDraw(form, *where)
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        start = pdfium.FPDFBitmap_GetBuffer(bitmap)
        pixels = (ctypes.c_ubyte * (stride * height)).from_address(start)
        return encoded(memoryview(pixels).cast("B"), width, height, stride)


def _why(error: int) -> Fault:
    """PDFium's numbers 4 and 5: a password is missing, or the way of protection is unknown."""
    return Fault.ENCRYPTED if error in {4, 5} else Fault.MALFORMED
