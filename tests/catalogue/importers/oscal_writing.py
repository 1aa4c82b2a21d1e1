"""Writes one OSCAL catalog as JSON, as YAML and as XML.

Prose is given as blocks: ("p", inline…), ("ul", item…), ("ol", item…), ("h", inline…), where an
item or inline part is a text or (mark, text): em, strong, code, q, link, insert.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from tests.catalogue.importers.yaml_writing import yaml_of

Inline = str | tuple[str, ...]
Block = tuple[Any, ...]
Values = dict[str, Any]

SINGULAR = {
    "groups": "group",
    "controls": "control",
    "params": "param",
    "parts": "part",
    "props": "prop",
    "links": "link",
    "values": "value",
    "guidelines": "guideline",
    "parties": "party",
}
IN_LINE = {"title", "label", "choice"}
ATTRIBUTES = {"id", "uuid", "class", "name", "value", "ns", "href", "rel", "how-many", "type"}
ELEMENTS_WITH_NAME = {"parties"}


def markdown_inline(parts: Inline | Sequence[Inline]) -> str:
    if isinstance(parts, str):
        return markdown_text(parts)
    if isinstance(parts, tuple):
        return markdown_mark(parts)
    return "".join(markdown_inline(part) for part in parts)


def markdown_text(text: str) -> str:
    """A text with everything protected that Markdown would read as something else."""
    kept = text.replace("&", "&amp;").replace("<", "&lt;")
    for sign in "\\`*_[]~^":
        kept = kept.replace(sign, f"\\{sign}")
    return kept


def markdown_mark(part: tuple[str, ...]) -> str:
    mark, text = part[0], part[1]
    if mark == "insert":
        return "{{ insert: param, %s }}" % text  # noqa: UP031 - braces
    if mark == "link":
        return f"[{markdown_text(text)}]({part[2]})"
    if mark == "code":
        return f"`{text}`"
    sign = {"em": "*", "strong": "**", "q": '"'}[mark]
    return f"{sign}{markdown_text(text)}{sign}"


def markdown(blocks: Sequence[Block]) -> str:
    return "\n\n".join(markdown_block(block) for block in blocks)


def markdown_block(block: Block) -> str:
    kind, *parts = block
    if kind in {"ul", "ol"}:
        sign = "-" if kind == "ul" else "1."
        return "\n".join(f"{sign} {markdown_inline(part)}" for part in parts)
    text = "".join(markdown_inline(part) for part in parts)
    return f"# {text}" if kind == "h" else re.sub(r"^([0-9]*)([-+#>|.)])", r"\1\\\2", text)


def xml_inline(parts: Inline | Sequence[Inline]) -> str:
    if isinstance(parts, str):
        return escape(parts, quote=False)
    if isinstance(parts, tuple):
        return xml_mark(parts)
    return "".join(xml_inline(part) for part in parts)


def xml_mark(part: tuple[str, ...]) -> str:
    mark, text = part[0], part[1]
    if mark == "insert":
        return f'<insert type="param" id-ref="{escape(text)}"/>'
    if mark == "link":
        return f'<a href="{escape(part[2])}">{escape(text, quote=False)}</a>'
    return f"<{mark}>{escape(text, quote=False)}</{mark}>"


def xml_blocks(blocks: Sequence[Block]) -> str:
    return "\n".join(xml_block(block) for block in blocks)


def xml_block(block: Block) -> str:
    kind, *parts = block
    if kind in {"ul", "ol"}:
        items = "\n".join(f"  <li>{xml_inline(part)}</li>" for part in parts)
        return f"<{kind}>\n{items}\n</{kind}>"
    name = {"p": "p", "h": "h3"}[kind]
    return f"<{name}>{''.join(xml_inline(part) for part in parts)}</{name}>"


def plain(value: Any, key: str = "") -> Any:
    """The values as JSON and YAML hold them."""
    if key in {"prose", "remarks"}:
        return markdown(value)
    if key in IN_LINE:
        return (
            [markdown_inline(one) for one in value] if key == "choice" else markdown_inline(value)
        )
    if isinstance(value, dict):
        return {name: plain(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def as_json(catalog: Values) -> bytes:
    return json.dumps({"catalog": plain(catalog)}, indent=1, ensure_ascii=False).encode()


def as_yaml(catalog: Values) -> bytes:
    return yaml_of({"catalog": plain(catalog)}).encode()


def as_xml(catalog: Values) -> bytes:
    inner = element("catalog", catalog, ' xmlns="http://csrc.nist.gov/ns/oscal/1.0"')
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{inner}\n'.encode()


def element(name: str, value: Any, more: str = "", key: str = "") -> str:
    if not isinstance(value, dict):
        said = xml_inline(value) if name in IN_LINE else escape(str(value), quote=False)
        return f"<{name}>{said}</{name}>"
    attributes, children = more, []
    for each, one in value.items():
        if (
            each in ATTRIBUTES
            and isinstance(one, str)
            and not (key == "parties" and each == "name")
        ):
            attributes += f' {each}="{escape(one)}"'
        else:
            children.append(child(each, one))
    return f"<{name}{attributes}>\n{''.join(children)}</{name}>\n"


def child(key: str, value: Any) -> str:
    if key == "prose":
        return xml_blocks(value) + "\n"
    if key == "remarks":
        return f"<remarks>{xml_blocks(value)}</remarks>"
    if key == "choice":
        return "".join(element("choice", one) for one in value)
    if isinstance(value, list) and key in SINGULAR:
        return "".join(element(SINGULAR[key], one, key=key) for one in value)
    return element(key, value)


FORMS: Mapping[str, Callable[[Values], bytes]] = {
    "json": as_json,
    "yaml": as_yaml,
    "xml": as_xml,
}


def prop(name: str, value: str, **more: str) -> Values:
    return {"name": name, "value": value, **more}


def part(name: str, *blocks: Block | str, **more: Any) -> Values:
    """A part whose prose are these blocks, or paragraphs of these texts."""
    prose = [("p", block) if isinstance(block, str) else block for block in blocks]
    return {"name": name, **more, **({"prose": prose} if prose else {})}


def control(name: str, title: Any, *parts: Values, **more: Any) -> Values:
    return {"id": name, "title": title, **more, "parts": list(parts)}


def group(name: str, title: str, *controls: Values, **more: Any) -> Values:
    return {"id": name, "title": title, **more, "controls": list(controls)}


def catalog(*groups: Values, **more: Any) -> Values:
    metadata = {"title": "Their catalog", "version": "1.0", **more.pop("metadata", {})}
    return {
        "uuid": "74c8ba1e-5cd4-4ad1-bbfd-d888e2f6c724",
        "metadata": metadata,
        **more,
        "groups": list(groups),
    }
