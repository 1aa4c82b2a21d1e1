"""An import before it is published: looked at, corrected, published or discarded."""

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.catalogue.parsing import parse
from riskapp.core.db import reading
from riskapp.releases import service
from riskapp.releases.queries import offered
from riskapp.web.ports import ports
from riskapp.web.questionnaires.draft_page import NOTES
from tests import foreign, small
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.releases.bringing import brought, written
from tests.web.desk import told, words
from tests.web.importing import IMPORT, seen, sent, source_of, waiting
from tests.web.portal import changed, everywhere, form_of
from tests.web.questionnaires import facts


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
