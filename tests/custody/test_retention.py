"""Records that are kept no longer: what is erased, what stays, and what nothing may erase."""

import json

import pytest
import sqlalchemy as sa

from riskapp.accounts.models import SignInSession
from riskapp.answers.models import Answer, AnswerRevision
from riskapp.core.db import db, reading
from riskapp.core.storage.port import BlobMissing
from riskapp.custody.holds import lift, place
from riskapp.custody.models import AssessmentErasure
from riskapp.custody.rules import RecordClass
from riskapp.evidence.models import Erasure, Evidence, EvidenceUse
from riskapp.invites.models import Invitation, RespondentSession
from riskapp.invites.queries import by_token
from riskapp.packs.models import PackExport
from riskapp.packs.service import PackWish, prepare
from riskapp.reviews.models import Decision, ReviewEntry
from riskapp.scoring.models import StoredBasis, StoredReceipt
from riskapp.submissions.models import Submission
from riskapp.vendors.service import end_engagement, resume_engagement
from riskapp.web.packing import parts
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody.retaining import (
    cancelled_draft,
    decided,
    erased,
    keep_for,
    rows,
    running,
    today,
    tomorrow,
)

pytestmark = pytest.mark.usefixtures("in_app")

ANSWERS, DRAFTS, EVIDENCE = RecordClass.ANSWERS, RecordClass.DRAFTS, RecordClass.EVIDENCE
LINKS, LOGS = RecordClass.LINKS, RecordClass.LOGS
GONE = (Answer, AnswerRevision, Submission, StoredReceipt, StoredBasis, ReviewEntry)


def file_of(assessment_id: str) -> Evidence:
    reading().rollback()
    return (
        reading()
        .scalars(
            sa.select(Evidence)
            .join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
            .where(EvidenceUse.assessment_id == assessment_id)
        )
        .one()
    )


def test_without_a_rule_everything_is_kept(cast: Cast, clock: StoppedClock) -> None:
    decided(cast)
    cancelled_draft(cast, cast.mallory)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=9999)
    assert erased() == []


def test_a_cycle_is_erased_once_a_later_one_is_decided_and_its_days_are_over(
    cast: Cast, clock: StoppedClock
) -> None:
    first = decided(cast)
    keep_for(30, ANSWERS, by=cast)
    clock.pass_by(days=400)
    assert erased() == []  # the engagement stands on it
    second = decided(cast)
    clock.pass_by(days=30)
    assert erased() == []
    clock.pass_by(days=1)
    with small.trail() as trail:
        assert erased() == [("answers", first.assessment_id)]
    assert trail == [("assessment:erase", first.assessment_id)]
    for table in GONE:
        assert rows(table, assessment_id=first.assessment_id) == 0, table
        assert rows(table, assessment_id=second.assessment_id) or table is ReviewEntry
    assert rows(Decision, assessment_id=first.assessment_id) == 1
    left = small.row(first)
    assert left.erased_at == clock.now()
    assert (left.tier, left.outcome) != (None, None)
    assert file_of(first.assessment_id).erased_at is None  # files are a rule of their own
    assert erased() == []


def test_the_event_tells_the_rule_and_nothing_of_the_answers(
    cast: Cast, clock: StoppedClock
) -> None:
    one = decided(cast)
    keep_for(30, ANSWERS, by=cast)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=31)
    revisions = rows(AnswerRevision, assessment_id=one.assessment_id)
    erased()
    body = json.loads(small.events()[-1].body)
    assert (body["type"], body["rule"], body["days"]) == ("assessment:erase", "answers", 30)
    assert (body["actor"], body["private"]) == ("clock", {})
    assert body["rows"]["answer_revision"] == revisions
    kept = reading().get(AssessmentErasure, one.assessment_id)
    assert kept is not None
    assert (kept.record_class, kept.days) == ("answers", 30)


def test_of_packs_that_were_taken_away_for_whom_and_why_goes_with_the_answers(
    cast: Cast, clock: StoppedClock
) -> None:
    one = decided(cast)
    wish = PackWish(cast.vera.vendor_id, one.assessment_id, "Ina Igel", "Audit")
    prepare(parts(), wish, actor=cast.oskar.actor, now=clock.now())
    keep_for(30, ANSWERS, by=cast)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=31)
    erased()
    reading().rollback()
    (pack,) = reading().scalars(sa.select(PackExport))
    assert (pack.recipient, pack.purpose) == ("", "")
    assert pack.seal


