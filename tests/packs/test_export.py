import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from riskapp.assessments.errors import WrongState
from riskapp.assessments.queries import assessment, releases
from riskapp.audit.log import newest as newest_checkpoint
from riskapp.audit.queries import private
from riskapp.audit.service import CLOCK
from riskapp.core.db import db, reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.storage.port import BlobStore, BlobWriter
from riskapp.evidence.opening import Opener
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.packs.making import Made, Material
from riskapp.packs.queries import made as packs_made
from riskapp.packs.shipped.verify import problems
from riskapp.packs.verify import examine_file
from riskapp.scoring.intakes import answer_intake
from riskapp.scoring.queries import receipt_documents
from riskapp.scoring.rescoring import rescore
from riskapp.submissions.queries import submissions
from riskapp.web.ports import ports
from tests.cast import INTAKE, Cast
from tests.conftest import StoppedClock
from tests.packs.conftest import Delivered
from tests.packs.stories import (
    CERTIFIED,
    COMMENTED,
    FORMULA,
    NOT_APPLICABLE,
    PURPOSE,
    RECIPIENT,
    TAKEN_BACK,
    Unpacked,
    exported,
    parts,
    prepared,
    streamed,
    tell,
    unpack,
    wish,
)
from tests.stages import attach, started, submitted
from tests.trails import EventRow, whole_trail

MEBIBYTE = 1024 * 1024
END = b"PK\x05\x06"


def whole(pack_chunks: Iterator[bytes]) -> bytes:
    return b"".join(pack_chunks)


def newest(assessment_id: str) -> EventRow:
    return whole_trail(reading(), assessment_id)[-1]


def one_file(assessment_id: str) -> EvidenceRow:
    return of_assessment(reading(), assessment_id, with_ended=True)[0]


def question(bag: Unpacked, question_id: str) -> dict[str, object]:
    answers = json.loads((bag / "data/answers.json").read_bytes())
    for questionnaire in answers["questionnaires"]:
        for section in questionnaire["sections"]:
            for one in section["questions"]:
                if one["id"] == question_id:
                    return dict(one)
    raise KeyError(question_id)


def test_a_pack_verifies(zipped: Path) -> None:
    assert examine_file(zipped).problems == []


def test_any_unzipper_takes_the_pack_and_finds_one_folder_of_stored_files(
    delivered: Delivered,
) -> None:
    with zipfile.ZipFile(io.BytesIO(delivered.data)) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
    assert {info.filename.partition("/")[0] + ".zip" for info in infos} == {delivered.filename}
    assert {(info.compress_type, info.flag_bits & 0b1001, info.extra) for info in infos} == {
        (zipfile.ZIP_STORED, 0, b"")
    }
    assert {info.date_time for info in infos} == {(2026, 11, 26, 9, 0, 0)}


def test_unzip_finds_nothing_wrong(zipped: Path) -> None:
    program = shutil.which("unzip")
    if program is None:
        pytest.skip("unzip is not here; to run this test: apt-get install unzip")
    assert subprocess.run([program, "-tqq", str(zipped)], check=False).returncode == 0


