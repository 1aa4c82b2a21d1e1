"""The language of a page: on a vendor's pages the one that they want, elsewhere English.

Our own words stand in English where they are used; `riskapp/translations/` has them in other
languages, and `make translations` keeps it. Questionnaires bring their own translations. Nothing
that is stored depends on the language.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import cast

from flask import g, has_request_context, request

from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release

ENGLISH = "en"
CHOICE = "language"
"""The argument of an address that chooses a language."""

COOKIE = "riskapp_language"
VENDORS = ("/i/", "/p/")
"""How the addresses of a vendor's pages begin."""

FOLDER = Path(__file__).parent.parent / "translations"


def offered() -> Mapping[str, str]:
    """The languages that our own words are written in, each with its own name for itself."""
    from riskapp.catalogue.translation import LANGUAGES  # noqa: PLC0415 - read with the files

    return LANGUAGES


@cache
def translations(language: str) -> NullTranslations:
    """Our own words in a language."""
    if language == ENGLISH:
        return NullTranslations()
    with (FOLDER / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return GNUTranslations(file)


def current() -> str:
    """The language in which this request is answered."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        vendors = request.path.startswith(VENDORS)
        g.language = (_chosen() or _preferred(offered()) or ENGLISH) if vendors else ENGLISH
    return cast(str, g.language)


def settle(library: Library, releases: Sequence[Release]) -> list[Release]:
    """The releases of an assessment in the language of its pages, which it decides about.

    That is what was chosen; else what the browser prefers among the languages that all of them
    have; else English. A release without it stays in its own language.
    """
    g.language = _chosen() or _preferred(_common(library, releases)) or ENGLISH
    return [library.in_language(release, g.language) for release in releases]


def chosen_now() -> str | None:
    """The language that this request chooses."""
    asked = request.args.get(CHOICE) if request.query_string else None
    return asked if asked in offered() else None


@contextmanager
def saying(language: str) -> Iterator[None]:
    """Renders a part of a page in a language; in the page's own where our words are not in it."""
    before = current()
    g.language = language if language in offered() else before
    try:
        yield
    finally:
        g.language = before


def _chosen() -> str | None:
    chosen = chosen_now() or request.cookies.get(COOKIE)
    return chosen if chosen in offered() else None


def _common(library: Library, releases: Sequence[Release]) -> list[str]:
    there = [library.languages(release) for release in releases]
    return [language for language in offered() if all(language in one for one in there)]


def _preferred(there: Iterable[str]) -> str | None:
    """Which of these the browser wants most; whoever wants de-AT before en reads German."""
    known = {language.lower(): language for language in there}
    for wanted, quality in request.accept_languages:
        for name in (wanted.lower(), wanted.lower().partition("-")[0]):
            if quality > 0 and name in known:
                return known[name]
    return None
