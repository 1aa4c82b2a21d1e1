"""Values as OSCAL's JSON schemas take them: tokens, strings, Markdown, times, links, UUIDs. Pure.

People's words are never markup. What OSCAL reads as Markdown is escaped here, once, for all texts.
"""

import posixpath
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from riskapp.packs.documents import Document

NS = "urn:riskapp:ns:oscal"
"""The namespace of our properties, facets and parts; it names, and leads nowhere."""
_UUIDS = UUID("6a1e6f0e-2f5a-5c52-9d0b-7d1b8b5d8f31")
"""Never changes: every UUID that a pack ever stated follows from it."""

_EMPTY = "(empty)"
_JOINERS = "\u200c\u200d"
"""Invisible, but Persian, Hindi and others are not written without them."""
_ACTIVE = re.compile(r'[\\`*_\[\]<>~^{}&"|]')
_BEGINNING = re.compile(r"^(?:(?=[#+=-])|(?P<number>[0-9]{1,9})(?=[.)]))")
_NOT_IN_TOKENS = re.compile(r"[^0-9A-Za-z_-]+")
_YEARS = range(1900, 3000)
"""OSCAL has no other years."""


def plain(text: str) -> str:
    """The text on one line, without marks that JSON or XML cannot carry; may be empty."""
    kept = "".join(
        one if one.isprintable() or one.isspace() or one in _JOINERS else "\ufffd" for one in text
    )
    return " ".join(kept.split())


def string(text: str) -> str:
    """OSCAL's string: one line that is not empty, with no space around it."""
    return plain(text) or _EMPTY


def line(text: str) -> str:
    """OSCAL's markup-line, which shows exactly these words."""
    escaped = _ACTIVE.sub(lambda found: "\\" + found[0], string(text))
    return _BEGINNING.sub(lambda found: (found["number"] or "") + "\\", escaped)


def lines(*texts: str | None) -> str:
    """OSCAL's markup-multiline: every line of every text a paragraph, but for empty ones."""
    split = (part for text in texts if text for part in text.splitlines())
    return "\n\n".join(line(part) for part in split if plain(part)) or _EMPTY


def token(text: str, *, otherwise: str = "_") -> str:
    """OSCAL's token: a dot for all that none holds, `otherwise` before what none begins with."""
    kept = _NOT_IN_TOKENS.sub(".", text).strip(".")
    return kept if kept[:1].isalpha() or kept[:1] == "_" else otherwise + kept


def moment(stated: str | None) -> str | None:
    """A time with its offset from UTC, or the end of a day; None for what OSCAL cannot say."""
    if stated is None:
        return None
    if "T" not in stated:
        day = date.fromisoformat(stated)
        return f"{day.isoformat()}T23:59:59Z" if day.year in _YEARS else None
    time = datetime.fromisoformat(stated)
    return time.isoformat() if time.year in _YEARS else None


def uuid(*names: object) -> str:
    """The same names have the same UUID, in every pack."""
    return str(uuid5(_UUIDS, "/".join(quote(str(name), safe="") for name in names)))


def href(place: str, folder: str) -> str:
    """A file of the bag as seen from a folder of it, as a URI reference."""
    return quote(posixpath.relpath(place, folder), errors="replace")


def prop(name: str, value: object, kind: str | None = None) -> Document:
    """A property of ours; `kind` is its class."""
    found = {"name": name, "ns": NS, "value": string(str(value))}
    return found if kind is None else {**found, "class": token(kind)}


def props(values: Mapping[str, object]) -> list[Document]:
    """A property for each value that is neither None nor empty."""
    return [prop(name, value) for name, value in values.items() if value not in (None, "")]


def without_empty(**parts: Any) -> Document:  # noqa: ANN401 - any JSON values
    """The parts by OSCAL's names (`_` for `-`); the schemas allow no empty list and no null."""
    return {
        name.strip("_").replace("_", "-"): value
        for name, value in parts.items()
        if value is not None and value != []
    }


def decimal(fraction: str, places: int = 2) -> str:
    """An exact number as receipts state it, cut to some decimals."""
    above, _, below = fraction.partition("/")
    whole = int(above) * 10**places // int(below or 1)
    return f"{whole // 10**places}.{whole % 10**places:0{places}}"
