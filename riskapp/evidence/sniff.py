"""Which files are taken as evidence, told by extension and by signature at offset 0. Pure.

Left out on purpose: what a browser could run (html, svg, js), programs, gif (nobody's evidence),
eml and p7s (they carry files that no check here sees into). Whether an archive is a bomb cannot be
told from its beginning; that is not decided here.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from riskapp.core.errors import Refusal
from riskapp.evidence.names import extension

_ZIP = b"PK\x03\x04"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

# Text: tab, line feed, form feed and carriage return are the only controls that belong in it.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<head|<body|<svg|<script|<\?xml|<!--)", re.IGNORECASE)


class Problem(StrEnum):
    """Why a file's type was refused."""

    EMPTY = "empty"
    EXTENSION = "extension"
    SIGNATURE = "signature"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"
    MARKUP = "markup"


class TypeRefused(Refusal):
    """`extension` (lower case, without its dot, possibly empty) and `reason`, a Problem."""

    def __init__(self, name_extension: str, reason: Problem) -> None:
        super().__init__(f".{name_extension}: {reason}")
        self.extension = name_extension
        self.reason = reason


class _Kind(NamedTuple):
    media_type: str
    problem: Callable[[bytes], Problem | None]


def _begins(
    signature: bytes, then: bytes = b"", offset: int = 0
) -> Callable[[bytes], Problem | None]:
    """A check for `signature` at the very beginning, and for `then` at `offset`."""

    def problem(head: bytes) -> Problem | None:
        right = head.startswith(signature) and head.startswith(then, offset)
        return None if right else Problem.SIGNATURE

    return problem


def _text(head: bytes) -> Problem | None:
    """Text in any encoding that extends ASCII: spreadsheets still write CSV in code pages."""
    if _BINARY.search(head):
        return Problem.NOT_TEXT
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return Problem.MARKUP
    return None


def _json(head: bytes) -> Problem | None:
    """JSON is UTF-8 by definition (RFC 8259); the head may end within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Problem.NOT_UTF8
    return _text(head)


def _odf(kind: str) -> _Kind:
    """OpenDocument names itself: its first member is `mimetype`, stored, without extra field."""
    media_type = _ODF + kind
    return _Kind(media_type, _begins(_ZIP, b"mimetype" + media_type.encode() + b"PK", 30))


_JPEG = _Kind("image/jpeg", _begins(b"\xff\xd8\xff"))

KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "pdf": _Kind("application/pdf", _begins(b"%PDF-")),
        "png": _Kind("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
        "jpg": _JPEG,
        "jpeg": _JPEG,
        "webp": _Kind("image/webp", _begins(b"RIFF", b"WEBP", 8)),
        "docx": _Kind(_OOXML + "wordprocessingml.document", _begins(_ZIP)),
        "xlsx": _Kind(_OOXML + "spreadsheetml.sheet", _begins(_ZIP)),
        "pptx": _Kind(_OOXML + "presentationml.presentation", _begins(_ZIP)),
        "odt": _odf("text"),
        "ods": _odf("spreadsheet"),
        "odp": _odf("presentation"),
        "zip": _Kind("application/zip", _begins(_ZIP)),
        "csv": _Kind("text/csv", _text),
        "txt": _Kind("text/plain", _text),
        "md": _Kind("text/markdown", _text),
        "json": _Kind("application/json", _json),
    }
)
"""What is taken, by extension"""


def check(name: str, head: bytes, size: int) -> str:
    """The media type of a file; raises TypeRefused.

    `name` is the display name, `head` the first bytes (a few KiB, or all of a shorter file),
    `size` the file's length in bytes.
    """
    found = extension(name)
    if size == 0:
        raise TypeRefused(found, Problem.EMPTY)
    kind = KINDS.get(found)
    if kind is None:
        raise TypeRefused(found, Problem.EXTENSION)
    if problem := kind.problem(head):
        raise TypeRefused(found, problem)
    return kind.media_type
