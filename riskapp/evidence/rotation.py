"""Master keys, and wrapping vendors' keys anew with the current one. No file is touched.

What is still to be wrapped is found by looking, so that a rotation which was killed is resumed by
running it again, and two at once do no harm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from riskapp.audit.service import About, Actor, record
from riskapp.core.crypto.keyring import Keyring, MasterKeyMissing, UnwrapFailed, Wrapped
from riskapp.core.db import reading, transaction
from riskapp.evidence.keys import VENDOR_KEY
from riskapp.evidence.models import WrappedKey

TOGETHER = 100
"""So many keys are wrapped in one transaction: nobody is to wait long behind it"""
_VENDOR = "vendor:"

Progress = Callable[[int, int], None]
"""Called with how many keys were looked at, and how many there were to wrap."""


@dataclass(frozen=True, slots=True)
class MasterKeyRow:
    """A master key and how many vendors' keys it wraps."""

    id: str
    is_current: bool
    is_there: bool
    """Whether the keyring has it; what it wraps cannot be opened else"""
    wraps: int


@dataclass(frozen=True, slots=True)
class Unopened:
    """A vendor's key that does not open, so that it stays as it is."""

    vendor_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation came to."""

    wrapped: int
    unopened: Sequence[Unopened]


def master_keys(session: Session, keyring: Keyring) -> list[MasterKeyRow]:
    """Those of the keyring, the oldest first, then those that it lacks."""
    counted = (
        select(WrappedKey.wrapping_key_id, func.count().label("number"))
        .where(WrappedKey.provider != VENDOR_KEY)
        .group_by(WrappedKey.wrapping_key_id)
    )
    wraps = {row.wrapping_key_id: row.number for row in session.execute(counted)}
    known = list(keyring.ids)
    return [
        MasterKeyRow(one, one == keyring.current, one in known, wraps.get(one, 0))
        for one in [*known, *sorted(wraps.keys() - set(known))]
    ]


def make_master_key(keyring: Keyring, *, actor: Actor, now: datetime) -> str:
    """Makes a master key, which is current from now on; its id."""
    with transaction() as session:
        key_id = keyring.add()
        record(session, "master-key:make", About(key_id), actor=actor, now=now)
    return key_id


def rotate(
    keyring: Keyring, *, actor: Actor, now: datetime, progress: Progress | None = None
) -> Rotated:
    """Wraps every vendor's key with the current master key that another one wraps.

    People work on meanwhile. Keys that do not open are named and left alone.
    """
    current = keyring.current
    number = select(func.count()).where(*_others(current))
    every = reading().scalar(number) or 0
    reading().rollback()
    done, last = Rotated(0, []), ""
    looked_at = 0
    while ids := _next(current, last):
        last = ids[-1]
        looked_at += len(ids)
        some = _wrap_anew(ids, keyring, current, actor=actor, now=now)
        done = Rotated(done.wrapped + some.wrapped, [*done.unopened, *some.unopened])
        if progress is not None:
            progress(min(looked_at, every), every)
    return done


def _others(current: str) -> tuple[ColumnElement[bool], ...]:
    """Vendors' keys that another master key wraps."""
    return (WrappedKey.provider != VENDOR_KEY, WrappedKey.wrapping_key_id != current)


def _next(current: str, after: str) -> Sequence[str]:
    found = reading().scalars(
        select(WrappedKey.id)
        .where(*_others(current), WrappedKey.id > after)
        .order_by(WrappedKey.id)
        .limit(TOGETHER)
    )
    return found.all()


def _wrap_anew(
    ids: Sequence[str], keyring: Keyring, current: str, *, actor: Actor, now: datetime
) -> Rotated:
    with transaction() as session:
        # What was destroyed or wrapped anew by somebody else meanwhile is left out.
        rows = session.scalars(
            select(WrappedKey)
            .where(*_others(current), WrappedKey.id.in_(ids))
            .order_by(WrappedKey.id)
            .with_for_update()
        ).all()
        tried = [_wrapped(session, row, keyring, actor=actor, now=now) for row in rows]
    unopened = [one for one in tried if one is not None]
    return Rotated(len(rows) - len(unopened), unopened)


def _wrapped(
    session: Session, row: WrappedKey, keyring: Keyring, *, actor: Actor, now: datetime
) -> Unopened | None:
    vendor_id = row.subject.removeprefix(_VENDOR)
    try:
        key = keyring.unwrap(Wrapped(row.provider, row.wrapping_key_id, row.wrapped))
    except (MasterKeyMissing, UnwrapFailed) as error:
        return Unopened(vendor_id, str(error))
    before, wrapped = row.wrapping_key_id, keyring.wrap(key)
    row.provider = wrapped.provider
    row.wrapping_key_id = wrapped.master_key_id
    row.wrapped = wrapped.wrapped
    record(
        session,
        "vendor-key:rewrap",
        About(row.id, vendor_id),
        actor=actor,
        now=now,
        before=before,
        after=wrapped.master_key_id,
    )
    return None
