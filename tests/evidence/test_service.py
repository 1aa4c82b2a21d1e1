"""Files of vendors: keys below keys, what is kept and what is dropped, and no wrong plaintext."""

import secrets
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from riskapp.answers.service import Given
from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.crypto.keyring import MasterKeyMissing, UnwrapFailed
from riskapp.core.crypto.sealed import SealBroken
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.storage.port import BlobMissing
from riskapp.evidence.errors import EvidenceClosed, QuotaExceeded
from riskapp.evidence.models import Evidence, EvidenceUse, WrappedKey
from riskapp.evidence.queries import blob_known, by_question, of_assessment
from riskapp.evidence.removals import unlink_removed
from riskapp.evidence.service import (
    Dates,
    Place,
    SealedFile,
    checked_dates,
    keep,
    open_file,
    remove,
    room_left,
)
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock

pytestmark = pytest.mark.usefixtures("in_app")
LONG = secrets.token_bytes(70_000)  # several chunks of the sealed format


def place(invitation: OpenedInvitation, question_id: str = small.PROVEN) -> Place:
    return Place(invitation.assessment_id, invitation.vendor_id, invitation.id, question_id)


def read(
    file: SealedFile, assessment_id: str, cast: Cast, keyring: FileKeyring | None = None
) -> bytes:
    opened = open_file(
        file.evidence_id,
        file.version,
        assessment_id=assessment_id,
        blobs=ports().blobs,
        keyring=keyring or ports().keyring,
        actor=cast.oskar.actor,
        now=NOW,
    )
    return b"".join(opened.chunks)


def uses(invitation: OpenedInvitation, *, ended: bool = False) -> list[str]:
    reading().rollback()
    rows = of_assessment(reading(), invitation.assessment_id, with_ended=ended)
    return [row.use_id for row in rows]


def subjects() -> set[str]:
    reading().rollback()
    return set(reading().scalars(sa.select(WrappedKey.subject)))


def blobs() -> set[str]:
    return set(ports().blobs.names())


def test_what_was_sealed_is_opened_again_and_opening_is_an_event(cast: Cast) -> None:
    invitation = small.started(cast)
    with small.trail() as events:
        file = stages.attach(invitation, small.PROVEN, LONG, name="Zertifikat Müller.pdf")
    (row,) = of_assessment(reading(), invitation.assessment_id)
    assert [kind for kind, _ in events] == ["vendor-key:make", "evidence:keep"]
    assert "Müller" not in "".join(one.body for one in small.events())
    assert (row.name, row.size, row.level) == ("Zertifikat Müller.pdf", len(LONG), "provided")
    assert blob_known(reading(), row.blob)
    assert not blob_known(reading(), "0" * 32)
    with small.trail() as events:
        assert read(file, invitation.assessment_id, cast) == LONG
    assert events == [("evidence:open", f"{file.evidence_id}/1")]
    assert list(by_question([row])) == [small.PROVEN]


def test_a_vendor_has_one_key_and_each_file_one_under_it(cast: Cast) -> None:
    mine = small.started(cast)
    theirs = stages.started(cast.mallory, cast.oskar, only=small.ONLY)[1]
    files = [stages.attach(mine, small.PROVEN), stages.attach(mine, small.VITAL)]
    other = stages.attach(theirs, small.PROVEN)
    assert subjects() == {
        f"vendor:{cast.vera.vendor_id}",
        f"vendor:{cast.mallory.vendor_id}",
        *(f"evidence:{file.evidence_id}" for file in [*files, other]),
    }
    keys = reading().scalars(sa.select(WrappedKey)).all()
    vendor_key = {key.subject: key.id for key in keys if key.subject.startswith("vendor:")}
    for key in keys:
        below = {file.evidence_id: cast.vera for file in files} | {other.evidence_id: cast.mallory}
        if key.subject.startswith("evidence:"):
            owner = below[key.subject.removeprefix("evidence:")]
            assert key.wrapping_key_id == vendor_key[f"vendor:{owner.vendor_id}"]
        else:
            assert key.wrapping_key_id == ports().keyring.current
    plain = bytes(range(32))  # what `attach` seals with
    assert all(key.wrapped != plain and plain not in key.wrapped for key in keys)
    assert repr(plain) not in repr(other)


