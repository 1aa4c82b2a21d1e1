"""From a folder of questionnaire files to the catalogue that an app runs with."""

from collections.abc import Sequence
from pathlib import Path

from riskapp.catalogue.check import check_together, files_in, read_file
from riskapp.catalogue.errors import Fault, Faulty, UnknownQuestionnaire
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse

__all__ = ["Catalogue", "load_folder", "parse"]


class Catalogue:
    """The releases of a folder."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self.releases = tuple(sorted(releases, key=lambda one: (one.id, one.number)))
        self._by_key = {(release.id, release.release): release for release in self.releases}
        self._latest = {release.id: release for release in self.releases}

    def latest(self, questionnaire: str) -> Release:
        """The newest release of a questionnaire. Raises UnknownQuestionnaire."""
        try:
            return self._latest[questionnaire]
        except KeyError as error:
            raise UnknownQuestionnaire(questionnaire) from error

    def get(self, questionnaire: str, release: str) -> Release | None:
        return self._by_key.get((questionnaire, release))

    @property
    def intake(self) -> Release:
        """The newest release that the officer answers. Raises UnknownQuestionnaire."""
        for release in self._latest.values():
            if release.audience == "officer":
                return release
        raise UnknownQuestionnaire("intake")


def load_folder(folder: Path) -> Catalogue:
    """Reads and checks every release in a folder. Raises Faulty with all that is wrong.

    A release that does not make sense never gets as far as being sent.
    """
    releases: list[Release] = []
    faults: list[Fault] = []
    for path in files_in(folder):
        release, found = read_file(path)
        faults += found
        releases += [release] if release is not None else []
    faults += check_together(releases)
    if faults:
        raise Faulty(faults)
    return Catalogue(releases)
