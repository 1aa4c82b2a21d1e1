import hashlib
from datetime import timedelta

from flask import Flask

from riskapp.assessments.queries import PAGE
from riskapp.assessments.service import Plan, draft
from riskapp.core.db import reading
from riskapp.scoring.queries import receipts
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.conftest import Client
from tests.web.desk import came_in, counted, words

NOWHERE = "0" * 32

READ = (
    "/desk/vendors/{nowhere}",
    "/desk/vendors/{nowhere}/edit",
    "/desk/vendors/{nowhere}/engagements/new",
    "/desk/engagements/{nowhere}",
    "/desk/engagements/{nowhere}/edit",
    "/desk/engagements/{nowhere}/intake",
    "/desk/engagements/{nowhere}/assessments/new",
    "/desk/assessments/{nowhere}",
    "/desk/assessments/{nowhere}/answers",
    "/desk/assessments/{nowhere}/questions/ISM-01",
    "/desk/assessments/{nowhere}/score",
    "/desk/assessments/{nowhere}/receipts/1.json",
    "/desk/assessments/{nowhere}/decision",
    "/desk/assessments/{nowhere}/history",
    "/desk/assessments/{nowhere}/evidence/{nowhere}/1",
    "/desk/grants/{nowhere}",
    "/desk/grants?show=lost",
    "/desk/grants?before=now~1",
    "/desk/requests/{nowhere}",
    "/desk/requests?before=now~1",
    "/desk/population?after=nowhere",
    "/desk/assessments/{nowhere}/evidence/{nowhere}/99999999999999999999",
    "/desk/assessments/{found}/receipts/99999999999999999999.json",
    "/desk/assessments/{found}/questions/ZZZ-99",
    "/desk/assessments/{found}/receipts/99.json",
    "/desk/assessments/{found}/score?receipt=99",
    "/desk/assessments/{found}/score?receipt=-1",
    "/desk/assessments/{found}/history?before=yesterday",
    "/desk/assessments?state=lost",
    "/desk/assessments?tier=awful",
    "/desk/assessments?before=now~1",
    "/desk/vendors/{vendor}?after=2026-01-01T00:00:00~1",
    "/desk/vendors/{nowhere}/pack",
    "/desk/vendors/{nowhere}/packs",
    "/desk/vendors/{vendor}/packs?assessment={nowhere}",
    "/desk/vendors/{vendor}/packs?before=now~1",
    "/desk/packs/{nowhere}",
    "/desk/packs/{nowhere}/download",
)
CHANGE = {
    "vendors/{nowhere}/contacts": {"contact_name": "A", "contact_email": "a@example.com"},
    "vendors/{vendor}/contacts/{nowhere}/remove": {},
    "grants/{nowhere}/revoke": {},
    "requests/{nowhere}/answer": {"words-answer": "No."},
    "requests/{nowhere}/grant": {"until": "2026-12-31", "purpose": "Audit"},
    "assessments/{nowhere}/issue": {"issue-email": "a@example.com"},
    "assessments/{nowhere}/links": {"link-email": "a@example.com"},
    "assessments/{nowhere}/links/{nowhere}/revoke": {},
    "assessments/{found}/links/{nowhere}/revoke": {},
    "assessments/{nowhere}/extend": {"extend-due": "2026-12-20"},
    "assessments/{nowhere}/cancel": {"cancel-reason": "Not bought."},
    "assessments/{nowhere}/return": {"back-due": "2026-12-20"},
    "assessments/{nowhere}/questions/ISM-01/review": {"action": "accept"},
    "assessments/{found}/questions/ZZZ-99/review": {"action": "accept"},
    "assessments/{found}/questions/ISM-01/evidence/{nowhere}/review": {
        "{nowhere}-action": "evidence-reviewed"
    },
    "assessments/{found}/questions/ISM-01/entries/{nowhere}/undo": {"{nowhere}-note": "Why not."},
    "assessments/{nowhere}/decision": {"outcome": "reject", "reasons": "Unsound."},
    "assessments/{nowhere}/pack": {"recipient": "Audrey", "purpose": "Audit"},
    "vendors/{nowhere}/pack": {"recipient": "Audrey", "purpose": "Audit"},
}


