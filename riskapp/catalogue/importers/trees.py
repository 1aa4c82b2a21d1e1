"""Values of a foreign file with their lines: how JSON and YAML look to the importers.

A scalar is its text, or None where the file says null; true and false are the words.
"""

from collections.abc import Iterator, Mapping

from riskapp.catalogue.lines import Node

DEEPEST = 60
"""Levels of nesting; questionnaires need about fifteen."""

MOST_VALUES = 1_000_000
"""Values in a file, so that a small file cannot fill the memory."""


def said(node: Node | None) -> str:
    """A scalar's text; nothing where there is no scalar."""
    return node.value if node is not None and isinstance(node.value, str) else ""


def text(node: Node, key: str) -> str:
    """The text that stands under a key of a mapping; nothing where there is none."""
    return said(node.value.get(key)) if isinstance(node.value, dict) else ""


def true(node: Node, key: str) -> bool:
    return text(node, key).strip().lower() in {"true", "yes", "1"}


def listed(node: Node | None, key: str) -> list[Node]:
    """The entries of a list under a key; a single value counts as a list of one."""
    child = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
    if child is None or child.value is None:
        return []
    return list(child.value) if isinstance(child.value, list) else [child]


def mapped(node: Node | None, key: str) -> Mapping[str, Node]:
    """The mapping under a key; empty where there is none."""
    child = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
    return child.value if child is not None and isinstance(child.value, dict) else {}


def is_mapping(node: Node) -> bool:
    return isinstance(node.value, dict)


def texts(node: Node) -> Iterator[str]:
    """Every text below a node."""
    if isinstance(node.value, str):
        yield node.value
    elif isinstance(node.value, dict | list):
        below = node.value.values() if isinstance(node.value, dict) else node.value
        for child in below:
            yield from texts(child)
