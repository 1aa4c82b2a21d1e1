"""VSAQ's items as questions, its blocks as sections."""

import json

import pytest

from riskapp.catalogue.model import Choice, Date, Multiple, Number, Text, YesNo
from tests.catalogue.importers.files import (
    block,
    imported,
    item,
    radios,
    shared,
    ticks,
    vsaq,
    vsaq_file,
    warning,
)

LICENSED = """
// Copyright 2016 Somebody Inc. All rights reserved.
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
"""


def test_a_line_and_a_box_are_answered_in_words_and_may_be_left_out() -> None:
    read = vsaq(
        item("line", "name", "What is it called?", maxlength="40", placeholder="Wonder"),
        item("box", "what", "Describe it.", required=True, inputTitle="Two sentences will do."),
    )
    line, box = read.questions
    assert isinstance(line.answer, Text)
    assert (line.answer.max_length, line.answer.multiline, line.required) == (40, False, False)
    assert line.counts == "For example: Wonder."
    assert isinstance(box.answer, Text)
    assert (box.answer.multiline, box.required) == (True, True)
    assert (box.text, box.counts) == ("Describe it:", "Two sentences will do.")


@pytest.mark.parametrize(("kind", "spec"), [("date", Date), ("number", Number)])
def test_a_line_for_a_day_or_a_number_asks_for_one(kind: str, spec: type[object]) -> None:
    read = vsaq(item("line", "when", "Since when?", inputType=kind))
    assert isinstance(read.questions[0].answer, spec)


def test_a_radiogroup_is_a_choice_with_the_ends_of_its_ids() -> None:
    read = vsaq(radios("net_dmz", "Do you have a DMZ?", "all: All of it", "some: Some of it"))
    (question,) = read.questions
    assert isinstance(question.answer, Choice)
    assert [(one.id, one.text) for one in question.answer.options] == [
        ("all", "All of it"),
        ("some", "Some of it"),
    ]
    assert question.text == "Do you have a DMZ?"
    assert not question.scored


def test_a_radiogroup_of_a_bare_yes_and_no_is_a_yes_or_no() -> None:
    read = vsaq(radios("net", "Is it so?", "y: Yes", "n: No"), warning("net_n"))
    (question,) = read.questions
    assert isinstance(question.answer, YesNo)
    assert question.findings[0].answers == ("no",)


def test_a_default_choice_is_an_option_of_its_own() -> None:
    read = vsaq({**radios("net", "Which one?", "a: Alpha", "b: Beta"), "defaultChoice": True})
    answer = read.questions[0].answer
    assert isinstance(answer, Choice)
    assert [one.text for one in answer.options] == ["Alpha", "Beta", "None of these"]


def test_a_radiogroup_of_one_choice_is_a_list_to_tick() -> None:
    read = vsaq(radios("net", "Which one?", "a: Alpha"))
    assert isinstance(read.questions[0].answer, Multiple)
    assert read.noted("offers 1 choices to choose one from") == ["line 11 (net)"]


def test_a_group_with_nothing_to_choose_from_is_left_out_and_noted() -> None:
    read = vsaq(radios("net", "Which one?"), item("line", "a", "Why?"))
    assert len(read.questions) == 1
    assert read.noted("has nothing to choose from; “Which one?”")


def test_a_checkgroup_is_a_list_to_tick_that_is_not_scored() -> None:
    read = vsaq(ticks("std", "Which do you follow?", "1: One", "2: Two"), warning("std_1"))
    (question,) = read.questions
    assert isinstance(question.answer, Multiple)
    assert [one.id for one in question.answer.options] == ["1", "2"]
    assert not question.scored
    assert read.noted("does not say how many ticks are good; not scored")


def test_a_checkgroup_without_a_text_takes_the_info_before_it() -> None:
    group = {key: one for key, one in ticks("s", "x", "a: One").items() if key != "text"}
    read = vsaq(item("info", "", "What standards do you apply?"), group)
    assert read.questions[0].text == "What standards do you apply?"
    assert read.release.sections[0].intro is None


def test_a_group_without_a_text_and_an_info_goes_by_its_section() -> None:
    group = {key: one for key, one in ticks("s", "x", "a: One").items() if key != "text"}
    read = vsaq(group)
    assert read.questions[0].text == "Basics. Which of these applies to you?"
    assert read.noted("has no text")


