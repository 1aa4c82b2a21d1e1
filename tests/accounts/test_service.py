"""People, passwords and sessions. Checking a password is slow on purpose, hence few checks."""

from datetime import timedelta

import pytest

from riskapp.accounts.passwords import refuse_weak
from riskapp.accounts.permissions import Role
from riskapp.accounts.queries import names, people, person, sessions_of, signed_in
from riskapp.accounts.service import (
    LastAdministrator,
    SignInRefused,
    add_person,
    change_password,
    checked_email,
    reset_password,
    set_active,
    sign_in,
    sign_out,
    touch,
)
from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from tests.cast import NOW, PASSWORD, Cast, Member
from tests.small import at_once, trail

needs_app = pytest.mark.usefixtures("in_app")
IDLE = timedelta(minutes=30)
LASTS = timedelta(hours=12)
SECOND = timedelta(seconds=1)


def opens(member: Member, *, later: timedelta = timedelta()) -> bool:
    reading().rollback()
    return signed_in(reading(), member.session, now=NOW + later, idle=IDLE) is not None


def session_of(member: Member) -> str:
    found = signed_in(reading(), member.session, now=NOW, idle=IDLE)
    assert found is not None
    return found.session_id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("oskar@example.com", "grey heron over eight ponds"),
        ("nobody@example.com", PASSWORD),
        ("oskar@example.com\0", PASSWORD),
        ("", ""),
    ],
)
@needs_app
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(
    cast: Cast, email: str, password: str
) -> None:
    with trail() as events, pytest.raises(SignInRefused) as refused:
        sign_in(email=email, password=password, agent="tests", now=NOW, lasts=LASTS)
    assert str(refused.value) == ""
    assert events == []


@needs_app
def test_signing_in_opens_one_session_that_signing_out_ends(cast: Cast) -> None:
    with trail() as events:
        token = sign_in(
            email=" Oskar@Example.com ", password=PASSWORD, agent="a" * 500, now=NOW, lasts=LASTS
        )
    found = signed_in(reading(), token, now=NOW, idle=IDLE)
    assert found is not None
    assert (found.id, found.role) == (cast.oskar.id, Role.OFFICER)
    assert events == [("session:open", found.session_id)]
    assert len(sessions_of(reading(), cast.oskar.id, now=NOW, idle=IDLE)) == 2
    with pytest.raises(NotFound):
        sign_out(found.session_id, person_id=cast.olga.id, now=NOW)
    with trail() as events:
        sign_out(found.session_id, person_id=cast.oskar.id, now=NOW)
    assert events == [("session:end", found.session_id)]
    assert signed_in(reading(), token, now=NOW, idle=IDLE) is None
    with pytest.raises(NotFound):
        sign_out(found.session_id, person_id=cast.oskar.id, now=NOW)
    assert opens(cast.oskar)


@needs_app
def test_a_session_ends_when_it_was_idle_for_too_long_and_lives_on_when_it_is_used(
    cast: Cast,
) -> None:
    assert opens(cast.oskar, later=IDLE - SECOND)
    assert not opens(cast.oskar, later=IDLE)
    touch(session_of(cast.oskar), now=NOW + IDLE - SECOND)
    assert opens(cast.oskar, later=IDLE + IDLE - 2 * SECOND)
    assert sessions_of(reading(), cast.oskar.id, now=NOW + 2 * IDLE, idle=IDLE) == []


@needs_app
def test_a_session_ends_at_last_however_much_it_is_used(cast: Cast) -> None:
    touch(session_of(cast.oskar), now=NOW + LASTS - SECOND)
    assert opens(cast.oskar, later=LASTS - SECOND)
    assert not opens(cast.oskar, later=LASTS)


@needs_app
def test_closing_an_account_ends_its_sessions_and_opening_it_brings_none_back(cast: Cast) -> None:
    with trail() as events:
        set_active(cast.oskar.id, active=False, actor=cast.ada.actor, now=NOW)
        set_active(cast.oskar.id, active=False, actor=cast.ada.actor, now=NOW)
    assert events == [("person:close", cast.oskar.id)]
    assert not opens(cast.oskar)
    with pytest.raises(SignInRefused):
        sign_in(email=cast.oskar.email, password=PASSWORD, agent="tests", now=NOW, lasts=LASTS)
    with trail() as events:
        set_active(cast.oskar.id, active=True, actor=cast.ada.actor, now=NOW)
    assert events == [("person:open", cast.oskar.id)]
    assert not opens(cast.oskar)
    assert opens(cast.olga)


@needs_app
def test_the_last_administrator_stays(cast: Cast) -> None:
    with trail() as events, pytest.raises(LastAdministrator):
        set_active(cast.ada.id, active=False, actor=OPERATOR, now=NOW)
    assert events == []
    assert opens(cast.ada)


