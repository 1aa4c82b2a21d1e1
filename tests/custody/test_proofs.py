"""After an erasure every proof that was given before still holds."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from riskapp.core.db import reading
from riskapp.evidence.again import use_again
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.packs.shipped.verify import differences, problems
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_evidence
from riskapp.scoring.queries import receipt_documents
from riskapp.submissions.queries import submissions
from tests import small, stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody.erasing import REASON, all_erased, erased
from tests.evidence.files import place
from tests.packs.stories import Unpacked, exported, unpack

pytestmark = pytest.mark.usefixtures("in_app")


def decided(invitation: OpenedInvitation, cast: Cast) -> None:
    stages.confirm_empty(invitation, cast.oskar)
    reasons = "Sound throughout."
    decide(invitation.assessment_id, Outcome.APPROVE, stages.reviewer(cast.oskar), reasons=reasons)


def two_cycles(
    cast: Cast, clock: StoppedClock
) -> tuple[OpenedInvitation, OpenedInvitation, SealedFile]:
    """A certificate of the first cycle proves two answers of the second; its days change there."""
    first = small.started(cast)
    stages.answer_all(first)
    proof = stages.attach(first, small.PROVEN)
    stages.send_in(first)
    decided(first, cast)
    clock.pass_by(days=3)
    later = small.started(cast)
    stages.answer_all(later)
    ref = f"{proof.evidence_id}/{proof.version}"
    for question in (small.PROVEN, small.VITAL):
        use_again([ref], place(later, question), now=clock.time)
    stages.send_in(later)
    use = of_assessment(reading(), later.assessment_id)[0]
    reading().rollback()
    review_evidence(
        later.assessment_id,
        use.use_id,
        Action.EVIDENCE_INDEPENDENT,
        stages.reviewer(cast.oskar),
        issued_on=date(2026, 9, 1),
        valid_until=date(2027, 9, 1),
    )
    decided(later, cast)
    return first, later, proof


def packed(invitation: OpenedInvitation, cast: Cast, into: Path) -> Unpacked:
    reading().rollback()
    return unpack(b"".join(exported(invitation.assessment_id, cast.oskar).chunks), into)


def test_packs_of_all_cycles_that_a_file_serves_verify_before_and_after_its_erasure(
    cast: Cast, clock: StoppedClock, tmp_path: Path
) -> None:
    first, later, proof = two_cycles(cast, clock)
    for name, one in (("first", first), ("later", later)):
        assert problems(packed(one, cast, tmp_path / name).folder) == []
    clock.pass_by(days=1)
    erased(later, proof, cast.oskar)
    for name, one in (("first-after", first), ("later-after", later)):
        bag = packed(one, cast, tmp_path / name)
        assert problems(bag.folder) == []
        left = json.loads((bag / "data/assessment.json").read_bytes())["pack"]["left_out"]
        (gone,) = [one for one in left if one.get("evidence")]
        day = "27 November 2026"
        assert gone["why"] == f"It was erased on {day}, its key destroyed. Reason: {REASON}"
        assert not [path for path in bag.names() if path.startswith("data/evidence/")]


def test_acknowledgements_and_receipts_are_the_bytes_that_they_were(
    cast: Cast, clock: StoppedClock
) -> None:
    first, later, _ = two_cycles(cast, clock)
    both = (first.assessment_id, later.assessment_id)
    reading().rollback()
    before = {one: list(receipt_documents(reading(), one)) for one in both}
    acknowledged = {one: submissions(reading(), one) for one in both}
    all_erased(first.vendor_id, cast.oskar)
    reading().rollback()
    for one in both:
        after = list(receipt_documents(reading(), one))
        assert after[: len(before[one])] == before[one]
        assert len(after) == len(before[one]) + 1, "it was scored again, beside what was"
        for _, text in after:
            assert list(differences(json.loads(text))) == []
        assert submissions(reading(), one) == acknowledged[one]
        for given in acknowledged[one]:
            assert hashlib.sha256(given.acknowledgement.encode()).hexdigest() == given.sha256
