import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.accounts import service as accounts
from riskapp.accounts.models import Person
from riskapp.accounts.permissions import Role
from riskapp.audit.models import Event
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading, transaction
from riskapp.core.ids import new_id
from riskapp.web.ports import ports
from tests import small
from tests.cast import NOW, PASSWORD, Cast
from tests.conftest import Client

GWEN = {"name": "Gwen Gray", "email": "gwen@example.com", "role": "officer"}


def text_of(response: TestResponse) -> str:
    """The words of a page as a person reads them."""
    words = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))
    return " ".join(unescape(words).split())


def password_on(response: TestResponse) -> str:
    (found,) = re.findall(r"<code>([^<]+)</code>", response.get_data(as_text=True))
    return str(found)


def events(app: Flask) -> list[tuple[str, str, str | None]]:
    with app.app_context():
        return [(event.type, event.object_id, event.actor_id) for event in small.events()]


def test_the_list_names_everybody_with_role_and_state(client: Client, cast: Cast) -> None:
    words = text_of(client.as_(cast.ada).get("/admin/people"))
    assert "Ada ada@example.com Administrator Open 23 November 2026 You" in words
    assert "Audrey audrey@example.com Auditor Open 23 November 2026 Reset" in words
    assert "Olga olga@example.com Officer Open" in words


def test_somebody_let_in_signs_in_with_the_password_that_is_shown(
    app: Flask, client: Client, cast: Cast
) -> None:
    response = client.as_(cast.ada).post("/admin/people/add", data=GWEN)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "To sign in http://localhost/sign-in" in text_of(response)
    password = password_on(response)
    other = app.test_client()
    signed = other.post("/sign-in", data={"email": GWEN["email"], "password": password})
    assert signed.status_code == 302


