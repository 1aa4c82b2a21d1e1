"""Bringing one's own questionnaire: uploaded, looked at, corrected, published or discarded."""

import io
import os
import re
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
from riskapp.releases.queries import WaitingDraft, draft, draft_file, drafts, offered
from riskapp.web.ports import ports
from riskapp.web.questionnaires.bringing import MOST_UPLOADED
from riskapp.web.questionnaires.draft_page import NOTES
from riskapp.web.uploads import FORM_BYTES
from tests import foreign, small
from tests.cast import NOW, Cast
from tests.conftest import Client, Place
from tests.releases.bringing import brought, written
from tests.web.desk import told, words
from tests.web.portal import changed, everywhere, form_of
from tests.web.questionnaires import facts
from tests.web.uploads.posting import TYPE, body, part

IMPORT = "/questionnaires/import"


def send(client: Client, form: str = "vsaq", content: bytes | None = None, **more: Any) -> Any:
    name, usual = foreign.FILES[form]
    data = {"from": form, **more}
    data["file"] = (io.BytesIO(usual if content is None else content), more.pop("name", name))
    data.pop("name", None)
    return client.post(IMPORT, data=data, content_type="multipart/form-data")


def sent(client: Client, *how: Any, **more: Any) -> str:
    """The address of the draft that an upload becomes."""
    response = send(client, *how, **more)
    assert response.status_code == 303, words(response)[:500]
    return str(response.headers["Location"])


def waiting(app: Flask) -> list[WaitingDraft]:
    with app.app_context():
        return list(drafts(reading()))


def source_of(app: Flask, here: str) -> str:
    with app.app_context():
        found = draft(reading(), here.rpartition("/")[2])
    assert found is not None
    return found.source


def seen(client: Client, here: str) -> str:
    """The mark of a draft, as its page carries it."""
    return str(form_of(client.get(here).text, "/publish")["seen"][0])


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    return client.as_(cast.ada)


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


def test_thousands_of_notes_stand_on_pages(app: Flask, ada: Client, cast: Cast) -> None:
    many = brought(written())
    notes = [type(many.imported.notes[0])(f"row {n}", "was dropped") for n in range(1, 1202)]
    imported = type(many.imported)(many.imported.text, 1, notes)
    with app.app_context():
        one = service.Brought("sheet", "a.csv", b"", many.naming, {}, imported)
        here = f"{IMPORT}/draft/{service.bring(one, actor=cast.ada.actor, now=NOW)}"
    page = ada.get(here)
    assert f"1 to {NOTES} of 1201" in words(page)
    assert "row 500 " in words(page)
    assert "row 501 " not in words(page)
    last = words(ada.get(f"{here}?notes=3"))
    assert "1001 to 1201 of 1201" in last
    assert "1201 row 1201 was dropped" in last
    for at in ("0", "4", "x", "-1", "1e3", "99999"):
        assert ada.get(f"{here}?notes={at}").status_code == 404


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
    assert "at most 5.0 MiB are taken" in words(answer)
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
    of_its_own = ("riskapp.sqlite", "keyring.json", "secret_key")
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


def test_what_it_is_called_is_corrected(app: Flask, ada: Client) -> None:
    here = sent(ada)
    fields = form_of(ada.get(here).text, here)
    named = {"title": "Renamed", "id": "renamed", "prefix": "REN", "release": "2027.3"}
    response = ada.post(here, data=changed(fields, named))
    assert "The file was read again." in told(ada, response)
    release = parse(source_of(app, here), "draft")
    assert (release.key, release.title) == ("renamed@2027.3", "Renamed")
    assert all(name.startswith("REN-") for name in release.questions)


def test_a_wrong_correction_is_refused_and_what_was_typed_stays(app: Flask, ada: Client) -> None:
    here = sent(ada)
    before = source_of(app, here)
    fields = form_of(ada.get(here).text, here)
    response = ada.post(here, data=changed(fields, {"prefix": "ISM", "title": "Typed"}))
    assert response.status_code == 422
    assert "The questions of iso-27001 begin with ISM" in words(response)
    assert form_of(response.text, here)["title"] == ["Typed"]
    assert source_of(app, here) == before


