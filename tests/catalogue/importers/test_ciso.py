"""CISO Assistant's nodes as sections and questions, their texts as guidance and evidence."""

import pytest

from riskapp.catalogue.model import Choice, Date, Maturity, Multiple, Number, Text, YesNo
from tests.catalogue.importers.ciso_writing import (
    below,
    choice,
    ciso,
    library,
    node,
    one_of,
    question,
    some_of,
    title,
)
from tests.catalogue.importers.files import imported, refusal

PLAIN = node("1", name="Policy", description="A policy is written.")


def test_a_requirement_without_questions_is_asked_for_itself() -> None:
    (asked,) = ciso(
        {**PLAIN, "annotation": "It matters.", "typical_evidence": "- The policy\n- Its approval"}
    ).questions
    assert asked.text == "Policy: A policy is written — is this in place?"
    assert (asked.why, asked.evidence) == ("It matters.", "The policy; Its approval")
    assert (asked.answer.type, asked.weight) == ("yes_partly_no", 3)
    assert asked.mappings == {"other": ("DEMO 1",)}


def test_a_node_without_words_is_left_out_and_noted() -> None:
    read = ciso(PLAIN, node("2"))
    assert len(read.questions) == 1
    assert read.noted("has neither name nor description; left out")


def test_outermost_nodes_are_domains_and_nodes_in_them_sections() -> None:
    read = ciso(
        title("A", "Access", description="Who gets in."),
        below("A", "A.1", name="Direct", description="It is direct."),
        below("A", "A.2", name="Identity", description="Who it is.", assessable=False),
        below("A.2", "A.2.1", description="Everybody is known.", depth=3),
        below("A.2", "A.2.2", name="Passwords", assessable=False, depth=3),
        below("A.2.2", "A.2.2.1", description="They are long.", depth=4),
        title("B", "Backup"),
        below("B", "B.1", description="Data is kept."),
    )
    assert [one.title for one in read.release.sections] == ["Access", "Access: Identity", "Backup"]
    assert [one.intro for one in read.release.sections] == ["Who gets in.", "Who it is.", None]
    assert [one.domain for one in read.questions] == ["access", "access", "access", "backup"]
    assert read.about("long").text == "Passwords: They are long — is this in place?"


def test_a_deeper_node_without_a_short_name_is_the_reason() -> None:
    read = ciso(
        title("A", "Access"),
        below("A", "A.1", name="Assets", assessable=False),
        below("A.1", "A.1.1", description="Devices are inventoried.", assessable=False, depth=3),
        below("A.1.1", "A.1.1.1", description="The list is reviewed.", depth=4),
    )
    assert read.questions[0].why == "A.1.1: Devices are inventoried."


def test_nodes_that_begin_a_sentence_stand_before_what_ends_it() -> None:
    read = ciso(
        title("A", "Access"),
        below("A", "A.1", description="The provider:", assessable=False),
        below("A.1", "A.1.a", description="keeps a list of:", assessable=False, depth=3),
        below("A.1.a", "A.1.a.1", description="its devices, and", depth=4),
        below("A.1", "A.1.b", description="reviews its rules.", depth=3),
    )
    assert [one.text.partition("\n")[0] for one in read.questions] == [
        "The provider: keeps a list of: its devices, and — is this in place?",
        "The provider: reviews its rules — is this in place?",
    ]
    assert [one.title for one in read.release.sections] == ["Access: The provider"]


def test_what_stands_around_the_begun_sentence_is_the_reason() -> None:
    read = ciso(
        title("A", "Access"),
        below("A", "A.1", name="Assets", assessable=False),
        below("A.1", "A.1.1", name="Devices", description="Kept up.", assessable=False, depth=3),
        below("A.1.1", "A.1.1.a", description="The list has:", assessable=False, depth=4),
        below("A.1.1.a", "A.1.1.a.1", description="their owners.", depth=5),
    )
    assert read.questions[0].text == "The list has: their owners — is this in place?"
    assert read.questions[0].why == "A.1.1: Devices: Kept up."


