"""The life of a file: versions, other answers and cycles that it serves, and its end."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.custody.erasing import destroy
from riskapp.evidence.again import offers, use_again
from riskapp.evidence.errors import EvidenceClosed, QuotaExceeded, Superseded
from riskapp.evidence.models import Evidence, LegalHold
from riskapp.evidence.queries import EvidenceRow, by_question, of_assessment
from riskapp.evidence.rules import SOON, Standing, validity
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import remove, room_left, seat
from riskapp.invites.queries import OpenedInvitation
from riskapp.invites.service import revoke
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, review_evidence, send_back
from riskapp.scoring.users import hold_users
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.custody.erasing import erased, means, wish
from tests.evidence.files import blobs, place, read, subjects, uses

pytestmark = pytest.mark.usefixtures("in_app")


def files(invitation: OpenedInvitation) -> dict[str, list[EvidenceRow]]:
    reading().rollback()
    return by_question(of_assessment(reading(), invitation.assessment_id))


def lying(invitation: OpenedInvitation, question_id: str) -> list[tuple[str, int]]:
    return [(one.evidence_id, one.version) for one in files(invitation).get(question_id, [])]


def offered(invitation: OpenedInvitation, question_id: str) -> list[str]:
    reading().rollback()
    return [one.ref for one in offers(reading(), invitation.assessment_id, question_id)]


def use_on(invitation: OpenedInvitation, question_id: str, *refs: str) -> int:
    return use_again(refs, place(invitation, question_id), now=NOW)


def returned(
    cast: Cast, clock: StoppedClock, invitation: OpenedInvitation, *ids: str
) -> OpenedInvitation:
    """These questions are asked back and with the vendor again."""
    clock.pass_by(hours=1)
    by = stages.reviewer(cast.oskar)
    for question_id in ids:
        review_answer(invitation.assessment_id, question_id, Action.ASK_BACK, by, note="Why?")
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), by)
    clock.pass_by(hours=1)
    return invitation


def change(evidence_id: str, **values: object) -> None:
    with transaction() as session:
        session.execute(sa.update(Evidence).where(Evidence.id == evidence_id).values(**values))


def hold(vendor_id: str, evidence_id: str | None, by: str) -> None:
    with transaction() as session:
        session.add(
            LegalHold(
                id=new_id(),
                vendor_id=vendor_id,
                evidence_id=evidence_id,
                reason="A court wants it.",
                placed_by=by,
                placed_at=NOW,
                lifted_by=None,
                lifted_at=None,
            )
        )


def test_what_was_submitted_and_is_replaced_stays_as_the_version_before(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.submitted(cast), small.PROVEN)
    (old,) = files(invitation)[small.PROVEN]
    new = stages.attach(invitation, small.PROVEN, b"%PDF-1.7 new", replaces=old.use_id)
    assert (new.evidence_id, new.version) == (old.evidence_id, 2)
    assert lying(invitation, small.PROVEN) == [(old.evidence_id, 2)]
    assert len(uses(invitation, ended=True)) == 2
    assert read(new, invitation.assessment_id, cast) == b"%PDF-1.7 new"
    assert blobs() == {old.blob, new.blob}


def test_a_replaced_file_is_replaced_on_every_answer_of_the_assessment_that_is_open(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.started(cast)
    stages.answer_all(invitation)
    old = stages.attach(invitation, small.PROVEN)
    use_on(invitation, small.VITAL, f"{old.evidence_id}/1")
    use_on(invitation, small.CONTROL, f"{old.evidence_id}/1")
    stages.send_in(invitation)
    returned(cast, clock, invitation, small.VITAL, small.CONTROL)
    (replaced,) = files(invitation)[small.VITAL]
    with small.trail() as events:
        stages.attach(invitation, small.VITAL, replaces=replaced.use_id)
    assert lying(invitation, small.VITAL) == [(old.evidence_id, 2)]
    assert lying(invitation, small.CONTROL) == [(old.evidence_id, 2)]
    assert lying(invitation, small.PROVEN) == [(old.evidence_id, 1)], "it was sent in there"
    assert events == [
        ("evidence:remove", f"{old.evidence_id}/1"),
        ("evidence:remove", f"{old.evidence_id}/1"),
        ("evidence:keep", f"{old.evidence_id}/2"),
        ("evidence:use", f"{old.evidence_id}/2"),
    ]


def test_of_two_who_replace_at_once_the_second_is_refused_and_nothing_of_it_is_kept(
    cast: Cast,
) -> None:
    invitation = small.started(cast)
    old = stages.attach(invitation, small.PROVEN)
    (use,) = uses(invitation)

    def replace() -> object:
        return stages.attach(invitation, small.PROVEN, replaces=use)

    done = small.at_once(replace, replace)
    assert sorted(type(one).__name__ for one in done) == ["SealedFile", "Superseded"]
    assert lying(invitation, small.PROVEN) == [(old.evidence_id, 2)]
    assert subjects() & {f"evidence:{old.evidence_id}"}
    assert reading().scalar(sa.select(sa.func.count()).select_from(Evidence)) == 1


def test_what_is_replaced_must_be_there_and_on_this_question(cast: Cast) -> None:
    invitation = small.started(cast)
    stages.attach(invitation, small.PROVEN)
    (use,) = uses(invitation)
    with pytest.raises(NotFound):
        seat(reading(), place(invitation, small.VITAL), use)
    remove(use, place(invitation), now=NOW)
    with pytest.raises(Superseded):
        seat(reading(), place(invitation), use)


def test_a_versions_number_is_given_once_though_its_draft_was_destroyed(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.submitted(cast), small.VITAL)
    (old,) = files(invitation)[small.PROVEN]
    use_on(invitation, small.VITAL, f"{old.evidence_id}/1")
    (use,) = files(invitation)[small.VITAL]
    assert stages.attach(invitation, small.VITAL, replaces=use.use_id).version == 2
    (draft,) = files(invitation)[small.VITAL]
    remove(draft.use_id, place(invitation, small.VITAL), now=NOW)
    use_on(invitation, small.VITAL, f"{old.evidence_id}/1")
    (again,) = files(invitation)[small.VITAL]
    assert seat(reading(), place(invitation, small.VITAL), again.use_id).version == 3


@pytest.mark.parametrize("whole", [True, False])
def test_under_a_legal_hold_a_draft_that_is_taken_off_is_not_destroyed(
    cast: Cast, whole: bool
) -> None:
    invitation = small.started(cast)
    file, free = stages.attach(invitation, small.PROVEN), stages.attach(invitation, small.VITAL)
    hold(cast.vera.vendor_id, None if whole else file.evidence_id, cast.oskar.id)
    for question_id in (small.PROVEN, small.VITAL):
        (one,) = files(invitation)[question_id]
        remove(one.use_id, place(invitation, question_id), now=NOW)
    kept = {file.blob, free.blob} if whole else {file.blob}
    reading().rollback()
    assert set(reading().scalars(sa.select(Evidence.blob))) == kept
    assert uses(invitation, ended=True) == [], "it was never submitted: nobody reads it"


@pytest.mark.parametrize("replacing", [True, False])
def test_the_row_of_an_erased_draft_stays_when_the_vendor_takes_it_off(
    cast: Cast, replacing: bool
) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    erased(invitation, file, cast.oskar)
    (use_id,) = uses(invitation)
    if replacing:
        stages.attach(invitation, small.PROVEN, replaces=use_id)
    else:
        remove(use_id, place(invitation), now=NOW)
    assert lying(invitation, small.PROVEN) == ([(file.evidence_id, 2)] if replacing else [])
    row = reading().get_one(Evidence, (file.evidence_id, 1))
    assert row.erased_at == NOW


def test_a_file_that_is_being_erased_is_not_put_on_another_answer(cast: Cast) -> None:
    first = small.submitted(cast)
    ((name, version),) = lying(first, small.PROVEN)
    second = small.started(cast)
    held, asked = threading.Event(), threading.Event()

    def erase() -> None:
        with transaction() as session:
            hold_users(session, [(name, version)])
            held.set()
            asked.wait(0.3)  # so long the other one has to look at what is there
            destroy(session, means(), first.vendor_id, {(name, version): None}, wish(cast.oskar))

    def use() -> int:
        held.wait(10)
        try:
            return use_on(second, small.PROVEN, f"{name}/{version}")
        finally:
            asked.set()

    _, used = small.at_once(erase, use)
    assert isinstance(used, NotFound)
    assert uses(second) == []


def test_a_link_that_is_revoked_while_a_file_comes_in_brings_nothing(cast: Cast) -> None:
    invitation = small.started(cast)
    revoke(invitation.id, assessment_id=invitation.assessment_id, actor=cast.oskar.actor, now=NOW)
    with pytest.raises(NotFound):
        stages.attach(invitation, small.PROVEN)
    assert subjects() == set()
    assert uses(invitation) == []


def test_a_file_serves_other_answers_and_later_cycles_without_a_second_blob(
    cast: Cast, clock: StoppedClock
) -> None:
    first = small.submitted(cast)
    (file,) = files(first)[small.PROVEN]
    clock.pass_by(days=1)
    later = small.started(cast)
    ref = f"{file.evidence_id}/1"
    assert offered(later, small.PROVEN) == [ref]
    room = room_left(reading(), cast.vera.vendor_id, 1000)
    with small.trail() as events:
        assert use_on(later, small.PROVEN, ref) == 1
        assert use_on(later, small.VITAL, ref) == 1
        assert use_on(later, small.VITAL, ref) == 0, "a second press of the button"
    assert events == [("evidence:use", ref)] * 2
    assert blobs() == {file.blob}
    assert room_left(reading(), cast.vera.vendor_id, 1000) == room
    assert [one.level for one in files(later)[small.PROVEN]] == ["provided"]
    (use,) = files(later)[small.PROVEN]
    remove(use.use_id, place(later), now=NOW)
    assert blobs() == {file.blob}, "it still serves two answers"


def test_of_each_file_the_newest_version_is_offered_where_it_does_not_lie_already(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.submitted(cast), small.PROVEN)
    (old,) = files(invitation)[small.PROVEN]
    stages.attach(invitation, small.PROVEN, replaces=old.use_id)
    stages.send_in(invitation)
    later = small.started(cast)
    assert offered(later, small.PROVEN) == [f"{old.evidence_id}/2"]
    clock.pass_by(hours=1)
    draft = stages.attach(later, small.VITAL)
    assert offered(later, small.PROVEN) == [f"{draft.evidence_id}/1", f"{old.evidence_id}/2"]
    assert offered(later, small.VITAL) == [f"{old.evidence_id}/2"]
    assert offered(invitation, small.VITAL) == [f"{old.evidence_id}/2"], "no draft of a later one"


@pytest.mark.parametrize(
    "values",
    [
        {"erased_at": NOW},
        {"scan": Scan.INFECTED},
        {"damage": "missing"},
    ],
)
def test_what_nobody_can_open_any_more_is_not_offered(
    cast: Cast, values: dict[str, object]
) -> None:
    first, later = small.submitted(cast), small.started(cast)
    (file,) = files(first)[small.PROVEN]
    assert offered(later, small.PROVEN)
    change(file.evidence_id, **values)
    assert offered(later, small.PROVEN) == []
    with pytest.raises(NotFound):
        use_on(later, small.PROVEN, f"{file.evidence_id}/1")


def test_a_file_that_was_rejected_wherever_it_was_used_is_not_offered(cast: Cast) -> None:
    first = small.submitted(cast)
    (file,) = files(first)[small.PROVEN]
    review_evidence(
        first.assessment_id,
        file.use_id,
        Action.EVIDENCE_REJECTED,
        stages.reviewer(cast.oskar),
        issued_on=None,
        valid_until=None,
        note="Of another company.",
    )
    assert offered(small.started(cast), small.PROVEN) == []


def test_files_of_another_engagement_or_vendor_are_not_there(cast: Cast) -> None:
    mine = small.submitted(cast)
    theirs = stages.started(cast.mallory, cast.oskar, only=small.ONLY)[1]
    (file,) = files(mine)[small.PROVEN]
    assert offered(theirs, small.PROVEN) == []
    with small.trail() as events, pytest.raises(NotFound):
        use_on(theirs, small.PROVEN, f"{file.evidence_id}/1")
    assert events == []


def test_a_file_is_used_again_only_where_the_vendor_may_change_files(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = returned(cast, clock, small.submitted(cast), small.VITAL)
    (file,) = files(invitation)[small.PROVEN]
    ref = f"{file.evidence_id}/1"
    with pytest.raises(EvidenceClosed):
        use_on(invitation, small.CONTROL, ref)
    with pytest.raises(FieldRefused):
        use_on(invitation, small.VITAL)
    assert use_on(invitation, small.VITAL, ref) == 1


def test_one_of_several_that_is_not_offered_puts_none_on(cast: Cast) -> None:
    invitation = small.started(cast)
    file = stages.attach(invitation, small.PROVEN)
    with small.trail() as events, pytest.raises(NotFound):
        use_on(invitation, small.VITAL, f"{file.evidence_id}/1", f"{file.evidence_id}/2")
    assert events == []


def test_the_room_of_a_replaced_draft_is_free_for_what_takes_its_place(cast: Cast) -> None:
    invitation = small.started(cast)
    stages.attach(invitation, small.PROVEN, b"x" * 600)
    (use,) = uses(invitation)
    stages.attach(invitation, small.PROVEN, b"y" * 900, replaces=use, quota=1000)
    with pytest.raises(QuotaExceeded):
        stages.attach(invitation, small.VITAL, b"z" * 101, quota=1000)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-400, 400))
def test_a_file_is_good_through_its_last_day_and_ends_soon_for_sixty_days_before(
    today: date, left: int
) -> None:
    found = validity(today + timedelta(days=left), today)
    assert found.expired == (left < 0)
    assert found.soon == (0 <= left <= SOON.days)
    assert found.days == abs(left)
    assert validity(None, today).standing is Standing.UNLIMITED
