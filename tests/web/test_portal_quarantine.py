"""With a real virus scanner beside the app: clean, refused, or quarantined; and who sees what."""

import json
import socket
import zipfile
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from riskapp.clockwork import Clockwork
from riskapp.core import clamd
from riskapp.evidence.scans import Scan
from tests import small, stages
from tests.cast import Cast
from tests.clamav import EICAR, FOUND, Daemon, daemon, drained, listening
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.evidence.zips import office, packed
from tests.web.desk import words
from tests.web.portal import Respondent, said, start
from tests.web.test_portal_evidence import blobs, files, nothing_kept
from tests.web.test_portal_hostile import send

__all__ = ["daemon"]
Serve = Callable[[str], Flask]
REPORT = b"%PDF-1.7\nnothing to fear\n"


@pytest.fixture
def served(place: Place, clock: StoppedClock) -> Iterator[Serve]:
    """Makes apps with a scanner at an address."""
    made = []

    def make(address: str) -> Flask:
        app = make_app(
            place.instance, place.url, clock=clock, clamd=address, base_url="http://localhost"
        )
        app.config["WTF_CSRF_ENABLED"] = False
        made.append(app)
        return app

    yield make
    for app in made:
        dispose(app)


def begun(app: Flask, cast: Cast) -> Respondent:
    with app.app_context():
        return start(app, stages.issued(cast.vera, cast.oskar, only=("iso-27001",)).token)


def events(app: Flask, kind: str) -> list[dict[str, object]]:
    with app.app_context():
        return [json.loads(one.body) for one in small.events() if one.type == kind]


def test_a_file_without_a_finding_is_clean_at_once(
    served: Serve, cast: Cast, daemon: Daemon
) -> None:
    app = served(daemon.path)
    vera = begun(app, cast)
    for content, name in [(REPORT, "a.pdf"), (office("docx"), "a.docx"), (b"\r" * 9000, "a.txt")]:
        assert send(vera, content, name).status_code == 302
    assert {file.scan for file in files(app)} == {Scan.CLEAN}
    assert {body["scan"] for body in events(app, "evidence:keep")} == {"clean"}
    assert "Being checked for viruses" not in vera.get("evidence/ISM-01").text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (EICAR, "notes.txt"),
        (b"%PDF-1.7\n" + EICAR, "report.pdf"),
        (packed({"notes.txt": EICAR}, zipfile.ZIP_DEFLATED), "papers.zip"),
        (packed({"a.docx": office("docx", **{"b.txt": EICAR})}), "deep.zip"),
    ],
    ids=["plain", "in a document", "in an archive", "in a document in an archive"],
)
def test_an_infected_file_is_refused_by_name_and_nothing_of_it_is_kept(
    served: Serve, cast: Cast, daemon: Daemon, content: bytes, name: str
) -> None:
    app = served(daemon.path)
    vera = begun(app, cast)
    reply = send(vera, content, name)
    assert reply.status_code == 422
    assert f"A virus scanner found “{FOUND}” in the file" in said(reply.text)
    assert nothing_kept(app)
    (body,) = events(app, "evidence:refused")
    assert (body["question"], body["signature"]) == ("ISM-01", FOUND)
    assert not events(app, "evidence:keep")


def test_a_scanner_that_is_away_keeps_a_file_shut_until_it_is_back(
    served: Serve, cast: Cast, daemon: Daemon
) -> None:
    app = served("/nowhere/clamd.ctl")
    vera = begun(app, cast)
    assert send(vera, REPORT, "report.pdf").status_code == 302
    assert [(file.scan, file.scan_note) for file in files(app)] == [
        (Scan.QUARANTINED, clamd.ABSENT)
    ]
    page = said(vera.get("evidence/ISM-01").text)
    assert "Being checked for viruses You can go on meanwhile." in page
    Clockwork(app).round()
    assert [file.scan for file in files(app)] == [Scan.QUARANTINED]

    back = served(daemon.path)
    Clockwork(back).round()
    assert [file.scan for file in files(back)] == [Scan.CLEAN]
    assert "Being checked for viruses" not in vera.get("evidence/ISM-01").text


def test_an_infected_file_that_came_while_the_scanner_was_away_is_destroyed(
    served: Serve, cast: Cast, daemon: Daemon
) -> None:
    away = served("/nowhere/clamd.ctl")
    vera = begun(away, cast)
    assert send(vera, packed({"notes.txt": EICAR}), "papers.zip").status_code == 302
    Clockwork(served(daemon.path)).round()
    assert [file.scan for file in files(away)] == [Scan.INFECTED]
    assert blobs(away) == []
    (body,) = events(away, "evidence:infected")
    assert body["signature"] == FOUND
    page = said(vera.get("evidence/ISM-01").text)
    assert "A virus scanner found something in it, so it does not count." in page


def hangs_up(connection: socket.socket) -> None:
    connection.recv(1000)


def never_says(connection: socket.socket) -> None:
    drained(connection)
    connection.recv(1)  # until the app gives up


def mumbles(connection: socket.socket) -> None:
    drained(connection)
    connection.sendall(b"stream: OK, I think\0")


@pytest.mark.parametrize(
    ("behaves", "note"),
    [
        (hangs_up, clamd.BROKE_OFF),
        (never_says, clamd.HANGS),
        (mumbles, clamd.UNCLEAR),
    ],
)
def test_whatever_a_scanner_does_instead_of_saying_clean_is_quarantine(
    served: Serve,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    behaves: Callable[[socket.socket], None],
    note: str,
) -> None:
    monkeypatch.setattr(clamd, "REPLY_SECONDS", 0.3)
    with listening(behaves) as path:
        app = served(path)
        vera = begun(app, cast)
        assert send(vera, REPORT + b"x" * 200_000, "report.pdf").status_code == 302
    assert [(file.scan, file.scan_note) for file in files(app)] == [(Scan.QUARANTINED, note)]


def test_a_vendor_submits_with_a_file_in_quarantine_and_the_officer_sees_it_shut(
    served: Serve, cast: Cast
) -> None:
    app = served("/nowhere/clamd.ctl")
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
        stages.answer_all(invitation)
    vera = start(app, link.token)
    assert send(vera, REPORT, "report.pdf").status_code == 302
    with app.app_context():
        stages.send_in(invitation)
    (file,) = files(app)
    desk = app.test_client()
    desk.as_(cast.oskar)  # type: ignore[attr-defined]  # conftest's client
    address = f"/desk/assessments/{invitation.assessment_id}"
    for page in (f"{address}/answers", f"{address}/questions/ISM-01"):
        text = words(desk.get(page))
        assert "report.pdf" in text
        assert f"In quarantine Not opened, not counted: {clamd.ABSENT}." in text
    reply = desk.get(f"{address}/evidence/{file.evidence_id}/{file.version}")
    assert reply.status_code != 200
    assert REPORT not in reply.data
