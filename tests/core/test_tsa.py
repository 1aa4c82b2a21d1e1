"""Time stamps: OpenSSL verifies them, and what is none of the question asked counts for nothing."""

import re
import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from riskapp import create_app
from riskapp.core import tsa
from riskapp.core.tsa import LARGEST, TimeStampingAuthority
from riskapp.settings import Settings, SettingsRefused
from riskapp.web.ports import ports
from tests.cast import NOW
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.tsa import REPLY, Authority, Write, authority, replying, serving

__all__ = ["authority"]

NOTE = "riskapp/trail\n7\nAAAA\n\n— riskapp/trail BBBB\n".encode()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_what_was_stamped_is_verified_by_openssl(authority: Authority) -> None:
    with serving(replying(authority.reply)) as served:
        response = TimeStampingAuthority(served.url).stamp(NOTE)
    assert response is not None
    assert authority.verifies(NOTE, response)
    assert not authority.verifies(NOTE + b" ", response)
    ((headers, _),) = served.asked
    assert headers["Content-Type"] == "application/timestamp-query"


def test_each_question_has_a_nonce_of_its_own(authority: Authority) -> None:
    with serving(replying(authority.reply)) as served:
        stamper = TimeStampingAuthority(served.url)
        assert stamper.stamp(NOTE) is not None
        assert stamper.stamp(NOTE) is not None
    first, second = (query for _, query in served.asked)
    assert first != second
    assert NOTE not in first + second, "the authority learns a digest"


def refusal(write: Write, capsys: pytest.CaptureFixture[str], **how: timedelta) -> str:
    """What the log says of an authority that answers so; there is no time stamp."""
    capsys.readouterr()
    with serving(write) as served:
        url = served.url.replace("//", "//name:secret@")
        assert TimeStampingAuthority(url, **how).stamp(NOTE) is None
    logged = capsys.readouterr().err
    assert "no time stamp" in logged
    assert "secret" not in logged
    assert "trail" not in logged
    return logged


def test_an_answer_to_something_else_is_none(
    authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    other = authority.query(b"something else")
    logged = refusal(replying(lambda _: authority.reply(other)), capsys)
    assert "over something else" in logged
    unasked = authority.query(NOTE)
    logged = refusal(replying(lambda _: authority.reply(unasked)), capsys)
    assert "for another question" in logged
    without = authority.query(NOTE, "-no_nonce")
    logged = refusal(replying(lambda _: authority.reply(without)), capsys)
    assert "for another question" in logged


def test_a_refusal_is_none(authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    logged = refusal(replying(lambda query: authority.reply(query, "picky")), capsys)
    assert "it refused, with status 2" in logged


def to_elsewhere(handler: BaseHTTPRequestHandler, query: bytes) -> None:
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def cut_short(handler: BaseHTTPRequestHandler, query: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", REPLY)
    handler.send_header("Content-Length", "6000")
    handler.end_headers()
    handler.wfile.write(b"0")


def no_http(handler: BaseHTTPRequestHandler, query: bytes) -> None:
    handler.wfile.write(b"\x00\x01 nothing of the kind\r\n\r\n")


def hangs_up(handler: BaseHTTPRequestHandler, query: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


BAD = {
    "nothing": replying(lambda _: b""),
    "nonsense": replying(lambda _: b"nonsense"),
    "a page": replying(lambda _: b"<p>Please sign in</p>", "text/html"),
    "a failure": replying(lambda _: b"", status=503),
    "a redirection": to_elsewhere,
    "less than it says": cut_short,
    "no HTTP": no_http,
    "a closed connection": hangs_up,
}


@pytest.mark.parametrize("write", BAD.values(), ids=BAD)
def test_what_is_no_answer_is_none(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    refusal(write, capsys)


def test_an_answer_without_end_is_read_no_further(capsys: pytest.CaptureFixture[str]) -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Type", REPLY)
        handler.end_headers()
        while True:
            sent += handler.connection.send(bytes(LARGEST))

    assert f"more than {LARGEST} bytes" in refusal(endless, capsys)
    assert sent < 200 * LARGEST


def test_an_authority_that_hangs_or_drips_is_waited_for_only_so_long(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hung, dripped = threading.Event(), threading.Event()

    def hangs(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        hung.wait(20)

    def drips(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while not dripped.wait(0.05):
            handler.wfile.write(b"X: y\r\n")

    for write, over in ((hangs, hung), (drips, dripped)):
        logged = refusal(write, capsys, patience=timedelta(seconds=0.3))
        # Whoever waits and the connection give up at the same moment; which is first is chance.
        assert re.search(r"did not answer within 0\.3 s|cannot be reached \(TimeoutError\)", logged)
        over.set()


def test_questions_that_hang_hold_no_more_than_a_few_threads(
    authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    over = threading.Event()

    def hangs_first(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        over.wait(20)
        replying(authority.reply)(handler, query)

    with serving(hangs_first) as served:
        stamper = TimeStampingAuthority(served.url, patience=timedelta(seconds=30))
        waiting = [threading.Thread(target=stamper.stamp, args=(NOTE,)) for _ in range(4)]
        for thread in waiting:
            thread.start()
        while len(served.asked) < tsa.MOST_AT_ONCE:
            time.sleep(0.01)
        assert stamper.stamp(NOTE) is None
        assert "has not answered what it was asked before" in capsys.readouterr().err
        over.set()
        for thread in waiting:
            thread.join()
        assert stamper.stamp(NOTE) is not None


def test_an_authority_that_is_not_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(replying(bytes)) as served:
        pass
    assert TimeStampingAuthority(served.url).stamp(NOTE) is None
    assert "cannot be reached (ConnectionRefusedError)" in capsys.readouterr().err


def test_name_and_password_are_sent_as_the_authority_wants_them(authority: Authority) -> None:
    with serving(replying(authority.reply)) as served:
        url = served.url.replace("//", "//harbour:p%40ss@")
        assert TimeStampingAuthority(url).stamp(NOTE) is not None
    ((headers, _),) = served.asked
    assert headers["Authorization"] == "Basic aGFyYm91cjpwQHNz"
    assert headers["Host"] == served.url.split("/")[2]


@pytest.mark.parametrize(
    "written",
    ["tsa.example.org", "ftp://tsa.example.org", "https://", "https://a.example:x/", "http://a#b"],
)
def test_an_address_that_is_none_stops_the_start_and_its_password_is_not_said(
    tmp_path: Path, written: str
) -> None:
    written = written.replace("//", "//name:secret@")
    with pytest.raises(SettingsRefused, match="RISKAPP_TSA_URL") as refused:
        create_app(Settings.model_validate({"instance": tmp_path, "tsa_url": written}))
    assert "secret" not in str(refused.value)


def test_checkpoints_get_a_time_stamp_where_an_authority_is_set(
    place: Place, clock: StoppedClock, authority: Authority
) -> None:
    with serving(replying(authority.reply)) as served:
        app = make_app(place.instance, place.url, clock=clock, tsa_url=served.url)
        with app.app_context():
            signed = ports().log.checkpoint(NOW)
        dispose(app)
    assert signed.token is not None
    assert authority.verifies(signed.note.encode(), signed.token)


def test_a_checkpoint_is_signed_also_where_the_authority_does_not_answer(
    place: Place, clock: StoppedClock
) -> None:
    with serving(replying(bytes)) as served:
        pass
    app = make_app(place.instance, place.url, clock=clock, tsa_url=served.url)
    with app.app_context():
        assert ports().log.checkpoint(NOW).token is None
    dispose(app)