def test_a_requirement_with_others_in_it_is_asked_before_them() -> None:
    read = ciso(node("1", name="Policy"), below("1", "1.1", name="Its review"))
    assert [one.text for one in read.questions] == [
        "Policy — is this in place?",
        "Its review — is this in place?",
    ]
    assert [one.title for one in read.release.sections] == ["Policy"]


def test_requirements_that_stand_alone_are_a_section_of_the_framework() -> None:
    read = ciso(PLAIN)
    assert read.release.sections[0].title == "Demo framework"


def test_a_parent_that_is_not_there_is_noted_and_depth_decides() -> None:
    lost = {**below("A", "A.1", name="One"), "parent_urn": "urn:nowhere"}
    read = ciso(title("A", "Access"), lost)
    assert read.release.sections[0].title == "Access"
    assert read.noted("names the parent “urn:nowhere”, which does not stand before it")


def test_a_urn_that_stands_twice_is_noted() -> None:
    read = ciso(PLAIN, {**PLAIN, "description": "Another."})
    assert len(read.questions) == 2
    assert read.noted("its URN stands twice")


def test_a_page_without_questions_is_left_out_and_noted() -> None:
    read = ciso(PLAIN, node("2", name="Welcome", display_mode="splash"))
    assert len(read.questions) == 1
    assert read.noted("is a page without questions; left out")


@pytest.mark.parametrize(
    ("kind", "spec"),
    [("text", Text), ("date", Date), ("number", Number), ("boolean", YesNo), ("", Text)],
)
def test_each_type_of_question_has_its_answer(kind: str, spec: type[object]) -> None:
    read = ciso(node("1", question(kind, "What about it?")))
    assert isinstance(read.questions[0].answer, spec)


def test_a_type_that_is_not_known_is_asked_for_in_words_and_noted() -> None:
    read = ciso(node("1", question("slider", "How much?")))
    assert isinstance(read.questions[0].answer, Text)
    assert read.noted("its type “slider” is unknown; asked for words")


def test_choices_are_options_with_their_descriptions() -> None:
    read = ciso(
        node("1", one_of("How?", choice("Well", description="As it should be"), choice("Badly")))
    )
    answer = read.questions[0].answer
    assert isinstance(answer, Choice)
    assert [(one.id, one.text) for one in answer.options] == [
        ("well", "Well (As it should be)"),
        ("badly", "Badly"),
    ]


def test_several_choices_are_a_list_to_tick() -> None:
    read = ciso(node("1", some_of("Which?", choice("One"), choice("Two"))))
    assert isinstance(read.questions[0].answer, Multiple)


def test_a_choice_that_means_not_applicable_is_left_out_and_noted() -> None:
    read = ciso(node("1", one_of("Do you?", choice("Yes"), choice("No"), choice("N/A"))))
    assert read.questions[0].answer == YesNo(type="yes_no")
    assert read.noted(
        "the choice “N/A” is left out: any question can be answered as not applicable"
    )


def test_a_question_says_why_by_its_requirement_and_what_counts_by_its_guidance() -> None:
    (asked,) = ciso(
        node(
            "1.1",
            question("text", "How do you do it?", annotation="In short."),
            name="Backups",
            description="Data is kept.",
            annotation="Think of **all** data.",
        )
    ).questions
    assert asked.text == "How do you do it?"
    assert asked.why == "1.1: Backups: Data is kept."
    assert asked.counts == "In short. Think of all data."


def test_a_question_that_need_not_be_answered_stays_so() -> None:
    read = ciso(node("1", question("text", "What else?", required=False)))
    assert not read.questions[0].required


