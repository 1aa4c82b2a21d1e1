"""From the conditions of a foreign file to conditions that riskapp's check accepts.

Where a condition cannot be said in full, the question is asked more often than in its source, never
less often; every such change is noted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from riskapp.catalogue.importers.common import Note
from riskapp.catalogue.importers.formulas import (
    ALWAYS,
    NEVER,
    All,
    Any,
    Formula,
    Test,
    Unsayable,
    both,
    conjuncts,
    either,
    named,
    tests,
    weakened,
)
from riskapp.catalogue.importers.items import SINGLE, Item

MOST_TESTS = 40
"""Tests in one condition; more of them nobody can follow, and checking them takes too long."""

DEEPEST = 12
"""Questions that may wait for one another in a row."""

_MOST_IMPLIED = 100


def settle(items: Sequence[Item]) -> tuple[list[Item], list[Note]]:
    """The items that are ever asked, with `asked` and `gate` set, and what was changed for it."""
    gates: frozenset[str] = frozenset()
    while True:
        found = _Settling(items, gates)
        more = frozenset(found.gates())
        if more <= gates:
            return found.kept(), found.notes
        gates |= more


@dataclass(slots=True)
class _Settled:
    item: Item
    asked: tuple[Formula, ...]
    implied: frozenset[Formula]
    """What holds wherever the item is asked."""
    depth: int
    exact: bool
    """Whether it is asked just as in its source, not more often."""


@dataclass(slots=True)
class _Settling:
    """One pass in the order of the questions, with what is known of gates so far."""

    items: Sequence[Item]
    known_gates: frozenset[str]
    notes: list[Note] = field(default_factory=list)
    done: dict[str, _Settled] = field(default_factory=dict)
    never: set[str] = field(default_factory=set)
    keys: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.keys = frozenset(item.key for item in self.items)
        for item in self.items:
            self._settle(item)

    def kept(self) -> list[Item]:
        for one in self.done.values():
            one.item.asked = one.asked
            one.item.gate = one.item.key in self.known_gates
        return [one.item for one in self.done.values()]

    def gates(self) -> Iterable[str]:
        """The unscored questions that decide whether scored ones apply, or other gates."""
        for one in self.done.values():
            if one.item.scored or one.item.key in self.known_gates:
                for key in chain.from_iterable(map(named, one.asked)):
                    if not self.done[key].item.scored:
                        yield key

    def _settle(self, item: Item) -> None:
        wanted, reasons = weakened(self._sayable(item.wanted))
        parts = self._joined(conjuncts(wanted))
        if NEVER in parts or self._contradict(parts):
            self.never.add(item.key)
            self._note(item, f"is never asked in its source ({_quoted(item)}); left out")
            return
        parts, more = self._allowed(item, parts)
        for reason in dict.fromkeys([*reasons, *more]):
            self._note(item, f"is asked more often than in its source: {_quoted(item)} {reason}")
        parents = [self.done[key] for key in sorted(frozenset().union(*map(named, parts)))]
        implied = frozenset(parts).union(*(parent.implied for parent in parents))
        if len(implied) > _MOST_IMPLIED:
            implied = frozenset(parts)
        depth = 1 + max((parent.depth for parent in parents), default=0)
        exact = not reasons and not more and all(parent.exact for parent in parents)
        self.done[item.key] = _Settled(item, tuple(parts), implied, depth, exact)

    def _note(self, item: Item, problem: str) -> None:
        self.notes.append(Note(item.where, f"the question {problem}"))

    def _sayable(self, formula: Formula) -> Formula:
        """The formula with everything marked that riskapp has no test for."""
        if sum(1 for _ in tests(formula)) > MOST_TESTS:
            return Unsayable(f"has more than {MOST_TESTS} tests")
        if isinstance(formula, Test):
            return self._test(formula)
        if isinstance(formula, All | Any):
            parts = [self._sayable(part) for part in formula.parts]
            return both(*parts) if isinstance(formula, All) else either(*parts)
        return formula

    def _test(self, test: Test) -> Formula:
        if test.question in self.never:
            return ALWAYS if test.negated else NEVER
        parent = self.done.get(test.question)
        if parent is None:
            known = test.question in self.keys
            return Unsayable("names a later question" if known else "names an unknown question")
        kind, answers = parent.item.answer["type"], test.answers & set(parent.item.options)
        if kind not in SINGLE and (kind != "multiple" or test.negated):
            return Unsayable(_no_test(kind, negated=test.negated))
        if test.negated and not parent.exact:
            return Unsayable("excludes an answer to a question that is asked more often")
        if parent.depth >= DEEPEST:
            return Unsayable(f"waits for more than {DEEPEST} questions in a row")
        return Test(test.question, answers, test.negated) if answers else NEVER

    def _joined(self, parts: Iterable[Formula]) -> list[Formula]:
        """Tests of the one answer to the same question in one."""
        found: list[Formula] = []
        single: dict[str, int] = {}
        for part in parts:
            if isinstance(part, Test) and self.done[part.question].item.answer["type"] in SINGLE:
                at = single.setdefault(part.question, len(found))
                if at < len(found):
                    other = found[at]
                    assert isinstance(other, Test)  # noqa: S101 - only tests are remembered
                    answers = other.answers & part.answers
                    negated = other.negated and part.negated
                    found[at] = Test(part.question, answers, negated) if answers else NEVER
                    if not answers:
                        return [NEVER]
                    continue
            found.append(part)
        return found

    def _contradict(self, parts: Sequence[Formula]) -> bool:
        """Whether the questions that are named are only asked on other answers than are wanted."""
        wanted: dict[str, frozenset[str]] = {}
        for part in self._given(parts):
            if isinstance(part, Test) and self.done[part.question].item.answer["type"] in SINGLE:
                left = wanted.get(part.question, part.answers) & part.answers
                wanted[part.question] = left
                if not left:
                    return True
        return False

    def _visible(self, parts: list[Formula]) -> tuple[list[Formula], list[str]]:
        """Leaves out parts that hold in the source where a question that they name is not asked.

        In riskapp a question is asked only where all that its condition names are asked.
        """
        kept, reasons = list(parts), []
        for part in parts:
            if isinstance(part, Test) and not part.negated:
                continue
            others = [one for one in kept if one is not part]
            given = self._given(others)
            hidden = [key for key in named(part) if not self.done[key].implied <= given]
            if hidden:
                kept = others
                at = self.done[min(hidden)].item.where
                reasons.append(f"also holds where the question of {at} is not asked")
        return kept, reasons

    def _given(self, parts: Iterable[Formula]) -> frozenset[Formula]:
        """What holds in the source wherever these parts hold: an answer needs a question."""
        known = frozenset(parts)
        asked = [part for part in known if isinstance(part, Test) and not part.negated]
        return known.union(*(self.done[part.question].implied for part in asked))

    def _allowed(self, item: Item, parts: list[Formula]) -> tuple[list[Formula], list[str]]:
        """What the check lets stand between a question and the answers that decide about it."""
        full, reasons = parts, []
        while True:
            full, hidden = self._visible(full)
            needed = self._needed(full)
            found = self._refused(item, needed)
            reasons += hidden
            if found is None:
                return needed, reasons
            part, instead, reason = found
            full = [one for one in (instead if one is part else one for one in full) if one]
            reasons.append(reason)

    def _needed(self, parts: list[Formula]) -> list[Formula]:
        """Without parts that hold anyway where the other parts' questions are asked."""
        kept = list(parts)
        for part in parts:
            others = [one for one in kept if one is not part]
            keys = frozenset().union(*map(named, others))
            if any(part in self.done[key].implied for key in keys):
                kept = others
        return kept

    def _refused(
        self, item: Item, parts: list[Formula]
    ) -> tuple[Formula, Formula | None, str] | None:
        """A part that may not stand, what may stand instead, and why."""
        scored = {part: self._scored(part) for part in parts}
        controls = sorted(frozenset().union(*scored.values()), key=list(self.done).index)
        if not controls or not (item.scored or item.key in self.known_gates):
            return None
        for part in parts:
            if not scored[part]:
                continue
            if not item.scored:
                return part, None, "lets a scored answer hide a question on which others depend"
            if scored[part] != {controls[-1]}:
                return part, None, "lets several scored answers hide a scored question"
            wider = self._wider(part, controls[-1])
            if wider != part:
                reason = "lets an answer that is neither the best nor the worst hide it"
                return part, wider, reason
        return None

    def _scored(self, part: Formula) -> frozenset[str]:
        return frozenset(key for key in named(part) if self.done[key].item.scored)

    def _wider(self, part: Formula, control: str) -> Formula | None:
        """The part with every middling answer to the control let through; None: all answers are."""
        credits_of = self.done[control].item.credits
        if not credits_of:
            return None
        low, high = min(credits_of.values()), max(credits_of.values())
        middling = {answer for answer, credit in credits_of.items() if low < credit < high}
        wider = _widened(part, control, frozenset(middling), len(credits_of))
        return None if wider == ALWAYS else wider


