"""What a browser is given and must keep to: headers, cookies, and sessions that end."""

import json
import re
from contextlib import closing
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.accounts.models import SignInSession
from riskapp.core.db import reading
from riskapp.web.guard import SESSION_COOKIE
from tests import stages
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.web.security import check_headers, door


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sign-in", 200),
        ("POST", "/sign-in", 422),
        ("GET", "/", 302),
        ("GET", "/account", 302),
        ("GET", "/nowhere", 404),
        ("PUT", "/sign-in", 405),
        ("GET", "/i/no-such-link", 404),
    ],
)
def test_pages_for_nobody_bear_the_headers(
    client: Client, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    check_headers(response)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("ada", "/admin/people"),
        ("ada", "/account"),
        ("ada", "/auditor/"),
        ("audrey", "/auditor/"),
        ("oskar", "/desk/assessments"),
        ("oskar", "/desk/vendors"),
    ],
)
def test_pages_for_the_signed_in_bear_the_headers_and_lie_in_no_cache(
    client: Client, cast: Cast, who: str, path: str
) -> None:
    response = client.as_(getattr(cast, who)).get(path)
    check_headers(response)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_vendors_page_bears_the_headers(app: Flask, client: Client, cast: Cast) -> None:
    with app.app_context():
        link = stages.issued(cast.vera, cast.oskar)
    response = client.get(f"/i/{link.token}")
    assert response.status_code == 200
    check_headers(response)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_page_that_breaks_bears_the_headers_and_tells_nothing(app: Flask, client: Client) -> None:
    def broken() -> str:
        raise RuntimeError("the secret is Wolkenstein")

    broken.permission = "public"  # type: ignore[attr-defined]  # as `requires` does
    app.add_url_rule("/broken", "broken", broken)
    response = client.get("/broken")
    assert response.status_code == 500
    check_headers(response)
    assert "Wolkenstein" not in response.get_data(as_text=True)
    assert "Something broke on our side" in response.get_data(as_text=True)


def test_what_breaks_is_noted_without_the_link_and_without_what_was_written(
    app: Flask, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(token: str) -> str:
        try:
            reading().execute(sa.text("SELECT nothing FROM nowhere WHERE :said"), {"said": token})
        except sa.exc.DBAPIError as error:
            raise RuntimeError("vera@nordlicht.example") from error
        raise AssertionError

    broken.permission = "public"  # type: ignore[attr-defined]  # as `requires` does
    app.add_url_rule("/broken/<token>", "broken", broken)
    assert client.get("/broken/a-secret").status_code == 500
    noted = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["event"] for line in noted] == ["broken"]
    assert noted[0]["route"] == "/broken/<token>"
    assert noted[0]["error"][0] == "RuntimeError"
    assert len(noted[0]["error"]) == 3, "what the error came from is named"
    assert "test_security.py" in noted[0]["where"][-1]
    assert "a-secret" not in str(noted)
    assert "vera" not in str(noted)


def test_style_sheets_bear_the_headers_and_may_be_kept(client: Client) -> None:
    with closing(client.get("/static/css/base.css")) as response:
        assert response.status_code == 200
        check_headers(response)
        assert response.headers.get("Cache-Control") != "no-store"


def test_scripts_and_styles_stand_in_files_only(client: Client, cast: Cast) -> None:
    page = client.as_(cast.ada).get("/admin/people").get_data(as_text=True)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", page))
    assert "<style" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "nothing comes from elsewhere"


def test_only_https_promises_https(client: Client, secure: Flask) -> None:
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    secured = secure.test_client().get("/sign-in", base_url="https://risk.example")
    assert secured.headers["Strict-Transport-Security"] == "max-age=31536000"


def cookie(response: TestResponse, name: str) -> set[str]:
    """The attributes with which a cookie was set, its value left out."""
    (line,) = [one for one in response.headers.getlist("Set-Cookie") if one.startswith(f"{name}=")]
    return set(line.split("; ")[1:])


def test_the_session_cookie_is_kept_from_scripts_other_sites_and_plain_http(
    secure: Flask, cast: Cast
) -> None:
    browser = secure.test_client()
    signed = browser.post("/sign-in", data=door(cast.ada.email), base_url="https://risk.example")
    assert cookie(signed, SESSION_COOKIE) == {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}


