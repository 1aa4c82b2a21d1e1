"""The state machine: in each state, every verb that does not belong there changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from riskapp.answers.errors import AnswerClosed
from riskapp.assessments.errors import WrongState
from riskapp.assessments.queries import Filter, assessments
from riskapp.assessments.rules import State, can_move
from riskapp.assessments.service import Plan, cancel, draft, extend
from riskapp.core.db import reading
from riskapp.core.errors import Refusal
from riskapp.evidence.errors import EvidenceClosed
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Place, remove
from riskapp.invites.queries import OpenedInvitation
from riskapp.invites.service import issue_another, issue_draft, start
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, review_evidence, send_back, undo
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("in_app")
DUE = NOW.date() + timedelta(days=30)

WITH_VENDOR = {State.ISSUED, State.IN_PROGRESS, State.RETURNED}
REVIEWED = {State.SUBMITTED, State.IN_REVIEW}
LIVE = set(State) - {State.DECIDED, State.CANCELLED}
VERBS = {
    "issue the draft": {State.DRAFT},
    "start": WITH_VENDOR,
    "another link": WITH_VENDOR,
    "save": {State.IN_PROGRESS, State.RETURNED},
    "attach": {State.IN_PROGRESS, State.RETURNED},
    "remove": {State.IN_PROGRESS, State.RETURNED},
    "submit": {State.IN_PROGRESS, State.RETURNED},
    "review": REVIEWED,
    "review the file": REVIEWED,
    "undo": REVIEWED,
    "send back": REVIEWED,
    "decide": REVIEWED,
    "extend": LIVE,
    "cancel": LIVE,
}
"""Each verb and the states in which it is possible; in all others it is refused."""


def bring_to(state: State, cast: Cast) -> OpenedInvitation | None:
    """The invitation of an assessment in that state; a draft has none."""
    if state is State.DRAFT:
        plan = Plan([ports().library.current.latest(small.NAME)], NOW.date(), stages.REASON)
        draft(ports().library, cast.vera.engagement_id, plan, actor=cast.oskar.actor, now=NOW)
        return None
    if state is State.ISSUED:
        return stages.opened(small.issued(cast).token)
    if state is State.IN_PROGRESS:
        return small.started(cast)
    invitation = small.submitted(cast)
    by = stages.reviewer(cast.oskar)
    of = invitation.assessment_id
    if state in {State.IN_REVIEW, State.RETURNED, State.DECIDED}:
        review_answer(of, small.VITAL, Action.ACCEPT, by)
    if state is State.RETURNED:
        review_answer(of, small.PROVEN, Action.ASK_BACK, by, note="Which scope?")
        send_back(of, DUE, by)
    elif state is State.DECIDED:
        decide(of, Outcome.REJECT, by, reasons="Too weak.")
    elif state is State.CANCELLED:
        cancel(of, "Not needed.", actor=cast.oskar.actor, now=NOW)
    return invitation


def verbs(
    cast: Cast, of: str, invitation: OpenedInvitation | None
) -> dict[str, Callable[[], object]]:
    """What people try, in words. Where there is no link there is nothing for a vendor to try."""
    by, actor = stages.reviewer(cast.oskar), cast.oskar.actor
    files = of_assessment(reading(), of)
    use = files[0].use_id if files else "0" * 32
    entries = thread(reading(), of)
    entry = entries[0].id if entries else "0" * 32
    found: dict[str, Callable[[], object]] = {
        "issue the draft": lambda: issue_draft(of, email="v@example.com", actor=actor, now=NOW),
        "another link": lambda: issue_another(
            of, email="v@example.com", replace=True, actor=actor, now=NOW
        ),
        "review": lambda: review_answer(of, small.VITAL, Action.REJECT, by, note="No."),
        "review the file": lambda: review_evidence(
            of, use, Action.EVIDENCE_REJECTED, by, issued_on=None, valid_until=None, note="No."
        ),
        "undo": lambda: undo(of, entry, by, note="A slip."),
        "send back": lambda: send_back(of, DUE, by),
        "decide": lambda: decide(of, Outcome.REJECT, by, reasons="No."),
        "extend": lambda: extend(of, DUE, actor=actor, now=NOW),
        "cancel": lambda: cancel(of, "No.", actor=actor, now=NOW),
    }
    if invitation is None:
        return found
    place = Place(of, invitation.vendor_id, invitation.id, small.PROVEN)
    return found | {
        "start": lambda: start(invitation.id, now=NOW),
        "save": lambda: small.say(invitation, small.PROVEN, "no"),
        "attach": lambda: stages.attach(invitation, small.PROVEN),
        "remove": lambda: remove(use, place, now=NOW),
        "submit": lambda: stages.send_in(invitation),
    }


@pytest.mark.parametrize("state", list(State))
def test_what_does_not_belong_to_a_state_is_refused_and_changes_nothing(
    state: State, cast: Cast
) -> None:
    invitation = bring_to(state, cast)
    reading().rollback()
    (row,) = assessments(reading(), Filter(vendor_id=cast.vera.vendor_id))
    assert row.state is state
    tried = {
        name: verb
        for name, verb in verbs(cast, row.id, invitation).items()
        if state not in VERBS[name]
    }
    with small.trail() as events:
        for name, verb in tried.items():
            with pytest.raises(Refusal) as refused:
                verb()
            assert isinstance(refused.value, WrongState | AnswerClosed | EvidenceClosed), name
            if isinstance(refused.value, WrongState):
                assert refused.value.state is state
    assert events == []
    reading().rollback()
    assert list(assessments(reading(), Filter(vendor_id=cast.vera.vendor_id))) == [row]


def test_an_assessment_that_ended_goes_nowhere_and_no_state_is_a_dead_end() -> None:
    for state in State:
        onward = {to for to in State if can_move(state, to)}
        assert (onward == set()) == (state in {State.DECIDED, State.CANCELLED})
        assert (State.CANCELLED in onward) == (state in LIVE)
        assert state not in onward
