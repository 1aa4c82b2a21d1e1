"""Files of vendors: keys below keys, and no wrong plaintext."""

import base64
import json

import pytest
import sqlalchemy as sa
from cryptography.cobblestone import Cobblestone256Decryptor
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding

from riskapp.core.crypto.file_keyring import FileKeyring
from riskapp.core.db import reading
from riskapp.evidence.errors import Damaged
from riskapp.evidence.models import WrappedKey
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
    for file in [*files, other]:
        assert all(file.key not in key.wrapped for key in keys)
        assert repr(file.key) not in repr(file)


def test_a_person_with_the_keys_and_the_specification_opens_a_file_without_riskapp(
    cast: Cast,
) -> None:
    """By what docs/operations.md says, and nothing that riskapp has written."""
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN, LONG)
    vendor, evidence = invitation.vendor_id, file.evidence_id
    rows = {row.subject: row for row in reading().scalars(sa.select(WrappedKey))}
    masters = json.loads((ports().settings.instance / "keyring.json").read_bytes())["keys"]
    top, below = rows[f"vendor:{vendor}"], rows[f"evidence:{evidence}"]
    master = base64.b64decode(masters[top.wrapping_key_id])
    vendor_key = aes_key_unwrap_with_padding(master, top.wrapped)
    key = aes_key_unwrap_with_padding(vendor_key, below.wrapped)
    bound = f'{{"evidence":"{evidence}","v":1,"vendor":"{vendor}","version":1}}'.encode()
    stored = ports().settings.instance / "evidence" / file.blob[:2] / file.blob
    cipher = Cobblestone256Decryptor(key, bound)
    assert cipher.update(stored.read_bytes()) + cipher.finalize() == LONG


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


def test_another_keyring_opens_nothing(
    cast: Cast, tmp_path_factory: pytest.TempPathFactory
) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    other = FileKeyring(tmp_path_factory.mktemp("other") / "keyring.json")
    with small.trail() as events, pytest.raises(Damaged) as refused:
        read(file, invitation.assessment_id, cast, other)
    assert refused.value.found.kind == "master-key-missing"
    assert events == [], "a keyring that is not there says nothing of files"
