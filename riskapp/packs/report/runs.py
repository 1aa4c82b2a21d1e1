"""People's text as the report shows it: whole, whatever was typed. Pure.

The report is set in the fonts that the typesetter brings along, so that it looks the same
everywhere. What they have no glyph for, and what nobody could see, is shown as its code in a frame:
nothing vanishes, and a frame cannot be typed. Text never becomes markup: it stays data.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any

COVERED = Path(__file__).parent / "covered.txt"
"""The characters that the fonts have, as ranges of hexadecimal code points; no combining marks."""

_MARKS = range(0x300, 0x32D)
"""Combining marks that the text's own font sets on letters that it has, in each of its styles."""
_BASES = (range(0x41, 0x250), range(0x370, 0x400), range(0x400, 0x460), range(0x1E00, 0x1F00))
"""Latin, Greek and Cyrillic: whose letters and marks come from one font."""
_TAB = "    "
_LONG = re.compile(r"\S{21,}")
"""Runs that would stick out of a column; they may break after every `_PIECE` characters."""
_PIECE = 10

Run = str | dict[str, Any]
"""Text; {"code": "U+8868"}; {"pieces": [...]}, between which a line may end; {"break": true}."""


def shown(value: Any) -> Any:  # noqa: ANN401 - a tree of JSON values, and one back
    """The same tree with every text as the template takes it: plain text, or a list of runs.

    In it a dict with the one key `pieces`, `code` or `break` in a list is such a run.
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {key: shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    return value


def titled(text: str) -> str:
    """For the PDF's own title and author, which no font sets: without what nobody can see."""
    kept = "".join(one for one in text if unicodedata.category(one)[0] != "C" or one == "\t")
    return " ".join(kept.split()) or "Unnamed"


def _normal(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", _TAB)
    return unicodedata.normalize("NFC", lines)


def _text(text: str) -> str | list[Run]:
    runs = _runs(_normal(text))
    if not runs:
        return ""
    return runs[0] if len(runs) == 1 and isinstance(runs[0], str) else runs


def _runs(text: str) -> list[Run]:
    runs: list[Run] = []
    plain: list[str] = []

    def flush() -> None:
        if plain:
            runs.extend(_broken("".join(plain)))
            plain.clear()

    before = ""
    for one in text:
        if one == "\n":
            flush()
            runs.append({"break": True})
        elif _covered(one) or _sits(one, before):
            plain.append(one)
        else:
            flush()
            runs.append({"code": f"U+{ord(one):04X}"})
        before = one
    flush()
    return runs


def _broken(text: str) -> list[Run]:
    runs: list[Run] = []
    at = 0
    for long in _LONG.finditer(text):
        if long.start() > at:
            runs.append(text[at : long.start()])
        runs.append({"pieces": _pieces(long.group())})
        at = long.end()
    return [*runs, text[at:]] if at < len(text) else runs


def _pieces(word: str) -> list[str]:
    """Cut without parting a letter from its mark."""
    pieces: list[str] = []
    begin = 0
    for at in range(1, len(word) + 1):
        whole = at == len(word) or not unicodedata.combining(word[at])
        if whole and (at - begin >= _PIECE or at == len(word)):
            pieces.append(word[begin:at])
            begin = at
    return pieces


def _sits(mark: str, base: str) -> bool:
    """Whether it is a mark on a letter of the same font; a second mark on it is not."""
    return (
        ord(mark) in _MARKS and base.isalpha() and any(ord(base) in letters for letters in _BASES)
    )


def _covered(one: str) -> bool:
    first, last = _ranges()
    at = bisect_right(first, ord(one)) - 1
    return at >= 0 and ord(one) <= last[at]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    pairs = [one.split("-") for one in COVERED.read_text().split()]
    return [int(pair[0], 16) for pair in pairs], [int(pair[-1], 16) for pair in pairs]
