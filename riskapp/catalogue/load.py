"""From a folder of questionnaire files to the catalogue that an app runs with."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from riskapp.catalogue import lock
from riskapp.catalogue.check import check_together
from riskapp.catalogue.errors import Faulty, UnknownQuestionnaire
from riskapp.catalogue.folder import changed, files_in, read_files, release_of
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse
from riskapp.catalogue.translation import Translation

__all__ = ["Catalogue", "load_folder", "parse"]


class Catalogue:
    """The published releases of a folder, and their translations by release hash and language."""

    def __init__(
        self,
        releases: Sequence[Release],
        translations: Mapping[tuple[str, str], Translation] | None = None,
    ) -> None:
        self.releases = tuple(sorted(releases, key=lambda one: (one.id, one.number)))
        self.translations = translations or {}
        self._by_key = {(release.id, release.release): release for release in self.releases}
        self.newest: Mapping[str, Release] = {release.id: release for release in self.releases}

    def latest(self, questionnaire: str) -> Release:
        """The newest release of a questionnaire. Raises UnknownQuestionnaire."""
        try:
            return self.newest[questionnaire]
        except KeyError as error:
            raise UnknownQuestionnaire(questionnaire) from error

    def get(self, questionnaire: str, release: str) -> Release | None:
        return self._by_key.get((questionnaire, release))

    @property
    def intake(self) -> Release:
        """The newest release that the officer answers. Raises UnknownQuestionnaire."""
        for release in self.newest.values():
            if release.audience == "officer":
                return release
        raise UnknownQuestionnaire("intake")


def load_folder(folder: Path) -> Catalogue:
    """Reads and checks everything published in a folder. Raises Faulty with all that is wrong.

    A release that does not make sense, or is not what was published, never gets as far as being
    sent. Files that were not published are drafts of somebody's, and not looked at.
    """
    locked = lock.read(folder)
    files = [path for path in files_in(folder) if lock.place(path) in locked]
    found = read_files(files)
    faults = [*found.faults, *changed(files, locked)]
    faults += check_together(list(found.releases.values()), complete=True)
    if faults:
        raise Faulty(faults)
    translations = {
        (found.releases[release_of(path)].sha256, words.language): words
        for path, words in found.translations.items()
        if release_of(path) in found.releases
    }
    return Catalogue(list(found.releases.values()), translations)
