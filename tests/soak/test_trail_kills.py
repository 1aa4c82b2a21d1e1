"""SIGKILL at each step of writing events, numbering them and signing: the trail stays whole."""

import pytest

from riskapp.audit.service import About, Actor, record
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading, transaction
from riskapp.web.ports import ports
from tests.audit.attacker import state
from tests.cast import NOW
from tests.soak.conftest import House
from tests.soak.fuse import burn

pytestmark = pytest.mark.soak

EVENTS = 260
"""More than a kept hash covers"""


def write(count: int) -> None:
    with transaction() as session:
        for at in range(count):
            record(
                session,
                "vendor:edit",
                About(f"object {at}"),
                actor=Actor("person", "somebody"),
                now=NOW,
                private={"note": "Words"},
            )


def work() -> None:
    write(3)
    ports().log.append()
    write(2)
    ports().log.checkpoint(NOW)


def test_wherever_a_process_is_killed_the_trail_is_whole_and_goes_on(house: House) -> None:
    with house.inside():
        write(EVENTS - len(state().event) % 256)
        ports().log.checkpoint(NOW)
    at, killed = 1, True
    while killed:
        killed = burn(house.app, at, work).killed
        at += 1
        with house.inside():
            looked = Verification(db.engine, reading(), ports().signer)
            assert list(looked.findings()) == []
            before = len(state().event)
            assert looked.size + looked.waiting == before
            assert ports().log.checkpoint(NOW).tree.size == before
    assert at > 10
