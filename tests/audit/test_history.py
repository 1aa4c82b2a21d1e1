"""The trail as it is read: what is asked for is found, all of it, in whatever pages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import event

from riskapp.audit.history import Entry, Wanted, entries
from riskapp.audit.service import forget_words
from riskapp.core.db import db, reading, transaction
from riskapp.reviews.rules import Action
from riskapp.reviews.service import send_back
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.reviews.acting import act
from tests.trails import EventRow

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def story(cast: Cast, clock: StoppedClock) -> str:
    """Three days of two assessments of two vendors; the id of the first."""
    invitation = small.submitted(cast)
    clock.pass_by(days=1)
    stages.started(cast.mallory, cast.olga, only=small.ONLY)
    act(invitation, small.VITAL, Action.REJECT, cast.olga, note="Not convincing.")
    act(invitation, small.PROVEN, Action.ASK_BACK, cast.oskar, note="Which scope?")
    clock.pass_by(days=1)
    due = NOW.date() + timedelta(days=9)
    send_back(invitation.assessment_id, due, stages.reviewer(cast.oskar))
    return invitation.assessment_id


def found(wanted: Wanted, page: int = 100) -> list[Entry]:
    reading().rollback()
    every: list[Entry] = []
    while some := entries(reading(), wanted, before=every[-1].id if every else None, limit=page):
        assert len(some) <= page
        every += some
    return every


def midnight(days: int) -> datetime:
    return datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) + timedelta(days=days)


def body(one: EventRow) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(one.body)
    return said


def fits(one: EventRow, wanted: Wanted) -> bool:
    """The same in Python, of one event."""
    said = body(one)
    question = wanted.question
    named = {said.get("question"), one.object_id.rpartition("/")[2]}
    if one.type == "assessment:returned":
        named |= set(said["questions"])
    return all(
        (
            wanted.vendor_id in {None, said["vendor"]},
            wanted.assessment_id in {None, said["assessment"]},
            not wanted.objects or one.object_id in wanted.objects,
            wanted.person_id is None or wanted.person_id in {one.actor_id, one.object_id},
            wanted.types is None or one.type in wanted.types,
            wanted.actor in {None, one.actor_kind, one.actor_id},
            wanted.since is None or one.at >= wanted.since,
            wanted.until is None or one.at < wanted.until,
            question is None or question in named,
            not wanted.of_no_vendor or said["vendor"] is None,
        )
    )


def test_what_is_asked_for_is_found_in_whatever_pages(cast: Cast, story: str) -> None:
    scopes = (
        Wanted(),
        Wanted(of_no_vendor=True),
        Wanted(vendor_id=cast.vera.vendor_id),
        Wanted(vendor_id=cast.mallory.vendor_id),
        Wanted(assessment_id=story),
        Wanted(person_id=cast.oskar.id),
        Wanted(person_id=cast.ada.id),
        Wanted(objects=[f"{story}/{small.PROVEN}", f"{story}/1", "nothing"]),
    )
    filters: tuple[dict[str, Any], ...] = (
        {},
        {"types": ["review:reject", "answer:save", "person:add"]},
        {"types": []},
        {"actor": "respondent"},
        {"actor": "operator"},
        {"actor": cast.olga.id},
        {"since": midnight(1)},
        {"since": midnight(1), "until": midnight(2)},
        {"question": small.PROVEN},
        {"question": small.PROVEN, "actor": cast.oskar.id, "until": midnight(2)},
    )
    every = small.events()
    some = 0
    for scope in scopes:
        for asked in filters:
            wanted = replace(scope, **asked)
            expected = [one.id for one in reversed(every) if fits(one, wanted)]
            assert [one.id for one in found(wanted)] == expected, wanted
            some += bool(expected)
    assert some > len(scopes) * len(filters) // 2
    for scope in scopes:
        assert found(scope, page=7) == found(scope)


def test_a_person_is_told_of_by_what_they_did_and_what_befell_their_account(cast: Cast) -> None:
    small.issued(cast)
    told = {one.type for one in found(Wanted(person_id=cast.oskar.id))}
    assert {"person:add", "session:open", "assessment:draft"} <= told


def test_each_has_its_number_and_leaf_once_it_is_in_the_log(cast: Cast, story: str) -> None:
    before = found(Wanted())
    assert {one.number for one in before} == {None}
    ports().log.append()
    after = found(Wanted())
    assert sorted(one.number for one in after if one.number is not None) == list(range(len(after)))
    assert [one.leaf for one in before] == [one.leaf for one in after]
    assert [one.leaf for one in after] == [
        sha256(b"\0" + one.body.encode()).hexdigest() for one in after
    ]


def test_words_are_there_until_they_are_erased(cast: Cast, story: str) -> None:
    wanted = Wanted(assessment_id=story, types=["review:reject"])
    (one,) = found(wanted)
    assert one.value("note") == "Not convincing."
    assert one.actor_id == cast.olga.id
    with transaction() as session:
        forget_words(session, assessment_id=story)
    (one,) = found(wanted)
    assert one.value("note") is None
    assert one.actor_id == cast.olga.id


def test_a_type_counts_only_with_what_it_has_to_say(cast: Cast, story: str) -> None:
    piece = f'"question":"{small.VITAL}"'
    wanted = Wanted(
        types=["answer:save", "review:reject"],
        only_where={"answer:save": piece},
        assessment_id=story,
    )
    assert [(one.type, json.loads(one.body)["question"]) for one in found(wanted)] == [
        ("review:reject", small.VITAL),
        ("answer:save", small.VITAL),
    ]


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_page_is_two_statements_however_long_it_is(cast: Cast, story: str) -> None:
    reading().rollback()
    for limit in (1, 50):
        with counted() as statements:
            entries(reading(), Wanted(person_id=cast.oskar.id), limit=limit)
        assert len(statements) == 2
