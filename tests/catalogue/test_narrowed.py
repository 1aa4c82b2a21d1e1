"""A release narrowed to some of its questions is the same release, with nothing left empty."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from riskapp.catalogue.parsing import parse
from tests.catalogue import writing
from tests.catalogue.writing import question, written

CONTENT = writing.release(
    domains={
        "access": {"weight": 3, "title": "Access"},
        "people": {"weight": 1, "title": "People"},
        "continuity": {"weight": 2, "title": "Continuity"},
    },
    sections=[
        {
            "id": "first",
            "title": "First",
            "questions": [
                question("TST-01"),
                question("TST-02", asked_when={"question": "TST-01", "is": "yes"}),
                question("TST-03", writing.TEXT, weight=None),
            ],
        },
        {"id": "second", "title": "Second", "questions": [question("TST-04", domain="people")]},
        {
            "id": "third",
            "title": "Third",
            "questions": [question("TST-05", domain="continuity"), question("TST-06")],
        },
    ],
)
RELEASE = parse(written(CONTENT), "small/2026.1.yaml")
EVERY = list(RELEASE.questions)
SOME = st.sets(st.sampled_from(EVERY), min_size=1)


def test_what_is_not_chosen_is_gone_and_so_is_what_it_leaves_empty() -> None:
    narrowed = RELEASE.narrowed({"TST-04", "TST-06"})

    assert list(narrowed.questions) == ["TST-04", "TST-06"]
    assert [section.id for section in narrowed.sections] == ["second", "third"]
    assert list(narrowed.domains) == ["access", "people"]


def test_it_stays_the_release_that_it_was() -> None:
    narrowed = RELEASE.narrowed({"TST-04"})

    assert (narrowed.key, narrowed.sha256, narrowed.source, narrowed.where) == (
        RELEASE.key,
        RELEASE.sha256,
        RELEASE.source,
        RELEASE.where,
    )


def test_nothing_of_the_whole_release_is_remembered() -> None:
    assert RELEASE.deciding == {"TST-01"}
    assert list(RELEASE.questions) == EVERY

    narrowed = RELEASE.narrowed({"TST-03"})

    assert narrowed.deciding == frozenset()
    assert list(narrowed.questions) == ["TST-03"]
    assert list(RELEASE.questions) == EVERY, "and the whole release is what it was"


def test_ids_that_it_does_not_have_change_nothing() -> None:
    assert RELEASE.narrowed({"TST-01", "TST-99"}) == RELEASE.narrowed({"TST-01"})


@pytest.mark.parametrize("chosen", [(), ("TST-99",)])
def test_a_release_is_not_narrowed_to_nothing(chosen: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="sections"):
        RELEASE.narrowed(chosen)


def test_narrowed_to_everything_it_is_the_same() -> None:
    assert RELEASE.narrowed(EVERY) == RELEASE


@settings(deadline=None)
@given(SOME)
def test_the_questions_that_stay_are_those_chosen_unchanged_and_in_order(chosen: set[str]) -> None:
    narrowed = RELEASE.narrowed(chosen)

    assert list(narrowed.questions.items()) == [
        (name, one) for name, one in RELEASE.questions.items() if name in chosen
    ]


@settings(deadline=None)
@given(SOME)
def test_nothing_is_left_empty_and_nothing_that_is_used_is_gone(chosen: set[str]) -> None:
    narrowed = RELEASE.narrowed(chosen)

    assert all(section.questions for section in narrowed.sections)
    used = {question.domain for question in narrowed.questions.values()} - {None}
    assert set(narrowed.domains) == used


@settings(deadline=None)
@given(SOME, SOME)
def test_narrowed_twice_is_narrowed_to_what_both_chose(first: set[str], second: set[str]) -> None:
    assume(first & second)

    assert RELEASE.narrowed(first).narrowed(second) == RELEASE.narrowed(first & second)
