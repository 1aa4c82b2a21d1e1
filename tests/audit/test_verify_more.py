"""What `audit verify` finds in logs changed at random, and what it leaves alone."""

import os
import random
import signal

import pytest

from riskapp.audit import verify, verify_stretches
from riskapp.audit.errors import LookBroken
from riskapp.audit.log import at_size, numbers_of
from riskapp.audit.service import (
    OPERATOR,
    About,
    forget_object,
    forget_person,
    forget_words,
    record,
)
from riskapp.audit.verify_stretches import Reader
from riskapp.core.db import reading, transaction
from riskapp.web.ports import ports
from tests.audit import attacker
from tests.audit.attacker import State, attack, leaf, put
from tests.audit.logs import SIZES, add, elsewhere, found, kinds, nothing_yet, swap
from tests.cast import NOW

__all__ = ["elsewhere", "nothing_yet"]

ERASED = {"assessment": "an assessment", "invitation": "object 2", "person": "a person"}


def test_kept_hashes_that_do_not_follow_are_found() -> None:
    add(520)
    ports().log.checkpoint(NOW)
    with attack() as bent:
        bent.log_node[1]["hash"] = "00" * 32
        put(bent)
        (one,) = found()
        assert one.kind == "node"
        assert "256 to 511" in one.words
    with attack() as bent:
        bent.log_node.pop()
        bent.log_node.append({"level": 16, "position": 0, "hash": "00" * 32})
        put(bent)
        assert [one.kind for one in found()] == ["node", "node"]


def test_of_random_changes_each_is_found(elsewhere: str) -> None:
    dice = random.Random(6)  # noqa: S311 - repeatable on purpose
    clean = attacker.state()
    for _ in range(40):
        with attack() as bent:
            tampered(bent, dice)
            if told(bent) == told(clean):  # a letter was replaced by the same
                continue
            put(bent)
            assert found(elsewhere), bent
    assert found(elsewhere) == []


def told(of: State) -> tuple[list[str], list[str]]:
    """What was said in which order, and what was kept apart."""
    return [row["body"] for row in of.by_number()], sorted(row["value"] for row in of.event_private)


def tampered(bent: State, dice: random.Random) -> None:
    """Changes anything among the events that were signed, and makes all that follows anew."""
    events = bent.by_number()
    at, other = dice.sample(range(SIZES[2]), 2)
    match dice.randrange(6):
        case 0:
            text = events[at]["body"]
            place = dice.randrange(len(text))
            events[at]["body"] = text[:place] + dice.choice('x0"{') + text[place + 1 :]
        case 1:
            events[at], events[other] = events[other], events[at]
        case 2:
            bent.event.remove(events.pop(at))
        case 3:
            events.insert(at, bent.forged(NOW))
        case 4:
            events = events[:at] + [bent.forged(NOW) for _ in range(dice.randrange(30))]
            bent.checkpoint = [row for row in bent.checkpoint if row["size"] <= at]
        case 5:
            row = dice.choice(bent.event_private)
            row["value"] += "!"
            return
    if dice.random() < 0.5:
        bent.checkpoint = [row for row in bent.checkpoint if row["size"] > dice.randrange(30)]
    bent.redo(events)


def test_a_long_log_is_looked_at_by_several_processes_alike(
    elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (verify, verify_stretches):
        monkeypatch.setattr(module, "LEVEL", 3)
        monkeypatch.setattr(module, "STRETCH", 8)
    monkeypatch.setattr(verify, "ALONE", 0)
    assert found(elsewhere, processes=2) == found(elsewhere, processes=1) == []
    with attack() as bent:
        events = bent.by_number()
        for at in (3, 12, 17):
            events[at]["type"] = "other:type"
        swap(bent, events)
        bent.redo(events)
        put(bent)
        alone = found(elsewhere, processes=1)
        assert found(elsewhere, processes=2) == alone
        assert [one.number for one in alone if one.kind == "columns"] == [3, 12, 17]
        assert "root" in kinds(alone)


def test_a_process_that_is_killed_is_told_and_not_waited_for(
    elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "ALONE", 0)
    monkeypatch.setattr(Reader, "look", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(LookBroken, match="Run it again"):
        found(elsewhere)


def test_what_is_erased_leaves_everything_valid(elsewhere: str) -> None:
    with transaction() as session:
        forget_words(session, assessment_id="an assessment")
        forget_object(session, "object 2")
        forget_person(session, "a person")
        for kind, about in ERASED.items():
            record(session, f"{kind}:erase", About(about), actor=OPERATOR, now=NOW)
    assert not [row for row in attacker.state().event_private if row["value"] == "a person"]
    assert found(elsewhere) == []


def test_checkpoints_that_were_kept_vouch_for_one_another(elsewhere: str) -> None:
    leaves = [leaf(row["body"]) for row in attacker.state().by_number()]
    for row in attacker.state().checkpoint:
        signed = at_size(reading(), row["size"], ports().signer.held().raw_public_key)
        assert signed is not None
        assert signed.tree.root == attacker.root(leaves[: row["size"]])
    assert len(numbers_of(reading(), [row["id"] for row in attacker.state().event])) == len(leaves)


def test_of_many_checkpoints_in_one_file_each_is_held_to_the_log(elsewhere: str) -> None:
    notes = [row["note"] for row in attacker.state().checkpoint]
    assert notes[-1] == elsewhere
    for gap in ("", "\n"):  # as `>>` adds them, and as people set them apart
        assert found(gap.join([*notes, elsewhere]) + gap) == []
    with attack() as bent:
        events = bent.by_number()
        swap(bent, events)
        bent.checkpoint = bent.checkpoint[2:]
        bent.redo(events)
        put(bent)
        first, later = found("".join(notes))
        assert f"from number {SIZES[0]} to {SIZES[1] - 1}" in first.words
        assert "which was kept elsewhere, does not fit" in first.words
        assert "Later checkpoints that do not fit either: 2." in later.words
    one = notes[1].replace("localhost", "other", 1)
    (bad,) = found("".join([notes[0], one, notes[2]]))
    assert bad.words == ("From elsewhere, number 2: None of the known keys signed the checkpoint.")
    assert "It is not a checkpoint" in found("\n")[0].words
    assert "last line does not end" in found(elsewhere[:-1])[0].words
