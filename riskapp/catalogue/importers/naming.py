"""What an imported questionnaire is to be called, beside those that are here already."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import PurePath
from string import ascii_uppercase

from riskapp.catalogue.importers.common import Naming
from riskapp.catalogue.importers.words import clean, slug
from riskapp.catalogue.model import Release
from riskapp.core.errors import FieldRefused

OTHERWISE = "imported"
"""The id of what has no name with letters or digits in it."""

_ID = re.compile(r"[a-z0-9](-?[a-z0-9])*")
_PREFIX = re.compile(r"[A-Z]{3}")
_RELEASE = re.compile(r"([0-9]{4})\.([0-9]{1,4})")
_LONGEST_ID = 60
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """Release numbers by questionnaire, and whose questions begin with which prefix."""

    numbers: Mapping[str, set[tuple[int, ...]]] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)


def taken_by(releases: Iterable[Release], waiting: Iterable[Mapping[str, str]] = ()) -> Taken:
    """What these releases are called, and imports that wait to be published, by their naming."""
    numbers: dict[str, set[tuple[int, ...]]] = {}
    prefixes: dict[str, str] = {}
    for one in waiting:
        number = tuple(int(part) for part in one["release"].split("."))
        numbers.setdefault(one["id"], set()).add(number)
        prefixes[one["prefix"]] = one["id"]
    for release in releases:
        numbers.setdefault(release.id, set()).add(release.number)
        prefixes |= {name.partition("-")[0]: release.id for name in release.questions}
    return Taken(numbers, prefixes)


def completed(given: Mapping[str, str | None], file_name: str, taken: Taken, year: int) -> Naming:
    """What is not given, chosen so that nothing is like it; id, prefix, release and title may be.

    The id is made of the title or of the file's name. Raises FieldRefused, as `checked`.
    """
    said = {name: clean(text) or None for name, text in given.items() if text is not None}
    title = said.get("title")
    words = title or PurePath(file_name).stem
    name = said.get("id") or slug(words, {*taken.numbers, *taken.prefixes.values()}, OTHERWISE)
    last = max((number for number in taken.numbers.get(name, ()) if number[0] == year), default=())
    naming = Naming(
        id=name,
        prefix=said.get("prefix") or _prefix(name, taken),
        release=said.get("release") or f"{year}.{last[1] + 1 if last else 1}",
        title=title,
    )
    return checked(naming, taken)


def checked(naming: Naming, taken: Taken) -> Naming:
    """The naming itself. Raises FieldRefused for what cannot be written, and for what is taken."""
    if not _ID.fullmatch(naming.id) or len(naming.id) > _LONGEST_ID:
        raise FieldRefused(
            "id", f"Use at most {_LONGEST_ID} lower-case letters, digits and hyphens: cloud-basics."
        )
    if not _PREFIX.fullmatch(naming.prefix):
        raise FieldRefused("prefix", "Use three capital letters: CLB makes CLB-01, CLB-02, …")
    owner = taken.prefixes.get(naming.prefix, naming.id)
    if owner != naming.id:
        raise FieldRefused(
            "prefix", f"The questions of {owner} begin with {naming.prefix}. Use other letters."
        )
    number = _RELEASE.fullmatch(naming.release)
    if number is None:
        raise FieldRefused("release", "Use a year and a number within it: 2026.1.")
    if (int(number[1]), int(number[2])) in taken.numbers.get(naming.id, ()):
        raise FieldRefused(
            "release", f"{naming.id}@{naming.release} is here already. Use another number."
        )
    if naming.title is not None and len(naming.title) > _LONGEST_TITLE:
        raise FieldRefused("title", f"Use at most {_LONGEST_TITLE} characters.")
    return naming


def _prefix(name: str, taken: Taken) -> str:
    """Three capitals that remind of the id, and that no question here begins with."""
    return next(one for one in _prefixes(name) if one not in taken.prefixes)


def _prefixes(name: str) -> Iterator[str]:
    initials = [word[:1] for word in name.split("-")]
    for characters in (initials, list(name)):
        capitals = [one.upper() for one in characters if one.isascii() and one.isalpha()]
        for three in combinations(capitals, 3):
            yield "".join(three)
    for letters in product(ascii_uppercase, repeat=3):
        yield "".join(letters)