def test_controls_and_threats_are_named_by_their_urns() -> None:
    objects = {
        "reference_controls": [{"urn": "urn:acme:risk:function:demo:mfa", "name": "Two factors"}],
        "threats": [{"urn": "urn:acme:risk:threat:demo:t1", "name": "Phishing"}],
    }
    read = ciso(
        {
            **PLAIN,
            "reference_controls": ["URN:ACME:risk:function:demo:MFA", "urn:other:lib:backup"],
            "threats": ["urn:acme:risk:threat:demo:t1"],
        },
        objects=objects,
    )
    assert read.questions[0].counts == "Related controls: Two factors; backup. Threats: Phishing."
    assert read.noted("names “urn:other:lib:backup”, which is not in this library")


def test_implementation_groups_are_kept_as_mappings_and_noted() -> None:
    groups = [{"ref_id": "B", "name": "Basic"}]
    read = ciso(
        {**PLAIN, "implementation_groups": ["B"]},
        framework={"implementation_groups_definition": groups},
    )
    assert read.questions[0].mappings["other"] == ("DEMO 1", "DEMO group B")
    assert read.noted("the implementation group B “Basic” of 1 nodes stands in the mappings")


def test_ids_of_known_frameworks_are_mapped_to_them() -> None:
    framework = {"name": "International standard ISO/IEC 27001:2022", "ref_id": "ISO27001-2022"}
    read = ciso({**PLAIN, "ref_id": "A.5.1"}, framework=framework)
    assert read.questions[0].mappings == {"iso27001": ("A.5.1",)}


def test_translations_are_noted_once() -> None:
    translated = {
        **PLAIN,
        "translations": {"fr": {"name": "Politique"}, "de": {"name": "Richtlinie"}},
    }
    read = ciso(translated, translations={"fr": {"name": "Démo"}})
    assert read.noted("translations into de, fr stand in the file; only en is imported") == [
        "the whole file"
    ]


def test_the_language_is_that_of_the_library() -> None:
    said = node("1", name="Sauvegarde", description="Les données sont sauvegardées.")
    read = imported("ciso", library(said, locale="fr"))
    assert read.release.language == "fr"
    assert read.questions[0].text.endswith("sauvegardées — est-ce en place ?")
    assert read.questions[0].why == "La source ne donne pas la raison de cette question."


def test_a_language_without_sentences_gets_a_colon_and_a_note() -> None:
    read = imported("ciso", library(node("1", name="تدابير"), locale="ar"))
    assert read.release.language == "ar"
    assert read.questions[0].text == "تدابير:"
    assert read.noted("riskapp has no sentences of its own in the language ar")


def test_levels_of_the_framework_are_the_answer_where_there_are_no_questions() -> None:
    levels = [
        {"score": score, "name": f"Level {score}", "description": "So."} for score in (1, 2, 3)
    ]
    read = ciso(PLAIN, framework={"min_score": 1, "max_score": 3, "scores_definition": levels})
    answer = read.questions[0].answer
    assert isinstance(answer, Choice)
    assert [(one.text, str(one.credit)) for one in answer.options] == [
        ("Level 1: So.", "0"),
        ("Level 2: So.", "1/2"),
        ("Level 3: So.", "1"),
    ]
    assert read.questions[0].text.endswith("is written. Which of these applies to you?")
    assert read.noted("answered by the levels that the framework defines")


def test_levels_from_nought_to_four_are_a_maturity() -> None:
    levels = [{"score": score, "name": f"Level {score}"} for score in range(5)]
    read = ciso(PLAIN, framework={"scores_definition": {"scale": levels}})
    assert isinstance(read.questions[0].answer, Maturity)


def test_the_form_of_2024_with_shared_choices_and_aliases_is_read() -> None:
    read = imported(
        "ciso",
        """
urn: urn:acme:risk:library:old
locale: en
name: Old
objects:
  framework:
    ref_id: old
    name: Old framework
    requirement_nodes:
    - urn: urn:acme:risk:req_node:old:1
      assessable: true
      depth: 1
      ref_id: '1'
      question:
        question_type: unique_choice
        question_choices: &id001
        - 'Yes'
        - 'No'
        - N/A
        questions:
        - urn: urn:acme:risk:req_node:old:1:question:1
          text: Do you have backups?
    - urn: urn:acme:risk:req_node:old:2
      assessable: true
      depth: 1
      ref_id: '2'
      question:
        question_type: unique_choice
        question_choices: *id001
        questions:
        - urn: urn:acme:risk:req_node:old:2:question:1
          text: Do you test them?
        - urn: urn:acme:risk:req_node:old:2:question:2
          text: Are they far away?
""",
    )
    assert [one.text for one in read.questions] == [
        "Do you have backups?",
        "Do you test them?",
        "Are they far away?",
    ]
    assert all(one.answer == YesNo(type="yes_no") for one in read.questions)


