"""The questionnaires of a running app: those on disk, and those that were sent."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from riskapp.catalogue.errors import UnknownQuestionnaire
from riskapp.catalogue.model import Release

if TYPE_CHECKING:
    from riskapp.catalogue.translation import Translation


class Catalogue:
    """The published releases of a folder, and their translations by release hash and language."""

    def __init__(
        self,
        releases: Sequence[Release],
        translations: Mapping[tuple[str, str], "Translation"] | None = None,
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


MOST_DRAFTS = 8
"""Imports that are kept while somebody looks at them, of which each may be large."""

MOST_DERIVED = 500
"""Narrowed and translated releases that are kept: a few for each kind of engagement."""


class Library:
    """Reads the folder once, at first use, and keeps every stored release that was asked for.

    A release never changes, so neither is ever read again. What reads files is imported then, too.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._current: Catalogue | None = None
        self._stored: dict[str, Release] = {}
        self._derived: dict[tuple[object, ...], Release] = {}
        self._drafts: dict[tuple[str, str], Release] = {}

    @property
    def current(self) -> Catalogue:
        """The published releases in the folder. Raises Faulty where a file is wrong."""
        with self._lock:
            if self._current is None:
                from riskapp.catalogue.load import load_folder  # noqa: PLC0415 - see the class

                self._current = load_folder(self.folder)
                self._stored.update({release.sha256: release for release in self._current.releases})
            return self._current

    def stored(self, sha256: str, source: str) -> Release:
        """The release with this text, as it was when it was sent."""
        _ = self.current
        release = self._stored.get(sha256)
        if release is None:
            from riskapp.catalogue.parsing import parse  # noqa: PLC0415 - see the class

            release = parse(source, f"stored release {sha256[:12]}")
            with self._lock:
                self._stored[sha256] = release
        return release

    def intake(self, sha256: str) -> Release:
        """The intake with this text; where its file is gone, the newest, which its ids follow."""
        return self.known(sha256) or self.current.intake

    def known(self, sha256: str) -> Release | None:
        """The release, if it was read before: spares fetching its text."""
        _ = self.current
        return self._stored.get(sha256)

    def draft(self, source: str, where: str) -> Release:
        """An import that nobody has published; read once while it is looked at. Raises Faulty."""
        found = self._drafts.get((where, source))
        if found is None:
            from riskapp.catalogue.parsing import parse  # noqa: PLC0415 - see the class

            found = parse(source, where)
            with self._lock:
                if len(self._drafts) >= MOST_DRAFTS:
                    self._drafts.clear()
                self._drafts[where, source] = found
        return found

    def published(self, release: Release) -> Release:
        """A release that was a draft until now; spares reading its text again."""
        found = release.replaced(where=f"stored release {release.sha256[:12]}")
        with self._lock:
            return self._stored.setdefault(release.sha256, found)

    def narrowed(self, release: Release, questions: Sequence[str]) -> Release:
        """The release with these questions only."""
        if len(questions) == len(release.questions):
            return release
        key = (release.sha256, tuple(questions))
        found = self._derived.get(key)
        return found or self._keep(key, release.narrowed(frozenset(questions)))

    def languages(self, release: Release) -> list[str]:
        """The languages that a release can be read in, its own first."""
        there = self.current.translations
        more = sorted(language for sha256, language in there if sha256 == release.sha256)
        return [release.language, *more]

    def in_language(self, release: Release, language: str) -> Release:
        """The release in a language; in its own where there is no translation."""
        words = self.current.translations.get((release.sha256, language))
        if words is None or language == release.language:
            return release
        from riskapp.catalogue.translation import translated  # noqa: PLC0415 - see the class

        key = (release.sha256, tuple(release.questions), language)
        found = self._derived.get(key)
        return found or self._keep(key, translated(release, words))

    def _keep(self, key: tuple[object, ...], release: Release) -> Release:
        with self._lock:
            if len(self._derived) >= MOST_DERIVED:
                self._derived.clear()
            self._derived[key] = release
        return release
