"""Our own words in other languages: none is missing, and none is left over."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from riskapp.web.languages import ENGLISH, FOLDER, offered

ROOM = FOLDER.parent
TEMPLATES = ROOM / "templates"
KEYWORDS = {"say": None, "Sentence": None, "counted": (1, 2), "_": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
OTHERS = [language for language in offered() if language != ENGLISH]
Words = str | tuple[str, ...]

TAG = re.compile(r"<[^>]*>")
SPOKEN = re.compile(r'(?:aria-label|title|alt|placeholder)="\s*[A-Za-z]')
A_WORD = re.compile(r"\b[A-Z][a-z]{2,}|[a-z]{2,}[.:?…]$")
"""What a literal looks like that is no name of a class, a field or a type."""

ATTRIBUTE = re.compile(r'[a-z-]+="[^"]*"')
NAMES = re.compile(r"riskapp|SHA-256|portal|&[a-z]+;")
MACRO = re.compile(r"{%-? macro (\w+).*?endmacro -?%}", re.DOTALL)


@cache
def used() -> set[Words]:
    """Every word that is marked to be said in the language of the page."""
    found = extract_from_dir(ROOM, METHODS, OPTIONS, keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found}


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def forms(words: str | Iterable[str] | None) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words or ())


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_ours_is_there_in_every_language_and_none_is_left_over(language: str) -> None:
    there = {message.id for message in messages(language)}
    assert used() - there == set(), "run `make translations`, and translate what is new"
    assert there - used() == set(), "run `make translations`"
    empty = [
        one.id for one in messages(language) if not forms(one.string) or not all(forms(one.string))
    ]
    assert empty == []
    assert [message.id for message in messages(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_read_is_what_was_written(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    path = FOLDER / language / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == compiled.getvalue(), "run `make translations`"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_values_and_marks(language: str) -> None:
    for message in messages(language):
        wanted = {_values(form) for form in forms(message.id)}
        for said in forms(message.string):
            assert {_values(said)} <= wanted, message.id
            assert TAG.findall(said) == TAG.findall(forms(message.id)[0])


def _values(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def parsed(path: Path) -> nodes.Template:
    return Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_only_a_templates_own_words_are_taken_with_their_marks(path: Path) -> None:
    for call in parsed(path).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "ngettext"}:
            literal = call.args[: 1 if call.node.name == "_" else 2]
            assert all(isinstance(one, nodes.Const) for one in literal), f"line {call.lineno}"


def seen_by_vendors() -> Iterator[tuple[str, str]]:
    """The source of the vendor's templates, and of the macros those that they use."""
    shells = [TEMPLATES / "base" / "page.html", TEMPLATES / "base" / "portal.html"]
    for path in (*sorted(TEMPLATES.glob("portal/*.html")), *shells):
        yield path.name, path.read_text(encoding="utf-8")
    for name in ("controls", "form", "languages", "question", "table"):
        source = (TEMPLATES / "macros" / f"{name}.html").read_text(encoding="utf-8")
        for macro in MACRO.finditer(source):
            if macro[1] not in {"pager", "empty", "timeline", "stats"}:  # the officers' only
                yield f"{name}.{macro[1]}", macro[0]


def unmarked(source: str) -> Iterator[str]:
    """Words in a template that no translation knows of."""
    environment = Environment(autoescape=True)
    pieces = [text for _, kind, text in environment.lex(source) if kind == "data"]
    plain = "".join(pieces)
    yield from SPOKEN.findall(plain)
    for known in (TAG, ATTRIBUTE, NAMES):
        plain = known.sub(" ", plain)
    yield from re.findall(r"[A-Za-z]{2,}", plain)
    yield from _loose(environment.parse(source))


def _loose(node: nodes.Node) -> Iterator[str]:
    """Literals that read like words and stand in no call that says them."""
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in {"_", "ngettext"}:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and A_WORD.search(node.value):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _loose(child)


@pytest.mark.parametrize(
    "source", [pytest.param(text, id=name) for name, text in seen_by_vendors()]
)
def test_no_word_of_the_vendors_pages_is_left_english(source: str) -> None:
    assert list(unmarked(source)) == []
