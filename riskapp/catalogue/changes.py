"""What is not the same in two releases, piece by piece, and how each piece is said to people."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from riskapp.catalogue.model import Release

NONE = "none"


class Kind(StrEnum):
    """What happened to something; the values are the words for it."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    REWORDED = "reworded"
    REWEIGHTED = "reweighted"
    CONDITIONS = "conditions changed"
    ANSWER = "answer changed"
    MAPPINGS = "mappings changed"
    OTHER = "otherwise changed"


_COUNTED = {
    Kind.CONDITIONS: "with other conditions",
    Kind.ANSWER: "with another form of answer",
    Kind.MAPPINGS: "with other mappings",
}
"""How a number of things of these kinds is spoken of, where the kind's own words do not fit."""


class About(StrEnum):
    QUESTIONNAIRE = "questionnaire"
    DOMAIN = "domain"
    SECTION = "section"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is another now. `old` is None where it is new, `new` where it is gone."""

    kind: Kind
    what: str
    old: str | None
    new: str | None

    @property
    def words(self) -> str:
        """The change in a line: “weight: 3 → 5”. Of a whole that came or went, only what it is."""
        if self.old is None or self.new is None:
            whole = self.old or self.new or ""
            if self.kind in (Kind.ADDED, Kind.REMOVED):
                return whole
            return f"{self.what} {'added' if self.old is None else 'removed'}: {whole}"
        if self.old == self.new:
            return f"{self.what}: {self.new} (the same words, written otherwise in the file)"
        return f"{self.what}: {self.old} → {self.new}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A question, a section, a domain or the questionnaire, with all that changed about it."""

    about: About
    id: str
    title: str
    changes: tuple[Change, ...]

    @property
    def named(self) -> str:
        """Questions by their id alone, as everywhere: ISM-04, domain people."""
        return self.id if self.about is About.QUESTION else f"{self.about} {self.id}"


@dataclass(frozen=True, slots=True)
class Difference:
    """From one release to another; no subjects where they ask, say and weigh the same."""

    old: Release
    new: Release
    subjects: tuple[Subject, ...]

    def of(self, kind: Kind) -> list[Subject]:
        """Whatever changed in this way, for a page that groups by it."""
        return [one for one in self.subjects if any(change.kind is kind for change in one.changes)]


def lines(difference: Difference) -> Iterator[str]:
    """The difference in words: how much changed, then every change with whom it is about."""
    yield summary(difference)
    for subject in difference.subjects:
        for change in subject.changes:
            yield f"{subject.named} {change.kind}: {change.words}"


def summary(difference: Difference) -> str:
    """How much changed, as in “Questions: 1 added, 2 reweighted”, or that nothing did."""
    counted: Counter[tuple[About, Kind]] = Counter()
    for subject in difference.subjects:
        counted.update((subject.about, kind) for kind in {one.kind for one in subject.changes})
    parts = []
    for about in reversed(About):
        found = [(kind, counted[about, kind]) for kind in Kind if counted[about, kind]]
        if about is About.QUESTIONNAIRE and found:
            parts.append(f"Questionnaire: {', '.join(kind for kind, _ in found)}.")
        elif found:
            said = ", ".join(f"{count} {_COUNTED.get(kind, kind)}" for kind, count in found)
            parts.append(f"{about.title()}s: {said}.")
    return " ".join(parts) or "Nothing changed."


@dataclass(frozen=True, slots=True)
class Trait:
    """How a field is spoken of: under which kind of change, by what name, and its values."""

    kind: Kind
    what: str
    say: Callable[[Any], str] = str
    without: str = NONE
    """What is said where there is no value."""

    def change(self, old: object, new: object) -> Change:
        return Change(self.kind, self.what, self._said(old), self._said(new))

    def _said(self, value: object) -> str:
        return self.without if value is None or value == () else self.say(value)


def of_traits(traits: Mapping[str, Trait], old: object, new: object) -> Iterator[Change]:
    """What differs between two objects, of the fields that `traits` names."""
    for name, trait in traits.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield trait.change(before, after)


def quoted(text: str) -> str:
    return f"“{text}”"


def yes_or_no(value: object) -> str:
    return "yes" if value else "no"


def worth(value: Fraction) -> str:
    """A credit as a file would have it: 0.75 where that is exact, else 1/3."""
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest != 1:
        return str(value)
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"


def moves(old: Sequence[str], new: Sequence[str]) -> dict[str, list[Change]]:
    """The change of place of as few ids as have to move to come from one order to the other."""
    stays = _longest_kept(old, new)
    return {
        name: [Change(Kind.MOVED, "place", _beside(name, old, stays), _beside(name, new, stays))]
        for name in new
        if name in old and name not in stays
    }


def _longest_kept(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """A longest run of ids that stand in the same order in both."""
    place = {name: at for at, name in enumerate(old)}
    runs: list[tuple[str, ...]] = [()]
    for name in (one for one in new if one in place):
        before = (run for run in runs if not run or place[run[-1]] < place[name])
        runs.append((*max(before, key=len), name))
    return max(runs, key=len)


def _beside(name: str, order: Sequence[str], stays: Sequence[str]) -> str:
    """Where something stands, by the nearest that does not move itself."""
    at = order.index(name)
    before = [one for one in order[:at] if one in stays]
    behind = [one for one in order[at:] if one in stays]
    return f"after {before[-1]}" if before else f"before {behind[0]}"
