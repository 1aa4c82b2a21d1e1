"""File names as vendors chose them, made fit to be shown. Never a path, never a storage key."""

import unicodedata

MAX_BYTES = 255
"""In UTF-8: what common file systems take, for these names return as names of downloads"""
UNNAMED = "unnamed"

_REMOVED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of controls, bidi and zero-width marks, lone surrogates, line separators"""
_INVISIBLE = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that show nothing, in categories whose other members must stay"""
_MAX_EXTENSION_BYTES = 32


def display_name(raw: str | None) -> str:
    """The last component of a name, in NFC, without what hides or reorders text.

    At most 255 bytes, the extension kept; runs of spaces become one, for they push an extension
    out of sight. What is left empty is "unnamed". Applying it twice changes nothing.
    """
    text = "".join(c for c in raw or "" if _visible(c))
    text = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    text = " ".join(text.split())
    if not text.strip(". "):
        return UNNAMED
    return _shortened(text)


def extension(name: str) -> str:
    """What follows the last dot, in lower case; empty if there is no dot or nothing before it."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in _REMOVED and char not in _INVISIBLE


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, last = name.rpartition(".")
    if not stem or len(last.encode()) > _MAX_EXTENSION_BYTES:
        stem, dot, last = name, "", ""
    room = MAX_BYTES - len((dot + last).encode())
    cut = stem.encode()[:room].decode(errors="ignore").rstrip()
    return cut + dot + last
