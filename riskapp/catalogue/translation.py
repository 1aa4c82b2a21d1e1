"""A release in another language: the words of a file beside it, which changes nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from riskapp.catalogue.errors import Finding
from riskapp.catalogue.model import (
    Choice,
    Column,
    Maturity,
    Multiple,
    Number,
    Option,
    Question,
    Release,
    ReleaseNumber,
    Section,
    Table,
)
from riskapp.catalogue.scalars import ColumnId, Frozen, Language, QuestionId, Slug, Words
from riskapp.catalogue.specs import TOP_LEVEL
from riskapp.catalogue.when import Place

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
"""The languages that every questionnaire of riskapp's own has, in their own words."""


class SectionWords(Frozen):
    title: Words
    intro: Words | None = None


class ColumnWords(Frozen):
    title: Words
    options: Mapping[Slug, Words] = Field(default_factory=dict)


class QuestionWords(Frozen):
    """The words of one question; which of the later ones are needed, the release says."""

    text: Words
    why: Words
    counts: Words | None = None
    evidence: Words | None = None
    options: Mapping[Slug, Words] = Field(default_factory=dict)
    levels: tuple[Words, ...] = Field(default=(), max_length=TOP_LEVEL + 1)
    unit: Words | None = None
    empty_means: Words | None = None
    columns: Mapping[ColumnId, ColumnWords] = Field(default_factory=dict)


class Translation(Frozen):
    """What a translation's file says: words by the ids of the release."""

    id: Slug
    release: ReleaseNumber
    language: Language
    title: Words
    summary: Words
    licence: Words
    domains: Mapping[Slug, Words] = Field(default_factory=dict)
    sections: Mapping[Slug, SectionWords]
    questions: Mapping[QuestionId, QuestionWords]


def findings(release: Release, words: Translation) -> Iterator[Finding]:
    """What a translation lacks, and what it has that the release knows nothing of."""
    if words.language == release.language:
        yield ("language",), "is the release's own", "name the language of the translation"
    yield from _ids(("domains",), list(release.domains), words.domains)
    sections = {section.id: section for section in release.sections}
    yield from _ids(("sections",), list(sections), words.sections)
    for name, section in sections.items():
        if name in words.sections:
            place = ("sections", name)
            yield from _both(place, "intro", section.intro, words.sections[name].intro)
    yield from _ids(("questions",), list(release.questions), words.questions)
    for name, question in release.questions.items():
        if name in words.questions:
            for path, problem, remedy in _question(question, words.questions[name]):
                yield ("questions", name, *path), problem, remedy


def _ids(place: Place, wanted: list[str], given: Mapping[str, object]) -> Iterator[Finding]:
    for name in wanted:
        if name not in given:
            yield (*place, name), "is not translated", "add it"
    for name in given:
        if name not in wanted:
            yield (*place, name), "is not in the release", "take it out"


def _both(place: Place, key: str, wanted: object, given: object) -> Iterator[Finding]:
    if wanted and not given:
        yield (*place, key), "is not translated", "add it"
    if given and not wanted:
        yield (*place, key), "is not in the release", "take it out"


def _question(question: Question, words: QuestionWords) -> Iterator[Finding]:
    spec = question.answer
    options = spec.options if isinstance(spec, Choice | Multiple) else ()
    columns = spec.columns if isinstance(spec, Table) else ()
    unit = spec.unit if isinstance(spec, Number) else None
    empty_means = spec.empty_means if isinstance(spec, Table) else None
    levels = spec.levels if isinstance(spec, Maturity) else ()
    yield from _both((), "counts", question.counts, words.counts)
    yield from _both((), "evidence", question.evidence, words.evidence)
    yield from _both((), "unit", unit, words.unit)
    yield from _both((), "empty_means", empty_means, words.empty_means)
    yield from _ids(("options",), [option.id for option in options], words.options)
    if len(words.levels) != len(levels):
        yield ("levels",), f"are {len(words.levels)}, not {len(levels)}", "translate each level"
    yield from _ids(("columns",), [column.id for column in columns], words.columns)
    for column in columns:
        if column.id in words.columns:
            place = ("columns", column.id, "options")
            known = [option.id for option in column.options]
            yield from _ids(place, known, words.columns[column.id].options)


def translated(release: Release, words: Translation) -> Release:
    """The release in the words of a translation that `findings` found complete.

    What it lacks stays as it is: a release that was narrowed has fewer questions than its words.
    """
    return release.replaced(
        language=words.language,
        title=words.title,
        summary=words.summary,
        licence=words.licence,
        domains={
            name: domain.model_copy(update={"title": words.domains.get(name, domain.title)})
            for name, domain in release.domains.items()
        },
        sections=tuple(_section(section, words) for section in release.sections),
    )


def _section(section: Section, words: Translation) -> Section:
    mine = words.sections.get(section.id)
    questions = tuple(_worded(question, words) for question in section.questions)
    update: dict[str, Any] = {"questions": questions}
    if mine is not None:
        update |= {"title": mine.title, "intro": mine.intro}
    return section.model_copy(update=update)


def _worded(question: Question, words: Translation) -> Question:
    mine = words.questions.get(question.id)
    if mine is None:
        return question
    said = {name: getattr(mine, name) for name in ("text", "why", "counts", "evidence")}
    return question.model_copy(update={**said, "answer": _answer(question, mine)})


def _answer(question: Question, mine: QuestionWords) -> Any:  # noqa: ANN401 - one of ten kinds
    spec = question.answer
    update: dict[str, Any] = {}
    if isinstance(spec, Choice | Multiple):
        update["options"] = _options(spec.options, mine.options)
    elif isinstance(spec, Maturity):
        update["levels"] = mine.levels or spec.levels
    elif isinstance(spec, Number):
        update["unit"] = mine.unit or spec.unit
    elif isinstance(spec, Table):
        update["empty_means"] = mine.empty_means or spec.empty_means
        update["columns"] = tuple(_column(column, mine.columns) for column in spec.columns)
    return spec.model_copy(update=update)


def _options(options: tuple[Option, ...], texts: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(
        option.model_copy(update={"text": texts.get(option.id, option.text)}) for option in options
    )


def _column(column: Column, words: Mapping[str, ColumnWords]) -> Column:
    mine = words.get(column.id)
    if mine is None:
        return column
    options = _options(column.options, mine.options)
    return column.model_copy(update={"title": mine.title, "options": options})
