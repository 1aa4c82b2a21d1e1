"""What only a bucket has: leases, parts that lie about, a server that does not answer."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from riskapp.core.storage.port import BlobMissing, BlobStore, BlobWriter, StoreUnavailable
from riskapp.core.storage.s3 import connect
from tests.conftest import StoppedClock
from tests.s3 import Bucket, ask
from tests.serving import free_port

LARGE = bytes(20 * 1024 * 1024)
"""More than is sent at a time"""


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def store(bucket: Bucket, clock: StoppedClock) -> BlobStore:
    return bucket.blobs(clock.now)


@pytest.fixture
def name() -> str:
    return secrets.token_hex(16)


def left_behind(store: BlobStore, name: str, *, finished: bool) -> BlobWriter:
    """What a process leaves that is killed here: nobody settles or aborts."""
    writer = store.create(name)
    writer.write(b"half")
    if finished:
        writer.finish()
    return writer


def test_blobs_and_markers_lie_below_the_prefix(
    store: BlobStore, bucket: Bucket, name: str
) -> None:
    with store.create(name) as writer:
        writer.finish()
        assert bucket.keys() == [f"evidence/here/blobs/{name}", f"evidence/here/incoming/{name}"]
        writer.settle()
    assert bucket.keys() == [f"evidence/here/blobs/{name}"]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("finished", [False, True])
def test_what_a_killed_process_left_is_put_in_order_after_an_hour(
    store: BlobStore, bucket: Bucket, clock: StoppedClock, name: str, known: bool, finished: bool
) -> None:
    left_behind(store, name, finished=finished)
    clock.pass_by(minutes=59)
    assert list(store.leftovers()) == []
    assert store.sweep(lambda _: known) == []
    clock.pass_by(minutes=1)
    assert list(store.leftovers()) == [name]
    assert list(store.names()) == []
    assert store.sweep(lambda _: known) == [name]
    assert list(store.leftovers()) == []
    if finished and known:
        assert list(store.names()) == [name]
        assert b"".join(store.read(name)) == b"half"
    else:
        assert bucket.keys() == []
    assert store.sweep(lambda _: known) == []


def test_a_sweep_that_was_killed_is_done_again(
    store: BlobStore, bucket: Bucket, clock: StoppedClock, name: str
) -> None:
    def killed(_: str) -> bool:
        raise KeyboardInterrupt

    left_behind(store, name, finished=True)
    clock.pass_by(hours=1)
    with pytest.raises(KeyboardInterrupt):
        store.sweep(killed)
    clock.pass_by(hours=1)
    assert store.sweep(lambda _: False) == [name]
    assert bucket.keys() == []


def test_a_writer_that_goes_on_writing_for_hours_is_not_swept(
    store: BlobStore, clock: StoppedClock, name: str
) -> None:
    with store.create(name) as writer:
        for _ in range(4):
            clock.pass_by(minutes=50)
            writer.write(b"more ")
            assert store.sweep(lambda _: False) == []
        clock.pass_by(minutes=50)
        writer.finish()
        clock.pass_by(minutes=50)
        assert store.sweep(lambda _: False) == []
        writer.settle()
    assert b"".join(store.read(name)) == b"more " * 4


@pytest.mark.parametrize("size", [5, len(LARGE)])
def test_a_writer_that_was_swept_meanwhile_fails_before_a_row_is_committed(
    store: BlobStore, bucket: Bucket, clock: StoppedClock, name: str, size: int
) -> None:
    with store.create(name) as writer:
        writer.write(LARGE[:size])
        clock.pass_by(hours=1)
        assert store.sweep(lambda _: True) == [name]
        with pytest.raises(StoreUnavailable):
            writer.finish()
    assert bucket.keys() == []
    assert bucket.uploads() == []
    with pytest.raises(BlobMissing):
        store.read(name)


def test_a_writer_that_finishes_while_a_sweep_looks_at_it_is_left_alone(
    store: BlobStore, bucket: Bucket, clock: StoppedClock, name: str
) -> None:
    writer = store.create(name)
    writer.write(b"late, but there")
    meanwhile = [writer.finish]

    def once_looked_at() -> datetime:
        # Asked for after the sweep's look at the marker, before it takes over.
        while meanwhile:
            meanwhile.pop()()
        return clock.time + timedelta(hours=2)

    sweeper = bucket.blobs(once_looked_at)
    assert sweeper.sweep(lambda _: False) == []
    writer.settle()
    assert b"".join(store.read(name)) == b"late, but there"


def test_of_two_sweeps_at_once_one_does_it(
    store: BlobStore, bucket: Bucket, clock: StoppedClock, name: str
) -> None:
    left_behind(store, name, finished=True)
    clock.pass_by(hours=1)
    inner: list[list[str]] = []

    def known(_: str) -> bool:
        inner.append(bucket.blobs(clock.now).sweep(lambda _: False))
        return True

    assert store.sweep(known) == [name]
    assert inner == [[]]
    assert b"".join(store.read(name)) == b"half"


def test_a_marker_that_is_none_of_ours_is_cleared_like_a_dead_writers(
    store: BlobStore, bucket: Bucket, name: str
) -> None:
    ask(bucket.endpoint, "PUT", f"/{bucket.name}/evidence/here/incoming/{name}", b"?")
    assert store.sweep(lambda _: True) == [name]
    assert bucket.keys() == []


def test_what_others_put_beside_blobs_is_not_named(
    store: BlobStore, bucket: Bucket, name: str
) -> None:
    with store.create(name) as writer:
        writer.finish()
        writer.settle()
    ask(bucket.endpoint, "PUT", f"/{bucket.name}/evidence/here/blobs/{name}.part", b"")
    assert list(store.names()) == [name]


def test_abort_leaves_no_parts_either(store: BlobStore, bucket: Bucket, name: str) -> None:
    with store.create(name) as writer:
        writer.write(LARGE)
        assert bucket.uploads() == [f"evidence/here/blobs/{name}"]
    assert bucket.uploads() == []
    assert bucket.keys() == []


def test_a_large_blob_reads_back(store: BlobStore, name: str) -> None:
    data = secrets.token_bytes(len(LARGE) + 1)
    with store.create(name) as writer:
        for at in range(0, len(data), 64 * 1024):
            writer.write(data[at : at + 64 * 1024])
        writer.finish()
        writer.settle()
    assert b"".join(store.read(name)) == data


ASKS: dict[str, Callable[[BlobStore, str], object]] = {
    "create": lambda store, name: store.create(name),
    "read": lambda store, name: store.read(name),
    "range": lambda store, name: store.read(name, 5, 5),
    "size": lambda store, name: store.size(name),
    "delete": lambda store, name: store.delete(name),
    "names": lambda store, _: list(store.names()),
    "leftovers": lambda store, _: list(store.leftovers()),
    "sweep": lambda store, _: store.sweep(lambda _: True),
}


@pytest.mark.parametrize("verb", ASKS)
def test_a_server_that_does_not_answer_is_said_so_in_one_line_without_the_secret(
    name: str, clock: StoppedClock, verb: str
) -> None:
    store = connect(
        "s3://bucket",
        endpoint=f"http://127.0.0.1:{free_port()}",
        region="us-east-1",
        key="key",
        secret="unsayable",
        now=clock.now,
    )
    with pytest.raises(StoreUnavailable) as refusal:
        ASKS[verb](store, name)
    said = f"{refusal.value} {refusal.value.__cause__}"
    assert "error sending request" in said
    assert "\n" not in said
    assert "unsayable" not in said


@pytest.mark.parametrize("size", [5, len(LARGE)])
def test_a_bucket_that_goes_away_fails_the_writer_and_nothing_hangs(
    store: BlobStore, bucket: Bucket, name: str, size: int
) -> None:
    writer = store.create(name)
    writer.write(LARGE[:size])
    ask(bucket.endpoint, "POST", "/moto-api/reset")
    with pytest.raises(StoreUnavailable):
        writer.finish()
    with pytest.raises(RuntimeError):
        writer.settle()
    with pytest.raises(StoreUnavailable, match="a sweep will"):
        writer.abort()
