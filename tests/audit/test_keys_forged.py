"""Whoever writes to the database as they like, without a key of ours, cannot pass theirs for one.

Mallory puts the triggers aside first, as the owner of a database can.
"""

import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from riskapp.audit.endorsements import NAMESPACE, Named, statement
from riskapp.audit.errors import KeyUnknown
from riskapp.audit.keys import enrol, in_use, listed_keys
from riskapp.audit.models import SigningKey
from riskapp.core.append_only import unguard
from riskapp.core.crypto.signing import FileSigner, Key
from riskapp.core.db import db, reading, transaction
from tests.audit.signing import known, problems, rotated, signer
from tests.cast import NOW

__all__ = ["signer"]

pytestmark = pytest.mark.usefixtures("in_app")

MALLORY = Key(Ed25519PrivateKey.from_private_bytes(b"mallory's own key, 32 bytes long"))
Attack = Callable[[Session, Key], None]


def write(attack: Attack, present: Key) -> None:
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            for line in unguard("sqlite", "signing_key"):
                session.execute(text(line))
        else:  # for this transaction alone: the database is used by other tests again
            session.execute(text("SET LOCAL session_replication_role = replica"))
        attack(session, present)


def row(number: int, key: Key, signatures: str | None = None) -> SigningKey:
    return SigningKey(
        number=number,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        since=NOW,
        endorsement=signatures,
    )


def by_mallory(number: int, key: Key, before: Key, *, endorsed: bool) -> str:
    """What only Mallory signs of a key taking the place of another, once or as if by both."""
    own, old = (Named(one.fingerprint, one.public_key) for one in (key, before))
    said = statement(number, own, old, NOW, endorsed=endorsed)
    return MALLORY.sign(NAMESPACE, said) * (1 + endorsed)


def appended_bare(session: Session, present: Key) -> None:
    session.add(row(3, MALLORY))


def appended_as_adopted(session: Session, present: Key) -> None:
    session.add(row(3, MALLORY, by_mallory(3, MALLORY, present, endorsed=False)))


def appended_as_endorsed(session: Session, present: Key) -> None:
    session.add(row(3, MALLORY, by_mallory(3, MALLORY, present, endorsed=True)))


def slipped_in_between(session: Session, present: Key) -> None:
    session.execute(update(SigningKey).where(SigningKey.number == 2).values(number=3))
    session.add(row(2, MALLORY, by_mallory(2, MALLORY, present, endorsed=True)))


def put_for_the_first(session: Session, present: Key) -> None:
    session.execute(delete(SigningKey).where(SigningKey.number == 1))
    session.add(row(1, MALLORY))


def endorsing_the_present(session: Session, present: Key) -> None:
    session.execute(delete(SigningKey))
    session.flush()
    session.add(row(1, MALLORY))
    session.add(row(2, present, by_mallory(2, present, MALLORY, endorsed=True)))


def under_the_firsts_name(session: Session, present: Key) -> None:
    changed = update(SigningKey).where(SigningKey.number == 1)
    session.execute(changed.values(public_key=MALLORY.public_key))


ADDED = (
    appended_bare,
    appended_as_adopted,
    appended_as_endorsed,
    slipped_in_between,
    put_for_the_first,
    endorsing_the_present,
    under_the_firsts_name,
)


@pytest.mark.parametrize("attack", ADDED, ids=lambda attack: attack.__name__)
def test_a_key_that_was_written_into_the_database_is_none_of_ours(
    signer: FileSigner, attack: Attack
) -> None:
    rotated(signer)
    write(attack, signer.held())
    assert MALLORY.raw_public_key not in known(signer)
    assert signer.raw_public_key in known(signer)
    said = problems(signer)
    assert "is not one of this installation's keys" in said


@pytest.mark.parametrize("attack", ADDED[:3], ids=lambda attack: attack.__name__)
def test_beside_a_key_that_is_not_ours_nothing_is_signed(
    signer: FileSigner, attack: Attack
) -> None:
    rotated(signer)
    write(attack, signer.held())
    reading().rollback()
    with pytest.raises(KeyUnknown, match="somebody wrote to the database"):
        in_use(reading(), signer)
    with pytest.raises(KeyUnknown):
        enrol(signer, NOW)


def removed_first(session: Session, present: Key) -> None:
    session.execute(delete(SigningKey).where(SigningKey.number == 1))


def removed_all_but_a_stranger(session: Session, present: Key) -> None:
    session.execute(delete(SigningKey))
    session.add(row(1, MALLORY))


def endorsement_taken_off(session: Session, present: Key) -> None:
    end = "-----END SSH SIGNATURE-----\n"
    whole = listed_keys(session)[1].signatures
    assert all(one.endswith(end) for one in whole)
    changed = update(SigningKey).where(SigningKey.number == 2)
    session.execute(changed.values(endorsement=whole[1]))


def endorsement_forged(session: Session, present: Key) -> None:
    own = by_mallory(2, present, MALLORY, endorsed=False)
    changed = update(SigningKey).where(SigningKey.number == 2)
    session.execute(changed.values(endorsement=own + listed_keys(session)[1].signatures[1]))


def dated_back(session: Session, present: Key) -> None:
    changed = update(SigningKey).where(SigningKey.number == 2)
    session.execute(changed.values(since=NOW.replace(year=2020)))


def nonsense(session: Session, present: Key) -> None:
    session.execute(update(SigningKey).values(public_key="nonsense"))


CHANGED: dict[Attack, str] = {
    removed_first: "The keys before key 2 are missing.",
    removed_all_but_a_stranger: "is not among the keys that the database lists",
    endorsement_taken_off: "Key 1 .* is not one of this installation's keys: .* did not sign so",
    endorsement_forged: "The endorsement of key 2 .* does not fit",
    dated_back: "Key 1 .* is not one of this installation's keys",
    nonsense: "is not among the keys that the database lists",
}


@pytest.mark.parametrize("attack", CHANGED, ids=lambda attack: attack.__name__)
def test_what_was_changed_or_removed_is_told(signer: FileSigner, attack: Attack) -> None:
    rotated(signer)
    assert problems(signer) == ""
    write(attack, signer.held())
    assert re.search(CHANGED[attack], problems(signer))
