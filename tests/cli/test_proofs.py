"""`flask riskapp audit proof, growth, check`: whoever has a key and a file needs no log."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from riskapp.audit.keys import rotate
from riskapp.audit.notes import verifier_key
from riskapp.audit.service import OPERATOR, About, record
from riskapp.core.db import transaction
from riskapp.web.ports import ports
from tests import small
from tests.audit.attacker import attack, put
from tests.cast import NOW
from tests.cli.runs import lines, refused, run

pytestmark = pytest.mark.usefixtures("in_app")


def kept(app: Flask, file: Path, *verb: str) -> str:
    """What a verb printed, in a file."""
    result = run(app, "audit", *verb)
    assert result.exit_code == 0, result.output
    file.write_text(result.stdout)
    return str(file)


def key(folder: Path, name: str = "log.vkey") -> str:
    file = folder / name
    file.write_text(verifier_key("localhost/trail", ports().signer.raw_public_key) + "\n")
    return str(file)


def happen(count: int = 1) -> None:
    for at in range(count):
        with transaction() as session:
            record(session, "vendor:edit", About(f"x {at}"), actor=OPERATOR, now=NOW)


@pytest.fixture
def proved(app: Flask, tmp_path: Path) -> list[str]:
    """How the proof of an event is checked, word by word."""
    event, body = small.events()[4], tmp_path / "body"
    proof = kept(app, tmp_path / "proof", "proof", str(event.id), "--body", str(body))
    assert body.read_text() == event.body
    return ["audit", "check", proof, "--vkey", key(tmp_path), "--body", str(body)]


def test_an_event_is_checked_by_files_alone(app: Flask, proved: list[str]) -> None:
    (said,) = lines(run(app, *proved))
    assert said == f"OK\tThe event is number 4 of {len(small.events())}."
    Path(proved[-1]).write_text(Path(proved[-1]).read_text() + "\n")  # as editors leave it
    assert lines(run(app, *proved)) == [said]


@pytest.mark.parametrize(
    ("which", "before", "after", "why"),
    [
        (-1, "vendor", "other", "does not prove that this event is in the log"),
        (2, "index 4", "index 5", "does not prove that this event is in the log"),
        (2, "index 4", "index 987", "does not prove that this event is in the log"),
        (2, "index 4", "index -4", "It is no proof"),
        (2, "tlog-proof", "other", "It is no proof"),
        (2, "— localhost/trail ", "— localhost/other ", "None of the known keys"),
        (2, "=\n\nlocalhost/trail\n", "=\n\nother/trail\n", "None of the known keys"),
        (4, "localhost/trail", "localhost/other", "vkey: It is not a key"),
        (4, "+", "", "vkey: It is not a key"),
        (4, "\n", "==\n", "vkey: It is not a key"),
    ],
)
def test_what_was_changed_proves_nothing(
    app: Flask, proved: list[str], which: int, before: str, after: str, why: str
) -> None:
    file = Path(proved[which])
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    assert why in refused(app, *proved)


def test_another_key_vouches_for_nothing(app: Flask, proved: list[str]) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for name, raw in (("localhost/trail", other), ("other", ports().signer.raw_public_key)):
        Path(proved[4]).write_text(verifier_key(name, raw))
        assert "None of the known keys signed" in refused(app, *proved)
    Path(proved[4]).write_text("")
    assert "None of the known keys signed" in refused(app, *proved)


def test_that_the_log_only_grew_is_checked_by_files_alone(app: Flask, tmp_path: Path) -> None:
    old, vkey = kept(app, tmp_path / "old", "checkpoint"), key(tmp_path)
    size = len(small.events())
    for more in (0, 3, 300):
        happen(more)
        growth = kept(app, tmp_path / "growth", "growth", old)
        check = ["audit", "check", growth, "--vkey", vkey, "--checkpoint", old]
        assert lines(run(app, *check)) == [f"OK\tThe log grew from {size} events to {size + more}."]
        size, old = size + more, kept(app, tmp_path / "old", "checkpoint")
    happen()
    other = kept(app, tmp_path / "other", "checkpoint")
    assert "proof: It is about another checkpoint, of" in refused(app, *check[:-1], other)
    assert "checkpoint: It is not a checkpoint" in refused(app, *check[:-1], vkey)


def test_growth_across_a_rotation_takes_both_keys(app: Flask, tmp_path: Path) -> None:
    old, before = kept(app, tmp_path / "old", "checkpoint"), key(tmp_path)
    rotate(ports().signer, actor=OPERATOR, now=NOW)
    growth = kept(app, tmp_path / "growth", "growth", old)
    after = Path(key(tmp_path, "new.vkey"))
    check = ["audit", "check", growth, "--checkpoint", old, "--vkey"]
    for one in (before, str(after)):
        assert "None of the known keys signed" in refused(app, *check, one)
    after.write_text(after.read_text() + Path(before).read_text())
    assert lines(run(app, *check, str(after)))[0].startswith("OK")


def test_of_a_log_that_was_bent_there_is_no_proof_of_growth(app: Flask, tmp_path: Path) -> None:
    happen(3)
    old = kept(app, tmp_path / "old", "checkpoint")
    with attack() as bent:
        events = bent.by_number()
        events[1], events[2] = events[2], events[1]
        bent.checkpoint = []
        bent.redo(events)
        put(bent)
        assert "There is no proof." in refused(app, "audit", "growth", old)
        bent.event.remove(events.pop())
        bent.redo(events)
        put(bent)
        assert "There is no proof." in refused(app, "audit", "growth", old)


def test_files_that_are_none_of_these_are_refused_in_words(
    app: Flask, proved: list[str], tmp_path: Path
) -> None:
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff")
    assert "cannot be read as text" in refused(app, "audit", "growth", str(odd))
    for place in (2, 4, 6):
        words = [*proved[:place], str(odd), *proved[place + 1 :]]
        assert "cannot be read as text" in refused(app, *words)
    assert "It is not a checkpoint" in refused(app, "audit", "growth", proved[4])
    assert "cannot be written" in refused(app, "audit", "proof", "1", "--body", "/none/there")
    refused(app, *proved[:-2], code=2)
    refused(app, *proved[:-2], "--checkpoint", proved[4], code=2)
    refused(app, *proved, "--checkpoint", proved[4], code=2)
