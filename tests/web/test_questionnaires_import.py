"""Bringing one's own questionnaire: an upload becomes a draft, or is refused in words."""

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.catalogue.check import check
from riskapp.catalogue.parsing import parse
from riskapp.core.db import reading
from riskapp.releases import service
from riskapp.releases.queries import draft_file
from riskapp.web.questionnaires.bringing import MOST_UPLOADED
from riskapp.web.sinks import FORM_BYTES
from tests import foreign
from tests.cast import Cast
from tests.conftest import Client, Place
from tests.web.desk import told, words
from tests.web.importing import IMPORT, send, sent, source_of, waiting
from tests.web.portal import everywhere, form_of
from tests.web.uploads.posting import TYPE, body, part


@pytest.mark.parametrize("form", foreign.FILES)
def test_each_format_becomes_a_draft_that_says_what_was_made(
    app: Flask, ada: Client, form: str
) -> None:
    here = sent(ada, form)
    page = words(ada.get(here))
    text = source_of(app, here)
    release = parse(text, "draft")
    assert check(release) == []
    assert f"Release {release.key} Questions {len(release.questions)}" in page
    assert all(section.title in page for section in release.sections)
    assert f"Licence {release.licence}" in page
    if release.restricted is not None:
        assert f"Restricted {release.restricted}" in page
    taken_away = ada.get(f"{here}/file")
    assert taken_away.text == text
    named = f"attachment; filename={release.id}-{release.release}.yaml"
    assert taken_away.headers["Content-Disposition"] == named


def test_what_was_not_taken_over_is_said_line_by_line(ada: Client) -> None:
    page = words(ada.get(sent(ada)))
    assert "line 9 (odd) is an item of the unknown type “hologram”" in page
    assert "2 notes on what was left out" in page


def test_only_administrators_come_in(app: Flask, client: Client, cast: Cast) -> None:
    here = sent(client.as_(cast.ada))
    for other in (cast.oskar, cast.audrey):
        client.as_(other)
        for path in (IMPORT, here, f"{here}/discard", f"{here}/file", f"{here}/try"):
            assert client.get(path).status_code == 404
        for path in (here, f"{here}/publish", f"{here}/discard"):
            assert client.post(path).status_code == 404
        assert send(client).status_code == 404
    assert len(waiting(app)) == 1


