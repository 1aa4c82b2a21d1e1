"""Writes small releases for tests. JSON is YAML, and with an indent every value has its line."""

import json
from typing import Any

from riskapp.catalogue.check import check
from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.parsing import parse

Json = dict[str, Any]

YES_NO: Json = {"type": "yes_no"}
PARTLY: Json = {"type": "yes_partly_no"}
MATURITY: Json = {"type": "maturity", "levels": ["None", "Some", "Written", "Measured", "Best"]}
TEXT: Json = {"type": "text", "max_length": 20}
DATE: Json = {"type": "date", "after": "2020-01-01", "before": "2030-12-31"}
COUNTRIES: Json = {"type": "countries", "min": 1}
MULTIPLE: Json = {
    "type": "multiple",
    "options": [{"id": name, "text": name.title()} for name in ("logs", "alerts", "drills")],
}


def choice(**worths: float) -> Json:
    """A choice whose options are worth these credits."""
    options = [
        {"id": name, "text": f"It is {name}", "credit": worth} for name, worth in worths.items()
    ]
    return {"type": "choice", "options": options}


def plain_choice(*names: str) -> Json:
    return {"type": "choice", "options": [{"id": name, "text": name} for name in names]}


def number(*bands: Json, **more: Any) -> Json:
    return {"type": "number", "bands": list(bands), **more}


def table(*columns: Json, **more: Any) -> Json:
    return {"type": "table", "columns": list(columns), **more}


def column(name: str, kind: str = "text", **more: Any) -> Json:
    return {"id": name, "title": name.title(), "type": kind, **more}


REGISTER: Json = table(
    column("country", "country"),
    column(
        "safeguard",
        "choice",
        options=[{"id": name, "text": name.upper()} for name in ("scc", "bcr", "none")],
    ),
    column("note", required=False),
)


def question(name: str = "TST-01", answer: Json | None = None, **more: Any) -> Json:
    """A scored question unless `weight` is None; keys set to None are left out."""
    written: Json = {
        "id": name,
        "domain": "access",
        "text": "Is it so?",
        "why": "It matters.",
        "answer": YES_NO if answer is None else answer,
        "weight": 3,
        **more,
    }
    if written["weight"] is None:
        written["domain"] = more.get("domain")
    return {key: value for key, value in written.items() if value is not None}


def release(*questions: Json, **more: Any) -> Json:
    return {
        "id": "small",
        "release": "2026.1",
        "title": "Small",
        "summary": "A small release.",
        "audience": "vendor",
        "licence": "Written for a test.",
        "domains": {"access": {"weight": 2, "title": "Access"}},
        "sections": [{"id": "only", "title": "Only", "questions": list(questions)}],
        **more,
    }


def written(content: Json) -> str:
    return json.dumps(content, indent=1)


def parsed(*questions: Json, **more: Any) -> Release:
    return parse(written(release(*questions, **more)), "small/2026.1.yaml")


def asking(answer: Json, **more: Any) -> Question:
    """One question with this answer, out of a release."""
    extra: Json = {} if more.get("weight", 3) else {"domains": {}}
    return parsed(question("TST-01", answer, **more), **extra).questions["TST-01"]


def found(*questions: Json, **more: Any) -> list[str]:
    """What the check says of a release with these questions, without file and line."""
    return [f"{fault.path}: {fault.problem}" for fault in check(parsed(*questions, **more))]


SMALL = """\
id: small
release: "2026.1"
title: Small
summary: A small release.
audience: vendor
licence: Written for a test.
domains:
  access: {weight: 2, title: Access}
sections:
  - id: only
    title: Only
    questions:
      - id: TST-01
        domain: access
        text: Is it so?
        why: It matters.
        answer:
          type: choice
          options:
            - {id: yes, text: It is, credit: 1}
            - {id: nearly, text: Nearly, credit: 0.1}
            - {id: no, text: It is not, credit: 0}
        weight: 5
        knockout: {level: high, below: at-0}
        mappings: {iso27001: [A.5.1]}
"""