def test_an_engagement_that_goes_on_after_all_keeps_what_it_stands_on(
    cast: Cast, clock: StoppedClock
) -> None:
    decided(cast)
    keep_for(30, ANSWERS, EVIDENCE, by=cast)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=30)
    resume_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=30)
    assert erased() == []


def test_a_cancelled_draft_goes_with_its_file_and_one_that_waits_is_left_alone(
    cast: Cast, clock: StoppedClock
) -> None:
    draft = cancelled_draft(cast)
    _, waits = stages.started(cast.mallory, cast.oskar, only=small.ONLY)
    stages.answer_all(waits)
    file = file_of(draft.assessment_id)
    keep_for(7, DRAFTS, by=cast)
    clock.pass_by(days=8)
    name = f"{file.id}/{file.version}"
    assert erased() == [("drafts", name), ("drafts", draft.assessment_id)]
    assert rows(AnswerRevision, assessment_id=draft.assessment_id) == 0
    assert rows(AnswerRevision, assessment_id=waits.assessment_id) > 0
    reading().rollback()
    assert file_of(draft.assessment_id).name == ""
    with pytest.raises(BlobMissing):
        ports().blobs.size(file.blob)
    assert erased() == []


def test_evidence_is_destroyed_with_a_certificate_once_nothing_rests_on_it(
    cast: Cast, clock: StoppedClock
) -> None:
    first = decided(cast)
    file = file_of(first.assessment_id)
    keep_for(30, EVIDENCE, by=cast)
    decided(cast)
    clock.pass_by(days=31)
    assert erased() == [("evidence", f"{file.id}/{file.version}")]
    assert file_of(first.assessment_id).erased_at == clock.now()
    (certificate,) = reading().scalars(sa.select(Erasure))
    assert certificate.scope == "retention"
    assert f"{file.id}" in certificate.certificate
    assert "30 days" in certificate.reason
    with pytest.raises(BlobMissing):
        ports().blobs.size(file.blob)


def test_a_file_that_a_live_cycle_uses_too_is_kept(cast: Cast, clock: StoppedClock) -> None:
    first = decided(cast)
    file = file_of(first.assessment_id)
    second = decided(cast)
    with db.engine.begin() as connection:  # as if the vendor had used it again
        connection.execute(
            sa.update(EvidenceUse)
            .where(EvidenceUse.assessment_id == second.assessment_id)
            .values(evidence_id=file.id, version=file.version)
        )
    keep_for(30, EVIDENCE, by=cast)
    clock.pass_by(days=100)
    found = erased()
    assert ("evidence", f"{file.id}/{file.version}") not in found


def test_links_lose_their_address_and_open_nothing(cast: Cast, clock: StoppedClock) -> None:
    link, _ = stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    live, _ = stages.started(cast.mallory, cast.oskar, only=small.ONLY)
    keep_for(1, LINKS, by=cast)
    clock.pass_by(days=1)
    assert erased() == []
    clock.pass_by(days=1)
    with small.trail() as trail:
        assert erased() == [("links", link.invitation_id)]
    assert trail == [("invitation:erase", link.invitation_id)]
    assert by_token(reading(), link.token) is None
    assert by_token(reading(), live.token) is not None
    row = reading().get_one(Invitation, link.invitation_id)
    assert row.email == ""
    assert rows(RespondentSession, invitation_id=link.invitation_id) == 0
    assert rows(RespondentSession, invitation_id=live.invitation_id) == 1


def test_sign_ins_that_are_over_are_forgotten_in_one_event(cast: Cast, clock: StoppedClock) -> None:
    before = rows(SignInSession)
    assert before == 4
    keep_for(5, LOGS, by=cast)
    clock.pass_by(days=5)
    assert erased() == []
    clock.pass_by(days=1, hours=12)
    with small.trail() as trail:
        assert [kind for kind, _ in erased()] == ["logs"] * before
    assert trail == [("sessions:erase", "logs")]
    assert rows(SignInSession) == 0


