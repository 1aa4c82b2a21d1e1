"""Numbers: gap-free, complete, and after whatever caused an event, whoever writes meanwhile."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from riskapp.audit import log as log_module
from riskapp.audit import stored
from riskapp.audit.log import Log, newest, numbers_of
from riskapp.audit.service import OPERATOR, About, record
from riskapp.audit.verify import Verification
from riskapp.clockwork import Clockwork
from riskapp.core.db import db, plain_transaction, reading
from riskapp.web.ports import ports
from tests import small
from tests.audit.attacker import attack, put, state
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("in_app")

WRITERS, EACH = 4, 20


def another_log() -> Log:
    """As another process has it."""
    return Log(ports().signer, None, "elsewhere/trail")


def write(name: str, *, after: str | None = None) -> None:
    with plain_transaction() as connection:
        record(connection, "vendor:edit", About(name), actor=OPERATOR, now=NOW, after=after)


def numbers() -> dict[str, int]:
    """By object."""
    reading().rollback()
    events = small.events()
    found = numbers_of(reading(), [event.id for event in events])
    assert sorted(found.values()) == list(range(len(found)))
    return {event.object_id: found[event.id] for event in events if event.id in found}


def findings() -> list[object]:
    return list(Verification(db.engine, reading(), ports().signer).findings())


def test_many_writers_and_two_sequencers_leave_no_gap_and_no_event_before_its_cause() -> None:
    committed: list[str] = ["none"]
    causes: dict[str, str] = {}
    going = threading.Event()

    def writer(who: int) -> None:
        for at in range(EACH):
            cause, name = committed[-1], f"{who}/{at}"
            causes[name] = cause
            write(name, after=cause)
            committed.append(name)

    def sequencer() -> None:
        mine = another_log()
        while not going.is_set():
            mine.append()

    def stopper() -> None:
        while len(committed) <= WRITERS * EACH and not going.wait(0.01):
            pass
        going.set()

    def job(who: int) -> None:
        try:
            writer(who)
        except BaseException:
            going.set()
            raise

    jobs = [lambda who=who: job(who) for who in range(WRITERS)]
    results = small.at_once(*jobs, sequencer, sequencer, stopper)
    assert [one for one in results if one is not None] == []
    ports().log.checkpoint(NOW)
    found = numbers()
    assert len(found) >= WRITERS * EACH
    for name, cause in causes.items():
        assert cause == "none" or found[cause] < found[name], (cause, name)
    assert findings() == []


def test_an_event_that_becomes_visible_late_gets_the_next_number() -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("on SQLite writers queue: nothing becomes visible late")
    one, other = ports().log, another_log()
    with db.engine.connect() as connection, connection.begin():
        record(connection, "vendor:edit", About("late"), actor=OPERATOR, now=NOW)
        write("soon")
        size = one.append()
        assert other.append() == one.append() == size
        assert "late" not in numbers()
    write("next")
    assert other.append() == one.append() == size + 2
    found = numbers()
    assert found["soon"] < found["late"] < found["next"]
    one.checkpoint(NOW)
    assert findings() == []


def test_a_long_queue_is_numbered_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "BATCH", 10)
    for at in range(35):
        write(f"{at}")
    mine = another_log()
    assert mine.append() == len(state().event)
    found = numbers()
    assert [found[f"{at}"] for at in range(35)] == sorted(found[f"{at}"] for at in range(35))
    for at in range(35, 60):
        write(f"{at}")
    assert mine.append() == another_log().append() == len(state().event)
    assert len(numbers()) == len(state().event)


def test_in_a_long_queue_a_late_cause_still_comes_before_what_it_caused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The queue takes several transactions, and after the first a cause becomes visible."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("on SQLite writers queue: nothing becomes visible late")
    mine = another_log()
    mine.append()
    late = db.engine.connect()
    late.begin()
    record(late, "vendor:edit", About("cause"), actor=OPERATOR, now=NOW)
    for at in range(35):
        write(f"{at}")
    plain = stored.append

    def behind_the_first(*arguments: Any) -> None:
        plain(*arguments)
        if not late.closed:
            late.commit()
            late.close()
            write("caused", after="cause")

    monkeypatch.setattr(log_module, "BATCH", 10)
    monkeypatch.setattr(log_module, "append", behind_the_first)
    assert mine.append() == len(state().event)
    found = numbers()
    assert len(found) == len(state().event)
    assert found["cause"] < found["caused"]


def test_a_first_look_numbers_what_was_left_behind_by_others() -> None:
    write("a")
    assert another_log().append() == another_log().append() == len(state().event)
    write("b")
    one = another_log()
    assert one.append() == len(state().event)
    write("c")
    assert another_log().append() == len(state().event)
    assert one.append() == len(state().event)
    found = numbers()
    assert found["a"] < found["b"] < found["c"]


def test_a_checkpoint_grows_out_of_the_last_and_is_not_repeated() -> None:
    first = ports().log.checkpoint(NOW)
    assert ports().log.checkpoint(NOW + timedelta(days=1)) == first
    write("a")
    second = another_log().checkpoint(NOW)
    assert second.tree.size == first.tree.size + 1
    assert second.tree.origin == first.tree.origin  # the log keeps the name that it began with
    assert newest(reading(), ports().signer.held().raw_public_key) == second


def test_the_clockwork_numbers_and_signs_what_happened(app: Flask) -> None:
    Clockwork(app).round()
    write("a")
    Clockwork(app).round()
    signed = newest(reading(), ports().signer.held().raw_public_key)
    assert signed is not None
    assert signed.tree.size == len(state().event)
    kept = state().checkpoint
    Clockwork(app).round()
    assert state().checkpoint == kept


def test_the_clockwork_signs_nothing_where_the_log_was_bent_and_says_so(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    ports().log.checkpoint(NOW)
    with attack() as bent:
        events = bent.by_number()
        events[1], events[2] = events[2], events[1]
        bent.redo([*events, bent.forged(NOW)])
        put(bent)
        Clockwork(app, tasks=()).round()
        assert state().checkpoint == bent.checkpoint
        said = capsys.readouterr().err
        assert "nothing is signed; run `flask riskapp audit verify`" in said
        assert f"does not continue the checkpoint of {len(events)} events" in said
