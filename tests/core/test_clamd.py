"""Only "stream: OK" is clean: whatever else a scanner does or says is no verdict, and no error."""

import os
import socket
import threading
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riskapp.core import clamd
from riskapp.core.clamd import Clamd, verdict_of
from riskapp.core.scanning import Clean, Infected, Unscanned
from tests.clamav import EICAR, FOUND, STREAM_MAX, Daemon, daemon, drained, listening, scan
from tests.evidence.zips import packed

__all__ = ["daemon"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamd, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(clamd, "REPLY_SECONDS", 0.2)


@pytest.mark.parametrize("data", [b"nothing", b"", b"\r" * 300_000, os.urandom(300_000)])
def test_what_the_daemon_knows_nothing_against_is_clean(daemon: Daemon, data: bytes) -> None:
    assert scan(daemon.path, data) == Clean()


@pytest.mark.parametrize(
    "data",
    [
        EICAR,
        b"some text before " + EICAR,
        packed({"a.txt": EICAR}, zipfile.ZIP_DEFLATED),
        packed({"a.zip": packed({"b.txt": EICAR}, zipfile.ZIP_DEFLATED)}),
    ],
    ids=["plain", "in text", "in an archive", "in an archive in an archive"],
)
@pytest.mark.parametrize("piece", [1, 7, 50_000])
def test_what_it_knows_is_found_and_named(daemon: Daemon, data: bytes, piece: int) -> None:
    assert scan(daemon.path, data, piece) == Infected(FOUND)


def test_a_file_over_the_daemons_limit_has_no_verdict(daemon: Daemon) -> None:
    assert scan(daemon.path, bytes(STREAM_MAX + 1)) == Unscanned(clamd.TOO_LARGE)
    assert scan(daemon.path, bytes(4 * STREAM_MAX)) == Unscanned(clamd.TOO_LARGE)


def test_a_file_that_the_daemon_does_not_look_at_whole_has_no_verdict(daemon: Daemon) -> None:
    assert scan(daemon.path, b"a" * (STREAM_MAX // 2)) == Unscanned(clamd.NOT_ALL)


def test_a_daemon_that_is_killed_in_mid_stream_gave_no_verdict(daemon: Daemon) -> None:
    going = Clamd(daemon.path).begin()
    going.write(b"x" * 70_000)
    daemon.stop()
    try:
        going.write(b"x" * 70_000)
        assert going.finish() == Unscanned(clamd.BROKE_OFF)
        assert scan(daemon.path, b"x") == Unscanned(clamd.ABSENT)
    finally:
        daemon.start()
    assert scan(daemon.path, b"x") == Clean()


def test_a_daemon_that_is_not_there_is_given_up_at_once() -> None:
    for address in ("/nowhere/clamd.ctl", ("127.0.0.1", 1)):
        going = Clamd(address).begin()
        assert going.given_up
        going.write(b"x" * 100_000)
        assert going.finish() == Unscanned(clamd.ABSENT)


def test_a_daemon_that_reads_nothing_is_given_up(impatient: None) -> None:
    stop = threading.Event()

    def deaf(connection: socket.socket) -> None:
        stop.wait(20)

    with listening(deaf) as path:
        going = Clamd(path).begin()
        for _ in range(100):
            going.write(b"x" * 70_000)
        assert going.given_up
        assert going.finish() == Unscanned(clamd.HANGS)
        stop.set()


def test_a_daemon_that_never_answers_is_given_up(impatient: None) -> None:
    stop = threading.Event()

    def silent(connection: socket.socket) -> None:
        drained(connection)
        stop.wait(20)

    with listening(silent) as path:
        assert scan(path, b"x" * 100_000) == Unscanned(clamd.HANGS)
        stop.set()


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (b"stream: OK\0", Clean()),
        (b"stream: OK", Unscanned(clamd.UNCLEAR)),
        (b"", Unscanned(clamd.BROKE_OFF)),
        (b"stream: \0", Unscanned(clamd.UNCLEAR)),
        (b"stream: Eicar FOUND\0", Infected("Eicar")),
        (b"stream:  FOUND\0", Infected("unnamed")),
    ],
)
def test_what_a_daemon_says_comes_over_the_socket(
    reply: bytes, verdict: Clean | Infected | Unscanned
) -> None:
    def says(connection: socket.socket) -> None:
        drained(connection)
        connection.sendall(reply)

    with listening(says) as path:
        assert scan(path, b"x" * 100_000) == verdict


@given(st.binary(max_size=40))
@example(b"stream: OK\0\0")
@example(b"stream: OK\n")
@example(b"stream: ok\0")
@example(b"stream: OK FOUND\0")
@example(b"stream: OK\0stream: Eicar FOUND\0")
@example(b"INSTREAM size limit exceeded. ERROR\0")
@example(b"stream: Can't allocate memory ERROR\0")
def test_no_other_answer_is_clean(said: bytes) -> None:
    if said != b"stream: OK\0":
        assert not isinstance(verdict_of(said), Clean)


def test_a_name_that_it_finds_is_shown_as_plain_text() -> None:
    found = verdict_of("stream: Bad\x1b[2J\u202e".encode() + b"x" * 1000 + b" FOUND\0")
    assert isinstance(found, Infected)
    assert found.signature == ("Bad[2J" + "x" * 1000)[:200]


def test_an_abandoned_scan_lets_go_of_the_daemon() -> None:
    seen: list[bytes] = []
    gone = threading.Event()

    def watch(connection: socket.socket) -> None:
        seen.append(drained(connection))
        gone.set()

    with listening(watch) as path:
        going = Clamd(path).begin()
        going.write(b"x")
        going.abort()
        going.abort()
        assert gone.wait(10)
    assert not seen[0].endswith(b"\0\0\0\0")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("127.0.0.1:3310", ("127.0.0.1", 3310)),
        ("clamav:3310", ("clamav", 3310)),
        ("[::1]:3310", ("::1", 3310)),
    ],
)
def test_the_setting_is_a_path_or_a_host_with_its_port(
    written: str, address: str | tuple[str, int]
) -> None:
    assert Clamd.at(written)._address == address


@pytest.mark.parametrize(
    "written", ["", "clamd.ctl", "run/clamd.ctl", "host", "host:", ":3310", "host:0", "host:x",
                "host:65536", "::1:3310", "http://host:3310", "host:٣", "[]:1"]
)  # fmt: skip
def test_a_setting_that_is_neither_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="write it like"):
        Clamd.at(written)
