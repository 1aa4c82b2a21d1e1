"""From a questionnaire file's text to a release; all that is wrong comes out as one Faulty."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from riskapp.catalogue import model, scalars, specs, translation, when
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.lines import Document, read
from riskapp.catalogue.model import Contents, Release
from riskapp.catalogue.scalars import Frozen
from riskapp.catalogue.translation import Translation

_LONGEST_SHOWN = 60

_PHRASES = {
    "missing": ("is missing", "add it"),
    "too_short": ("has too few entries", "give at least {min_length}"),
    "too_long": ("has too many entries", "give at most {max_length}"),
    "string_too_short": ("says nothing", "write words, or leave it out"),
    "string_too_long": ("", "use at most {max_length} characters"),
    "string_pattern_mismatch": ("", "write it like {like}"),
    "string_type": ("", "write words"),
    "tuple_type": ("", "write a list, each entry behind a -"),
    "mapping_type": ("", "write keys with values"),
    "dict_type": ("", "write keys with values"),
    "model_type": ("", "write keys with values"),
    "greater_than_equal": ("", "write at least {ge}"),
    "less_than_equal": ("", "write at most {le}"),
}
"""Problem and remedy by pydantic's kind of error; without a problem the value itself is shown."""

_KEYS = sorted(
    {
        info.alias or name
        for module in (model, specs, translation, when)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, scalars.Frozen)
        for name, info in kind.model_fields.items()
    }
    - {"source", "where"}
)


def parse(text: str, where: str) -> Release:
    """The release in a file's text; `where` names the file in faults. Raises Faulty.

    Only the form is checked here; `check.check` says whether a release makes sense.
    """
    return from_document(read(text, where), text)


def from_document(document: Document, text: str) -> Release:
    """As `parse`, of a text that was read before."""
    contents = _validated(Contents, document)
    fields = {name: getattr(contents, name) for name in Contents.model_fields}
    return Release(**fields, source=text, where=document.where)


def parse_translation(text: str, where: str) -> tuple[Translation, Document]:
    """The translation in a file's text, and the lines it stands on. Raises Faulty."""
    document = read(text, where)
    return _validated(Translation, document), document


Model = TypeVar("Model", bound=Frozen)


def _validated(model: type[Model], document: Document) -> Model:
    try:
        return model.model_validate(document.root.plain())
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults = [_fault(document, one) for one in details if not _follows(one, details)]
        raise Faulty(sorted(faults)) from error


def _follows(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a list is only too short because entries in it are faulty themselves."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in details
    )


def _fault(document: Document, detail: ErrorDetails) -> Fault:
    path = [step for step in detail["loc"] if not str(step).startswith(("(", "[key]"))]
    problem, remedy = _problem(detail)
    return document.fault(path, problem, remedy)


def _problem(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what to do, in the words of the format rather than of pydantic."""
    kind, context = detail["type"], detail.get("ctx", {})
    context = {**context, "like": scalars.LIKE.get(context.get("pattern", ""), "the examples")}
    if kind == scalars.REFUSED:
        return context["problem"], context["remedy"]
    if kind in {"condition", "answer_type"}:
        problem, _, remedy = detail["msg"].partition("; ")
        return problem, remedy
    if kind == "extra_forbidden":
        return "is no key of the format here", _remedy(str(detail["loc"][-1]))
    if kind in _PHRASES:
        problem, remedy = _PHRASES[kind]
        return problem or f"is {_shown(detail['input'])}", remedy.format_map(context)
    return f"is {_shown(detail['input'])}", detail["msg"][:1].lower() + detail["msg"][1:]


def _remedy(key: str) -> str:
    if key in _KEYS:
        return "move it to the part of the question where it belongs"
    near = get_close_matches(key, _KEYS, n=1)
    return f"write {near[0]}" if near else "take it out"


def _shown(written: object) -> str:
    if isinstance(written, str):
        short = written if len(written) <= _LONGEST_SHOWN else f"{written[:_LONGEST_SHOWN]}…"
        return f"“{short}”"
    return "a mapping" if isinstance(written, dict) else "a list"
