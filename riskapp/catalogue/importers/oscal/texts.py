"""OSCAL's prose in plain words, with its parameters resolved or named."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskapp.catalogue.importers import markdown
from riskapp.catalogue.importers.oscal.forms import entries, prop, text_of, texts_of
from riskapp.catalogue.importers.words import clean

_INSERT = re.compile(
    r"\{\{\s*(?:(?:insert\s*:\s*)?([A-Za-z-]+)\s*[:,]\s*)?([^\s{}:,]{1,200})\s*\}\}"
)
_HOLD, _ENDED = "\ue010", "\ue011"
_HELD = re.compile(f"{_HOLD}([0-9]+){_ENDED}")
_DEEPEST = 5
_LONGEST = 500

Param = Mapping[str, Any]


@dataclass(slots=True)
class Params:
    """The parameters that a control can name: its own and those around it."""

    known: Mapping[str, Param]
    named: dict[str, str] = field(default_factory=dict)
    """Parameters without a value, with what stands for them in the texts."""
    missing: list[str] = field(default_factory=list)

    @classmethod
    def around(cls, *holders: Mapping[str, Any]) -> "Params":
        found: dict[str, Param] = {}
        for holder in holders:
            found |= {text_of(one, "id"): one for one in entries(holder, "params")}
        return cls(found)

    def words(self, text: str) -> str:
        """Prose as plain words."""
        return self._filled(text, markdown.words, 0)

    def inline(self, text: str) -> str:
        """A title, a label or a choice as plain words."""
        return self._filled(text, markdown.inline, 0)

    def _filled(self, text: str, rendered: Any, depth: int) -> str:  # noqa: ANN401 - a function
        held: list[str] = []

        def hold(found: re.Match[str]) -> str:
            held.append(self._named(found[1] or "param", found[2], depth))
            return f"{_HOLD}{len(held) - 1}{_ENDED}"

        marked = _INSERT.sub(hold, text.replace(_HOLD, "").replace(_ENDED, ""))
        words: str = rendered(marked)
        return _HELD.sub(lambda found: held[int(found[1])], words)

    def _named(self, kind: str, name: str, depth: int) -> str:
        """What stands in a text for a parameter."""
        if kind.lower() not in {"param", "parameter"}:
            return name
        param = self.known.get(name)
        if param is None or depth >= _DEEPEST:
            if name not in self.missing:
                self.missing.append(name)
            return f"[{name}]"
        values = [
            self._filled(one, markdown.inline, depth + 1) for one in texts_of(param, "values")
        ]
        values = [value for value in values if value]
        if values:
            return ", ".join(values)[:_LONGEST]
        words = self._unset(param, depth)
        self.named[name] = words or name
        return f"[{words or name}]"

    def _unset(self, param: Param, depth: int) -> str:
        """The name of a parameter without a value: its choices, its label or what it gathers."""
        for select in entries(param, "select"):
            choices = [self._filled(one, markdown.inline, depth + 1)
                       for one in texts_of(select, "choice")]  # fmt: skip
            if any(choices):
                return " / ".join(one for one in choices if one)[:_LONGEST]
        label = text_of(param, "label") or text_of(param, "usage")
        if label:
            return self._filled(label, markdown.inline, depth + 1)[:_LONGEST]
        gathered = [text_of(one, "value") for one in entries(param, "props")
                    if text_of(one, "name") == "aggregates"]  # fmt: skip
        parts = [self._named("param", one, depth + 1).strip("[]") for one in gathered]
        if parts:
            return " / ".join(dict.fromkeys(parts))[:_LONGEST]
        prose = [text_of(one, "prose") for one in entries(param, "guidelines")]
        return self._filled(prose[0], markdown.inline, depth + 1)[:_LONGEST] if prose else ""


def whole(part: Mapping[str, Any], params: Params) -> str:
    """A part with all that is in it, each item behind its label."""
    return " ".join(said for said in _pieces(part, params) if said)


def _pieces(part: Mapping[str, Any], params: Params) -> Iterator[str]:
    yield params.words(text_of(part, "prose"))
    for child in entries(part, "parts"):
        label = clean(prop(child, "label"))
        inner = whole(child, params)
        yield f"{label} {inner}" if label and inner else inner


def said(parts: Sequence[Mapping[str, Any]], params: Params) -> list[str]:
    """Each of some parts in words, behind its title if it has one."""
    found = []
    for part in parts:
        words = whole(part, params)
        title = params.inline(text_of(part, "title") or prop(part, "label"))
        if words:
            joint = "" if title.endswith((":", "?", ".", "!")) else ":"
            found.append(f"{title}{joint} {words}" if title else words)
    return found
