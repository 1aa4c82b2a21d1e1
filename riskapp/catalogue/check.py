"""Whether questionnaire files make sense, beyond their form. What is wrong is told, not raised."""

import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from riskapp.catalogue import check_branching, check_questions
from riskapp.catalogue.check_questions import Finding
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.lines import read
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"
"""The questionnaires that come with riskapp."""

_TRANSLATION = re.compile(r"[0-9]{4}\.[0-9]{1,4}\.[a-z]{2,3}([-_][A-Za-z]+)?\.yaml")


def check(release: Release) -> list[Fault]:
    """Everything in a release that does not make sense, by line; empty where all does."""
    found = chain(check_questions.findings(release), check_branching.findings(release))
    return sorted(_faults(release, list(found)))


def _faults(release: Release, found: Sequence[Finding]) -> list[Fault]:
    """Findings with their lines; the file is read again only where there are any."""
    if not found:
        return []
    document = read(release.source, release.where)
    return [document.fault(path, problem, remedy) for path, problem, remedy in found]


def check_together(releases: Sequence[Release]) -> list[Fault]:
    """What is wrong between releases that are each in order.

    Answers of one assessment are told apart by their question's id alone, so that no two
    questionnaires may share one; and there is one intake.
    """
    owner: dict[str, str] = {}
    intake: str | None = None
    faults: list[Fault] = []
    for release in releases:
        found: list[Finding] = []
        if release.audience == "officer":
            intake = intake or release.id
            if intake != release.id:
                problem = f"makes a second intake beside {intake}"
                found.append((("audience",), problem, "write audience: vendor"))
        for place, question in release.placed():
            first = owner.setdefault(question.id, release.id)
            if first != release.id:
                problem = f"{question.id} is a question of {first}"
                found.append(((*place, "id"), problem, "give it another id"))
        faults += _faults(release, found)
    return faults


def files_in(folder: Path) -> list[Path]:
    """The release files in a folder of questionnaires, or in the folder of one.

    Translations, which stand beside them as 2026.1.de.yaml, are left out.
    """
    found = chain(folder.glob("*.yaml"), folder.glob("*/*.yaml"))
    return sorted(path for path in found if not _TRANSLATION.fullmatch(path.name))


def read_file(path: Path) -> tuple[Release | None, list[Fault]]:
    """The release in a file, if its form is right, and all that is wrong with it."""
    where = "/".join(path.parts[-3:])
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        reason = error.strerror or str(error)
        return None, [Fault(where, 1, "", f"cannot be read ({reason})", "correct the path")]
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [Fault(where, line, "", "is no UTF-8", "save the file as UTF-8")]
    try:
        release = parse(text, where)
    except Faulty as error:
        return None, error.faults
    return release, [*_misplaced(release, path), *check(release)]


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
    return _faults(release, found)


def check_paths(paths: Sequence[Path] = ()) -> list[Fault]:
    """Everything wrong with files, and with folders of them; without any, with riskapp's own."""
    files: list[Path] = []
    for path in paths or [FOLDER]:
        files += files_in(path) if path.is_dir() else [path]
    read_files = [read_file(path) for path in dict.fromkeys(files)]
    faults = [fault for _, found in read_files for fault in found]
    return faults + check_together([release for release, _ in read_files if release is not None])
