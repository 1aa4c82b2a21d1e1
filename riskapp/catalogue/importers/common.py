"""What every importer takes and gives: a foreign file in, a questionnaire file and a report out."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from riskapp.core.errors import Refusal

MOST_BYTES = 20 * 1024 * 1024
"""The largest file that is imported. Questionnaires are words: thousands of questions take less."""

MOST_QUESTIONS = 5_000

Progress = Callable[[int, int], None]
"""Told how many of how many were worked through."""


class NotImportable(Refusal):
    """A file that cannot be read as what it was said to be; nothing was made of it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Note:
    """One thing in a foreign file that was not taken over as it stood, and what was done instead.

    `where` is what people find it by in their file: "line 40", "sheet CAIQ, row 12".
    """

    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Naming:
    """What the imported questionnaire is called: `prefix` are three capitals for its questions."""

    id: str
    prefix: str
    release: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """A questionnaire file in riskapp's format, and everything that was not taken over as it is."""

    text: str
    questions: int
    notes: Sequence[Note]


def question_ids(prefix: str, count: int) -> list[str]:
    """ABC-01, ABC-02, …: as many digits as the last one needs, two at least."""
    digits = max(2, len(str(count)))
    return [f"{prefix}-{number:0{digits}}" for number in range(1, count + 1)]


def write(contents: dict[str, Any]) -> str:
    """A questionnaire file with these contents: nested dicts, lists, words and numbers.

    Words are quoted wherever YAML would read them as something else; keys of value None are left
    out. The result is read back to the same words, but for white space and halves of characters.
    Written without a YAML library, which takes seconds where there are thousands of questions.
    """
    return "".join(f"{line}\n" for line in _mapping(contents, ""))


_LONG = 70
_WIDTH = 100
_KEY = re.compile(r"(?!(?:null|true|false|yes|no|on|off|y|n)$)[a-z_][a-z0-9_-]*")
_SPECIAL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_HALF = re.compile(r"[\ud800-\udfff]")


def _mapping(contents: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in contents.items():
        if value is not None:
            name = key if _KEY.fullmatch(key) else _quoted(key)
            yield from _entry(f"{indent}{name}:", value, f"{indent}  ")


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - nested values
    if isinstance(value, dict) and value:
        yield start
        yield from _mapping(value, indent)
    elif isinstance(value, list | tuple) and value:
        yield start
        for one in value:
            yield from _listed(one, indent)
    else:
        yield from _scalar(start, value, indent)


def _listed(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - nested values
    if isinstance(value, dict) and value:
        first, *lines = _mapping(value, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from lines
    else:
        yield from _entry(f"{indent}-", value, f"{indent}  ")


def _scalar(start: str, value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - nested values
    if not isinstance(value, str):
        nothing = "{}" if isinstance(value, dict) else "[]"
        plain = nothing if isinstance(value, dict | list | tuple) else str(value).lower()
        yield f"{start} {plain}"
        return
    text = " ".join(value.split())
    if len(text) <= _LONG or _SPECIAL.search(text) or _HALF.search(text):
        yield f"{start} {_quoted(text)}"
        return
    yield f"{start} >-"
    width = max(_WIDTH - len(indent), _LONG // 2)
    for line in wrap(text, width, break_long_words=False, break_on_hyphens=False):
        yield f"{indent}{line}"


def _quoted(text: str) -> str:
    escaped = _HALF.sub("\ufffd", text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _SPECIAL.sub(lambda found: "\\u" + f"{ord(found[0]):04x}", escaped) + '"'
