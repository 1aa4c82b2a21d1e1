"""Every kind of event that riskapp writes can be told in words."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import riskapp
from riskapp.assessments.rules import State
from riskapp.reviews.rules import Action
from riskapp.web.desk.words import KINDS, kind_of, known, predicate, types_of

SOURCE = Path(riskapp.__file__).parent
WRITERS = {"record": 1, "record_along": 2, "note_read": 0, "note": 1}
"""Who writes events, and which argument is the type."""

SPELLED = {
    "f'assessment:{to}'": [f"assessment:{state}" for state in State],
    "f'review:{entry.action}'": [f"review:{action}" for action in Action],
    "f'questionnaire:{verb}'": [
        f"questionnaire:{verb}"
        for verb in ("import", "correct", "discard", "publish", "retire", "reinstate")
    ],
    "f'evidence:{scan}'": ["evidence:clean", "evidence:infected"],
}
"""Types that are put together: all that they can come to."""

PASSED_ON = {
    "verb": ["person:open", "person:close"],
    "event": ["engagement:end", "engagement:resume", "evidence:view", "evidence:download"],
    "opening": [],  # by `note`, whose callers are looked at themselves
    "type": [],  # by `note_read`, whose callers are looked at themselves
}
"""Names of parameters that hold a type, and what callers put in them."""


def typed(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """Where a module writes an event, and the expression of its type."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        position = WRITERS.get(name)
        if (
            position is None
            or len(node.args) <= position
            or len(node.args) + len(node.keywords) < 4
        ):
            continue
        yield f"{path.relative_to(SOURCE)}:{node.lineno}", node.args[position]


def written() -> Iterator[tuple[str, str]]:
    """Every type that the source writes, with the place; fails for one that nobody can name."""
    for path in sorted(SOURCE.rglob("*.py")):
        for place, expression in typed(path):
            match expression:
                case ast.Constant(value=str(type_)):
                    yield type_, place
                case ast.JoinedStr():
                    spelled = ast.unparse(expression)
                    assert spelled in SPELLED, f"{place}: say in this test what it can be"
                    yield from ((type_, place) for type_ in SPELLED[spelled])
                case ast.Name(id=name):
                    assert name in PASSED_ON, f"{place}: say in this test what it can be"
                    yield from ((type_, place) for type_ in PASSED_ON[name])
                case _:
                    pytest.fail(f"{place}: its type cannot be read from the source")


def test_every_type_that_is_written_has_words_and_a_kind() -> None:
    found = dict(written())
    assert len(found) > 70
    assert {place for type_, place in found.items() if not known(type_)} == set()
    assert {type_ for type_ in found if kind_of(type_) not in KINDS} == set()


def test_types_that_are_handed_on_are_those_of_the_source() -> None:
    """What `PASSED_ON` says is written somewhere, or it says too much."""
    text = "\n".join(path.read_text() for path in SOURCE.rglob("*.py"))
    for type_ in (one for types in PASSED_ON.values() for one in types):
        assert f'"{type_}"' in text.replace("desk/words.py", ""), type_


def test_every_type_is_of_one_kind_that_can_be_asked_for() -> None:
    types = [type_ for kind in KINDS for type_ in types_of(kind)]
    assert len(types) == len(set(types))
    assert all(types_of(kind) for kind in KINDS)


def test_words_stand_behind_a_name_whatever_an_event_says() -> None:
    """A sentence, for an event that says nothing beside what each says."""
    bare: dict[str, Any] = {
        "object": f"{'0' * 32}/3",
        "private": {},
        "from": None,
        "to": None,
        "revision": 1,
        "days": 30,
        "sessions": 2,
        "role": "officer",
    }
    for kind in KINDS:
        for type_ in types_of(kind):
            words = predicate(type_, bare)
            assert words[0].islower(), type_
            assert "None" not in words, (type_, words)
            assert "{" not in words, (type_, words)
            assert not words.endswith("."), type_


def test_an_unknown_type_is_told_by_its_name() -> None:
    assert predicate("moon:walk-on", {}) == "did this: moon, walk on"
