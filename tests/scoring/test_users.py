"""Scoring whoever uses a file again: by what was sent in, and with the files as they are now."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from riskapp.assessments.models import Assessment
from riskapp.assessments.service import cancel
from riskapp.audit.service import CLOCK
from riskapp.core.db import reading, transaction
from riskapp.evidence.again import use_again
from riskapp.evidence.models import Evidence
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import remove
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.scoring.build import build_basis
from riskapp.scoring.queries import basis, receipts
from riskapp.scoring.service import case_of
from riskapp.scoring.users import Version, hold_users, score_users
from riskapp.vendors.models import Engagement
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.evidence.files import place
from tests.small import app

__all__ = ["app"]
pytestmark = pytest.mark.usefixtures("in_app")

CAUSE = "A file was changed"


def version(invitation: OpenedInvitation) -> Version:
    reading().rollback()
    file = of_assessment(reading(), invitation.assessment_id)[0]
    return file.evidence_id, file.version


def change(file: Version, **values: Any) -> list[str]:
    """Changes a file and scores whoever uses it."""
    with transaction() as session:
        hold_users(session, [file])
        session.execute(sa.update(Evidence).where(Evidence.id == file[0]).values(**values))
        now = ports().clock.now()
        return score_users(session, [file], cause=CAUSE, actor=CLOCK, now=now)


def causes(invitation: OpenedInvitation) -> list[str]:
    reading().rollback()
    return [row.cause for row in reversed(receipts(reading(), invitation.assessment_id))]


def two_cycles(cast: Cast) -> tuple[OpenedInvitation, OpenedInvitation]:
    """Two submitted assessments that rest on the same file."""
    first = small.submitted(cast)
    second = small.started(cast)
    stages.answer_all(second)
    ref = "{}/{}".format(*version(first))
    use_again([ref], place(second), now=NOW)
    stages.send_in(second)
    return first, second


EXPIRED = date(2026, 11, 1)


@pytest.mark.parametrize(
    "values",
    [
        {"valid_until": EXPIRED},
        {"scan": Scan.QUARANTINED},
        {"erased_at": NOW},
    ],
)
def test_every_submitted_assessment_moves_as_if_it_were_scored_whole(
    cast: Cast, values: dict[str, Any]
) -> None:
    both = two_cycles(cast)
    draft = small.started(cast)
    use_again(["{}/{}".format(*version(both[0]))], place(draft), now=NOW)
    moved = change(version(both[0]), **values)
    assert moved == sorted(one.assessment_id for one in both)
    assert causes(draft) == []
    for one in both:
        assert causes(one) == ["Submission 1", CAUSE]
        with transaction() as session:
            row = hold_users(session, [], besides=[one.assessment_id])[0]
            whole = build_basis(case_of(session, ports().library, row))
            assert basis(session, one.assessment_id) == whole


def test_what_changes_nothing_leaves_no_receipt(cast: Cast) -> None:
    first, _ = two_cycles(cast)
    assert change(version(first), name="other.pdf") == []
    assert causes(first) == ["Submission 1"]


def test_whoever_calls_scores_the_rest_itself(cast: Cast) -> None:
    first, second = two_cycles(cast)
    with transaction() as session:
        session.execute(sa.update(Evidence).values(valid_until=EXPIRED))
        moved = score_users(
            session,
            [version(first)],
            cause=CAUSE,
            actor=CLOCK,
            now=NOW,
            besides=[first.assessment_id],
        )
    assert moved == [second.assessment_id]


def test_a_vendor_that_is_changing_its_answers_is_scored_by_what_it_sent_in(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    file = version(invitation)
    by = stages.reviewer(cast.oskar)
    for question_id in (small.PROVEN, small.VITAL):
        review_answer(invitation.assessment_id, question_id, Action.ASK_BACK, by, note="Why?")
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
    clock.pass_by(hours=1)
    small.say(invitation, small.VITAL, "no", base=1)
    before = basis(reading(), invitation.assessment_id)
    (use,) = of_assessment(reading(), invitation.assessment_id)
    remove(use.use_id, place(invitation), now=clock.now())
    assert change(file, name="other.pdf") == []
    assert change(file, valid_until=EXPIRED) == [invitation.assessment_id]
    reading().rollback()
    after = basis(reading(), invitation.assessment_id)
    assert before is not None
    assert after is not None
    was, became = ({item.id: item for item in one.items} for one in (before, after))
    assert was.pop(small.PROVEN).files[0].valid_until is None
    assert became.pop(small.PROVEN).files[0].valid_until == EXPIRED
    assert was == became


def test_what_was_cancelled_is_not_scored_again_and_does_not_come_to_count(cast: Cast) -> None:
    first, second = two_cycles(cast)
    cancel(second.assessment_id, "Sent twice.", actor=cast.oskar.actor, now=NOW)
    assert change(version(first), valid_until=EXPIRED) == [first.assessment_id]
    reading().rollback()
    bought = reading().get_one(Engagement, cast.vera.engagement_id)
    assert bought.scored_by == first.assessment_id


def test_what_the_rules_of_retention_erased_is_not_scored_again(cast: Cast) -> None:
    first, second = two_cycles(cast)
    with transaction() as session:
        session.get_one(Assessment, first.assessment_id).erased_at = NOW
    assert change(version(second), valid_until=EXPIRED) == [second.assessment_id]
