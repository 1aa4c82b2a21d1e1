"""A backup's folder: what is complete is named by its manifest, and nothing else counts.

    manifest.json           which set counts, with the digest of each of its files
    <set>/<table>.jsonl     rows
    <set>/blobs.jsonl       name, size and digest of each blob
    blobs/<aa>/<name>       blobs, written once, shared by all sets

A new set is written beside the old one and counts from the moment in which the manifest is
replaced. Whoever is killed before leaves the old backup as it was, and a set that the next run
clears away.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from riskapp.core.backup.errors import BackupUnfit, files_of
from riskapp.core.storage.local import sync_folder

FORMAT = "riskapp-backup-1"
MANIFEST = "manifest.json"
_SET = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a set: how many lines of content it has, and the SHA-256 of its bytes."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a complete backup consists of. `revision` is that of the database's migrations."""

    name: str
    made: datetime
    revision: str
    tables: tuple[Part, ...]
    blobs: Part | None
    """None in the folder of keys."""


class LineFile:
    """A new file of JSON lines, readable by its owner alone, digested while it is written."""

    def __init__(self, path: Path) -> None:
        self._file = new_file(path)
        self._name = path.stem
        self._sha256 = hashlib.sha256()
        self._rows = 0

    def write(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._file.write(line)
        self._sha256.update(line)
        self._rows += 1

    def finish(self) -> Part:
        """Makes it durable."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return Part(self._name, self._rows, self._sha256.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


def lines_of(folder: Path, manifest: Manifest, part: Part) -> Iterator[Any]:
    """The lines of one file. Raises BackupUnfit, at the latest behind the last of them.

    Lines that came before are not to be believed until then.
    """
    path = folder / manifest.name / f"{part.name}.jsonl"
    sha256, rows = hashlib.sha256(), 0
    with files_of(folder), path.open("rb") as file:
        for line in file:
            sha256.update(line)
            rows += 1
            try:
                yield json.loads(line)
            except ValueError as fault:
                raise _changed(path) from fault
    if (rows, sha256.hexdigest()) != (part.rows, part.sha256):
        raise _changed(path)


def _changed(path: Path) -> BackupUnfit:
    return BackupUnfit(f"{path} is not what was written. Take another copy of this backup.")


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Makes the folder where it is missing, and keeps a second backup out of it meanwhile."""
    with files_of(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BackupUnfit(f"Another backup is being written to {folder}. Wait for it.") from None
    try:
        yield
    finally:
        os.close(handle)


def new_set(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir(mode=0o700)
    return path


def declare(folder: Path, manifest: Manifest) -> None:
    """From here on this set is the backup. Its files are durable before."""
    sync_folder(folder / manifest.name)
    written = {"format": FORMAT, **asdict(manifest), "made": manifest.made.isoformat()}
    beside = folder / f"{MANIFEST}.new"
    beside.unlink(missing_ok=True)
    with new_file(beside) as file:
        file.write(json.dumps(written, indent=2).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / MANIFEST)
    sync_folder(folder)


def drop_other_sets(folder: Path, kept: str) -> None:
    """Removes sets that are complete no more, or never were."""
    for path in folder.iterdir():
        if path.is_dir() and _SET.fullmatch(path.name) and path.name != kept:
            shutil.rmtree(path)


def declared(folder: Path) -> Manifest | None:
    """The complete backup that lies here; None where there is none. Raises BackupUnfit."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    with files_of(folder):
        written = path.read_bytes()
    try:
        return _manifest(json.loads(written))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BackupUnfit(
            f"{path} is not the manifest of a backup, or one of a later version of riskapp. Take "
            "another copy of it."
        ) from fault


def _manifest(said: dict[str, Any]) -> Manifest:
    """Raises one of the usual errors of bad data; the caller words them all alike."""
    if said["format"] != FORMAT or not _SET.fullmatch(said["name"]):
        raise ValueError("another format")
    blobs = said["blobs"]
    return Manifest(
        name=said["name"],
        made=datetime.fromisoformat(said["made"]),
        revision=said["revision"],
        tables=tuple(Part(**one) for one in said["tables"]),
        blobs=None if blobs is None else Part(**blobs),
    )


def complete(folder: Path) -> Manifest:
    """The backup that lies here; raises BackupUnfit where none is complete."""
    found = declared(folder)
    if found is None:
        raise BackupUnfit(
            f"{folder} holds no complete backup: it has no {MANIFEST}, which is written last. "
            "Name the folder that `backup make` was given."
        )
    return found


def new_file(path: Path) -> BinaryIO:
    """For its owner alone, whatever the process's umask is."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
