"""Documents of small assessments, written as packs hold them, and OSCAL's schemas read strictly."""

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from riskapp.packs.documents import Documents
from riskapp.packs.oscal.writing import assessment_results, poam
from tests.requirements import missing

SCHEMAS = Path(__file__).resolve().parents[3] / "shared/data/oscal"
RESULTS, POAM = "assessment-results", "plan-of-action-and-milestones"
FILES = {RESULTS: "oscal_assessment-results_schema.json", POAM: "oscal_poam_schema.json"}
Json = Any

# What a pack says, cut down: one questionnaire, as many questions as a test needs.

AT = "2026-11-26T09:00:00+00:00"
OSKAR, OLGA = "b" * 32, "c" * 32
CONSTANTS = {"bounds": {"medium": "15", "high": "35", "critical": "60"}}


def answer(**changes: Json) -> Json:
    return {
        "revision": 1,
        "value": "yes",
        "words": "Yes",
        "na_reason": None,
        "comment": "",
        "redacted": None,
        "saved_at": "2026-11-23T09:00:00+00:00",
        "standing": "open",
        "na_approved_by": [],
        "na_refused": False,
        "confirmed": False,
        "compensating": None,
        **changes,
    }


def away(reason: str = "We have none.", **changes: Json) -> Json:
    return answer(value=None, words="Does not apply", na_reason=reason, **changes)


def file(question: str, name: str | None = "report.pdf", **changes: Json) -> Json:
    number = re.sub(r"\D", "", question) or "1"
    place = f"data/evidence/{question}/{number:0>32}/{name}"
    return {
        "question": question,
        "evidence": f"{number:0>32}",
        "version": 1,
        "name": name,
        "redacted": None,
        "file": place,
        "media_type": "application/pdf",
        "size": 30,
        "sha256": f"{number:0>64}",
        "issued_on": "2026-10-01",
        "valid_until": None,
        "level": "provided",
        "uploaded_at": "2026-11-23T09:00:00+00:00",
        "added_at": "2026-11-23T09:00:00+00:00",
        "ended_at": None,
        "submitted": True,
        "scan": "clean",
        "erased_at": None,
        "erased_because": None,
        **changes,
    }


def question(name: str, **changes: Json) -> Json:
    return {
        "id": name,
        "text": f"Is {name} in place?",
        "why": None,
        "counts": None,
        "answer_type": "yes_partly_no",
        "offered": [],
        "domain": "governance",
        "weight": 3,
        "knockout": None,
        "evidence_wanted": None,
        "gate": False,
        "required": True,
        "mappings": {},
        "redacted": None,
        "asked": True,
        "not_asked_because": None,
        "answer": answer(),
        "revisions": [],
        "evidence": [],
        **changes,
    }


def item(name: str, state: str = "answered", **changes: Json) -> Json:
    proof = {"asked": False, "level": "none", "issued_on": None, "valid_until": None}
    return {
        "id": name,
        "domain": "governance",
        "weight": 3,
        "credit": "1",
        "state": state,
        "knockout": None,
        "contribution": "0",
        **changes,
        "evidence": {**proof, **changes.get("evidence", {})},
    }


def proof(level: str, issued_on: str | None = "2026-10-01", until: str | None = None) -> Json:
    return {"asked": True, "level": level, "issued_on": issued_on, "valid_until": until}


def entry(question_id: str, action: str, **changes: Json) -> Json:
    return {
        "id": f"{question_id} {action}",
        "question": question_id,
        "evidence": None,
        "action": action,
        "note": "As discussed.",
        "redacted": None,
        "submission": 1,
        "by": OSKAR,
        "name": "Oskar",
        "at": "2026-11-24T09:00:00+00:00",
        "undone_at": None,
        **changes,
    }


def documents(
    *questions: Json,
    items: tuple[Json, ...] = (),
    entries: tuple[Json, ...] = (),
    floors: tuple[Json, ...] = (),
    **decision: Json,
) -> Documents:
    """An assessment of these questions; each counts as `items` say, in full where none does."""
    stated = {one["id"]: one for one in items}
    asked = {
        "id": "small",
        "release": "2026.1",
        "title": "Small",
        "sha256": "1" * 64,
        "file": "data/questionnaires/small-2026.1.yaml",
        "asked": [one["id"] for one in questions],
    }
    return Documents(
        about=_about(asked),
        answers={
            "questionnaires": [
                {
                    "id": "small",
                    "release": "2026.1",
                    "sections": [{"id": "all", "title": "All", "questions": list(questions)}],
                }
            ]
        },
        review={"entries": list(entries)},
        decision={
            "outcome": "approve",
            "reasons": "Sound.",
            "conditions": "",
            "by": "Olga",
            "at": AT,
            "receipt": 1,
            "receipt_sha256": "2" * 64,
            **decision,
        },
        receipt=_receipt(
            [
                stated.get(one["id"]) or item(one["id"])
                for one in questions
                if one["weight"] is not None
            ],
            floors,
        ),
        events=_events(),
        checkpoint={"origin": "bank.example/log", "size": 12, "root": "q" * 43 + "="},
    )


