"""Each thing that the check looks for is told with file, line and what would be right."""

from pathlib import Path

import pytest

from riskapp.catalogue import lock
from riskapp.catalogue.folder import check_paths
from riskapp.catalogue.model import FACTS, MAPPINGS

RELEASE = """\
id: small
release: "2026.1"
title: Small
summary: A small release.
audience: vendor
licence: Written for a test.
domains:
  access: {weight: 2, title: Access}
sections:
  - id: only
    title: Only
    questions:
      - id: TST-01
        text: Is it so?
        why: It matters.
        answer: {type: yes_no}
        gate: true
      - id: TST-02
        domain: access
        text: How good is it?
        why: It matters.
        answer:
          type: choice
          options:
            - {id: good, text: Good, credit: 1}
            - {id: fair, text: Fair, credit: 0.5}
            - {id: bad, text: Bad, credit: 0}
        weight: 5
        asked_when: {question: TST-01, is: yes}
        mappings: {iso27001: [A.5.1], gdpr: [28(3)(a)]}
      - id: TST-03
        domain: access
        text: How soon is it done?
        why: It matters.
        answer:
          type: number
          unit: hours
          bands: [{at_most: 4, credit: 1}, {else: 0}]
        weight: 3
        asked_when: {question: TST-02, is: [good, fair]}
        applies_when: {fact: inherent, at_least: high}
"""
GERMAN = """\
id: small
release: "2026.1"
language: de
title: Klein
summary: Ein kleiner Fragebogen.
licence: Für einen Test geschrieben.
domains: {access: Zugang}
sections:
  only: {title: Einzige}
questions:
  TST-01: {text: Ist es so?, why: Es ist wichtig.}
  TST-02:
    text: Wie gut ist es?
    why: Es ist wichtig.
    options: {good: Gut, fair: Mittel, bad: Schlecht}
  TST-03:
    text: Wie bald ist es erledigt?
    why: Es ist wichtig.
    unit: Stunden
"""
ISO, GDPR = "ISO/IEC 27001:2022", "the GDPR"
FIRST, SECOND, THIRD = (f"sections[0].questions[{index}]" for index in range(3))
NESTED = "{question: TST-02, is: [good, fair]}"
EARLY = """\
      - id: TST-04
        text: Since when?
        why: It matters.
        answer: {type: text}
        asked_when: {question: TST-02, is: good}
"""
MEANT = "write TST-03 if that is meant"
NEEDS = "see what the questions that it names need themselves"

