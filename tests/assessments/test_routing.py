"""Each kind of engagement is asked what the routing table says, and no more."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.assessments.routing import (
    ACCESS,
    CONTINUITY,
    DATA_PROTECTION,
    MINIMUM,
    OPERATIONS,
    SECURITY,
    asked_of,
    minutes,
    proposal,
)
from riskapp.catalogue.conditions import questions_named
from riskapp.catalogue.model import FACTS, Question, Release
from riskapp.catalogue.visible import applicable
from tests.catalogue import writing
from tests.catalogue.writing import parsed, question
from tests.conftest import SHIPPED

OFFERED = {
    release.id: release for release in SHIPPED.current.releases if release.audience == "vendor"
}
QUESTIONS = {name: one for release in OFFERED.values() for name, one in release.questions.items()}

FACTS_GIVEN = st.fixed_dictionaries(
    {
        "services": st.lists(st.sampled_from(FACTS["services"]), min_size=1, unique=True),
        "data": st.sampled_from(FACTS["data"]),
        "personal_data": st.sampled_from(FACTS["personal_data"]),
        "special_categories": st.sampled_from(FACTS["special_categories"]),
        "inherent": st.sampled_from(FACTS["inherent"]),
        "regulated": st.sampled_from(FACTS["regulated"]),
    }
)


def facts(**instead: object) -> dict[str, Any]:
    return {
        "services": ["development"],
        "data": "internal",
        "personal_data": "no",
        "special_categories": "no",
        "inherent": "high",
        "regulated": "none",
        **instead,
    }


def asked(known: Mapping[str, Any]) -> dict[str, list[str]]:
    return {one.questionnaire: list(one.questions) for one in proposal(known, OFFERED)}


def domains(questionnaire: str, ids: list[str]) -> set[str]:
    found = {OFFERED[questionnaire].questions[name].domain for name in ids}
    return {name for name in found if name is not None}


def of_weight(names: list[str]) -> set[int | None]:
    return {QUESTIONS[name].weight for name in names}


@pytest.mark.parametrize("personal", ["yes", "no"])
@pytest.mark.parametrize("services", list(combinations(FACTS["services"], 2)))
def test_a_low_risk_asks_fewer_than_thirty_questions(
    personal: str, services: tuple[str, ...]
) -> None:
    found = asked(facts(inherent="low", personal_data=personal, services=list(services)))
    assert sum(len(names) for names in found.values()) < 30
    assert set(found) == {MINIMUM, DATA_PROTECTION} if personal == "yes" else {MINIMUM}


def test_a_low_risk_with_personal_data_asks_the_first_of_data_protection() -> None:
    found = asked(facts(inherent="low", personal_data="yes"))
    numbers = (1, 2, 3, 4, 13, 18, 29, 30, 31, 32, 33)
    assert found[DATA_PROTECTION] == [f"GDP-{number:02}" for number in numbers]
    assert 1 not in of_weight(found[MINIMUM])
    assert not {"MVS-16", "MVS-17"} & set(found[MINIMUM])


def test_a_medium_risk_asks_of_what_the_service_brings_only_what_weighs_most() -> None:
    found = asked(facts(inherent="medium", services=["infrastructure"], personal_data="yes"))
    assert set(found) == {SECURITY, ACCESS, CONTINUITY, DATA_PROTECTION, OPERATIONS}
    assert len(found[SECURITY]) == 30
    for name in (ACCESS, CONTINUITY, OPERATIONS):
        needed = {
            other
            for one in found[name]
            for other in OFFERED[name].questions[one].asked_on | _named_by_knockout(one)
        }
        for one in set(found[name]) - needed:
            assert QUESTIONS[one].weight == 5 or QUESTIONS[one].knockout is not None
    assert domains(ACCESS, found[ACCESS]) == {"access", "environments"}
    assert domains(CONTINUITY, found[CONTINUITY]) == {"exit", "continuity"}


def _named_by_knockout(name: str) -> frozenset[str]:
    knockout = QUESTIONS[name].knockout
    if knockout is None or knockout.when is None:
        return frozenset()
    return questions_named(knockout.when)


@pytest.mark.parametrize(
    ("service", "brings"),
    [
        ("qa", {OPERATIONS: {"contract", "supply-chain", "service-governance", "operations"}}),
        ("infrastructure", {CONTINUITY: {"exit", "continuity"}}),
        ("saas", {CONTINUITY: {"escrow", "exit", "continuity"}}),
        ("saas", {OPERATIONS: {"contract", "supply-chain", "service-levels"}}),
        ("consulting", {CONTINUITY: {"ip-confidentiality"}}),
        ("consulting", {OPERATIONS: {"contract", "supply-chain"}}),
        ("soc", {OPERATIONS: set(OFFERED[OPERATIONS].domains)}),
    ],
)
def test_a_service_brings_its_part_of_each_questionnaire(
    service: str, brings: Mapping[str, set[str]]
) -> None:
    found = asked(facts(services=[service]))
    for name, expected in brings.items():
        assert domains(name, found[name]) == expected


def test_a_high_risk_asks_about_access_whatever_is_bought() -> None:
    found = asked(facts(services=["saas"]))
    assert domains(ACCESS, found[ACCESS]) >= {"access", "environments"}
    assert "ACC-20" not in found[ACCESS], "that is asked of those who develop"
    assert any("Inherent risk is high." in one.why for one in proposal(facts(), OFFERED))


def test_a_critical_function_under_dora_is_asked_about_operation_and_exit_in_full() -> None:
    known = facts(inherent="low", regulated="dora-critical", services=["saas"])
    found = asked(known)
    for name in (CONTINUITY, OPERATIONS):
        assert found[name] == [question.id for question in applicable(OFFERED[name], known)]


def test_what_two_questionnaires_ask_is_asked_once() -> None:
    known = facts(personal_data="yes")
    found = asked(known)
    assert "ISM-16" in found[SECURITY]
    assert "GDP-18" not in found[DATA_PROTECTION]
    alone = asked_of([OFFERED[DATA_PROTECTION]], {DATA_PROTECTION: ["GDP-18"]}, known)
    assert "GDP-18" in alone[DATA_PROTECTION], "where the other is not asked, this one is"


def test_a_question_comes_with_those_that_it_depends_on() -> None:
    gate = question("GAT-01", writing.plain_choice("yes", "no"), weight=None, gate=True)
    child = question("GAT-02", asked_when={"question": "GAT-01", "is": "yes"})
    release = parsed(gate, child, question("GAT-03"))
    assert asked_of([release], {release.id: ["GAT-02"]}, facts()) == {
        release.id: ["GAT-01", "GAT-02"]
    }


def test_a_questionnaire_that_is_not_here_is_named_all_the_same() -> None:
    [missing] = [one for one in proposal(facts(), {}) if one.questionnaire == ACCESS]
    assert (missing.release, list(missing.questions)) == (None, [])
    assert missing.why == "Inherent risk is high. The service includes development."


@given(FACTS_GIVEN)
def test_the_proposal_is_what_is_asked_when_it_is_sent(known: dict[str, Any]) -> None:
    proposed = [one for one in proposal(known, OFFERED) if one.release is not None]
    releases = [one.release for one in proposed if one.release is not None]
    expected = {one.questionnaire: list(one.questions) for one in proposed}
    assert asked_of(releases, expected, known) == expected
    assert (
        asked_of(releases, {one.questionnaire: one.called for one in proposed}, known) == expected
    )


@given(FACTS_GIVEN, st.data())
def test_whatever_is_chosen_what_is_asked_applies_and_stands_on_its_own_feet(
    known: dict[str, Any], data: st.DataObject
) -> None:
    releases: list[Release] = data.draw(
        st.lists(st.sampled_from(list(OFFERED.values())), min_size=1, unique_by=lambda one: one.id)
    )
    chosen = {
        release.id: data.draw(st.sets(st.sampled_from(list(release.questions))))
        for release in releases
    }
    found = asked_of(releases, chosen, known)
    everything = {name for names in found.values() for name in names}
    for release in releases:
        applying = {one.id for one in applicable(release, known)}
        mine = set(found.get(release.id, ()))
        assert mine <= applying
        for name in mine:
            asking: Question = release.questions[name]
            assert asking.asked_on & applying <= mine, "its parents are asked too"
            assert asking.same_as not in everything
        for name in chosen[release.id] & applying - mine:
            assert release.questions[name].same_as in everything


def test_the_time_is_rounded_up_to_five_minutes_and_grows_with_evidence() -> None:
    plain, proven = parsed(
        question("TST-01"), question("TST-02", evidence="A report.")
    ).questions.values()
    assert minutes([]) == 0
    assert minutes([plain]) == 5
    assert minutes([plain] * 6) == 10
    assert minutes([proven] * 10) == 30
