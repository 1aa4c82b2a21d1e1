"""The page that explains a receipt: every number from it, down to an answer in two clicks."""

import json
import re
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer
from tests import stages
from tests.cast import Cast
from tests.conftest import Client
from tests.web.desk import came_in, counted, says_no, scores, words
from tests.web.portal import XHTML, everywhere

KNOCK_OUT = "ISM-12"


@pytest.fixture
def failed(app: Flask, cast: Cast) -> str:
    """Everything was answered well but a knock-out; most proof is missing."""
    return came_in(app, cast.vera, cast.oskar, instead=says_no(KNOCK_OUT))


def receipt_of(client: Client, cast: Cast, of: str, number: int = 1) -> dict[str, Any]:
    response = client.as_(cast.oskar).get(f"/desk/assessments/{of}/receipts/{number}.json")
    found: dict[str, Any] = json.loads(response.get_data())
    return found


def main(page: str) -> Element:
    found = html5lib.parse(page).find(f".//{XHTML}main")
    assert found is not None
    return found


def looked_up(document: Any, path: str) -> Any:
    """What stands at `result.floors[0].at` or `items[ISM-12].contribution`."""
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(document, list):
            by_id = {one["id"]: one for one in document if "id" in one}
            document = by_id[step] if step in by_id else document[int(step)]
        else:
            document = document[step]
    return document


