"""Imports OSCAL catalogs in JSON, YAML and XML; the three give the same questionnaire."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from riskapp.catalogue.importers import markdown
from riskapp.catalogue.importers.common import Imported, Naming, NotImportable, Progress
from riskapp.catalogue.importers.decoding import decoded
from riskapp.catalogue.importers.draft import About, Draft, share
from riskapp.catalogue.importers.items import Item
from riskapp.catalogue.importers.oscal.controls import Controls
from riskapp.catalogue.importers.oscal.forms import catalog, entries, prop, text_of
from riskapp.catalogue.importers.oscal.texts import Params, whole
from riskapp.catalogue.importers.phrases import language_named, language_of
from riskapp.catalogue.importers.rights import Rights, rights
from riskapp.catalogue.importers.words import clean, shortened

_READ = 60
"""Percent of the work that reading the file is."""

_DEEPEST = 25
_SAYS_RIGHTS = re.compile(
    r"licen[cs]|copyright|©|public domain|all rights|creative commons", re.IGNORECASE
)

Values = Mapping[str, Any]


def read(data: bytes, name: str, naming: Naming, progress: Progress | None = None) -> Imported:
    """The questionnaire that a catalog makes: a question for each control. Raises NotImportable.

    The text and the notes do not depend on the form of the file: they name the file without its
    ending, and the hash in them is of the words, not of the bytes.
    """
    content = decoded(data)
    found = catalog(content, share(progress, 0, _READ))
    metadata = next(iter(entries(found, "metadata")), {})
    draft = Draft(naming, _language(found, metadata), share(progress, _READ, 100))
    _Reading(draft, found, metadata).all()
    return draft.finish(_about(found, metadata, draft, name))


def _language(found: Values, metadata: Values) -> str:
    named = language_named(prop(metadata, "language", "lang", "locale"))
    return named or language_of(_prose(found, 0))


def _prose(value: Values, depth: int) -> Iterator[str]:
    """The titles and the prose of a catalog, for its language."""
    if depth > _DEEPEST:
        return
    yield text_of(value, "title")
    yield text_of(value, "prose")
    for key in ("parts", "controls", "groups"):
        for child in entries(value, key):
            yield from _prose(child, depth + 1)


def _about(found: Values, metadata: Values, draft: Draft, name: str) -> About:
    title = markdown.inline(text_of(metadata, "title"))
    version = clean(text_of(metadata, "version"))[:60]
    names = [markdown.inline(text_of(one, "name")) for one in entries(metadata, "parties")]
    parts = [
        f"{PurePath(clean(name)).stem}: OSCAL catalog “{shortened(title, 200)}”",
        f"version {version}" if version else "",
        f"by {', '.join(filter(None, names))[:200]}" if any(names) else "",
        f"UUID {clean(text_of(found, 'uuid'))[:60]}" if text_of(found, "uuid") else "",
    ]
    origin = f"{', '.join(filter(None, parts))}; SHA-256 of its words {_fingerprint(draft.items)}"
    said = _rights(metadata, title, names, "\n".join(_prose(found, 0)))
    return About(title, origin, said)


def _fingerprint(items: Sequence[Item]) -> str:
    """What tells whether two files say the same, whatever their form."""
    words = [[one.text, one.why, one.counts, one.evidence, one.mappings] for one in items]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def _rights(metadata: Values, title: str, names: Sequence[str], body: str) -> Rights:
    remarks = markdown.words(text_of(metadata, "remarks"))
    said = [prop(metadata, "license", "licence", "rights", "copyright")]
    said += [text_of(one, "href") for one in entries(metadata, "links")
             if text_of(one, "rel").lower() in {"license", "licence"}]  # fmt: skip
    said += [remarks] if _SAYS_RIGHTS.search(remarks) else []
    stated = [one for one in said if one.strip()]
    keywords = prop(metadata, "keywords", "marking")
    return rights(stated, [title, remarks, keywords, *names], body)


class _Reading:
    """One catalog, group by group."""

    def __init__(self, draft: Draft, found: Values, metadata: Values) -> None:
        self.draft = draft
        self.found = found
        self.title = markdown.inline(text_of(metadata, "title"))
        self.controls = Controls(draft, self.title)

    def all(self) -> None:
        if entries(self.found, "controls"):
            title = self.title or self.draft.spoken.general
            self.draft.domain("", title)
            section = self.draft.section(title, None, "")
            for control in entries(self.found, "controls"):
                self.controls.take(control, [self.found], section, "")
        for number, group in enumerate(entries(self.found, "groups")):
            self._group(group, [self.found], [], str(number))
        self.controls.finished()

    def _group(self, group: Values, holders: list[Values], titles: list[str], domain: str) -> None:
        """The controls of a group, then the groups in it, in whatever order they are written."""
        if len(titles) > _DEEPEST:
            raise NotImportable("The groups are nested too deeply", "import a plainer catalog")
        holders = [*holders, group]
        params = Params.around(*holders)
        where = clean(text_of(group, "id"))[:80] or "a group"
        title = params.inline(text_of(group, "title")) or clean(prop(group, "label")) or where
        titles = [*titles, title]
        if len(titles) == 1:
            self.draft.domain(domain, title)
        words = [whole(part, params) for part in entries(group, "parts")]
        intro = self.draft.fitting(where, "the introduction", " ".join(filter(None, words)))
        heading = title if len(titles) > 2 else ""  # noqa: PLR2004 - sections have two levels
        if entries(group, "controls"):
            name = ": ".join(titles[:2])
            section = self.draft.section(name, intro if not heading else None, domain)
            if heading and intro:
                self.draft.note(where, f"what is said of the group is left out: “{intro[:80]}”")
            for control in entries(group, "controls"):
                self.controls.take(control, holders, section, heading)
        elif intro:
            self.draft.note(where, f"what is said of the group is left out: “{intro[:80]}”")
        for inner in entries(group, "groups"):
            self._group(inner, holders, titles, domain)
