"""What is not the same in two releases of a questionnaire, for people and for pages. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from riskapp.catalogue.changes import (
    About,
    Change,
    Difference,
    Kind,
    Subject,
    Trait,
    moves,
    of_traits,
    quoted,
)
from riskapp.catalogue.diff_questions import described, placed_otherwise, question_changes
from riskapp.catalogue.model import Domain, Question, Release, Section

Thing = TypeVar("Thing", Domain, Section, Question)

RELEASE_TRAITS: Mapping[str, Trait] = {
    "id": Trait(Kind.OTHER, "id"),
    "title": Trait(Kind.REWORDED, "title", quoted),
    "summary": Trait(Kind.REWORDED, "summary", quoted),
    "language": Trait(Kind.OTHER, "language"),
    "audience": Trait(Kind.OTHER, "asked of"),
    "licence": Trait(Kind.OTHER, "licence", quoted),
    "origin": Trait(Kind.OTHER, "origin", quoted),
    "restricted": Trait(Kind.OTHER, "restriction", quoted),
}
DOMAIN_TRAITS: Mapping[str, Trait] = {
    "title": Trait(Kind.REWORDED, "title", quoted),
    "weight": Trait(Kind.REWEIGHTED, "weight"),
}
SECTION_TRAITS: Mapping[str, Trait] = {
    "title": Trait(Kind.REWORDED, "title", quoted),
    "intro": Trait(Kind.REWORDED, "introduction", quoted),
}


def compare(old: Release, new: Release) -> Difference:
    """Everything in which two releases that are each in order ask, say or weigh otherwise.

    Number, file and hash are what they are known by, and no difference.
    """
    of_release = tuple(of_traits(RELEASE_TRAITS, old, new))
    whole = Subject(About.QUESTIONNAIRE, new.id, new.title, of_release)
    found = [whole, *_domains(old, new), *_sections(old, new), *_questions(old, new)]
    return Difference(old, new, tuple(one for one in found if one.changes))


def _domains(old: Release, new: Release) -> Iterator[Subject]:
    moved = moves(list(old.domains), list(new.domains))

    def changes(name: str, before: Domain, after: Domain) -> Iterator[Change]:
        yield from moved.get(name, ())
        yield from of_traits(DOMAIN_TRAITS, before, after)

    def said(domain: Domain) -> str:
        return f"{quoted(domain.title)}, weight {domain.weight}"

    return _each(About.DOMAIN, old.domains, new.domains, said, changes)


def _sections(old: Release, new: Release) -> Iterator[Subject]:
    before, after = ({one.id: one for one in release.sections} for release in (old, new))
    moved = moves(list(before), list(after))

    def changes(name: str, before: Section, after: Section) -> Iterator[Change]:
        yield from moved.get(name, ())
        yield from of_traits(SECTION_TRAITS, before, after)

    return _each(About.SECTION, before, after, lambda section: quoted(section.title), changes)


def _questions(old: Release, new: Release) -> Iterator[Subject]:
    moved = placed_otherwise(old, new)

    def changes(name: str, before: Question, after: Question) -> Iterator[Change]:
        yield from moved.get(name, ())
        yield from question_changes(before, old, after, new)

    def said(question: Question) -> str:
        return described(question, new if question.id in new.questions else old)

    return _each(About.QUESTION, old.questions, new.questions, said, changes)


def _each(
    about: About,
    old: Mapping[str, Thing],
    new: Mapping[str, Thing],
    say: Callable[[Thing], str],
    changes: Callable[[str, Thing, Thing], Iterator[Change]],
) -> Iterator[Subject]:
    """What is in the new release, in its order, and then what is in it no more."""
    for name, thing in new.items():
        if name in old:
            found = tuple(changes(name, old[name], thing))
        else:
            found = (Change(Kind.ADDED, str(about), None, say(thing)),)
        yield Subject(about, name, _title(thing), found)
    for name, thing in old.items():
        if name not in new:
            gone = Change(Kind.REMOVED, str(about), say(thing), None)
            yield Subject(about, name, _title(thing), (gone,))


def _title(thing: Domain | Section | Question) -> str:
    return thing.text if isinstance(thing, Question) else thing.title