def test_what_is_not_there_is_not_found(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    client.as_(cast.oskar)
    there = {"nowhere": NOWHERE, "found": found, "vendor": cast.vera.vendor_id}
    answered = {path: client.get(path.format(**there)).status_code for path in READ}
    for path, data in CHANGE.items():
        filled = {name.format(**there): value for name, value in data.items()}
        response = client.post(f"/desk/{path.format(**there)}", data=filled)
        answered[path] = response.status_code
    assert {path: code for path, code in answered.items() if code != 404} == {}


def test_nobody_but_an_officer_sees_a_real_assessment(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    for member in (cast.ada, cast.audrey):
        client.as_(member)
        for path in ("", "/answers", "/score", "/questions/ISM-01", "/receipts/1.json"):
            assert client.get(f"/desk/assessments/{found}{path}").status_code == 404
        review = f"/desk/assessments/{found}/questions/ISM-01/review"
        assert client.post(review, data={"action": "accept"}).status_code == 404


def test_changes_are_not_made_by_opening_an_address(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    client.as_(cast.oskar)
    both = {
        "assessments/{nowhere}/decision",
        "assessments/{nowhere}/pack",
        "vendors/{nowhere}/pack",
    }
    there = {"nowhere": NOWHERE, "found": found, "vendor": cast.vera.vendor_id}
    for path in CHANGE.keys() - both:
        assert client.get(f"/desk/{path.format(**there)}").status_code == 405, path


def drafts(app: Flask, cast: Cast, count: int) -> None:
    with app.app_context():
        library, clock = ports().library, ports().clock
        plan = Plan([library.current.latest("iso-27001")], clock.now().date(), "Only this.")
        for _ in range(count):
            draft(
                library,
                cast.vera.engagement_id,
                plan,
                actor=cast.oskar.actor,
                now=clock.now() + timedelta(seconds=1),
            )


def test_two_hundred_assessments_cost_no_more_statements_than_ten(
    app: Flask, client: Client, cast: Cast
) -> None:
    pages = (
        "/desk/assessments",
        f"/desk/vendors/{cast.vera.vendor_id}",
        f"/desk/engagements/{cast.vera.engagement_id}",
    )
    client.as_(cast.oskar)

    def costs() -> dict[str, int]:
        sent = {}
        for page in pages:
            with counted(app) as statements:
                assert client.get(page).status_code == 200
            sent[page] = len(statements)
        return sent

    drafts(app, cast, 10)
    few = costs()
    drafts(app, cast, 190)
    assert costs() == few
    assert max(few.values()) < 15


def test_an_assessments_pages_cost_no_more_with_both_questionnaires_than_with_one(
    app: Flask, client: Client, cast: Cast
) -> None:
    small = came_in(app, cast.vera, cast.oskar)
    large = came_in(app, cast.vera, cast.oskar, only=("iso-27001", "gdpr-processor"))
    client.as_(cast.oskar)
    for path in ("", "/answers", "/questions/ISM-01", "/score", "/decision", "/history"):
        sent = []
        for found in (small, large):
            with counted(app) as statements:
                assert client.get(f"/desk/assessments/{found}{path}").status_code == 200
            sent.append(len(statements))
        assert sent[0] == sent[1], path
        assert sent[0] < 20, path


def test_the_list_is_paged_and_filtered_by_the_url(app: Flask, client: Client, cast: Cast) -> None:
    drafts(app, cast, PAGE + 3)
    found = came_in(app, cast.mallory, cast.oskar)
    client.as_(cast.oskar)
    first = client.get("/desk/assessments?state=draft")
    assert first.text.count("/desk/assessments/") == PAGE
    following = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = client.get(following.replace("&amp;", "&"))
    assert second.text.count("/desk/assessments/") == 3
    submitted = client.get("/desk/assessments?state=submitted")
    assert f"/desk/assessments/{found}" in submitted.text
    assert "Mallow Systems Ltd" in words(submitted)
    assert "Nothing matches" in words(client.get("/desk/assessments?state=returned"))


def test_receipts_are_handed_out_byte_for_byte(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    with app.app_context():
        (row,) = receipts(reading(), found)
    response = client.as_(cast.oskar).get(f"/desk/assessments/{found}/receipts/1.json")
    assert hashlib.sha256(response.data).hexdigest() == row.sha256
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.mimetype == "application/json"


def test_the_history_tells_what_happened_in_words(app: Flask, client: Client, cast: Cast) -> None:
    found = came_in(app, cast.vera, cast.oskar)
    client.as_(cast.oskar)
    client.post(
        f"/desk/assessments/{found}/questions/ISM-01/review",
        data={"action": "reject", "note": "Confidential words."},
    )
    response = client.get(f"/desk/assessments/{found}/history")
    page = words(response)
    assert "Oskar rejected the answer to ISM-01 “Confidential words.” 23 November 2026" in page
    assert "The respondent at vera@nordlicht.example submitted, for the first time" in page
