import re

import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.vendors.queries import engagement, engagements, intake, vendors
from tests.cast import INTAKE, Cast
from tests.conftest import Client
from tests.vendors import standings
from tests.web.desk import told, words

ACME = {
    "name": "Acme Hosting s.r.o.",
    "country": "CZ",
    "contact_name": "Alena",
    "contact_email": "alena@acme.example",
    "contact_role": "CISO",
}
NOWHERE = "0" * 32


def intake_form(**instead: object) -> dict[str, object]:
    answers = {**INTAKE, **{name.replace("_", "-"): value for name, value in instead.items()}}
    return {f"q-{name}-value": value for name, value in answers.items()}


def test_an_officer_registers_a_vendor_an_engagement_and_the_intake_and_sees_the_risk(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    response = client.post("/desk/vendors/new", data=ACME)
    page = told(client, response)
    assert "Acme Hosting s.r.o." in page
    assert "Czechia" in page
    assert "Alena , CISO alena@acme.example" in page
    where = response.headers["Location"]
    response = client.post(
        f"{where}/engagements/new",
        data={
            "title": "Web shop",
            "description": "Runs it.",
            "services": ["infrastructure", "saas"],
            "delivered_from": ["CZ", "", "IN"],
        },
    )
    assert "Intake: Web shop" in told(client, response)
    response = client.post(response.headers["Location"], data=intake_form())
    page = told(client, response)
    assert "High 58.2" in page
    assert "INT-02 What is the most sensitive data the vendor can reach? " in page
    assert "Confidential or personal data +13.2" in page
    assert "Production data, or administrator of a system +16.0 50.0" in page
    assert "Together 58.2" in page
    assert (
        "Information security management iso-27001@2026.1, 30 questions, about 1 h 10 min "
        "\N{EN DASH} Inherent risk is high." in page
    )
    assert "The service includes development." in page
    with app.app_context():
        found = engagement(reading(), response.headers["Location"].rpartition("/")[2])
    assert found is not None
    assert found.services == ["development"], "the intake's answer is what counts"
    assert found.delivered_from == ["CZ", "IN"]


def test_not_known_is_offered_for_every_weighed_question_and_counts_as_the_worst(
    client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    here = f"/desk/engagements/{cast.vera.engagement_id}"
    assert client.get(f"{here}/intake").text.count('value="unknown"') == 9
    response = client.post(f"{here}/intake", data=intake_form(INT_10="unknown", INT_03="unknown"))
    page = told(client, response)
    assert "Not known +10.0" in page
    assert "Held at 75.0 by INT-10" in page
    assert "Critical 75.0" in page


def test_an_open_intake_question_is_named_and_the_rest_stays_typed(
    app: Flask, client: Client, cast: Cast
) -> None:
    form = intake_form(INT_04="privileged")
    del form["q-INT-02-value"]
    response = client.as_(cast.oskar).post(
        f"/desk/engagements/{cast.vera.engagement_id}/intake", data=form
    )
    assert response.status_code == 422
    assert "There is a problem Answer INT-02, or choose “Not known”." in words(response)
    assert 'value="privileged" checked' in response.text
    with app.app_context():
        saved = intake(reading(), cast.vera.engagement_id)
    assert saved is not None
    assert saved.number == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Enter the vendor's name."),
        ({"country": "Atlantis"}, "Choose a country from the list."),
        ({"contact_email": "alena"}, "Enter one e-mail address, like vera@example.com."),
        ({"contact_name": ""}, "Enter the contact's name."),
    ],
)
def test_a_wrong_vendor_is_refused_with_everything_typed_kept(
    app: Flask, client: Client, cast: Cast, wrong: dict[str, str], said: str
) -> None:
    response = client.as_(cast.oskar).post("/desk/vendors/new", data={**ACME, **wrong})
    assert response.status_code == 422
    assert words(response).count(said) == 2, "in the summary and at the field"
    assert "CISO" in response.text
    with app.app_context():
        assert len(vendors(reading())) == 2


