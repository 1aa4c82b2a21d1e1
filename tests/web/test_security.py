import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.accounts.models import SignInSession
from riskapp.core.db import reading
from riskapp.web.guard import SESSION_COOKIE
from tests import stages
from tests.cast import PASSWORD, Cast
from tests.conftest import Client, Place, StoppedClock, dispose, make_app

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The app as it is in use: forms bear a token."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def secure(place: Place, clock: StoppedClock) -> Iterator[Flask]:
    """An app that people reach by https."""
    made = make_app(place.instance, place.url, clock=clock, base_url="https://risk.example")
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


@pytest.fixture
def strict(place: Place, clock: StoppedClock) -> Iterator[Flask]:
    """An app that takes three tries a day."""
    made = make_app(
        place.instance,
        place.url,
        clock=clock,
        base_url="http://localhost",
        sign_in_limit="3 per day",
    )
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


def token_on(page: TestResponse) -> str:
    return str(TOKEN.findall(page.get_data(as_text=True))[0])


def door(email: str, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password}


def policy(response: TestResponse) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def check_headers(response: TestResponse) -> None:
    said = policy(response)
    assert said["default-src"] == "'none'"
    assert said["script-src"] == said["style-src"] == said["img-src"] == "'self'"
    assert said["form-action"] == said["connect-src"] == "'self'"
    assert said["base-uri"] == said["frame-ancestors"] == "'none'"
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in response.headers["Permissions-Policy"]


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
        raise RuntimeError("the secret is 4711")

    broken.permission = "public"  # type: ignore[attr-defined]  # as `requires` does
    app.add_url_rule("/broken", "broken", broken)
    response = client.get("/broken")
    assert response.status_code == 500
    check_headers(response)
    assert "4711" not in response.get_data(as_text=True)
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