def as_shown(value: Any, shown: str) -> str:
    """An exact value of the receipt as the page has to write it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if re.fullmatch(r"\d+ %", shown):
        return f"{int(Fraction(value) * 100)} %"
    if re.fullmatch(r"\+?\d+\.\d", shown):
        tenths = int(Fraction(value) * 10)
        return f"{'+' if shown.startswith('+') else ''}{tenths // 10}.{tenths % 10}"
    return str(value)


def test_every_number_of_the_page_is_what_stands_in_the_receipt(
    client: Client, cast: Cast, failed: str
) -> None:
    page = client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score").text
    receipt = receipt_of(client, cast, failed)
    named = set()
    for element in main(page).iter():
        path = element.get("data-receipt")
        if path is not None:
            shown = "".join(element.itertext()).strip()
            assert shown == as_shown(looked_up(receipt, path), shown), path
            named.add(path)
    items = {f"items[{one['id']}].contribution" for one in receipt["items"]}
    result = {f"result.{name}" for name in receipt["result"] if name != "floors"}
    floors = {f"result.floors[{at}].at" for at in range(len(receipt["result"]["floors"]))}
    factors = {f"inherent.factors[{name}].value" for name in receipt["inherent"]["factors"]}
    assert named >= items | result | floors | factors | {"inherent.score", "constants.kappa"}
    assert len(floors) == 2


def test_the_page_begins_with_why_the_tier_is_what_it_is(
    client: Client, cast: Cast, failed: str
) -> None:
    page = client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score").text
    result = receipt_of(client, cast, failed)["result"]
    (lead,) = [one for one in main(page).iter() if one.get("class") == "lead"]
    said = "".join(lead.itertext())
    residual = as_shown(result["residual"], "0.0")
    assert said == (
        f"High, {result['shown']}: one failed knock-out ({KNOCK_OUT}) and one weak domain (People) "
        f"hold it there; without them the score would be {residual}, medium."
    )


def test_an_answer_is_one_opened_domain_and_one_link_away(
    client: Client, cast: Cast, failed: str
) -> None:
    page = client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score").text
    domains = [one for one in main(page).iter(f"{XHTML}details") if one.get("class") == "domain"]
    receipt = receipt_of(client, cast, failed)
    linked = []
    for domain in domains:
        points = []
        for row in domain.iter(f"{XHTML}tr"):
            links = [link.get("href", "") for link in row.iter(f"{XHTML}a")]
            for href in links:
                linked.append(href.rpartition("/")[2])
                item = looked_up(receipt, f"items[{linked[-1]}]")
                points.append(Fraction(item["contribution"]))
        assert points == sorted(points, reverse=True), "what costs most is first"
    assert sorted(linked) == sorted(one["id"] for one in receipt["items"])
    opened = client.get(f"/desk/assessments/{failed}/questions/{KNOCK_OUT}")
    assert opened.status_code == 200
    used = {one["domain"] for one in receipt["items"]}
    assert {f"domain-{name}" for name in used} <= {one.get("id") for one in main(page).iter()}


def test_the_score_page_says_what_would_change_the_tier(
    client: Client, cast: Cast, failed: str
) -> None:
    page = client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score")
    told = words(page).partition("What would change the tier")[2].partition("Domains")[0]
    assert re.search(r"takes? it to \w+ \(\d+\.\d\); the rest may stay as it is", told)
    assert f"{KNOCK_OUT} is answered “No”, worth 0 %" in told
    assert f'href="/desk/assessments/{failed}/questions/{KNOCK_OUT}' in page.text


def test_trying_the_repairs_of_the_lift_brings_what_it_promised_and_keeps_nothing(
    app: Flask, client: Client, cast: Cast, failed: str
) -> None:
    page = client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score")
    promised = re.search(r"takes? it to (\w+) \((\d+\.\d)\)", words(page))
    address = re.search(r'href="([^"]+\?fix=[^"#]+)#try"', page.text)
    assert promised is not None
    assert address is not None
    before = everywhere(app)
    tried = client.get(address[1].replace("&amp;", "&"))
    told = words(tried).partition("What would come")[2]
    now = scores(app, failed)[-1]
    number = "1 repair" if address[1].count("fix=") == 1 else rf"{address[1].count('fix=')} repairs"
    assert (
        f"With {number} the score goes from {now}, high, to {promised[2]}, {promised[1]}." in told
    )
    assert re.search(rf"Holds it no more {KNOCK_OUT}, People", told)
    boxes = [one for one in main(tried.text).iter(f"{XHTML}input") if one.get("name") == "fix"]
    ticked = [one.get("value") for one in boxes if "checked" in one.attrib]
    assert sorted(str(one) for one in ticked) == sorted(re.findall(r"fix=([\w-]+)", address[1]))
    assert everywhere(app) == before


def test_the_script_is_told_the_same_as_the_page(client: Client, cast: Cast, failed: str) -> None:
    address = f"/desk/assessments/{failed}/score?fix={KNOCK_OUT}&fix=ISM-16"
    page = words(client.as_(cast.oskar).get(address))
    reply = client.get(address, headers={"Accept": "application/json"}).get_json()
    assert reply["said"].startswith("With 2 repairs the score goes from ")
    assert reply["said"] in page
    assert KNOCK_OUT in reply["outcome"]


def test_ids_that_no_item_has_are_ignored_however_many(
    client: Client, cast: Cast, failed: str
) -> None:
    client.as_(cast.oskar)
    nothing = [("fix", f"X-{n}") for n in range(300)] + [("fix", "<script>"), ("fix", "")]
    address = f"/desk/assessments/{failed}/score"
    headers = {"Accept": "application/json"}
    odd = client.get(address, query_string=[*nothing, ("fix", KNOCK_OUT)], headers=headers)
    assert odd.get_json() == client.get(f"{address}?fix={KNOCK_OUT}", headers=headers).get_json()
    assert "<script>" not in client.get(address, query_string=nothing).text.partition("<main")[2]


def test_an_older_receipt_is_explained_as_it_was(
    app: Flask, client: Client, cast: Cast, failed: str
) -> None:
    with app.app_context():
        review_answer(
            failed, "ISM-16", Action.REJECT, stages.reviewer(cast.oskar), note="Not shown."
        )
    old, new = scores(app, failed)
    base = f"/desk/assessments/{failed}/score"
    first = client.as_(cast.oskar).get(f"{base}?receipt=1")
    assert f"High, {old}: " in words(first)
    assert "This is receipt 1, an older one" in words(first)
    assert "ISM-16 has an answer that was rejected" not in words(first)
    assert "ISM-16 has an answer that was rejected" in words(client.get(base))
    numbers = [
        one.get("value")
        for one in main(first.text).iter(f"{XHTML}input")
        if one.get("type") == "hidden" and one.get("name") == "receipt"
    ]
    assert numbers == ["1", "2"], "what is shown is tried, and what is newest is shared"
    tried = client.get(f"{base}?receipt=1&fix={KNOCK_OUT}")
    assert f"from {old}, high, to " in words(tried)
    assert client.get(f"{base}?receipt=3").status_code == 404
    assert new != ""


def test_the_inherent_risk_is_explained_in_the_words_of_the_intake(
    client: Client, cast: Cast, failed: str
) -> None:
    page = words(client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score"))
    told = page.partition("Where the inherent risk comes from")[2].partition("Receipts")[0]
    assert "INT-02 What is the most sensitive data the vendor can reach? Confidential or" in told
    inherent = receipt_of(client, cast, failed)["inherent"]
    assert as_shown(inherent["score"], "0.0") in told.partition("Together")[2]


def test_the_page_leads_to_the_chapters_of_the_schemes_text(
    client: Client, cast: Cast, failed: str
) -> None:
    page = client.as_(cast.oskar).get(f"/desk/assessments/{failed}/score").text
    chapters = set(re.findall(r'href="/scoring/scheme#([a-z]+)"', page))
    assert chapters >= {"tier", "confidence", "floors", "domains", "inherent", "receipt"}
    text = client.get("/scoring/scheme").text
    assert {one for one in chapters if f'id="{one}"' not in text} == set()


def test_more_questions_take_no_more_statements(app: Flask, client: Client, cast: Cast) -> None:
    few = came_in(app, cast.vera, cast.oskar)
    many = came_in(app, cast.mallory, cast.oskar, only=("iso-27001", "gdpr-processor"))
    client.as_(cast.oskar)
    sent = []
    for one in (few, many):
        client.get(f"/desk/assessments/{one}/score")
        with counted(app) as statements:
            assert client.get(f"/desk/assessments/{one}/score?fix=ISM-04").status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1]
