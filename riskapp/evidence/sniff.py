"""Which files are taken as evidence: by extension, by signature at offset 0, by their end. Pure.

Left out on purpose: what a browser could run (html, svg, js), programs, gif (nobody's evidence),
eml and p7s (they carry files that no check here sees into). What is a ZIP inside is held to what
its list of contents says (`riskapp.evidence.archives`); whatever is no ZIP must not end as one.
"""

import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from riskapp.evidence.archives import END_BYTES, TAIL_BYTES, Entry, Flawed, ends_as_zip, listed
from riskapp.evidence.names import extension
from riskapp.evidence.problems import Problem, TypeRefused

_ZIP = b"PK\x03\x04"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

# Text: tab, line feed, form feed and carriage return are the only controls that belong in it.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<head|<body|<svg|<script|<\?xml|<!--)", re.IGNORECASE)


class _Kind(NamedTuple):
    media_type: str
    problem: Callable[[bytes], Problem | None]
    parts: tuple[re.Pattern[str], ...] | None = None
    """Of what is a ZIP inside: names that must be in it; None: it is no ZIP"""


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


def _image(begins: Callable[[bytes], Problem | None]) -> Callable[[bytes], Problem | None]:
    """Readers of PDF find their signature in the first KiB of whatever they are given."""

    def problem(head: bytes) -> Problem | None:
        return begins(head) or (Problem.TWO_AT_ONCE if b"%PDF-" in head[:1024] else None)

    return problem


def _parts(*names: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(name, re.IGNORECASE) for name in names)


def _ooxml(kind: str, main: str) -> _Kind:
    """Office's documents; their main part may have a number."""
    return _Kind(_OOXML + kind, _begins(_ZIP), _parts(r"\[content_types\]\.xml", main))


def _odf(kind: str) -> _Kind:
    """OpenDocument names itself: its first member is `mimetype`, stored, without extra field."""
    media_type = _ODF + kind
    names_itself = _begins(_ZIP, b"mimetype" + media_type.encode() + b"PK", 30)
    return _Kind(media_type, names_itself, _parts(r"content\.xml"))


_JPEG = _Kind("image/jpeg", _image(_begins(b"\xff\xd8\xff")))

KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "pdf": _Kind("application/pdf", _begins(b"%PDF-")),
        "png": _Kind("image/png", _image(_begins(b"\x89PNG\r\n\x1a\n"))),
        "jpg": _JPEG,
        "jpeg": _JPEG,
        "webp": _Kind("image/webp", _image(_begins(b"RIFF", b"WEBP", 8))),
        "docx": _ooxml("wordprocessingml.document", r"word/document\d*\.xml"),
        "xlsx": _ooxml("spreadsheetml.sheet", r"xl/workbook\d*\.xml"),
        "pptx": _ooxml("presentationml.presentation", r"ppt/presentation\d*\.xml"),
        "odt": _odf("text"),
        "ods": _odf("spreadsheet"),
        "odp": _odf("presentation"),
        "zip": _Kind("application/zip", _begins(_ZIP), ()),
        "csv": _Kind("text/csv", _text),
        "txt": _Kind("text/plain", _text),
        "md": _Kind("text/markdown", _text),
        "json": _Kind("application/json", _json),
    }
)
"""What is taken, by extension"""


_TEXTS = (_text, _json)
_MACROS = re.compile(
    r"(.*/)?vbaproject\.bin|xl/macrosheets/.+|basic/[^/]+/(?!script-l[bc]\.xml).+|scripts/.+",
    re.IGNORECASE,
)
"""Where Office and OpenDocument keep programs; an empty library lists none"""
_SEALED = "encrypted-package"
"""OpenDocument under a password holds nothing else"""


def tail_bytes(name: str) -> int:
    """How much of a file's end `check` wants to see."""
    kind = KINDS.get(extension(name))
    return END_BYTES if kind is None or kind.parts is None else TAIL_BYTES


def check(name: str, head: bytes, tail: bytes, size: int) -> str:
    """The media type of a file; raises TypeRefused.

    `name` is the display name, `head` the first bytes (a few KiB, or all of a shorter file), `tail`
    the last `tail_bytes(name)` or all of a shorter file, `size` the file's length in bytes.
    """
    found = extension(name)
    if size == 0:
        raise TypeRefused(found, Problem.EMPTY)
    kind = KINDS.get(found)
    if kind is None:
        raise TypeRefused(found, Problem.EXTENSION)
    if problem := kind.problem(head):
        raise TypeRefused(found, problem)
    if kind.parts is None:
        _check_end(found, kind, tail)
    else:
        _check_archive(found, kind.parts, tail, size)
    return kind.media_type


def _check_end(found: str, kind: _Kind, tail: bytes) -> None:
    if ends_as_zip(tail):
        raise TypeRefused(found, Problem.TWO_AT_ONCE)
    if kind.problem in _TEXTS and _BINARY.search(tail):
        raise TypeRefused(found, Problem.NOT_TEXT)


def _check_archive(found: str, parts: Sequence[re.Pattern[str]], tail: bytes, size: int) -> None:
    try:
        entries = listed(tail, size)
    except Flawed as flaw:
        raise TypeRefused(found, flaw.problem, flaw.entry) from flaw
    if not parts:
        return
    if any(entry.name == _SEALED for entry in entries):
        raise TypeRefused(found, Problem.ENCRYPTED)
    if not all(_holds(entries, part) for part in parts):
        raise TypeRefused(found, Problem.SIGNATURE)
    if _holds(entries, _MACROS):
        raise TypeRefused(found, Problem.MACROS)


def _holds(entries: Sequence[Entry], wanted: re.Pattern[str]) -> bool:
    return any(wanted.fullmatch(entry.name) for entry in entries)
