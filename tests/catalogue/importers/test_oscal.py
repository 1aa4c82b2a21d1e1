"""OSCAL's groups as sections, controls as questions, parts as guidance, parameters as words."""

import json
from typing import Any

import pytest

from tests.catalogue.importers.files import Read, imported
from tests.catalogue.importers.oscal_writing import (
    as_json,
    catalog,
    control,
    group,
    part,
    prop,
)

STATEMENT = part("statement", "Access is granted on request.")


def oscal(*groups: dict[str, Any], **more: Any) -> Read:
    return imported("oscal", as_json(catalog(*groups, **more)))


def one(*parts: dict[str, Any], **more: Any) -> Read:
    """A catalog of one control with these parts."""
    return oscal(group("ac", "Access", control("ac-1", "Policy", *parts, **more)))


def test_a_control_is_a_question_about_its_title_and_statement() -> None:
    (question,) = one(STATEMENT).questions
    assert question.text == "Policy: Access is granted on request — is this in place?"
    assert (question.answer.type, question.weight, question.domain) == (
        "yes_partly_no",
        3,
        "access",
    )


def test_a_statement_is_told_with_the_labels_of_its_items() -> None:
    items = [
        part(
            "item",
            "Write it down:",
            props=[prop("label", "a.")],
            parts=[
                part("item", "in full;", props=[prop("label", "1.")]),
                part("item", "in time;", props=[prop("label", "2.")]),
            ],
        ),
        part("item", "Review it.", props=[prop("label", "b.")]),
    ]
    (question,) = one(part("statement", "The organization shall:", parts=items)).questions
    assert question.text == (
        "Policy: The organization shall: a. Write it down: 1. in full; 2. in time; b. Review it"
        " — is this in place?"
    )


def test_lists_and_marks_become_a_sentence() -> None:
    said = part(
        "statement", ("p", "Keep ", ("strong", "all"), ":"), ("ul", "logs", "alerts,", "files.")
    )
    (question,) = one(said).questions
    assert question.text == "Policy: Keep all: logs; alerts; files — is this in place?"


def test_guidance_is_the_reason_and_other_guidance_tells_what_counts() -> None:
    (question,) = one(
        STATEMENT,
        part("guidance", "It matters because …", title="Overview"),
        part("guidance", "Do it well.", title="More"),
        part("example", "Like this."),
    ).questions
    assert question.why == "Overview: It matters because …"
    assert question.counts == "More: Do it well. Like this."


def test_a_part_that_tells_why_is_the_reason_wherever_it_stands() -> None:
    (question,) = one(
        STATEMENT,
        part("guidance", "Processes are there.", title="What this control measures"),
        part("guidance", "Attackers come.", title="Why this control matters"),
    ).questions
    assert question.why == "Attackers come."
    assert question.counts == "What this control measures: Processes are there."


def test_an_objective_is_the_reason() -> None:
    (question,) = one(STATEMENT, part("objective", "To keep others out.")).questions
    assert question.why == "To keep others out."


def test_without_guidance_it_is_said_that_the_source_gives_no_reason() -> None:
    assert one(STATEMENT).questions[0].why == "The source gives no reason for asking this."


def test_what_is_to_be_assessed_counts_and_what_is_to_be_examined_is_evidence() -> None:
    (question,) = read = one(
        STATEMENT,
        part(
            "assessment-objective", "Determine if:", parts=[part("assessment-objective", "it is.")]
        ),
        part(
            "assessment-method",
            props=[prop("method", "EXAMINE")],
            parts=[part("assessment-objects", "The policy.")],
        ),
        part(
            "assessment-method",
            props=[prop("method", "INTERVIEW")],
            parts=[part("assessment-objects", "The officer.")],
        ),
    ).questions
    assert question.counts == "Determine if: it is."
    assert question.evidence == "The policy."
    assert len(read) == 1


def test_ways_to_assess_that_have_no_place_are_noted() -> None:
    interview = part("assessment-method", "Ask them.", props=[prop("method", "INTERVIEW")])
    read = one(STATEMENT, interview)
    assert read.noted("ways to assess controls have no place in riskapp") == ["the whole file"]


def test_every_top_group_is_a_domain_and_groups_in_it_are_sections() -> None:
    inner = group("a.1", "Inner", control("c1", "One", STATEMENT))
    deeper = {**group("a.1.1", "Deepest", control("c2", "Two", STATEMENT))}
    inner["groups"] = [deeper]
    top = {**group("a", "Top", control("c0", "Zero", STATEMENT)), "groups": [inner]}
    read = oscal(top, group("b", "Other", control("c3", "Three", STATEMENT)))
    assert [one.title for one in read.release.sections] == [
        "Top",
        "Top: Inner",
        "Top: Inner",
        "Other",
    ]
    assert [one.domain for one in read.questions] == ["top", "top", "top", "other"]
    assert read.about("Two").text.startswith("Deepest: Two: ")


