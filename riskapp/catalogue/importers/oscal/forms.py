"""The three forms of OSCAL as the same plain values: JSON, YAML and XML."""

import json
from collections.abc import Mapping
from typing import Any

from riskapp.catalogue.importers import yaml_tree
from riskapp.catalogue.importers.common import NotImportable, Progress
from riskapp.catalogue.importers.oscal import xml as oscal_xml
from riskapp.catalogue.importers.trees import DEEPEST, MOST_VALUES

_OTHERS = {
    "profile": "a profile: resolve it to a catalog and import that",
    "system-security-plan": "a system security plan",
    "component-definition": "a component definition",
    "assessment-plan": "an assessment plan",
    "assessment-results": "assessment results",
    "plan-of-action-and-milestones": "a plan of action",
    "mapping-collection": "a mapping",
}


def catalog(text: str, progress: Progress | None = None) -> Mapping[str, Any]:
    """The catalog in a text. Raises NotImportable."""
    document = _document(text, progress)
    _measured(document)
    found = document.get("catalog") if isinstance(document, dict) else None
    if isinstance(found, dict):
        return found
    if isinstance(document, dict):
        for key, what in _OTHERS.items():
            if key in document:
                raise NotImportable(f"The file is OSCAL, but {what}", "choose an OSCAL catalog")
        if "$schema" in document or "$id" in document:
            problem = "The file is a JSON schema, which describes OSCAL"
            raise NotImportable(problem, "choose an OSCAL catalog")
    raise NotImportable("The file is no OSCAL catalog", "choose a file with “catalog” at its top")


def _document(text: str, progress: Progress | None) -> Any:  # noqa: ANN401 - nested plain values
    start = text.lstrip()[:1]
    if start == "<":
        return oscal_xml.read(text)
    if start in {"{", "["}:
        return _json(text)
    return yaml_tree.read(text, progress).plain()


def _json(text: str) -> Any:  # noqa: ANN401 - nested plain values
    try:
        return json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            strict=False,
        )
    except RecursionError as error:
        raise NotImportable("The JSON is nested too deeply", "import a plainer file") from error
    except ValueError as error:
        problem = f"The file is no JSON: {_in_words(error)}"
        raise NotImportable(problem, "correct it, or get the whole file again") from error


def _in_words(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return str(error)[:200]


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        problem = f"The JSON says “{twice[:60]}” twice in the same place"
        raise NotImportable(problem, "keep one of the two")
    return found


def _measured(document: Any) -> None:  # noqa: ANN401 - nested plain values
    """Raises NotImportable where there are too many values, or too deep ones."""
    level, count = [document], 0
    for _ in range(DEEPEST):
        count += len(level)
        if count > MOST_VALUES:
            problem = f"The file has more than {MOST_VALUES:,} values"
            raise NotImportable(problem, "split it and import the parts")
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise NotImportable(
        f"The file is nested more than {DEEPEST} levels deep", "import a plainer file"
    )


def _children(value: Any) -> Any:  # noqa: ANN401 - nested plain values
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def text_of(value: Mapping[str, Any], key: str) -> str:
    """A text under a key; nothing where there is none."""
    said = value.get(key)
    if isinstance(said, bool):
        return str(said).lower()
    return said if isinstance(said, str) else ""


def entries(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The mappings in a list under a key; a single one counts as a list of one."""
    found = value.get(key)
    if isinstance(found, dict):
        return [found]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def texts_of(value: Mapping[str, Any], key: str) -> list[str]:
    """The texts in a list under a key, or the one text."""
    found = value.get(key)
    if isinstance(found, str):
        return [found]
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def prop(value: Mapping[str, Any], *names: str) -> str:
    """The value of the first property with one of these names; one without a class comes first."""
    found = [one for one in entries(value, "props") if text_of(one, "name").lower() in names]
    plain = [one for one in found if not text_of(one, "class")]
    return text_of((plain or found)[0], "value") if found else ""
