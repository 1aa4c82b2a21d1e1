"""Uploads that break off, are too large or no form, or fail later: nothing of them is kept."""

import os
from collections.abc import Callable

import flask
import pytest
from werkzeug.test import create_environ, run_wsgi_app

from riskapp.core.storage.port import StoreUnavailable
from riskapp.web.sinks import FORM_BYTES, Received
from riskapp.web.upload_errors import UploadCutShort, UploadTooLarge
from riskapp.web.uploads import PLAIN_BODY_BYTES
from tests.web.uploads.posting import (
    FILE,
    LIMIT,
    SECRET,
    TYPE,
    Cast,
    Post,
    Wire,
    body,
    nothing_kept,
    part,
)


@pytest.mark.parametrize("terminated", [False, True])
@pytest.mark.parametrize("arrived", [0, 1, 60, 150, 300_000, -1])
@pytest.mark.parametrize("fault", [None, ConnectionResetError("gone")])
def test_a_body_that_breaks_off_leaves_nothing(
    cast: Cast, arrived: int, terminated: bool, fault: OSError | None
) -> None:
    posted = body(part("file", SECRET * 20_000, "a.pdf"))
    sent = posted[:arrived]
    post = Post("/evidence", sent, length=len(posted), terminated=terminated, breaks_with=fault)
    assert post.to(cast).status == 400
    (refusal,) = cast.refused
    assert isinstance(refusal, UploadCutShort)
    assert (refusal.announced, refusal.received) == (len(posted), len(sent))
    assert nothing_kept(cast)


def test_a_body_that_is_short_but_ends_like_a_form_leaves_nothing(cast: Cast) -> None:
    posted = body(FILE)
    assert Post("/evidence", posted, length=len(posted) + 1).to(cast).status == 400
    assert isinstance(cast.refused[0], UploadCutShort)
    assert nothing_kept(cast)


@pytest.mark.parametrize(
    "posted",
    [
        part("file", SECRET * 9000, "a.pdf"),  # no end
        b"no form at all",
        body(FILE).replace(b"Content-Disposition", b"Content-Nonsense"),
        body(FILE).replace(b'name="file"', b'name="\xff\xfe"'),
    ],
    ids=["no end", "no form", "no disposition", "headers not UTF-8"],
)
def test_a_body_that_is_no_form_leaves_nothing(cast: Cast, posted: bytes) -> None:
    answer = Post("/evidence", posted).to(cast)
    assert (answer.status, "cannot be read as a form" in answer.text) == (400, True)
    assert nothing_kept(cast)


def test_a_form_without_a_boundary_leaves_nothing(cast: Cast) -> None:
    post = Post("/evidence", body(part("file", SECRET, "a")), content_type="multipart/form-data")
    assert post.to(cast).status == 400
    assert nothing_kept(cast)


def test_one_byte_over_the_limit_is_too_large(cast: Cast) -> None:
    posted = body(part("file", b"x" * (LIMIT + 1), "a.pdf"))
    answer = Post("/evidence", posted).to(cast)
    assert answer.status == 413
    (refusal,) = cast.refused
    assert isinstance(refusal, UploadTooLarge)
    assert refusal.limit == LIMIT
    assert nothing_kept(cast)


def test_an_announced_size_over_the_limit_is_refused_unread_and_costs_no_key(cast: Cast) -> None:
    answer = Post("/evidence", b"x" * 9, length=LIMIT + FORM_BYTES + 1).to(cast)
    assert answer.status == 413
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)
    assert nothing_kept(cast)


def test_a_body_without_a_length_is_refused_unread(cast: Cast) -> None:
    answer = Post("/evidence", body(FILE), length=-1).to(cast)
    assert answer.status == 411
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)


def test_a_chunked_body_is_refused_unread_even_with_a_length(cast: Cast) -> None:
    post = Post(
        "/evidence",
        body(FILE),
        headers={"Transfer-Encoding": "chunked"},
    )
    answer = post.to(cast)
    assert answer.status == 411
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "application/x-www-form-urlencoded", "", "multipart/mixed"]
)
def test_a_body_that_is_not_a_form_with_files_is_refused_unread(
    cast: Cast, content_type: str
) -> None:
    answer = Post("/evidence", SECRET, content_type=content_type).to(cast)
    assert (answer.status, "No file was sent" in answer.text) == (400, True)
    assert (answer.wire.read_bytes, cast.sealed) == (0, 0)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part("note", b"x")],
        [part("file", b"a field is not a file")],
        [part("file", b"", "")],
        [part("file", b"", ""), part("note", b"x")],
    ],
)
def test_a_form_without_a_chosen_file_has_no_file(cast: Cast, parts: list[bytes]) -> None:
    answer = Post("/evidence", body(*parts)).to(cast)
    assert (answer.status, "No file was sent" in answer.text) == (400, True)
    assert nothing_kept(cast)


