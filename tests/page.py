"""What every page has to be, whatever it shows."""

import re

import html5lib
from html5lib.constants import E

_STYLE = re.compile(r"<[a-z][^>]*\sstyle=", re.IGNORECASE)
_HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+=", re.IGNORECASE)
_NAMESPACE = "{http://www.w3.org/1999/xhtml}"
_MARKUP = re.compile(r"<[^>]*>|&[^;<\s]*;?|<")
_FREE = re.compile(r'\s(?:href|value|datetime|action|src|content)="[^"<>&]*"|[0-9a-f]{16,}')
_GOOD: set[str] = set()
"""Markup that was found in order: most pages that tests open differ in words alone."""


def check_page(text: str) -> None:
    """Fails for invalid HTML, and for what the rules of the house forbid on a page."""
    titled = text.partition("<title>")[2].partition("</title>")[0].partition(" ")[0]
    markup = titled + _FREE.sub("#", "".join(_MARKUP.findall(text)))
    if markup not in _GOOD:
        _check(text)
        _GOOD.add(markup)


def _check(text: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    tree = parser.parse(text)
    faults = [f"line {position[0]}: {E[code] % values}" for position, code, values in parser.errors]
    assert not faults, faults[:5]
    assert len(tree.findall(f".//{_NAMESPACE}h1")) == 1, "a page has one h1"
    title = tree.find(f".//{_NAMESPACE}title")
    assert title is not None, "a page has a title"
    assert (title.text or "").partition(" \N{EN DASH} ")[0].strip(), "a title says which page"
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"ids stand twice: {_twice(ids)}"
    assert not _STYLE.search(text), "the policy blocks style attributes"
    assert not _HANDLER.search(text), "the policy blocks inline handlers"
    _check_fields(tree, set(ids))


def _twice(ids: list[str]) -> list[str]:
    return sorted({one for one in ids if ids.count(one) > 1})


def _check_fields(tree: object, ids: set[str]) -> None:
    """Every field has a label, every reference a target."""
    elements = list(tree.iter())  # type: ignore[attr-defined]  # an ElementTree element
    labelled = {element.get("for") for element in elements if element.tag == f"{_NAMESPACE}label"}
    inside = {
        id(child)
        for element in elements
        if element.tag == f"{_NAMESPACE}label"
        for child in element.iter()
    }
    for element in elements:
        name = str(element.tag).removeprefix(_NAMESPACE)
        if name in {"input", "select", "textarea"} and element.get("type") not in {
            "hidden",
            "submit",
        }:
            named = (
                element.get("id") in labelled
                or element.get("aria-label")
                or element.get("aria-labelledby")
                or id(element) in inside
            )
            assert named, f"a field without a label: {element.get('name')}"
        for reference in ("aria-describedby", "aria-labelledby", "aria-controls"):
            for target in (element.get(reference) or "").split():
                assert target in ids, f"{reference} names {target}, which is not there"
