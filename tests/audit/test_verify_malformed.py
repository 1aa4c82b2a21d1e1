"""Rows at places that there are not, and rows that are none: all are found, and nothing breaks."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from riskapp.audit.errors import KeysUnreadable, LogBent
from riskapp.audit.verify import Verification
from riskapp.core.db import db, reading
from riskapp.core.tst import question
from riskapp.web.ports import ports
from tests.audit.attacker import State, attack, leaf, put
from tests.audit.logs import add, elsewhere, found, kinds, nothing_yet
from tests.cast import NOW
from tests.tsa import Authority, authority

__all__ = ["authority", "elsewhere", "nothing_yet"]

ODD: list[Any] = [-1, -(2**63), 2**63 - 1]
ODD_ON_SQLITE = ["text", 3.5, b"\xff", "9" * 5000]


def odd() -> list[Any]:
    """What a column of whole numbers can hold."""
    return ODD + (ODD_ON_SQLITE if db.engine.dialect.name == "sqlite" else [])


def insert(table: str, **row: Any) -> None:
    """Past the types of models, which the attacker does not use either."""
    names = ", ".join(row)
    query = f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + name for name in row)})"
    with db.engine.begin() as connection:
        connection.execute(sa.text(query), row)


@pytest.mark.usefixtures("elsewhere")
def test_an_event_at_a_number_where_no_look_comes_by_is_named() -> None:
    for number in odd():
        with attack() as bent:
            row = bent.forged(NOW)
            put(bent)
            insert("log_entry", number=number, event_id=row["id"], leaf=leaf(row["body"]).hex())
            findings = found()
            assert findings, number
            assert "place" in kinds(findings) or findings[0].kind == "gap", number
            if number in {-1, -(2**63), "text"}:
                (one,) = findings
                assert (one.kind, one.event, one.object_id) == ("place", row["id"], "forged")


@pytest.mark.usefixtures("elsewhere")
def test_a_number_between_numbers_takes_the_place_of_none() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's columns hold whole numbers only")
    with attack() as bent:
        taken = next(row for row in bent.log_entry if row["number"] == 4)
        bent.log_entry.remove(taken)
        put(bent)
        insert("log_entry", number=4.5, event_id=taken["event_id"], leaf=taken["leaf"])
        assert {"gap", "place"} <= kinds(found())
        put(bent)
        insert("log_entry", number=4, event_id="none", leaf=taken["leaf"])
        assert {"gap", "place"} <= kinds(found())


@pytest.mark.usefixtures("elsewhere")
def test_events_of_any_id_wait_for_their_number() -> None:
    with attack() as bent:
        bent.forged(NOW)["id"] = -7
        bent.forged(NOW)["id"] = -(2**63)
        bent.forged(NOW)["id"] = 2**63 - 1
        put(bent)
        looked = Verification(db.engine, reading(), ports().signer)
        assert list(looked.findings()) == []
        assert looked.waiting == 3


@pytest.mark.usefixtures("elsewhere")
def test_a_number_from_far_off_does_not_keep_the_verifier_for_ever() -> None:
    with attack() as bent:
        row = bent.forged(NOW)
        bent.log_entry.append({"number": 10**15, "event_id": row["id"], "leaf": "00" * 32})
        put(bent)
        assert "only 26 are given" in found()[0].words
        with pytest.raises(LogBent):
            ports().log.checkpoint(NOW)


@pytest.mark.usefixtures("elsewhere")
def test_kept_hashes_where_none_belong_are_found() -> None:
    levels = [8, 2**31 - 1, -8, 0]
    for level, position in [*((level, 3) for level in levels), *((8, one) for one in odd())]:
        with attack():
            insert("log_node", level=level, position=position, hash="00" * 32)
            (one,) = found()
            assert (one.kind, "none belongs" in one.words) == ("node", True)


@pytest.mark.usefixtures("elsewhere")
def test_checkpoints_of_sizes_that_no_log_has_are_found() -> None:
    for size in odd():
        with attack():
            insert("checkpoint", size=size, note="none", at="2026-01-01 00:00:00")
            assert kinds(found()) & {"checkpoint", "rolled-back"}, size


def forget_leaf(bent: State) -> None:
    bent.log_entry = [row for row in bent.log_entry if row["number"] != 22]


def garble_leaf(bent: State) -> None:
    next(row for row in bent.log_entry if row["number"] == 22)["leaf"] = "no hash"


def forget_node(bent: State) -> None:
    bent.log_node.clear()


@pytest.mark.parametrize("change", [forget_leaf, garble_leaf, forget_node])
@pytest.mark.usefixtures("elsewhere")
def test_a_log_of_which_hashes_are_gone_is_not_signed(change: Callable[[State], None]) -> None:
    add(260)
    ports().log.append()
    with attack() as bent:
        change(bent)
        put(bent)
        with pytest.raises(LogBent, match="hashes are missing"):
            ports().log.checkpoint(NOW)


@pytest.mark.usefixtures("elsewhere")
def test_a_log_that_grows_meanwhile_is_as_it_should_be() -> None:
    with attack() as bent:
        bent.by_number()[3]["type"] = "other:type"
        put(bent)
        looked = Verification(db.engine, reading(), ports().signer).findings()
        assert next(looked).kind == "columns"
        add(300)
        ports().log.checkpoint(NOW)
        assert list(looked) == []


@pytest.mark.usefixtures("elsewhere")
def test_a_server_that_writes_days_otherwise_changes_nothing() -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one way to write days")
    url = db.engine.url.update_query_dict({"options": "-c DateStyle=German"})
    engine = sa.create_engine(url)
    assert list(Verification(engine, reading(), ports().signer).findings()) == []
    engine.dispose()


@pytest.mark.usefixtures("elsewhere")
def test_a_key_of_which_the_time_cannot_be_read_is_told() -> None:
    since = "no time" if db.engine.dialect.name == "sqlite" else "infinity"
    with attack():
        insert(
            "signing_key", number=7, fingerprint="x", public_key="x", since=since, endorsement=None
        )
        assert {one.words for one in found()} >= {str(KeysUnreadable())}


@pytest.mark.usefixtures("elsewhere")
def test_what_cannot_be_read_at_all_is_told() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's texts are texts")
    with attack() as bent:
        put(bent)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO log_node VALUES (8, 99, CAST(X'ff' AS TEXT))")
        (one,) = found()
        assert (one.kind, "UTF-8" in one.words) == ("unreadable", True)


@pytest.mark.usefixtures("elsewhere")
def test_a_checkpoint_of_which_the_time_cannot_be_read_is_told() -> None:
    at = "no time" if db.engine.dialect.name == "sqlite" else "infinity"
    with attack() as bent:
        last = bent.checkpoint.pop()
        put(bent)
        insert("checkpoint", size=last["size"], note=last["note"], at=at)
        (one,) = found()
        assert (one.kind, "no time" in one.words) == ("checkpoint", True)


@pytest.mark.usefixtures("elsewhere")
def test_time_stamps_are_held_to_their_checkpoints(authority: Authority) -> None:
    with attack() as bent:
        digests = [hashlib.sha256(row["note"].encode()).digest() for row in bent.checkpoint]
        for row, digest in zip(bent.checkpoint, digests, strict=True):
            row["token"] = authority.reply(question(digest, 7))
        put(bent)
        assert found() == []
        bent.checkpoint[2]["token"] = bent.checkpoint[0]["token"]
        put(bent)
        (one,) = found()
        assert (one.kind, "of 21 events" in one.words) == ("stamp", True)


@pytest.mark.parametrize("token", [b"", b"no response", question(bytes(32), 7)])
@pytest.mark.usefixtures("elsewhere")
def test_a_time_stamp_that_is_none_is_named(token: bytes) -> None:
    with attack() as bent:
        bent.checkpoint[1]["token"] = token
        put(bent)
        (one,) = found()
        assert one.kind == "stamp"
        assert "of 13 events" in one.words
