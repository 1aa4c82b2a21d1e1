"""What the questionnaires' views share: which release is meant, in which language, by whom."""

from functools import cache

from flask import request

from riskapp.accounts.queries import SignedIn
from riskapp.audit.service import Actor
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.releases.queries import Listed, listed
from riskapp.web.ports import ports

Page = str | tuple[str, int]


def actor(person: SignedIn) -> Actor:
    return Actor("person", person.id)


def of_questionnaire(questionnaire: str) -> list[Listed]:
    """All its releases, newest first. Raises NotFound where there is none."""
    found = [one for one in listed(reading(), ports().library) if one.release.id == questionnaire]
    if not found:
        raise NotFound
    return found


def one_of(releases: list[Listed], number: str) -> Listed:
    """Raises NotFound for a number that none of them has."""
    for one in releases:
        if one.release.release == number:
            return one
    raise NotFound


def in_wanted_language(release: Release) -> Release:
    """In the language that `?lang=` names, else in its own. Raises NotFound for none it has."""
    wanted = request.values.get("lang", release.language)
    if wanted not in ports().library.languages(release):
        raise NotFound
    return ports().library.in_language(release, wanted)


def languages(release: Release) -> list[tuple[str, str]]:
    """The languages that it can be read in, its own first: code, and name in itself."""
    return [(code, language_name(code)) for code in ports().library.languages(release)]


@cache
def language_name(code: str) -> str:
    """Deutsch, for de; a code that nobody knows stands for itself."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - its import takes long

    try:
        name = Locale.parse(code, sep="-").display_name
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:] if name else code