def test_a_second_file_refuses_both(cast: Cast) -> None:
    large = SECRET * 20_000
    posted = body(part("file", SECRET, "a.pdf"), part("file", large, "b.pdf"))
    answer = Post("/evidence", posted).to(cast)
    assert (answer.status, "Only one file" in answer.text) == (400, True)
    assert nothing_kept(cast)


@pytest.mark.parametrize("filename", ["a.pdf", ""])
def test_a_page_that_takes_no_files_refuses_them_and_writes_nothing(
    cast: Cast, filename: str
) -> None:
    posted = body(part("file", SECRET * 20_000, filename), part("note", b"x"))
    answer = Post("/plain", posted).to(cast)
    assert (answer.status, "does not take files" in answer.text) == (400, True)
    assert nothing_kept(cast)


@pytest.mark.parametrize("content_type", [TYPE, "application/x-www-form-urlencoded"])
def test_bodies_without_a_file_are_bounded(cast: Cast, content_type: str) -> None:
    post = Post("/plain", b"a=" + b"x" * PLAIN_BODY_BYTES, content_type=content_type)
    answer = post.to(cast)
    assert (answer.status, answer.wire.read_bytes) == (413, 0)


@pytest.mark.parametrize(
    "parts",
    [
        [FILE, part("note", b"x" * (FORM_BYTES + 1))],
        [FILE, *[part("note", b"x" * 100_000)] * 4],
        [FILE, *[part("note", b"x")] * 100],
        [b"x" * (FORM_BYTES + 1) + b"\r\n", FILE],
        [FILE, part("a" * (FORM_BYTES + 1), b"x")],
    ],
    ids=["one long field", "long fields together", "many fields", "preamble", "headers"],
)
def test_what_surrounds_the_file_is_bounded(cast: Cast, parts: list[bytes]) -> None:
    posted = body(*parts)
    assert Post("/evidence", posted).to(cast).status == 413
    assert nothing_kept(cast)


def test_a_view_that_fails_leaves_nothing(cast: Cast) -> None:
    def fails(received: Received) -> None:
        raise LookupError(received.blob_name)

    cast.during = fails
    with pytest.raises(LookupError):
        Post("/evidence", body(FILE)).to(cast)
    assert nothing_kept(cast)


def test_a_view_that_says_no_leaves_nothing(cast: Cast) -> None:
    cast.during = lambda _: flask.abort(404)
    assert Post("/evidence", body(FILE)).to(cast).status == 404
    assert nothing_kept(cast)


def test_a_process_that_is_told_to_stop_leaves_nothing(cast: Cast) -> None:
    class Stopped(Wire):
        def read(self, size: int = -1) -> bytes:
            if self.read_bytes > 100_000:
                raise SystemExit
            return super().read(size)

    environ = create_environ("/evidence", method="POST")
    posted = body(part("file", SECRET * 20_000, "a.pdf"))
    environ |= {
        "wsgi.input": Stopped(posted),
        "CONTENT_TYPE": TYPE,
        "CONTENT_LENGTH": str(len(posted)),
    }
    with pytest.raises(SystemExit):
        run_wsgi_app(cast.app, environ, buffered=True)
    assert nothing_kept(cast)


@pytest.mark.parametrize(
    "reads", [lambda: flask.request.form, lambda: flask.request.stream], ids=["form", "stream"]
)
def test_a_body_read_before_it_was_let_in_is_the_programmers_error(
    cast: Cast, reads: Callable[[], object]
) -> None:
    cast.before = reads
    with pytest.raises(RuntimeError, match="was read before"):
        Post("/evidence", body(part("note", b"x"))).to(cast)
    assert cast.sealed == 0


def test_a_full_disk_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device", fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        Post("/evidence", body(FILE)).to(cast)
    assert nothing_kept(cast)