def test_stored_documents_lie_in_the_pack_byte_for_byte(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    bag = unpack(whole(exported(told, cast.oskar).chunks), tmp_path / "bag")
    documents = receipt_documents(reading(), told)
    assert len(documents) == len(list((bag / "data/receipts").iterdir())) > 3
    for number, text in documents:
        assert (bag / f"data/receipts/{number}.json").read_bytes() == text.encode()
    assert (bag / "data/receipt.json").read_bytes() == documents[-1][1].encode()
    assert len(submissions(reading(), told)) == 2
    for one in submissions(reading(), told):
        found = (bag / f"data/acknowledgements/{one.number}.json").read_bytes()
        assert found == one.acknowledgement.encode()
    for release in releases(reading(), ports().library, told):
        path = bag / f"data/questionnaires/{release.id}-{release.release}.yaml"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == release.sha256


def test_evidence_is_there_in_clear_also_what_was_submitted_and_replaced(bag: Unpacked) -> None:
    files = question(bag, CERTIFIED)["evidence"]
    assert isinstance(files, list)
    first, second = files
    assert (bag / first["file"]).read_bytes() == b"%PDF-1.7 the first certificate"
    assert (bag / second["file"]).read_bytes() == b"%PDF-1.7 the second certificate"
    assert first["file"].endswith("/_AUX.pdf")
    assert first["name"] == "AUX.pdf"
    assert (first["ended_at"], first["submitted"]) == ("2026-11-25T09:00:00+00:00", True)
    assert (second["ended_at"], second["level"]) == (None, "independent")


def test_a_file_taken_back_before_it_was_submitted_is_not_there(bag: Unpacked) -> None:
    assert question(bag, TAKEN_BACK)["evidence"] == []
    assert not (bag / f"data/evidence/{TAKEN_BACK}").exists()


def test_an_answer_comes_in_words_with_its_revisions(bag: Unpacked) -> None:
    one = question(bag, CERTIFIED)
    assert one["asked"] is True
    assert str(one["text"]).endswith("?")
    answer, revisions = one["answer"], one["revisions"]
    assert isinstance(answer, dict)
    assert isinstance(revisions, list)
    assert answer["words"] == "Yes, ISO/IEC 27001:2022 for this service and all its sites"
    assert [revision["revision"] for revision in revisions] == [1, 2]
    away = question(bag, NOT_APPLICABLE)["answer"]
    assert isinstance(away, dict)
    assert (away["words"], away["na_reason"]) == (
        "Does not apply",
        "We have no such statement.",
    )
    assert len(away["na_approved_by"]) == 1


def test_no_cell_of_the_table_runs_as_a_formula(bag: Unpacked) -> None:
    text = (bag / "data/answers.csv").read_bytes().decode("utf-8-sig")
    rows = {row["Question"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert rows[COMMENTED]["Comment"] == "'" + FORMULA
    assert rows[CERTIFIED]["Evidence"].count("data/evidence/") == 2
    for row in rows.values():
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row.values())


def test_undone_entries_stay_in_the_thread(bag: Unpacked) -> None:
    entries = json.loads((bag / "data/review.json").read_bytes())["entries"]
    found = [(one["action"], one["undone_at"] is not None) for one in entries]
    assert ("reject", True) in found
    assert ("undo", False) in found


def test_the_pack_says_for_whom_by_whom_why_until_when_and_what_was_left_out(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    pack = exported(told, cast.oskar, until=date(2026, 12, 31), recipient="Audit\nHouse \u202eLtd")
    bag = unpack(whole(pack.chunks), tmp_path / "bag")
    info = (bag / "bag-info.txt").read_text().splitlines()
    assert "Pack-Recipient: Audit House Ltd" in info
    assert f"Pack-Purpose: {PURPOSE}" in info
    assert "Pack-Exported-By: Oskar" in info
    assert "Pack-Until: 2026-12-31" in info
    about = json.loads((bag / "data/assessment.json").read_bytes())["pack"]
    assert about["recipient"] == "Audit House Ltd"
    assert any("E-mail addresses" in one["what"] for one in about["left_out"])
    assert b"nordlicht.example" not in whole(exported(told, cast.oskar).chunks)
    assert problems(bag.folder) == []


def test_an_export_is_an_event_that_vouches_for_the_pack_and_is_not_in_it(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    made = prepared(told, cast.oskar)
    row, event = newest(told), json.loads(newest(told).body)
    assert (row.type, row.object_id, row.actor_id) == ("pack:export", made.id, cast.oskar.id)
    assert RECIPIENT not in row.body, "events cannot be erased, names must be"
    assert private(reading(), [row.id])[row.id]["recipient"][1] == RECIPIENT
    taken = next(one for one in packs_made(reading(), None, told) if one.id == made.id)
    assert (taken.recipient, taken.purpose, taken.made_by) == (RECIPIENT, PURPOSE, "Oskar")
    assert (taken.size, taken.seal) == (made.size, made.seal)
    signed = newest_checkpoint(reading(), ports().signer.held().raw_public_key)
    assert signed is not None
    assert event["log_size"] == taken.log_size == signed.tree.size
    bag = unpack(whole(streamed(made.id, cast.oskar).chunks), tmp_path / "bag")
    assert newest(told).type == "pack:take"
    seal = hashlib.sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert event["tagmanifest_sha256"] == made.seal == seal
    assert seal.encode() not in (bag / "audit/events.jsonl").read_bytes()
    again = unpack(whole(exported(told, cast.oskar).chunks), tmp_path / "again")
    assert seal.encode() in (again / "audit/events.jsonl").read_bytes()


def test_the_same_pack_has_the_same_bytes_whenever_it_is_taken(
    told: str, cast: Cast, clock: StoppedClock
) -> None:
    made = prepared(told, cast.oskar)
    data = whole(streamed(made.id, cast.oskar).chunks)
    assert len(data) == made.size
    clock.pass_by(days=30)
    _, invitation = started(cast.vera, cast.oskar)
    attach(invitation, CERTIFIED)
    ports().log.checkpoint(clock.now())
    again = streamed(made.id, cast.olga)
    assert whole(again.chunks) == data
    assert again.size == len(data)
    other = prepared(told, cast.oskar, recipient="Another house")
    assert other.seal != made.seal


def test_at_the_same_checkpoint_the_same_wish_gives_the_same_bytes(told: str, cast: Cast) -> None:
    """Nothing else goes in: not the pack's id, not the time."""
    at = ports().log.checkpoint(ports().clock.now())
    seals = set()
    for now in (ports().clock.now(), datetime(2030, 1, 1, tzinfo=UTC)):
        opener = Opener(parts().blobs, parts().keyring, actor=cast.oskar.actor, now=now)
        seals.add(Made(Material(parts(), wish(told), cast.oskar.actor, at), opener).bag.seal)
    assert len(seals) == 1


def test_only_a_decided_assessment_has_a_pack(app: Flask, cast: Cast) -> None:
    with app.app_context():
        _, invitation = submitted(cast.vera, cast.oskar)
        with pytest.raises(WrongState):
            exported(invitation.assessment_id, cast.oskar)
        with pytest.raises(NotFound):
            exported("0" * 32, cast.oskar)


def test_terms_that_say_nothing_are_refused_and_leave_no_event(told: str, cast: Cast) -> None:
    before = newest(told).id
    wrong: dict[str, list[object]] = {
        "recipient": [" \n", "x" * 201],
        "purpose": ["\u202e", "x" * 1001],
        "until": [date(2026, 11, 1)],
    }
    for field, values in wrong.items():
        for value in values:
            with pytest.raises(FieldRefused) as refused:
                exported(told, cast.oskar, **{field: value})
            assert refused.value.field == field
    assert newest(told).id == before


class CountingBlobs:
    """The store, and how many pieces were taken from it."""

    def __init__(self, store: BlobStore) -> None:
        self.store = store
        self.taken = 0

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        for piece in self.store.read(name, start, length):
            self.taken += 1
            yield piece

    def create(self, name: str) -> BlobWriter:
        return self.store.create(name)

    def size(self, name: str) -> int:
        return self.store.size(name)

    def delete(self, name: str) -> None:
        self.store.delete(name)

    def names(self) -> Iterator[str]:
        return self.store.names()

    def leftovers(self) -> Iterator[str]:
        return self.store.leftovers()

    def sweep(self, known: Callable[[str], bool]) -> list[str]:
        return self.store.sweep(known)


def test_large_evidence_flows_through_in_pieces_as_it_is_asked_for(
    app: Flask, cast: Cast, clock: StoppedClock
) -> None:
    with app.app_context():
        told = tell(cast, clock, large=b"%PDF" + bytes(64 * MEBIBYTE))
        blobs = CountingBlobs(ports().blobs)
        made = prepared(told, cast.oskar)
        pack = streamed(made.id, cast.oskar, blobs=blobs)
        files = of_assessment(reading(), told, with_ended=True)
        assert blobs.taken <= 2 * len(files), "heads and ends of files"
        sent, found = 0, hashlib.sha256()
        for chunk in pack.chunks:
            assert len(chunk) <= MEBIBYTE
            sent += len(chunk)
            found.update(chunk)
            # What was read and not yet sent: a few pieces, never the file.
            assert blobs.taken * 64 * 1024 - sent < MEBIBYTE
        assert sent == pack.size > 64 * MEBIBYTE


def test_nobody_waits_for_a_pack_that_is_being_taken_away(told: str, cast: Cast) -> None:
    pieces = exported(told, cast.oskar).chunks
    next(pieces)
    assert not db.session().in_transaction()
    _, invitation = started(cast.mallory, cast.oskar)
    attach(invitation, CERTIFIED)
    assert END in whole(pieces)


def test_what_came_after_the_decision_is_in_the_pack_and_leaves_the_decision_as_it_was(
    told: str, cast: Cast, clock: StoppedClock, tmp_path: Path
) -> None:
    before = prepared(told, cast.oskar)
    clock.time = datetime(2027, 10, 2, 9, tzinfo=UTC)  # the certificate is valid until September
    rescore(cause="Time passed", actor=CLOCK, now=clock.now())
    row = assessment(reading(), told)
    assert row is not None
    answer_intake(
        ports().library,
        row.engagement_id,
        {**INTAKE, "INT-02": "unknown"},
        actor=cast.oskar.actor,
        now=clock.now(),
    )
    reading().rollback()
    moved = assessment(reading(), told)
    assert moved is not None
    assert moved.receipts == row.receipts + 1
    made = prepared(told, cast.oskar)
    for one, receipts in ((made, moved.receipts), (before, row.receipts - 1)):
        pack = streamed(one.id, cast.oskar)
        folder = unpack(b"".join(pack.chunks), tmp_path / one.id)
        assert problems(folder.folder) == []
        about = json.loads((folder / "data/assessment.json").read_text())
        assert len(about["receipts"]) == receipts
        assert about["assessment"]["shown"] != moved.shown
