"""Files of vendors: keys below keys, and no wrong plaintext."""

import secrets
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.crypto.keyring import MasterKeyMissing, UnwrapFailed
from riskapp.core.crypto.sealed import SealBroken
from riskapp.core.db import reading, transaction
from riskapp.core.errors import NotFound
from riskapp.core.storage.port import BlobMissing
from riskapp.evidence.models import Evidence, WrappedKey
from riskapp.evidence.queries import blob_known, by_question, of_assessment
from riskapp.evidence.service import SealedFile
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.evidence.files import LONG, read, subjects

pytestmark = pytest.mark.usefixtures("in_app")


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
    assert events == [("evidence:download", f"{file.evidence_id}/1")]
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