def test_a_statement_with_choices_asks_which_of_them_is_true() -> None:
    read = vsaq(radios("g", "Guidelines are essential.", "a: We have some", "b: We have none"))
    assert read.questions[0].text == "Guidelines are essential. Which of these applies to you?"
    assert read.noted("“Which of these applies to you?” at their end") == ["the whole file"]


def test_a_tick_is_a_yes_or_no() -> None:
    read = vsaq(item("check", "true", "I declare that this is true."))
    (question,) = read.questions
    assert question.text == "I declare that this is true — is this so?"
    assert question.answer == YesNo(type="yes_no")


def test_an_upload_asks_for_evidence() -> None:
    read = vsaq(item("upload", "report", "Please attach your report:"))
    (question,) = read.questions
    assert question.evidence == "Please attach your report:"
    assert (isinstance(question.answer, Text), question.required) == (True, False)
    assert read.noted("asks for a file")


def test_a_yes_or_no_with_long_answers_keeps_their_words() -> None:
    read = vsaq(item("yesno", "yn", "Do you?", yes="Yes, always", no="Never"), warning("yn/no"))
    answer = read.questions[0].answer
    assert isinstance(answer, Choice)
    assert [(one.id, one.text, str(one.credit)) for one in answer.options] == [
        ("yes", "Yes, always", "1"),
        ("no", "Never", "0"),
    ]


def test_buttons_that_stand_in_one_block_are_one_question() -> None:
    read = vsaq(
        item("info", "", "How old is it?"),
        item("radio", "old_new", "Less than a year"),
        item("radio", "old_old", "Older"),
        item("line", "since", "Since when?", cond="old_old"),
    )
    choice, line = read.questions
    assert choice.text == "How old is it?"
    assert isinstance(choice.answer, Choice)
    assert [one.id for one in choice.answer.options] == ["old-new", "old-old"]
    assert line.asked_on == {choice.id}


def test_infos_open_the_section_or_give_the_reason_for_the_next_question() -> None:
    read = vsaq(
        item("info", "", "<b>Why:</b> networks matter."),
        item("line", "a", "What is it?"),
        item("info", "", "Firewalls keep others out."),
        item("line", "b", "Which firewall?"),
        item("info", "", "Thank you."),
    )
    assert read.release.sections[0].intro == "Why: networks matter."
    first, second = read.questions
    assert first.why == "The source gives no reason for asking this."
    assert second.why == "Firewalls keep others out."
    assert second.counts == "Thank you."


def test_every_block_below_the_root_is_a_section_and_a_domain() -> None:
    yes_no = item("yesno", "x", "Is it?", yes="Yes", no="No")
    read = imported(
        "vsaq",
        json.dumps(
            {
                "questionnaire": [
                    block(
                        "All of it",
                        block("Network", yes_no),
                        block("Servers", {**yes_no, "id": "y"}),
                    )
                ]
            }
        ),
    )
    assert read.release.title == "All of it"
    assert [one.title for one in read.release.sections] == ["Network", "Servers"]
    assert {name: one.weight for name, one in read.release.domains.items()} == {
        "network": 1,
        "servers": 1,
    }


def test_blocks_in_a_block_of_nothing_else_are_sections_of_one_domain() -> None:
    yes_no = item("yesno", "x", "Is it?", yes="Yes", no="No")
    read = imported(
        "vsaq",
        json.dumps(
            {
                "questionnaire": [
                    block(
                        "All",
                        block(
                            "Application",
                            item("info", "", "Tell us of it."),
                            block("Cookies", yes_no),
                            block("Login", {**yes_no, "id": "y"}),
                        ),
                        block("Contact", item("line", "z", "Who?")),
                    )
                ]
            }
        ),
    )
    assert [one.title for one in read.release.sections] == ["Cookies", "Login", "Contact"]
    assert read.release.sections[0].intro == "Tell us of it."
    assert [one.domain for one in read.questions] == ["application", "application", None]


def test_the_title_of_an_inner_block_stands_before_its_questions() -> None:
    read = vsaq(
        item("line", "a", "What is it?"),
        block(
            "Firewalls", item("line", "b", "Which one?"), item("line", "c", "Are firewalls new?")
        ),
    )
    assert [one.text for one in read.questions] == [
        "What is it?",
        "Firewalls: Which one?",
        "Are firewalls new?",
    ]


