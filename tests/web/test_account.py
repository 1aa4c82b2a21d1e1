import re
from html import unescape

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.web.account.browsers import browser_words
from riskapp.web.guard import SESSION_COOKIE
from tests.cast import PASSWORD, Cast
from tests.conftest import Client, StoppedClock

NEW = "quiet lantern beneath nine bridges"
REFUSED = "The address or the password is not right."
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def text_of(response: TestResponse) -> str:
    """The words of a page as a person reads them."""
    words = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(unescape(words).split())


@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("ada", "/admin/people"),
        ("audrey", "/auditor/"),
        ("oskar", "/desk/assessments"),
    ],
)
def test_signing_in_leads_each_role_to_its_work(
    client: Client, cast: Cast, who: str, home: str
) -> None:
    response = client.post(
        "/sign-in", data={"email": getattr(cast, who).email, "password": PASSWORD}
    )
    assert response.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == home


def test_the_address_is_taken_in_any_case_and_with_space_around_it(
    client: Client, cast: Cast
) -> None:
    response = client.post("/sign-in", data={"email": " Ada@Example.COM ", "password": PASSWORD})
    assert response.status_code == 302
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"email": "ada@example.com", "password": "not her password"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "", "password": ""},
        {"email": "ada@example.com"},
        {},
        {"email": "ada@example.com", "password": "x" * 5000},
        {"email": "ä@@@", "password": "\x00"},
    ],
)
def test_whatever_is_wrong_at_the_door_the_answer_is_the_same(
    client: Client, cast: Cast, given: dict[str, str]
) -> None:
    response = client.post("/sign-in", data=given)
    assert response.status_code == 422
    assert REFUSED in text_of(response)
    assert client.get_cookie(SESSION_COOKIE) is None


def test_a_refused_sign_in_keeps_the_address_and_not_the_password(
    client: Client, cast: Cast
) -> None:
    response = client.post(
        "/sign-in", data={"email": cast.ada.email, "password": "plainly not hers"}
    )
    page = response.get_data(as_text=True)
    assert f'value="{cast.ada.email}"' in page
    assert "plainly not hers" not in page
    assert 'href="#email"' in page


def test_a_closed_account_is_refused_in_the_same_words(client: Client, cast: Cast) -> None:
    client.as_(cast.ada).post(f"/admin/people/{cast.oskar.id}/close")
    client.delete_cookie(SESSION_COOKIE)
    response = client.post("/sign-in", data={"email": cast.oskar.email, "password": PASSWORD})
    assert response.status_code == 422
    assert REFUSED in text_of(response)


def test_after_signing_in_one_is_where_one_wanted_to_go(client: Client, cast: Cast) -> None:
    asked = client.get("/account?tab=1")
    assert asked.headers["Location"] == "/sign-in?next=/account?tab%3D1"
    page = client.get(asked.headers["Location"]).get_data(as_text=True)
    action = unescape(re.findall(r'<form method="post" action="([^"]+)"', page)[0])
    signed = client.post(action, data={"email": cast.ada.email, "password": PASSWORD})
    assert signed.headers["Location"] == "/account?tab=1"


def test_the_account_page_shows_who_one_is(client: Client, cast: Cast) -> None:
    words = text_of(client.as_(cast.audrey).get("/account"))
    assert "Name Audrey E-mail address audrey@example.com Role Auditor" in words


