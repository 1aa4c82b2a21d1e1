"""A small log with checkpoints, and what verifying it finds."""

from datetime import timedelta

import pytest

from riskapp.audit.findings import Finding
from riskapp.audit.keys import enrol
from riskapp.audit.service import About, Actor, record
from riskapp.audit.verify import Trusted, Verification
from riskapp.core.db import db, reading, transaction
from riskapp.web.ports import ports
from tests.audit.attacker import Rows, State, put
from tests.cast import NOW

SIZES = (6, 13, 21)
"""Where checkpoints were signed; the first event is that of the key."""
KINDS = ("vendor:edit", "answer:save", "review:accept")


def add(count: int, *, vendor: str = "a vendor") -> None:
    """Events of several forms: with and without words, numbers, an assessment."""
    for at in range(count):
        about = About(f"object {at}", vendor, "an assessment" if at % 2 else None)
        words = {"note": f"Words “{at}”\n\\" if at % 3 else None}
        said = {"size": at * 1000, "from": {"object": "other"}} if at % 4 == 0 else {}
        actor = Actor("person", "a person") if at % 5 else Actor("clock", None)
        now = NOW + timedelta(seconds=at, microseconds=at % 3 * 1000)
        with transaction() as session:
            record(session, KINDS[at % 3], about, actor=actor, now=now, private=words, **said)


@pytest.fixture(autouse=True)
def nothing_yet(in_app: None) -> None:
    """The trail of the cast is put away, so that numbers can be told."""
    put(State([], [], [], [], [], []))


@pytest.fixture
def elsewhere(nothing_yet: None) -> str:
    """A log with three checkpoints; the last one, as somebody keeps it elsewhere."""
    enrol(ports().signer, NOW)
    note = ""
    for size in SIZES:
        add(size - ports().log.append())
        note = ports().log.checkpoint(NOW).note
    add(4)
    ports().log.append()
    return note


def found(elsewhere: str | None = None, *, processes: int = 2) -> list[Finding]:
    trusted = Trusted(elsewhere)
    looked = Verification(db.engine, reading(), ports().signer, trusted, processes=processes)
    return list(looked.findings())


def kinds(findings: list[Finding]) -> set[str]:
    return {one.kind for one in findings}


def swap(_bent: State, events: Rows) -> None:
    events[8], events[11] = events[11], events[8]
