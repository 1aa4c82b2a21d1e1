"""What only a folder on a disk has: modes, killed processes, a disk that fails."""

import resource
import secrets
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from riskapp.core.storage.local import LocalFolder
from riskapp.core.storage.port import BlobExists, BlobMissing, StoreUnavailable

ROOT = Path(__file__).resolve().parents[3]
WRITER = """
import pathlib, sys, time
from riskapp.core.storage.local import LocalFolder
root, name, until = sys.argv[1:]
writer = LocalFolder(pathlib.Path(root)).create(name)
writer.write(b"x" * 100_000)
if until == "finished":
    writer.finish()
print("there", flush=True)
time.sleep(60)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(root: Path) -> LocalFolder:
    return LocalFolder(root)


@pytest.fixture
def name() -> str:
    return secrets.token_hex(16)


@contextmanager
def other_process(root: Path, name: str, until: str) -> Iterator[None]:
    """A process that has come as far as `until` with a blob; killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), name, until], stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == b"there\n"
            yield
        finally:
            child.send_signal(signal.SIGKILL)


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("known", [False, True])
def test_what_a_process_killed_in_the_middle_left_is_removed(
    store: LocalFolder, root: Path, name: str, known: bool
) -> None:
    with other_process(root, name, "half"):
        pass
    assert files(root) == [f"incoming/{name}"]
    assert store.sweep(lambda _: known) == [name]
    assert files(root) == []


def test_a_blob_whose_row_was_committed_before_the_kill_is_settled(
    store: LocalFolder, root: Path, name: str
) -> None:
    with other_process(root, name, "finished"):
        pass
    assert store.size(name) == 100_000
    assert store.sweep(lambda asked: asked == name) == [name]
    assert files(root) == [f"{name[:2]}/{name}"]
    assert b"".join(store.read(name)) == b"x" * 100_000


def test_a_finished_blob_without_a_row_is_removed_after_the_kill(
    store: LocalFolder, root: Path, name: str
) -> None:
    with other_process(root, name, "finished"):
        pass
    assert store.sweep(lambda _: False) == [name]
    assert files(root) == []


@pytest.mark.parametrize("until", ["half", "finished"])
def test_a_living_writer_in_another_process_is_left_alone_and_not_asked_about(
    store: LocalFolder, root: Path, name: str, until: str
) -> None:
    def never(name: str) -> bool:
        raise AssertionError(name)

    with other_process(root, name, until):
        assert store.sweep(never) == []
        assert files(root) == [f"incoming/{name}"]
        with pytest.raises(BlobExists):
            store.create(name)


def test_nothing_is_readable_by_others(store: LocalFolder, root: Path, name: str) -> None:
    with store.create(name) as writer:
        assert mode(root / "incoming" / name) == 0o600
        writer.finish()
        assert mode(root / "incoming" / name) == 0o400
        writer.settle()
    assert mode(root / name[:2] / name) == 0o400
    assert [mode(folder) for folder in (root, root / "incoming", root / name[:2])] == [0o700] * 3


def test_a_sweep_does_not_touch_what_is_no_blob(store: LocalFolder, root: Path) -> None:
    (root / "incoming" / "README").write_text("hello")
    assert store.sweep(lambda _: False) == []
    assert files(root) == ["incoming/README"]


def test_what_others_put_beside_blobs_is_not_named(
    store: LocalFolder, root: Path, name: str
) -> None:
    with store.create(name) as writer:
        writer.finish()
        writer.settle()
    for other in (".DS_Store", f"{name}.part", f".nfs{name[:20]}"):
        (root / name[:2] / other).touch()
    assert list(store.names()) == [name]


def test_sweeps_at_any_moment_cost_no_writer_its_blob(store: LocalFolder, root: Path) -> None:
    names = [secrets.token_hex(16) for _ in range(60)]
    over = threading.Event()
    swept: list[str] = []

    def sweep() -> None:
        while not over.is_set():
            swept.extend(LocalFolder(root).sweep(lambda _: False))

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for name in names:
            with store.create(name) as writer:
                writer.write(name.encode())
                writer.finish()
                writer.settle()
    finally:
        over.set()
        sweeper.join()
    assert {name: b"".join(store.read(name)) for name in names} == {
        name: name.encode() for name in names
    }


@contextmanager
def no_file_grows_over(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_and_leaves_nothing(store: LocalFolder, root: Path, name: str) -> None:
    with no_file_grows_over(4096), store.create(name) as writer:
        with pytest.raises(StoreUnavailable, match="cannot be written") as refusal:
            writer.write(bytes(10_000))
        assert isinstance(refusal.value.__cause__, OSError)
        with pytest.raises(RuntimeError):
            writer.finish()
    assert files(root) == []


def test_a_blob_that_cannot_be_settled_is_not_aborted_but_swept_in_later(
    store: LocalFolder, root: Path, name: str
) -> None:
    in_the_way = root / name[:2]
    in_the_way.write_text("")
    with store.create(name) as writer:
        writer.write(b"committed")
        writer.finish()
        with pytest.raises(StoreUnavailable, match="a sweep will"):
            writer.settle()
    assert b"".join(store.read(name)) == b"committed"
    in_the_way.unlink()
    assert store.sweep(lambda _: True) == [name]
    assert list(store.names()) == [name]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        LocalFolder(tmp_path / "file" / "blobs")


def test_a_blob_that_vanishes_before_its_first_piece_is_missing(
    store: LocalFolder, name: str
) -> None:
    with store.create(name) as writer:
        writer.write(b"x")
        writer.finish()
        writer.settle()
    pieces = store.read(name)
    store.delete(name)
    with pytest.raises(BlobMissing):
        next(pieces)
