"""Files of vendors: what is kept, replaced and dropped, where, and how much of it."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from riskapp.answers.service import Given
from riskapp.core.db import db, reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.evidence.errors import EvidenceClosed, QuotaExceeded
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.evidence.opening import open_file
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.removals import tidy, unlink_removed
from riskapp.evidence.service import Dates, checked_dates, keep, remove, room_left
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.evidence.files import blobs, place, read, subjects, uses

pytestmark = pytest.mark.usefixtures("in_app")


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


def test_what_was_committed_stands_though_the_database_goes_before_the_tidying_is_noted(
    cast: Cast,
) -> None:
    invitation = small.started(cast)
    stages.attach(invitation, small.PROVEN)
    remove(uses(invitation)[0], place(invitation), now=NOW)

    def fails(*asked: Any) -> None:
        if asked[2].startswith("DELETE FROM blob_removal"):
            raise OperationalError(asked[2], None, Exception("gone"))

    sa.event.listen(db.engine, "before_cursor_execute", fails)
    try:
        tidy(ports().blobs)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", fails)
    assert blobs() == set()
    assert unlink_removed(ports().blobs) == 1, "it is noted the next time"


def test_a_replaced_file_is_dropped_in_the_same_change(cast: Cast) -> None:
    invitation = small.started(cast)
    old = stages.attach(invitation, small.PROVEN)
    (use,) = uses(invitation)
    with small.trail() as events:
        new = stages.attach(invitation, small.PROVEN, replaces=use)
    assert events == [
        ("evidence:remove", f"{old.evidence_id}/1"),
        ("evidence:keep", f"{old.evidence_id}/2"),
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
    assert b"".join(opened.pieces()) == stages.PDF
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
