"""OSCAL's XML as the values that its JSON would have, with markup as Markdown."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.trees import DEEPEST

_LISTS: Mapping[str, str] = {
    "control": "controls",
    "group": "groups",
    "guideline": "guidelines",
    "link": "links",
    "param": "params",
    "part": "parts",
    "party": "parties",
    "prop": "props",
    "resource": "resources",
    "value": "values",
    "choice": "choice",
}
"""Elements of which there may be several, and what JSON calls all of them."""

_LINES = frozenset({"title", "label", "choice", "name", "text", "version", "value", "usage"})
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "table", "blockquote", "img", "hr"}
)
_MARKS = {
    "em": "*",
    "i": "*",
    "strong": "**",
    "b": "**",
    "code": "`",
    "q": '"',
    "sub": "~",
    "sup": "^",
}
_SPECIAL = re.compile(r"([\\`*_\[\]~^])")
_START = re.compile(r"^([0-9]*)([-+#>|.)])")
"""What would begin a list, a heading or a table if it stood at the start of a line."""

_ENCODING = re.compile(r"^(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')")


def read(text: str) -> dict[str, Any]:
    """The document in a text, by the name of its root. Raises NotImportable."""
    text = _ENCODING.sub(r"\1", text, count=1)  # the text is decoded already
    try:
        parser = DefusedXMLParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
        parser.feed(text.encode())
        root = parser.close()
    except DefusedXmlException as error:
        problem = "The XML file has a DOCTYPE or declares entities"
        raise NotImportable(problem, "take them out; they are not read, for safety") from error
    except (ParseError, ValueError, UnicodeError) as error:
        problem = f"The file is no XML: {str(error)[:200]}"
        raise NotImportable(problem, "correct it, or get the whole file again") from error
    if _too_deep(root):
        raise NotImportable("The XML is nested too deeply", "import a plainer file")
    return {_name(root): _value(root)}


def _too_deep(root: Element) -> bool:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
    return bool(level)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {name: said for name, said in element.attrib.items() if name[0] != "{"}
    blocks = [child for child in element if _name(child) in _BLOCKS]
    if blocks:
        found["prose"] = _prose(blocks)
    for child in element:
        name = _name(child)
        if name in _BLOCKS or not name:
            continue
        value: Any = _said(child) if name in _LINES or name == "remarks" else _value(child)
        if name in _LISTS:
            found.setdefault(_LISTS[name], []).append(value)
        else:
            found.setdefault(name, value)
    if not len(element) and (element.text or "").strip():
        found.setdefault("value" if _name(element) == "prop" else "text", _inline(element))
    return found


def _said(element: Element) -> str:
    """The text of an element, in lines or in blocks."""
    blocks = [child for child in element if _name(child) in _BLOCKS]
    return _prose(blocks) if blocks else _inline(element).strip()


def _prose(blocks: Iterable[Element]) -> str:
    return "\n\n".join(filter(None, (_block(block) for block in blocks)))


def _block(block: Element) -> str:
    name = _name(block)
    if name in {"ul", "ol"}:
        return "\n".join(_items(block, "- " if name == "ul" else "1. "))
    if name == "table":
        rows = [row for row in block.iter() if _name(row) == "tr"]
        return "\n".join(f"| {' | '.join(_inline(cell).strip() for cell in row)} |" for row in rows)
    if name == "blockquote":
        inner = [child for child in block if _name(child) in _BLOCKS]
        return _prose(inner) if inner else _paragraph(block)
    if name == "img":
        return f"![{block.get('alt', '')}](x)"
    if name.startswith("h") and name != "hr":
        return f"# {_inline(block).strip()}"
    return "---" if name == "hr" else _paragraph(block)


def _paragraph(block: Element) -> str:
    return _START.sub(r"\1\\\2", _inline(block).strip(), count=1)


def _items(block: Element, sign: str) -> list[str]:
    lines: list[str] = []
    for item in block:
        if _name(item) != "li":
            continue
        inner = [child for child in item if _name(child) in _BLOCKS]
        lists = [child for child in inner if _name(child) in {"ul", "ol"}]
        others = [child for child in inner if child not in lists]
        own = _inline(item, without=inner).strip()
        parts = [own, *(_block(child).replace("\n", " ") for child in others)]
        lines.append(sign + " ".join(part for part in parts if part))
        for nested in lists:
            lines += _items(nested, "- ")
    return lines


def _inline(element: Element, without: Iterable[Element] = ()) -> str:
    skipped = set(without)
    parts = [_escaped(element.text)]
    for child in element:
        if child not in skipped:
            parts.append(_marked(child))
        parts.append(_escaped(child.tail))
    return "".join(parts)


def _marked(element: Element) -> str:
    name = _name(element)
    if name == "insert":
        kind = element.get("type", "param")
        target = element.get("id-ref") or element.get("param-id") or ""
        return f"{{{{ insert: {kind}, {target} }}}}"
    if name == "img":
        return f"![{element.get('alt', '')}](x)"
    inner = _inline(element)
    if name == "a":
        return f"[{inner}]({element.get('href', '').strip()})"
    if name == "code":
        return "`" + " ".join("".join(element.itertext()).split()) + "`"
    mark = _MARKS.get(name, "")
    stripped = inner.strip()
    if not mark or not stripped:
        return inner
    before = inner[: len(inner) - len(inner.lstrip())]
    after = inner[len(inner.rstrip()) :]
    return f"{before}{mark}{stripped}{mark}{after}"


def _escaped(text: str | None) -> str:
    if not text:
        return ""
    one_line = re.sub(r"\s+", " ", text).replace("&", "&amp;").replace("<", "&lt;")
    return _SPECIAL.sub(r"\\\1", one_line)
