"""Markup becomes plain words, texts are cut at sentences, ids are made of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.catalogue.importers import markdown
from riskapp.catalogue.importers.words import clean, closed, plain, shortened, slug


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("A <b>bold</b> word", "A bold word"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("un<em>believ</em>able", "unbelievable"),
        ("one<br>two<br/>three", "one two three"),
        ("Topics:<ul><li>One</li><li>Two;</li><li>Three.</li></ul>", "Topics: One; Two; Three."),
        ("<ul><li>One<li>Two</ul>", "One; Two"),
        ("See <a href='https://example.org/a?b=1&amp;c=2'>this</a>.", "See this (https://example.org/a?b=1&c=2)."),
        ('<a href="javascript:alert(1)">this</a>', "this"),
        ('<a href="#there">this</a>', "this"),
        ("<a>this</a>", "this"),
        ("a <script>alert('<b>')</script> b", "a b"),
        ("a <style>p {color: red}</style> b", "a b"),
        ("a <script>never closed", "a"),
        ("a <!-- hidden --> b", "a b"),
        ("a <!-- never closed", "a"),
        ('<img src="x" onerror="alert(1)" alt="A picture">', "A picture"),
        ("R&amp;D &mdash; &#8364;5", "R&D \u2014 €5"),
        ("&lt;script&gt;", "<script>"),
        ("RTO < 4 hours and > 1", "RTO < 4 hours and > 1"),
        ("the <company name> and <you>", "the <company name> and <you>"),
        ('<p title="a > b">text</p>', "text"),
        ("a <b", "a"),
        ("<q>so</q>", '"so"'),
        ("\t\u2022 one\n\t\u2022 two", "one; two"),
        ("a\x00b\u202ec\u200bd", "abcd"),
    ],
)  # fmt: skip
def test_html_becomes_words(markup: str, words: str) -> None:
    assert plain(markup) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Why?\n\nBecause *this* is **so**.", "Why? Because this is so."),
        ("## Scope\nAll of it", "Scope: All of it"),
        ("These:\n\n- one\n- two;\n* three\n\nAfter", "These: one; two; three. After"),
        ("1. first\n1. second", "first; second"),
        ("snake_case_name and _this_", "snake_case_name and this"),
        ("[here](https://example.org/a_b), [there](#x)", "here (https://example.org/a_b), there"),
        ("![a picture](x.png) of `code_a*b`", "a picture of code_a*b"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*literal\* \[it\]", "*literal* [it]"),
        ("| a | b |\n|---|---|\n| c | d |", "a, b c, d"),
        ("H~2~O, x^2^", "H2O, x2"),
        ("<script>alert(1)</script>words", "words"),
        ("> quoted", "quoted"),
    ],
)
def test_markdown_becomes_words(text: str, words: str) -> None:
    assert markdown.words(text) == words


@given(st.text(max_size=400) | st.text(alphabet="<>/\"'ab=& !-scriptl", max_size=300))
def test_no_text_breaks_the_readers_of_markup(text: str) -> None:
    for words in (plain(text), markdown.words(text), markdown.inline(text)):
        assert words == clean(words)
        assert "\n" not in words


@pytest.mark.parametrize("sign", ["<", "<!--", "<a '", "**", "_a ", "[", "`", "&", "<b>", "!["])
def test_a_sign_that_is_said_a_million_times_takes_no_time(sign: str) -> None:
    """The timeout of the tests is what would fail."""
    text = sign * 1_000_000
    assert len(plain(text)) <= 20_000
    assert len(markdown.words(text)) <= 20_000


def test_a_text_is_cut_at_the_end_of_a_sentence() -> None:
    text = "First sentence. Second sentence. Third sentence."
    assert shortened(text, 40) == "First sentence. Second sentence."
    assert shortened(text, 48) == text
    assert shortened("one two three four", 12) == "one two…"
    assert shortened("x" * 50, 10) == "x" * 9 + "…"


@given(st.text(), st.integers(1, 60))
def test_a_text_that_is_cut_is_never_too_long(text: str, most: int) -> None:
    assert len(shortened(text, most)) <= most


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Access Control", "access-control"),
        ("Größe & Maß", "groesse-mass"),
        ("Élève", "eleve"),
        ("  ", "otherwise"),
        ("漢字", "otherwise"),
        ("a" * 80, "a" * 50),
        ("4.1_b", "4-1-b"),
    ],
)
def test_an_id_is_made_of_a_text(text: str, name: str) -> None:
    assert slug(text, set(), "otherwise") == name


@given(st.lists(st.text(max_size=70), max_size=20))
def test_ids_are_slugs_of_the_format_and_never_the_same(texts: list[str]) -> None:
    taken: set[str] = set()
    names = [slug(text, taken, "part") for text in texts]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", name)
        assert len(name) <= 60


def test_a_text_is_closed_once() -> None:
    assert [closed(one) for one in ("so", "so.", "so?", "so:", "")] == [
        "so.",
        "so.",
        "so?",
        "so:",
        "",
    ]