def test_two_first_files_of_a_vendor_at_once_on_two_assessments_make_one_key(cast: Cast) -> None:
    first, second = small.started(cast), small.started(cast)
    results = small.at_once(
        lambda: stages.attach(first, small.PROVEN), lambda: stages.attach(second, small.PROVEN)
    )
    assert all(isinstance(one, SealedFile) for one in results), results
    for file, invitation in zip(results, (first, second), strict=True):
        assert isinstance(file, SealedFile)
        assert read(file, invitation.assessment_id, cast) == stages.PDF
    assert len([one for one in subjects() if one.startswith("vendor:")]) == 1


def test_a_file_removed_before_submission_leaves_no_row_no_key_and_no_blob(cast: Cast) -> None:
    invitation = small.started(cast)
    kept = stages.attach(invitation, small.VITAL)
    file = stages.attach(invitation, small.PROVEN)
    assert blobs() == {kept.blob, file.blob}
    (use,) = [
        row.use_id
        for row in of_assessment(reading(), invitation.assessment_id)
        if row.evidence_id == file.evidence_id
    ]
    with small.trail() as events:
        remove(use, place(invitation), now=NOW)
    assert blobs() == {kept.blob, file.blob}, "a blob cannot be unlinked in a transaction"
    assert events == [("evidence:remove", f"{file.evidence_id}/1")]
    assert f"evidence:{file.evidence_id}" not in subjects()
    assert reading().get(Evidence, (file.evidence_id, 1)) is None
    assert reading().get(EvidenceUse, use) is None
    assert unlink_removed(ports().blobs) == 1
    assert blobs() == {kept.blob}
    with pytest.raises(NotFound):
        read(file, invitation.assessment_id, cast)
    with pytest.raises(NotFound):
        remove(use, place(invitation), now=NOW)
    assert read(kept, invitation.assessment_id, cast) == stages.PDF


def test_a_replaced_file_is_dropped_in_the_same_change(cast: Cast) -> None:
    invitation = small.started(cast)
    old = stages.attach(invitation, small.PROVEN)
    (use,) = uses(invitation)
    with small.trail() as events:
        new = stages.attach(invitation, small.PROVEN, replaces=use)
    assert events == [
        ("evidence:remove", f"{old.evidence_id}/1"),
        ("evidence:keep", f"{new.evidence_id}/1"),
    ]
    assert blobs() == {new.blob}
    assert len(uses(invitation, ended=True)) == 1


def returned(cast: Cast, clock: StoppedClock, *ids: str) -> OpenedInvitation:
    invitation = small.submitted(cast)
    clock.pass_by(days=1)
    by = stages.reviewer(cast.oskar)
    for question_id in ids:
        review_answer(invitation.assessment_id, question_id, Action.ASK_BACK, by, note="Why?")
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
    clock.pass_by(days=1)
    return invitation


def test_a_submitted_file_that_is_removed_later_stays_readable_in_history(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.PROVEN)
    (row,) = of_assessment(reading(), invitation.assessment_id)
    assert row.submitted
    with small.trail() as events:
        remove(row.use_id, place(invitation), now=NOW)
    assert unlink_removed(ports().blobs) == 0
    assert events == [("evidence:remove", f"{row.evidence_id}/1")]
    assert uses(invitation) == []
    assert uses(invitation, ended=True) == [row.use_id]
    assert blobs() == {row.blob}
    opened = open_file(
        row.evidence_id,
        row.version,
        assessment_id=invitation.assessment_id,
        blobs=ports().blobs,
        keyring=ports().keyring,
        actor=cast.oskar.actor,
        now=NOW,
    )
    assert b"".join(opened.chunks) == stages.PDF
    fresh = stages.attach(invitation, small.PROVEN)
    (use,) = uses(invitation)
    remove(use, place(invitation), now=NOW)
    assert unlink_removed(ports().blobs) == 1
    assert blobs() == {row.blob}
    assert fresh.blob != row.blob


