"""The published vectors of chunked encryption for AES-256, from the shared test data."""

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
VECTORS = SHARED / "data/vectors/c2sp_chunked_encryption_aes_256_gcm_test.json"


@dataclass(frozen=True)
class Vector:
    tc_id: int
    key: bytes
    ctx: bytes
    ct: bytes
    valid: bool
    true_length: int
    true_sha512: str

    def __str__(self) -> str:
        return f"tc{self.tc_id}"


def load() -> list[Vector]:
    if not VECTORS.exists():
        return []
    (group,) = json.loads(VECTORS.read_text())["testGroups"]
    return [
        Vector(
            tc_id=test["tcId"],
            key=bytes.fromhex(test["key"]),
            ctx=bytes.fromhex(test["ctx"]),
            ct=zlib.decompress(bytes.fromhex(test["ct"])),
            valid=test["result"] == "valid",
            true_length=test.get("msgLength", 0),
            true_sha512=test.get("msgSha512", hashlib.sha512(b"").hexdigest()),
        )
        for test in group["tests"]
    ]


ALL = load()
VALID = [vector for vector in ALL if vector.valid]
INVALID = [vector for vector in ALL if not vector.valid]
needs_vectors = pytest.mark.skipif(not ALL, reason=f"no published vectors at {VECTORS}")


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


MANY_PIECES = 1 << 20


def taken(vectors: Sequence[Vector], *pieces: int) -> list[ParameterSet]:
    """Each vector with each size of pieces; the longest ones, a byte at a time, in the soak."""
    return [
        pytest.param(
            vector,
            piece,
            id=f"{vector}-{piece}",
            marks=[pytest.mark.soak] if len(vector.ct) // piece > MANY_PIECES else [],
        )
        for vector in vectors
        for piece in pieces
    ]
