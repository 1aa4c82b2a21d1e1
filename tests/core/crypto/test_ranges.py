import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.crypto.ranges import SealedRanges
from riskapp.core.crypto.sealed import SealBroken, Sealer
from tests.core.crypto.vectors import INVALID, VALID, Vector, in_pieces, needs_vectors, taken

CHUNK = 16 * 1024
HEADER = 56
SEALED_CHUNK = CHUNK + 16
PIECE = 64 * 1024
KEY = b"k" * 32
LONG = hashlib.shake_256(b"ranges").digest(9 * CHUNK + 7)


class Stored:
    """Sealed bytes as a store gives them, which remembers what it was asked for.

    `off` makes it give so many bytes more than asked.
    """

    def __init__(self, sealed: bytes, piece: int = PIECE) -> None:
        self.sealed = sealed
        self.piece = piece
        self.asked: list[tuple[int, int]] = []
        self.off = 0

    def read(self, start: int, length: int) -> Iterator[bytes]:
        self.asked.append((start, length))
        return in_pieces(self.sealed[start : start + length + self.off], self.piece)


def sealed(data: bytes, piece: int = PIECE) -> bytes:
    sealer = Sealer(KEY, b"here")
    return b"".join([*(sealer.write(part) for part in in_pieces(data, piece)), sealer.finish()])


def opened(stored: Stored, key: bytes = KEY, context: bytes = b"here") -> SealedRanges:
    return SealedRanges(key, context, len(stored.sealed), stored.read)


SEALED_LONG = sealed(LONG)


def drained(pieces: Callable[[], Iterable[bytes]]) -> tuple[bytes, bool]:
    """What came out, and whether the file turned out to be broken."""
    out = bytearray()
    try:
        for piece in pieces():
            out += piece
    except SealBroken:
        return bytes(out), True
    return bytes(out), False


def of(vector: Vector, piece: int) -> Iterator[bytes]:
    stored = Stored(vector.ct, piece)
    return SealedRanges(vector.key, vector.ctx, len(vector.ct), stored.read).pieces()


@needs_vectors
@pytest.mark.parametrize(("vector", "piece"), taken(VALID, 1, PIECE))
def test_valid_vectors_open(vector: Vector, piece: int) -> None:
    plain, broken = drained(lambda: of(vector, piece))
    assert not broken
    assert len(plain) == vector.true_length
    assert hashlib.sha512(plain).hexdigest() == vector.true_sha512


@needs_vectors
@pytest.mark.parametrize(("vector", "piece"), taken(INVALID, 1, PIECE))
def test_invalid_vectors_are_refused_and_give_out_nothing_wrong_before(
    vector: Vector, piece: int
) -> None:
    plain, broken = drained(lambda: of(vector, piece))
    assert broken
    assert len(plain) in {0, vector.true_length}
    if plain:
        assert hashlib.sha512(plain).hexdigest() == vector.true_sha512


@needs_vectors
@pytest.mark.parametrize(("vector", "piece"), taken(VALID, 1))
def test_what_was_sealed_byte_by_byte_opens_byte_by_byte(vector: Vector, piece: int) -> None:
    plain = b"".join(of(vector, PIECE))
    assert b"".join(opened(Stored(sealed(plain, piece), piece)).pieces()) == plain


AT_BOUNDS = st.builds(
    lambda chunk, by: chunk * CHUNK + by, st.integers(1, 9), st.sampled_from([-1, 0, 1])
)
ANYWHERE = st.integers(0, len(LONG) + 9)


@given(
    start=ANYWHERE | AT_BOUNDS,
    length=st.none() | ANYWHERE | AT_BOUNDS,
    piece=st.sampled_from([1000, SEALED_CHUNK - 1, SEALED_CHUNK, PIECE, 1 << 20]),
)
def test_any_range_is_the_slice_of_the_whole(start: int, length: int | None, piece: int) -> None:
    pieces = list(opened(Stored(SEALED_LONG, piece)).pieces(start, length))
    assert b"".join(pieces) == LONG[start : None if length is None else start + length]
    assert all(0 < len(piece) <= 4 * PIECE for piece in pieces)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 5 * CHUNK])
def test_size_and_whole_of_files_around_the_bounds_of_chunks(size: int) -> None:
    ranges = opened(Stored(sealed(LONG[:size])))
    assert ranges.size == size
    assert b"".join(ranges.pieces()) == LONG[:size]
    assert list(ranges.pieces(size)) == []