def test_after_a_return_files_change_only_where_it_was_asked_back_or_came_up(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.CONTROL)
    with pytest.raises(EvidenceClosed) as closed:
        stages.attach(invitation, small.PROVEN)
    assert closed.value.question_id == small.PROVEN
    (use,) = uses(invitation)
    with pytest.raises(EvidenceClosed):
        remove(use, place(invitation), now=NOW)
    stages.attach(invitation, small.CONTROL)


def test_proof_on_a_question_that_came_up_after_the_return_is_taken_before_and_after_it_is_answered(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast, SML_05=Given("none"))
    by = stages.reviewer(cast.oskar)
    review_answer(invitation.assessment_id, small.CONTROL, Action.ASK_BACK, by, note="Sure?")
    clock.pass_by(days=1)
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), stages.reviewer(cast.oskar))
    clock.pass_by(days=1)
    small.say(invitation, small.CONTROL, "all", base=1)
    stages.attach(invitation, small.CHILD)
    small.say(invitation, small.CHILD, "yes")
    stages.attach(invitation, small.CHILD)
    assert len(uses(invitation)) == 3


def test_a_file_of_another_assessment_or_question_is_not_found(cast: Cast) -> None:
    mine, sibling = small.started(cast), small.started(cast)
    theirs = stages.started(cast.mallory, cast.oskar, only=small.ONLY)[1]
    file = stages.attach(mine, small.PROVEN)
    (use,) = uses(mine)
    with small.trail() as events:
        for other in (sibling, theirs):
            with pytest.raises(NotFound):
                read(file, other.assessment_id, cast)
            with pytest.raises(NotFound):
                remove(use, place(other), now=NOW)
            with pytest.raises(NotFound):
                stages.attach(other, small.PROVEN, replaces=use)
        with pytest.raises(NotFound):
            remove(use, place(mine, small.VITAL), now=NOW)
    assert events == []
    assert read(file, mine.assessment_id, cast) == stages.PDF


def change_row(file: SealedFile, **fields: object) -> None:
    with transaction() as session:
        session.execute(sa.update(Evidence).where(Evidence.id == file.evidence_id).values(**fields))


def change_key(subject: str, **fields: object) -> None:
    with transaction() as session:
        session.execute(sa.update(WrappedKey).where(WrappedKey.subject == subject).values(**fields))


def swap_blobs(one: SealedFile, other: SealedFile) -> None:
    change_row(one, blob="0" * 32)
    change_row(other, blob=one.blob)
    change_row(one, blob=other.blob)


def swap_keys(one: SealedFile, other: SealedFile) -> None:
    wrapped = {row.subject: row.wrapped for row in reading().scalars(sa.select(WrappedKey)).all()}
    change_key(f"evidence:{one.evidence_id}", wrapped=wrapped[f"evidence:{other.evidence_id}"])


def swap_vendor(one: SealedFile, other: SealedFile) -> None:
    theirs = reading().scalar(sa.select(Evidence.vendor_id).where(Evidence.id == other.evidence_id))
    change_row(one, vendor_id=theirs)


def break_key(one: SealedFile, _other: SealedFile) -> None:
    change_key(f"evidence:{one.evidence_id}", wrapped=secrets.token_bytes(40))


def lose_blob(one: SealedFile, _other: SealedFile) -> None:
    ports().blobs.delete(one.blob)


