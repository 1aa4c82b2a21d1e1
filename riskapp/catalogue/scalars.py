"""How single values are written in a questionnaire file: words, whole numbers, credits, days.

Every value arrives as the text that was written and is read exactly, never through a float. Each
reader refuses with a problem and a remedy, which `load` puts behind file, line and path.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

REFUSED = "questionnaire"
"""The pydantic error type of `refusal`; its context holds `problem` and `remedy`."""

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?|\.[0-9]{1,6}|[0-9]{1,4}/[1-9][0-9]{0,3}")


def refusal(problem: str, remedy: str) -> PydanticCustomError:
    """What a validator of a model raises: "is 4", "write 5, 3 or 1"."""
    context = {"problem": problem, "remedy": remedy}
    return PydanticCustomError(REFUSED, "{problem}; {remedy}", context)


class Frozen(BaseModel):
    """The parent of everything read from a questionnaire: unchangeable, and no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _whole(written: object) -> object:
    if isinstance(written, str):
        if not _WHOLE.fullmatch(written):
            raise refusal(f"is “{written}”", "write a whole number")
        return int(written)
    return written


def is_decimal(written: str) -> bool:
    """Whether this is written as a number of the format: 24, 0.5."""
    return _DECIMAL.fullmatch(written) is not None


def _decimal(written: object) -> object:
    if isinstance(written, str):
        if not is_decimal(written):
            raise refusal(f"is “{written}”", "write a number such as 24 or 0.5")
        return Decimal(written)
    return written


def _truth(written: object) -> object:
    if isinstance(written, str):
        if written not in {"true", "false"}:
            raise refusal(f"is “{written}”", "write true or false")
        return written == "true"
    return written


def _share(written: object) -> object:
    if isinstance(written, str):
        if not _SHARE.fullmatch(written):
            raise refusal(f"is “{written}”", "write it as 1, 0, 0.75 or 3/4")
        written = Fraction(written)
    if isinstance(written, Fraction) and not 0 <= written <= 1:
        raise refusal(f"is {written}", "write a value from 0 to 1")
    return written


def _day(written: object) -> object:
    if isinstance(written, str):
        try:
            return date.fromisoformat(written)
        except ValueError as error:
            raise refusal(f"is “{written}”", "write the day as 2026-03-31") from error
    return written


def _one_or_more(written: object) -> object:
    return [written] if isinstance(written, str) else written


def one_of(*allowed: Any) -> BeforeValidator:  # noqa: ANN401 - any literal
    """Takes only these values, whole numbers or words, and names them when it refuses."""

    def check(written: object) -> object:
        numbers = all(isinstance(value, int) for value in allowed)
        value = _whole(written) if numbers else written
        if value not in allowed:
            words = ", ".join(str(one) for one in allowed[:-1])
            raise refusal(f"is “{written}”", f"write {words} or {allowed[-1]}")
        return value

    return BeforeValidator(check)


def editors_see(*forms: Mapping[str, Any]) -> WithJsonSchema:
    """The forms in which a value may stand in a file, for the JSON Schema that editors use."""
    return WithJsonSchema({"anyOf": [dict(form) for form in forms]})


def _text(pattern: re.Pattern[str]) -> Mapping[str, Any]:
    return {"type": "string", "pattern": f"^({pattern.pattern})$"}


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
SLUG = r"^[a-z0-9](-?[a-z0-9])*$"
QUESTION_ID = r"^[A-Z]{3}-[0-9]{2,4}$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$"
COLUMN_ID = r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"
RELEASE = r"^[0-9]{4}\.[0-9]{1,4}$"
LIKE: Mapping[str, str] = {
    SLUG: "access-control, in small letters and digits joined by hyphens",
    QUESTION_ID: "ISM-01, three capitals and two to four digits",
    LANGUAGE: "de or pt-BR",
    COLUMN_ID: "country or last_review, beginning with a small letter",
    RELEASE: "2026.1, a year and a number within it",
}
"""How what follows each pattern is written, for who wrote it otherwise."""

Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=60)]
"""An id chosen by the author of a file: lower-case words joined by hyphens."""

QuestionId = Annotated[str, StringConstraints(pattern=QUESTION_ID)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
"""A language as pages name it: en, de, pt-BR."""

ColumnId = Annotated[str, StringConstraints(pattern=COLUMN_ID, max_length=40)]
Whole = Annotated[int, BeforeValidator(_whole)]
Quantity = Annotated[
    Decimal, BeforeValidator(_decimal), editors_see({"type": "number"}, _text(_DECIMAL))
]
Truth = Annotated[bool, BeforeValidator(_truth)]
SHARE_FORMS = ({"type": "number", "minimum": 0, "maximum": 1}, _text(_SHARE))
Share = Annotated[Fraction, BeforeValidator(_share), editors_see(*SHARE_FORMS)]
"""From 0 to 1, exact: a credit, an intake value, a weight of a factor."""

Day = Annotated[date, BeforeValidator(_day), editors_see(_text(_DAY))]
ONE = {"type": ["string", "number"], "minLength": 1}
"""How editors see one value that is compared: 2 and `low` alike."""

OneOrMore = Annotated[
    tuple[Words, ...],
    BeforeValidator(_one_or_more),
    editors_see(ONE, {"type": "array", "minItems": 1, "items": ONE}),
]
"""A word or a list of words."""
