"""What another release would make of assessments: the same as if it had been sent."""

from datetime import timedelta
from typing import Any

import pytest

from riskapp.answers.service import Given
from tests import small
from tests.cast import Cast
from tests.catalogue import writing
from tests.catalogue.writing import Json
from tests.conftest import StoppedClock
from tests.scoring.effects import (
    TODAY,
    altered,
    current,
    landing,
    landing_under,
    only,
    published,
    release,
    reviewed,
    sent_in,
)
from tests.small import app

__all__ = ["app"]
pytestmark = pytest.mark.usefixtures("in_app")


def test_under_its_own_release_nothing_moves_and_the_score_is_the_stored_one(cast: Cast) -> None:
    invitation = reviewed(cast)
    found = only(current())
    assert found.today == found.reweighted == found.anew == landing(invitation.assessment_id)
    assert not found.changes_tier
    assert (found.assessment_id, found.release) == (invitation.assessment_id, "2026.1")
    assert (found.vendor_name, found.engagement_title) == (
        "Nordlicht Software GmbH",
        "Customer portal",
    )


@pytest.mark.parametrize("days", [0, 300, 500])
def test_today_is_what_scoring_on_that_day_gives(
    cast: Cast, clock: StoppedClock, days: int
) -> None:
    invitation = small.submitted(cast)
    found = only(current(), TODAY + timedelta(days=days))
    clock.pass_by(days=days)
    assert found.today == landing(invitation.assessment_id)


WEIGHED: dict[str, Any] = {
    "weights": {"SML_03": {"weight": 1}, "SML_09": {"weight": 5}},
    "no weight any more": {"SML_09": {"weight": {}, "domain": {}}},
    "credits": {"SML_05": {"answer": writing.choice(all=1, some=0.1, none=0)}},
    "bands": {
        "SML_08": {"answer": writing.number({"at_most": 1, "credit": 1}, {"else": 0}, max=90)}
    },
    "another good answer": {"SML_02": {"answer": {"type": "yes_no", "good": "no"}}},
    "a knock-out": {"SML_07": {"knockout": {"level": "high", "below": "0.75"}}},
    "a stricter knock-out": {"SML_03": {"knockout": {"level": "critical", "below": "0.75"}}},
    "a law, where N/A was approved": {"SML_04": {"knockout": {"level": "legal"}}},
    "evidence asked": {"SML_09": {"evidence": "A protocol."}},
    "evidence no more asked": {"SML_03": {"evidence": {}}},
    "another kind of answer": {"SML_03": {"answer": writing.choice(yes=1, partly=0.8, no=0)}},
    "a question that is gone": {"SML_09": None},
}


@pytest.mark.parametrize("case", WEIGHED)
def test_where_only_weights_change_both_ways_are_as_if_it_had_been_sent(
    cast: Cast, case: str
) -> None:
    invitation = reviewed(cast)
    new = release(*altered(**WEIGHED[case]))
    found = only(new)
    assert found.reweighted == found.anew == landing_under(new, invitation, cast.vera)
    assert found.today == landing(invitation.assessment_id)
    assert found.reweighted != found.today, "this case proves nothing"


def test_what_is_no_knock_out_any_more_holds_no_floor(cast: Cast) -> None:
    invitation = small.submitted(cast, SML_03=Given("no"))
    new = release(*altered(SML_03={"knockout": {}}))
    found = only(new)
    assert found.reweighted == found.anew == landing_under(new, invitation, cast.vera)
    assert found.reweighted.tier < found.today.tier


def test_the_weight_of_a_domain_counts(cast: Cast) -> None:
    invitation = small.submitted(cast, SML_09=Given(["logs", "drills"]))
    domains = {name: {"weight": 2, "title": name.title()} for name in ("access", "people")}
    questions = altered(SML_09={"domain": "people"})
    found = [
        only(release(*questions, domains={**domains, "people": {"weight": n, "title": "People"}}))
        for n in (1, 3)
    ]
    assert found[0].reweighted != found[1].reweighted
    new = release(*questions, domains=domains)
    assert only(new).reweighted == landing_under(new, invitation, cast.vera)


def test_a_new_question_counts_as_missing_where_it_is_asked_anew_and_else_not(cast: Cast) -> None:
    invitation = small.submitted(cast)
    more = writing.question("SML-20", weight=5, knockout={"level": "critical"})
    new = release(*altered(), more)
    found = only(new)
    assert found.reweighted == found.today
    assert found.anew == landing_under(new, invitation, cast.vera)
    assert found.anew.tier > found.today.tier
    assert found.changes_tier
    assert (found.reweighting_changes_tier, found.asking_changes_tier) == (False, True)