CASES = {
    "a question id twice": (
        ("id: TST-03", "id: TST-01"),
        f"31: {THIRD}.id: TST-01 stands twice; give one of the two another id",
    ),
    "an option id twice": (
        ("{id: fair,", "{id: bad,"),
        f"27: {SECOND}.answer.options[2].id: bad stands twice; give one of the two another id",
    ),
    "a key twice": (
        ("title: Small", "title: Small\ntitle: Large"),
        "4: title: stands here a second time; the first is on line 3; keep one of the two",
    ),
    "a section id twice": (
        ("      - id: TST-03", "  - id: only\n    title: More\n    questions:\n      - id: TST-03"),
        "31: sections[1].id: only stands twice; give one of the two sections another id",
    ),
    "an unknown domain": (
        ("domain: access\n        text: How soon", "domain: acces\n        text: How soon"),
        f"32: {THIRD}.domain: acces is unknown; name one of domains: access",
    ),
    "an unknown question": (
        ("{question: TST-01, is: yes}", "{question: TST-09, is: yes}"),
        f"29: {SECOND}.asked_when: names TST-09, which is not in this release; {MEANT}",
    ),
    "an unknown option": (
        ("is: [good, fair]", "is: [god, fair]"),
        (
            f"40: {THIRD}.asked_when: looks for “god”, which is never answered; "
            "name one of good, fair, bad"
        ),
    ),
    "an unknown fact": (
        ("fact: inherent, at_least: high", "fact: colour, is: red"),
        (
            f"41: {THIRD}.applies_when: names the fact colour, which is unknown; "
            f"name one of {', '.join(FACTS)}"
        ),
    ),
    "a circle": (
        ("{question: TST-01, is: yes}", "{question: TST-03, at_least: 1}"),
        f"29: {SECOND}.asked_when: waits for TST-03, which waits for it; break the circle",
    ),
    "two questions that wait for each other": (
        ("gate: true", "gate: true\n        asked_when: {question: TST-02, is: good}"),
        f"18: {FIRST}.asked_when: waits for TST-02, which waits for it; break the circle",
    ),
    "a question that waits for a later one": (
        ("      - id: TST-02\n", f"{EARLY}      - id: TST-02\n"),
        f"22: {SECOND}.asked_when: waits for TST-02, which comes later; move it behind TST-02",
    ),
    "a question that nobody can be asked": (
        (NESTED, "{all: [{question: TST-02, is: good}, {question: TST-02, is: bad}]}"),
        f"40: {THIRD}.asked_when: can never hold; {NEEDS}",
    ),
    "a question that its parent rules out": (
        (NESTED, "{all: [{question: TST-02, is: [good, fair]}, {question: TST-01, is: no}]}"),
        f"40: {THIRD}.asked_when: can never hold; {NEEDS}",
    ),
    "a middling answer that hides": (
        ("is: [good, fair]", "is: good"),
        (
            f"40: {THIRD}.asked_when: hides a scored question on 'fair', "
            "a middling answer to TST-02; let only its worst and best answers hide it"
        ),
    ),
    "an id of another form": (
        ("- id: only", "- id: Only One"),
        (
            "10: sections[0].id: is “Only One”; write it like access-control, in small letters and "
            "digits joined by hyphens"
        ),
    ),
    "a question id of another form": (
        ("id: TST-03", "id: tst-3"),
        f"31: {THIRD}.id: is “tst-3”; write it like ISM-01, three capitals and two to four digits",
    ),
    "a domain id of another form": (
        ("  access: {", "  A B: {weight: 1, title: X}\n  access: {"),
        (
            "8: domains.A B: is “A B”; write it like access-control, in small letters and "
            "digits joined by hyphens"
        ),
    ),
    "a list that is none": (
        ("iso27001: [A.5.1]", "iso27001: A.5.1"),
        f"30: {SECOND}.mappings.iso27001: is “A.5.1”; write a list, each entry behind a -",
    ),
    "words that are a list": (
        ("title: Only", "title: [Only]"),
        "11: sections[0].title: is a list; write words",
    ),
    "too many words": (
        ("title: Only", f"title: {'x' * 2001}"),
        f"11: sections[0].title: is “{'x' * 60}…”; use at most 2000 characters",
    ),
    "a weight of 2": (
        ("weight: 3", "weight: 2"),
        f"39: {THIRD}.weight: is “2”; write 5, 3 or 1",
    ),
    "a domain without weight": (
        ("{weight: 2, title: Access}", "{title: Access}"),
        "8: domains.access.weight: is missing; add it",
    ),
    "a domain without a scored question": (
        ("domains:\n", "domains:\n  idle: {weight: 1, title: Idle}\n"),
        "8: domains.idle: has no scored question; take the domain out or use it",
    ),
    "a credit that nobody can reach": (
        ("text: Good, credit: 1", "text: Good, credit: 0.9"),
        f"24: {SECOND}.answer.options: lets nobody reach credit 1; give the best option credit: 1",
    ),
    "a band that nobody can reach": (
        ("{at_most: 4, credit: 1}, ", "{at_most: 4, credit: 1}, {at_most: 3, credit: 1/2}, "),
        (
            f"38: {THIRD}.answer.bands[1]: can never be reached; "
            "order the bands so that each leaves some to the next"
        ),
    ),
    "a gate that decides nothing": (
        ("        asked_when: {question: TST-01, is: yes}\n", ""),
        f"17: {FIRST}.gate: decides nothing; let another question's asked_when name it",
    ),
    "an unknown ISO control": (
        ("A.5.1", "A.5.38"),
        (
            f"30: {SECOND}.mappings.iso27001[0]: “A.5.38” is no id of {ISO}; "
            "write A.5.37 if that is meant"
        ),
    ),
    "an unknown GDPR article": (
        ("28(3)(a)", "128(3)"),
        f"30: {SECOND}.mappings.gdpr[0]: “128(3)” is no id of {GDPR}; write 99(2) if that is meant",
    ),
    "an unknown GDPR paragraph": (
        ("28(3)(a)", "28(11)"),
        (
            f"30: {SECOND}.mappings.gdpr[0]: “28(11)” is no id of {GDPR}; "
            "write 28(10) if that is meant"
        ),
    ),
    "an unknown framework": (
        ("iso27001:", "iso:"),
        (f"30: {SECOND}.mappings.iso: is no known framework; write {', '.join(MAPPINGS)}"),
    ),
}

