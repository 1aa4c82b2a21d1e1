import re
from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.answers.queries import answers, values
from riskapp.answers.service import Given
from riskapp.assessments.queries import assessment
from riskapp.core.db import reading
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from riskapp.vendors.intake import rate
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import INTAKE, Cast
from tests.catalogue import writing
from tests.conftest import Client
from tests.small import CHILD, CONTROL, LEGAL, LIST, NUMBER, PROVEN, ROLE, VITAL
from tests.small import app as small_app
from tests.web.desk import words
from tests.web.questionnaires import CURRENT, OWN, TRY, facts, fields, publish_own, rows

__all__ = ["small_app"]
JSON = {"Accept": "application/json"}


@pytest.fixture
def app(small_app: Flask) -> Flask:
    small_app.config["WTF_CSRF_ENABLED"] = False
    return small_app


def said(question_id: str, value: Any) -> dict[str, Any]:
    return {f"q-{question_id}-value": value}


def asked(page: TestResponse) -> list[str]:
    """The questions of a page that are not hidden."""
    found = re.findall(r'<fieldset id="([^"]+)" class="question"([^>]*)>', page.text)
    assert len(found) == len(small.QUESTIONS), "those that are not asked go along, hidden"
    return [name for name, attributes in found if " hidden" not in attributes]


def score(page: TestResponse) -> str:
    found = re.search(r"Residual risk ([\d.]+), (\w+)\.", words(page))
    assert found is not None
    return found[1]


def test_a_release_is_shown_as_the_vendor_sees_it_and_scored(client: Client, cast: Cast) -> None:
    page = client.as_(cast.oskar).get(TRY)
    assert page.status_code == 200
    assert asked(page) == [ROLE, *small.ALWAYS, *(f"SML-{n}" for n in (11, 12, 13))]
    told = words(page)
    assert "Residual risk 87.5, critical. 11 questions are asked now." in told
    assert "2 more would be, if other answers were different." in told
    assert "Nothing of it is kept" in told
    assert "SML-03 is not answered, and must not fail" in told, "floors"
    assert re.search(r"\+[\d.]+: SML-04 is not answered\.", told), "costs, by the question"
    assert re.search(r"Access 2 \d+ Effective: \d+ %", told), "domains"


def test_what_is_asked_follows_the_answers(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    page = client.post(TRY, data=facts() | said(ROLE, "processor") | said(CONTROL, "some"))
    assert {LEGAL, CHILD} <= set(asked(page))
    page = client.post(TRY, data=facts() | said(ROLE, "none") | said(CONTROL, "none"))
    assert not {LEGAL, CHILD} & set(asked(page))
    assert f'href="#{VITAL}"' in page.text, "the score leads to the questions that are asked"
    assert f'href="#{CHILD}"' not in page.text


def test_an_answer_that_is_hidden_for_a_while_comes_back(client: Client, cast: Cast) -> None:
    data = facts() | said(CONTROL, "none") | said(CHILD, "yes")
    page = client.as_(cast.oskar).post(TRY, data=data)
    assert CHILD not in asked(page)
    assert re.search(rf'name="q-{CHILD}-value" value="yes" checked', page.text)


def test_the_score_is_what_scoring_makes_of_the_same_answers(
    app: Flask, client: Client, cast: Cast
) -> None:
    instead = {
        VITAL.replace("-", "_"): Given("partly"),
        NUMBER.replace("-", "_"): Given("90"),
        "SML_09": Given(["logs"]),
        "SML_10": Given(1),
    }
    with app.app_context():
        invitation = small.submitted(cast, **instead)
        of = invitation.assessment_id
        for name in (ROLE, LIST):
            review_answer(of, name, Action.CONFIRM, stages.reviewer(cast.oskar))
        reading().rollback()
        row = assessment(reading(), of)
        release = ports().library.current.latest("small")
        inherent, _ = rate(ports().library.current.intake, INTAKE)
        given = values(answers(reading(), of))
        assert row is not None
        known = {name: value for name, value in row.facts.items() if name != "inherent"}
    data = facts(**known, inherent=_decimal(inherent))
    for name, value in given.items():
        data |= fields(release.questions[name], value)
    data[f"q-{PROVEN}-proof"] = "provided"
    page = client.as_(cast.oskar).post(TRY, data=data)
    assert page.status_code == 200
    assert score(page) == row.shown
    data[f"q-{PROVEN}-proof"] = "independent"
    assert float(score(client.post(TRY, data=data))) < float(row.shown or 0)


def _decimal(exact: Fraction) -> str:
    written = f"{float(exact):.4f}"
    assert Fraction(written) == exact
    return written


def test_the_inherent_risk_is_a_tier_or_a_score(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    for typed, expected in (
        ("low", "Low 12.5"),
        ("Medium", "Medium 37.5"),
        ("high", "High 62.5"),
        ("critical", "Critical 87.5"),
        ("0", "Low 0.0"),
        ("100", "Critical 100.0"),
        ("24,99", "Low 24.9"),
        ("75", "Critical 75.0"),
    ):
        page = words(client.post(TRY, data=facts(inherent=typed)))
        assert f"Inherent risk {expected} " in page, typed


def test_nothing_is_written(app: Flask, client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    before = rows(app)
    data = facts() | said(VITAL, "no") | {f"q-{PROVEN}-proof": "reviewed"}
    assert client.get(TRY).status_code == 200
    assert client.post(TRY, data=data).status_code == 200
    assert client.post(TRY, data=data, headers=JSON).status_code == 200
    assert client.post(TRY, data=facts(inherent="x")).status_code == 422
    assert rows(app) == before
    assert sum(before.values()) > 0


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"fact-inherent": "no idea"}, "fact-inherent", "“no idea” is no inherent risk."),
        ({"fact-inherent": "100.1"}, "fact-inherent", "is no inherent risk."),
        ({"fact-inherent": ""}, "fact-inherent", "Enter low, medium, high or critical"),
        ({"fact-data": "everything"}, "fact-data", "Choose from what is offered here."),
        ({"fact-services": ["qa", "x"]}, "fact-services", "Choose from what is offered here."),
        (said(NUMBER, "91"), f"q-{NUMBER}-value", f"{NUMBER}: “91” is out of range"),
        (said(VITAL, "perhaps"), f"q-{VITAL}-value", f"{VITAL}: “perhaps” is no answer here"),
        ({f"q-{VITAL}-proof": "great"}, f"q-{VITAL}-proof", "Choose from what is offered here."),
        ({f"q-{LIST}-row-2-name": "x"}, f"q-{LIST}-row-2-kept", "Row 2, Kept: nothing is given"),
        ({f"q-{VITAL}-na": "yes"}, f"q-{VITAL}-na-reason", "Say why the question does not apply"),
        ({f"q-{ROLE}-na": "yes"}, f"q-{ROLE}-value", "What else is asked depends on this answer"),
    ],
)
def test_wrong_input_is_refused_at_its_field_and_the_rest_stays(
    client: Client, cast: Cast, wrong: dict[str, Any], field: str, problem: str
) -> None:
    right = said(CONTROL, "some") | {f"q-{PROVEN}-proof": "reviewed"}
    page = client.as_(cast.oskar).post(TRY, data=facts() | right | wrong)
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert problem in words(page)
    assert f'id="{field}"' in page.text
    assert re.search(rf'name="q-{CONTROL}-value" value="some" checked', page.text)
    assert re.search(rf'id="q-{PROVEN}-proof".*?value="reviewed" selected', page.text, re.DOTALL)
    typed = next(iter(wrong.values()))
    if isinstance(typed, str) and field in {"fact-inherent", f"q-{NUMBER}-value"}:
        assert f'value="{typed}"' in page.text


