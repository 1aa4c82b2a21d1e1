"""Whether an override still stands: undone, replaced, overtaken, or as it was."""

import json
from datetime import timedelta

import pytest

from riskapp.answers.service import Given
from riskapp.assessments.service import cancel
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.custody.rules import RecordClass
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.in_force import Override, Standing, standings
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, send_back
from riskapp.scoring.overrides import Word, override, withdraw
from riskapp.vendors.service import end_engagement
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import StoppedClock
from tests.custody import retaining
from tests.reviews.acting import act, file, look, undo_last

pytestmark = pytest.mark.usefixtures("in_app")

NOT_OURS = {small.PROVEN.replace("-", "_"): Given(na_reason="Not ours.")}
WORD = Word("full", NOW.date(), None, suspended=False, condition="", reason="As decided.")


def found(*types: str) -> list[tuple[str, Standing]]:
    """Verb and standing of every override of these types, oldest first."""
    chosen = []
    for event in small.events():
        body = json.loads(event.body)
        if event.type in types:
            chosen.append(
                Override(
                    event.type,
                    event.object_id,
                    body["assessment"],
                    body.get("question"),
                    body.get("entry"),
                    body.get("number"),
                )
            )
    reading().rollback()
    told = standings(reading(), chosen)
    return [(one.type.partition(":")[2], stands) for one, stands in zip(chosen, told, strict=True)]


NA = ("review:approve-na", "review:refuse-na")


def test_approvals_stand_until_somebody_refuses(cast: Cast) -> None:
    invitation = small.submitted(cast, **NOT_OURS)
    act(invitation, small.PROVEN, Action.APPROVE_NA, cast.oskar)
    act(invitation, small.PROVEN, Action.APPROVE_NA, cast.olga)
    assert found(*NA) == [("approve-na", Standing.STANDS)] * 2
    act(invitation, small.PROVEN, Action.REFUSE_NA, cast.olga)
    assert found(*NA) == [
        ("approve-na", Standing.REPLACED),
        ("approve-na", Standing.REPLACED),
        ("refuse-na", Standing.STANDS),
    ]


def test_what_is_undone_stands_no_more_and_what_it_replaced_stands_again(cast: Cast) -> None:
    invitation = small.submitted(cast, **NOT_OURS)
    act(invitation, small.PROVEN, Action.APPROVE_NA, cast.oskar)
    act(invitation, small.PROVEN, Action.REFUSE_NA, cast.olga)
    undo_last(invitation, cast.olga)
    assert found(*NA, "review:undo") == [
        ("approve-na", Standing.STANDS),
        ("refuse-na", Standing.UNDONE),
        ("undo", Standing.PASSING),
    ]


def test_another_revision_overtakes_what_was_said_of_the_one_before(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast, SML_03=Given("no"), **NOT_OURS)
    act(invitation, small.PROVEN, Action.APPROVE_NA, cast.oskar)
    act(invitation, small.VITAL, Action.COMPENSATE, cast.oskar, compensation="0.5")
    act(invitation, small.PROVEN, Action.ASK_BACK, cast.oskar)
    clock.pass_by(days=1)
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), stages.reviewer(cast.oskar))
    assert found(*NA) == [("approve-na", Standing.STANDS)]
    clock.pass_by(days=1)
    small.say(invitation, small.PROVEN, "yes", base=1)
    assert found(*NA, "review:compensate") == [
        ("approve-na", Standing.OVERTAKEN),
        ("compensate", Standing.STANDS),
    ]


def test_a_compensating_control_is_replaced_by_another_and_by_rejecting(cast: Cast) -> None:
    invitation = small.submitted(cast, SML_03=Given("no"))
    act(invitation, small.VITAL, Action.COMPENSATE, cast.oskar, compensation="0.5")
    act(invitation, small.VITAL, Action.COMPENSATE, cast.oskar, compensation="0.25")
    assert found("review:compensate") == [
        ("compensate", Standing.REPLACED),
        ("compensate", Standing.STANDS),
    ]
    act(invitation, small.VITAL, Action.REJECT, cast.oskar)
    assert [stands for _, stands in found("review:compensate")] == [Standing.REPLACED] * 2


def replaced_file(invitation: OpenedInvitation, cast: Cast, clock: StoppedClock) -> None:
    act(invitation, small.PROVEN, Action.ASK_BACK, cast.oskar)
    clock.pass_by(days=1)
    send_back(invitation.assessment_id, NOW.date() + timedelta(days=9), stages.reviewer(cast.oskar))
    clock.pass_by(days=1)
    stages.attach(invitation, small.PROVEN, replaces=file(invitation).use_id)


def test_a_file_raised_to_independent_stands_until_it_is_judged_anew_or_replaced(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    look(invitation, Action.EVIDENCE_INDEPENDENT, cast.oskar)
    assert found("review:evidence-independent") == [("evidence-independent", Standing.STANDS)]
    look(invitation, Action.EVIDENCE_REVIEWED, cast.oskar)
    assert found("review:evidence-independent") == [("evidence-independent", Standing.REPLACED)]
    look(invitation, Action.EVIDENCE_INDEPENDENT, cast.oskar)
    replaced_file(invitation, cast, clock)
    assert [stands for _, stands in found("review:evidence-independent")] == [
        Standing.OVERTAKEN
    ] * 2


def test_the_newest_word_on_a_country_stands_until_it_is_withdrawn(cast: Cast) -> None:
    by = cast.ada.actor
    override("GB", WORD, actor=by, now=NOW)
    override("NZ", WORD, actor=by, now=NOW)
    types = ("transfer-override:make", "transfer-override:withdraw")
    assert [stands for _, stands in found(*types)] == [Standing.STANDS] * 2
    withdraw("GB", "It fell.", actor=by, now=NOW)
    assert found(*types) == [
        ("make", Standing.REPLACED),
        ("make", Standing.STANDS),
        ("withdraw", Standing.PASSING),
    ]


def test_a_decision_with_conditions_stands_until_the_next_cycle_is_decided(cast: Cast) -> None:
    for _ in range(2):
        invitation = small.submitted(cast)
        stages.confirm_empty(invitation, cast.oskar)
        decide(
            invitation.assessment_id,
            Outcome.APPROVE_WITH_CONDITIONS,
            stages.reviewer(cast.oskar),
            reasons="Mostly.",
            conditions="Mend it.",
        )
    assert found("decision:make") == [
        ("make", Standing.OVERTAKEN),
        ("make", Standing.STANDS),
    ]


def test_what_was_chosen_goes_with_its_assessment(cast: Cast) -> None:
    of = small.issued(cast).assessment_id
    assert found("assessment:draft") == [("draft", Standing.STANDS)]
    now, by = ports().clock.now(), Actor("person", cast.oskar.id)
    cancel(of, "Not bought.", actor=by, now=now)
    assert found("assessment:draft") == [("draft", Standing.CANCELLED)]


def test_what_became_of_an_erased_review_is_not_known(cast: Cast, clock: StoppedClock) -> None:
    invitation = small.submitted(cast, SML_03=Given("no"))
    act(invitation, small.VITAL, Action.COMPENSATE, cast.oskar, compensation="0.5")
    decide(
        invitation.assessment_id, Outcome.REJECT, stages.reviewer(cast.oskar), reasons="Too weak."
    )
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    retaining.keep_for(30, RecordClass.ANSWERS, by=cast)
    clock.pass_by(days=40)
    assert retaining.erased()
    assert found("review:compensate") == [("compensate", Standing.ERASED)]