def test_details_of_vendor_and_engagement_are_corrected(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    here = f"/desk/vendors/{cast.vera.vendor_id}"
    assert 'value="Nordlicht Software GmbH"' in client.get(f"{here}/edit").text
    page = told(client, client.post(f"{here}/edit", data={"name": "Nordlicht SE", "country": "AT"}))
    assert "Nordlicht SE" in page
    assert "Austria" in page
    there = f"/desk/engagements/{cast.vera.engagement_id}"
    data = {"title": "Portal 2", "services": ["qa"], "delivered_from": []}
    page = told(client, client.post(f"{there}/edit", data=data))
    assert "Portal 2" in page
    assert "QA and testing" in page
    refused = client.post(f"{there}/edit", data={"title": "Portal 2"})
    assert refused.status_code == 422
    assert "Choose at least one kind of service from the list." in words(refused)


def test_contacts_come_and_go(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    here = f"/desk/vendors/{cast.vera.vendor_id}"
    data = {"contact_name": "Viktor", "contact_email": "viktor@nordlicht.example"}
    assert "Remove Viktor" in told(client, client.post(f"{here}/contacts", data=data))
    refused = client.post(f"{here}/contacts", data={**data, "contact_email": "viktor"})
    assert refused.status_code == 422
    remove = client.get(here).text.partition(f"{here}/contacts/")[2].partition('"')[0]
    other = f"/desk/vendors/{cast.mallory.vendor_id}/contacts/{remove}"
    assert client.post(other).status_code == 404, "another vendor's contact"
    assert "Remove Vera" not in told(client, client.post(f"{here}/contacts/{remove}"))


def test_the_register_is_searched_by_the_beginning_of_a_name(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    page = words(client.get("/desk/vendors?beginning=nord"))
    assert "Nordlicht Software GmbH" in page
    assert "Mallow Systems Ltd" not in page
    assert "No vendor\N{RIGHT SINGLE QUOTATION MARK}s name begins like this" in words(
        client.get("/desk/vendors?beginning=zz")
    )


def test_the_register_is_filtered_by_tier_and_name_in_the_url(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        for name, tier in (("Acme", "high"), ("Apex", "low"), ("Bolt", "high")):
            standings.another_vendor(cast.oskar, name, tier)
    client.as_(cast.oskar)
    page = words(client.get("/desk/vendors"))
    assert "Critical 0 High 2 Medium 0 Low 1 Not assessed yet 2" in page
    assert "Acme High 40.0 Germany" in page
    assert "Nordlicht Software GmbH Not assessed yet Germany" in page
    response = client.get("/desk/vendors?tier=high")
    page = words(response)
    assert "Only those with tier high." in page
    assert ("Acme" in page, "Bolt" in page, "Apex" in page) == (True, True, False)
    assert 'type="hidden" name="tier" value="high"' in response.text, "searching keeps the tier"
    page = words(client.get("/desk/vendors?tier=high&beginning=b"))
    assert ("Acme" in page, "Bolt" in page) == (False, True)
    page = words(client.get("/desk/vendors?tier=unscored"))
    assert ("Nordlicht" in page, "Acme" in page) == (True, False)
    assert "No vendor here" in words(client.get("/desk/vendors?tier=critical"))
    assert "Nothing matches" in words(client.get("/desk/vendors?tier=low&beginning=b"))
    assert client.get("/desk/vendors?tier=awful").status_code == 404


def test_pages_of_the_register_keep_the_tier(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        standings.many_vendors(51, "high", "41.0")
    client.as_(cast.oskar)
    first = client.get("/desk/vendors?tier=high").text
    following = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = words(client.get(following.replace("&amp;", "&")))
    assert (first.count("High</span>"), second.count("High 41.0")) == (51, 1)
    assert "Only those with tier high." in second


def test_an_auditor_is_granted_a_vendor_until_a_date_and_it_is_taken_back(
    client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    here = f"/desk/vendors/{cast.vera.vendor_id}"
    data = {"person": cast.audrey.id, "until": "2026-12-31", "purpose": "Yearly audit"}
    page = told(client, client.post(f"{here}/grants", data=data))
    days = "23 November 2026 31 December 2026"
    assert f"Audrey The whole vendor {days} Listed only Yearly audit" in page
    grant = re.search(r"/desk/grants/[0-9a-f]{32}", client.get(here).text)
    assert grant is not None
    page = told(client, client.post(f"{grant[0]}/revoke"))
    assert "Taken back" in page
    assert "No auditor sees this vendor now." in words(client.get(here))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"until": ""}, "Enter the last day of access as a date, like 2027-03-31."),
        ({"until": "31.12."}, "Enter the last day of access as a date, like 2027-03-31."),
        ({"until": "2026-11-22"}, "The last day of access comes before the first one."),
        ({"starts": "2026-11-22"}, "Choose today or a later day."),
        ({"starts": "soon"}, "Enter the first day of access as a date, like 2027-03-31."),
        ({"starts": "2026-12-01", "until": "2027-12-03"}, "Grant at most a year"),
        ({"purpose": " "}, "Say what the auditor needs this for."),
        ({"person": NOWHERE}, "Choose an auditor from the list."),
    ],
)
def test_a_wrong_grant_is_refused(
    client: Client, cast: Cast, wrong: dict[str, str], said: str
) -> None:
    data = {"person": cast.audrey.id, "until": "2026-12-31", "purpose": "Yearly audit", **wrong}
    response = client.as_(cast.oskar).post(f"/desk/vendors/{cast.vera.vendor_id}/grants", data=data)
    assert response.status_code == 422
    assert said in words(response)


def test_another_vendors_assessment_cannot_be_granted(client: Client, cast: Cast) -> None:
    data = {
        "person": cast.audrey.id,
        "until": "2026-12-31",
        "purpose": "Audit",
        "assessment": NOWHERE,
    }
    response = client.as_(cast.oskar).post(f"/desk/vendors/{cast.vera.vendor_id}/grants", data=data)
    assert response.status_code == 404


def test_an_engagement_of_a_vendor_that_is_not_there_is_not_registered(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    data = {"title": "Nothing", "services": ["qa"]}
    assert client.post(f"/desk/vendors/{NOWHERE}/engagements/new", data=data).status_code == 404
    with app.app_context():
        assert len(engagements(reading(), cast.vera.vendor_id)) == 1
