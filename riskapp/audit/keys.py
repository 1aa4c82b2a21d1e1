"""The keys that this installation signs by, and signed by before."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from riskapp.audit.endorsements import (
    ListedKey,
    Named,
    problems,
    signatures_of,
    signed,
    statement,
    trusted,
)
from riskapp.audit.errors import KeyInUse, KeysUnreadable, KeyUnknown, KeyUsedBefore
from riskapp.audit.models import SigningKey
from riskapp.audit.service import OPERATOR, About, Actor, record
from riskapp.core.crypto.signing import Key, Signer
from riskapp.core.db import reading, transaction

__all__ = [
    "ListedKey",
    "adopt",
    "chain_problems",
    "enrol",
    "in_use",
    "known_keys",
    "listed_keys",
    "our_keys",
    "rotate",
]


def listed_keys(session: Session) -> list[ListedKey]:
    """Every key that the database lists, the oldest first. Nothing of it is checked.

    Raises KeysUnreadable.
    """
    found: list[ListedKey] = []
    before: SigningKey | None = None
    with _readable():
        rows = session.scalars(select(SigningKey).order_by(SigningKey.number)).all()
    for row in rows:
        signatures = signatures_of(row.endorsement)
        said = None if before is None else _statement(row, before, endorsed=len(signatures) > 1)
        found.append(
            ListedKey(row.number, row.fingerprint, row.public_key, row.since, said, signatures)
        )
        before = row
    return found


def our_keys(session: Session, current: bytes) -> list[ListedKey]:
    """The keys that the current one (raw, 32 bytes) vouches for, and itself; the oldest first."""
    return trusted(listed_keys(session), current)


def known_keys(session: Session, current: bytes) -> list[bytes]:
    """Every key that the current one vouches for as its raw 32 bytes, the oldest first."""
    return [key.raw for key in our_keys(session, current)]


def chain_problems(session: Session, signer: Signer) -> Sequence[str]:
    """What is wrong with the keys that the database lists, in sentences, the signer's being ours.

    Of a rotation that broke off there is one too; the next start finishes it.
    """
    return problems(listed_keys(session), signer.held().raw_public_key)


def in_use(session: Session, signer: Signer) -> Key:
    """The key to sign by now; it stays the same for the caller, whatever becomes of the file.

    The session is in a transaction, or has read nothing yet. A rotation that broke off between the
    database and the file is finished. Raises KeyUnknown, SigningKeyUnreadable.
    """
    key = signer.held()  # before the row: a file that was replaced has its row
    newest = session.scalar(
        select(SigningKey.fingerprint).order_by(SigningKey.number.desc()).limit(1)
    )
    if newest is None or newest == key.fingerprint:
        return key
    if signer.switch(newest):
        return signer.held()
    raise KeyUnknown(newest, key.fingerprint)


def enrol(signer: Signer, now: datetime) -> Key:
    """Notes the first key, as an event, and gives the one to sign by.

    Raises KeyUnknown where another one is in use, SigningKeyUnreadable.
    """
    reading().rollback()
    if _newest(reading()) is None:
        try:
            with transaction() as session:
                if _newest(session) is None:
                    _add(session, signer.held(), None, endorser=None, actor=OPERATOR, now=now)
        except IntegrityError:  # two processes at once: the other one has noted it
            reading().rollback()
    reading().rollback()  # in_use looks at the file first: what was read before is too old by then
    return in_use(reading(), signer)


def rotate(signer: Signer, *, actor: Actor, now: datetime) -> ListedKey:
    """Puts a new key in the place of the present one, which endorses it; an event. Gives the new.

    Killed before the commit it changed nothing, and after it whoever signs next finishes. One that
    broke off so is finished instead of another one begun. Raises KeyUnknown, KeyUsedBefore,
    SigningKeyUnreadable.
    """
    before = signer.held()
    old = enrol(signer, now)
    if old.fingerprint == before.fingerprint:
        new = signer.prepared()
        try:
            with transaction() as session:
                last = _newest(session)
                if last is not None and last.fingerprint == old.fingerprint:
                    _refuse_used(session, new, last)
                    _add(session, new, last, endorser=old, actor=actor, now=now)
        except IntegrityError:  # two at once: what the other one made is found below
            reading().rollback()
    reading().rollback()
    in_use(reading(), signer)
    return listed_keys(reading())[-1]


def adopt(signer: Signer, *, actor: Actor, now: datetime) -> ListedKey:
    """Takes the key that lies in its place, though the one before did not endorse it; an event.

    For when that one is lost. Raises KeyInUse, KeyUsedBefore, SigningKeyUnreadable.
    """
    key = signer.held()
    try:
        with transaction() as session:
            last = _newest(session)
            if last is not None:
                if key.fingerprint == last.fingerprint or signer.switch(last.fingerprint):
                    raise KeyInUse(last.fingerprint)
                _refuse_used(session, key, last)
            _add(session, key, last, endorser=None, actor=actor, now=now)
    except IntegrityError:  # two at once: the other one's stands
        reading().rollback()
        raise KeyInUse(in_use(reading(), signer).fingerprint) from None
    return listed_keys(reading())[-1]


def _newest(session: Session) -> SigningKey | None:
    with _readable():
        return session.scalar(select(SigningKey).order_by(SigningKey.number.desc()).limit(1))


@contextmanager
def _readable() -> Iterator[None]:
    """A time, for one, may be none, or one that Python has no number for."""
    try:
        yield
    except (DataError, TypeError, ValueError):
        raise KeysUnreadable from None


def _refuse_used(session: Session, key: Key, last: SigningKey) -> None:
    """Raises KeyUsedBefore. What another process adds meanwhile is not before."""
    number = session.scalar(
        select(SigningKey.number).where(SigningKey.fingerprint == key.fingerprint)
    )
    if number is not None and number <= last.number:
        raise KeyUsedBefore(key.fingerprint, number)


def _add(
    session: Session,
    key: Key,
    before: SigningKey | None,
    *,
    endorser: Key | None,
    actor: Actor,
    now: datetime,
) -> None:
    row = SigningKey(
        number=1 if before is None else before.number + 1,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        since=now,
        endorsement=None,
    )
    if before is not None:
        said = _statement(row, before, endorsed=endorser is not None)
        row.endorsement = signed(said, by=key, before=endorser)
    session.add(row)
    session.flush()
    record(
        session,
        "signing-key:add",
        About(key.fingerprint),
        actor=actor,
        now=now,
        public_key=key.public_key,
        number=row.number,
        before=None if before is None else before.fingerprint,
        endorsed=endorser is not None,
    )


def _statement(row: SigningKey, before: SigningKey, *, endorsed: bool) -> bytes:
    return statement(
        row.number,
        Named(row.fingerprint, row.public_key),
        Named(before.fingerprint, before.public_key),
        row.since,
        endorsed=endorsed,
    )
