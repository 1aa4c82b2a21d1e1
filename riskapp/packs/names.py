"""Names inside a pack: safe to unpack anywhere. Pure."""

import re
import unicodedata
from collections.abc import Container

from riskapp.evidence.names import UNNAMED, display_name

MOST_BYTES = 120
"""Of one component, in UTF-8. Whole paths stay below 250 characters, of the 260 that Windows takes:
who unpacks there does so near the root of a drive, as VERIFY.md says."""
_MOST_EXTENSION_BYTES = 16
_FORBIDDEN = frozenset('<>:"/\\|?*%')
"""What Windows refuses; % too, which BagIt manifests would have to write as %25"""
_PORTS = [f"{port}{digit}" for port in ("com", "lpt") for digit in "123456789¹²³"]
_RESERVED = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$", "clock$", *_PORTS})


def safe_name(name: str) -> str:
    """One component of a path: no path, control, bidi or reserved name. Twice changes nothing."""
    kept = display_name("".join("_" if one in _FORBIDDEN else one for one in name))
    if kept.startswith(".") or kept.partition(".")[0].rstrip().casefold() in _RESERVED:
        kept = "_" + kept
    return _shortened(kept).rstrip(". ") or UNNAMED


def _shortened(name: str) -> str:
    if len(name.encode()) <= MOST_BYTES:
        return name
    stem, dot, last = name.rpartition(".")
    if not stem or len(last.encode()) > _MOST_EXTENSION_BYTES:
        stem, dot, last = name, "", ""
    room = MOST_BYTES - len((dot + last).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + dot + last


def path_problem(path: str) -> str | None:
    """Why a path in a ZIP must not be unpacked; None where it may."""
    parts = path.split("/")
    unsafe = [part for part in parts if part != safe_name(part)]
    return f"has the unsafe part {unsafe[0]!a}" if unsafe else None


def unique(folder: str, name: str, taken: Container[str]) -> str:
    """A path in the folder that none of `taken` (case-folded paths) is, on any file system."""
    safe, count = safe_name(name), 1
    while folded(f"{folder}/{safe}") in taken:
        count += 1
        safe = safe_name(f"{count}-{name}")
    return f"{folder}/{safe}"


def folded(path: str) -> str:
    """What file systems that know no case compare."""
    return unicodedata.normalize("NFC", path).casefold()


def slug(text: str) -> str:
    """Plain letters and digits for a file's name, from any words."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "vendor"


def folder(vendor_name: str, of: str, log_size: int) -> str:
    """What a pack's folder is called; `of` is the id of what it is about."""
    return f"evidence-pack-{slug(vendor_name)}-{of[:8]}-{log_size}"


def one_line(text: str) -> str:
    """The words alone: no line's end, nothing invisible."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
