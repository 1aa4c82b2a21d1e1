"""What the driver hands over, taken for hashes, times, words and ranges. Pure."""

import binascii
import hashlib
from binascii import unhexlify
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from riskapp.audit.merkle import HASH_BYTES

APART = 16
"""Ids so far from one another are read as one range: a lower one may have become visible later."""
NOTHING = bytes(HASH_BYTES)
"""Takes the place of a leaf that is not there, or is none."""


def levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The roots of all whole subtrees, by level."""
    sha, levels = hashlib.sha256, [leaves]
    while len(levels[-1]) > 1:
        each = iter(levels[-1])
        pairs = zip(each, each, strict=False)  # the last of an odd number stands alone
        levels.append([sha(b"\x01" + left + right).digest() for left, right in pairs])
    return levels


def decoded(hashes: Sequence[Any]) -> bytes:
    """32 bytes of each text of 64 hex digits, one after the other; zeros for any other."""
    try:
        found = unhexlify(b"".join(hashes))
    except (binascii.Error, TypeError):
        found = b""
    if len(found) == HASH_BYTES * len(hashes) and {*map(len, hashes)} <= {2 * HASH_BYTES}:
        return found
    return b"".join(map(_one_decoded, hashes))


def _one_decoded(text: Any) -> bytes:  # noqa: ANN401 - SQLite's columns hold anything
    try:
        found = unhexlify(text)
    except (ValueError, TypeError):
        return NOTHING
    return found if len(found) == HASH_BYTES else NOTHING


def apart(hashes: bytes, size: int = HASH_BYTES) -> list[bytes]:
    return [hashes[at : at + size] for at in range(0, len(hashes), size)]


def runs(events: list[int]) -> list[tuple[int, int]]:
    """Ids (in order) as few ranges, first and last each, that hold little else."""
    if events and events[-1] - events[0] < len(events) + APART:
        return [(events[0], events[-1])]
    found: list[tuple[int, int]] = []
    for event in events:
        if found and event - found[-1][1] <= APART:
            found[-1] = found[-1][0], event
        else:
            found.append((event, event))
    return found


def text(found: Any) -> str:  # noqa: ANN401 - likewise
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found or "")


def same_time(said: str, told: str) -> bool:
    """Whether a body's time is the column's, and is written as a body's times are."""
    found = time(said)
    return found is not None and found == time(told) and found.astimezone(UTC).isoformat() == said


def time(told: str) -> datetime | None:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return None
