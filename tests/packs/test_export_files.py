"""Files of a pack that do not open, that nobody may open, or that are not there any more."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from riskapp.core.db import reading, transaction
from riskapp.custody import quarantine
from riskapp.custody.erasing import erase_file
from riskapp.custody.quarantine import Waiting
from riskapp.evidence.errors import Damaged
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import SealedFile, keep
from riskapp.packs.shipped.verify import problems
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.custody.erasing import REASON, means, wish
from tests.packs.stories import Unpacked, exported, unpack
from tests.packs.test_export import END, newest, one_file, whole
from tests.trails import whole_trail


def collect(chunks: Iterator[bytes], into: bytearray) -> None:
    """Keeps what came before an error, as somebody does who downloads."""
    for chunk in chunks:
        into += chunk


def changed_byte(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def cut_short(data: bytes) -> bytes:
    return data[:-1]


@pytest.mark.parametrize("change", [changed_byte, cut_short])
def test_a_sealed_file_that_was_tampered_with_never_ends_as_a_whole_pack(
    told: str, cast: Cast, change: Callable[[bytes], bytes]
) -> None:
    blob = one_file(told).blob
    path = ports().settings.instance / "evidence" / blob[:2] / blob
    path.chmod(0o600)
    path.write_bytes(change(path.read_bytes()))
    path.chmod(0o400)
    got = bytearray()
    with pytest.raises(Damaged):
        collect(exported(told, cast.oskar).chunks, got)
    assert END not in got


def test_a_file_that_is_another_one_than_its_row_says_never_ends_as_a_whole_pack(
    told: str, cast: Cast
) -> None:
    changed = update(Evidence).where(Evidence.id == one_file(told).evidence_id)
    with transaction() as session:
        session.execute(changed.values(sha256="0" * 64))
    got = bytearray()
    with pytest.raises(Damaged) as refused:
        collect(exported(told, cast.oskar).chunks, got)
    assert refused.value.found.kind == "row-changed"
    assert END not in got


def test_a_file_that_is_gone_from_the_store_is_said_before_anything_is_sent(
    told: str, cast: Cast
) -> None:
    before = newest(told).id
    ports().blobs.delete(one_file(told).blob)
    with pytest.raises(Damaged) as refused:
        exported(told, cast.oskar)
    assert refused.value.found.kind == "missing"
    (noted,) = [event for event in whole_trail(reading(), told) if event.id > before]
    assert noted.type == "evidence:damaged"


def test_a_file_that_nobody_put_there_is_in_no_pack(told: str, cast: Cast) -> None:
    """Whoever may write to the database alone gets nobody else's file handed out."""
    _, elsewhere = stages.started(cast.mallory, cast.oskar, only=("iso-27001",))
    other = stages.attach(elsewhere, "ISM-01")
    mine = one_file(told).evidence_id
    pointed = update(EvidenceUse).where(EvidenceUse.evidence_id == mine)
    with transaction() as session:
        session.execute(pointed.values(evidence_id=other.evidence_id, version=1))
    before = newest(told).id
    with pytest.raises(Damaged) as refused:
        exported(told, cast.oskar)
    assert refused.value.found.kind == "use-changed"
    (noted,) = [event for event in whole_trail(reading(), told) if event.id > before]
    assert noted.type == "evidence:damaged"


def left_out(bag: Unpacked) -> list[dict[str, str]]:
    pack = json.loads((bag / "data/assessment.json").read_bytes())["pack"]
    return [one for one in pack["left_out"] if one.get("evidence")]


def test_an_erased_file_is_left_out_with_day_and_reason_and_all_proofs_stay_valid(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    file = one_file(told)
    reading().rollback()
    erase_file(means(), file.vendor_id, file.evidence_id, wish(cast.oskar))
    bag = unpack(whole(exported(told, cast.oskar).chunks), tmp_path / "bag")
    assert {one["evidence"] for one in left_out(bag)} >= {f"{file.evidence_id}/{file.version}"}
    for one in left_out(bag):
        assert one["what"] == "A file that was erased"
        assert one["why"].endswith(f", its key destroyed. Reason: {REASON}")
        assert "November 2026" in one["why"]
    assert file.sha256 in {one["sha256"] for one in left_out(bag)}
    assert not [name for name in bag.names() if file.evidence_id in name]
    assert b"(left out) a file that was erased" in (bag / "data/answers.csv").read_bytes()
    assert problems(bag.folder) == []


@pytest.mark.parametrize(
    ("scan", "why"), [("quarantined", "It is in quarantine"), ("infected", "found something")]
)
def test_what_nobody_may_open_is_left_out_and_says_why(
    app: Flask, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scan: str, why: str
) -> None:
    def keep_shut(file: SealedFile, *about: Any, **how: Any) -> None:
        keep(replace(file, scan=Scan.QUARANTINED), *about, **how)

    monkeypatch.setattr(stages, "keep", keep_shut)
    with app.app_context():
        _, invitation = stages.decided(cast.vera, cast.olga, only=("iso-27001",))
        file = one_file(invitation.assessment_id)
        reading().rollback()
        if scan == Scan.INFECTED:
            waiting = Waiting(file.evidence_id, file.version, file.vendor_id, file.blob, "")
            quarantine._shut(waiting, "Eicar", ports().clock.now())
        pack = exported(invitation.assessment_id, cast.oskar)
        bag = unpack(whole(pack.chunks), tmp_path / "bag")
        assert one_file(invitation.assessment_id).scan == scan
    assert all(why in one["why"] for one in left_out(bag))
    assert f"The file “{file.name}”" in {one["what"] for one in left_out(bag)}
    assert not [name for name in bag.names() if file.evidence_id in name]
    assert problems(bag.folder) == []