CASES_OF_TRANSLATIONS = {
    "a question that is missing": (
        (
            (
                "  TST-03:\n    text: Wie bald ist es erledigt?\n    why: Es ist wichtig.\n"
                "    unit: Stunden\n"
            ),
            "",
        ),
        "10: questions.TST-03: is not translated; add it",
    ),
    "an option that is missing": (
        (", fair: Mittel", ""),
        "15: questions.TST-02.options.fair: is not translated; add it",
    ),
    "a unit that is missing": (
        ("    unit: Stunden\n", ""),
        "16: questions.TST-03.unit: is not translated; add it",
    ),
    "a text that is missing": (
        ("    text: Wie gut ist es?\n", ""),
        "12: questions.TST-02.text: is missing; add it",
    ),
    "an option that the release does not have": (
        ("fair: Mittel", "fair: Mittel, so-so: Geht so"),
        "15: questions.TST-02.options.so-so: is not in the release; take it out",
    ),
}


def put(folder: Path, release: str = RELEASE, german: str = GERMAN) -> Path:
    """The folder of a questionnaire with its German words."""
    small = folder / "questionnaires" / "small"
    small.mkdir(parents=True)
    (small / "2026.1.yaml").write_text(release, encoding="utf-8")
    (small / "2026.1.de.yaml").write_text(german, encoding="utf-8")
    return small


def test_nothing_is_wrong_before_something_is_made_wrong(tmp_path: Path) -> None:
    assert check_paths([put(tmp_path)]) == []


@pytest.mark.parametrize("name", CASES)
def test_a_fault_of_a_release_is_told(tmp_path: Path, name: str) -> None:
    (old, new), expected = CASES[name]
    assert RELEASE.count(old) == 1, "or it is not clear what is made wrong"
    put(tmp_path, RELEASE.replace(old, new))

    told = check_paths([tmp_path / "questionnaires" / "small" / "2026.1.yaml"])

    assert f"questionnaires/small/2026.1.yaml:{expected}" in [str(fault) for fault in told]


@pytest.mark.parametrize("name", CASES_OF_TRANSLATIONS)
def test_a_fault_of_a_translation_is_told(tmp_path: Path, name: str) -> None:
    (old, new), expected = CASES_OF_TRANSLATIONS[name]
    assert GERMAN.count(old) == 1, "or it is not clear what is made wrong"

    told = check_paths([put(tmp_path, german=GERMAN.replace(old, new))])

    assert [str(fault) for fault in told] == [f"questionnaires/small/2026.1.de.yaml:{expected}"]


def test_a_translation_that_is_not_there_is_told(tmp_path: Path) -> None:
    small = put(tmp_path)
    other = small.parent / "other" / "2026.1.yaml"
    other.parent.mkdir()
    other.write_text(
        RELEASE.replace("id: small", "id: other").replace("TST-", "OTH-"), encoding="utf-8"
    )
    for path in (*small.iterdir(), other):
        lock.add(path)

    assert [str(fault) for fault in check_paths([small.parent])] == [
        (
            "questionnaires/other/2026.1.yaml:1: has no translation into Deutsch; "
            "add 2026.1.de.yaml beside it"
        )
    ]


def test_a_published_release_that_was_changed_is_told(tmp_path: Path) -> None:
    path = put(tmp_path) / "2026.1.yaml"
    lock.add(path)
    path.write_text(RELEASE.replace("It matters.", "It matters!", 1), encoding="utf-8")

    assert [str(fault) for fault in check_paths([path])] == [
        (
            "questionnaires/small/2026.1.yaml:1: was published and has been changed since; "
            "restore it, and put the change into a new release beside it"
        )
    ]


def test_a_folder_may_be_named_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = put(tmp_path)
    lock.add(small / "2026.1.yaml")
    monkeypatch.chdir(small)

    assert check_paths([Path()]) == []
    (small / "2026.1.yaml").write_text(RELEASE.replace("Good,", "Fine,"), encoding="utf-8")
    assert [fault.problem for fault in check_paths([Path("2026.1.yaml")])] == [
        "was published and has been changed since"
    ]
