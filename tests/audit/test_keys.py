"""Signing keys follow one another, whoever is killed meanwhile and however many processes run."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask, current_app

from riskapp.audit import keys
from riskapp.audit.endorsements import NAMESPACE, Named, statement
from riskapp.audit.errors import KeyInUse, KeyUnknown, KeyUsedBefore
from riskapp.audit.keys import ListedKey, adopt, enrol, in_use, listed_keys
from riskapp.audit.log import newest
from riskapp.audit.service import OPERATOR
from riskapp.core.crypto.signing import FileSigner, Key, Signer
from riskapp.core.crypto.sshsig import fits, raw_key
from riskapp.core.db import reading
from riskapp.web.ports import ports
from tests import small
from tests.audit.signing import known, problems, rotated, signer
from tests.cast import NOW
from tests.conftest import Place

__all__ = ["signer"]

pytestmark = pytest.mark.usefixtures("in_app")


def test_the_first_key_is_noted_once_however_many_processes_start(signer: FileSigner) -> None:
    with small.trail() as events:
        small.at_once(*[lambda: enrol(signer, NOW)] * 4)
    assert events == [("signing-key:add", signer.fingerprint)]
    (first,) = listed_keys(reading())
    assert (first.number, first.public_key) == (1, signer.public_key)
    assert first.acceptance is None
    assert problems(signer) == ""


def test_before_any_key_is_noted_nothing_is_wrong_and_none_is_known(signer: FileSigner) -> None:
    assert problems(signer) == ""
    assert known(signer) == []
    assert in_use(reading(), signer).fingerprint == signer.fingerprint


def test_a_new_key_is_endorsed_by_the_one_before_and_accepts_it(signer: FileSigner) -> None:
    old = signer.held()
    with small.trail() as events:
        new = rotated(signer)
    assert events == [("signing-key:add", old.fingerprint), ("signing-key:add", new.fingerprint)]
    assert (new.number, new.fingerprint) == (2, signer.fingerprint)
    said = statement(
        2,
        Named(signer.fingerprint, signer.public_key),
        Named(old.fingerprint, old.public_key),
        NOW,
        endorsed=True,
    )
    assert new.statement == said
    assert fits(old.raw_public_key, NAMESPACE, said, new.endorsement or "")
    assert fits(signer.raw_public_key, NAMESPACE, said, new.acceptance or "")
    assert known(signer) == [old.raw_public_key, signer.raw_public_key]
    assert problems(signer) == ""


def test_processes_that_run_sign_by_the_new_key_and_what_was_signed_stays_valid(
    signer: FileSigner,
) -> None:
    log = ports().log
    before = log.checkpoint(NOW)
    rotated(signer)
    after = log.checkpoint(NOW)
    assert after.tree.size == before.tree.size + 1
    assert newest(reading(), ports().signer.held().raw_public_key) == after
    assert ports().signer.fingerprint == signer.fingerprint
    assert raw_key(ports().signer.public_key) == known(ports().signer)[-1]


def test_many_rotations_lead_back_to_the_first_key(signer: FileSigner) -> None:
    first = signer.raw_public_key
    for _ in range(4):
        rotated(signer)
    assert known(signer)[0] == first
    assert len(set(known(signer))) == 5
    assert problems(signer) == ""


def test_two_who_rotate_at_once_leave_a_key_that_everybody_signs_by(
    signer: FileSigner, place: Place
) -> None:
    enrol(signer, NOW)
    other = FileSigner(place.instance / "signing_key")
    results = small.at_once(lambda: rotated(signer), lambda: rotated(other))
    assert all(isinstance(one, ListedKey) for one in results), results
    assert signer.fingerprint == other.fingerprint == listed_keys(reading())[-1].fingerprint
    assert problems(signer) == ""


def rotated_in(app: Flask, signer: FileSigner) -> None:
    """In a thread of its own, that leaves alone what the calling one has read."""
    with app.app_context():
        rotated(signer)


def test_who_signs_while_another_process_rotates_goes_on_by_the_new_key(
    signer: FileSigner, place: Place
) -> None:
    """It has seen the list of keys as it was, and then the file as it is."""
    path, waits = place.instance / "signing_key", [True]
    enrol(signer, NOW)

    class Overtaken(FileSigner):
        def held(self) -> Key:
            if waits:
                waits.pop()
                app = current_app._get_current_object()  # type: ignore[attr-defined]
                other = threading.Thread(target=rotated_in, args=(app, FileSigner(path)))
                other.start()
                other.join()
            return super().held()

    overtaken = Overtaken(path)
    used = enrol(overtaken, NOW)
    assert waits == []
    assert used.fingerprint == overtaken.fingerprint == listed_keys(reading())[-1].fingerprint


class Killed(BaseException):
    """A process that is no more."""


def dies(*_arguments: object, **_named: object) -> None:
    raise Killed


def killed_at(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, signer: Signer) -> None:
    """A rotation that dies as it comes to this call."""
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies)
        with pytest.raises(Killed):
            rotated(signer)


@dataclass(frozen=True)
class Death:
    """Where a rotation dies, and whether the new key is listed by then."""

    owner: object
    name: str
    listed: bool


DEATHS = (
    Death(FileSigner, "prepared", listed=False),
    Death(keys, "_refuse_used", listed=False),
    Death(keys, "record", listed=False),
    Death(FileSigner, "switch", listed=True),
    Death(Path, "replace", listed=True),
)


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.name)
def test_a_rotation_that_is_killed_leaves_keys_that_are_in_order_after_the_next_start(
    signer: FileSigner, place: Place, monkeypatch: pytest.MonkeyPatch, death: Death
) -> None:
    old = enrol(signer, NOW)
    killed_at(monkeypatch, death.owner, death.name, signer)
    started = FileSigner(place.instance / "signing_key")
    enrol(started, NOW)
    assert (started.fingerprint != old.fingerprint) == death.listed
    assert len(listed_keys(reading())) == (2 if death.listed else 1)
    assert problems(started) == ""
    assert rotated(started).number == (3 if death.listed else 2)
    assert problems(started) == ""
    assert not (place.instance / "signing_key.next").exists()


def test_a_rotation_that_broke_off_is_finished_by_the_next_instead_of_another(
    signer: FileSigner, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(signer, NOW)
    killed_at(monkeypatch, FileSigner, "switch", signer)
    assert "the signing key is key 1" in problems(signer)
    assert rotated(FileSigner(place.instance / "signing_key")).number == 2
    assert problems(signer) == ""


def test_a_machine_without_the_new_key_signs_nothing_until_it_has_it(
    signer: FileSigner, place: Place, tmp_path: Path
) -> None:
    far = tmp_path / "far" / "signing_key"
    far.parent.mkdir()
    far.touch(0o600)
    far.write_bytes((place.instance / "signing_key").read_bytes())
    elsewhere = FileSigner(far)
    rotated(signer)
    with pytest.raises(KeyUnknown, match="Put that key back"):
        in_use(reading(), elsewhere)
    with pytest.raises(KeyUnknown):
        rotated(elsewhere)
    far.write_bytes((place.instance / "signing_key").read_bytes())
    assert in_use(reading(), elsewhere).fingerprint == signer.fingerprint


def test_a_key_that_was_made_elsewhere_can_be_the_next(signer: FileSigner, place: Place) -> None:
    made = FileSigner(place.instance / "signing_key.next").held()
    assert rotated(signer).fingerprint == made.fingerprint == signer.fingerprint


def test_a_lost_key_stops_all_signing_until_the_new_one_is_adopted(
    signer: FileSigner, place: Place
) -> None:
    before = ports().log.checkpoint(NOW)
    (place.instance / "signing_key").unlink()
    other = FileSigner(place.instance / "signing_key")
    with pytest.raises(KeyUnknown, match="signing-keys adopt"):
        enrol(other, NOW)
    with pytest.raises(KeyUnknown):
        ports().log.checkpoint(NOW)
    with small.trail() as events:
        found = adopt(other, actor=OPERATOR, now=NOW)
    assert events == [("signing-key:add", other.fingerprint)]
    assert (found.number, found.endorsement) == (2, None)
    assert known(other)[1:] == [other.raw_public_key]
    assert problems(other) == ""
    assert ports().log.checkpoint(NOW).tree.size == before.tree.size + 1


def test_a_key_in_use_and_a_former_one_cannot_be_taken(signer: FileSigner, place: Place) -> None:
    path = place.instance / "signing_key"
    enrol(signer, NOW)
    old = path.read_bytes()
    with pytest.raises(KeyInUse):
        adopt(signer, actor=OPERATOR, now=NOW)
    rotated(signer)
    new = path.read_bytes()
    path.write_bytes(old)
    with small.trail() as events:
        with pytest.raises(KeyUsedBefore, match="as key 1"):
            adopt(signer, actor=OPERATOR, now=NOW)
        path.write_bytes(new)
        following = place.instance / "signing_key.next"
        following.touch(0o600)
        following.write_bytes(old)
        with pytest.raises(KeyUsedBefore, match="as key 1"):
            rotated(signer)
    assert events == []
