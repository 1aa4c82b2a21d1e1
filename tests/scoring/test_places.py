"""Country by country: what makes a place lawful, and what it costs."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.scoring.adequacy import Coverage, Decision
from riskapp.scoring.build import Case, Reviewed, build_basis, build_sheet
from riskapp.scoring.located import Role
from riskapp.scoring.places import Group, Place, Places, Regime, Told, places
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.sheet import State
from riskapp.scoring.terms import standard
from riskapp.scoring.transfers import Safeguard
from tests.catalogue import writing
from tests.scoring.building import (
    AS_OF,
    FACTORS,
    FACTS,
    SHIPPED,
    Answers,
    row,
    said,
    sub,
)

GDPR = [release for release in SHIPPED if release.id == "gdpr-processor"]
REGISTER, ASSESSED, STORED, REACHED, SUBS = "GDP-32", "GDP-33", "GDP-29", "GDP-30", "GDP-14"
TODAY = said("recent", said_on=AS_OF)


def case(answers: Answers) -> Case:
    return Case(GDPR, FACTS, FACTORS, {"GDP-01": said("processor"), **answers}, {})


def values(answers: Answers) -> dict[str, Any]:
    return {name: one.value for name, one in answers.items() if one.value is not None}


def answered(**answers: Reviewed) -> Answers:
    return {
        "GDP-01": said("processor"),
        ASSESSED: TODAY,
        **{name.replace("_", "-"): answer for name, answer in answers.items()},
    }


def drawn(answers: Answers, *, as_of: date = AS_OF, **more: Any) -> Places:
    told = Told(GDPR, FACTS, values(answers), **more)
    return places(told, build_basis(case(answers)), as_of, standard())


def at(picture: Places, country: str) -> Place:
    (found,) = [place for place in picture.places if place.country == country]
    return found


def score_of(answers: Answers) -> tuple[Fraction, Fraction]:
    result = evaluate(build_sheet(case(answers), AS_OF))
    return result.score, result.residual


def holding(result: Result) -> set[str]:
    """Who holds a floor."""
    return {floor.subject for floor in result.floors}


def test_a_country_gathers_all_that_happens_there_and_who_does_it() -> None:
    picture = drawn(
        answered(
            GDP_14=said([{**sub("IN"), "name": "Host Ltd", "service": "Night support"}]),
            GDP_29=said(["DE"]),
            GDP_30=said(["DE", "IN"]),
            GDP_32=said([{**row("IN", "scc"), "activity": "support", "recipient": "Host Ltd"}]),
        )
    )
    india = at(picture, "IN")
    assert [(one.role, one.what, one.who) for one in india.mentions] == [
        (Role.SUB_PROCESSOR, "Night support", "Host Ltd"),
        (Role.REACHED, "", ""),
        (Role.TRANSFERRED, "Support", "Host Ltd"),
    ]
    assert ("Which personal data", "Words") in india.mentions[0].cells
    assert [one.role for one in at(picture, "DE").mentions] == [Role.STORED, Role.REACHED]
    (ground,) = india.grounds
    assert (ground.safeguard, ground.named) == (Safeguard.SCC, True)
    assert ground.assessed_until == date(2028, 11, 23)


@pytest.mark.parametrize(
    ("country", "safeguard", "regime", "group", "worth"),
    [
        ("DE", "none", Regime.EEA, Group.EEA, Fraction(1)),
        ("CH", "none", Regime.FULL, Group.ADEQUATE, Fraction(19, 20)),
        ("US", "dpf", Regime.PARTIAL, Group.ADEQUATE, Fraction(17, 20)),
        ("US", "scc", Regime.PARTIAL, Group.SAFEGUARDED, Fraction(7, 10)),
        ("IN", "bcr", Regime.THIRD, Group.SAFEGUARDED, Fraction(7, 10)),
        ("IN", "art49", Regime.THIRD, Group.WEAK, Fraction(1, 5)),
        ("IN", "adequacy", Regime.THIRD, Group.UNLAWFUL, Fraction(0)),
        ("IN", "none", Regime.THIRD, Group.UNLAWFUL, Fraction(0)),
        ("", "scc", Regime.UNKNOWN, Group.UNLAWFUL, Fraction(0)),
    ],
)
def test_a_place_stands_as_its_country_and_its_safeguard_have_it(
    country: str, safeguard: str, regime: Regime, group: Group, worth: Fraction
) -> None:
    found = at(drawn(answered(GDP_32=said([row(country, safeguard)]))), country)
    assert (found.regime, found.group, found.worth) == (regime, group, worth)
    assert found.unlawful is (group is Group.UNLAWFUL)


def test_places_come_from_the_safest_to_the_worst_and_the_officers_own_last() -> None:
    picture = drawn(
        answered(
            GDP_29=said(["IN", "DE", "CH", "US"]),
            GDP_32=said([row("US", "scc"), row("IN", "none")]),
        ),
        seat="AT",
        delivered_from=["DE", "PL"],
    )
    assert [place.country for place in picture.places] == ["DE", "CH", "US", "IN", "AT", "PL"]
    assert at(picture, "PL").group is Group.UNSCORED
    assert [one.role for one in at(picture, "DE").mentions] == [Role.STORED, Role.DELIVERED]


def test_clauses_stand_as_long_as_their_assessment_is_recent() -> None:
    answers = answered(GDP_32=said([row("IN", "scc")]))
    until = at(drawn(answers), "IN").grounds[0].assessed_until
    assert until is not None
    assert at(drawn(answers, as_of=until), "IN").group is Group.SAFEGUARDED
    late = at(drawn(answers, as_of=until + timedelta(days=1)), "IN")
    assert (late.group, late.worth) == (Group.WEAK, Fraction(3, 10))


@pytest.mark.parametrize("told", ["GDP_14", "GDP_29", "GDP_30"])
def test_a_country_outside_the_eea_that_the_register_does_not_name_is_called_out(told: str) -> None:
    named = ["DE", "CH", "IN"]
    value = [sub(one) for one in named] if told == "GDP_14" else named
    picture = drawn(answered(**{told: said(value)}, GDP_32=said([row("US", "scc")])))
    assert [place.country for place in picture.places if place.unnamed] == ["IN"]


def test_a_rejected_register_is_shown_and_names_no_ground() -> None:
    picture = drawn(
        answered(GDP_29=said(["IN"]), GDP_32=said([row("IN", "scc")], standing="rejected"))
    )
    india = at(picture, "IN")
    assert india.unnamed
    assert {one.role for one in india.mentions} == {Role.STORED, Role.TRANSFERRED}
    register = next(one for one in picture.sources if one.role is Role.TRANSFERRED)
    assert (register.state, register.believed) == (State.REJECTED, False)


def test_a_rejected_answer_alone_makes_a_place_that_no_score_rests_on() -> None:
    picture = drawn(answered(GDP_29=said(["IN"], standing="rejected"), GDP_32=said([])))
    assert at(picture, "IN").group is Group.UNSCORED
    assert at(picture, "IN").costs == 0


def test_an_empty_list_is_told_from_no_answer_and_from_one_that_an_officer_agreed_to() -> None:
    picture = drawn(answered(GDP_14=said([], confirmed=True), GDP_32=said([])))
    stands = {one.question.id: (one.state, one.empty) for one in picture.sources}
    assert stands[SUBS] == (State.ANSWERED, True)
    assert stands[REGISTER] == (State.MISSING, True)
    assert stands[STORED] == (State.MISSING, False)


def test_what_is_no_longer_asked_says_nothing() -> None:
    answers = {
        "GDP-01": said("none", confirmed=True),
        STORED: said(["IN"]),
        REGISTER: said([row("IN", "none")]),
    }
    told = Told(GDPR, FACTS, values(answers))
    basis = build_basis(Case(GDPR, FACTS, FACTORS, answers, {}))
    picture = places(told, basis, AS_OF, standard())
    assert (picture.sources, picture.places) == ((), ())


def test_an_owner_abroad_is_no_place_of_data() -> None:
    owner = {"parent": "Acme Inc.", "country": "US", "exposure": "with-measures"}
    picture = drawn(answered(GDP_29=said(["DE"]), GDP_31=said([owner])))
    assert [place.country for place in picture.places] == ["DE"]
    (found,) = picture.owners
    assert (found.who, found.country, found.question) == ("Acme Inc.", "US", "GDP-31")
    assert found.what.startswith("A law outside the EEA could reach the data, but")


def test_the_worst_place_decides_a_question_and_others_do_not() -> None:
    answers = answered(
        GDP_29=said(["DE", "CH", "IN"]), GDP_32=said([row("CH", "adequacy"), row("IN", "scc")])
    )
    picture = drawn(answers)
    effects = {one.question: one for one in at(picture, "IN").effects}
    assert {name: one.decides for name, one in effects.items()} == {STORED: True, REGISTER: True}
    assert not any(one.decides for one in at(picture, "CH").effects)
    result = evaluate(build_sheet(case(answers), AS_OF))
    assert effects[STORED].points == result.contributions[STORED] > effects[STORED].own > 0


def test_two_places_that_are_equally_bad_share_a_question_and_neither_costs_it_alone() -> None:
    picture = drawn(
        answered(GDP_29=said(["IN", "BD"]), GDP_32=said([row("IN", "scc"), row("BD", "scc")]))
    )
    for country in ("IN", "BD"):
        assert at(picture, country).costs == 0
        assert all(one.shared and one.decides for one in at(picture, country).effects)
    assert picture.inside.residual < picture.result.residual


def test_without_a_place_the_score_is_that_of_the_answers_that_do_not_name_it() -> None:
    everywhere = answered(
        GDP_14=said([sub("DE"), sub("IN")]),
        GDP_29=said(["DE", "IN"]),
        GDP_30=said(["DE", "US"]),
        GDP_32=said([row("US", "dpf"), row("IN", "none")]),
    )
    elsewhere = answered(
        GDP_14=said([sub("DE")]),
        GDP_29=said(["DE"]),
        GDP_30=said(["DE", "US"]),
        GDP_32=said([row("US", "dpf")]),
    )
    india = at(drawn(everywhere), "IN")
    assert india.without is not None
    assert (india.without.score, india.without.residual) == score_of(elsewhere)
    assert india.costs == score_of(everywhere)[1] - score_of(elsewhere)[1]
    assert REGISTER in holding(drawn(everywhere).result)
    assert REGISTER not in holding(india.without)


def test_without_the_only_clauses_nobody_asks_whether_they_were_assessed() -> None:
    picture = drawn(
        answered(GDP_33=said("missing"), GDP_29=said(["IN"]), GDP_32=said([row("IN", "scc")]))
    )
    without = at(picture, "IN").without
    assert ASSESSED in holding(picture.result)
    assert without is not None
    assert ASSESSED not in holding(without)


def test_scored_cells_go_with_their_row() -> None:
    kept = writing.column("kept", "choice", options=writing.choice(well=1, badly=0)["options"])
    table = writing.table(*writing.REGISTER["columns"][:2], kept)
    register = writing.question(
        answer=table, transfers={"country": "country", "safeguard": "safeguard"}
    )
    release = writing.parsed(register)
    rows = [
        {"country": "DE", "safeguard": "none", "kept": "well"},
        {"country": "IN", "safeguard": "scc", "kept": "badly"},
    ]
    answers = {"TST-01": said(rows)}
    basis = build_basis(Case([release], FACTS, FACTORS, answers, {}))
    picture = places(Told([release], FACTS, values(answers)), basis, AS_OF, standard())
    assert picture.result.item_credit["TST-01"] == 0
    without = at(picture, "IN").without
    assert without is not None
    assert without.item_credit["TST-01"] == 1
    # The cell decides, and not the country.
    assert not any(one.decides for one in at(picture, "IN").effects)


def test_an_overridden_decision_counts_and_keeps_its_reason() -> None:
    instead = Decision("IN", "Ours", Coverage.FULL, date(2026, 1, 1), overridden="Our counsel.")
    terms = replace(standard(), adequacy=standard().adequacy.overridden([instead]))
    answers = answered(GDP_29=said(["IN"]), GDP_32=said([]))
    told = Told(GDPR, FACTS, values(answers))
    india = at(places(told, build_basis(case(answers)), AS_OF, terms), "IN")
    assert (india.regime, india.group, india.unnamed) == (Regime.FULL, Group.ADEQUATE, False)
    assert [one.overridden for one in india.decisions] == ["Our counsel."]


def test_codes_of_the_same_country_are_one_place() -> None:
    picture = drawn(answered(GDP_29=said(["GR", "GB"])), seat="EL", delivered_from=["UK"])
    assert [place.country for place in picture.places] == ["GR", "GB"]


COUNTRIES = ["DE", "FR", "CH", "US", "JP", "IN", "CN", "BR", "EL", "GB"]
lists = st.lists(st.sampled_from(COUNTRIES), max_size=5, unique=True)
registers = st.lists(
    st.builds(row, st.sampled_from([*COUNTRIES, ""]), st.sampled_from(list(Safeguard))), max_size=5
)
reviewed = st.sampled_from(["open", "open", "open", "rejected"])


@st.composite
def answer_sets(draw: st.DrawFn) -> Answers:
    def reviewed_as(value: Any) -> Reviewed:
        return said(value, standing=draw(reviewed), confirmed=draw(st.booleans()))

    return answered(
        GDP_14=reviewed_as([sub(one) for one in draw(lists)]),
        GDP_29=reviewed_as(draw(lists) or None),
        GDP_30=reviewed_as(draw(lists) or None),
        GDP_32=reviewed_as(draw(registers)),
        GDP_33=draw(st.sampled_from([TODAY, said("older"), said("missing"), said(None)])),
    )


@settings(deadline=None, max_examples=60)
@given(answer_sets(), st.integers(0, 1000))
def test_the_least_that_its_places_leave_a_question_is_its_credit(
    answers: Answers, days: int
) -> None:
    day = AS_OF + timedelta(days=days)
    picture = drawn(answers, as_of=day)
    sheet = build_sheet(case(answers), day)
    least: dict[str, Fraction] = {}
    decided: set[str] = set()
    for place in picture.places:
        for one in place.effects:
            least[one.question] = min(least.get(one.question, Fraction(1)), one.worth)
            decided |= {one.question} if one.decides else set()
    for item in sheet.items:
        if item.id in {SUBS, STORED, REACHED, REGISTER} and item.state is State.ANSWERED:
            assert least.get(item.id, 1) == item.credit
            assert (item.id in decided) == (item.credit < 1)
        else:
            assert item.id not in least
    assert picture.result == evaluate(sheet)


def not_naming(country: str, answers: Answers) -> Answers:
    """The answers without a country; a list that is emptied by it is agreed to."""
    left = dict(answers)
    for name in (SUBS, STORED, REACHED, REGISTER):
        rows = answers[name].value or []
        kept = [one for one in rows if code_of(one) != country]
        if kept != rows:
            agreed = answers[name].confirmed or not kept
            left[name] = replace(answers[name], value=kept, confirmed=agreed)
    return left


def code_of(told: Any) -> str:
    code = told if isinstance(told, str) else told["country"]
    return {"EL": "GR"}.get(code, code)


@settings(deadline=None, max_examples=40)
@given(answer_sets())
def test_without_any_place_the_outcome_is_that_of_answers_that_do_not_name_it(
    answers: Answers,
) -> None:
    picture = drawn(answers)
    for place in picture.places:
        expected = evaluate(build_sheet(case(not_naming(place.country, answers)), AS_OF))
        found = place.without or picture.result
        assert (found.score, found.residual, found.floors) == (
            expected.score,
            expected.residual,
            expected.floors,
        )
        assert place.costs == picture.result.residual - expected.residual >= 0
        assert sum(one.own for one in place.effects) == place.costs


@settings(deadline=None, max_examples=40)
@given(answer_sets())
def test_all_places_outside_the_eea_cost_at_least_what_each_of_them_does(answers: Answers) -> None:
    picture = drawn(answers)
    together = picture.result.residual - picture.inside.residual
    assert all(place.costs <= together for place in picture.places)
    assert (together > 0) == any(one.decides for place in picture.places for one in place.effects)