def test_what_a_group_says_opens_its_section() -> None:
    said = part("overview", "Who gets in, and why.")
    read = oscal(group("a", "Access", control("c", "One", STATEMENT), parts=[said]))
    assert read.release.sections[0].intro == "Who gets in, and why."


def test_controls_outside_of_groups_are_a_section_of_the_catalog() -> None:
    bare = {**catalog(), "controls": [control("c", "One", STATEMENT)]}
    del bare["groups"]
    read = imported("oscal", as_json(bare))
    assert read.release.sections[0].title == "Their catalog"
    assert read.questions[0].domain == "their-catalog"


def test_controls_in_a_control_follow_it() -> None:
    outer = control(
        "ac-2", "Accounts", STATEMENT, controls=[control("ac-2.1", "Automation", STATEMENT)]
    )
    read = oscal(group("ac", "Access", outer, control("ac-3", "Enforcement", STATEMENT)))
    assert [one.text.split(":")[0] for one in read.questions] == [
        "Accounts",
        "Automation",
        "Enforcement",
    ]


@pytest.mark.parametrize(
    ("param", "said"),
    [
        ({"values": ["30 days"]}, "every 30 days"),
        ({"values": ["month", "year"]}, "every month, year"),
        ({"label": "organization-defined period"}, "every [organization-defined period]"),
        ({"select": {"how-many": "one", "choice": ["week", "month"]}}, "every [week / month]"),
        ({"select": {"choice": [["each ", ("insert", "p2")]]}}, "every [each [day]]"),
        ({"props": [prop("aggregates", "p2"), prop("aggregates", "p3")]}, "every [day / night]"),
        ({"guidelines": [{"prose": [("p", "a period")]}]}, "every [a period]"),
        ({}, "every [p1]"),
    ],
)
def test_parameters_are_resolved_or_named(param: dict[str, Any], said: str) -> None:
    text = part("statement", ("p", "Review it every ", ("insert", "p1"), "."))
    params = [{"id": "p1", **param}, {"id": "p2", "label": "day"}, {"id": "p3", "label": "night"}]
    assert f"{said} —" in one(text, params=params).questions[0].text


def test_a_parameter_without_a_value_is_noted_by_its_control() -> None:
    text = part("statement", ("p", "Every ", ("insert", "p1"), " and ", ("insert", "p9"), "."))
    read = one(text, params=[{"id": "p1", "label": "week"}])
    assert "Every [week] and [p9]" in read.questions[0].text
    assert read.noted("the parameter p1 has no value; its name stands in the text: [week]") == [
        "ac-1"
    ]
    assert read.noted("the parameter p9 is not in the catalog; its id stands") == ["ac-1"]


def test_parameters_that_name_one_another_in_a_circle_end() -> None:
    text = part("statement", ("p", "Every ", ("insert", "p1"), "."))
    params = [
        {"id": "p1", "select": {"choice": [["a ", ("insert", "p2")]]}},
        {"id": "p2", "select": {"choice": [["b ", ("insert", "p1")]]}},
    ]
    assert "Every [a [b " in one(text, params=params).questions[0].text


def test_parameters_of_groups_and_of_the_catalog_are_known() -> None:
    text = part("statement", ("p", ("insert", "g1"), " and ", ("insert", "c1")))
    inner = group("a", "A", control("x", "X", text), params=[{"id": "g1", "values": ["one"]}])
    read = oscal(inner, params=[{"id": "c1", "values": ["two"]}])
    assert read.questions[0].text == "X: one and two — is this in place?"


@pytest.mark.parametrize("written", ["{{ p1 }}", "{{insert:param,p1}}", "{{ param: p1 }}"])
def test_older_spellings_of_a_parameter_are_read(written: str) -> None:
    raw = json.loads(as_json(catalog(group("a", "A", control("x", "X", part("statement", "Y"))))))
    found = raw["catalog"]["groups"][0]["controls"][0]
    found["parts"][0]["prose"] = f"Every {written}."
    found["params"] = [{"id": "p1", "values": ["week"]}]
    assert imported("oscal", json.dumps(raw)).questions[0].text.startswith("X: Every week")


def test_withdrawn_controls_are_left_out_and_noted() -> None:
    gone = control(
        "ac-9",
        "Gone",
        props=[prop("status", "withdrawn")],
        links=[{"rel": "incorporated-into", "href": "#ac-2"}],
    )
    read = oscal(group("ac", "Access", control("ac-1", "Policy", STATEMENT), gone))
    assert len(read.questions) == 1
    assert read.noted("is withdrawn (see ac-2); left out") == ["ac-9"]


