"""A folder of questionnaires: releases, the translations beside them, and what was published."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from riskapp.catalogue import lock
from riskapp.catalogue.check import check, check_together, check_translation, faults_of
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse, parse_translation
from riskapp.catalogue.translation import LANGUAGES, Translation

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"
"""The questionnaires that come with riskapp."""

_TRANSLATION = re.compile(r"([0-9]{4}\.[0-9]{1,4})\.[a-z]{2,3}(-[A-Za-z]+)?\.yaml")


@dataclass(slots=True)
class Found:
    """What a folder, or some of its files, hold; `faults` is all that is wrong with them."""

    releases: dict[Path, Release] = field(default_factory=dict)
    translations: dict[Path, Translation] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def is_translation(path: Path) -> bool:
    return _TRANSLATION.fullmatch(path.name) is not None


def files_in(folder: Path) -> list[Path]:
    """Releases and translations in a folder of questionnaires, or in the folder of one."""
    return sorted(chain(folder.glob("*.yaml"), folder.glob("*/*.yaml")))


def release_of(translation: Path) -> Path:
    """The file that a translation's file stands beside: 2026.1.yaml for 2026.1.de.yaml."""
    named = _TRANSLATION.fullmatch(translation.name)
    return translation.with_name(f"{named[1]}.yaml" if named else translation.name)


def read_files(paths: Iterable[Path]) -> Found:
    """Reads and checks files, each by itself and translations against their releases."""
    found = Found()
    ordered = sorted(dict.fromkeys(paths), key=is_translation)
    for path in ordered:
        try:
            if is_translation(path):
                _read_translation(path, found)
            else:
                _read_release(path, found)
        except Faulty as error:
            found.faults += error.faults
    return found


def _read_release(path: Path, found: Found) -> None:
    release = parse(_text(path), _where(path))
    found.faults += [*_misplaced(release, path), *check(release)]
    found.releases[path] = release


def _read_translation(path: Path, found: Found) -> None:
    words, document = parse_translation(_text(path), _where(path))
    beside = release_of(path)
    release = found.releases.get(beside)
    if release is None:
        release = parse(_text(beside), _where(beside))  # its own faults are not this file's
    expected = f"{release.release}.{words.language}.yaml"
    if (words.id, words.release) != (release.id, release.release) or path.name != expected:
        remedy = f"write id, release and language as in {_where(path)}"
        found.faults.append(document.fault(("id",), "is not what its place says", remedy))
    found.faults += check_translation(release, words, document)
    found.translations[path] = words


def _text(path: Path) -> str:
    where = _where(path)
    try:
        return path.read_bytes().decode()
    except OSError as error:
        reason = error.strerror or str(error)
        problem = f"cannot be read ({reason})"
        raise Faulty([Fault(where, 1, "", problem, "correct the path")]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Faulty([Fault(where, line, "", "is no UTF-8", "save the file as UTF-8")]) from error


def _where(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _misplaced(release: Release, path: Path) -> list[Fault]:
    pairs = (
        ("id", release.id, path.parent.name, f"in the folder {path.parent.name}"),
        ("release", f"{release.release}.yaml", path.name, f"in the file {path.name}"),
    )
    found = [
        ((key,), f"is {getattr(release, key)} {place}", "make the two the same")
        for key, named, actual, place in pairs
        if named != actual
    ]
    return faults_of(release, found)


def changed(paths: Iterable[Path], locked: Mapping[str, str]) -> Iterator[Fault]:
    """Published files that no longer say what was published."""
    for path in paths:
        sha256 = locked.get(lock.place(path))
        if sha256 is None or not path.is_file() or lock.digest(path.read_bytes()) == sha256:
            continue
        if is_translation(path):
            remedy = "restore it, or publish the correction: questionnaires publish"
        else:
            remedy = "restore it, and put the change into a new release beside it"
        yield Fault(_where(path), 1, "", "was published and has been changed since", remedy)


def check_paths(paths: Sequence[Path] = ()) -> list[Fault]:
    """Everything wrong with files, and with folders of them; without any, with riskapp's own."""
    files: list[Path] = []
    roots: list[Path] = []
    for path in map(Path.resolve, paths or [FOLDER]):
        files += files_in(path) if path.is_dir() else [path]
        roots += [path] if (path / lock.NAME).exists() else []
    found = read_files(files)
    faults = [*found.faults]
    for folder in dict.fromkeys([*roots, *(path.parent.parent for path in files)]):
        try:
            locked = lock.read(folder)
        except Faulty as error:
            faults += error.faults
            continue
        faults += changed((path for path in files if path.parent.parent == folder), locked)
        faults += _whole(folder, locked, found) if folder in roots else []
    return faults + check_together(list(found.releases.values()), complete=bool(roots))


def _whole(root: Path, locked: Mapping[str, str], found: Found) -> Iterator[Fault]:
    """What only a whole folder can lack: published files, and translations that others have."""
    for number, name in enumerate(locked, start=1):
        if not (root / name).exists():
            where = f"{root.name}/{lock.NAME}"
            yield Fault(where, number, name, "was published and is gone", "restore it")
    latest: dict[str, Path] = {}
    for path, release in sorted(found.releases.items(), key=lambda pair: pair[1].number):
        if lock.place(path) in locked:
            latest[release.id] = path
    languages = {words.language for words in found.translations.values()}
    for path in latest.values():
        for language in sorted(languages - {found.releases[path].language}):
            beside = path.with_name(f"{path.stem}.{language}.yaml")
            if beside not in found.translations:
                problem = f"has no translation into {LANGUAGES.get(language, language)}"
                yield Fault(_where(path), 1, "", problem, f"add {beside.name} beside it")
