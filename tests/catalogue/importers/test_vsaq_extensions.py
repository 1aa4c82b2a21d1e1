"""Extensions are put into VSAQ files; what is no such file is refused with a remedy."""

import json

import pytest

from riskapp.catalogue.model import YesNo
from tests.catalogue.importers.files import (
    Json,
    imported,
    item,
    radios,
    refusal,
    shared,
    vsaq_file,
)

BASE = vsaq_file(item("line", "first", "First?"), item("line", "last", "Last?"), version="1")


def extension(*items: Json, **more: str) -> bytes:
    return json.dumps({"version": "1", "extensions": list(items), **more}).encode()


def test_the_items_of_an_extension_stand_where_they_say() -> None:
    more = extension(
        item("line", "mine", "Mine?", insertAfter="first"),
        item("line", "yours", "Yours?", insertBefore="first"),
        namespace="us",
    )
    read = imported("vsaq", BASE, extensions=[more])
    assert [one.text for one in read.questions] == ["Yours?", "First?", "Mine?", "Last?"]


def test_ids_of_an_extension_are_named_with_its_namespace() -> None:
    group = {**radios("g", "Which?", "a: Alpha", "b: Beta"), "insertAfter": "first"}
    child = item("line", "child", "Why?", insertBefore="last", cond="us:g_b")
    read = imported("vsaq", BASE, extensions=[extension(group, child, namespace="us")])
    assert read.about("Why?").asked_on == {read.about("Which?").id}


def test_an_extension_in_the_same_file_is_put_in() -> None:
    inserted = item("line", "mine", "Mine?", insertBefore="last")
    both = {**json.loads(BASE), "extensions": [inserted]}
    read = imported("vsaq", json.dumps(both))
    assert [one.text for one in read.questions] == ["First?", "Mine?", "Last?"]


def test_an_extension_alone_is_refused_with_the_way_out() -> None:
    refused = refusal("vsaq", extension(item("line", "a", "A?", insertAfter="first")))
    assert refused.problem == "The file is an extension of another questionnaire"
    assert "together with the extension" in refused.remedy


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (extension(item("line", "a", "A?", insertAfter="nowhere")), "names “nowhere”"),
        (extension(item("line", "a", "A?")), "names no place, or two"),
        (extension(item("line", "a", "A?", insertAfter="first"), version="2"), "for version 2"),
    ],
)
def test_an_extension_that_does_not_fit_is_refused(more: bytes, problem: str) -> None:
    assert problem in refusal("vsaq", BASE, extensions=[more]).problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"questionnaire": [', "is cut off"),
        ('{"questionnaire": [], "questionnaire": []}', "a second time"),
        ('{"questionnaire": [{"id": "a",\n"id": "b"}]}', "line 2 says “id” a second time"),
        ('{"answers": {"a": "yes"}}', "no VSAQ questionnaire"),
        ('{"questionnaire": []}', "holds no question"),
        ("[" * 500, "nested more than"),
        ("", "is empty"),
        ("just words", "no JSON"),
        ('{"a": "not closed', "not closed"),
    ],
)
def test_what_is_no_vsaq_file_is_refused(content: str, problem: str) -> None:
    assert problem in refusal("vsaq", content).problem


def test_a_name_that_stands_twice_with_the_same_value_does_no_harm() -> None:
    twice = BASE.replace('"type": "line",', '"type": "line", "type": "line",')
    assert [one.text for one in imported("vsaq", twice).questions] == ["First?", "Last?"]


def test_more_than_five_thousand_questions_are_refused() -> None:
    many = [item("line", f"a{number}", "What?") for number in range(5_001)]
    assert "more than 5000 questions" in refusal("vsaq", vsaq_file(*many)).problem


def test_a_published_extension_is_put_into_its_template() -> None:
    template = shared("vsaq/test_template.json")
    more = shared("vsaq/test_template_extension.json")
    read = imported("vsaq", template, extensions=[more])
    assert "Company specific question:" in [one.text for one in read.questions][1]
    warned = read.about("trigger a warning")
    assert warned.answer == YesNo(type="yes_no", good="no")
    assert (warned.findings[0].severity, warned.findings[0].answers) == ("critical", ("yes",))