def test_a_changed_password_ends_every_other_session_and_no_own_one(
    app: Flask, client: Client, cast: Cast
) -> None:
    other = app.test_client()
    other.post("/sign-in", data={"email": cast.ada.email, "password": PASSWORD})
    assert other.get("/account").status_code == 200
    response = client.as_(cast.ada).post(
        "/account/password", data={"old": PASSWORD, "password": NEW}, follow_redirects=True
    )
    assert "Your password is changed." in text_of(response)
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def test_only_the_new_password_opens_the_account(client: Client, cast: Cast) -> None:
    client.as_(cast.ada).post("/account/password", data={"old": PASSWORD, "password": NEW})
    client.post("/sign-out")
    old = client.post("/sign-in", data={"email": cast.ada.email, "password": PASSWORD})
    assert old.status_code == 422
    new = client.post("/sign-in", data={"email": cast.ada.email, "password": NEW})
    assert new.status_code == 302


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "Use at least 12 characters."),
        ("", "Use at least 12 characters."),
        ("elevenchars", "Use at least 12 characters."),
        ("password1234", "guessed first"),
        ("123456789012", "guessed first"),
        ("qwertyuiop[]", "guessed first"),
        ("ada@example.com", "guessed first"),
        ("aaaaaaaaaaaaaaa", "guessed first"),
        ("long " * 50, "Use at most 200 characters."),
    ],
)
def test_a_password_that_is_short_or_common_is_refused_in_words_and_changes_nothing(
    client: Client, cast: Cast, password: str, words: str
) -> None:
    client.as_(cast.ada)
    response = client.post("/account/password", data={"old": PASSWORD, "password": password})
    assert response.status_code == 422
    assert words in text_of(response)
    page = response.get_data(as_text=True)
    assert 'href="#password"' in page
    assert 'aria-invalid="true"' in page
    signed = client.post("/sign-in", data={"email": cast.ada.email, "password": PASSWORD})
    assert signed.status_code == 302


def test_who_does_not_know_the_present_password_cannot_change_it(
    client: Client, cast: Cast
) -> None:
    response = client.as_(cast.ada).post(
        "/account/password", data={"old": "a guess that is wrong", "password": NEW}
    )
    assert response.status_code == 422
    assert "This is not your present password." in text_of(response)
    assert 'href="#old"' in response.get_data(as_text=True)


def test_another_session_can_be_seen_and_ended(app: Flask, client: Client, cast: Cast) -> None:
    other = app.test_client()
    other.post(
        "/sign-in",
        data={"email": cast.ada.email, "password": PASSWORD},
        headers={"User-Agent": EDGE},
    )
    page = client.as_(cast.ada).get("/account").get_data(as_text=True)
    assert "Edge on Windows" in page
    ends = re.findall(r'action="(/account/sessions/[0-9a-f]{32}/end)"', page)
    assert len(ends) == 1, "one's own session has no button; signing out ends it"
    response = client.post(ends[0], follow_redirects=True)
    assert "The session is ended." in text_of(response)
    assert "Edge on Windows" not in text_of(response)
    assert other.get("/account").status_code == 302
    assert client.post(ends[0]).status_code == 404, "it is ended already"


def test_nobody_ends_somebody_elses_session(app: Flask, client: Client, cast: Cast) -> None:
    other = app.test_client()
    other.post("/sign-in", data={"email": cast.ada.email, "password": PASSWORD})
    page = client.as_(cast.ada).get("/account").get_data(as_text=True)
    (end,) = re.findall(r'action="(/account/sessions/[0-9a-f]{32}/end)"', page)
    assert client.as_(cast.audrey).post(end).status_code == 404
    assert other.get("/account").status_code == 200


def test_a_session_id_that_is_none_is_not_found(client: Client, cast: Cast) -> None:
    assert client.as_(cast.ada).post("/account/sessions/none/end").status_code == 404
    assert client.get("/account/sessions/none/end").status_code == 405


def test_signing_in_again_in_the_same_browser_ends_the_session_before(
    app: Flask, client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar).post("/sign-in", data={"email": cast.ada.email, "password": PASSWORD})
    assert client.get("/admin/people").status_code == 200
    left = app.test_client()
    left.set_cookie(SESSION_COOKIE, cast.oskar.session)
    assert left.get("/account").status_code == 302


def test_a_session_in_use_moves_its_last_use(
    client: Client, cast: Cast, clock: StoppedClock
) -> None:
    client.as_(cast.ada).get("/account")
    clock.pass_by(minutes=5)
    assert "23 November 2026, 09:00 UTC" in text_of(client.get("/account"))
    assert "23 November 2026, 09:05 UTC" in text_of(client.get("/account"))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (EDGE, "Edge on Windows"),
        (SAFARI, "Safari on an iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        ("Firefox/140.0", "Firefox"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "A browser that does not say its name"),
        ("y" * 200, "y" * 60),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(agent: str, words: str) -> None:
    assert browser_words(agent) == words