def test_a_new_question_that_does_not_apply_is_not_missing(cast: Cast) -> None:
    small.submitted(cast)
    more = writing.question("SML-20", weight=5, applies_when={"fact": "data", "is": "none"})
    found = only(release(*altered(), more))
    assert found.anew == found.today


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (small.CONTROL, writing.choice(every=1, some=0.5, none=0)),
        (small.LEVEL, writing.YES_NO),
        (small.LIST, writing.table(writing.column("site"), small.SCORED_COLUMN)),
        (small.NUMBER, writing.number({"else": 1}, max=2)),
    ],
)
def test_an_answer_that_is_none_to_the_new_form_is_missing_both_ways(
    cast: Cast, name: str, answer: Json
) -> None:
    row = [{"name": "Host", "kept": "well"}]
    invitation = small.submitted(cast, SML_07=Given(row), SML_08=Given("3"))
    questions = altered(**{name.replace("-", "_"): {"answer": answer}})
    for one in questions:
        if one["id"] == small.CHILD and name == small.CONTROL:
            one["asked_when"] = {"question": small.CONTROL, "is": ["every", "some"]}
    new = release(*questions)
    found = only(new)
    assert found.anew == landing_under(new, invitation, cast.vera, without=[name])
    assert float(found.reweighted.shown) > float(found.today.shown)


def test_what_is_asked_on_other_answers_now_counts_so_only_where_it_is_asked_anew(
    cast: Cast,
) -> None:
    invitation = small.submitted(cast)
    new = release(*altered(SML_06={"asked_when": {"question": small.ROLE, "is": "none"}}))
    found = only(new)
    assert found.reweighted == found.today
    assert found.anew == landing_under(new, invitation, cast.vera)
    assert found.anew != found.today


def test_what_the_facts_rule_out_now_counts_no_more_only_where_it_is_asked_anew(
    cast: Cast,
) -> None:
    invitation = small.submitted(cast, SML_03=Given("no"))
    new = release(*altered(SML_03={"applies_when": {"fact": "data", "is": "none"}}))
    found = only(new)
    assert found.reweighted == found.today
    assert found.anew == landing_under(new, invitation, cast.vera)
    assert found.anew.tier < found.today.tier


def test_a_control_that_is_gone_still_lends_its_credit_to_what_it_hid(cast: Cast) -> None:
    control = writing.choice(own=1, some=0.5, none=0)
    hidden = {"weight": 5, "asked_when": {"question": small.CONTROL, "is": "some"}}
    first = release(*altered(SML_05={"answer": control}, SML_06=hidden))
    invitation = sent_in(cast.vera, [published(first)], {small.CONTROL: Given("own")})
    new = release(*altered(SML_05=None, SML_06={"weight": 5, "asked_when": {}}), number="2026.3")
    found = only(new)
    assert found.anew == landing_under(new, invitation, cast.vera)
    assert float(found.reweighted.shown) < float(found.anew.shown)


PART = (small.ROLE, small.VITAL, small.PROVEN, small.NUMBER)


def test_of_a_part_that_was_asked_what_is_left_counts_and_what_is_new(cast: Cast) -> None:
    invitation = sent_in(cast.vera, [current()], asked=PART)
    more = writing.question("SML-20", weight=3)
    new = release(*altered(SML_03={"weight": 1}, SML_04=None, SML_10={"weight": 5}), more)
    found = only(new)
    expected = landing_under(
        new, invitation, cast.vera, asked=[small.ROLE, small.VITAL, small.NUMBER, "SML-20"]
    )
    assert found.anew == expected
    assert found.anew != found.today


def test_of_a_whole_questionnaire_what_did_not_apply_before_is_asked_too(cast: Cast) -> None:
    rare = {"applies_when": {"fact": "data", "is": "none"}}
    first = release(*altered(SML_03=rare), number="2026.2")
    invitation = sent_in(cast.vera, [published(first)])
    new = release(*altered(), number="2026.3")
    found = only(new)
    assert found.release == "2026.2"
    assert found.reweighted == found.today
    assert found.anew == landing_under(new, invitation, cast.vera)
    assert found.anew.tier > found.today.tier


def test_other_questionnaires_of_an_assessment_stay_and_give_way_as_when_it_is_drawn_up(
    cast: Cast,
) -> None:
    new = release(*altered(SML_03={"weight": 1}), writing.question("SML-20", weight=3))
    other = release(
        writing.question("OTH-01", writing.PARTLY, weight=5),
        writing.question("OTH-02", weight=5, same_as="SML-20"),
        id="other",
        number="2026.1",
        domains={"access": {"weight": 1, "title": "Access"}},
    )
    for one in (new, other):
        published(one)
    invitation = sent_in(cast.vera, [other, current()], {"OTH-01": Given("partly")})
    found = only(new)
    assert found.anew == landing_under(new, invitation, cast.vera, before=[other])
    assert len({found.today, found.reweighted, found.anew}) == 3


def test_a_domain_of_which_nothing_was_asked_weighs_as_another_questionnaire_has_it(
    cast: Cast,
) -> None:
    domains = {name: {"weight": 3, "title": name.title()} for name in ("access", "people")}
    other = release(
        writing.question("OTH-01", writing.PARTLY, domain="people"),
        id="other",
        number="2026.1",
        domains={"people": {"weight": 1, "title": "People"}},
    )
    first = release(*altered(SML_09={"domain": "people"}), domains=domains)
    for one in (first, other):
        published(one)
    invitation = sent_in(cast.vera, [first, other], {"OTH-01": Given("partly")}, PART)
    weighed = altered(SML_09={"domain": "people"}, SML_03={"weight": 1})
    new = release(*weighed, number="2026.3", domains=domains)
    found = only(new)
    expected = landing_under(new, invitation, cast.vera, asked=PART, behind=[other])
    assert found.reweighted == found.anew == expected
    assert found.today != found.anew