class Unread(io.BytesIO):
    """A body that knows whether it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        self.taken += count
        return count


def push(client: Client, content: bytes, length: int, **headers: str) -> tuple[TestResponse, int]:
    """Sends a form as a server hands it over; what is answered, and how much was read."""
    stream = Unread(content)
    answer = client.post(
        IMPORT,
        input_stream=stream,
        content_type=TYPE,
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(length)},
    )
    return answer, stream.taken


def test_whose_it_is_and_how_large_is_looked_at_before_anything_is_read(
    app: Flask, client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"x" * 100
    answer, read = push(client, content, 100)
    assert (answer.status_code, answer.headers["Location"], read) == (302, "/sign-in", 0)
    answer, read = push(client.as_(cast.oskar), content, 100)
    assert (answer.status_code, read) == (404, 0)
    answer, read = push(client.as_(cast.ada), content, 100, Origin="https://evil.example")
    assert (answer.status_code, read) == (403, 0)
    answer, read = push(client, content, MOST_UPLOADED + FORM_BYTES + 1)
    assert (answer.status_code, read) == (413, 0)
    assert "at most 5 MiB are taken" in words(answer)
    monkeypatch.setattr(service, "MOST_DRAFTS", 0)
    answer, read = push(client, content, 100)
    assert (answer.status_code, read) == (422, 0)
    assert "0 imports wait already" in words(answer)
    assert waiting(app) == []


def test_the_forms_token_is_asked_for_once_the_form_was_read(app: Flask, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    assert isinstance(browser, Client)
    browser.as_(cast.ada)
    refused = send(browser)
    assert refused.status_code == 400
    assert "This form is too old" in words(refused)
    assert waiting(app) == []
    token = form_of(browser.get(IMPORT).text)["csrf_token"][0]
    assert send(browser, csrf_token=token).status_code == 303
    assert len(waiting(app)) == 1


@pytest.fixture
def nothing_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Place
) -> Iterator[None]:
    """Nothing makes a temporary file, and only the database keeps what was sent."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    opened = os.open

    def unwritten(path: Any, flags: int, *more: Any, **named: Any) -> int:
        assert not str(path).startswith(str(scratch)), f"{path} is made"
        return opened(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", unwritten)
    yield
    assert list(scratch.iterdir()) == []
    kept = {path.name for path in place.instance.rglob("*") if path.is_file()}
    of_its_own = ("riskapp.sqlite", "keyring.json", "secret_key", "signing_key")
    assert not [name for name in kept if not name.startswith(of_its_own)]


@pytest.mark.parametrize("form", ["vsaq", "sheet"])
@pytest.mark.usefixtures("nothing_on_disk")
def test_an_upload_never_touches_the_disk(app: Flask, ada: Client, form: str) -> None:
    name, content = foreign.FILES[form]
    content += b"\n" * 700_000  # more than Werkzeug by itself keeps in memory
    posted = body(part("from", form.encode()), part("file", content, name))
    answer, read = push(ada, posted, len(posted))
    assert (answer.status_code, read) == (303, len(posted))
    here = answer.headers["Location"]
    with app.app_context():
        assert draft_file(reading(), here.rpartition("/")[2]) == content
    fields = form_of(ada.get(here).text, here)
    assert ada.post(here, data=fields).status_code == 303


NOT_TAKEN = {
    "nothing": b"",
    "zeros": bytes(1000),
    "a torn archive": b"PK\x03\x04" + bytes(200),
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
}
NO_SUCH = {
    "no UTF-8": b"\xc3\x28",
    "torn JSON": foreign.VSAQ[:200],
    "nesting": b"[" * 100_000,
    "a YAML bomb": b"a: &a [x, x]\nb: &b [*a, *a]\n",
    "XML that reads files": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
}
HOSTILE = [
    pytest.param(form, content, id=f"{form}-{name}")
    for form in foreign.FILES
    for name, content in (NOT_TAKEN | (NO_SUCH if form != "sheet" else {})).items()
]


@pytest.mark.parametrize(("form", "content"), HOSTILE)
def test_what_is_no_such_file_is_refused_in_words_and_nothing_is_kept(
    app: Flask, ada: Client, form: str, content: bytes
) -> None:
    before = everywhere(app)
    response = send(ada, form, content, title="Kept as typed")
    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert 'href="#file"' in response.text
    assert form_of(response.text)["title"] == ["Kept as typed"]
    assert everywhere(app) == before


def test_markup_in_a_file_stays_words(app: Flask, ada: Client) -> None:
    name = "<b>x<img src=x onerror=alert(1)>.json"
    nasty = foreign.VSAQ.replace(b"Is access reviewed?", b"Is <b>it</b> &lt;script&gt;x?").replace(
        b"hologram", b"<img src=x onerror=alert(1)>"
    )
    here = sent(ada, "vsaq", nasty, name=name, title="<script>alert(2)</script>")
    for path in (here, f"{here}/discard", f"{here}/try", "/questionnaires"):
        page = ada.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"from": "word"}, "from", "Choose the format of the file."),
        ({"from": ""}, "from", "Choose the format of the file."),
        ({"id": "No Slug"}, "id", "Use at most 60 lower-case letters"),
        ({"prefix": "ism"}, "prefix", "Use three capital letters"),
        ({"prefix": "ISM"}, "prefix", "The questions of iso-27001 begin with ISM"),
        ({"release": "1"}, "release", "Use a year and a number"),
        ({"id": "mvsp", "release": "2026.1"}, "release", "mvsp@2026.1 is here already"),
        ({"title": "x" * 201}, "title", "Use at most 200 characters"),
    ],
)
def test_what_it_cannot_be_called_is_refused_by_field(
    app: Flask, ada: Client, fields: dict[str, Any], field: str, said: str
) -> None:
    response = send(ada, **fields)
    assert response.status_code == 422
    assert said in words(response)
    assert f'href="#{field}"' in response.text
    assert waiting(app) == []


def test_a_form_without_a_file_is_refused_in_words(app: Flask, ada: Client) -> None:
    for data in ({"from": "vsaq"}, {"from": "vsaq", "file": (io.BytesIO(b""), "")}):
        response = ada.post(IMPORT, data=data, content_type="multipart/form-data")
        assert response.status_code == 400
        assert "Choose the file that holds the questionnaire." in words(response)
    assert waiting(app) == []


def test_a_form_that_is_sent_twice_imports_once(app: Flask, ada: Client) -> None:
    once = form_of(ada.get(IMPORT).text)["once"][0]
    first = sent(ada, once=once, id="mine", prefix="MIN", release="2026.1")
    second = send(ada, once=once, id="mine", prefix="MIN", release="2026.1")
    assert "The form was sent twice. The file was imported once." in told(ada, second)
    assert second.headers["Location"] == first
    assert len(waiting(app)) == 1


def test_another_file_that_was_chosen_on_the_same_page_is_not_lost(app: Flask, ada: Client) -> None:
    once = form_of(ada.get(IMPORT).text)["once"][0]
    assert sent(ada, once=once) != sent(ada, "oscal", once=once)
    assert sorted(one.form for one in waiting(app)) == ["oscal", "vsaq"]


def test_imports_of_like_files_get_names_of_their_own(app: Flask, ada: Client) -> None:
    for _ in range(3):
        sent(ada)
    names = [one.naming for one in waiting(app)]
    assert {one["id"] for one in names} == {"theirs", "theirs-2", "theirs-3"}
    assert len({one["prefix"] for one in names}) == 3
