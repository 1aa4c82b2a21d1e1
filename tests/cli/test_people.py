from datetime import timedelta

import pytest
from flask import Flask

from riskapp.accounts.permissions import Role
from riskapp.accounts.queries import people
from riskapp.accounts.service import sign_in
from riskapp.core.db import reading
from tests.cast import NOW, Cast
from tests.cli.runs import lines, refused, run

GOOD = "grey heron over seven ponds"


def signs_in(app: Flask, email: str, password: str) -> bool:
    with app.app_context():
        return bool(
            sign_in(email=email, password=password, agent="", now=NOW, lasts=timedelta(hours=1))
        )


@pytest.mark.parametrize(
    ("word", "role"),
    [("officer", Role.OFFICER), ("auditor", Role.AUDITOR), ("admin", Role.ADMINISTRATOR)],
)
def test_a_person_is_let_in_with_a_random_password_that_is_printed(
    app: Flask, word: str, role: Role
) -> None:
    said = lines(run(app, "people", "add", "--role", word, "Nina@example.com", "--name", "Nina N"))
    assert signs_in(app, "nina@example.com", said[-1].rpartition(" ")[2])
    with app.app_context():
        added = next(one for one in people(reading()) if one.email == "nina@example.com")
    assert (added.name, added.role) == ("Nina N", role)


def test_no_two_people_get_the_same_password(app: Flask) -> None:
    first, second = (
        lines(run(app, "people", "add", "--role", "officer", email))[-1]
        for email in ("one@example.com", "two@example.com")
    )
    assert first != second


def test_a_password_from_standard_input_is_taken_and_not_printed(app: Flask) -> None:
    result = run(
        app,
        *("people", "add", "--role", "officer", "nina@example.com", "--password-stdin"),
        typed=f"{GOOD}\r\n",
    )
    assert result.exit_code == 0
    assert GOOD not in result.output
    assert "Password" not in result.output
    assert signs_in(app, "nina@example.com", GOOD)


@pytest.mark.parametrize(
    ("typed", "way_out"),
    [
        ("", "Use at least 12 characters"),
        ("short\n", "Use at least 12 characters"),
        ("passwordpassword\n", "Add a few unrelated words"),
        (b"\xff\xfe\xfd over seven ponds\n", "UTF-8"),
    ],
)
def test_a_password_that_cannot_be_taken_is_refused_with_the_way_out(
    app: Flask, typed: str | bytes, way_out: str
) -> None:
    words = ("people", "add", "--role", "officer", "nina@example.com", "--password-stdin")
    said = refused(app, *words, typed=typed)
    assert "password: " in said
    assert way_out in said
    with app.app_context():
        assert "nina@example.com" not in {one.email for one in people(reading())}


@pytest.mark.parametrize("email", ["nina", "nina@", "a@b.example c@d.example", "", "\udcff@x.yz"])
def test_what_is_no_address_is_refused(app: Flask, email: str) -> None:
    said = refused(app, "people", "add", "--role", "officer", email)
    assert said.startswith("Error: ")


def test_an_address_that_has_an_account_is_refused(app: Flask, cast: Cast) -> None:
    said = refused(app, "people", "add", "--role", "admin", cast.oskar.email)
    assert "oskar@example.com has an account already" in said


def test_a_role_that_there_is_not_is_a_usage_error_naming_those_there_are(app: Flask) -> None:
    said = refused(app, "people", "add", "--role", "boss", "nina@example.com", code=2)
    assert all(role in said for role in ("officer", "auditor", "admin"))


def test_somebody_is_erased_by_their_address(app: Flask, cast: Cast) -> None:
    (said,) = lines(run(app, "people", "erase", "Olga@example.com"))
    assert cast.olga.id in said
    with app.app_context():
        assert cast.olga.email not in {one.email for one in people(reading())}
    assert "Nobody signs in" in refused(app, "people", "erase", cast.olga.email)


def test_the_last_administrator_is_not_erased(app: Flask, cast: Cast) -> None:
    said = refused(app, "people", "erase", cast.ada.email)
    assert said.startswith("Error: email: This is the last administrator")


@pytest.mark.parametrize("email", ["nobody@example.com", "", "\0"])
def test_nobody_is_erased_by_an_address_that_nobody_has(app: Flask, email: str) -> None:
    assert "Nobody signs in" in refused(app, "people", "erase", email)
