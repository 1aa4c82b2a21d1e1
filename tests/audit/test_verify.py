"""Whatever somebody with full access to the database does to the trail is found and named."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from riskapp.audit.findings import Finding
from riskapp.audit.log import at_size
from riskapp.audit.models import ACTOR
from riskapp.audit.notes import Tree, signed
from riskapp.audit.verify import Trusted, Verification
from riskapp.core.db import db, reading
from riskapp.web.ports import ports
from tests.audit import attacker
from tests.audit.attacker import State, attack, put, written
from tests.audit.logs import SIZES, add, elsewhere, found, kinds, nothing_yet, swap
from tests.cast import NOW

__all__ = ["elsewhere", "nothing_yet"]


def test_what_nobody_touched_is_as_it_should_be(elsewhere: str) -> None:
    assert found() == []
    looked = Verification(db.engine, reading(), ports().signer, Trusted(elsewhere))
    assert list(looked.findings()) == []
    events = SIZES[-1] + 4
    assert (looked.size, looked.waiting) == (events, 0)
    assert (looked.signed, looked.checkpoints) == (SIZES[-1], len(SIZES))
    add(3)
    looked = Verification(db.engine, reading(), ports().signer)
    assert list(looked.findings()) == []
    assert (looked.size, looked.waiting) == (events, 3)


def test_a_changed_body_is_named(elsewhere: str) -> None:
    with attack() as bent:
        row = bent.by_number()[8]
        row["body"] = f'{row["body"][:-1]},"z":1}}'
        put(bent)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("body", 8, row["id"])
    assert found(elsewhere) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("type", "vendor:erase"),
        ("object_id", "other"),
        ("actor_kind", "operator"),
        ("vendor_id", "other"),
        ("vendor_id", None),
        ("assessment_id", "other"),
        ("at", NOW + timedelta(days=1)),
    ],
)
@pytest.mark.usefixtures("elsewhere")
def test_a_changed_column_is_named(column: str, value: object) -> None:
    with attack() as bent:
        row = bent.by_number()[9]
        row[column] = value
        put(bent)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("columns", 9, row["id"])
        assert one.words.endswith(f": {column.removesuffix('_id').removesuffix('_kind')}.")


@pytest.mark.parametrize("column", ["value", "salt", "field"])
@pytest.mark.usefixtures("elsewhere")
def test_changed_words_and_actors_are_named(column: str) -> None:
    with attack() as bent:
        row = next(row for row in bent.event_private if row["field"] == ACTOR)
        row[column] = {"value": "another person", "salt": "00" * 32, "field": "reasons"}[column]
        put(bent)
        one, *rest = found()
        assert (one.kind, one.event) == ("private", row["event_id"])
        # Under another field's name it opens nothing, and what it opened is gone.
        assert [(gone.kind, gone.event) for gone in rest] == [("private", row["event_id"])] * (
            column == "field"
        )


@pytest.mark.usefixtures("elsewhere")
def test_words_that_an_event_never_had_are_named() -> None:
    with attack() as bent:
        row = bent.by_number()[7]
        salt, _ = attacker.salted("more")
        new = {"event_id": row["id"], "field": "more", "salt": salt, "value": "more"}
        bent.event_private.append(new)
        put(bent)
        assert [(one.kind, one.event) for one in found()] == [("private", row["id"])]


@pytest.mark.usefixtures("elsewhere")
def test_a_row_that_was_deleted_is_named() -> None:
    with attack() as bent:
        row = bent.by_number()[10]
        bent.event.remove(row)
        put(bent)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("missing", 10, row["id"])


@pytest.mark.usefixtures("elsewhere")
def test_a_number_that_was_deleted_is_named() -> None:
    with attack() as bent:
        bent.log_entry = [row for row in bent.log_entry if row["number"] != 10]
        put(bent)
        first = found()[0]
        assert (first.kind, first.number) == ("gap", 10)


def consistently(change: Callable[[State, attacker.Rows], None]) -> tuple[list[Finding], State]:
    """What is found after a change of which all that follows was made anew, in the first gap.

    The change is among the numbers from 6 to 12: behind the first of the kept checkpoints.
    """
    with attack() as bent:
        events = bent.by_number()
        change(bent, events)
        bent.redo(events)
        put(bent)
        return found(), bent


def tell_otherwise(bent: State, events: attacker.Rows) -> None:
    body = json.loads(events[9]["body"])
    body["object"] = events[9]["object_id"] = "another object"
    events[9]["body"] = written(body)


def put_words_in_a_mouth(bent: State, events: attacker.Rows) -> None:
    row = next(
        row
        for row in bent.event_private
        if row["event_id"] == events[8]["id"] and row["field"] == ACTOR
    )
    row["value"] = "somebody else"
    body = json.loads(events[8]["body"])
    row["salt"], body["private"][ACTOR] = attacker.salted("somebody else")
    events[8]["body"] = written(body)


def delete(bent: State, events: attacker.Rows) -> None:
    bent.event.remove(events.pop(9))


def insert(bent: State, events: attacker.Rows) -> None:
    events.insert(9, bent.forged(NOW))


CHANGES = (tell_otherwise, put_words_in_a_mouth, delete, insert, swap)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("elsewhere")
def test_a_change_with_all_that_follows_is_bounded_by_the_checkpoints_around_it(
    change: Callable[[State, attacker.Rows], None],
) -> None:
    findings, _ = consistently(change)
    bounds = [one.words for one in findings if "from number" in one.words]
    assert len(bounds) == 1
    assert kinds(findings) == {"root"}
    assert (
        f"of {SIZES[1]} events does not fit: from number {SIZES[0]} to {SIZES[1] - 1}" in bounds[0]
    )
    assert found() == []


@pytest.mark.usefixtures("elsewhere")
def test_an_event_alone_between_two_checkpoints_is_named() -> None:
    ports().log.checkpoint(NOW)
    add(1)
    ports().log.checkpoint(NOW)
    add(5)
    ports().log.checkpoint(NOW)
    with attack() as bent:
        events = bent.by_number()
        row = events[-6]
        row["body"] = f'{row["body"][:-1]},"z":1}}'
        bent.redo(events)
        put(bent)
        first = found()[0]
        assert (first.kind, first.event, first.type) == ("root", row["id"], row["type"])
        assert first.number == len(events) - 6


def roll_back(bent: State, to: int) -> attacker.Rows:
    events = bent.by_number()[:to]
    bent.event = list(events)
    kept = {row["id"] for row in events}
    bent.event_private = [row for row in bent.event_private if row["event_id"] in kept]
    bent.checkpoint = [row for row in bent.checkpoint if row["size"] <= to]
    bent.redo(events)
    return events


def test_a_log_that_was_rolled_back_is_found_by_a_checkpoint_from_elsewhere(elsewhere: str) -> None:
    with attack() as bent:
        roll_back(bent, SIZES[1])
        put(bent)
        assert found() == []  # nobody could tell: it is what it was then
        (one,) = found(elsewhere)
        assert (one.kind, one.number) == ("rolled-back", SIZES[1])
        assert f"from {SIZES[1]} to {SIZES[2] - 1} are gone" in one.words


def test_forged_events_in_the_place_of_those_rolled_back_are_found(elsewhere: str) -> None:
    with attack() as bent:
        events = roll_back(bent, SIZES[1])
        events += [bent.forged(NOW) for _ in range(30)]
        bent.redo(events)
        put(bent)
        (one,) = found(elsewhere)
        assert one.kind == "root"
        assert f"from number {SIZES[1]} to {SIZES[2] - 1}" in one.words


def test_a_log_that_lost_its_newest_part_but_not_the_checkpoints_is_found() -> None:
    ports().log.checkpoint(NOW)
    add(5)
    ports().log.checkpoint(NOW)
    with attack() as bent:
        signed = bent.checkpoint
        roll_back(bent, 3)
        bent.checkpoint = signed
        put(bent)
        assert kinds(found()) == {"rolled-back"}


def test_deleted_checkpoints_are_found(elsewhere: str) -> None:
    with attack() as bent:
        bent.checkpoint = []
        put(bent)
        assert [one.kind for one in found()] == ["unsigned"]
        assert found(elsewhere) == []  # it vouches for everything


def test_checkpoints_by_a_key_of_the_attackers_are_found(elsewhere: str) -> None:
    with attack() as bent:
        events = bent.by_number()
        delete(bent, events)
        bent.redo(events)
        bent.sign_all()
        put(bent)
        assert "key" in kinds(found())
        assert {"checkpoint", "key"} <= kinds(found(elsewhere))


def test_one_checkpoint_by_another_key_is_found() -> None:
    ports().log.checkpoint(NOW)
    with attack() as bent:
        key = [dict(row) for row in bent.signing_key]
        bent.sign_all()
        bent.signing_key = key
        put(bent)
        assert kinds(found()) == {"checkpoint"}


@pytest.mark.usefixtures("elsewhere")
def test_a_checkpoint_under_another_size_is_found() -> None:
    with attack() as bent:
        bent.checkpoint[-1]["size"] -= 1
        put(bent)
        assert "says that it is of" in found()[0].words


def signed_by_us(tree: Tree) -> str:
    return signed(tree, ports().signer.raw_public_key, ports().signer.sign_raw)


def test_a_checkpoint_of_another_log_or_of_another_past_is_told(elsewhere: str) -> None:
    kept = at_size(reading(), SIZES[-1], ports().signer.held().raw_public_key)
    assert kept is not None
    other = signed_by_us(replace(kept.tree, origin="other/trail"))
    assert {one.words for one in found(other)} == {
        f"That of {size} events is of another log: localhost/trail." for size in SIZES
    }
    past = signed_by_us(replace(kept.tree, root=bytes(32)))
    (one,) = found(past)
    assert "kept elsewhere" in one.words
    assert one.kind == "root"


@pytest.mark.parametrize("body", ['{"v": 1}', "[]", "no JSON", '{"a":1,"a":1}', "{}", '"x"'])
@pytest.mark.usefixtures("elsewhere")
def test_a_forged_event_that_nobody_could_have_written_is_named(body: str) -> None:
    with attack() as bent:
        row = bent.forged(NOW)
        row["body"] = body
        put(bent)
        (one,) = found()
        assert (one.kind, one.number, one.event) == ("body", None, row["id"])
