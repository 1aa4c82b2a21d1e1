"""Packs are taken as often as wanted, from any byte on, for as long as they are what they were."""

import io
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskapp.audit.keys import rotate
from riskapp.audit.log import Log
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading, transaction
from riskapp.core.errors import NotFound
from riskapp.core.tsa import TimeStampingAuthority
from riskapp.custody.erasing import erase_file
from riskapp.evidence.queries import of_assessment
from riskapp.packs.errors import PackChanged, PackExpired
from riskapp.packs.models import PackExport
from riskapp.packs.queries import made as packs_made
from riskapp.packs.queries import pack as row_of
from riskapp.packs.service import prepare
from riskapp.packs.shipped.verify import problems
from riskapp.packs.verify import examine_file
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody.erasing import means
from tests.custody.erasing import wish as erasure
from tests.packs.stories import exported, flipped, parts, prepared, streamed, unpack, wish
from tests.packs.test_export import CountingBlobs
from tests.packs.test_signed import blocks, shell
from tests.trails import whole_trail
from tests.tsa import Authority, authority, replying, serving

__all__ = ["authority"]


def types(assessment_id: str) -> list[str]:
    return [event.type for event in whole_trail(reading(), assessment_id)]


def taken(pack_id: str, cast: Cast, offset: int = 0) -> bytes:
    return b"".join(streamed(pack_id, cast.oskar, offset).chunks)


def test_from_any_byte_on_comes_the_rest_of_the_same_pack(told: str, cast: Cast) -> None:
    made = prepared(told, cast.oskar)
    whole = taken(made.id, cast)
    certificate = whole.index(b"the second certificate")
    for offset in (1, 5000, certificate, made.size - 30, made.size - 1, made.size):
        rest = streamed(made.id, cast.oskar, offset)
        assert (rest.size, b"".join(rest.chunks)) == (made.size, whole[offset:])


def test_the_rest_opens_no_file_that_lies_before_it(told: str, cast: Cast) -> None:
    made = prepared(told, cast.oskar)
    whole = taken(made.id, cast)
    behind = max(whole.index(one) for one in (b"a list", b"another list", b"certificate")) + 4000
    blobs = CountingBlobs(ports().blobs)
    assert b"".join(streamed(made.id, cast.oskar, behind, blobs=blobs).chunks) == whole[behind:]
    assert blobs.taken == 0


def test_each_taking_is_an_event_and_the_rest_of_one_is_none_within_the_hour(
    told: str, cast: Cast, clock: StoppedClock
) -> None:
    made = prepared(told, cast.oskar)
    before = types(told)
    taken(made.id, cast)
    taken(made.id, cast, 100)
    assert types(told)[len(before) :] == ["pack:take"]
    taken(made.id, cast)
    assert types(told)[len(before) :] == ["pack:take"] * 2
    clock.time += timedelta(hours=2)
    taken(made.id, cast, 100)
    assert types(told)[len(before) :] == ["pack:take"] * 3
    streamed(made.id, cast.olga, 100)
    newest = whole_trail(reading(), told)[-1]
    assert (newest.type, newest.object_id, newest.actor_id) == ("pack:take", made.id, cast.olga.id)


def test_a_pack_is_taken_until_its_last_day_is_over(
    told: str, cast: Cast, clock: StoppedClock
) -> None:
    made = prepared(told, cast.oskar, until=clock.time.date())
    assert taken(made.id, cast)
    clock.pass_by(days=1)
    with pytest.raises(PackExpired) as refused:
        taken(made.id, cast)
    assert refused.value.until == date(2026, 11, 26)
    with pytest.raises(NotFound):
        taken("0" * 32, cast)


