"""Small files that are read at once: held in memory, whole or not at all, and never written."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from riskapp.web.sinks import FORM_BYTES, Held
from riskapp.web.upload_errors import UploadCutShort, UploadRefused, UploadTooLarge
from riskapp.web.uploads import Request, receive_small
from tests.web.uploads.posting import FILE, LIMIT, SECRET, Post, body, part


class Reader:
    """A small application that reads a file and keeps nothing of it."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.refused: list[UploadRefused] = []
        self.app = flask.Flask(__name__)
        self.app.testing = True
        self.app.request_class = Request
        self.app.add_url_rule("/read", "read", self.read, methods=["POST"])

    def read(self) -> str:
        request = flask.request
        assert isinstance(request, Request)
        try:
            self.held.append(receive_small(request, limit=LIMIT))
        except UploadRefused as refusal:
            self.refused.append(refusal)
            request.form.get("note")  # a page that shows the form again must be able to
            raise
        return request.form.get("note", "")


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Meanwhile no file is opened for writing, wherever it would be."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = os.open

    def unwritten(path: Any, flags: int, *more: Any, **named: Any) -> int:
        assert not flags & (os.O_WRONLY | os.O_RDWR), f"{path} is written"
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", unwritten)
    yield Reader()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("terminated", [False, True])
@pytest.mark.parametrize("size", [0, 1, 65_536, LIMIT - 1, LIMIT])
def test_a_whole_file_is_held(reader: Reader, size: int, terminated: bool) -> None:
    data = (SECRET * (size // len(SECRET) + 1))[:size]
    posted = body(part("file", data, "theirs.json"), part("note", b"hello"))
    answer = Post("/read", posted, terminated=terminated).to(reader)
    assert (answer.status, answer.text) == (200, "hello")
    assert reader.held == [Held("theirs.json", data)]


@pytest.mark.parametrize("arrived", [0, 1, 60, 150, 300_000, -1])
def test_a_body_that_breaks_off_gives_no_file(reader: Reader, arrived: int) -> None:
    posted = body(part("file", SECRET * 20_000, "theirs.json"))
    answer = Post("/read", posted[:arrived], length=len(posted)).to(reader)
    assert answer.status == 400
    assert isinstance(reader.refused[0], UploadCutShort)
    assert reader.held == []


def test_one_byte_over_the_limit_is_too_large(reader: Reader) -> None:
    answer = Post("/read", body(part("file", b"x" * (LIMIT + 1), "a.json"))).to(reader)
    assert answer.status == 413
    assert isinstance(reader.refused[0], UploadTooLarge)
    assert reader.held == []


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"length": LIMIT + FORM_BYTES + 1}, 413),
        ({"length": -1}, 411),
        ({"headers": {"Transfer-Encoding": "chunked"}}, 411),
        ({"content_type": "application/json"}, 400),
    ],
)
def test_what_is_refused_by_its_head_is_not_read(
    reader: Reader, how: dict[str, Any], status: int
) -> None:
    answer = Post("/read", body(FILE), **how).to(reader)
    assert (answer.status, answer.wire.read_bytes) == (status, 0)
    assert reader.held == []


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part("file", b"", "")],
        [part("file", b"a field is not a file")],
        [FILE, part("file", SECRET * 20_000, "b.json")],
        [FILE, part("note", b"x" * (FORM_BYTES + 1))],
        [FILE, *[part("note", b"x")] * 100],
    ],
    ids=["nothing", "none chosen", "a field", "two files", "a long field", "many fields"],
)
def test_a_form_that_is_not_one_small_file_gives_none(reader: Reader, parts: list[bytes]) -> None:
    assert Post("/read", body(*parts)).to(reader).status in {400, 413}
    assert reader.held == []
