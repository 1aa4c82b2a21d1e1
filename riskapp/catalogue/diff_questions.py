"""What is not the same in a question: its words, its weight, whom it is asked, where it stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from riskapp.catalogue.changes import (
    NONE,
    Change,
    Kind,
    Trait,
    moves,
    of_traits,
    quoted,
    worth,
    yes_or_no,
)
from riskapp.catalogue.conditions import in_words
from riskapp.catalogue.diff_answers import answer_changes
from riskapp.catalogue.diff_answers import in_words as answer_in_words
from riskapp.catalogue.model import (
    Condition,
    Factor,
    Floor,
    Knockout,
    Question,
    Release,
    SuggestedFinding,
    Transfers,
)

ALWAYS = "always"


def _findings(findings: Sequence[SuggestedFinding]) -> str:
    return "; ".join(
        f"{quoted(one.text)} ({one.severity}, on {' or '.join(one.answers)})" for one in findings
    )


def _register(transfers: Transfers) -> str:
    return f"columns {transfers.country} and {transfers.safeguard}"


def _factor(factor: Factor) -> str:
    return f"weight {worth(factor.weight)}{_floors(factor.floors)}"


def _floors(floors: Iterable[Floor]) -> str:
    return "".join(f", {floor.option} at least {floor.floor}" for floor in floors)


TRAITS: Mapping[str, Trait] = {
    "text": Trait(Kind.REWORDED, "question", quoted),
    "why": Trait(Kind.REWORDED, "why we ask", quoted),
    "counts": Trait(Kind.REWORDED, "what counts", quoted),
    "weight": Trait(Kind.REWEIGHTED, "weight"),
    "domain": Trait(Kind.REWEIGHTED, "domain"),
    "transfers": Trait(Kind.REWEIGHTED, "register of transfers", _register),
    "transfers_via": Trait(Kind.REWEIGHTED, "countries are looked up in"),
    "country": Trait(Kind.REWEIGHTED, "column of countries"),
    "factor": Trait(Kind.REWEIGHTED, "part in the inherent risk", _factor),
    "gate": Trait(Kind.CONDITIONS, "gate", yes_or_no),
    "same_as": Trait(Kind.CONDITIONS, "gives way to"),
    "required": Trait(Kind.ANSWER, "required", yes_or_no),
    "findings": Trait(Kind.OTHER, "suggested findings", _findings),
}
KNOCKOUT_TRAITS: Mapping[str, Trait] = {
    "level": Trait(Kind.REWEIGHTED, "knock-out"),
    "below": Trait(Kind.REWEIGHTED, "knock-out below", worth),
}
APART = frozenset(
    {"id", "evidence", "answer", "knockout", "applies_when", "asked_when", "mappings"}
)
"""The fields of a question that are compared by more than their value."""


def described(question: Question, release: Release) -> str:
    """A whole question in a line: its text, and how it counts."""
    said = [f"answer: {answer_in_words(question.answer)}"]
    said += [f"domain {question.domain}"] if question.domain else []
    said += [f"weight {question.weight}"] if question.weight else []
    said += ["with evidence"] if question.evidence else []
    said += [f"knock-out {_knockout(question.knockout, release)}"] if question.knockout else []
    for word, condition in (("applies", question.applies_when), ("asked", question.asked_when)):
        said += [f"{word} where {in_words(condition, release)}"] if condition else []
    return f"{quoted(question.text)} ({'; '.join(said)})"


def question_changes(
    before: Question, old: Release, after: Question, new: Release
) -> Iterator[Change]:
    """What differs between a question of one release and the same of another, but its place."""
    yield from of_traits(TRAITS, before, after)
    yield from _evidence(before.evidence, after.evidence)
    yield from answer_changes(before.answer, after.answer)
    if before.knockout is None or after.knockout is None:
        if before.knockout != after.knockout:
            first = _knockout(before.knockout, old)
            yield Change(Kind.REWEIGHTED, "knock-out", first, _knockout(after.knockout, new))
    else:
        yield from of_traits(KNOCKOUT_TRAITS, before.knockout, after.knockout)
    yield from _conditions(before, old, after, new)
    yield from _mappings(before.mappings, after.mappings)


def _evidence(before: str | None, after: str | None) -> Iterator[Change]:
    """Other words for the proof change no score; asking for it, or no more, does."""
    if before != after:
        kind = Kind.REWORDED if before and after else Kind.REWEIGHTED
        yield Trait(kind, "evidence", quoted, "none asked for").change(before, after)


def _knockout(knockout: Knockout | None, release: Release) -> str:
    if knockout is None:
        return NONE
    where = f", where {in_words(knockout.when, release)}" if knockout.when else ""
    return f"{knockout.level}, below {worth(knockout.below)}{where}"


def _conditions(before: Question, old: Release, after: Question, new: Release) -> Iterator[Change]:
    """Conditions in the words that their own release has for the answers they name."""

    def change(kind: Kind, what: str, first: Condition | None, second: Condition | None) -> Change:
        said = [
            ALWAYS if condition is None else f"where {in_words(condition, release)}"
            for condition, release in ((first, old), (second, new))
        ]
        return Change(kind, what, *said)

    if before.knockout and after.knockout and before.knockout.when != after.knockout.when:
        first, second = before.knockout.when, after.knockout.when
        yield change(Kind.REWEIGHTED, "knock-out holds", first, second)
    if before.applies_when != after.applies_when:
        yield change(Kind.CONDITIONS, "applies", before.applies_when, after.applies_when)
    if before.asked_when != after.asked_when:
        yield change(Kind.CONDITIONS, "asked", before.asked_when, after.asked_when)


def _mappings(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Iterator[Change]:
    for framework in dict.fromkeys((*before, *after)):
        trait = Trait(Kind.MAPPINGS, framework, ", ".join)
        first, second = before.get(framework), after.get(framework)
        if first != second:
            yield trait.change(first, second)


def placed_otherwise(old: Release, new: Release) -> Mapping[str, list[Change]]:
    """The change of place of each question that stands in another section, or elsewhere in it."""
    before, after = (
        {question.id: section for section in release.sections for question in section.questions}
        for release in (old, new)
    )
    found = {
        name: [Change(Kind.MOVED, "section", quoted(before[name].title), quoted(section.title))]
        for name, section in after.items()
        if name in before and before[name].id != section.id
    }
    for section in new.sections:
        stays = [
            [name for name, there in places.items() if there.id == section.id and name not in found]
            for places in (before, after)
        ]
        found.update(moves(*stays))
    return found