def test_columns_are_shown_with_reasons_and_corrected(app: Flask, ada: Client) -> None:
    here = sent(ada, "sheet", foreign.workbook(), name="theirs.xlsx")
    page = ada.get(here)
    shown = words(page)
    assert "Sheet “Lists” is not imported" in shown
    assert "C Requirement" in shown
    assert re.search(r"sheet Part 1, row 3 A 1.1 B Is it so, 1 and 1\? C It is", shown)
    fields = form_of(page.text, here)
    assert fields["use-1"] == fields["use-2"] == ["questions"]
    assert fields["column-1-C"] == ["question"]
    said = {"use-2": "nothing", "column-1-B": "question", "column-1-C": "why"}
    assert ada.post(here, data=changed(fields, said)).status_code == 303
    questions = parse(source_of(app, here), "draft").questions.values()
    assert [one.text for one in questions] == [f"Is it so, 1 and {row}?" for row in (1, 2, 3)]
    assert [one.why for one in questions] == [f"It is to be so, 1 and {row}." for row in (1, 2, 3)]
    again = ada.get(here)
    assert form_of(again.text, here)["column-1-C"] == ["why"]
    assert "You said so." in words(again)
    assert ada.post(here, data=form_of(again.text, here)).status_code == 303
    assert parse(source_of(app, here), "draft").questions.keys() == {one.id for one in questions}, (
        "sent as it is, the form changes nothing"
    )


def test_where_the_headers_move_the_columns_are_guessed_anew(app: Flask, ada: Client) -> None:
    here = sent(ada, "sheet", foreign.CSV)
    fields = form_of(ada.get(here).text, here)
    assert ada.post(here, data=changed(fields, {"header-0": "none"})).status_code == 303
    assert "No header says so" in words(ada.get(here))
    assert len(parse(source_of(app, here), "draft").questions) == 4


def test_a_sheet_without_questions_waits_until_it_is_said_where_they_are(
    app: Flask, ada: Client
) -> None:
    here = sent(ada, "sheet", foreign.nothing_asked())
    page = ada.get(here)
    assert "Nothing could be made of the file yet." in words(page)
    assert "There is nothing to publish yet." in words(page)
    for path in (f"{here}/file", f"{here}/try"):
        assert ada.get(path).status_code == 404
    refused = ada.post(f"{here}/publish", data={"seen": form_of(page.text, here)["seen"]})
    assert refused.status_code == 422
    fields = form_of(page.text, here)
    first = ada.post(here, data=changed(fields, {"use-0": "questions", "header-0": "1"}))
    assert first.status_code == 303
    fields = form_of(ada.get(here).text, here)
    named = dict.fromkeys((name for name in fields if name.startswith("column-")), "")
    assert (
        ada.post(here, data=changed(fields, named | {"column-0-B": "question"})).status_code == 303
    )
    assert len(parse(source_of(app, here), "draft").questions) == 2


