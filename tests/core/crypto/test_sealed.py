import hashlib
import tracemalloc
from collections.abc import Iterable

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.exceptions import InvalidTag

from riskapp.core.crypto.sealed import SealBroken, Sealer, context, new_key, unseal
from tests.core.crypto.vectors import ALL, INVALID, VALID, Vector, in_pieces, needs_vectors, taken

CHUNK = 16 * 1024
HEADER = 56
SEALED_CHUNK = CHUNK + 16


def drained(plain: Iterable[bytes]) -> tuple[bytes, bool]:
    out = bytearray()
    try:
        for piece in plain:
            out += piece
    except SealBroken:
        return bytes(out), True
    return bytes(out), False


def seal(key: bytes, ctx: bytes, data: bytes, piece: int = 64 * 1024) -> bytes:
    sealer = Sealer(key, ctx)
    return b"".join([*(sealer.write(part) for part in in_pieces(data, piece)), sealer.finish()])


def library_opens(vector: Vector) -> bytes:
    cipher = Cobblestone256Decryptor(vector.key, vector.ctx)
    return cipher.update(vector.ct) + cipher.finalize()


@needs_vectors
def test_there_are_35_vectors_of_which_10_are_valid() -> None:
    assert (len(ALL), len(VALID)) == (35, 10)


@needs_vectors
@pytest.mark.parametrize("vector", VALID, ids=str)
def test_library_opens_valid_vectors_in_one_go(vector: Vector) -> None:
    plain = library_opens(vector)
    assert hashlib.sha512(plain).hexdigest() == vector.true_sha512


@needs_vectors
@pytest.mark.parametrize("vector", INVALID, ids=str)
def test_library_refuses_invalid_vectors_in_one_go(vector: Vector) -> None:
    with pytest.raises((InvalidTag, ValueError)):
        library_opens(vector)


@needs_vectors
@pytest.mark.parametrize(("vector", "piece"), taken(VALID, 1, 7, 16_399, 16_400, 1 << 30))
def test_valid_vectors_open_in_pieces_of_any_size(vector: Vector, piece: int) -> None:
    plain, broken = drained(unseal(vector.key, vector.ctx, in_pieces(vector.ct, piece)))
    assert not broken
    assert len(plain) == vector.true_length
    assert hashlib.sha512(plain).hexdigest() == vector.true_sha512


@needs_vectors
@pytest.mark.parametrize(("vector", "piece"), taken(INVALID, 1, 7, 16_399, 16_400, 1 << 30))
def test_invalid_vectors_are_refused_and_give_out_nothing_wrong_before(
    vector: Vector, piece: int
) -> None:
    plain, broken = drained(unseal(vector.key, vector.ctx, in_pieces(vector.ct, piece)))
    assert broken
    assert len(plain) in {0, vector.true_length}
    if plain:
        assert hashlib.sha512(plain).hexdigest() == vector.true_sha512


@needs_vectors
@pytest.mark.parametrize(("vector", "piece"), taken(VALID, 1, 65_536))
def test_what_the_push_writer_seals_opens_again(vector: Vector, piece: int) -> None:
    plain = library_opens(vector)
    sealed = seal(vector.key, vector.ctx, plain, piece)
    assert len(sealed) == len(vector.ct)
    assert sealed != vector.ct  # a salt of its own
    assert b"".join(unseal(vector.key, vector.ctx, [sealed])) == plain


def test_context_is_canonical_json() -> None:
    assert context("v-1", "é", 3) == '{"evidence":"é","v":1,"vendor":"v-1","version":3}'.encode()


@pytest.mark.parametrize(
    "other",
    [context("mallory", "e", 1), context("vera", "f", 1), context("vera", "e", 2), b""],
)
def test_a_file_opens_only_for_its_vendor_evidence_and_version(other: bytes) -> None:
    key = new_key()
    sealed = seal(key, context("vera", "e", 1), b"report")
    assert drained(unseal(key, context("vera", "e", 1), [sealed])) == (b"report", False)
    assert drained(unseal(key, other, [sealed])) == (b"", True)


@pytest.mark.parametrize("key", [b"", b"k" * 16, b"k" * 31, b"k" * 32, b"k" * 33])
def test_a_wrong_key_of_any_length_opens_nothing(key: bytes) -> None:
    assert drained(unseal(key, b"", [seal(new_key(), b"", b"report")])) == (b"", True)


def test_a_key_of_16_bytes_seals_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"k" * 16, b"")


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_every_truncation_at_a_boundary_is_found(length: int) -> None:
    key = new_key()
    sealed = seal(key, b"", b"x" * length)
    ends = {0, 1, HEADER - 1, HEADER, HEADER + 1, len(sealed) - 17, len(sealed) - 16}
    ends |= {HEADER + SEALED_CHUNK, HEADER + 2 * SEALED_CHUNK, len(sealed) - 1}
    for end in sorted(end for end in ends if 0 <= end < len(sealed)):
        assert drained(unseal(key, b"", [sealed[:end]]))[1], end


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 16, b"\0" * SEALED_CHUNK])
def test_extension_is_found(tail: bytes) -> None:
    key = new_key()
    assert drained(unseal(key, b"", [seal(key, b"", b"report"), tail]))[1]


def test_reordered_chunks_give_out_nothing() -> None:
    key = new_key()
    sealed = seal(key, b"", b"a" * CHUNK + b"b" * CHUNK + b"c")
    first, second = HEADER, HEADER + SEALED_CHUNK
    end = second + SEALED_CHUNK
    swapped = sealed[:first] + sealed[second:end] + sealed[first:second] + sealed[end:]
    assert drained(unseal(key, b"", [swapped])) == (b"", True)


def test_every_flipped_bit_of_a_small_file_is_found() -> None:
    key = new_key()
    sealed = seal(key, b"", b"ok")
    for bit in range(len(sealed) * 8):
        torn = bytearray(sealed)
        torn[bit // 8] ^= 1 << bit % 8
        assert drained(unseal(key, b"", [bytes(torn)])) == (b"", True), bit


def test_opening_32_mib_handed_over_whole_takes_little_memory_more() -> None:
    key = new_key()
    sealed = seal(key, b"", bytes(32 << 20))
    tracemalloc.start()
    try:
        assert sum(len(piece) for piece in unseal(key, b"", [sealed])) == 32 << 20
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