def test_what_is_wrong_with_a_question_that_is_not_asked_is_not_said(
    client: Client, cast: Cast
) -> None:
    page = client.as_(cast.oskar).post(TRY, data=facts() | said(LEGAL, "perhaps"))
    assert page.status_code == 200


def test_a_refused_answer_counts_as_none(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    nothing = score(client.post(TRY, data=facts()))
    assert score(client.post(TRY, data=facts() | said(VITAL, "perhaps"))) == nothing
    assert score(client.post(TRY, data=facts() | said(VITAL, "yes"))) != nothing


def test_that_it_does_not_apply_is_approved_by_nobody(client: Client, cast: Cast) -> None:
    data = {f"q-{VITAL}-na": "yes", f"q-{VITAL}-na-reason": "We have none."}
    page = words(client.as_(cast.oskar).post(TRY, data=facts() | data))
    assert f"{VITAL} is said not to apply, which is not approved" in page


def test_what_the_facts_rule_out_is_not_asked(app: Flask, client: Client, cast: Cast) -> None:
    about = writing.question("SML-20", applies_when={"fact": "personal_data", "is": "yes"})
    publish_own(app, cast, *small.QUESTIONS, about, release="2026.2")
    client.as_(cast.oskar)
    page = client.post(f"{OWN}/2026.2/try", data=facts(personal_data="no"))
    assert "1 does not apply." in words(page)
    page = client.post(f"{OWN}/2026.2/try", data=facts())
    assert "does not apply." not in words(page)


def test_a_script_is_told_the_same_as_the_page_says(client: Client, cast: Cast) -> None:
    data = facts() | said(ROLE, "processor") | said(NUMBER, "91")
    client.as_(cast.oskar)
    page = client.post(TRY, data=data)
    reply = client.post(TRY, data=data, headers=JSON)
    assert reply.status_code == 200
    told = reply.get_json()
    assert told["asked"] == asked(page)
    assert told["said"] in words(page)
    assert told["score"] in page.text
    assert told["sums"] in page.text
    assert told["costs"][VITAL] in words(page)
    (error,) = told["errors"]
    assert error["field"] == f"q-{NUMBER}-value"
    assert error["message"] in words(page)


def test_the_page_leads_back_and_begins_anew(client: Client, cast: Cast) -> None:
    page = client.as_(cast.ada).post(TRY, data=facts(inherent="low"))
    assert f'<a href="{CURRENT}">small@2026.1</a>' in page.text
    assert f'<a href="{TRY}">open this page again</a>' in page.text
    assert 'name="fact-inherent" value="critical"' in client.get(TRY).text


def test_proof_is_of_today(client: Client, cast: Cast) -> None:
    data = facts() | said(PROVEN, "yes") | {f"q-{PROVEN}-proof": "independent"}
    page = words(client.as_(cast.oskar).post(TRY, data=data))
    assert f"{PROVEN} has proof" not in page


def test_a_questionnaire_of_one_language_offers_no_other(client: Client, cast: Cast) -> None:
    assert 'name="lang"' not in client.as_(cast.oskar).get(TRY).text
    assert client.post(TRY, data=facts() | {"lang": "de"}).status_code == 404
