"""Bodies read by their form say what they say when they are parsed, and no others are taken."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.audit.verify_bodies import SAID, Bodies, BodyUnfit
from tests.audit.attacker import written

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from([0.5, 1.5, -0.25, 100.125])
    | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["from", "to", "type", "vendor", "private"]), inner)
    ),
    max_leaves=6,
)
BODY = st.fixed_dictionaries(
    {
        "v": st.just(1),
        "actor": st.sampled_from(["person", "clock"]),
        "assessment": st.none() | TEXT,
        "at": TEXT,
        "object": TEXT,
        "private": st.dictionaries(st.sampled_from(["actor", "note", "type"]), TEXT),
        "type": st.sampled_from(["vendor:edit", "answer:save"]),
        "vendor": st.none() | TEXT,
    },
    optional={"size": VALUE, "after": VALUE, "question": TEXT, "zone": st.integers()},
)
READERS = Bodies()
"""One for all examples, so that forms are met again."""


def plainly(body: dict[str, Any]) -> tuple[bytes | None, ...]:
    return tuple(None if body[name] is None else body[name].encode() for name in SAID)


@settings(max_examples=400, deadline=None)
@given(BODY)
def test_whatever_was_read_before_a_body_says_what_it_says(body: dict[str, Any]) -> None:
    data = written(body).encode()
    assert json.loads(data) == body
    if any(one for one in numbers(body) if abs(one) > 2**53 - 1):
        return
    for _ in range(2):
        said, (match, fields) = READERS.read(data, body["type"].encode())
        assert said == plainly(body)
        opened = {
            name.decode(): (where if match is None else match[where]).decode()
            for name, where in fields.items()
        }
        assert opened == body["private"]


def numbers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in numbers(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in numbers(inner)]
    return [value] if isinstance(value, int) else []


BASE = {
    "v": 1,
    "actor": "person",
    "assessment": None,
    "at": "2026-11-23T09:00:00+00:00",
    "object": "x",
    "private": {"actor": "ab" * 32},
    "size": 17,
    "type": "vendor:edit",
    "vendor": "y",
}
CANONICAL = written(BASE)


@pytest.mark.parametrize(
    "body",
    [
        CANONICAL.replace("17", "017"),
        CANONICAL.replace("17", "-0"),
        CANONICAL.replace("17", "1e3"),
        CANONICAL.replace("17", "17.0"),
        CANONICAL.replace("17", "9007199254740993"),
        CANONICAL.replace("17", "1 7"),
        CANONICAL.replace("17", " 17"),
        CANONICAL.replace('"x"', '"\x01"'),
        CANONICAL.replace('"x"', '"\n"'),
        CANONICAL.replace('"x"', r'"\u0041"'),
        CANONICAL.replace('"x"', '"x","x":"x"'),
        CANONICAL.replace('"vendor":"y"', '"vendor":"y","vendor":"y"'),
        CANONICAL.replace('"vendor":"y"', '"vendor":1'),
        CANONICAL.replace('"actor":"person",', ""),
        CANONICAL.replace('{"actor":"abab', '{"actor":5,"b":"abab'),
        CANONICAL + " ",
        CANONICAL + "\n",
        CANONICAL[:-1],
        "[" * 100_000,
    ],
)
def test_what_is_not_canonical_is_not_taken_for_a_form_that_was_seen(body: str) -> None:
    bodies = Bodies()
    bodies.read(CANONICAL.encode(), b"vendor:edit")
    assert bodies.read(CANONICAL.replace("17", "170").encode(), b"vendor:edit")[0] == plainly(BASE)
    with pytest.raises(BodyUnfit):
        bodies.read(body.encode(), b"vendor:edit")


def test_what_is_no_text_is_no_body() -> None:
    with pytest.raises(BodyUnfit):
        Bodies().read(b"\xff" + CANONICAL.encode(), b"")
    bodies = Bodies()
    bodies.read(CANONICAL.encode(), b"vendor:edit")
    with pytest.raises(BodyUnfit):
        bodies.read(CANONICAL.encode().replace(b'"x"', b'"\xff"'), b"vendor:edit")
