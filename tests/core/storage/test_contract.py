"""What every blob store does alike."""

import secrets
from itertools import product
from pathlib import Path

import pytest

from riskapp.core.storage.local import LocalFolder
from riskapp.core.storage.memory import MemoryBlobs
from riskapp.core.storage.port import BlobExists, BlobMissing, BlobStore
from tests.s3 import Bucket

PIECE = 256 * 1024
LONG = 17 * PIECE + 5
"""Longer than what any store fetches at a time"""


@pytest.fixture(params=["local", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        return bucket.blobs()
    return LocalFolder(tmp_path / "blobs") if request.param == "local" else MemoryBlobs()


@pytest.fixture
def name() -> str:
    return secrets.token_hex(16)


def keep(store: BlobStore, name: str, *pieces: bytes) -> None:
    with store.create(name) as writer:
        for piece in pieces:
            writer.write(piece)
        writer.finish()
        writer.settle()


def nowhere(store: BlobStore, name: str) -> bool:
    """Nothing is left of a name: unreadable, unlisted, and free again."""
    with pytest.raises(BlobMissing):
        store.read(name)
    store.create(name).abort()
    return name not in store.names()


def test_a_settled_blob_reads_back(store: BlobStore, name: str) -> None:
    keep(store, name, b"first ", b"", b"second")
    assert b"".join(store.read(name)) == b"first second"
    assert store.size(name) == 12
    assert list(store.names()) == [name]


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, LONG])
def test_blobs_are_read_in_pieces_of_256_kib(store: BlobStore, name: str, length: int) -> None:
    data = secrets.token_bytes(length)
    keep(store, name, data)
    pieces = list(store.read(name))
    assert b"".join(pieces) == data
    assert all(len(piece) == PIECE for piece in pieces[:-1])
    assert all(pieces)


def test_a_range_is_read_and_ends_where_the_blob_does(store: BlobStore, name: str) -> None:
    data = secrets.token_bytes(LONG)
    keep(store, name, data)
    starts = (0, 1, PIECE - 1, PIECE, LONG - 1, LONG, LONG + 1)
    for start, length in product(starts, (None, 0, 1, PIECE, PIECE + 1, LONG)):
        pieces = list(store.read(name, start, length))
        assert b"".join(pieces) == data[start : None if length is None else start + length]
        assert all(len(piece) == PIECE for piece in pieces[:-1])
        assert all(pieces)


def test_no_range_of_an_empty_blob_holds_anything(store: BlobStore, name: str) -> None:
    keep(store, name)
    for start, length in [(0, None), (0, 5), (5, None), (5, 5)]:
        assert list(store.read(name, start, length)) == []


@pytest.mark.parametrize(("start", "length"), [(0, None), (0, 0), (9, None), (9, 9)])
def test_a_range_of_a_missing_blob_is_refused_at_once(
    store: BlobStore, name: str, start: int, length: int | None
) -> None:
    with pytest.raises(BlobMissing):
        store.read(name, start, length)


def test_a_finished_blob_is_readable_before_it_is_settled_and_not_listed(
    store: BlobStore, name: str
) -> None:
    with store.create(name) as writer:
        writer.write(b"report")
        writer.finish()
        assert b"".join(store.read(name)) == b"report"
        assert store.size(name) == 6
        assert list(store.names()) == []
        writer.settle()
    assert list(store.names()) == [name]


def test_reading_goes_on_while_the_blob_is_settled(store: BlobStore, name: str) -> None:
    with store.create(name) as writer:
        writer.write(bytes(2 * PIECE))
        writer.finish()
        pieces = store.read(name)
        first = next(pieces)
        writer.settle()
    assert first + b"".join(pieces) == bytes(2 * PIECE)


def test_an_unfinished_blob_is_missing(store: BlobStore, name: str) -> None:
    with store.create(name) as writer:
        writer.write(b"half")
        for ask in (store.read, store.size, store.delete):
            with pytest.raises(BlobMissing) as refusal:
                ask(name)
            assert refusal.value.name == name


@pytest.mark.parametrize("finished", [False, True])
def test_abort_leaves_nothing(store: BlobStore, name: str, finished: bool) -> None:
    writer = store.create(name)
    writer.write(b"secret")
    if finished:
        writer.finish()
    writer.abort()
    writer.abort()
    assert nowhere(store, name)


@pytest.mark.parametrize("finished", [False, True])
def test_an_exception_leaves_nothing(store: BlobStore, name: str, finished: bool) -> None:
    def fails() -> None:
        with store.create(name) as writer:
            writer.write(b"secret")
            if finished:
                writer.finish()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert nowhere(store, name)


def test_leaving_without_settling_leaves_nothing(store: BlobStore, name: str) -> None:
    with store.create(name) as writer:
        writer.finish()
    assert nowhere(store, name)


def test_an_exception_after_settling_takes_nothing_away(store: BlobStore, name: str) -> None:
    def fails_late() -> None:
        with store.create(name) as writer:
            writer.write(b"kept")
            writer.finish()
            writer.settle()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails_late()
    assert b"".join(store.read(name)) == b"kept"


def test_a_name_is_never_written_twice(store: BlobStore, name: str) -> None:
    with store.create(name) as writer:
        writer.write(b"first")
        with pytest.raises(BlobExists):
            store.create(name)
        writer.finish()
        with pytest.raises(BlobExists):
            store.create(name)
        writer.settle()
    with pytest.raises(BlobExists) as refusal:
        store.create(name)
    assert refusal.value.name == name
    assert b"".join(store.read(name)) == b"first"


def test_a_deleted_blob_is_missing(store: BlobStore, name: str) -> None:
    keep(store, name, b"x")
    store.delete(name)
    with pytest.raises(BlobMissing):
        store.delete(name)
    assert nowhere(store, name)


@pytest.mark.parametrize(
    "bad", ["", "..", "a" * 31, "a" * 33, "A" * 32, "../" + "a" * 29, "a" * 32 + "\n", "g" * 32]
)
def test_only_random_hexadecimal_names_pass(store: BlobStore, bad: str) -> None:
    for ask in (store.create, store.read, store.size, store.delete):
        with pytest.raises(ValueError, match="not a blob's name"):
            ask(bad)


def test_steps_out_of_order_are_refused(store: BlobStore, name: str) -> None:
    with store.create(name) as writer:
        with pytest.raises(RuntimeError):
            writer.settle()
        writer.finish()
        with pytest.raises(RuntimeError):
            writer.write(b"late")
        with pytest.raises(RuntimeError):
            writer.finish()
        writer.settle()
        with pytest.raises(RuntimeError):
            writer.settle()
    with pytest.raises(RuntimeError):
        writer.write(b"late")


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_a_sweep_leaves_living_writers_and_settled_blobs_alone(
    store: BlobStore, name: str, finished: bool, known: bool
) -> None:
    settled = secrets.token_hex(16)
    keep(store, settled, b"kept")
    with store.create(name) as writer:
        writer.write(b"going on")
        if finished:
            writer.finish()
        assert list(store.leftovers()) == []
        assert store.sweep(lambda _: known) == []
        if not finished:
            writer.finish()
        writer.settle()
    assert store.sweep(lambda _: known) == []
    assert b"".join(store.read(name)) == b"going on"
    assert b"".join(store.read(settled)) == b"kept"
