"""Imports questionnaires in the format of VSAQ: JSON with comments, conditions, tips."""

import hashlib
from collections.abc import Sequence
from functools import partial

from riskapp.catalogue.importers.common import Imported, Naming, Note, Progress
from riskapp.catalogue.importers.decoding import decoded
from riskapp.catalogue.importers.draft import About, Draft
from riskapp.catalogue.importers.formulas import ALWAYS, Formula, Unsayable, both
from riskapp.catalogue.importers.phrases import language_of
from riskapp.catalogue.importers.rights import rights
from riskapp.catalogue.importers.trees import text
from riskapp.catalogue.importers.vsaq import conditions
from riskapp.catalogue.importers.vsaq.conditions import Target
from riskapp.catalogue.importers.vsaq.layout import Found, Layout, layout
from riskapp.catalogue.importers.vsaq.questions import Questions
from riskapp.catalogue.importers.vsaq.tips import Tips, score
from riskapp.catalogue.importers.vsaq.worded import Wording
from riskapp.catalogue.importers.words import plain


def read(
    data: bytes,
    name: str,
    naming: Naming,
    progress: Progress | None = None,
    *,
    extensions: Sequence[bytes] = (),
) -> Imported:
    """The questionnaire in a file, with the items of its extensions put in.

    Raises NotImportable.
    """
    content = decoded(data)
    found = layout(content, [decoded(one) for one in extensions])
    language = language_of(plain(text(one.node, "text")) for one in found.items)
    draft = Draft(naming, language, progress, notes=list(found.notes))
    for section in found.sections:
        draft.domain(section.domain, section.domain)
        draft.section(section.title, None, section.domain)
    _Reading(draft, found).all()
    version = f", version {found.version}" if found.version else ""
    title = f" “{found.title}”" if found.title else ""
    sha256 = hashlib.sha256(data).hexdigest()
    origin = f"{name}: VSAQ questionnaire{title}{version}; SHA-256 of the file {sha256}"
    licence = [found.header] if found.header else []
    about = About(found.title, origin, rights(licence, [found.title], content))
    return draft.finish(about)


class _Reading:
    """One file: its questions first, then what their conditions mean, then its tips."""

    def __init__(self, draft: Draft, found: Layout) -> None:
        self.draft = draft
        self.found = found
        self.questions = Questions(draft)
        self.parsed: dict[str, conditions.Parsed | None] = {}
        self.open: set[int] = set()

    def all(self) -> None:
        tips: list[tuple[Found, int]] = []
        for found in self.found.items:
            if found.kind == "tip":
                tips.append((found, len(self.questions.asked)))
            else:
                self.questions.take(found)
        for at, part in enumerate(self.draft.parts):
            part.intro = self.questions.intro(at)
        self.questions.rest()
        self.questions.completed()
        self._targets(tips)
        routes = self._conditions()
        self._tips(tips, routes)

    def _targets(self, tips: Sequence[tuple[Found, int]]) -> None:
        """Everything else that a condition can name, and what it is for each to be shown."""
        targets = self.questions.targets
        for found, _ in tips:
            if found.id:
                targets.setdefault(found.id, Target("tip", shown=_shown(self, found.conditions)))
        for block, around in self.found.blocks.items():
            targets.setdefault(block, Target("block", shown=_shown(self, around)))
        by_key = {asked.item.key: asked.found for asked in self.questions.asked}
        for name, target in targets.items():
            if target.question is not None:
                shown = _shown(self, by_key[target.question].conditions)
                targets[name] = Target(
                    target.kind,
                    target.question,
                    target.answers,
                    target.every,
                    target.several,
                    target.by_word,
                    shown,
                )

    def _conditions(self) -> frozenset[str]:
        """Gives every question its condition; the ids that conditions name."""
        named: set[str] = set()
        for asked in self.questions.asked:
            asked.item.wanted = self.formula(asked.found.conditions)
            asked.item.condition = " && ".join(
                one if len(asked.found.conditions) == 1 else f"({one})"
                for one in asked.found.conditions
            )
            for one in asked.found.conditions:
                parsed = self._parsed(one)
                if parsed is None:
                    continue
                named |= conditions.names(parsed.expression)
                if parsed.mixed:
                    problem = (
                        f"“{one}” mixes && and ||; it is read from left to right, as VSAQ does"
                    )
                    self.draft.notes.append(Note(asked.found.where, problem))
        return frozenset(named)

    def formula(self, around: Sequence[str]) -> Formula:
        """What conditions that all have to hold say."""
        return both(*(self._one(condition) for condition in around)) if around else ALWAYS

    def _one(self, condition: str) -> Formula:
        parsed = self._parsed(condition)
        if parsed is None:
            return Unsayable("is no condition that VSAQ can read")
        return conditions.formula(parsed.expression, self.questions.targets)

    def _parsed(self, condition: str) -> conditions.Parsed | None:
        if condition not in self.parsed:
            try:
                self.parsed[condition] = conditions.parse(condition)
            except conditions.Invalid:
                self.parsed[condition] = None
        return self.parsed[condition]

    def _tips(self, tips: Sequence[tuple[Found, int]], routes: frozenset[str]) -> None:
        taking = Tips(self.draft, self.questions)
        worded = Wording(self.draft.spoken, self.questions.targets, taking.by_key)
        for found, before in tips:
            own = text(found.node, "cond").strip()
            parsed = self._parsed(own)
            expression = parsed.expression if parsed else None
            said = partial(worded.only_where, expression, own)
            taking.take(found, self._one(own) if own else ALWAYS, before, said)
        deciding = {
            target.question for name, target in self.questions.targets.items() if name in routes
        }
        for asked in self.questions.asked:
            key = asked.item.key
            score(self.draft, asked, taking.warned.get(key), routes=key in deciding)


class _Shown:
    """The formula on which an item is shown; one that asks for itself says nothing."""

    def __init__(self, reading: _Reading, around: tuple[str, ...]) -> None:
        self.reading = reading
        self.around = around

    def __call__(self) -> Formula:
        if id(self) in self.reading.open:
            return Unsayable("asks whether it is shown itself")
        self.reading.open.add(id(self))
        try:
            return self.reading.formula(self.around)
        finally:
            self.reading.open.discard(id(self))


def _shown(reading: _Reading, around: tuple[str, ...]) -> _Shown:
    return _Shown(reading, around)
