"""The scheme's text, for whoever holds a receipt.

Its one source is docs/scoring.md. That file alone may say `<a id="…"></a>` in a heading, which
becomes the heading's own id; no other HTML in it is taken.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from flask import g, render_template
from markupsafe import Markup, escape

from riskapp.accounts.permissions import Permission
from riskapp.web.guard import current_person, requires
from riskapp.web.scoring.blueprint import blueprint

if TYPE_CHECKING:
    from markdown_it.token import Token

SOURCE = Path(__file__).resolve().parents[3] / "docs" / "scoring.md"
_ANCHORED = re.compile(r'([^<]+?) *<a id="([a-z0-9-]+)"></a>')


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a page shows it; `contents` are its chapters: id and heading."""

    title: str
    body: Markup
    contents: tuple[tuple[str, str], ...]


@blueprint.route("/scheme", methods=["GET"])
@requires(Permission.PUBLIC)
def scheme_text() -> str:
    g.person = current_person()  # who is signed in keeps their navigation
    return render_template("scoring/text.html", text=shipped_text())


@cache
def shipped_text() -> Text:
    return rendered(SOURCE.read_text(encoding="utf-8"))


def rendered(source: str) -> Text:
    """A Markdown text with one title, whose chapters have anchors. Raises ValueError for HTML."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - for this page alone

    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = reader.parse(source)
    title = tokens[1].content
    contents = _settle_headings(tokens)
    _refuse_html(tokens)
    body = reader.renderer.render(list(_with_regions(tokens[3:])), reader.options, {})
    return Text(title, Markup(body), contents)  # noqa: S704 - our own file, without HTML


def _settle_headings(tokens: Sequence["Token"]) -> tuple[tuple[str, str], ...]:
    """Moves each anchor into its heading's id, and gives those of the chapters."""
    from markdown_it.token import Token  # noqa: PLC0415 - as above

    found = []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        heading = _ANCHORED.fullmatch(inline.content)
        if heading is None:
            continue
        words, anchor = heading.groups()
        inline.content = words
        inline.children = [Token("text", "", 0, content=words)]
        opening.attrSet("id", anchor)
        if opening.tag == "h2":
            found.append((anchor, words))
    return tuple(found)


def _refuse_html(tokens: Sequence["Token"]) -> None:
    for token in tokens:
        for one in (token, *(token.children or ())):
            if one.type.startswith("html_"):
                raise ValueError(f"HTML in the text: {one.content}")


def _with_regions(tokens: Sequence["Token"]) -> Iterator["Token"]:
    """As macros/table.html has it: every table scrolls in a region of its own, with a name."""
    from markdown_it.token import Token  # noqa: PLC0415 - as above

    heading, number = "", 0
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[at + 1].content
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type == "table_open":
            number += 1
            token.attrSet("class", "data")
            name = escape(f"{heading}, table {number}")
            opening = f'<div class="region" role="region" aria-label="{name}" tabindex="0">'
            yield Token("html_block", "", 0, content=opening)
        yield token
        if token.type == "table_close":
            yield Token("html_block", "", 0, content="</div>")