def lose_key(one: SealedFile, _other: SealedFile) -> None:
    with transaction() as session:
        session.execute(
            sa.delete(WrappedKey).where(WrappedKey.subject == f"evidence:{one.evidence_id}")
        )


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (swap_blobs, SealBroken),
        (swap_keys, UnwrapFailed),
        (swap_vendor, UnwrapFailed),
        (break_key, UnwrapFailed),
        (lose_blob, BlobMissing),
        (lose_key, NotFound),
    ],
)
def test_what_was_swapped_or_lost_is_found_out_before_it_is_served(
    cast: Cast, tamper: Callable[[SealedFile, SealedFile], None], fault: type[Exception]
) -> None:
    mine = small.started(cast)
    theirs = stages.started(cast.mallory, cast.oskar, only=small.ONLY)[1]
    file = stages.attach(mine, small.PROVEN, LONG)
    other = stages.attach(theirs, small.PROVEN, LONG[::-1])
    tamper(file, other)
    with pytest.raises(fault):
        read(file, mine.assessment_id, cast)


def test_a_file_whose_blob_changed_by_one_byte_or_was_cut_is_never_whole(cast: Cast) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN, LONG)
    sealed = b"".join(ports().blobs.read(file.blob))
    for wrong in (sealed[:-1], sealed[:56], sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed + b"x"):
        name = secrets.token_hex(16)
        with ports().blobs.create(name) as writer:
            writer.write(wrong)
            writer.finish()
            writer.settle()
        change_row(file, blob=name)
        with pytest.raises(SealBroken):
            read(file, invitation.assessment_id, cast)


def test_another_keyring_opens_nothing(
    cast: Cast, tmp_path_factory: pytest.TempPathFactory
) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    other = FileKeyring(tmp_path_factory.mktemp("other") / "keyring.json")
    with pytest.raises(MasterKeyMissing):
        read(file, invitation.assessment_id, cast, other)


def test_nothing_is_kept_where_keeping_fails(cast: Cast) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    with small.trail() as events, pytest.raises(sa.exc.IntegrityError):
        keep(
            file,
            Dates(date(2026, 1, 1), None),
            place(invitation),
            replaces=None,
            quota=1_000_000,
            keyring=ports().keyring,
            now=NOW,
        )
    assert events == []
    assert len(uses(invitation)) == 1


@pytest.mark.parametrize(
    ("issued_on", "valid_until", "field"),
    [
        (None, None, "issued_on"),
        (date(2026, 11, 24), None, "issued_on"),
        (date(2026, 11, 23), date(2026, 11, 22), "valid_until"),
    ],
)
def test_dates_that_cannot_be_are_refused_by_field(
    issued_on: date | None, valid_until: date | None, field: str
) -> None:
    with pytest.raises(FieldRefused) as refused:
        checked_dates(issued_on, valid_until, today=NOW.date())
    assert refused.value.field == field
    assert checked_dates(NOW.date(), NOW.date(), today=NOW.date()) == Dates(NOW.date(), NOW.date())


def test_a_vendor_has_so_much_room_over_all_its_assessments_and_no_other_vendors(
    cast: Cast,
) -> None:
    first, second = small.started(cast), small.started(cast)
    stages.attach(first, small.PROVEN, b"x" * 600)
    stages.attach(second, small.PROVEN, b"x" * 300)
    assert room_left(reading(), cast.vera.vendor_id, 1000) == 100
    assert room_left(reading(), cast.mallory.vendor_id, 1000) == 1000
    with pytest.raises(QuotaExceeded) as exceeded:
        room_left(reading(), cast.vera.vendor_id, 900)
    assert (exceeded.value.used, exceeded.value.quota) == (900, 900)


def test_two_uploads_that_end_at_once_do_not_share_the_room_of_one(cast: Cast) -> None:
    """Both were let in before their bodies were read; the second to end finds the room taken."""
    invitation = small.started(cast)
    stages.attach(invitation, small.PROVEN, quota=len(stages.PDF) + 1)
    with pytest.raises(QuotaExceeded) as refused:
        stages.attach(invitation, small.PROVEN, quota=len(stages.PDF) + 1)
    assert refused.value.used == len(stages.PDF)
    assert len(uses(invitation)) == 1
