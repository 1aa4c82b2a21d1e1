"""Writes values as YAML in block style, as programs do that write libraries and catalogs."""

import json
from collections.abc import Iterator
from typing import Any


def yaml_of(value: Any) -> str:
    return "".join(f"{line}\n" for line in yaml_lines(value))


def yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    """Block style, with texts of several lines as literal blocks where that is safe."""
    pairs = value.items() if isinstance(value, dict) else (("-", one) for one in value)
    for key, one in pairs:
        start = f"{indent}{key}" if key == "-" else f"{indent}{key}:"
        if isinstance(one, dict | list) and one:
            yield start
            yield from yaml_lines(one, f"{indent}  ")
        elif isinstance(one, str) and "\n" in one and safe(one):
            yield f"{start} |-"
            yield from (f"{indent}  {line}" for line in one.split("\n"))
        else:
            yield f"{start} {json.dumps(one, ensure_ascii=False)}"


def safe(text: str) -> bool:
    return not text.startswith((" ", "\n")) and not text.endswith("\n")