def test_a_control_without_a_word_is_left_out_and_noted() -> None:
    read = oscal(group("ac", "Access", control("ac-1", "Policy", STATEMENT), control("ac-2", "")))
    assert read.noted("has neither title nor statement; left out") == ["ac-2"]


def test_an_id_that_stands_twice_is_noted() -> None:
    read = oscal(group("a", "A", *(control("x", title, STATEMENT) for title in ("One", "Two"))))
    assert len(read.questions) == 2
    assert read.noted("the id stands twice") == ["x"]


@pytest.mark.parametrize(
    ("value", "weight"), [("P1", 5), ("P2", 3), ("P3", 1), ("P0", 1), ("MUSS", 5), ("strange", 3)]
)
def test_a_priority_is_the_weight(value: str, weight: int) -> None:
    read = one(STATEMENT, props=[prop("priority", value)])
    assert read.questions[0].weight == weight
    kind = "is unknown" if value == "strange" else "weights: 5, 3 or 1 by the property priority"
    assert read.noted(kind)


def test_the_label_of_a_control_is_a_mapping() -> None:
    labels = [prop("label", "AC-01", **{"class": "zero-padded"}), prop("label", "AC-1")]
    assert one(STATEMENT, props=labels).questions[0].mappings == {"other": ("Their catalog AC-1",)}


@pytest.mark.parametrize(
    ("title", "label", "mappings"),
    [
        ("MVSP 3.0", "1.1", {"mvsp": ("1.1",)}),
        ("The NIST CSF 2.0", "GV.OC-01", {"csf": ("GV.OC-01",)}),
        ("The NIST CSF 2.0", "GV.XX-99", {"other": ("The NIST CSF 2.0 GV.XX-99",)}),
    ],
)
def test_ids_of_known_frameworks_are_mapped_to_them(
    title: str, label: str, mappings: dict[str, tuple[str, ...]]
) -> None:
    labelled = control("x", "X", STATEMENT, props=[prop("label", label)])
    read = oscal(group("a", "A", labelled), metadata={"title": title})
    assert read.questions[0].mappings == mappings


def test_what_has_no_place_is_noted_once_for_all_controls() -> None:
    more = {
        "props": [prop("sort-id", "ac-01"), prop("label", "AC-1")],
        "links": [{"rel": "related", "href": "#ac-2"}],
    }
    read = one(STATEMENT, **more)
    assert read.noted("properties have no place in riskapp and are left out: sort-id")
    assert read.noted("links to have no place in riskapp and are left out: related")


def test_a_long_statement_is_cut_at_a_sentence_and_noted() -> None:
    read = one(part("statement", "Something is done about it. " * 100))
    text = read.questions[0].text
    assert len(text) <= 2000
    assert text.endswith("about it — is this in place?")
    assert read.noted("the text had more than 2000 characters; the rest is left out") == ["ac-1"]


def test_a_german_catalog_asks_in_german() -> None:
    said = part("statement", "Die Institution MUSS die Zugriffe auf die Daten protokollieren.")
    read = oscal(group("a", "Zugriff", control("x", "Protokollierung der Zugriffe", said)))
    assert read.release.language == "de"
    assert read.questions[0].text.endswith("protokollieren — ist das umgesetzt?")
    assert read.questions[0].why == "Die Quelle nennt keinen Grund für diese Frage."


@pytest.mark.parametrize(
    ("remarks", "licence", "restricted"),
    [
        ("It is public domain under CC0.", "It is public domain under CC0.", None),
        (None, "Unknown: ask whoever gave you the file.", "unknown"),
        (
            "An excerpt from ISO/IEC 27002, under copyright of the publisher.",
            "An excerpt",
            "ISO/IEC",
        ),
        ("© Acme. All rights reserved.", "© Acme", "All rights reserved"),
    ],
)
def test_the_rights_are_those_that_the_remarks_tell(
    remarks: str | None, licence: str, restricted: str | None
) -> None:
    more = {"remarks": [("p", remarks)]} if remarks else {}
    release = oscal(group("a", "A", control("x", "X", STATEMENT)), metadata=more).release
    assert licence in release.licence
    if restricted is None:
        assert release.restricted is None
    else:
        assert release.restricted is not None
        assert restricted in release.restricted


def test_the_origin_names_the_catalog_its_version_and_its_authors() -> None:
    more = {"parties": [{"uuid": "x", "type": "organization", "name": "Acme & Sons"}]}
    content = as_json(catalog(group("a", "A", control("x", "X", STATEMENT)), metadata=more))
    origin = imported("oscal", content, "theirs_v1.json").release.origin
    assert origin is not None
    assert origin.startswith(
        "theirs_v1: OSCAL catalog “Their catalog”, version 1.0, by Acme & Sons, UUID 74c8ba1e-"
    )
