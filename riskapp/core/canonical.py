"""One way to write a JSON value as bytes, so that a hash over it means the same to everybody."""

import hashlib
from typing import Any

import rfc8785


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return `value` as canonical JSON (RFC 8785): sorted keys, no spaces, UTF-8.

    Raises ValueError for what has no such form: NaN, infinities, integers beyond ±(2^53 - 1),
    lone surrogates, keys that are not text.
    """
    return rfc8785.dumps(value)


def digest(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """SHA-256 of `canonical(value)`, as 64 lower-case hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