def test_what_is_not_for_vendors_is_left_out_and_noted() -> None:
    read = vsaq(
        item("line", "a", "What is it?"),
        item("line", "b", "Reviewed by?", auth="admin"),
        block("Review", item("line", "c", "When?"), auth="admin"),
        block("Unseen", item("line", "d", "Why?"), className="vsaq-invisible"),
    )
    assert [one.text for one in read.questions] == ["What is it?"]
    assert len(read.noted("for reviewers only")) == 2
    assert len(read.noted("never shown")) == 1


def test_what_is_not_understood_is_noted_with_its_line() -> None:
    read = vsaq(
        item("line", "a", "What is it?", default="It", inputPattern="[a-z]+", sparkle="yes"),
        item("slider", "b", "How much?"),
        item("spacer"),
        item("line", "a", "Once more?"),
    )
    assert read.noted("“sparkle” is not understood") == ["line 11 (a)"]
    assert read.noted("filled in beforehand")
    assert read.noted("the pattern for the answer")
    assert read.noted("of the unknown type “slider”; its text “How much?”") == ["line 19 (b)"]
    assert read.noted("is a space between items")
    assert read.noted("the id “a” stands twice")


def test_markup_becomes_plain_words_and_is_never_run() -> None:
    read = vsaq(
        item(
            "line",
            "a",
            "<p onclick='x()'>See <a href='https://example.org/a'>the guide</a> &amp; "
            "<a href='javascript:alert(1)'>this</a><script>alert(1)</script>:</p>",
        )
    )
    assert read.questions[0].text == "See the guide (https://example.org/a) & this:"
    assert "alert" not in read.imported.text


def test_comments_joined_texts_and_hexadecimal_signs_are_read() -> None:
    read = imported(
        "vsaq",
        LICENSED
        + """{
  "questionnaire": [ /* all of it */
    {"type": "block", "text": "T", "items": [
      // what follows is asked
      {"type": "line", "id": "a", "text": "<p>One</p>" +
          "<p>Two \\x26 three?</p>"},
    ]}
  ]
}""",
    )
    assert read.questions[0].text == "One Two & three?"
    assert read.release.licence == "Apache-2.0. Copyright 2016 Somebody Inc. All rights reserved."
    assert read.release.restricted is None
    assert read.noted("the comment “what follows is asked” is left out") == ["line 8"]


def test_a_file_says_where_it_came_from_and_that_its_licence_is_unknown() -> None:
    read = imported("vsaq", vsaq_file(item("line", "a", "What?"), version="3"), name="their.json")
    assert read.release.origin is not None
    assert read.release.origin.startswith(
        "their.json: VSAQ questionnaire “Their questionnaire”, version 3; SHA-256 of the file "
    )
    assert read.release.licence == "Unknown: ask whoever gave you the file."
    assert read.release.restricted is not None
    assert "unknown" in read.release.restricted


def test_a_german_file_gets_german_sentences() -> None:
    read = vsaq(
        item("check", "a", "Die Daten werden mit einer Verschlüsselung geschützt, die sicher ist."),
        radios(
            "b", "Wir sind für die Sicherheit der Daten verantwortlich.", "a: Ja, immer", "b: Nie"
        ),
    )
    first, second = read.questions
    assert read.release.language == "de"
    assert first.text.endswith(", die sicher ist — trifft das zu?")
    assert second.text.endswith("verantwortlich. Was davon trifft auf Sie zu?")
    assert first.why == "Die Quelle nennt keinen Grund für diese Frage."


@pytest.mark.parametrize(
    ("name", "questions", "findings"), [("infrastructure", 96, 73), ("webapp", 73, 42)]
)
def test_published_questionnaires_are_imported(name: str, questions: int, findings: int) -> None:
    read = imported("vsaq", shared(f"vsaq/{name}.json"), f"{name}.json")
    assert len(read.questions) == questions
    assert sum(len(one.findings) for one in read.questions) == findings
    assert read.release.licence.startswith("Apache-2.0. Copyright 2016")
    assert read.release.restricted is None
    assert sum(bool(one.asked_when) for one in read.questions) > 50
