"""Whether conditions can hold, name what there is, and never make a middling answer pay."""

from collections.abc import Iterator
from itertools import product
from math import prod

from riskapp.catalogue.answers import credit
from riskapp.catalogue.check_tests import fault_of
from riskapp.catalogue.conditions import compare, holds, holds_where, questions_named
from riskapp.catalogue.errors import Finding
from riskapp.catalogue.model import Condition, Question, Release
from riskapp.catalogue.samples import fullest, samples
from riskapp.catalogue.visible import asked_among
from riskapp.catalogue.when import FACTS, LISTS, FactTest, Place, QuestionTest, single_tests

MOST_CASES = 20_000
"""Combinations of answers tried; a condition with more is taken to be able to hold."""


def findings(release: Release) -> Iterator[Finding]:
    wrong = list(_tests(release))
    yield from wrong
    rules = [_sources, _idle_gate]
    # Trying conditions out needs tests that make sense.
    rules += [] if wrong else [_hiding, _dead]
    for place, question in release.placed():
        for rule in rules:
            for path, problem, remedy in rule(question, release):
                yield (*place, *path), problem, remedy


def _tests(release: Release) -> Iterator[Finding]:
    for place, question in release.placed():
        for path, condition in _conditions(question):
            for at, test in single_tests(condition):
                fault = fault_of(test, release)
                if fault is not None:
                    yield (*place, *path, *at), *fault
        for path, problem, remedy in _misplaced(question):
            yield (*place, *path), problem, remedy


def _misplaced(question: Question) -> Iterator[Finding]:
    if question.applies_when is not None and questions_named(question.applies_when):
        yield ("applies_when",), "looks at an answer", "use asked_when for answers"
    if question.asked_when is not None:
        every = single_tests(question.asked_when)
        if any(isinstance(test, FactTest) for _, test in every):
            yield ("asked_when",), "looks at a fact", "use applies_when for facts"


def _idle_gate(question: Question, release: Release) -> Iterator[Finding]:
    conditions = (c for _, one in release.placed() for _, c in _conditions(one))
    if question.gate and not any(question.id in questions_named(c) for c in conditions):
        yield ("gate",), "decides nothing", "let another question's asked_when name it"


def _conditions(question: Question) -> Iterator[tuple[Place, Condition]]:
    if question.applies_when is not None:
        yield ("applies_when",), question.applies_when
    if question.asked_when is not None:
        yield ("asked_when",), question.asked_when
    if question.knockout is not None and question.knockout.when is not None:
        yield ("knockout", "when"), question.knockout.when


def _sources(question: Question, release: Release) -> Iterator[Finding]:
    if question.asked_when is None:
        return
    for name in sorted(questions_named(question.asked_when)):
        yield from _order(question, name, release)
    if release.audience == "vendor":
        yield from _parents(question, release)


def _order(question: Question, name: str, release: Release) -> Iterator[Finding]:
    order = list(release.questions)
    if name not in release.questions or order.index(name) < order.index(question.id):
        return
    if question.id in _chain(release, name):
        yield ("asked_when",), f"waits for {name}, which waits for it", "break the circle"
    else:
        yield ("asked_when",), f"waits for {name}, which comes later", f"move it behind {name}"


def _chain(release: Release, name: str) -> set[str]:
    """A question and all whose answers decide, directly or not, whether it is asked."""
    found: set[str] = set()
    waiting = {name}
    while waiting:
        question = release.questions.get(waiting.pop())
        if question is not None and question.id not in found:
            found.add(question.id)
            if question.asked_when is not None:
                waiting |= questions_named(question.asked_when)
    return found


