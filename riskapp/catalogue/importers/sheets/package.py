"""Opens the parts of an XLSX file, which is a ZIP of XML, and believes nothing that it says."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from riskapp.catalogue.importers.common import NotImportable

MOST_UNPACKED = 100 * 1024 * 1024
MOST_ELEMENTS = 1_500_000
MOST_PARTS = 10_000
DEEPEST = 64
_PIECE = 1024 * 1024

SAVE_AGAIN = "open it in a spreadsheet program and save it again as .xlsx"

_ZIP_ERRORS = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


class Handler:
    """What walks along with a part; names come without their namespace."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; `text` stood in it behind its last child."""


class Package:
    """The parts of one file. Raises NotImportable for whatever is broken, a bomb or an attack."""

    def __init__(self, data: bytes) -> None:
        self._unpacked = 0
        self.elements = 0
        try:
            self._zip = ZipFile(BytesIO(data))
        except _ZIP_ERRORS as error:
            raise NotImportable("the file is a broken ZIP", SAVE_AGAIN) from error
        self._parts = {info.filename: info for info in self._zip.infolist()}
        if len(self._parts) > MOST_PARTS:
            raise NotImportable(f"the file holds more than {MOST_PARTS} parts", SAVE_AGAIN)

    @property
    def parts(self) -> list[str]:
        return list(self._parts)

    def walk(self, part: str, handler: Handler) -> None:
        """Goes through a part's XML from beginning to end; a part that is not there is empty."""
        if part not in self._parts:
            return
        parser = DefusedXMLParser(target=_Target(handler, self), forbid_dtd=True)
        try:
            for piece in self._pieces(self._parts[part]):
                parser.feed(piece)
            parser.close()
        except DefusedXmlException as error:
            problem = f"{part} declares a document type or entities, which no spreadsheet needs"
            raise NotImportable(problem, SAVE_AGAIN) from error
        except (ParseError, LookupError, ValueError) as error:
            raise NotImportable(f"{part} is no XML ({error})", SAVE_AGAIN) from error

    def _pieces(self, info: ZipInfo) -> Iterator[bytes]:
        """What a part unpacks to, counted while it is unpacked: its own figures may lie."""
        problem = f"{info.filename} cannot be unpacked"
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise NotImportable(problem, SAVE_AGAIN)
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_PIECE):
                    self._unpacked += len(piece)
                    if self._unpacked > MOST_UNPACKED:
                        problem = f"the file unpacks to more than {MOST_UNPACKED >> 20} MB"
                        remedy = "keep only the sheets that hold the questions"
                        raise NotImportable(problem, remedy)
                    yield piece
        except _ZIP_ERRORS as error:
            raise NotImportable(problem, SAVE_AGAIN) from error


class _Target:
    """Takes the parser's events; builds no tree, so that memory holds only what a handler keeps."""

    def __init__(self, handler: Handler, package: Package) -> None:
        self._handler = handler
        self._package = package
        self._depth = 0
        self._words: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._package.elements += 1
        if self._depth > DEEPEST or self._package.elements > MOST_ELEMENTS:
            raise NotImportable("the file is nested too deeply or too large", SAVE_AGAIN)
        self._words.clear()
        known = {_local(name): value for name, value in attributes.items()}
        self._handler.start(_local(tag), known)

    def data(self, text: str) -> None:
        self._words.append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._handler.end(_local(tag), "".join(self._words))
        self._words.clear()

    def close(self) -> None:
        """Needed by the parser."""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