def test_a_legal_hold_on_the_vendor_keeps_all_of_it_until_it_is_lifted(
    cast: Cast, clock: StoppedClock
) -> None:
    one, other = decided(cast), decided(cast, cast.mallory)
    draft = cancelled_draft(cast)
    for provider in (cast.vera, cast.mallory):
        end_engagement(provider.engagement_id, actor=cast.oskar.actor, now=clock.now())
    keep_for(30, LINKS, DRAFTS, ANSWERS, EVIDENCE, by=cast)
    hold = place(
        cast.vera.vendor_id, None, reason="A lawsuit.", person_id=cast.oskar.id, now=clock.now()
    )
    clock.pass_by(days=40)
    found = erased()
    assert ("answers", other.assessment_id) in found
    assert all(kind in {"links", "answers", "evidence"} for kind, _ in found)
    assert len(found) == 3  # Mallory's link, answers and file
    assert rows(AnswerRevision, assessment_id=one.assessment_id) > 0
    lift(cast.vera.vendor_id, hold, reason="Over.", person_id=cast.oskar.id, now=clock.now())
    found = erased()
    assert {("answers", one.assessment_id), ("drafts", draft.assessment_id)} < set(found)


def test_a_hold_on_a_file_keeps_the_file_alone(cast: Cast, clock: StoppedClock) -> None:
    one = decided(cast)
    file = file_of(one.assessment_id)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    keep_for(30, ANSWERS, EVIDENCE, by=cast)
    place(cast.vera.vendor_id, file.id, reason="Needed.", person_id=cast.oskar.id, now=clock.now())
    clock.pass_by(days=40)
    assert erased() == [("answers", one.assessment_id)]
    assert file_of(one.assessment_id).erased_at is None


def test_a_rule_begins_on_the_day_after_it_was_set(cast: Cast, clock: StoppedClock) -> None:
    one = decided(cast)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    clock.pass_by(days=900)
    keep_for(30, ANSWERS, by=cast)
    assert erased() == []
    clock.pass_by(days=1)
    assert erased() == [("answers", one.assessment_id)]


def test_a_rule_that_is_taken_back_while_a_run_goes_on_stops_it(
    cast: Cast, clock: StoppedClock
) -> None:
    ids = [decided(cast).assessment_id, decided(cast, cast.mallory).assessment_id]
    for provider in (cast.vera, cast.mallory):
        end_engagement(provider.engagement_id, actor=cast.oskar.actor, now=clock.now())
    keep_for(30, ANSWERS, by=cast)
    clock.pass_by(days=31)
    going = running()
    first = next(going).what.id
    keep_for(None, ANSWERS, by=cast)
    assert list(going) == []
    (left,) = set(ids) - {first}
    assert rows(AnswerRevision, assessment_id=left) > 0


def test_a_run_that_was_cut_short_is_finished_by_the_next_one(
    cast: Cast, clock: StoppedClock
) -> None:
    ids = {decided(cast).assessment_id, decided(cast, cast.mallory).assessment_id}
    for provider in (cast.vera, cast.mallory):
        end_engagement(provider.engagement_id, actor=cast.oskar.actor, now=clock.now())
    keep_for(30, ANSWERS, by=cast)
    clock.pass_by(days=31)
    (one,) = erased(most=1)
    (other,) = erased()
    assert {one[1], other[1]} == ids


def test_two_runs_at_once_erase_everything_once(cast: Cast, clock: StoppedClock) -> None:
    first, draft = decided(cast), cancelled_draft(cast, cast.mallory)
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    keep_for(30, LINKS, DRAFTS, ANSWERS, EVIDENCE, by=cast)
    clock.pass_by(days=31)
    with small.trail() as trail:
        results = small.at_once(erased, erased)
    assert all(isinstance(one, list) for one in results), results
    told = [one for one in trail if one[0] == "assessment:erase"]
    assert sorted(told) == sorted(("assessment:erase", one.assessment_id) for one in (first, draft))
    assert len([one for one in trail if one[0] == "evidence:erase"]) == 2
    assert len(trail) == len(set(trail))


@pytest.mark.soak
def test_day_by_day_what_is_erased_is_what_was_foreseen_the_day_before(
    cast: Cast, clock: StoppedClock
) -> None:
    decided(cast)
    keep_for(31, ANSWERS, EVIDENCE, by=cast)
    keep_for(5, LINKS, DRAFTS, LOGS, by=cast)
    clock.pass_by(days=2)
    cancelled_draft(cast, cast.mallory)
    clock.pass_by(days=3)
    decided(cast)
    days, foreseen = [], tomorrow()
    for day in range(45):
        clock.pass_by(days=1)
        if day == 12:
            end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
        done = erased()
        assert sorted(done) == sorted(foreseen), today()
        foreseen = tomorrow()
        days += [day] if done else []
    assert len(days) >= 5
    assert rows(AnswerRevision) == 0
