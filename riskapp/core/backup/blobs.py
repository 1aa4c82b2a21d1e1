"""Blobs to a backup's folder and back. They are sealed; here nobody can read them."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from riskapp.core.backup.errors import BackupUnfit, files_of
from riskapp.core.backup.folder import LineFile, new_file
from riskapp.core.storage.local import sync_folder
from riskapp.core.storage.port import PIECE_BYTES, BlobExists, BlobMissing, BlobStore, require_name

BLOBS = "blobs"
_ARRIVING = ".arriving"

Progress = Callable[[int], None]
"""Told of one more blob."""
Line = list[Any]
"""Name, size in bytes and SHA-256 of a blob."""


def copy_out(
    blobs: BlobStore,
    names: Iterable[str],
    before: Iterator[Line],
    folder: Path,
    lines: LineFile,
) -> Iterator[str]:
    """Copies what is not there yet, and yields each that the store does not have as it should.

    `names` and `before` (the lines of the backup that lies here) are in ascending order. A blob is
    never rewritten: where the backup has it, its copy stays, whatever became of the store's.
    """
    known = next(before, None)
    for name in names:
        while known is not None and known[0] < name:
            known = next(before, None)
        kept = known if known is not None and known[0] == name else None
        with files_of(folder):
            path = path_of(folder, name)
            if kept is not None and _size(path) != kept[1]:
                kept = None
            try:
                size = blobs.size(name)
                if kept is None:
                    kept = [name, size, _digest(path, size) or _copy(blobs, name, path)]
                if kept[1] != size:
                    yield name
            except BlobMissing:
                yield name
            if kept is not None:
                lines.write(kept)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _digest(path: Path, size: int) -> str | None:
    """Of what a backup left that broke off; None where nothing of that size lies there."""
    if _size(path) != size:
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(blobs: BlobStore, name: str, path: Path) -> str:
    """Appears under its name when it is whole and durable."""
    _made(path.parent)
    beside = path.with_name(path.name + _ARRIVING)
    beside.unlink(missing_ok=True)
    sha256 = hashlib.sha256()
    with new_file(beside) as file:
        for piece in blobs.read(name):
            sha256.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return sha256.hexdigest()


def _made(shard: Path) -> None:
    if not shard.exists():
        shard.mkdir(mode=0o700, parents=True)
        sync_folder(shard.parent)
        sync_folder(shard.parent.parent)


def forget_others(folder: Path, lines: Iterable[Line]) -> int:
    """Removes the blobs that no line names (the lines being in order); how many there were."""
    removed, left = 0, {path.name: path for path in (folder / BLOBS).glob("[0-9a-f][0-9a-f]")}
    for shard, group in groupby(lines, lambda line: str(line[0])[:2]):
        wanted = {line[0] for line in group}
        removed += _cleared(left.pop(shard), wanted)
    return removed + sum(_cleared(path, set()) for path in left.values())


def _cleared(shard: Path, wanted: set[str]) -> int:
    unknown = [path for path in shard.iterdir() if path.name not in wanted]
    for path in unknown:
        path.unlink()
    sync_folder(shard)
    return len(unknown)


def require_all(folder: Path, lines: Iterable[Line]) -> None:
    """Raises BackupUnfit where a blob is missing or has another size."""
    for name, size, _ in lines:
        path = path_of(folder, require_name(name))
        with files_of(folder):
            if path.stat().st_size != size:
                raise _changed(path)


def put_back(blobs: BlobStore, folder: Path, lines: Iterable[Line]) -> Iterator[str]:
    """Puts each blob into the store and yields its name.

    One that is there already is looked at instead, so that a restore which broke off goes on, and
    one into a store that outlived its database works. Raises BackupUnfit, StoreUnavailable.
    """
    for name, _, sha256 in lines:
        path = path_of(folder, require_name(name))
        try:
            with files_of(folder), _reading(path) as pieces, blobs.create(name) as writer:
                for piece in pieces:
                    writer.write(piece)
                if pieces.sha256.hexdigest() != sha256:
                    raise _changed(path)
                writer.finish()
                writer.settle()
        except BlobExists:
            _require_same(blobs, name, sha256)
        yield name


def _require_same(blobs: BlobStore, name: str, sha256: str) -> None:
    digest = hashlib.sha256()
    try:
        for piece in blobs.read(name):
            digest.update(piece)
    except BlobMissing as fault:
        raise BackupUnfit(
            f"A restore that broke off has left the blob {name} half-written in the evidence "
            "store, or is still at it. It is cleared an hour later: run it again then."
        ) from fault
    if digest.hexdigest() != sha256:
        raise BackupUnfit(
            f"The evidence store has another blob {name} than the backup. Remove that one, or "
            "restore into an empty store."
        )


class _Pieces:
    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.sha256 = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(PIECE_BYTES):
            self.sha256.update(piece)
            yield piece

    def close(self) -> None:
        self._file.close()


@contextmanager
def _reading(path: Path) -> Iterator[_Pieces]:
    pieces = _Pieces(path)
    try:
        yield pieces
    finally:
        pieces.close()


def path_of(folder: Path, name: str) -> Path:
    return folder / BLOBS / name[:2] / name


def _changed(path: Path) -> BackupUnfit:
    return BackupUnfit(f"{path} is not what was written. Take another copy of this backup.")