class Unread(io.BytesIO):
    """A body that knows how much of it was read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        self.taken += count
        return count


def send(client: Client, headers: dict[str, str]) -> tuple[int, int]:
    """The status of a sign-in with these headers, and how many bytes of it were read."""
    content = f"email=ada%40example.com&password={quote(PASSWORD)}".encode()
    body = Unread(content)
    response = client.post(
        "/sign-in",
        input_stream=body,
        content_length=len(content),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )
    return response.status_code, body.taken


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "something new"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
    ],
)
def test_another_sites_page_changes_nothing_and_its_body_is_not_read(
    client: Client, headers: dict[str, str]
) -> None:
    assert send(client, headers) == (403, 0)
    assert client.get_cookie(SESSION_COOKIE) is None


def test_the_origin_is_checked_before_the_token(guarded: Flask) -> None:
    browser = guarded.test_client()
    assert isinstance(browser, Client)
    assert send(browser, {"Sec-Fetch-Site": "cross-site"}) == (403, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {},
    ],
)
def test_our_own_pages_may(client: Client, headers: dict[str, str]) -> None:
    status, taken = send(client, headers)
    assert status == 302
    assert taken > 0


def test_another_sites_link_may_be_followed(client: Client) -> None:
    response = client.get("/sign-in", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200


def test_behind_another_name_the_public_address_is_ours(secure: Flask, cast: Cast) -> None:
    browser = secure.test_client()
    response = browser.post(
        "/sign-in",
        data=door(cast.ada.email),
        base_url="http://127.0.0.1:8000",
        headers={"Origin": "https://risk.example"},
    )
    assert response.status_code == 302


def test_a_form_without_its_token_is_refused_in_words(guarded: Flask, cast: Cast) -> None:
    browser = guarded.test_client()
    response = browser.post("/sign-in", data=door(cast.ada.email))
    assert response.status_code == 400
    assert "This form is too old" in response.get_data(as_text=True)
    assert browser.get_cookie(SESSION_COOKIE) is None


def test_a_form_with_its_token_is_taken(guarded: Flask, cast: Cast) -> None:
    browser = guarded.test_client()
    token = token_on(browser.get("/sign-in"))
    response = browser.post("/sign-in", data=door(cast.ada.email) | {"csrf_token": token})
    assert response.status_code == 302


def test_another_browsers_token_is_refused(guarded: Flask, cast: Cast) -> None:
    foreign = token_on(guarded.test_client().get("/sign-in"))
    browser = guarded.test_client()
    browser.get("/sign-in")
    response = browser.post("/sign-in", data=door(cast.ada.email) | {"csrf_token": foreign})
    assert response.status_code == 400


def test_no_route_that_changes_something_works_without_a_token(guarded: Flask) -> None:
    browser = guarded.test_client()
    exempt = guarded.extensions["csrf"]._exempt_views
    taken = []
    for rule in guarded.url_map.iter_rules():
        view = guarded.view_functions[rule.endpoint]
        if "POST" not in (rule.methods or set()):
            continue
        if f"{view.__module__}.{view.__name__}" in exempt:
            continue
        path = re.sub(r"<int[^>]*>", "1", rule.rule)
        response = browser.post(re.sub(r"<[^>]*>", "0" * 32, path))
        if response.status_code != 400:
            taken.append(f"{rule.rule}: {response.status_code}")
    assert taken == []


def test_only_uploads_look_for_the_token_by_themselves(guarded: Flask) -> None:
    assert guarded.extensions["csrf"]._exempt_views == {"riskapp.web.portal.evidence.upload"}


def test_guessing_from_one_address_ends_soon(strict: Flask, cast: Cast) -> None:
    browser = strict.test_client()
    for number in range(3):
        tried = browser.post("/sign-in", data=door(f"p{number}@example.com", "guess"))
        assert tried.status_code == 422
    refused = browser.post("/sign-in", data=door(cast.ada.email))
    assert refused.status_code == 429
    assert "Too many tries" in refused.get_data(as_text=True)
    assert int(refused.headers["Retry-After"]) > 0
    check_headers(refused)


def test_guessing_one_account_from_many_addresses_ends_soon(strict: Flask, cast: Cast) -> None:
    browser = strict.test_client()

    def tries(address: str, email: str) -> int:
        response = browser.post(
            "/sign-in", data=door(email, "guess"), environ_base={"REMOTE_ADDR": address}
        )
        return response.status_code

    spellings = ["ada@example.com", " ADA@example.com", "Ada@Example.com "]
    for number, email in enumerate(spellings):
        assert tries(f"192.0.2.{number}", email) == 422
    assert tries("192.0.2.99", cast.ada.email) == 429
    assert tries("192.0.2.99", cast.olga.email) == 422, "others are not kept out"


def test_looking_at_the_sign_in_page_is_not_a_try(strict: Flask, cast: Cast) -> None:
    browser = strict.test_client()
    for _ in range(5):
        assert browser.get("/sign-in").status_code == 200
    assert browser.post("/sign-in", data=door(cast.ada.email)).status_code == 302


def test_guessing_the_present_password_of_an_open_session_ends_soon(
    strict: Flask, cast: Cast
) -> None:
    browser = strict.test_client()
    browser.set_cookie(SESSION_COOKIE, cast.ada.session)
    statuses = [
        browser.post("/account/password", data={"old": "guess", "password": "x"}).status_code
        for _ in range(4)
    ]
    assert statuses == [422, 422, 422, 429]


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\t\\evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "/.\\/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http:evil.example",
        "",
        "/\x00",
    ],
)
def test_signing_in_leads_to_no_other_site(client: Client, cast: Cast, after: str) -> None:
    signed = client.post(f"/sign-in?next={quote(after)}", data=door(cast.ada.email))
    assert signed.headers["Location"] == "/"


def test_a_path_of_ours_is_followed(client: Client, cast: Cast) -> None:
    signed = client.post("/sign-in?next=/admin/people?after%3Da", data=door(cast.ada.email))
    assert signed.headers["Location"] == "/admin/people?after=a"


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