@needs_app
def test_two_administrators_who_close_each_other_at_once_do_not_leave_nobody(cast: Cast) -> None:
    other = add_person(
        email="adam@example.com", name="Adam", role=Role.ADMINISTRATOR, actor=OPERATOR, now=NOW
    )

    def close(whom: str) -> None:
        set_active(whom, active=False, actor=OPERATOR, now=NOW)

    results = at_once(lambda: close(cast.ada.id), lambda: close(other.id))
    assert sorted(type(one).__name__ for one in results) == ["LastAdministrator", "NoneType"]
    reading().rollback()
    assert len(people(reading(), role=Role.ADMINISTRATOR)) == 1


@needs_app
def test_one_address_has_one_account_also_when_two_are_made_at_once(cast: Cast) -> None:
    def add() -> str:
        return add_person(
            email="Nora@example.com", name=" ", role=Role.AUDITOR, actor=OPERATOR, now=NOW
        ).id

    with trail() as events:
        results = at_once(add, add)
    refusals = [one for one in results if isinstance(one, FieldRefused)]
    made = [one for one in results if isinstance(one, str)]
    assert [one.field for one in refusals] == ["email"]
    assert events == [("person:add", made[0])]
    found = person(reading(), made[0])
    assert found is not None
    assert (found.email, found.name) == ("nora@example.com", "nora")


@needs_app
def test_a_reset_password_opens_the_account_and_the_old_one_and_its_sessions_do_not(
    cast: Cast,
) -> None:
    with trail() as events:
        fresh = reset_password(cast.oskar.id, actor=cast.ada.actor, now=NOW)
    assert events == [("person:reset-password", cast.oskar.id)]
    assert fresh.password not in repr(fresh)
    assert not opens(cast.oskar)
    with pytest.raises(SignInRefused):
        sign_in(email=cast.oskar.email, password=PASSWORD, agent="", now=NOW, lasts=LASTS)
    sign_in(email=cast.oskar.email, password=fresh.password, agent="", now=NOW, lasts=LASTS)
    with pytest.raises(NotFound):
        reset_password("0" * 32, actor=cast.ada.actor, now=NOW)


@needs_app
def test_changing_ones_password_needs_the_old_one_and_ends_every_other_session(cast: Cast) -> None:
    kept = session_of(cast.oskar)
    other = sign_in(email=cast.oskar.email, password=PASSWORD, agent="", now=NOW, lasts=LASTS)
    new = "seven dull bricks under rain"
    for old, wanted, field in ((PASSWORD + "!", new, "old"), (PASSWORD, "short", "password")):
        with trail() as events, pytest.raises(FieldRefused) as refused:
            change_password(cast.oskar.id, old=old, new=wanted, keep_session=kept, now=NOW)
        assert refused.value.field == field
        assert events == []
    with trail() as events:
        change_password(cast.oskar.id, old=PASSWORD, new=new, keep_session=kept, now=NOW)
    assert events == [("person:change-password", cast.oskar.id)]
    assert opens(cast.oskar)
    assert signed_in(reading(), other, now=NOW, idle=IDLE) is None


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "password1234",
        "aaaaaaaaaaaa",
        "qwertyuiop12",
        "123456789012",
        "oskar@example.com",
        "x" * 201,
        " " * 12,
    ],
)
def test_short_common_long_and_own_passwords_are_refused(password: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        refuse_weak(password, about=["oskar@example.com", "Oskar"])
    assert refused.value.field == "password"


def test_a_long_sentence_of_unrelated_words_is_taken() -> None:
    refuse_weak(PASSWORD, about=["oskar@example.com", "Oskar"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oskar",
        "oskar@example",
        "a b@example.com",
        "oskar@example.com\nBcc: all@example.com",
        "oskar\0@example.com",
        "<oskar@example.com>",
        "oskar,otto@example.com",
        "oskar@[example.com",
        "oskar:@example.com",
        "oskar@example..com",
        "(oskar)@localhost",
        "oskar@example." + "c" * 300,
        "o" * 65 + "@example.com",
    ],
)
def test_what_is_no_address_or_too_long_a_one_is_refused(text: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        checked_email(text, field="contact_email")
    assert refused.value.field == "contact_email"


@pytest.mark.parametrize(
    "text",
    ["oskar.o'neil+risk@bank.example.com", "o@localhost", "ö_ß-1@bücher.example", "a@b-c.de"],
)
def test_addresses_that_people_have_are_taken(text: str) -> None:
    assert checked_email(text) == text


@needs_app
def test_people_are_paged_by_address_and_named_in_one_go(cast: Cast) -> None:
    first = people(reading(), limit=2)
    rest = people(reading(), after=first[-1].email)
    assert [one.email for one in [*first, *rest]] == [
        "ada@example.com",
        "audrey@example.com",
        "olga@example.com",
        "oskar@example.com",
    ]
    assert names(reading(), {cast.ada.id, "0" * 32}) == {cast.ada.id: "Ada"}
    assert names(reading(), set()) == {}