def test_the_password_is_shown_once_and_kept_in_no_event(
    app: Flask, client: Client, cast: Cast
) -> None:
    password = password_on(client.as_(cast.ada).post("/admin/people/add", data=GWEN))
    assert password not in client.get("/admin/people").get_data(as_text=True)
    with app.app_context():
        bodies = reading().scalars(sa.select(Event.body)).all()
    assert not any(password in body for body in bodies)
    kind, _, actor = events(app)[-1]
    assert (kind, actor) == ("person:add", cast.ada.id)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"email": ""}, "email", "Enter one e-mail address"),
        ({"email": "gwen"}, "email", "Enter one e-mail address"),
        ({"email": "gwen@example.com, ada@example.com"}, "email", "Enter one e-mail address"),
        ({"email": "ADA@example.com"}, "email", "ada@example.com has an account already."),
        ({"role": ""}, "role", "Choose what the person does."),
        ({"role": "vendor"}, "role", "Choose what the person does."),
    ],
)
def test_what_cannot_be_taken_is_named_beside_what_was_typed(
    client: Client, cast: Cast, change: dict[str, str], field: str, words: str
) -> None:
    typed = GWEN | change
    response = client.as_(cast.ada).post("/admin/people/add", data=typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert words in text_of(response)
    assert f'href="#{field}"' in page
    assert f'id="{field}-error"' in page
    assert 'value="Gwen Gray"' in page
    assert "gwen@example.com" not in client.get("/admin/people").get_data(as_text=True)


def test_an_empty_form_is_refused(client: Client, cast: Cast) -> None:
    assert client.as_(cast.ada).post("/admin/people/add").status_code == 422


def test_a_name_that_looks_like_markup_stays_text(client: Client, cast: Cast) -> None:
    client.as_(cast.ada).post("/admin/people/add", data=GWEN | {"name": "<b>Gwen</b> & co"})
    assert "&lt;b&gt;Gwen&lt;/b&gt; &amp; co" in client.get("/admin/people").get_data(as_text=True)


def test_a_closed_account_is_out_at_once_and_opens_again_with_its_password(
    app: Flask, client: Client, cast: Cast
) -> None:
    other = app.test_client()
    other.post("/sign-in", data={"email": cast.olga.email, "password": PASSWORD})
    closed = client.as_(cast.ada).post(f"/admin/people/{cast.olga.id}/close", follow_redirects=True)
    assert "The account is closed" in text_of(closed)
    assert "Olga olga@example.com Officer Closed" in text_of(closed)
    assert other.get("/account").headers["Location"].startswith("/sign-in")
    opened = client.post(f"/admin/people/{cast.olga.id}/open", follow_redirects=True)
    assert "Olga olga@example.com Officer Open" in text_of(opened)
    assert other.get("/account").status_code == 302, "its sessions stay ended"
    signed = other.post("/sign-in", data={"email": cast.olga.email, "password": PASSWORD})
    assert signed.status_code == 302
    assert [kind for kind, subject, _ in events(app) if subject == cast.olga.id][-2:] == [
        "person:close",
        "person:open",
    ]


def test_closing_twice_is_one_event(app: Flask, client: Client, cast: Cast) -> None:
    client.as_(cast.ada)
    for _ in range(2):
        client.post(f"/admin/people/{cast.olga.id}/close")
    assert [kind for kind, _, _ in events(app)].count("person:close") == 1


def test_a_reset_password_works_and_the_one_before_does_not(
    app: Flask, client: Client, cast: Cast
) -> None:
    other = app.test_client()
    other.post("/sign-in", data={"email": cast.audrey.email, "password": PASSWORD})
    response = client.as_(cast.ada).post(f"/admin/people/{cast.audrey.id}/reset")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert other.get("/account").status_code == 302, "every session of hers was ended"
    door = {"email": cast.audrey.email}
    assert other.post("/sign-in", data=door | {"password": PASSWORD}).status_code == 422
    fresh = door | {"password": password_on(response)}
    assert other.post("/sign-in", data=fresh).status_code == 302


def test_nobody_closes_their_own_account(client: Client, cast: Cast) -> None:
    response = client.as_(cast.ada).post(
        f"/admin/people/{cast.ada.id}/close", follow_redirects=True
    )
    assert "Nobody closes their own account." in text_of(response)
    assert "Ada ada@example.com Administrator Open" in text_of(response)


def test_ones_own_password_is_changed_on_the_account_page(client: Client, cast: Cast) -> None:
    response = client.as_(cast.ada).post(
        f"/admin/people/{cast.ada.id}/reset", follow_redirects=True
    )
    assert "Change your own password on the page of your account." in text_of(response)
    signed = client.post("/sign-in", data={"email": cast.ada.email, "password": PASSWORD})
    assert signed.status_code == 302


@dataclass
class Meanwhile:
    """A clock that lets something happen between two looks at it."""

    happens: list[Callable[[], None]]

    def now(self) -> datetime:
        if self.happens:
            self.happens.pop(0)()
        return NOW


def test_of_two_administrators_who_close_each_other_the_last_one_stays(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        other = accounts.add_person(
            email="bert@example.com", name="Bert", role=Role.ADMINISTRATOR, actor=OPERATOR, now=NOW
        )

    def bert_closes_ada() -> None:
        accounts.set_active(cast.ada.id, active=False, actor=OPERATOR, now=NOW)

    with app.app_context():
        moving = Meanwhile([lambda: None, bert_closes_ada])
        app.extensions["riskapp"] = replace(ports(), clock=moving)
    client.as_(cast.ada).post(f"/admin/people/{other.id}/close")
    with client.session_transaction() as session:
        ((kind, words),) = session["_flashes"]
    assert kind == "error"
    assert words.startswith("Nobody else could let people in any more")
    assert "person:close" not in [one[0] for one in events(app) if one[1] == other.id]


@pytest.mark.parametrize("verb", ["close", "open", "reset"])
def test_a_person_who_is_not_there_is_not_found(client: Client, cast: Cast, verb: str) -> None:
    client.as_(cast.ada)
    assert client.post(f"/admin/people/{'0' * 32}/{verb}").status_code == 404
    assert client.get(f"/admin/people/{cast.olga.id}/{verb}").status_code == 405


def test_the_list_goes_on_behind_the_last_address_of_a_page(
    app: Flask, client: Client, cast: Cast
) -> None:
    # Rows, for fifty passwords take long to hash.
    with app.app_context(), transaction() as session:
        session.add_all(
            Person(
                id=new_id(),
                email=f"p{number:02}@example.com",
                name=f"Person {number:02}",
                role=Role.AUDITOR,
                password_hash="",
                active=True,
                created_at=NOW,
            )
            for number in range(50)
        )
    first = client.as_(cast.ada).get("/admin/people")
    assert "Person 45" in text_of(first)
    assert "Person 46" not in text_of(first)
    (further,) = re.findall(r'href="([^"]+)" rel="next"', first.get_data(as_text=True))
    assert "example.com" not in further, "addresses of people stay out of URLs"
    second = client.get(unescape(further))
    assert "Person 45" not in text_of(second)
    assert "Person 46" in text_of(second)
    assert "Person 49" in text_of(second)
    assert 'rel="next"' not in second.get_data(as_text=True)
    (close,) = re.findall(r'formaction="([^"]+/close[^"]*)"', second.get_data(as_text=True))[:1]
    stays = client.post(unescape(close))
    assert stays.headers["Location"] == further, "one stays on the page of the list"


def test_behind_the_last_address_there_is_nobody(client: Client, cast: Cast) -> None:
    client.as_(cast.ada)
    words = text_of(client.get(f"/admin/people?after={cast.oskar.id}"))
    assert "Nobody stands behind this person in the list." in words
    assert client.get("/admin/people?after=zzz").status_code == 404


@pytest.mark.parametrize("who", ["audrey", "oskar"])
def test_only_administrators_see_people(client: Client, cast: Cast, who: str) -> None:
    client.as_(getattr(cast, who))
    assert client.get("/admin/people").status_code == 404
    assert client.post("/admin/people/add", data=GWEN).status_code == 404
    assert client.post(f"/admin/people/{cast.olga.id}/close").status_code == 404


def test_a_zero_byte_in_an_address_is_refused_and_breaks_nothing(
    client: Client, cast: Cast
) -> None:
    response = client.as_(cast.ada).post("/admin/people/%00/close")
    assert response.status_code in {400, 404}
