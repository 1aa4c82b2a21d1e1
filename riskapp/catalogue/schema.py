"""JSON Schemas with which editors complete and check questionnaire files while they are typed.

They are made of the models, and of the tables of docs/questionnaires.md for what each key means.
`python -m riskapp.catalogue.schema` writes them beside it. They hold the form alone; what a file
means is held by `questionnaires check`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from riskapp.catalogue import model, specs, translation, when
from riskapp.catalogue.scalars import Frozen

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = "questionnaires.md"
FILES: Mapping[str, type[Frozen]] = {
    "questionnaire.schema.json": model.Contents,
    "translation.schema.json": translation.Translation,
}

DESCRIBED: Mapping[str, type[Frozen]] = {
    "a release": model.Contents,
    "a domain": model.Domain,
    "a section": model.Section,
    "a question": model.Question,
    "yes_no": specs.YesNo,
    "yes_partly_no": specs.YesPartlyNo,
    "choice": specs.Choice,
    "multiple": specs.Multiple,
    "maturity": specs.Maturity,
    "number": specs.Number,
    "date": specs.Date,
    "text": specs.Text,
    "countries": specs.Countries,
    "table": specs.Table,
    "an option": specs.Option,
    "a band": specs.Band,
    "a column": specs.Column,
    "a knock-out": model.Knockout,
    "a test of a fact": when.FactTest,
    "a test of an answer": when.QuestionTest,
    "all": when.All,
    "any": when.Any,
    "transfers": model.Transfers,
    "a factor": model.Factor,
    "a floor": model.Floor,
    "a finding": model.SuggestedFinding,
    "a translation": translation.Translation,
    "a translated section": translation.SectionWords,
    "a translated question": translation.QuestionWords,
    "a translated column": translation.ColumnWords,
}
"""The models, by the names under which the guide describes their keys."""

_HEAD = re.compile(r"\| key of `?([a-z_ -]+?)`? \|")
_ROW = re.compile(r"\| `([a-z_]+)` \| (?:.*) \| (?:.*) \| (.*) \|")
_LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")


class _AsEditorsSee(GenerateJsonSchema):
    """Editors see numbers and truths where riskapp sees their text; both may stand in quotes.

    A key has a value or is left out: nothing may be null.
    """

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return {**super().int_schema(schema), "type": ["integer", "string"], **_text("-?[0-9]+")}

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        del schema
        return {"enum": [True, False, "true", "false"]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        allowed = schema["expected"]
        texts = [f"{one}" for one in allowed if not isinstance(one, str)]
        return {"enum": [*allowed, *texts]} if len(allowed) > 1 else {"const": allowed[0]}


def _text(pattern: str) -> dict[str, str]:
    return {"pattern": f"^{pattern}$"}


def schema(kind: type[Frozen], meanings: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The schema of a kind of file; `meanings` are those of `read_meanings`."""
    made = kind.model_json_schema(schema_generator=_AsEditorsSee)
    parts = {kind.__name__: made, **made.get("$defs", {})}
    for name, part in parts.items():
        part.pop("description", None)
        part.pop("title", None)
        for key, value in part["properties"].items():
            part["properties"][key] = _property(value, meanings.get(name, {}).get(key))
    return {"$schema": GenerateJsonSchema.schema_dialect, **made}


def _property(value: Mapping[str, Any], meaning: str | None) -> dict[str, Any]:
    renamed = {"ge": "minimum", "le": "maximum"}
    kept = {
        renamed.get(key, key): one
        for key, one in value.items()
        if key != "title" and not (key == "default" and one in (None, [], {}))
    }
    if "patternProperties" in kept:  # an id of another form is as wrong as an unknown key
        kept["additionalProperties"] = False
    return kept if meaning is None else {"description": meaning, **kept}


def read_meanings(guide: str) -> Mapping[str, Mapping[str, str]]:
    """What the guide's tables say that each key means, by the name of its model."""
    found: dict[str, dict[str, str]] = {}
    for name, key, meaning in _rows(guide):
        found.setdefault(DESCRIBED[name].__name__, {})[key] = _LINK.sub(r"\1", meaning)
    return found


def _rows(guide: str) -> Iterator[tuple[str, str, str]]:
    name: str | None = None
    for line in guide.splitlines():
        head, row = _HEAD.match(line), _ROW.fullmatch(line)
        if head is not None:
            name = head[1]
        elif not line.startswith("|"):
            name = None
        elif name is not None and row is not None:
            yield name, row[1], row[2]


def files(docs: Path = DOCS) -> dict[str, str]:
    """The text of each schema by the name of its file."""
    meanings = read_meanings((docs / GUIDE).read_text(encoding="utf-8"))
    return {
        name: json.dumps(schema(kind, meanings), indent=2, ensure_ascii=False) + "\n"
        for name, kind in FILES.items()
    }


if __name__ == "__main__":
    for name, text in files().items():
        (DOCS / name).write_text(text, encoding="utf-8")
