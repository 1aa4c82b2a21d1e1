"""The log: every event has its place, checkpoints are signed and grow out of one another."""

import pytest

from riskapp.audit import merkle
from riskapp.audit.log import newest, numbers_of, proofs
from riskapp.audit.merkle import leaf_hash
from riskapp.core.db import reading
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("in_app")


def test_every_event_gets_the_next_number_and_is_proved_to_be_there(cast: Cast) -> None:
    stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    signed = ports().log.checkpoint(NOW)
    events = small.events()
    numbers = numbers_of(reading(), [event.id for event in events])
    assert sorted(numbers.values()) == list(range(len(events)))
    assert signed.tree.size == len(events)
    found = proofs(reading(), list(numbers), signed)
    for event in events:
        proof = found[event.id]
        leaf = leaf_hash(event.body.encode())
        tree = signed.tree
        merkle.check_inclusion(proof.index, tree.size, leaf, proof.hashes, tree.root)
    assert newest(reading()) == signed
