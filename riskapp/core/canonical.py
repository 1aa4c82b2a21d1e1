"""One way to write a JSON value as bytes, so that a hash over it means the same to everybody."""

import hashlib
import json
from typing import Any

import rfc8785

_EXACT = 2**53 - 1
_SCALARS = frozenset({str, bool, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return `value` as canonical JSON (RFC 8785): sorted keys, no spaces, UTF-8.

    Raises ValueError for what has no such form: NaN, infinities, integers beyond ±(2^53 - 1),
    lone surrogates, keys that are not text.
    """
    if _plain(value):
        # The same bytes from the standard library's encoder, which is written in C.
        return _ENCODER.encode(value).encode()
    return rfc8785.dumps(value)


def _plain(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether JSON has one obvious way to write it.

    There are no floats in it, no integers that RFC 8785 refuses, and no keys that sort otherwise
    as UTF-16.
    """
    parts = [value]
    while parts:
        one = parts.pop()
        kind = type(one)
        if kind in _SCALARS:
            continue
        if kind is dict:
            if not all(type(key) is str and key.isascii() for key in one):
                return False
            parts += one.values()
        elif kind is list:
            parts += one
        elif kind is not int or not -_EXACT <= one <= _EXACT:
            return False
    return True


def digest(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """SHA-256 of `canonical(value)`, as 64 lower-case hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