def _about(asked: Json) -> Json:
    return {
        "pack": {
            "format": 2,
            "recipient": "Audit House Ltd",
            "purpose": "Annual audit",
            "exported_by": {"kind": "person", "id": OSKAR, "name": "Oskar"},
            "until": None,
            "as_of": "2026-11-23T09:00:00+00:00",
            "checkpoint": {},
            "questions": {"all": 1, "left_out": 0},
            "left_out": [{"what": "E-mail addresses", "why": "They prove nothing."}],
        },
        "assessment": {
            "id": "a" * 32,
            "cycle": 1,
            "organisation": "Harbour Bank",
            "created_at": "2026-11-23T09:00:00+00:00",
        },
        "vendor": {"id": "d" * 32, "name": "Nordlicht GmbH", "country": "DE"},
        "engagement": {
            "id": "e" * 32,
            "title": "Customer portal",
            "description": "Builds and runs it.",
            "services": ["development"],
            "delivered_from": ["DE"],
        },
        "questionnaires": [asked],
        "submissions": [
            {
                "number": 1,
                "at": "2026-11-23T09:00:00+00:00",
                "by": {"name": "Vera Vogt", "role": "Security lead"},
                "sha256": "3" * 64,
                "file": "data/acknowledgements/1.json",
            }
        ],
        "receipts": [
            {
                "number": 1,
                "as_of": "2026-11-26",
                "cause": "Decision",
                "shown": "27.2",
                "tier": "medium",
                "submission": 1,
                "sha256": "2" * 64,
                "file": "data/receipts/1.json",
            }
        ],
        "people": {OSKAR: "Oskar", OLGA: "Olga"},
    }


def _receipt(items: list[Json], floors: tuple[Json, ...]) -> Json:
    return {
        "scheme": "std-1",
        "as_of": "2026-11-26",
        "constants": CONSTANTS,
        "inherent": {"score": "291/5", "tier": "high", "factors": {}},
        "items": items,
        "result": {
            "residual": "136/5",
            "score": "136/5",
            "shown": "27.2",
            "tier": "medium",
            "confidence": "high",
            "floors": list(floors),
            "blocked": False,
        },
    }


def _events() -> list[Json]:
    said = {"at": AT, "object": "a" * 32}
    opened = {"actor": {"salt": "0" * 64, "value": OLGA}}
    return [
        {"number": 1, "event": {**said, "type": "assessment:draft", "to": "draft"}, "opened": {}},
        {"number": 8, "event": {**said, "type": "decision:make"}, "opened": opened},
        {
            "number": 9,
            "event": {**said, "type": "assessment:decided", "to": "decided"},
            "opened": opened,
        },
    ]


# What OSCAL takes. Python's `re` knows no \p and lets `$` stand before a last line's end, and
# jsonschema checks no format unless told how: so patterns and formats are read here, and where
# the schema leaves room (any letter in a token), less is taken than it takes.

_ASCII = {r"\p{L}": "[A-Za-z]", r"\p{N}": "[0-9]", r"\S": "[^\\s\ufeff]"}
_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-F]{2})*")


@cache
def _pattern(written: str) -> re.Pattern[str]:
    """A schema's pattern as ECMAScript reads it."""
    for found, put in _ASCII.items():
        written = written.replace(found, put)
    written = re.sub(r"(?<!\\)\$$", r"\\Z", written)
    return re.compile(re.sub(r"(?<![\\\[])\.(?=[*+])", "[^\n\r\u2028\u2029]", written))


def _matches(_: Json, pattern: str, value: Json, __: Json) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _pattern(pattern).search(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checks("date-time", ValueError)(
        lambda value: datetime.fromisoformat(value).tzinfo is not None
    )
    for name in ("uri", "uri-reference"):
        checker.checks(name)(lambda value: _REFERENCE.fullmatch(value) is not None)
    checker.checks("email")(lambda value: value.count("@") == 1)
    return checker


@cache
def validator(kind: str) -> Draft7Validator:
    if not SCHEMAS.is_dir():
        missing("shared")
    schema = json.loads((SCHEMAS / FILES[kind]).read_text())
    strict = extend(Draft7Validator, {"pattern": _matches})  # type: ignore[no-untyped-call]
    found: Draft7Validator = strict(schema, format_checker=_formats())
    return found


def problems(document: Json) -> list[str]:
    """What the schema of its kind has against a document."""
    (kind,) = document
    return [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
        for error in validator(kind).iter_errors(document)
    ]


def both(found: Documents) -> tuple[Json, Json]:
    """The two documents of an assessment, as whoever reads the JSON gets them."""
    before = copy.deepcopy(found)
    made = assessment_results(found), poam(found)
    assert found == before, "the pack's own documents were changed"
    results, plan = json.loads(json.dumps(made))
    return results, plan


def values(document: Json, key: str) -> Iterator[Json]:
    """All that stands under a key, anywhere in a document."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == key:
                yield value
            yield from values(value, key)
    elif isinstance(document, list):
        for one in document:
            yield from values(one, key)


def references(document: Json) -> set[str]:
    """Every UUID that is referred to, by whatever kind of reference."""
    named = ("party-uuids", "member-of-organizations")
    single = ("actor-uuid", "subject-uuid", "observation-uuid", "risk-uuid", "finding-uuid")
    return {
        *(one for name in named for each in values(document, name) for one in each),
        *(one for name in single for one in values(document, name)),
        *(one[1:] for one in values(document, "href") if one.startswith("#")),
    }


def is_id(stated: Json) -> bool:
    return bool(stated["name"] == "question")


def by_question(found: list[Json]) -> dict[str, Json]:
    return {stated["value"]: one for one in found for stated in one["props"] if is_id(stated)}
