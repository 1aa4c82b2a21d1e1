"""What the bodies of events say, read at the price of a look at each form once. Pure.

To parse a million bodies and to write them again, to see whether they are canonical, would cost
more than all else that verifying does. Most bodies differ in texts and numbers alone. Split at its
quotation marks, a body without backslashes and control characters falls into texts and what stands
between them. Where the keys and what stands between texts, but for whole numbers, are those of a
body that was parsed and found canonical, this one is canonical too, and says its things at the same
places. Everything is bytes (UTF-8), as the drivers hand it over.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from riskapp.core.canonical import canonical

Parts = Sequence[Any]
Said = tuple[bytes | None, ...]
"""In the order of `SAID`."""

SAID = ("actor", "assessment", "object", "type", "vendor", "at")
OPTIONAL = frozenset({"assessment", "vendor"})
PRIVATE = "private"
MOST_FORMS = 1000
"""So many are remembered; beyond them bodies are parsed."""
MOST_NUMBERS = 10_000
"""So many numbers of a form are remembered as well written."""
_CONTROLS = bytes(range(32))
_NULL = -1
"""Where the parts of a body hold None: behind the last."""
_DIGIT = re.compile(rb"[0-9]")
_NUMBER = re.compile(rb"(?<![\w.+-])(?:0|-?[1-9][0-9]{0,14})(?![\w.+-])")
"""A whole number in canonical form, as long as it surely fits; not a part of another number."""
_IN_ORDER = itemgetter(*range(len(SAID)))


class BodyUnfit(Exception):  # noqa: N818 - says what the body is
    """A body is not an event's, or not in canonical form; the message says which."""


@dataclass(frozen=True, slots=True)
class Form:
    """Where bodies of one form say things, as indexes into their parts.

    A body is of this form if it has as many parts (one more, for None), the `fixed` ones are as
    `expected`, and the `counting` ones are those of `without` but for whole numbers; `seen` are
    some of which that is known.
    """

    length: int
    fixed: Callable[[Parts], Sequence[bytes]]
    expected: Sequence[bytes]
    counting: Callable[[Parts], Any]
    without: bytes
    seen: set[Any]
    said: Callable[[Parts], Said]
    private: dict[bytes, int]
    """Of each field, the part that is its commitment."""


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with its keys in order."""


class Bodies:
    """Reads bodies, and remembers their forms."""

    def __init__(self) -> None:
        self._last: dict[bytes, Form] = {}
        """The form that a type of event had last."""
        self._forms: dict[bytes, list[Form]] = {}
        self._count = 0

    def read(self, body: bytes, kind: bytes) -> tuple[Form, list[Any]]:
        """The form of a body, and its parts; its type is probably `kind`. Raises BodyUnfit."""
        parts: list[Any] = body.split(b'"')
        parts.append(None)
        if b"\\" not in body and len(body.translate(None, _CONTROLS)) == len(body):
            form = self._last.get(kind)
            if form is not None and _fits(form, parts):
                return form, parts
            for form in self._forms.get(kind, ()):
                if _fits(form, parts):
                    self._last[kind] = form
                    return form, parts
            said, private = parsed(body)
            if self._count < MOST_FORMS:
                self._learn(parts)
        else:
            said, private = parsed(body)
        names = {field: at for at, field in enumerate(private, len(SAID))}
        form = Form(0, tuple, (), tuple, b"", set(), _IN_ORDER, names)
        return form, [*said, *private.values()]

    def _learn(self, parts: list[Any]) -> None:
        """Finds the places by parsing the body once more, with each text replaced by its place."""
        keys: list[int] = []

        def told(pairs: list[tuple[str, Any]]) -> _Pairs:
            keys.extend(int(key) for key, _ in pairs)
            return _Pairs(pairs)

        places = [str(at) if at % 2 else part.decode() for at, part in enumerate(parts[:-1])]
        pairs = json.loads('"'.join(places), object_pairs_hook=told)
        found = {parts[int(key)].decode(): value for key, value in pairs}
        said = [_NULL if found[name] is None else int(found[name]) for name in SAID]
        between = range(0, len(parts) - 1, 2)
        numbers = [at for at in between if _DIGIT.search(parts[at])]
        fixed = itemgetter(*keys, *(at for at in between if at not in numbers))
        counting = itemgetter(*numbers) if numbers else _none
        form = Form(
            len(parts),
            fixed,
            fixed(parts),
            counting,
            _numberless(counting(parts)),
            set(),
            itemgetter(*said),
            {parts[int(key)]: int(value) for key, value in found[PRIVATE]},
        )
        kind = parts[int(found["type"])]
        self._forms.setdefault(kind, []).append(form)
        self._last[kind] = form
        self._count += 1


def _fits(form: Form, parts: list[Any]) -> bool:
    if len(parts) != form.length or form.fixed(parts) != form.expected:
        return False
    numbers = form.counting(parts)
    if numbers not in form.seen:
        if _numberless(numbers) != form.without:
            return False
        if len(form.seen) < MOST_NUMBERS:
            form.seen.add(numbers)
    return True


def _numberless(parts: bytes | tuple[bytes, ...]) -> bytes:
    return _NUMBER.sub(b"0", parts if isinstance(parts, bytes) else b'"'.join(parts))


def _none(_parts: Parts) -> bytes:
    return b""


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
