"""Answering: saved as it is given and on a plain post, refused in words, never overwritten."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from riskapp.core.db import db
from tests.cast import Cast
from tests.stages import answer_all, attach, issued, opened
from tests.web.portal import Respondent, count, form_of, said, start, stored

GOVERNANCE = "iso-27001/governance"


@pytest.fixture
def vera(app: Flask, cast: Cast) -> Respondent:
    with app.app_context():
        return start(app, issued(cast.vera, cast.oskar).token)


@pytest.fixture
def colleague(app: Flask, cast: Cast, vera: Respondent) -> Respondent:
    """Somebody in another window of the same browser."""
    return Respondent(vera.client, vera.base)


def test_a_section_is_saved_by_a_plain_post(app: Flask, vera: Respondent) -> None:
    reply = vera.fill(GOVERNANCE, {"q-ISM-04-value": "yes", "q-ISM-05-value": "partly"})
    assert reply.status_code == 302
    page = vera.get(GOVERNANCE).text
    assert "Saved: ISM-04, ISM-05." in page
    assert "2 of 29 questions answered" in page
    fields = form_of(page, GOVERNANCE)
    assert fields["q-ISM-04-value"] == ["yes"]
    assert fields["q-ISM-05-value"] == ["partly"]
    assert fields["q-ISM-05-rev"] == ["1"]
    assert stored(app, "ISM-05").value == "partly"


def test_only_what_changed_is_saved(app: Flask, vera: Respondent) -> None:
    vera.fill(GOVERNANCE, {"q-ISM-04-value": "yes"})
    vera.fill(GOVERNANCE, {"q-ISM-05-value": "no"})
    vera.fill(GOVERNANCE, {})
    assert count(app, "answer_revision") == 2


def test_an_answer_can_be_taken_back(app: Flask, vera: Respondent) -> None:
    vera.fill(GOVERNANCE, {"q-ISM-04-value": "yes"})
    assert vera.fill(GOVERNANCE, {"q-ISM-04-value": None}).status_code == 302
    assert stored(app, "ISM-04").value is None
    assert "0 of 29" in vera.get().text


def test_continue_leads_through_the_sections(vera: Respondent) -> None:
    there = vera.fill(GOVERNANCE, {}, "continue").headers["Location"]
    assert there.endswith("iso-27001/people")
    there = vera.fill("gdpr-processor/role", {}, "continue").headers["Location"]
    assert there == vera.base


def test_does_not_apply_needs_its_reason(app: Flask, vera: Respondent) -> None:
    reply = vera.fill(GOVERNANCE, {"q-ISM-04-na": "yes", "q-ISM-04-comment": "We are two."})
    assert reply.status_code == 422
    assert "ISM-04: Say why the question does not apply to you." in said(reply.text)
    typed = form_of(reply.text, GOVERNANCE)
    assert typed["q-ISM-04-na"] == ["yes"]
    assert typed["q-ISM-04-comment"] == ["We are two."]
    assert count(app, "answer") == 0
    given = {"q-ISM-04-na": "yes", "q-ISM-04-na-reason": "No\r\nstaff."}
    assert vera.fill(GOVERNANCE, given).status_code == 302
    assert stored(app, "ISM-04").na_reason == "No\nstaff."


def test_a_reason_without_its_tick_is_not_lost(app: Flask, vera: Respondent) -> None:
    reply = vera.fill(GOVERNANCE, {"q-ISM-04-na-reason": "We have no staff."})
    assert reply.status_code == 422
    assert "Tick “Does not apply to us” as well" in reply.text
    assert form_of(reply.text, GOVERNANCE)["q-ISM-04-na-reason"] == ["We have no staff."]
    assert count(app, "answer") == 0


def test_what_the_law_asks_cannot_be_called_not_applicable(app: Flask, vera: Respondent) -> None:
    vera.save("GDP-01", {"value": "processor", "rev": "0"})
    page = vera.get("gdpr-processor/role").text
    assert 'name="q-GDP-02-na"' not in page
    assert 'name="q-GDP-04-na"' in page
    reply = vera.save("GDP-02", {"na": "yes", "na-reason": "We would rather not", "rev": "0"})
    assert reply.status_code == 422
    assert reply.json["errors"][0]["field"] == "q-GDP-02-value"
    assert count(app, "answer") == 1


def test_one_bad_field_keeps_the_form_and_saves_the_rest(app: Flask, vera: Respondent) -> None:
    reply = vera.fill(
        GOVERNANCE,
        {
            "q-ISM-04-value": "maybe",
            "q-ISM-04-comment": "See the annex.",
            "q-ISM-05-value": "yes",
        },
        "continue",
    )
    assert reply.status_code == 422
    words = said(reply.text)
    assert "ISM-04: “maybe” is no answer here; choose one of: yes, partly, no." in words
    assert "Saved: ISM-05. See above what was not." in words
    typed = form_of(reply.text, GOVERNANCE)
    assert typed["q-ISM-04-comment"] == ["See the annex."]
    assert typed["q-ISM-05-rev"] == ["1"]
    assert 'href="#q-ISM-04-value"' in reply.text
    assert count(app, "answer") == 1


def test_what_does_not_apply_is_not_asked(vera: Respondent) -> None:
    first = vera.get("iso-27001/certification").text
    assert "hidden" in first.partition('id="ISM-02"')[2].partition(">")[0]
    reply = vera.fill("iso-27001/certification", {"q-ISM-01-value": "booked"}, "continue")
    assert reply.headers["Location"].endswith("iso-27001/certification#ISM-02")
    then = vera.get("iso-27001/certification").text
    assert "leads to 2 more questions in this section" in then
    assert "hidden" not in then.partition('id="ISM-02"')[2].partition(">")[0]
    again = vera.fill("iso-27001/certification", {}, "continue")
    assert again.headers["Location"].endswith(GOVERNANCE)


def test_a_section_with_nothing_to_ask_says_so(vera: Respondent) -> None:
    assert "leave nothing to answer" in vera.get("gdpr-processor/transfers").text
    assert "Transfers" not in vera.get().text


def test_the_script_gets_what_follows_from_an_answer(vera: Respondent) -> None:
    reply = vera.save("GDP-01", {"value": "processor", "rev": "0"})
    assert reply.status_code == 200
    assert reply.json["revision"] == 1
    assert "GDP-02" in reply.json["visible"]
    assert reply.json["progress"].startswith("1 of ")
    plain = vera.save("ISM-04", {"value": "yes", "rev": "0"}).json
    assert plain["visible"] is None
    assert plain["errors"] == []
    assert plain["conflict"] is None
    assert plain["progress"] in vera.get().text


def test_the_script_is_told_what_is_wrong(app: Flask, vera: Respondent) -> None:
    reply = vera.save("ISM-04", {"value": "maybe", "rev": "0"})
    assert reply.status_code == 422
    assert reply.json["errors"][0]["field"] == "q-ISM-04-value"
    assert "choose one of" in reply.json["errors"][0]["message"]
    assert count(app, "answer") == 0


def test_questions_that_are_not_asked_of_this_vendor_are_not_there(vera: Respondent) -> None:
    for unknown in ("ISM-99", "INT-01", "nonsense"):
        assert vera.save(unknown, {"value": "yes", "rev": "0"}).status_code == 404
        assert vera.get(f"evidence/{unknown}").status_code == 404
        assert vera.post(f"conflict/{unknown}").status_code == 404
    assert vera.get("iso-27001/nonsense").status_code == 404
    assert vera.get("mvsp/governance").status_code == 404
    assert vera.post("iso-27001/nonsense").status_code == 404
    assert vera.get("answers/ISM-04").status_code == 404


def test_an_answer_over_a_newer_one_shows_both_and_lets_choose(
    app: Flask, vera: Respondent, colleague: Respondent
) -> None:
    page = form_of(vera.get(GOVERNANCE).text, GOVERNANCE)
    colleague.fill(GOVERNANCE, {"q-ISM-04-value": "no", "q-ISM-04-comment": "Not yet."})
    mine = {
        **page,
        "q-ISM-04-value": ["yes"],
        "q-ISM-04-comment": ["Since May."],
        "q-ISM-05-value": ["yes"],
        "q-ISM-06-value": ["nonsense"],
    }
    both = vera.post(GOVERNANCE, mine)
    assert both.status_code == 409
    words = said(both.text)
    assert "Not yet." in words
    assert "Since May." in words
    assert "The rest is saved: ISM-05." in words
    assert stored(app, "ISM-04").value == "no"

    undecided = vera.post("conflict/ISM-04", form_of(both.text, "conflict/ISM-04"))
    assert undecided.status_code == 422
    assert "choose which of the two answers stands" in undecided.text
    assert "Since May." in undecided.text

    choice_made = {**form_of(undecided.text, "conflict/ISM-04"), "q-ISM-04-keep": ["mine"]}
    after = vera.post("conflict/ISM-04", choice_made)
    assert after.status_code == 422, "the third answer is still wrong, and still there"
    assert "ISM-06: “nonsense” is no answer" in said(after.text)
    assert (stored(app, "ISM-04").value, stored(app, "ISM-04").comment) == ("yes", "Since May.")
    assert stored(app, "ISM-04").revision == 2


def test_the_other_answer_can_be_left_standing(
    app: Flask, vera: Respondent, colleague: Respondent
) -> None:
    page = form_of(vera.get(GOVERNANCE).text, GOVERNANCE)
    colleague.fill(GOVERNANCE, {"q-ISM-04-value": "no"})
    both = vera.post("conflict/ISM-04", {**page, "q-ISM-04-value": ["yes"]})
    assert both.status_code == 409
    choice_made = {**form_of(both.text, "conflict/ISM-04"), "q-ISM-04-keep": ["theirs"]}
    after = vera.post("conflict/ISM-04", choice_made)
    assert after.headers["Location"].endswith(f"{GOVERNANCE}#ISM-04")
    assert stored(app, "ISM-04").value == "no"
    assert stored(app, "ISM-04").revision == 1


def test_a_page_that_only_repeats_old_answers_claims_nothing(
    app: Flask, vera: Respondent, colleague: Respondent
) -> None:
    vera.fill(GOVERNANCE, {"q-ISM-04-value": "yes"})
    page = form_of(vera.get(GOVERNANCE).text, GOVERNANCE)
    colleague.fill(GOVERNANCE, {"q-ISM-04-value": "no", "q-ISM-05-value": "no"})
    reply = vera.post(GOVERNANCE, {**page, "q-ISM-06-value": ["yes"]})
    assert reply.status_code == 302
    assert [stored(app, name).value for name in ("ISM-04", "ISM-05", "ISM-06")] == [
        "no",
        "no",
        "yes",
    ]


def test_the_script_is_led_to_both_versions(
    app: Flask, vera: Respondent, colleague: Respondent
) -> None:
    colleague.save("ISM-04", {"value": "no", "rev": "0"})
    reply = vera.save("ISM-04", {"value": "yes", "rev": "0"})
    assert reply.status_code == 409
    assert reply.json["conflict"]["href"] == f"{vera.base}conflict/ISM-04"
    assert stored(app, "ISM-04").value == "no"
    plain = vera.get("conflict/ISM-04")
    assert plain.headers["Location"].endswith(f"{GOVERNANCE}#ISM-04")


def test_everything_can_be_read_on_one_page(vera: Respondent) -> None:
    vera.fill(GOVERNANCE, {"q-ISM-04-value": "partly", "q-ISM-04-comment": "Two of three."})
    words = said(vera.get("all").text)
    assert "Partly" in words
    assert "Two of three." in words
    assert "Not answered" in words


def test_odd_bytes_and_revisions_break_nothing(app: Flask, vera: Respondent) -> None:
    odd = {"value": "yes", "comment": "a\0b\u202e", "rev": "9" * 30}
    assert vera.save("ISM-04", odd).status_code == 200
    assert stored(app, "ISM-04").comment == "ab\u202e"
    assert vera.save("ISM-04", {"value": "no", "rev": "-1"}).status_code == 409
    assert vera.post(GOVERNANCE, {"q-ISM-04-value": "no"}).status_code == 302
    assert stored(app, "ISM-04").value == "yes", "without its revision it is no form of ours"


@pytest.mark.parametrize("path", ["", "all", GOVERNANCE, "evidence/ISM-04", "submit"])
def test_pages_read_as_often_for_many_answers_as_for_none(
    app: Flask, cast: Cast, path: str
) -> None:
    with app.app_context():
        link = issued(cast.vera, cast.oskar)
    vera = start(app, link.token)
    statements(app, vera, path)  # questionnaires are read once
    empty = statements(app, vera, path)
    with app.app_context():
        invitation = opened(link.token)
        answer_all(invitation)
        attach(invitation, "ISM-04")
    assert statements(app, vera, path) == empty <= 6


def statements(app: Flask, who: Respondent, path: str) -> int:
    """How many statements a page takes; BEGIN is none of them."""
    seen: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    assert who.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    return sum(1 for one in seen if not one.startswith("BEGIN"))
