"""From Markdown, as OSCAL and CISO Assistant write it, to plain words.

What it cannot read stays as it stands. Expressions are bounded, so that no text takes long.
"""

import html
import re
import string

from riskapp.catalogue.importers.words import ITEM, LONGEST_READ, clean, closed, listed, plain

_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|~^<>\"'-])")
_CODE = re.compile(r"`([^`\n]{1,400})`")
_IMAGE = re.compile(r"!\[([^\[\]]{0,400})\]\([^()\s]{0,1000}\)")
_LINK = re.compile(r"\[([^\[\]]{0,400})\]\(\s*([^()\s]{0,1000})[^()]{0,200}\)")
_STRONG = re.compile(r"\*\*(?=\S)([^*\n]{1,400})(?<=\S)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,400})(?<=\S)\*(?![\w*])")
_UNDERLINED = re.compile(r"(?<!\w)(_{1,2})(?=[^\s_])([^_\n]{1,400})(?<=\S)\1(?!\w)")
_LOWER = re.compile(r"~([^\s~]{1,40})~")
_UPPER = re.compile(r"\^([^\s^]{1,40})\^")
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_POINT = re.compile(r"\s*(?:[-*+•▪‣◦●]|[0-9]{1,3}[.)])\s+(.*)$")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|`{3,}.*|~{3,}.*|\|[\s:|-]+\|?)\s*$")
_FIRST = 0xE100
"""Private signs from here on stand for what a backslash protects."""


def words(text: str) -> str:
    """The words of a text: headings and lists put into sentences, marks taken away."""
    lines = text[:LONGEST_READ].replace(ITEM, " ").splitlines()
    blocks: list[list[str]] = [[]]
    for line in lines:
        _placed(line, blocks)
    said = [(_block(block), ITEM in "".join(block)) for block in blocks]
    said = [(one, is_list) for one, is_list in said if one]
    inner = [closed(one, ".") if is_list else one for one, is_list in said[:-1]]
    return " ".join([*inner, *(one for one, _ in said[-1:])])


def inline(text: str) -> str:
    """The words of a text of one line: a title, a choice."""
    return clean(plain(_unmarked(" ".join(text[:LONGEST_READ].split()))))


def _placed(line: str, blocks: list[list[str]]) -> None:
    """Puts a line with the block that it goes on with; an empty one ends a block."""
    heading, point = _HEADING.match(line), _POINT.match(line)
    if _RULE.match(line) or not line.strip():
        blocks.append([])
    elif heading:
        blocks += [[closed(heading[1], ":")], []]
    elif point:
        within = blocks[-1]
        if not within and len(blocks) > 1 and blocks[-2]:
            blocks.pop()  # an empty line between a sentence and its list, or between items
        blocks[-1].append(f"{ITEM} {point[1]}")
    else:
        row = line.strip()
        cells = row.strip("|").split("|") if row.startswith("|") else [line.lstrip(" >")]
        blocks[-1].append(", ".join(filter(None, (cell.strip() for cell in cells))))


def _block(lines: list[str]) -> str:
    return clean(listed(plain_keeping_items(_unmarked("\n".join(lines)))))


def plain_keeping_items(text: str) -> str:
    """Each item as plain words behind its sign, so that tags cannot reach across items."""
    first, *items = text.split(ITEM)
    parts = [plain(first), *(plain(item) for item in items)]
    return f" {ITEM} ".join(parts)


def _unmarked(text: str) -> str:
    text = _ESCAPE.sub(lambda found: chr(_FIRST + ord(found[1])), text)
    text = _CODE.sub(lambda found: _protected(found[1]), text)
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(lambda found: _linked(found[1], found[2]), text)
    for mark, kept in ((_STRONG, 1), (_EMPHASIS, 1), (_UNDERLINED, 2), (_LOWER, 1), (_UPPER, 1)):
        text = mark.sub(lambda found, kept=kept: found[kept], text)  # type: ignore[misc]
    return re.sub(
        f"[{chr(_FIRST)}-{chr(_FIRST + 0x7F)}]",
        lambda found: html.escape(chr(ord(found[0]) - _FIRST), quote=False),
        text,
    )


def _protected(text: str) -> str:
    return "".join(chr(_FIRST + ord(one)) if one in string.punctuation else one for one in text)


def _linked(label: str, address: str) -> str:
    if not _ADDRESS.fullmatch(address) or address in label:
        return label
    return f"{label} ({address.replace('_', chr(_FIRST + ord('_')))})"
