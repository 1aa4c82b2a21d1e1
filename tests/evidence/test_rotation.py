"""Vendors' keys are wrapped anew with the current master key; nothing else changes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from riskapp.audit.service import OPERATOR
from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.crypto.keyring import Keyring, Wrapped
from riskapp.core.crypto.sealed import new_key
from riskapp.core.db import db, reading, transaction
from riskapp.core.ids import new_id
from riskapp.evidence.models import WrappedKey
from riskapp.evidence.opening import open_file
from riskapp.evidence.rotation import (
    TOGETHER,
    Progress,
    Rotated,
    make_master_key,
    master_keys,
    rotate,
)
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Place
from tests.small import app

__all__ = ["app"]

pytestmark = pytest.mark.usefixtures("in_app")


@dataclass(frozen=True)
class Dying:
    """A keyring whose process is killed when it wraps for the last time."""

    inner: Keyring
    lives: list[None]

    @property
    def current(self) -> str:
        return self.inner.current

    @property
    def ids(self) -> Sequence[str]:
        return self.inner.ids

    def add(self) -> str:
        return self.inner.add()

    def wrap(self, key: bytes) -> Wrapped:
        if not self.lives:
            raise KeyboardInterrupt
        self.lives.pop()
        return self.inner.wrap(key)

    def unwrap(self, wrapped: Wrapped) -> bytes:
        return self.inner.unwrap(wrapped)


def rotated(keyring: Keyring | None = None, progress: Progress | None = None) -> Rotated:
    return rotate(keyring or ports().keyring, actor=OPERATOR, now=NOW, progress=progress)


def made() -> str:
    return make_master_key(ports().keyring, actor=OPERATOR, now=NOW)


def many_vendors(number: int) -> dict[str, bytes]:
    """Keys of so many vendors, as their first files would have made them."""
    keys = {new_id(): new_key() for _ in range(number)}
    with transaction() as session:
        for vendor_id, key in keys.items():
            wrapped = ports().keyring.wrap(key)
            session.add(
                WrappedKey(
                    id=new_id(),
                    subject=f"vendor:{vendor_id}",
                    version=1,
                    provider=wrapped.provider,
                    wrapping_key_id=wrapped.master_key_id,
                    wrapped=wrapped.wrapped,
                    created_at=NOW,
                )
            )
    return keys


def opened_keys(keyring: Keyring) -> dict[str, bytes]:
    rows = reading().scalars(select(WrappedKey).where(WrappedKey.provider == "file"))
    return {
        row.subject.removeprefix("vendor:"): keyring.unwrap(
            Wrapped(row.provider, row.wrapping_key_id, row.wrapped)
        )
        for row in rows
    }


def wrapped_by(key_id: str) -> int:
    reading().rollback()
    rows = reading().scalars(select(WrappedKey).where(WrappedKey.wrapping_key_id == key_id))
    return len(rows.all())


def events(kind: str) -> list[dict[str, Any]]:
    found = reading().execute(text("SELECT body FROM event WHERE type = :kind"), {"kind": kind})
    return [json.loads(body) for (body,) in found]


def content(invitation: OpenedInvitation, file: SealedFile) -> bytes:
    parts = ports()
    opened = open_file(
        file.evidence_id,
        file.version,
        assessment_id=invitation.assessment_id,
        blobs=parts.blobs,
        keyring=parts.keyring,
        actor=OPERATOR,
        now=NOW,
    )
    return b"".join(opened.pieces())


def blobs(place: Place) -> dict[Path, tuple[int, bytes]]:
    folder = place.instance / "evidence"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_files_open_before_between_and_after_and_no_blob_is_touched(
    place: Place, cast: Cast
) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    stored, old = blobs(place), ports().keyring.current
    new = made()
    assert content(invitation, file) == stages.PDF
    later = stages.attach(invitation, small.VITAL)
    assert wrapped_by(old) == 1, "the vendor has a key already"
    assert rotated() == Rotated(1, [])
    assert (wrapped_by(old), wrapped_by(new)) == (0, 1)
    for one in (file, later):
        assert content(invitation, one) == stages.PDF
    assert stored.items() <= blobs(place).items()


def test_once_rotated_the_old_master_key_is_needed_no_more(place: Place, cast: Cast) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    old = ports().keyring.current
    made()
    rotated()
    path = place.instance / "keyring.json"
    kept = json.loads(path.read_text())
    del kept["keys"][old]
    path.write_text(json.dumps(kept))
    assert ports().keyring.ids == FileKeyring(path).ids
    assert old not in ports().keyring.ids
    assert content(invitation, file) == stages.PDF


def test_only_rows_of_vendors_keys_change_each_as_an_event(cast: Cast) -> None:
    stages.attach(small.started(cast), small.PROVEN)
    old, new = ports().keyring.current, made()
    before = {row.id: vars(row).copy() for row in reading().scalars(select(WrappedKey))}
    reading().rollback()
    rotated()
    for row in reading().scalars(select(WrappedKey)):
        changed = {
            name
            for name, value in vars(row).items()
            if name[0] != "_" and value != before[row.id][name]
        }
        is_vendor = row.subject.startswith("vendor:")
        assert changed == ({"wrapping_key_id", "wrapped"} if is_vendor else set())
    (said,) = events("vendor-key:rewrap")
    assert (said["before"], said["after"], said["vendor"]) == (old, new, cast.vera.vendor_id)
    assert (said["actor"], said["private"]) == ("operator", {})
    assert [one["object"] for one in events("master-key:make")] == [new]


def test_a_rotation_that_was_killed_is_resumed_by_the_next_one() -> None:
    keys = many_vendors(2 * TOGETHER + 7)
    old, new = ports().keyring.current, made()
    dying = Dying(ports().keyring, [None] * (TOGETHER + 3))
    with pytest.raises(KeyboardInterrupt):
        rotated(dying)
    assert (wrapped_by(new), wrapped_by(old)) == (TOGETHER, TOGETHER + 7)
    assert len(events("vendor-key:rewrap")) == TOGETHER
    assert opened_keys(ports().keyring) == keys
    told: list[tuple[int, int]] = []
    assert rotated(progress=lambda *far: told.append(far)) == Rotated(TOGETHER + 7, [])
    assert told == [(TOGETHER, TOGETHER + 7), (TOGETHER + 7, TOGETHER + 7)]
    assert wrapped_by(old) == 0
    assert len(events("vendor-key:rewrap")) == len(keys)
    assert opened_keys(ports().keyring) == keys
    assert rotated() == Rotated(0, [])


def test_keys_that_do_not_open_are_named_and_the_others_wrapped() -> None:
    keys = many_vendors(3)
    missing, torn, _ = keys
    old, new = ports().keyring.current, made()
    with transaction() as session:
        for row in session.scalars(select(WrappedKey)):
            if row.subject == f"vendor:{missing}":
                row.wrapping_key_id = "0" * 16
            if row.subject == f"vendor:{torn}":
                row.wrapped = bytes(40)
    done = rotated()
    assert done.wrapped == 1
    assert {one.vendor_id for one in done.unopened} == {missing, torn}
    found = {one.id: one for one in master_keys(reading(), ports().keyring)}
    assert list(found) == [old, new, "0" * 16]
    assert [found[old].wraps, found[new].wraps, found["0" * 16].wraps] == [1, 1, 1]
    assert [one.is_there for one in found.values()] == [True, True, False]
    assert [one.is_current for one in found.values()] == [False, True, False]


def test_a_vendors_key_that_is_made_meanwhile_is_left_alone_and_one_destroyed_too() -> None:
    keys = many_vendors(TOGETHER + 1)
    made()
    added: dict[str, bytes] = {}

    def meanwhile(*_: int) -> None:
        if not added:
            added.update(many_vendors(1))
            with transaction() as session:
                session.execute(
                    text("DELETE FROM wrapped_key WHERE wrapping_key_id <> :current"),
                    {"current": ports().keyring.current},
                )

    assert rotated(progress=meanwhile) == Rotated(TOGETHER, [])
    now = opened_keys(ports().keyring)
    assert len(now) == TOGETHER + 1
    assert now.items() <= {**keys, **added}.items()


def test_the_number_of_statements_that_read_does_not_grow_with_the_keys(app: Flask) -> None:
    counted: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *what: counted.append(what[2]))
    reads = []
    for number in (3, TOGETHER - 3):
        many_vendors(number)
        made()
        counted.clear()
        rotated()
        reads.append(sum(1 for one in counted if one.startswith("SELECT")))
    assert reads[0] == reads[1]
