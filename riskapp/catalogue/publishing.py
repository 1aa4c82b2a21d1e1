"""Whether a release may stand beside others, and publishing the files of a folder."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from riskapp.catalogue import lock
from riskapp.catalogue.check import check_together
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.folder import Found, changed, is_translation, read_files, release_of
from riskapp.catalogue.model import Release


def beside(release: Release, others: Sequence[Release]) -> list[Fault]:
    """Why a release cannot be published beside those that are here."""
    foreign = [one for one in others if one.id != release.id]
    together = check_together([*foreign, release], complete=True)
    return [
        *_taken(release, [one for one in others if one.id == release.id]),
        *(fault for fault in together if fault.file == release.where),
    ]


def _taken(release: Release, mine: Sequence[Release]) -> list[Fault]:
    """Why a release cannot be another one of its questionnaire."""
    if any(one.audience != release.audience for one in mine):
        problem, remedy = f"{release.id} is the intake", "give it another id"
        return [Fault(release.where, 1, "id", problem, remedy)]
    if any(one.number == release.number for one in mine):
        return [published_before(release)]
    return []


def published_before(release: Release) -> Fault:
    problem, remedy = f"{release.key} was published before", "give it the next release number"
    return Fault(release.where, 1, "release", problem, remedy)


def publish_files(folder: Path, paths: Sequence[Path], own: Sequence[Release] = ()) -> list[str]:
    """Writes files below a folder into its lock, all or none; gives what they are called.

    `own` are releases that are published elsewhere. A translation that was corrected may be
    published again, a release never. Raises Faulty with everything that is wrong.
    """
    locked = lock.read(folder)
    there = [folder / name for name in locked if not is_translation(folder / name)]
    before = read_files(path for path in there if path not in paths and path.exists())
    found = read_files(paths)
    known = [*before.releases.values(), *own]
    faults = [*found.faults, *_lock_faults(paths, locked)]
    for release in found.releases.values():
        new = [one for one in found.releases.values() if one is not release]
        faults += beside(release, [*known, *new])
    if faults:
        raise Faulty(sorted(set(faults)))
    for path in paths:
        lock.add(path)
    return [_called(path, found) for path in paths]


def _lock_faults(paths: Sequence[Path], locked: Mapping[str, str]) -> Iterator[Fault]:
    """What cannot be published because of what was."""
    yield from changed((path for path in paths if not is_translation(path)), locked)
    named = {lock.place(path) for path in paths}
    for path in paths:
        where = "/".join(path.parts[-3:])
        if path.is_file() and locked.get(lock.place(path)) == lock.digest(path.read_bytes()):
            yield Fault(where, 1, "", "is published as it stands", "leave it as it is")
        elif is_translation(path):
            beside_it = release_of(path)
            if lock.place(beside_it) not in named | set(locked):
                problem, remedy = f"{beside_it.name} is not published", "publish it too"
                yield Fault(where, 1, "release", problem, remedy)
            yield from changed([beside_it], locked)


def _called(path: Path, found: Found) -> str:
    if path in found.releases:
        return found.releases[path].key
    words = found.translations[path]
    return f"{words.id}@{words.release} ({words.language})"
