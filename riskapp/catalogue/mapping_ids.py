"""Which ids the frameworks have that questions are mapped to, and the nearest to one they lack.

Numbers of controls, articles and paragraphs are facts; no words of any framework stand here. What
is held in full is known in full: ISO/IEC 27001:2022, GDPR, MVSP 3.0, CSF 2.0 and NIS2 Art. 21(2).
Other articles are held by their form and the number of the last one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

ISO_CONTROLS = {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34}
"""The last control of each theme of Annex A."""

ISO_CLAUSES = """
4 4.1 4.2 4.3 4.4 5 5.1 5.2 5.3 6 6.1 6.1.1 6.1.2 6.1.3 6.2 6.3 7 7.1 7.2 7.3 7.4 7.5 7.5.1 7.5.2
7.5.3 8 8.1 8.2 8.3 9 9.1 9.2 9.2.1 9.2.2 9.3 9.3.1 9.3.2 9.3.3 10 10.1 10.2
"""

GDPR_PARAGRAPHS = """
3 4 3 26 2 4 4 3 4 0 2 8 4 5 4 0 3 3 0 4 6 4 2 3 3 3 5 10 0 5 0 4 5 4 11 5 7 6 2 11 6 8 9 0 9 5 3 0
6 0 4 6 4 2 3 6 4 6 0 12 9 7 0 8 6 4 0 6 2 4 2 2 2 2 6 2 2 4 2 2 3 6 9 2 3 0 0 3 4 2 2 5 3 2 0 0 5 0
2
"""
"""How many numbered paragraphs each of the articles 1 to 99 has; of Article 4, definitions."""

GDPR_POINTS = """
2(2)d 3(2)b 4(16)b 4(22)c 4(23)b 5(1)f 6(1)f 6(3)b 6(4)e 9(2)j 12(5)b 13(1)f 13(2)f 14(1)f 14(2)g
14(3)c 14(5)d 15(1)h 17(1)f 17(3)e 18(1)d 20(1)b 22(2)c 23(1)j 23(2)h 27(2)b 28(3)h 30(1)g 30(2)d
32(1)d 33(3)d 34(3)c 35(3)c 35(7)d 36(3)f 37(1)c 39(1)e 40(2)k 41(2)d 43(1)b 43(2)e 45(2)c 46(2)f
46(3)b 47(1)c 47(2)n 49(1)g 50d 54(1)f 57(1)v 58(1)f 58(2)j 58(3)j 61(4)b 64(1)f 64(5)b 65(1)c
70(1)y 75(6)g 83(2)k 83(4)c 83(5)e 97(2)b
"""
"""The last point of each paragraph that has points."""

MVSP_CONTROLS = {"1": 8, "2": 8, "3": 5, "4": 4}

CSF_CATEGORIES: Mapping[str, Iterable[int]] = {
    "GV.OC": range(1, 6),
    "GV.RM": range(1, 8),
    "GV.RR": range(1, 5),
    "GV.PO": range(1, 3),
    "GV.OV": range(1, 4),
    "GV.SC": range(1, 11),
    "ID.AM": (1, 2, 3, 4, 5, 7, 8),
    "ID.RA": range(1, 11),
    "ID.IM": range(1, 5),
    "PR.AA": range(1, 7),
    "PR.AT": range(1, 3),
    "PR.DS": (1, 2, 10, 11),
    "PR.PS": range(1, 7),
    "PR.IR": range(1, 5),
    "DE.CM": (1, 2, 3, 6, 9),
    "DE.AE": (2, 3, 4, 6, 7, 8),
    "RS.MA": range(1, 6),
    "RS.AN": (3, 6, 7, 8),
    "RS.CO": (2, 3),
    "RS.MI": (1, 2),
    "RC.RP": range(1, 7),
    "RC.CO": (3, 4),
}
"""The numbers in use below each category of version 2.0; what is left out was withdrawn."""

NIS2_ARTICLES, DORA_ARTICLES = 46, 64

_RANGE = re.compile(r"([1-9][0-9]?)-([1-9][0-9]?)")
_PART = re.compile(r"(.+) (first|second|third|last) sub-paragraph")
_ARTICLE = re.compile(r"([1-9][0-9]?)(\([1-9][0-9]?\))?(\([a-z]\))?(\([ivx]{1,5}\))?")
_ANNEX = re.compile(r"(1[0-3]|[1-9])(\.[1-9][0-9]?){0,2}(\.[a-z])?")
_WORDS_BEFORE = frozenset({"annex", "art", "article", "articles", "cl", "clause", "control"})
_APART = 1_000
"""Further than any two numbers of one framework."""


@dataclass(frozen=True, slots=True)
class Framework:
    """`known` are ids to be near to. Where `form` is given, all that follow it are accepted too.

    Such an id begins with an article that `known` has, and stands in `known` in full where its
    paragraph's points do. `articles` can be named as a range, 44-49, and by a sub-paragraph.
    `written_as` is how a longer id than the nearest looks.
    """

    name: str
    known: frozenset[str]
    form: re.Pattern[str] | None = None
    articles: bool = False
    written_as: str = ""

    def accepts(self, written: str) -> bool:
        return written in self.known or self._in_form(written) or self._in_articles(written)

    def _in_form(self, written: str) -> bool:
        found = self.form.fullmatch(written) if self.form else None
        if found is None or found[1] not in self.known:
            return False
        paragraph = written[: found.start(3)] if found[3] else written
        return not found[3] or f"{paragraph}(a)" not in self.known

    def _in_articles(self, written: str) -> bool:
        if not self.articles:
            return False
        if ends := _RANGE.fullmatch(written):
            return int(ends[1]) < int(ends[2]) and {ends[1], ends[2]} <= self.known
        part = _PART.fullmatch(written)
        return part is not None and self.accepts(part[1])


def trouble(framework: str, written: str) -> tuple[str, str] | None:
    """Problem and remedy of an id that a framework does not have; None where nothing is known."""
    found = FRAMEWORKS.get(framework)
    if found is None or found.accepts(written):
        return None
    near = nearest(written, found.known)
    ends = _RANGE.fullmatch(written) if found.articles else None
    if ends and {ends[1], ends[2]} <= found.known:
        near = "-".join(sorted(set(ends.groups()), key=int))
    more = f", or more of it as in {found.written_as}" if found.written_as else ""
    return f"“{written}” is no id of {found.name}", f"write {near} if that is meant{more}"


def nearest(written: str, known: Iterable[str]) -> str:
    """The known id whose first numbers and letters are least away: A.5.37 for A.5.38 or A5.40."""
    wanted = _tokens(written)
    return min(sorted(known, key=_tokens_in_order), key=lambda one: _distance(wanted, _tokens(one)))


def _tokens(written: str) -> list[int | str]:
    found = re.findall(r"[0-9]{1,6}|[a-z]+", written.lower())
    return [int(one) if one.isdecimal() else one for one in found if one not in _WORDS_BEFORE]


def _tokens_in_order(written: str) -> list[tuple[int, str]]:
    return [(one, "") if isinstance(one, int) else (0, one) for one in _tokens(written)]


def _distance(wanted: list[int | str], known: list[int | str]) -> list[int]:
    return [_apart(one, other) for one, other in zip_longest(wanted, known)]


def _apart(one: int | str | None, other: int | str | None) -> int:
    if isinstance(one, int) and isinstance(other, int):
        return min(abs(one - other), _APART - 1)
    if isinstance(one, str) and isinstance(other, str):
        if len(one) != len(other):
            return _APART + 1  # a word is no letter: sooner none than one
        return min(sum(abs(ord(a) - ord(b)) for a, b in zip(one, other, strict=True)), _APART - 1)
    return _APART


def _iso() -> Iterator[str]:
    for theme, last in ISO_CONTROLS.items():
        yield from (f"{theme}.{number}" for number in range(1, last + 1))
    yield from (f"cl. {number}" for number in ISO_CLAUSES.split())


def _gdpr() -> Iterator[str]:
    for article, paragraphs in enumerate(GDPR_PARAGRAPHS.split(), start=1):
        yield f"{article}"
        yield from (f"{article}({number})" for number in range(1, int(paragraphs) + 1))
    for points in GDPR_POINTS.split():
        yield from _points(points[:-1], points[-1])


def _points(paragraph: str, last: str) -> Iterator[str]:
    yield from (f"{paragraph}({letter})" for letter in _LETTERS[: _LETTERS.index(last) + 1])


def _csf() -> Iterator[str]:
    for category, numbers in CSF_CATEGORIES.items():
        yield category[:2]
        yield category
        yield from (f"{category}-{number:02}" for number in numbers)


def _nis2() -> Iterator[str]:
    yield from (f"{article}" for article in range(1, NIS2_ARTICLES + 1))
    yield "21(2)"
    yield from _points("21(2)", "j")


def _nis2_annex() -> Iterator[str]:
    yield from (f"{section}" for section in range(1, 14))


def _dora() -> Iterator[str]:
    yield from (f"{article}" for article in range(1, DORA_ARTICLES + 1))


def _mvsp() -> Iterator[str]:
    for group, last in MVSP_CONTROLS.items():
        yield from (f"{group}.{number}" for number in range(1, last + 1))


FRAMEWORKS: Mapping[str, Framework] = {
    "iso27001": Framework("ISO/IEC 27001:2022", frozenset(_iso())),
    "gdpr": Framework("the GDPR", frozenset(_gdpr()), articles=True),
    "nis2": Framework("NIS2", frozenset(_nis2()), _ARTICLE, True, "23(4)(a)"),
    "nis2_ir": Framework(
        "the annex of (EU) 2024/2690", frozenset(_nis2_annex()), _ANNEX, written_as="5.1.4.h"
    ),
    "dora": Framework("DORA", frozenset(_dora()), _ARTICLE, True, "30(3)(f)(ii)"),
    "mvsp": Framework("MVSP 3.0", frozenset(_mvsp())),
    "csf": Framework("CSF 2.0", frozenset(_csf())),
}
"""Those whose ids are held; any words will do for the rest."""
