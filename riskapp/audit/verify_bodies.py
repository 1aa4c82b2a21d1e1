"""What the bodies of events say, read at the price of a look at each form once. Pure.

To parse a million bodies and to write them again, to see whether they are canonical, would cost
more than all else that verifying does. Most bodies differ in texts and whole numbers alone. So of a
body that was parsed and found canonical a pattern is made, which takes every body that is the same
but for those: it is as canonical, and says its things at the same places. Everything is bytes
(UTF-8), as the drivers hand it over.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.core.canonical import canonical

Said = tuple[bytes | None, ...]
"""In the order of `SAID`."""

SAID = ("actor", "assessment", "at", "object", "type", "vendor")
OPTIONAL = frozenset({"assessment", "vendor"})
PRIVATE = "private"
MOST_FORMS = 1000
"""So many are remembered; beyond them bodies are parsed."""
_NUMBER = re.compile(rb"(?<![\w.+-])(?:0|-?[1-9][0-9]{0,14})(?![\w.+-])")
"""A whole number in canonical form, as long as it surely fits; not a part of another number."""
_ANY_NUMBER = rb"(?:0|-?[1-9][0-9]{0,14}+)"
_ANY_TEXT = rb"[ !#-\[\]-\xff]*+"
"""Whatever canonical JSON writes as it is: no control character, quotation mark or backslash."""
_NOTHING = rb"(?:(?!)())?"
"""A group that takes part in no match, so that it is None."""


class BodyUnfit(Exception):  # noqa: N818 - says what the body is
    """A body is not an event's, or not in canonical form; the message says which."""


@dataclass(frozen=True, slots=True)
class Form:
    """Bodies that are alike: the groups of the pattern that are `SAID`, and that of each field."""

    pattern: re.Pattern[bytes]
    said: Sequence[int]
    private: dict[bytes, int]


Committed = tuple["re.Match[bytes] | None", Mapping[bytes, Any]]
"""The commitments of a body, by field: as groups of a match, or as they are."""


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with its keys in order."""


class Bodies:
    """Reads bodies, and remembers their forms."""

    def __init__(self) -> None:
        self._last: dict[bytes, Form] = {}
        """The form that a type of event had last."""
        self._forms: dict[bytes, list[Form]] = {}
        self._count = 0

    def read(self, body: bytes, kind: bytes) -> tuple[Said, Committed]:
        """What a body says; its type is probably `kind`. Raises BodyUnfit."""
        if not body.isascii():
            _refuse_what_is_no_text(body)
        form = self._last.get(kind)
        if form is not None:
            match = form.pattern.fullmatch(body)
            if match is not None:
                return match.group(*form.said), (match, form.private)
        for form in self._forms.get(kind, ()):
            match = form.pattern.fullmatch(body)
            if match is not None:
                self._last[kind] = form
                return match.group(*form.said), (match, form.private)
        said, private = parsed(body)
        if self._count < MOST_FORMS and b"\\" not in body:
            self._learn(body)
        return said, (None, private)

    def _learn(self, body: bytes) -> None:
        """Finds the places by parsing the body once more, with each text replaced by its place."""
        keys: set[int] = set()

        def told(pairs: list[tuple[str, Any]]) -> _Pairs:
            keys.update(int(key) for key, _ in pairs)
            return _Pairs(pairs)

        parts = body.split(b'"')
        places = [str(at) if at % 2 else part.decode() for at, part in enumerate(parts)]
        pairs = json.loads('"'.join(places), object_pairs_hook=told)
        found = {parts[int(key)].decode(): (int(key), value) for key, value in pairs}
        private = {parts[int(key)]: int(value) for key, value in found[PRIVATE][1]}
        said = {name: found[name] for name in SAID}
        taken = {int(value) for _, value in said.values() if value is not None} | {
            *private.values()
        }
        absent = {key for key, value in said.values() if value is None}
        groups = {place: at for at, place in enumerate(sorted(taken | absent), 1)}
        form = Form(
            re.compile(_pattern(parts, keys, taken, absent), re.DOTALL),
            [groups[key if value is None else int(value)] for key, value in said.values()],
            {field: groups[place] for field, place in private.items()},
        )
        kind = parts[int(said["type"][1])]
        self._forms.setdefault(kind, []).append(form)
        self._last[kind] = form
        self._count += 1


def _refuse_what_is_no_text(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError:
        raise BodyUnfit("It is no text in UTF-8.") from None


def _pattern(parts: list[bytes], keys: set[int], taken: set[int], absent: set[int]) -> bytes:
    """Of the parts of a body; those `taken` are groups, and so is null behind the keys `absent`."""
    found = []
    for at, part in enumerate(parts):
        if at in keys:
            found.append(re.escape(part) + (_NOTHING if at in absent else b""))
        elif at % 2:
            found.append(b"(%b)" % _ANY_TEXT if at in taken else _ANY_TEXT)
        else:
            pieces = [re.escape(piece) for piece in _NUMBER.split(part)]
            found.append(_ANY_NUMBER.join(pieces))
    return b'"'.join(found)


def parsed(body: bytes) -> tuple[Said, dict[bytes, bytes]]:
    """What a body says, and its commitments by field, read the plain way. Raises BodyUnfit."""
    try:
        found = json.loads(body.decode())
        written = canonical(found)
    except (ValueError, RecursionError):
        raise BodyUnfit("It is not canonical JSON.") from None
    if written != body:
        raise BodyUnfit("It is not canonical JSON.")
    private = found.get(PRIVATE) if isinstance(found, dict) else None
    if not isinstance(private, dict) or not all(isinstance(one, str) for one in private.values()):
        raise BodyUnfit("It is not what an event says.")
    for name in SAID:
        value = found.get(name, 0)
        if not isinstance(value, str) and not (value is None and name in OPTIONAL):
            raise BodyUnfit("It is not what an event says.")
    values = (found[name] for name in SAID)
    said = tuple(None if value is None else value.encode() for value in values)
    return said, {field.encode(): value.encode() for field, value in private.items()}