def test_what_has_no_place_is_noted_with_its_line() -> None:
    read = ciso(
        {**PLAIN, "visibility_expression": "a > 1"},
        framework={"outcomes_definition": [{"ref_id": "x"}]},
        objects={"risk_matrix": [{"urn": "urn:x"}]},
        labels_of_ours=["a"],
    )
    for words in (
        "“visibility_expression”",
        "“outcomes_definition”",
        "“risk_matrix”",
        "“labels_of_ours”",
    ):
        (where,) = read.noted(f"{words} has no place in riskapp")
        assert where.startswith("line ")


def test_a_library_says_where_it_came_from_and_what_its_licence_is() -> None:
    read = imported("ciso", library(PLAIN, copyright="CC BY-SA 4.0 - Acme"), "theirs.yaml")
    assert read.release.licence == "CC BY-SA 4.0 - Acme"
    assert read.release.restricted is None
    assert read.release.origin is not None
    assert read.release.origin.startswith(
        "theirs.yaml: CISO Assistant library “Demo library”, version 3, by Acme, acme, "
        "urn:acme:risk:library:demo; SHA-256 of the file "
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": "International standard ISO/IEC 27001:2022"}, "ISO/IEC"),
        ({"copyright": "See https://www.iso.org/standard/27001"}, "ISO/IEC"),
        ({"provider": "Cloud Security Alliance"}, "Cloud Security Alliance"),
        ({"name": "SOC 2 criteria", "provider": "AICPA"}, "AICPA"),
        ({"copyright": "Creative Commons BY-NC-ND"}, "forbids commercial use"),
        ({"copyright": "Acme, all rights reserved"}, "all rights reserved"),
        ({"description": "TLP:AMBER"}, "TLP:AMBER"),
        ({"copyright": "Acme"}, "states no licence that is known"),
        ({}, "unknown"),
    ],
)
def test_texts_that_may_not_be_passed_on_say_why(more: dict[str, str], reason: str) -> None:
    restricted = imported("ciso", library(PLAIN, **more)).release.restricted
    assert restricted is not None
    assert reason in restricted


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "urn: a\nobjects:\n  threats:\n  - urn: x\n",
            "holds no framework of CISO Assistant, but threats",
        ),
        ("- a\n- b\n", "no CISO Assistant library"),
        ("just words", "no CISO Assistant library"),
        ("objects:\n  framework: {requirement_nodes: []}\n", "holds no question"),
        ("a: [", "no YAML: line 1"),
        ("a: 1\na: 2\n", "says “a” a second time"),
        ("a: *b\n", "names “b”, which stands nowhere before"),
        ("a: !!python/name:os.system x\n", "has the tag"),
        ("<<: {a: 1}\n", "merges another mapping"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("[" * 300, "nested more than 60 levels deep"),
        ("? [a, b]\n: c\n", "a name that is no word"),
    ],
)
def test_what_is_no_library_is_refused(content: str, problem: str) -> None:
    assert problem in refusal("ciso", content).problem


def test_a_library_that_multiplies_itself_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 10)]
    assert "aliases included" in refusal("ciso", "\n".join(lines)).problem


def test_more_than_five_thousand_requirements_are_refused() -> None:
    many = "\n".join(f"    - {{assessable: true, name: R{at}}}" for at in range(5_001))
    content = f"objects:\n  framework:\n    requirement_nodes:\n{many}\n"
    assert "more than 5000 questions" in refusal("ciso", content).problem
