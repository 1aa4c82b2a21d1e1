"""Somebody is erased: nothing says who it was, and everything that was proved still is."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from riskapp.accounts.models import Person, SignInSession
from riskapp.accounts.permissions import Role
from riskapp.accounts.queries import names, people, person, person_with
from riskapp.accounts.service import (
    LastAdministrator,
    SignInRefused,
    add_person,
    erase_person,
    reset_password,
    set_active,
    sign_in,
)
from riskapp.audit import merkle
from riskapp.audit.log import numbers_of, proofs
from riskapp.audit.models import EventPrivate
from riskapp.audit.queries import private
from riskapp.audit.service import OPERATOR, commitment
from riskapp.core.db import db, reading
from riskapp.core.errors import NotFound
from riskapp.tables import METADATA
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, PASSWORD, Cast
from tests.small import app

__all__ = ["app"]

pytestmark = pytest.mark.usefixtures("in_app")


def erase(person_id: str) -> None:
    erase_person(person_id, actor=OPERATOR, now=NOW)
    reading().rollback()


def everything() -> str:
    """All that the database holds, as text."""
    with db.engine.connect() as connection:
        return "\n".join(
            repr(tuple(row))
            for table in METADATA.sorted_tables
            for row in connection.execute(sa.select(table))
        )


def test_nothing_says_any_more_who_it_was(cast: Cast) -> None:
    stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    assert "oskar@example.com" in everything()
    with small.trail() as events:
        erase(cast.oskar.id)
    assert events == [("person:erase", cast.oskar.id)]
    left = everything()
    assert "oskar" not in left.lower()
    row = person(reading(), cast.oskar.id)
    assert row is not None
    assert (row.erased, row.active) == (True, False)
    assert names(reading(), {cast.oskar.id}) == {cast.oskar.id: "Somebody who was erased"}
    with db.engine.connect() as connection:
        sessions = connection.scalar(
            sa.select(sa.func.count()).where(SignInSession.person_id == cast.oskar.id)
        )
        openings = connection.scalar(
            sa.select(sa.func.count()).where(EventPrivate.value == cast.oskar.id)
        )
        stored = connection.scalar(
            sa.select(Person.password_hash).where(Person.id == cast.oskar.id)
        )
    assert (sessions, openings, stored) == (0, 0, "")


def test_the_log_and_every_proof_hold_and_what_others_did_is_known(cast: Cast) -> None:
    stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    before = ports().log.checkpoint(NOW)
    events = small.events()
    ids = [event.id for event in events]
    kept = proofs(reading(), ids, before)
    erase(cast.oskar.id)
    after = ports().log.checkpoint(NOW)
    assert after.tree.size == before.tree.size + 1
    for event in events:
        proof = kept[event.id]
        leaf = merkle.leaf_hash(event.body.encode())
        tree = before.tree
        merkle.check_inclusion(proof.index, tree.size, leaf, proof.hashes, tree.root)
    assert [one.body for one in small.events()[: len(events)]] == [one.body for one in events]
    assert len(numbers_of(reading(), ids)) == len(events)
    told = private(reading(), ids)
    his = [event.id for event in events if event.actor_id == cast.oskar.id]
    others = [event for event in events if event.actor_id not in {cast.oskar.id, None}]
    assert his
    assert others
    assert not any("actor" in told.get(event, {}) for event in his)
    for event in others:
        salt, value = told[event.id]["actor"]
        assert value == event.actor_id
        assert json.loads(event.body)["private"]["actor"] == commitment(salt, value)


def test_what_was_written_for_the_organisation_stays(cast: Cast) -> None:
    _, invitation = stages.decided(cast.vera, cast.oskar, only=small.ONLY)
    decision = next(one for one in small.events() if one.type == "decision:make")
    before = private(reading(), [decision.id])[decision.id]
    erase(cast.oskar.id)
    after = private(reading(), [decision.id])[decision.id]
    assert before["reasons"] == after["reasons"]
    assert small.row(invitation).state == "decided"


def test_nobody_signs_in_as_somebody_who_was_erased_nor_brings_them_back(cast: Cast) -> None:
    erase(cast.olga.id)
    for email in (cast.olga.email, f"erased:{cast.olga.id}"):
        for password in (PASSWORD, ""):
            with pytest.raises(SignInRefused):
                sign_in(email=email, password=password, agent="", now=NOW, lasts=timedelta(hours=1))
    with small.trail() as events:
        for active in (True, False):
            with pytest.raises(NotFound):
                set_active(cast.olga.id, active=active, actor=OPERATOR, now=NOW)
        with pytest.raises(NotFound):
            reset_password(cast.olga.id, actor=OPERATOR, now=NOW)
        with pytest.raises(NotFound):
            erase_person(cast.olga.id, actor=OPERATOR, now=NOW)
    assert events == []
    assert person_with(reading(), f"erased:{cast.olga.id}") is None
    assert cast.olga.id not in {one.id for one in people(reading())}


def test_the_address_is_free_for_another_account(cast: Cast) -> None:
    erase(cast.olga.id)
    again = add_person(
        email=cast.olga.email, name="Olga", role=Role.OFFICER, actor=OPERATOR, now=NOW
    )
    assert again.id != cast.olga.id
    found = person_with(reading(), f" {cast.olga.email.upper()} ")
    assert found is not None
    assert found.id == again.id


def test_the_last_administrator_stays(cast: Cast) -> None:
    with small.trail() as events, pytest.raises(LastAdministrator):
        erase_person(cast.ada.id, actor=OPERATOR, now=NOW)
    assert events == []
    assert person_with(reading(), cast.ada.email) is not None


def test_of_two_administrators_who_are_erased_at_once_one_stays(cast: Cast) -> None:
    other = add_person(
        email="bert@example.com", name="Bert", role=Role.ADMINISTRATOR, actor=OPERATOR, now=NOW
    )
    results = small.at_once(lambda: erase(cast.ada.id), lambda: erase(other.id))
    assert sorted(str(type(one).__name__) for one in results) == ["LastAdministrator", "NoneType"]


def test_two_who_erase_somebody_at_once_leave_one_event(cast: Cast) -> None:
    with small.trail() as events:
        results = small.at_once(lambda: erase(cast.olga.id), lambda: erase(cast.olga.id))
    assert sorted(str(type(one).__name__) for one in results) == ["NoneType", "NotFound"]
    assert events == [("person:erase", cast.olga.id)]


def test_somebody_who_signs_in_meanwhile_is_out(cast: Cast) -> None:
    def signs_in() -> None:
        sign_in(
            email=cast.olga.email, password=PASSWORD, agent="", now=NOW, lasts=timedelta(hours=1)
        )

    small.at_once(signs_in, lambda: erase(cast.olga.id), signs_in)
    with db.engine.connect() as connection:
        query = sa.select(sa.func.count()).where(SignInSession.person_id == cast.olga.id)
        assert connection.scalar(query) == 0


def test_nobody_is_not_found() -> None:
    with pytest.raises(NotFound):
        erase_person("0" * 32, actor=OPERATOR, now=NOW)