def test_without_https_the_session_cookie_is_still_kept_from_scripts(
    client: Client, cast: Cast
) -> None:
    signed = client.post("/sign-in", data=door(cast.ada.email))
    assert cookie(signed, SESSION_COOKIE) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_forms_cookie_has_the_same_flags(secure: Flask) -> None:
    secure.config["WTF_CSRF_ENABLED"] = True
    page = secure.test_client().get("/sign-in", base_url="https://risk.example")
    assert cookie(page, "riskapp_form") == {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}


def test_a_respondents_cookie_has_the_same_flags_and_goes_to_its_own_pages_only(
    secure: Flask, cast: Cast
) -> None:
    with secure.app_context():
        link = stages.issued(cast.vera, cast.oskar)
    opened = secure.test_client().post(f"/i/{link.token}", base_url="https://risk.example")
    said = cookie(opened, "riskapp_respondent")
    wanted = {"HttpOnly", f"Path=/p/{link.invitation_id}", "SameSite=Lax", "Secure"}
    assert wanted <= said
    assert f"Max-Age={timedelta(days=30).total_seconds():.0f}" in said


def test_a_session_that_was_planted_before_signing_in_stays_shut(
    app: Flask, client: Client, cast: Cast
) -> None:
    planted = "p" * 43
    client.set_cookie(SESSION_COOKIE, planted)
    client.post("/sign-in", data=door(cast.ada.email))
    held = client.get_cookie(SESSION_COOKIE)
    assert held is not None
    assert held.value != planted
    attacker = app.test_client()
    attacker.set_cookie(SESSION_COOKIE, planted)
    assert attacker.get("/account").status_code == 302


def test_only_the_hash_of_a_session_is_stored(app: Flask, client: Client, cast: Cast) -> None:
    client.post("/sign-in", data=door(cast.ada.email))
    held = client.get_cookie(SESSION_COOKIE)
    assert held is not None
    with app.app_context():
        rows = reading().execute(sa.select(SignInSession.__table__)).all()
    assert rows
    assert not any(held.value in str(value) for row in rows for value in row)


def test_signing_out_ends_the_session_and_not_only_the_cookie(
    app: Flask, client: Client, cast: Cast
) -> None:
    response = client.as_(cast.ada).post("/sign-out")
    assert response.headers["Location"] == "/sign-in"
    assert client.get_cookie(SESSION_COOKIE) is None
    thief = app.test_client()
    thief.set_cookie(SESSION_COOKIE, cast.ada.session)
    assert thief.get("/account").status_code == 302


def test_a_session_ends_when_it_is_not_used(
    client: Client, cast: Cast, clock: StoppedClock
) -> None:
    client.as_(cast.ada)
    clock.pass_by(minutes=59)
    assert client.get("/account").status_code == 200
    clock.pass_by(minutes=59)
    assert client.get("/account").status_code == 200, "use keeps it open"
    clock.pass_by(minutes=60)
    assert client.get("/account").status_code == 302


def test_a_session_ends_after_its_hours_however_busy(
    client: Client, cast: Cast, clock: StoppedClock
) -> None:
    client.as_(cast.ada)
    for _ in range(11):
        clock.pass_by(minutes=59)
        assert client.get("/account").status_code == 200
    clock.pass_by(minutes=70)
    assert client.get("/account").status_code == 302


def test_every_session_of_a_closed_account_ends(app: Flask, client: Client, cast: Cast) -> None:
    client.as_(cast.audrey)
    other = app.test_client()
    other.set_cookie(SESSION_COOKIE, cast.ada.session)
    other.post(f"/admin/people/{cast.audrey.id}/close")
    assert client.get("/account").status_code == 302


def test_where_one_wanted_to_go_is_remembered_for_pages_and_not_for_changes(
    client: Client,
) -> None:
    assert client.get("/account").headers["Location"] == "/sign-in?next=/account"
    assert client.post("/sign-out").headers["Location"] == "/sign-in"


def test_what_stands_in_the_address_is_not_markup_on_the_page(client: Client) -> None:
    page = client.get("/sign-in?next=" + quote('/"><script>alert(1)</script>'))
    assert "<script>alert" not in unescape(page.get_data(as_text=True)).replace("%3C", "<")