@pytest.mark.parametrize(("start", "length"), [(-1, 1), (0, -1)])
def test_a_range_that_cannot_be_is_refused_at_once(start: int, length: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        opened(Stored(SEALED_LONG)).pieces(start, length)


def test_a_range_costs_the_chunks_that_hold_it() -> None:
    stored = Stored(SEALED_LONG)
    ranges = opened(stored)
    assert stored.asked == [(0, HEADER), (HEADER + 9 * SEALED_CHUNK, 16 + 7)]
    stored.asked.clear()
    assert b"".join(ranges.pieces(3 * CHUNK - 1, 2)) == LONG[3 * CHUNK - 1 : 3 * CHUNK + 1]
    assert stored.asked == [(HEADER + 2 * SEALED_CHUNK, 2 * SEALED_CHUNK)]
    stored.asked.clear()
    assert b"".join(ranges.pieces(9 * CHUNK)) == LONG[9 * CHUNK :]
    assert stored.asked == []


def test_a_small_file_is_read_at_once() -> None:
    stored = Stored(sealed(b"report"))
    assert b"".join(opened(stored).pieces(2, 3)) == b"por"
    assert stored.asked == [(0, len(stored.sealed))]


def test_another_key_or_context_is_refused_before_a_byte() -> None:
    for key, context in [(b"K" * 32, b"here"), (KEY, b"there"), (KEY[:31], b"here"), (b"", b"")]:
        with pytest.raises(SealBroken):
            opened(Stored(SEALED_LONG), key, context)


@pytest.mark.parametrize("size", [0, 1, CHUNK, 4 * CHUNK + 1])
def test_a_cut_or_lengthened_file_is_refused_before_a_byte(size: int) -> None:
    whole = sealed(LONG[:size])
    bounds = {HEADER + chunk * SEALED_CHUNK + by for chunk in range(5) for by in (-1, 0, 1, 15, 16)}
    others = {0, 1, len(whole) - 17, len(whole) - 1} | bounds
    for end in sorted(end for end in others if 0 <= end < len(whole)):
        with pytest.raises(SealBroken):
            opened(Stored(whole[:end]))
        with pytest.raises(SealBroken):  # cut, though the row still says how long it was
            SealedRanges(KEY, b"here", len(whole), Stored(whole[:end]).read)
    for more in (1, 16, SEALED_CHUNK, SEALED_CHUNK + 16):
        with pytest.raises(SealBroken):
            opened(Stored(whole + bytes(more)))


def test_a_store_that_gives_less_or_more_than_asked_is_not_believed() -> None:
    for by in (-1, 1):
        stored = Stored(SEALED_LONG)
        ranges = opened(stored)
        stored.off = by
        assert drained(ranges.pieces)[1]


@given(st.integers(HEADER * 8, (len(SEALED_LONG) - 1) * 8))
def test_a_flipped_bit_spoils_its_chunk_and_no_other(bit: int) -> None:
    torn = bytearray(SEALED_LONG)
    torn[bit // 8] ^= 1 << bit % 8
    chunk = (bit // 8 - HEADER) // SEALED_CHUNK
    if chunk == 9:
        with pytest.raises(SealBroken):
            opened(Stored(bytes(torn)))
        return
    ranges = opened(Stored(bytes(torn)))
    assert drained(lambda: ranges.pieces(chunk * CHUNK, CHUNK)) == (b"", True)
    assert b"".join(ranges.pieces(0, chunk * CHUNK)) == LONG[: chunk * CHUNK]
    assert b"".join(ranges.pieces((chunk + 1) * CHUNK)) == LONG[(chunk + 1) * CHUNK :]


def test_every_flipped_bit_of_the_head_is_found() -> None:
    for bit in range(HEADER * 8):
        torn = bytearray(SEALED_LONG)
        torn[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            opened(Stored(bytes(torn)))


def test_chunks_that_changed_places_give_out_nothing() -> None:
    first, second = (
        SEALED_LONG[HEADER + at * SEALED_CHUNK : HEADER + (at + 1) * SEALED_CHUNK] for at in (2, 5)
    )
    moved = bytearray(SEALED_LONG)
    moved[HEADER + 2 * SEALED_CHUNK : HEADER + 3 * SEALED_CHUNK] = second
    moved[HEADER + 5 * SEALED_CHUNK : HEADER + 6 * SEALED_CHUNK] = first
    ranges = opened(Stored(bytes(moved)))
    for chunk in (2, 5):
        assert drained(partial(ranges.pieces, chunk * CHUNK, 1)) == (b"", True)
