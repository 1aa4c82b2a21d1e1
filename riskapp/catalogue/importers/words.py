"""From the texts of foreign files to plain words: no markup, nothing unseen, not too long."""

import html
import re
import unicodedata

LONGEST = 2000
"""The most characters that a text of the format may have."""

LONGEST_READ = 20_000
"""Of a longer text only this much is looked at: the rest would be cut off anyway."""

ITEM = "\ue000"
"""Stands before an item of a list until `listed` has put the list into a sentence."""

_TAGS = """
a abbr acronym address article aside audio b base bdi bdo big blink blockquote body br button
canvas caption center cite code col colgroup data datalist dd del details dfn dialog div dl dt em
embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr
html i iframe img input ins kbd label legend li link main map mark marquee math menu meta meter
nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp
script section select slot small source span strike strong style sub summary sup svg table tbody
td template textarea tfoot th thead time title tr track tt u ul var video wbr
"""
_WITHIN_WORDS = """
a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span
strike strong sub sup time tt u var wbr
"""
_KNOWN = frozenset(_TAGS.split())
_INLINE = frozenset(_WITHIN_WORDS.split())
_SILENT = frozenset({"script", "style", "template", "iframe", "object", "svg", "math", "noscript"})
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]+", re.IGNORECASE)
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffc\ufffe\uffff\ud800-\udfff]"
)
_BULLET = re.compile(r"(?:^|\n)[ \t]*[•▪‣◦●][ \t]*")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”»)])")
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l"}
)


def has_unseen(text: str) -> bool:
    """Whether `clean` takes away more than white space."""
    return _UNSEEN.search(text) is not None


def clean(text: str) -> str:
    """On one line, without control characters and signs that turn the direction of a text."""
    return " ".join(_UNSEEN.sub("", text).split())


def plain(text: str) -> str:
    """The words of an HTML text: scripts and styles vanish, links keep their address in brackets.

    What looks like a tag and is none of HTML's (“<company name>”) is kept as it stands. Nothing is
    executed or fetched, and any text can be read in time that grows with its length.
    """
    text = _BULLET.sub(f"\n{ITEM} ", text[:LONGEST_READ].replace(ITEM, " "))
    if "<" in text or "&" in text:
        text = "".join(_Stripping(text).pieces())
    return clean(listed(text))


class _Stripping:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self.link: str | None = None

    def pieces(self) -> list[str]:
        found: list[str] = []
        at = 0
        while at < len(self.text):
            start = self.text.find("<", at)
            if start < 0:
                break
            found.append(html.unescape(self.text[at:start]))
            piece, at = self._markup(start)
            found.append(piece)
        found.append(html.unescape(self.text[at:]))
        return found

    def _markup(self, start: int) -> tuple[str, int]:
        """What the markup at `start` says, and where the text goes on."""
        if self.text.startswith("<!--", start):
            return " ", self._after("-->", start)
        if self.text.startswith(("<!", "<?"), start):
            return " ", self._after(">", start)
        tag = _TAG.match(self.text, start)
        if tag is None or tag[2].lower() not in _KNOWN:
            return "<", start + 1
        name, end = tag[2].lower(), self._end(tag.end())
        inside = self.text[tag.end() : end]
        if name in _SILENT and not tag[1]:
            closing = self.lower.find(f"</{name}", end)
            return "", len(self.text) if closing < 0 else self._end(closing)
        return self._said(name, inside, closing=bool(tag[1])), end

    def _said(self, name: str, inside: str, *, closing: bool) -> str:
        said = "" if name in _INLINE else " "
        if name == "li" and not closing:
            said = f" {ITEM} "
        elif name == "q":
            said = '"'
        elif name == "img":
            alt = _ALT.search(inside)
            said = f" {html.unescape(alt[1] or alt[2] or '')} " if alt else " "
        elif name == "a":
            said = self._linked(inside, closing=closing)
        return said

    def _linked(self, inside: str, *, closing: bool) -> str:
        if not closing:
            href = _HREF.search(inside)
            self.link = html.unescape(href[1] or href[2] or href[3] or "").strip() if href else None
            return ""
        link, self.link = self.link, None
        return f" ({link})" if link and _ADDRESS.fullmatch(link) else ""

    def _after(self, sign: str, start: int) -> int:
        end = self.text.find(sign, start)
        return len(self.text) if end < 0 else end + len(sign)

    def _end(self, start: int) -> int:
        """Behind the > that ends a tag; one in quotes ends none where the quotes are closed."""
        end = self.text.find(">", start)
        if end < 0:
            return len(self.text)
        for quote in "\"'":
            if self.text.count(quote, start, end) % 2:
                closed = self.text.find(quote, end)
                later = self.text.find(">", closed) if closed >= 0 else -1
                end = later if later >= 0 else end
        return end + 1


def listed(text: str) -> str:
    """The items of lists, each behind an ITEM, put into a sentence, as “such as: one; two”."""
    first, *items = (clean(part) for part in text.split(ITEM))
    items = [item for item in items if item]
    if not items:
        return first
    inner = [item.rstrip(" ;,") for item in items[:-1]]
    start = first if not first or first.endswith((":", ".", "?", "!", ";")) else f"{first}:"
    return f"{start} {'; '.join([*inner, items[-1]])}".strip()


def closed(text: str, sign: str = ".") -> str:
    """A text with a sign behind it, where it does not end like a sentence."""
    return text if not text or text.endswith((".", ":", "!", "?", "…")) else f"{text}{sign}"


def shortened(text: str, most: int = LONGEST) -> str:
    """The text itself where it is not too long; else as much as fits, to the end of a sentence."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    ends = [found.end() for found in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] >= most // 4:
        return head[: ends[-1]]
    at = head.rfind(" ")
    return head[: at if at > most // 2 else most - 1].rstrip(" ,;:") + "…"


def slug(text: str, taken: set[str], otherwise: str) -> str:
    """An id made of a text, which none of `taken` is; it is added to them."""
    ascii_only = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", ascii_only.encode("ascii", "ignore").decode())
    base = ""
    for word in words or [otherwise]:
        longer = f"{base}-{word}" if base else word[:50]
        if len(longer) > 50:  # noqa: PLR2004 - leaves room for a number within a slug's 60
            break
        base = longer
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name