def _parents(question: Question, release: Release) -> Iterator[Finding]:
    """What may stand between a vendor's answer and a question that counts."""
    path: Place = ("asked_when",)
    named = sorted(questions_named(question.asked_when)) if question.asked_when else []
    parents = [release.questions[name] for name in named if name in release.questions]
    controls = [parent.id for parent in parents if parent.scored]
    if question.gate and controls:
        yield path, f"lets {controls[0]}, a control, hide a gate", "let only gates hide gates"
    if not question.scored:
        return
    for parent in parents:
        if not parent.scored and not parent.gate:
            problem = f"lets {parent.id} hide a scored question"
            yield path, problem, f"make {parent.id} a gate, or score it"
    if len(controls) > 1:
        problem = f"names several controls, {', '.join(controls)}"
        yield path, problem, "name one, whose credit a hidden question takes over"
    if controls and question.knockout is not None and question.knockout.level == "legal":
        problem = f"lets {controls[0]}, a control, hide a legal question"
        yield path, problem, "let only gates hide it"


def _hiding(question: Question, release: Release) -> Iterator[Finding]:
    """Only a control's worst and best answers may hide a scored question."""
    if question.asked_when is None or not question.scored:
        return
    looked_for = [
        test for _, test in single_tests(question.asked_when) if isinstance(test, QuestionTest)
    ]
    for name in sorted(questions_named(question.asked_when)):
        parent = release.questions[name]
        if not parent.scored:
            continue
        answers = samples(parent, looked_for)
        for others in (True, False):
            shown = [_shown(question.asked_when, name, one, others=others) for one in answers]
            hiding = [one for one, seen in zip(answers, shown, strict=True) if not seen]
            middling = [one for one in hiding if any(shown) and _middling(parent, one)]
            if middling:
                problem = f"hides a scored question on {middling[0]!r}, a middling answer to {name}"
                remedy = "let only its worst and best answers hide it"
                yield ("asked_when",), problem, remedy
                break


def _shown(condition: Condition, name: str, value: object, *, others: bool) -> bool:
    def test_holds(test: FactTest | QuestionTest) -> bool:
        mine = isinstance(test, QuestionTest) and test.question == name
        return compare(test, value, getattr(test, "column", None)) if mine else others

    return holds_where(condition, test_holds)


def _middling(parent: Question, value: object) -> bool:
    """Neither the worst nor the best; where transfer rules decide, any answer may be between."""
    worth = credit(parent, value)
    if worth is None:
        return value != []
    return min(parent.answer.credits) < worth < max(parent.answer.credits)


def _dead(question: Question, release: Release) -> Iterator[Finding]:
    """Tries out everything on which it depends whether this is asked, and whether it can fail."""
    fails = question.knockout.when if question.knockout is not None else None
    if not (question.applies_when or question.asked_when or fails):
        return
    chain = _deciding(question, release)
    names, choices = _choices(chain)
    if prod(len(one) for one in choices) > MOST_CASES:
        return
    asked = False
    for case in product(*choices):
        tried = dict(zip(names, case, strict=True))
        facts = {name: one for name, one in tried.items() if name in FACTS}
        answers = {name: one for name, one in tried.items() if name not in FACTS}
        if question not in asked_among(chain, facts, answers):
            continue
        asked = True
        if fails is None or holds(fails, facts, answers):
            return
    path: Place = ("asked_when",) if question.asked_when else ("applies_when",)
    if asked:
        path = ("knockout", "when")
    yield path, "can never hold", "see what the questions that it names need themselves"


def _deciding(question: Question, release: Release) -> list[Question]:
    """The question and all that can make a difference to it, in order."""
    names = {question.id}
    for _, condition in _conditions(question):
        names |= questions_named(condition)
    found = set().union(*(_chain(release, name) for name in names))
    order = list(release.questions)
    return [release.questions[name] for name in sorted(found, key=order.index)]


def _choices(chain: list[Question]) -> tuple[list[str], list[list[object]]]:
    """The facts and answers that make a difference to the questions, and what each can be."""
    looked_for = [test for one in chain for _, c in _conditions(one) for _, test in single_tests(c)]
    facts = sorted({test.fact for test in looked_for if isinstance(test, FactTest)})
    asking = [test for test in looked_for if isinstance(test, QuestionTest)]
    named = [one for one in chain if any(test.question == one.id for test in asking)]
    of_facts: list[list[object]] = [
        [list(FACTS[name])] if name in LISTS else list(FACTS[name]) for name in facts
    ]
    return [*facts, *(one.id for one in named)], of_facts + [fullest(one, asking) for one in named]
