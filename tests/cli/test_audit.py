"""`flask riskapp audit …`: the trail verified, signed and proved from a terminal."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.accounts.service import erase_person
from riskapp.audit.service import OPERATOR, About, record
from riskapp.core.db import db, transaction
from riskapp.web.ports import ports
from tests import small
from tests.audit.attacker import attack, leaf, put
from tests.cast import NOW, Cast
from tests.cli.runs import lines, refused, run

pytestmark = pytest.mark.usefixtures("in_app")


def note(app: Flask) -> str:
    result = run(app, "audit", "checkpoint")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_whole_trail_is_ok_also_against_a_checkpoint_from_elsewhere(
    app: Flask, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(note(app))
    result = run(app, "audit", "verify", "--checkpoint", str(kept))
    events = len(small.events())
    assert lines(result) == [f"OK\t{events} events, 1 checkpoints"]
    assert result.stderr == ""
    fingerprint = ports().signer.fingerprint
    result = run(app, "audit", "verify", "--checkpoint", str(kept), "--key", fingerprint)
    assert lines(result) == [f"OK\t{events} events, 1 checkpoints"]


def test_what_is_no_fault_is_said_beside(app: Flask) -> None:
    note(app)
    with transaction() as session:
        record(session, "vendor:edit", About("x"), actor=OPERATOR, now=NOW)
    result = run(app, "audit", "verify")
    assert result.exit_code == 0
    assert "1 events wait for their number" in result.stderr
    assert "Not compared with a checkpoint from elsewhere" in result.stderr
    ports().log.append()
    assert "for the last 1 events yet" in run(app, "audit", "verify").stderr


def test_what_was_erased_is_counted_beside(app: Flask, cast: Cast) -> None:
    erase_person(cast.audrey.id, actor=OPERATOR, now=NOW)
    note(app)
    result = run(app, "audit", "verify", "--indexes")
    assert result.exit_code == 0, result.output
    assert re.search(r"^[1-9]\d* things that events commit to cannot be opened", result.stderr)


def test_a_changed_event_is_named_and_the_exit_code_says_so(app: Flask) -> None:
    note(app)
    with attack() as bent:
        row = bent.by_number()[3]
        row["object_id"] = "other\tthing\n"
        put(bent)
        result = run(app, "audit", "verify")
        assert result.exit_code == 1
        one, last = result.stdout.splitlines()
        assert one.split("\t")[:5] == ["columns", "3", str(row["id"]), row["type"], "other thing"]
        assert last == f"FAILED\t1 found, in {len(bent.event)} events"


def test_a_log_that_was_bent_is_not_signed(app: Flask) -> None:
    note(app)
    with attack() as bent:
        events = bent.by_number()
        events[2], events[4] = events[4], events[2]
        bent.redo([*events, bent.forged(NOW)])
        put(bent)
        said = refused(app, "audit", "checkpoint")
        assert "Nothing was signed. Run `flask riskapp audit verify`" in said
        bent.sign_all()
        put(bent)
        assert "The signing key in its place is" in refused(app, "audit", "checkpoint")


def test_a_fingerprint_that_is_no_key_of_ours_vouches_for_nothing(app: Flask) -> None:
    note(app)
    result = run(app, "audit", "verify", "--key", "SHA256:other")
    assert result.exit_code == 1
    assert "No key of this installation has the fingerprint SHA256:other." in result.stdout


def test_a_checkpoint_by_somebody_else_is_told(app: Flask, tmp_path: Path) -> None:
    kept, mine = tmp_path / "kept.txt", note(app)
    kept.write_text(mine[:-20] + "AAAA" + mine[-16:])
    result = run(app, "audit", "verify", "--checkpoint", str(kept))
    assert result.exit_code == 1
    assert "The one from elsewhere: The signature does not fit the checkpoint." in result.stdout
    kept.write_bytes(b"\xff")
    assert "cannot be read as text" in refused(app, "audit", "verify", "--checkpoint", str(kept))
    refused(app, "audit", "verify", "--checkpoint", str(tmp_path / "none"), code=2)


def test_the_proof_of_an_event_is_one_that_anybody_can_check(app: Flask) -> None:
    before = note(app)
    with transaction() as session:
        record(session, "vendor:edit", About("x"), actor=OPERATOR, now=NOW)
    events = small.events()
    for number, one in ((4, events[4]), (len(events) - 1, events[-1])):
        said = run(app, "audit", "proof", str(one.id)).stdout
        head, signed = said.split("\n\n", 1)
        first, index, *hashes = head.split("\n")
        assert (first, index) == ("c2sp.org/tlog-proof@v1", f"index {number}")
        size, root = signed.split("\n")[1:3]
        path = [base64.b64decode(each) for each in hashes]
        assert base64.b64encode(climbed(one.body, number, int(size), path)).decode() == root
        assert signed == (before if number == 4 else note(app))


def climbed(body: str, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2, step by step."""
    node, last, found = index, size - 1, leaf(body)
    for other in path:
        if node & 1 or node == last:
            found = hashlib.sha256(b"\1" + other + found).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + other).digest()
        node, last = node >> 1, last >> 1
    assert last == 0
    return found


def test_an_event_that_is_not_there_has_no_proof(app: Flask) -> None:
    assert "event: There is no event 987654 in the log." in refused(app, "audit", "proof", "987654")
    refused(app, "audit", "proof", "x", code=2)
    refused(app, "audit", "proof", "9" * 30, code=2)


def test_what_is_kept_of_the_log_and_is_broken_is_refused_in_words(app: Flask) -> None:
    note(app)
    with attack() as bent:
        bent.log_entry[4]["leaf"] = "no hash"
        put(bent)
        with transaction() as session:
            record(session, "vendor:edit", About("x"), actor=OPERATOR, now=NOW)
        for verb in (("checkpoint",), ("proof", "1")):
            said = refused(app, "audit", *verb)
            assert "Of the log, hashes are missing that others rest on. Nothing was signed." in said
    with attack() as bent:
        last = bent.checkpoint.pop()
        put(bent)
        with db.engine.begin() as connection:
            at = "no time" if connection.dialect.name == "sqlite" else "infinity"
            query = sa.text("INSERT INTO checkpoint (size, note, at) VALUES (:size, :note, :at)")
            connection.execute(query, {**last, "at": at})
        assert "What is kept of it cannot be read." in refused(app, "audit", "checkpoint")


def test_signing_twice_without_a_change_gives_the_same_checkpoint(app: Flask) -> None:
    first = note(app)
    assert note(app) == first
    assert re.fullmatch(r"localhost/trail\n\d+\n\S{44}\n\n— localhost/trail \S+\n", first)
