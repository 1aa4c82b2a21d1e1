"""The log: every event has its place, checkpoints are signed and grow out of one another."""

import pytest

from riskapp.audit import merkle
from riskapp.audit.errors import LogBent
from riskapp.audit.log import newest, numbers_of, proofs
from riskapp.audit.merkle import leaf_hash
from riskapp.core.db import reading
from riskapp.web.ports import ports
from tests import small, stages
from tests.audit.attacker import attack, put
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
    assert newest(reading(), ports().signer.held().raw_public_key) == signed


def test_what_is_kept_of_the_log_and_was_not_signed_proves_nothing(cast: Cast) -> None:
    stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    signed = ports().log.checkpoint(NOW)
    with attack() as bent:
        bent.log_entry[3]["leaf"] = "ab" * 32
        put(bent)
        with pytest.raises(LogBent):
            proofs(reading(), [event.id for event in small.events()], signed)