@pytest.mark.parametrize(
    ("said", "words_of_it"),
    [
        ({"header-0": "99"}, "are no rows of the sheet"),
        ({"use-0": "everything"}, "is no use of a sheet"),
        ({"column-0-A": "colour"}, "Choose from what is offered here."),
        ({"column-0-A": "question"}, "are several columns"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_and_stays_as_typed(
    app: Flask, ada: Client, said: dict[str, str], words_of_it: str
) -> None:
    here = sent(ada, "sheet", foreign.CSV)
    before = source_of(app, here)
    fields = form_of(ada.get(here).text, here)
    response = ada.post(here, data=changed(fields, {**said, "title": "Typed"}))
    assert response.status_code == 422
    assert words_of_it in words(response)
    assert form_of(response.text, here)["title"] == ["Typed"]
    assert source_of(app, here) == before


def test_a_draft_is_seen_as_the_vendor_would_and_tried(ada: Client) -> None:
    here = sent(ada)
    page = ada.get(f"{here}/try")
    assert "Is access reviewed?" in words(page)
    (question,) = re.findall(r'name="q-([A-Z]{3}-[0-9]{2})-value"', page.text)[:1]
    answered = {**form_of(page.text, "/try"), **facts(), f"q-{question}-value": "no"}
    tried = ada.post(f"{here}/try", data=answered)
    assert tried.status_code == 200
    assert re.search(r"\+[0-9.]+", words(tried))


def test_a_published_draft_can_be_sent_from_then_on(app: Flask, ada: Client) -> None:
    here = sent(ada)
    response = ada.post(f"{here}/publish", data={"seen": seen(ada, here)})
    assert "theirs@2026.1 is published." in told(ada, response)
    assert response.headers["Location"] == "/questionnaires/theirs/2026.1"
    assert waiting(app) == []
    with app.app_context():
        assert "theirs" in offered(reading(), ports().library).newest
    assert ada.get(here).status_code == 404


def test_faults_of_what_cannot_be_published_are_said_one_by_one(
    app: Flask, ada: Client, cast: Cast
) -> None:
    with app.app_context():
        faulty = brought(written(id="mvsp", domains={}))
        here = f"{IMPORT}/draft/{service.bring(faulty, actor=cast.ada.actor, now=NOW)}"
    response = ada.post(f"{here}/publish", data={"seen": seen(ada, here)})
    assert response.status_code == 422
    said = words(response)
    assert "It cannot be published as it stands" in said
    assert "domain (line 16): access is unknown; name one of domains: none" in said
    assert "mvsp@2026.1 was published before; give it the next release number" in said
    assert len(waiting(app)) == 1


def test_discarding_is_asked_for_and_takes_the_file_along(app: Flask, ada: Client) -> None:
    here = sent(ada)
    page = ada.get(f"{here}/discard")
    assert "This cannot be undone" in words(page)
    assert len(waiting(app)) == 1
    response = ada.post(f"{here}/discard", data=form_of(page.text, "/discard"))
    assert "The import is discarded" in told(ada, response)
    assert waiting(app) == []


@pytest.mark.parametrize("verb", ["", "/publish", "/discard"])
def test_what_a_colleague_corrected_meanwhile_is_looked_at_again(
    app: Flask, ada: Client, cast: Cast, verb: str
) -> None:
    here = sent(ada)
    fields = form_of(ada.get(here).text, here)
    assert ada.post(here, data=changed(fields, {"title": "Theirs"})).status_code == 303
    response = ada.post(here + verb, data=changed(fields, {"title": "Mine"}))
    assert "A colleague has corrected this import meanwhile." in told(ada, response)
    assert response.headers["Location"] == here
    assert "Theirs" in source_of(app, here)


@pytest.mark.parametrize("verb", ["", "/publish", "/discard"])
def test_a_form_that_shows_nothing_changes_nothing(app: Flask, ada: Client, verb: str) -> None:
    here = sent(ada)
    before = everywhere(app)
    assert ada.post(here + verb, data={}).status_code == 303
    assert everywhere(app) == before


@pytest.mark.parametrize("verb", ["", "/publish", "/discard"])
def test_a_draft_that_is_gone_is_said_in_words(ada: Client, verb: str) -> None:
    here = sent(ada)
    fields = form_of(ada.get(here).text, here)
    assert ada.post(f"{here}/publish", data=fields).status_code == 303
    late = ada.post(here + verb, data=fields)
    assert "it was published or discarded, perhaps by a colleague" in told(ada, late)
    for path in (here, f"{here}/discard", f"{here}/file", f"{here}/try"):
        gone = ada.get(path)
        assert gone.status_code == 404
        assert "There is no such import" in words(gone)


def test_two_who_publish_at_once_publish_once(app: Flask, cast: Cast, client: Client) -> None:
    here = sent(client.as_(cast.ada))
    data = {"seen": seen(client, here)}

    def press() -> TestResponse:
        browser = app.test_client()
        assert isinstance(browser, Client)
        return browser.as_(cast.ada).post(f"{here}/publish", data=data)

    with app.app_context():
        places = sorted(str(one.headers["Location"]) for one in small.at_once(press, press))  # type: ignore[attr-defined]  # responses
    assert places == ["/questionnaires", "/questionnaires/theirs/2026.1"]