def _widened(part: Formula, control: str, more: frozenset[str], count: int) -> Formula:
    if isinstance(part, Test):
        if part.question != control or more <= part.answers:
            return part
        answers = part.answers | more
        return ALWAYS if len(answers) == count else Test(control, answers, part.negated)
    if isinstance(part, All | Any):
        parts = [_widened(one, control, more, count) for one in part.parts]
        return both(*parts) if isinstance(part, All) else either(*parts)
    return part


def _quoted(item: Item) -> str:
    return f"its condition “{item.condition}”" if item.condition else "its condition"


def _no_test(kind: str, *, negated: bool) -> str:
    if kind == "multiple":
        return "asks for what is not ticked" if negated else "looks at ticks"
    return f"looks at an answer of the type {kind}"


def written(
    parts: Sequence[Formula], items: Mapping[str, Item], ids: Mapping[str, str]
) -> dict[str, object]:
    """Parts of a condition that all have to hold, as the format writes them."""
    conditions = [_written(part, items, ids) for part in parts]
    return conditions[0] if len(conditions) == 1 else {"all": conditions}


def _written(part: Formula, items: Mapping[str, Item], ids: Mapping[str, str]) -> dict[str, object]:
    if isinstance(part, Test):
        item = items[part.question]
        answers = [one for one in item.options if one in part.answers]
        word = "is" if item.answer["type"] in SINGLE else "includes"
        return {"question": ids[item.key], word: answers if len(answers) > 1 else answers[0]}
    assert isinstance(part, All | Any)  # noqa: S101 - nothing unsayable is left after `settle`
    word = "all" if isinstance(part, All) else "any"
    return {word: [_written(one, items, ids) for one in part.parts]}
