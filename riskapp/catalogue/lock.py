"""Which files of a folder were published, and what they said: `releases.lock`, by their SHA-256.

The file is what `sha256sum` writes and checks, so that anyone can hold a folder against it. A
release that stands in it is never edited again: a change is a new release. A translation may be
corrected and published again, for it changes no question, no credit and no condition.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from riskapp.catalogue.errors import Fault, Faulty

NAME = "releases.lock"

_LINE = re.compile(r"([0-9a-f]{64}) [ *]([a-z0-9-]+/[0-9A-Za-z._-]+\.yaml)")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(folder: Path) -> Mapping[str, str]:
    """The hash of each published file by its path below the folder. Raises Faulty.

    Without a lock file nothing was published.
    """
    path = folder / NAME
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        written = _LINE.fullmatch(line)
        if written is None or written[2] in found:
            problem = "is no line of hash and file" if written is None else "stands twice"
            remedy = "restore the lock file from version control"
            raise Faulty([Fault(f"{folder.name}/{NAME}", number, "", problem, remedy)])
        found[written[2]] = written[1]
    return found


def add(path: Path) -> None:
    """Writes down what a release's or translation's file says from now on."""
    folder = path.parent.parent
    locked = {**read(folder), place(path): digest(path.read_bytes())}
    lines = [f"{sha256}  {name}\n" for name, sha256 in sorted(locked.items())]
    target = folder / NAME
    waiting = target.with_suffix(".new")
    waiting.write_text("".join(lines), encoding="utf-8")
    waiting.replace(target)


def place(path: Path) -> str:
    """A file's path below its folder of questionnaires: iso-27001/2026.1.yaml."""
    return "/".join(path.parts[-2:])
