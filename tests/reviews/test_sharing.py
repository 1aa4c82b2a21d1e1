"""What the vendor is shown of the score: chosen, changed, withdrawn; one event for each change."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from riskapp.assessments.errors import WrongState
from riskapp.assessments.rules import State
from riskapp.assessments.service import cancel
from riskapp.audit.models import Event
from riskapp.core.db import db, reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.invites.queries import OpenedInvitation
from riskapp.invites.service import Issued
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, send_back
from riskapp.reviews.sharing import Sharing, Shown, share, sharing
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.reviews.acting import act

pytestmark = pytest.mark.usefixtures("in_app")


def shared(invitation: OpenedInvitation | Issued) -> Sharing | None:
    reading().rollback()
    return sharing(reading(), invitation.assessment_id)


def newest_event() -> dict[str, object]:
    query = sa.select(Event.body).order_by(Event.id.desc()).limit(1)
    with db.engine.connect() as connection:
        found: dict[str, object] = json.loads(connection.execute(query).scalar_one())
    return found


def test_a_score_is_shared_changed_and_withdrawn_with_one_event_each(cast: Cast) -> None:
    invitation = small.submitted(cast)
    of, by = invitation.assessment_id, stages.reviewer(cast.oskar)
    assert shared(invitation) is None
    told = []
    for level in (Shown.TIER, Shown.CARD, None):
        with small.trail() as events:
            stages.share_newest(of, level, by)
            stages.share_newest(of, level, by)
        assert events == [("assessment:share", of)], "saying the same again is no change"
        told.append({name: newest_event()[name] for name in ("from", "to", "receipt")})
        assert shared(invitation) == (None if level is None else Sharing(level, 1))
    assert told == [
        {"from": None, "to": "tier", "receipt": 1},
        {"from": "tier", "to": "card", "receipt": 1},
        {"from": "card", "to": None, "receipt": None},
    ]


def test_what_is_shared_stays_that_receipt_until_it_is_shared_anew(cast: Cast) -> None:
    invitation = small.submitted(cast)
    of, by = invitation.assessment_id, stages.reviewer(cast.oskar)
    stages.share_newest(of, Shown.TIER, by)
    act(invitation, small.VITAL, Action.REJECT, cast.oskar)
    assert small.row(invitation).receipts == 2
    assert shared(invitation) == Sharing(Shown.TIER, 1)
    with small.trail() as events:
        with pytest.raises(FieldRefused, match="newer receipt"):
            share(of, Shown.CARD, by, receipt=1)
        stages.share_newest(of, Shown.TIER, by)
    assert events == [("assessment:share", of)]
    assert shared(invitation) == Sharing(Shown.TIER, 2)


def test_before_the_vendor_submitted_there_is_nothing_to_share(cast: Cast) -> None:
    for invitation in (small.issued(cast), small.started(cast)):
        with small.trail() as events, pytest.raises(FieldRefused) as refused:
            stages.share_newest(invitation.assessment_id, Shown.CARD, stages.reviewer(cast.oskar))
        assert refused.value.field == "shown"
        stages.share_newest(invitation.assessment_id, None, stages.reviewer(cast.oskar))
        assert (events, shared(invitation)) == ([], None)


def test_it_can_be_chosen_while_questions_are_sent_back_and_after_the_decision(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    of, by = invitation.assessment_id, stages.reviewer(cast.oskar)
    act(invitation, small.CONTROL, Action.ASK_BACK, cast.oskar)
    send_back(of, NOW.date() + timedelta(days=9), by)
    stages.share_newest(of, Shown.TIER, by)
    clock.pass_by(hours=1)
    small.say(invitation, small.CONTROL, "some", base=1)
    stages.send_in(invitation)
    stages.confirm_empty(invitation, cast.oskar)
    decide(of, Outcome.APPROVE, by, reasons="Sound.")
    stages.share_newest(of, Shown.CARD, by)
    assert small.row(invitation).state is State.DECIDED
    found = shared(invitation)
    assert found == Sharing(Shown.CARD, small.row(invitation).receipts)


def test_what_is_cancelled_or_not_there_is_not_shared(cast: Cast) -> None:
    invitation = small.submitted(cast)
    by = stages.reviewer(cast.oskar)
    cancel(invitation.assessment_id, reason="Not bought.", actor=cast.oskar.actor, now=NOW)
    for level in (Shown.TIER, None):
        with small.trail() as events, pytest.raises(WrongState):
            stages.share_newest(invitation.assessment_id, level, by)
        assert events == []
    with pytest.raises(NotFound):
        stages.share_newest("0" * 32, None, by)
