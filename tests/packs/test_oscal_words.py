"""People's words in OSCAL: shown as they were written, never markup, always valid."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from riskapp.packs.documents import Documents
from tests.packs.oscal_cases import (
    POAM,
    RESULTS,
    answer,
    away,
    both,
    documents,
    entry,
    file,
    item,
    problems,
    question,
)

Json = Any
examples = settings(deadline=None, max_examples=60)
WEAK = {"kind": "weak-domain", "domain": "governance", "at": "15"}
KNOCKOUT = {"level": "high", "below": "1/2"}

HOSTILE = st.text(min_size=0, max_size=60) | st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\ufeff",
        "\u202e txt",
        "a\r\nb\u2028c\x85d",
        "# Title",
        "- one\n- two",
        "1. one",
        "1) one",
        "12345678. one",
        "    code",
        "```\ncode\n```",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "<script>alert(1)</script>",
        "[a](http://example.com) ![b](c)",
        "{{ insert: param, x }}",
        "*a* _b_ **c** ~d~ ^e^ `f` &amp; \\",
        "===\n---",
        "> quote",
        "https://example.com?a=1&b=2",
    ]
)


def hostile(words: str) -> Documents:
    """The words wherever people, or an importer, could have put any."""
    said = answer(words=words, comment=words, value=words)
    mappings = {"other": [words], "iso27001": [words]}
    found = documents(
        question("ISM-01", text=words, answer=said, mappings=mappings, counts=words, why=words),
        question("ISM-02", answer=away(words), evidence_wanted=words),
        question("ISM-03", evidence=[file("ISM-03", words, erased_because=words)]),
        items=(item("ISM-01", credit="0", contribution="1"), item("ISM-02", "na-claimed")),
        entries=(entry("ISM-01", "reject", note=words, name=words),),
        reasons=words,
        conditions=words,
        by=words,
    )
    about = found.about
    about["vendor"]["name"] = about["engagement"]["title"] = words
    about["engagement"]["description"] = about["assessment"]["organisation"] = words
    about["submissions"][0]["by"] = {"name": words, "role": words}
    about["pack"].update(recipient=words, purpose=words, left_out=[{"what": words, "why": words}])
    about["questionnaires"][0]["title"] = words
    return found


@examples
@given(HOSTILE)
def test_any_words_pass_the_schemas(words: str) -> None:
    results, plan = both(hostile(words))
    assert problems(results) == []
    assert problems(plan) == []


def shown(text: str) -> list[str]:
    """The paragraphs that a Markdown reader shows; fails where it sees anything but words."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    assert {one.type for one in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    found = []
    for one in tokens:
        if one.type == "inline":
            kinds = {each.type for each in one.children or ()}
            assert kinds <= {"text", "text_special"}, kinds
            found.append("".join(each.content for each in one.children or ()))
    return found


def legible(text: str) -> list[str]:
    """The lines as they are to be read: no mark that a JSON or XML document cannot carry."""
    kept = re.sub(r"[^\S\n]+", " ", "\n".join(text.splitlines()))
    return [one.strip() for one in kept.split("\n") if one.strip()]


@examples
@given(HOSTILE.filter(lambda words: all(one.isprintable() or one.isspace() for one in words)))
def test_words_are_shown_as_they_were_written_and_are_never_markup(words: str) -> None:
    found = documents(question("ISM-01"), conditions=words, reasons=words)
    plan = both(found)[1][POAM]
    if legible(words):
        assert shown(plan["poam-items"][0]["description"]) == legible(words)
    title = both(documents(question("ISM-01", text=words)))[0][RESULTS]["results"][0]
    (observed,) = title["observations"]
    (read,) = shown(observed["title"])
    assert read == f"ISM-01: {' '.join(legible(words))}".strip()


def test_joiners_stay_and_what_turns_a_line_round_is_seen() -> None:
    found = documents(
        question("ISM-01"), conditions="\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\u202e"
    )
    plan = both(found)[1][POAM]
    assert (
        plan["poam-items"][0]["description"]
        == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\ufffd"
    )