def test_what_was_erased_since_makes_it_another_pack_which_is_not_handed_out(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    made, history = prepared(told, cast.oskar), prepared(told, cast.oskar, assessment_id=None)
    file = of_assessment(reading(), told, with_ended=True)[0]
    reading().rollback()
    erase_file(means(), file.vendor_id, file.evidence_id, erasure(cast.oskar))
    before = types(told)
    for one in (made, history):
        with pytest.raises(PackChanged):
            streamed(one.id, cast.oskar)
    assert types(told) == before
    again = unpack(b"".join(exported(told, cast.oskar).chunks), tmp_path / "again")
    assert problems(again.folder) == []


def test_a_row_that_somebody_changed_hands_out_nothing(told: str, cast: Cast) -> None:
    made = prepared(told, cast.oskar)
    changed = {"recipient": "Mallory", "narrowed": {"evidence": False}, "size": 7}
    for column, value in changed.items():
        with transaction() as session:
            session.execute(
                sa.update(PackExport).where(PackExport.id == made.id).values({column: value})
            )
        with pytest.raises(PackChanged):
            streamed(made.id, cast.oskar)


def test_after_the_key_was_replaced_a_new_pack_is_signed_by_the_new_one(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    made, old = prepared(told, cast.oskar), ports().signer.held()
    rotate(ports().signer, actor=OPERATOR, now=ports().clock.now())
    with pytest.raises(PackChanged):
        streamed(made.id, cast.oskar)
    path = tmp_path / "new.zip"
    path.write_bytes(b"".join(exported(told, cast.oskar).chunks))
    assert examine_file(path, ports().signer.fingerprint).code == 0
    assert examine_file(path, old.fingerprint).code == 1


def test_time_stamps_are_in_the_pack_the_same_each_time_and_openssl_takes_them(
    told: str, cast: Cast, tmp_path: Path, authority: Authority
) -> None:
    now = ports().clock.now()
    with serving(replying(authority.reply)) as served:
        stamper = TimeStampingAuthority(served.url)
        log = Log(ports().signer, stamper, "unused")
        stamped = parts(stamper=stamper, log=log)
        made = prepare(stamped, wish(told), actor=cast.oskar.actor, now=now)
    data = taken(made.id, cast)
    assert data == taken(made.id, cast)
    bag = unpack(data, tmp_path / "bag")
    assert problems(bag.folder) == []
    shutil.copyfile(authority.folder / "ca.pem", bag / "authority.pem")
    (block,) = [one for one in blocks() if "authority.pem" in one]
    done = shell(block, bag.folder)
    assert done.stdout.count("Verification: OK") == 2, done.stderr
    (bag / "authority.pem").unlink()
    (bag / "audit/checkpoint.tsr").unlink()
    stamp = bag / "manifest-sha256.txt.tsr"
    with flipped(stamp, stamp.stat().st_size - 9):
        found = " ".join(problems(bag.folder))
    assert "audit/checkpoint.tsr: is missing" in found
    assert "manifest-sha256.txt.tsr: has another SHA-256" in found


def test_a_time_stamp_over_something_else_is_found_even_by_who_has_the_key(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    bag = unpack(b"".join(exported(told, cast.oskar).chunks), tmp_path / "bag")
    (bag / "manifest-sha256.txt.tsr").write_bytes(b"\x04\x20" + bytes(32))
    bag.list_anew(ports().signer.held())
    assert problems(bag.folder) == [
        "manifest-sha256.txt.tsr: is not over manifest-sha256.txt as it is here"
    ]


def test_the_packs_of_a_vendor_are_listed_with_all_that_they_are_of(told: str, cast: Cast) -> None:
    made, history = prepared(told, cast.oskar), prepared(told, cast.olga, assessment_id=None)
    listed = {one.id: one for one in packs_made(reading(), cast.vera.vendor_id)}
    of = {name: (one.assessment_id, one.engagement, one.cycle) for name, one in listed.items()}
    assert (of[made.id], of[history.id]) == ((told, "Customer portal", 1), (None, None, None))
    assert listed[history.id].made_by == "Olga"
    for one in (made, history):
        assert row_of(reading(), one.id) == listed[one.id]
        with zipfile.ZipFile(io.BytesIO(taken(one.id, cast))) as archive:
            folders = {name.partition("/")[0] for name in archive.namelist()}
        assert folders == {listed[one.id].filename.removesuffix(".zip")}
