"""Uploads that break off, lie about their length or hide it leave neither a row nor a blob."""

import socket
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from riskapp.core.db import reading
from riskapp.evidence.models import Evidence
from tests.soak.conftest import House, until
from tests.soak.respondent import HEAD, QUESTION, Connection, Reply, Respondent, in_pieces, send_all

MEBIBYTE = 1024 * 1024
CONTENT = HEAD + bytes(3 * MEBIBYTE)

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("template", ["sqlite"], indirect=True),
]


def whole_length(vera: Respondent) -> int:
    before, after = vera.around()
    return len(before) + len(CONTENT) + len(after)


def half_sent(house: House, vera: Respondent) -> Connection:
    """An upload of which half was sent, and of which the server has begun to write."""
    connection = vera.begin_upload(whole_length(vera))
    connection.send(vera.around()[0])
    for piece in in_pieces(CONTENT[: len(CONTENT) // 2]):
        connection.send(piece)
    house.begins_a_blob()
    return connection


def nothing_was_kept(house: House) -> None:
    """No row, no blob: neither now nor by the time that the server has noticed."""
    until(lambda: not house.incoming(), "the begun blob went away")
    with house.inside():
        assert reading().scalar(select(func.count()).select_from(Evidence)) == 0
    folder = house.place.instance / "evidence"
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def still_takes_files(house: House, vera: Respondent) -> None:
    assert vera.upload(QUESTION, in_pieces(CONTENT), len(CONTENT)).status == 302
    with house.inside():
        assert reading().scalar(select(func.count()).select_from(Evidence)) == 1


@pytest.fixture
def vera(house: House) -> Respondent:
    return house.link().opened(house.served())


def reset(connection: Connection) -> None:
    """Ends the connection as a crashed client does, with RST in place of FIN."""
    assert connection.sock is not None
    linger_off = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_off)
    connection.close()


def close(connection: Connection) -> None:
    connection.close()


def stop_sending(connection: Connection) -> None:
    """Says that no more comes, and still listens."""
    assert connection.sock is not None
    connection.sock.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("end", [close, reset])
def test_an_upload_whose_line_breaks_leaves_nothing(
    house: House, vera: Respondent, end: Callable[[Connection], None]
) -> None:
    end(half_sent(house, vera))
    nothing_was_kept(house)
    still_takes_files(house, vera)


def test_an_upload_shorter_than_announced_leaves_nothing(house: House, vera: Respondent) -> None:
    connection = half_sent(house, vera)
    stop_sending(connection)
    nothing_was_kept(house)
    connection.close()
    still_takes_files(house, vera)


def test_a_form_that_is_complete_but_shorter_than_announced_leaves_nothing(
    house: House, vera: Respondent
) -> None:
    """Werkzeug would take it: the last boundary came."""
    connection = vera.begin_upload(whole_length(vera) + 1000)
    before, after = vera.around()
    for piece in (before, *in_pieces(CONTENT), after):
        connection.send(piece)
    house.begins_a_blob()
    stop_sending(connection)
    nothing_was_kept(house)
    connection.close()
    still_takes_files(house, vera)


def test_an_upload_without_a_length_is_refused_in_words(house: House, vera: Respondent) -> None:
    connection = vera.begin_upload(None)
    before, after = vera.around()
    pieces = (before, *in_pieces(CONTENT), after, b"")
    send_all(connection, (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces))
    reply = answer(vera, connection)
    assert reply.status == 411
    assert "length" in reply.text
    nothing_was_kept(house)
    still_takes_files(house, vera)


def test_a_chunked_upload_that_breaks_off_leaves_nothing(house: House, vera: Respondent) -> None:
    connection = vera.begin_upload(None)
    piece = vera.around()[0] + CONTENT[:MEBIBYTE]
    send_all(connection, [b"%x\r\n%b" % (len(piece), piece)])
    reset(connection)
    nothing_was_kept(house)
    still_takes_files(house, vera)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(house: House) -> None:
    vera = house.link().opened(house.served(upload_limit=str(MEBIBYTE)))
    reply = answer(vera, vera.begin_upload(whole_length(vera)))
    assert reply.status == 413
    nothing_was_kept(house)


def answer(vera: Respondent, connection: Connection) -> Reply:
    try:
        return vera.reply(connection)
    finally:
        connection.close()


def test_forty_uploads_on_their_way_keep_nobody_from_answering(
    house: House, vera: Respondent
) -> None:
    """More than the database gives connections to: an upload in progress holds none."""
    connections = [half_sent(house, vera) for _ in range(40)]
    until(lambda: len(house.incoming()) == 40, "all of them were let in")
    assert vera.save("GDP-05", "Meanwhile", 0).status == 200
    for connection in connections:
        reset(connection)
    nothing_was_kept(house)
