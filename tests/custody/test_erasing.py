"""Erasing evidence: what is gone, what stays, what forbids it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from riskapp.core.db import db, reading, transaction
from riskapp.core.errors import NotFound
from riskapp.core.storage.memory import MemoryBlobs
from riskapp.core.storage.port import BlobStore, StoreUnavailable
from riskapp.custody.certificates import Scope
from riskapp.custody.erasing import Means, checked_reason, destroy, erase_files, erase_vendor
from riskapp.custody.errors import HoldLifted, NothingToErase, UnderHold
from riskapp.custody.holds import lift, place
from riskapp.custody.queries import erasure, erasures, holds
from riskapp.evidence.errors import Erased
from riskapp.evidence.models import BlobRemoval, Evidence, WrappedKey
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.scoring.queries import receipt_documents, receipts
from riskapp.scoring.users import hold_users
from riskapp.startup import make_ready
from riskapp.vendors.service import EngagementDetails, add_engagement, save_intake
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import INTAKE, NOW, Cast, Member, Provider
from tests.custody.erasing import REASON, all_erased, erased, means, wish
from tests.evidence.files import blobs, read, subjects
from tests.web.desk import counted

pytestmark = pytest.mark.usefixtures("in_app")


def story(cast: Cast) -> tuple[OpenedInvitation, SealedFile, SealedFile]:
    """Submitted, with one proof on each of two questions."""
    link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    stages.answer_all(invitation)
    proof = stages.attach(invitation, small.PROVEN)
    other = stages.attach(invitation, small.VITAL, b"%PDF-1.7 another")
    stages.send_in(invitation)
    return stages.opened(link.token), proof, other


def engagement(provider: Provider, by: Member) -> Provider:
    """A second engagement of the same vendor."""
    details = EngagementDetails("Payroll", "Runs it.", ["development"], ["DE"])
    made = add_engagement(provider.vendor_id, details, actor=by.actor, now=NOW)
    save_intake(made, ports().library.current.intake, INTAKE, actor=by.actor, now=NOW)
    return replace(provider, engagement_id=made)


def came_in(provider: Provider, cast: Cast) -> SealedFile:
    """The proof of a submitted assessment."""
    _, invitation = stages.started(provider, cast.oskar, only=small.ONLY)
    stages.answer_all(invitation)
    proof = stages.attach(invitation, small.PROVEN)
    stages.send_in(invitation)
    return proof


def stored(file: SealedFile) -> Evidence:
    reading().rollback()
    return reading().get_one(Evidence, (file.evidence_id, file.version))


def sealed(file: SealedFile) -> bytes:
    return b"".join(ports().blobs.read(file.blob))


def test_of_an_erased_file_only_what_proves_that_it_was_there_is_left(cast: Cast) -> None:
    invitation, proof, other = story(cast)
    was = sealed(proof)
    with small.trail() as events:
        made = erased(invitation, proof, cast.oskar)
    assert blobs() == {other.blob}
    assert f"evidence:{proof.evidence_id}" not in subjects()
    row = stored(proof)
    assert (row.name, row.scan_note, row.erasure_id) == ("", "", made)
    assert (row.erased_at, row.sealed_sha256) == (NOW, sha256(was).hexdigest())
    assert (row.size, row.sha256, row.seal) == (proof.size, proof.sha256, proof.seal)
    assert events == [
        ("evidence:erase", f"{proof.evidence_id}/1"),
        ("erasure:add", made),
        ("receipt:add", f"{invitation.assessment_id}/2"),
    ]
    with pytest.raises(Erased):
        read(proof, invitation.assessment_id, cast)
    assert read(other, invitation.assessment_id, cast) == b"%PDF-1.7 another"


def test_the_answer_keeps_since_when_and_why_its_file_is_gone(cast: Cast) -> None:
    invitation, proof, _ = story(cast)
    erased(invitation, proof, cast.oskar)
    (row,) = [
        one
        for one in of_assessment(reading(), invitation.assessment_id)
        if one.question_id == small.PROVEN
    ]
    assert (row.erased_at, row.erased_because, row.readable) == (NOW, REASON, False)
    assert row.level_counted == "erased"


def test_what_it_proved_is_scored_again_as_proven_by_nothing(cast: Cast) -> None:
    invitation, proof, _ = story(cast)
    erased(invitation, proof, cast.oskar)
    reading().rollback()
    newest, before = receipts(reading(), invitation.assessment_id)
    assert newest.cause == "Evidence was erased"
    assert float(newest.shown) > float(before.shown)
    _, document = list(receipt_documents(reading(), invitation.assessment_id))[-1]
    items = {item["id"]: item["evidence"]["level"] for item in json.loads(document)["items"]}
    assert (items[small.PROVEN], items[small.VITAL]) == ("erased", "provided")


def test_a_file_is_erased_once(cast: Cast) -> None:
    invitation, proof, _ = story(cast)
    erased(invitation, proof, cast.oskar)
    with small.trail() as events, pytest.raises(NothingToErase):
        erased(invitation, proof, cast.oskar)
    assert events == []


def test_two_who_erase_at_once_make_one_certificate(cast: Cast) -> None:
    invitation, proof, _ = story(cast)
    results = small.at_once(*[lambda: erased(invitation, proof, cast.oskar)] * 2)
    refused = [one for one in results if isinstance(one, NothingToErase)]
    assert len(refused) == 1
    assert len(erasures(reading(), invitation.vendor_id)) == 1


def test_two_who_erase_files_of_two_engagements_do_not_wait_for_one_another(cast: Cast) -> None:
    other = engagement(cast.vera, cast.oskar)
    proofs = [came_in(cast.vera, cast), came_in(other, cast)]
    first, second = (proof.evidence_id for proof in proofs)
    begun, came = threading.Event(), threading.Event()

    def erase(name: str, mine: threading.Event, theirs: threading.Event) -> str:
        with transaction() as session:
            hold_users(session, [(name, 1)])
            mine.set()
            theirs.wait(0.3)  # where the other one has to wait for this one, it does not come
            digests = {(name, 1): None}
            return destroy(session, means(), cast.vera.vendor_id, digests, wish(cast.oskar))

    def after() -> str:
        begun.wait(10)
        return erase(second, came, begun)

    made = small.at_once(lambda: erase(first, begun, came), after)
    assert {row.id for row in erasures(reading(), cast.vera.vendor_id)} == set(made)


def test_what_a_database_cannot_keep_is_no_part_of_a_reason(cast: Cast) -> None:
    assert checked_reason("No\0longer needed") == "No longer needed"
    place(cast.vera.vendor_id, None, reason="A\0court", person_id=cast.oskar.id, now=NOW)
    assert [one.reason for one in holds(reading(), cast.vera.vendor_id)] == ["A court"]


def test_with_all_of_a_vendor_its_own_key_goes_and_a_later_file_gets_a_new_one(cast: Cast) -> None:
    invitation, proof, other = story(cast)
    stranger = stages.started(cast.mallory, cast.oskar, only=small.ONLY)[1]
    kept = stages.attach(stranger, small.PROVEN)
    key = reading().scalar(
        sa.select(WrappedKey.id).where(WrappedKey.subject == f"vendor:{invitation.vendor_id}")
    )
    with small.trail() as events:
        all_erased(invitation.vendor_id, cast.oskar)
    assert ("vendor-key:destroy", key) in events
    assert subjects() == {f"vendor:{stranger.vendor_id}", f"evidence:{kept.evidence_id}"}
    assert blobs() == {kept.blob}
    assert all(stored(one).erased_at == NOW for one in (proof, other))
    again = stages.started(cast.vera, cast.oskar, only=small.ONLY)[1]
    new = stages.attach(again, small.PROVEN)
    assert read(new, again.assessment_id, cast) == stages.PDF
    with pytest.raises(NothingToErase):
        erase_files(means(), invitation.vendor_id, [(proof.evidence_id, 1)], wish(cast.oskar))


def test_a_file_that_comes_in_while_others_are_hashed_is_erased_with_them(cast: Cast) -> None:
    invitation, *_ = story(cast)
    again = stages.started(cast.vera, cast.oskar, only=small.ONLY)[1]
    late: list[SealedFile] = []

    class Slow:
        """A store that takes so long to read that a file comes in meanwhile."""

        def __init__(self, blobs: BlobStore) -> None:
            self.blobs = blobs

        def __getattr__(self, name: str) -> object:
            return getattr(self.blobs, name)

        def read(self, name: str) -> Iterator[bytes]:
            if not late:
                late.append(stages.attach(again, small.PROVEN))
            return self.blobs.read(name)

    slow = Means(Slow(ports().blobs), ports().signer, "Harbour Bank")  # type: ignore[arg-type]  # what it passes on
    made = erase_vendor(slow, invitation.vendor_id, wish(cast.oskar))
    assert stored(late[0]).erasure_id == made
    assert stored(late[0]).sealed_sha256
    assert blobs() == set()


def test_a_blob_that_was_lost_before_is_said_in_the_certificate(cast: Cast) -> None:
    invitation, proof, _ = story(cast)
    ports().blobs.delete(proof.blob)
    found = erasure(reading(), erased(invitation, proof, cast.oskar))
    assert found is not None
    said = json.loads(found.certificate)
    assert said["files"][0]["sealed_sha256"] is None
    assert any("did not hold the encrypted file" in one for one in said["statements"])
    assert stored(proof).sealed_sha256 is None


def test_a_file_that_is_kept_while_all_of_its_vendor_is_erased_opens_or_is_erased(
    cast: Cast,
) -> None:
    invitation, *_ = story(cast)
    again = stages.started(cast.vera, cast.oskar, only=small.ONLY)[1]
    made, new = small.at_once(
        lambda: all_erased(invitation.vendor_id, cast.oskar),
        lambda: stages.attach(again, small.PROVEN),
    )
    assert isinstance(made, str)
    assert isinstance(new, SealedFile)
    if stored(new).erased_at is None:
        assert read(new, again.assessment_id, cast) == stages.PDF
    else:
        assert new.blob not in blobs()


def test_many_files_take_no_more_statements_than_few_but_for_their_events(
    app: Flask, cast: Cast
) -> None:
    sent = []
    for many in (2, 9):
        invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)[1]
        for _ in range(many):
            stages.attach(invitation, small.PROVEN)
        with counted(app) as statements:
            all_erased(invitation.vendor_id, cast.oskar)
        sent.append([one for one in statements if "INSERT INTO event" not in one])
    assert len(sent[0]) == len(sent[1])


def test_a_second_press_places_no_second_hold(cast: Cast) -> None:
    invitation = small.submitted(cast)

    def press(reason: str) -> str:
        who = cast.oskar.id
        return place(invitation.vendor_id, None, reason=reason, person_id=who, now=NOW)

    assert press("Proceedings.") == press("Proceedings.") != press("Others.")
    assert len(holds(reading(), invitation.vendor_id)) == 2


@pytest.mark.parametrize("of_all", [True, False], ids=["vendor", "file"])
def test_what_is_held_is_not_erased_until_the_hold_is_lifted(cast: Cast, of_all: bool) -> None:
    invitation, proof, other = story(cast)
    what = None if of_all else proof.evidence_id
    held = place(invitation.vendor_id, what, reason="Case 4711", person_id=cast.olga.id, now=NOW)
    with small.trail() as events:
        attempts: list[Callable[[], str]] = [
            lambda: erased(invitation, proof, cast.oskar),
            lambda: all_erased(invitation.vendor_id, cast.oskar),
        ]
        for attempt in attempts:
            with pytest.raises(UnderHold) as refused:
                attempt()
            assert (refused.value.reason, refused.value.since) == ("Case 4711", NOW)
            assert refused.value.evidence_id == what
    assert events == []
    assert blobs() == {proof.blob, other.blob}
    if not of_all:
        erased(invitation, other, cast.oskar)
    with small.trail() as events:
        lift(invitation.vendor_id, held, reason="Settled", person_id=cast.oskar.id, now=NOW)
    assert events == [("hold:lift", held)]
    erased(invitation, proof, cast.oskar)
    (row,) = holds(reading(), invitation.vendor_id)
    assert (row.placed_by, row.lifted_by, row.lift_reason) == ("Olga", "Oskar", "Settled")
    with pytest.raises(HoldLifted):
        lift(invitation.vendor_id, held, reason="Again", person_id=cast.oskar.id, now=NOW)


def test_another_vendors_file_cannot_be_held_or_erased(cast: Cast) -> None:
    _, proof, _ = story(cast)
    stranger = cast.mallory.vendor_id
    with pytest.raises(NotFound):
        place(stranger, proof.evidence_id, reason="Why", person_id=cast.oskar.id, now=NOW)
    with pytest.raises(NotFound):
        erase_files(means(), "0" * 32, [(proof.evidence_id, 1)], wish(cast.oskar))
    with pytest.raises(NothingToErase):
        erase_files(means(), stranger, [(proof.evidence_id, 1)], wish(cast.oskar))
    assert blobs() >= {proof.blob}


def test_a_process_killed_before_unlinking_leaves_it_to_the_next_start(cast: Cast) -> None:
    invitation, proof, other = story(cast)
    with transaction() as session:
        known = (proof.evidence_id, 1)
        destroy(session, means(), invitation.vendor_id, {known: "0" * 64}, wish(cast.oskar))
    assert proof.blob in blobs(), "killed here: it lies there, and no key opens it"
    make_ready(current_app._get_current_object())  # type: ignore[attr-defined]  # Flask's own way
    assert blobs() == {other.blob}
    assert reading().scalars(sa.select(BlobRemoval)).all() == []


@pytest.mark.parametrize("left", ["files", "vendor key"])
@pytest.mark.parametrize("store", ["answers", "is down"])
def test_a_destroyed_key_is_in_neither_the_database_file_nor_its_log(
    cast: Cast, left: str, store: str
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps dead rows until VACUUM, as the operations page says")
    invitation, *files = story(cast)
    if left == "vendor key":
        for file in files:
            erased(invitation, file, cast.oskar)
    wrapped = set(reading().scalars(sa.select(WrappedKey.wrapped)))
    reading().rollback()
    assert [key for key in wrapped if any(key in content for content in database_files())]
    used = means() if store == "answers" else replace(means(), blobs=Down(ports().blobs))
    erase_vendor(used, invitation.vendor_id, wish(cast.oskar, Scope.VENDOR))
    assert not [key for key in wrapped if any(key in content for content in database_files())]


class Down(MemoryBlobs):
    """Gives what it has, and lets nothing go."""

    def __init__(self, blobs: BlobStore) -> None:
        super().__init__()
        self.settled = {name: b"".join(blobs.read(name)) for name in blobs.names()}

    def delete(self, name: str) -> None:
        raise StoreUnavailable(name)


def database_files() -> list[bytes]:
    name = db.engine.url.database
    assert name is not None
    path = Path(name)
    return [one.read_bytes() for one in path.parent.glob(f"{path.name}*")]
