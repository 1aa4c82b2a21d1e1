"""What is sent to us: from whose page, with which token, how often, and where it leads."""

import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.web.guard import SESSION_COOKIE
from tests.cast import PASSWORD, Cast
from tests.conftest import Client, Place, StoppedClock, dispose, make_app
from tests.web.security import check_headers, door

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The app as it is in use: forms bear a token."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


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
    assert guarded.extensions["csrf"]._exempt_views == {
        "riskapp.web.portal.evidence.upload",
        "riskapp.web.questionnaires.bringing.receive",
    }


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
