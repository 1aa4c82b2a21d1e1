"""The JSON Schemas for editors are what the models say, and take what riskapp takes."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from riskapp.catalogue.errors import Faulty
from riskapp.catalogue.folder import FOLDER, files_in, is_translation
from riskapp.catalogue.parsing import parse, parse_translation
from riskapp.catalogue.schema import DOCS, FILES, files
from tests.catalogue import writing
from tests.catalogue.writing import Json, choice, question, written

QUESTIONNAIRE, TRANSLATION = FILES

SHIPPED = sorted(files_in(FOLDER))


def schema(name: str) -> Json:
    found: Json = json.loads((DOCS / name).read_text(encoding="utf-8"))
    return found


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name))


def as_editors_see(text: str) -> Any:
    """YAML 1.2 with its numbers and truths, which riskapp reads as text."""
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("name", FILES)
def test_the_schemas_in_docs_are_those_of_the_models(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == files()[name], "run make schema"


@pytest.mark.parametrize("name", FILES)
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_explained(name: str) -> None:
    whole = schema(name)
    parts = {name: whole, **whole["$defs"]}
    silent = [
        f"{part}.{key}"
        for part, one in parts.items()
        for key, value in one["properties"].items()
        if not value.get("description")
    ]

    assert silent == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_file_fits(path: Path) -> None:
    name = TRANSLATION if is_translation(path) else QUESTIONNAIRE
    errors = validator(name).iter_errors(as_editors_see(path.read_text(encoding="utf-8")))

    assert [f"{error.json_path}: {error.message}" for error in errors] == []


EVERY_KIND = writing.release(
    question("TST-01", writing.YES_NO, weight=None, gate=True),
    question("TST-02", writing.PARTLY, asked_when={"question": "TST-01", "is": "yes"}),
    question("TST-03", choice(good=1, bad=0), knockout={"level": "high", "below": "at-0"}),
    question("TST-04", writing.MULTIPLE, applies_when={"fact": "services", "includes": ["soc"]}),
    question("TST-05", writing.MATURITY, same_as="OTH-01"),
    question("TST-06", writing.number({"at_most": 4.5, "credit": "1/2"}, {"else": 0}, decimals=1)),
    question("TST-07", writing.DATE, weight=None),
    question("TST-08", writing.TEXT, weight=None, required=False),
    question(
        "TST-09",
        writing.REGISTER,
        transfers={"country": "country", "safeguard": "safeguard"},
    ),
    question("TST-10", writing.COUNTRIES, transfers_via="TST-09"),
    question(
        "TST-11",
        asked_when={"all": [{"any": [{"question": "TST-05", "at_least": 2}]}]},
        findings=[{"answers": "no", "severity": "high", "text": "It is not so."}],
        mappings={"mvsp": ["1.10"]},
    ),
)


def test_every_kind_of_answer_fits() -> None:
    parse(written(EVERY_KIND), "x")

    assert list(validator(QUESTIONNAIRE).iter_errors(EVERY_KIND)) == []


QUOTED = [("weight: 5", 'weight: "5"'), ("credit: 1}", 'credit: "1"}'), ("0.1}", ".1}")]
QUOTED += [("weight: 2,", "weight: '2',"), ("below: at-0", "below: 0.75"), ("at-0", '"1/2"')]
QUOTED += [("weight: 5", "weight: 5\n        required: " + true) for true in ("true", '"false"')]


@pytest.mark.parametrize(("old", "new"), QUOTED)
def test_values_fit_with_quotes_and_without(old: str, new: str) -> None:
    text = writing.SMALL.replace(old, new)
    assert text != writing.SMALL
    parse(text, "x")

    assert list(validator(QUESTIONNAIRE).iter_errors(as_editors_see(text))) == []


def first(content: Json) -> Json:
    found: Json = content["sections"][0]["questions"][0]
    return found


WRONG: dict[str, Callable[[Json], Any]] = {
    "no id": lambda one: one.pop("id"),
    "a key that is none": lambda one: one.update(licens="x"),
    "a title that is a list": lambda one: one.update(title=["x"]),
    "an empty title": lambda one: one.update(title=""),
    "an id with capitals": lambda one: one.update(id="Small"),
    "a release that is a word": lambda one: one.update(release="first"),
    "an audience that is none": lambda one: one.update(audience="everybody"),
    "no sections": lambda one: one.update(sections=[]),
    "a domain of weight 4": lambda one: one["domains"]["access"].update(weight=4),
    "a domain without weight": lambda one: one["domains"]["access"].pop("weight"),
    "a domain with a strange id": lambda one: one["domains"].update(
        {"A B": {"weight": 1, "title": "x"}}
    ),
    "a question id of another form": lambda one: first(one).update(id="tst-1"),
    "a question without why": lambda one: first(one).pop("why"),
    "a weight of 4": lambda one: first(one).update(weight=4),
    "a weight that is a word": lambda one: first(one).update(weight="much"),
    "an answer of no kind": lambda one: first(one).update(answer={"type": "choose"}),
    "an answer with a key of another kind": lambda one: first(one).update(
        answer={"type": "yes_no", "unit": "hours"}
    ),
    "four levels": lambda one: first(one).update(
        answer={"type": "maturity", "levels": ["a", "b", "c", "d"]}
    ),
    "one option": lambda one: first(one).update(answer=writing.plain_choice("a")),
    "a credit above 1": lambda one: first(one).update(answer=choice(good=1.5, bad=0)),
    "a credit in percent": lambda one: first(one)["answer"].update(
        options=[{"id": "a", "text": "A", "credit": "50%"}, {"id": "b", "text": "B"}]
    ),
    "too many decimals": lambda one: first(one).update(answer=writing.number(decimals=7)),
    "a day that is none": lambda one: first(one).update(
        answer={"type": "date", "after": "31.3.2026"}
    ),
    "a gate that may be": lambda one: first(one).update(gate="maybe"),
    "a condition that begins with if": lambda one: first(one).update(applies_when={"if": "x"}),
    "a test that compares twice": lambda one: first(one).update(
        applies_when={"fact": "inherent", "is": "low", "at_least": "high"}
    ),
    "a test that compares with nothing": lambda one: first(one).update(
        applies_when={"fact": "inherent"}
    ),
    "a knock-out of no level": lambda one: first(one).update(knockout={"level": "low"}),
    "a null": lambda one: first(one).update(evidence=None),
    "mappings that are a word": lambda one: first(one).update(mappings={"gdpr": "33"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_fits_neither_the_schema_nor_riskapp(name: str) -> None:
    content = copy.deepcopy(EVERY_KIND)
    WRONG[name](content)

    assert list(validator(QUESTIONNAIRE).iter_errors(content)), name
    with pytest.raises(Faulty):
        parse(written(content), "x")


WRONG_IN_MEANING: dict[str, Json] = {
    "a text that asks nothing": {"text": "It is so."},
    "a framework that is none": {"mappings": {"iso": ["A.5.1"]}},
    "a fact that is none": {"applies_when": {"fact": "colour", "is": "red"}},
}


@pytest.mark.parametrize("name", WRONG_IN_MEANING)
def test_the_schema_knows_some_of_what_the_check_finds(name: str) -> None:
    content = copy.deepcopy(EVERY_KIND)
    first(content).update(WRONG_IN_MEANING[name])

    assert list(validator(QUESTIONNAIRE).iter_errors(content)), name


GERMAN: Json = {
    "id": "small",
    "release": "2026.1",
    "language": "de",
    "title": "Klein",
    "summary": "Ein kleiner Fragebogen.",
    "licence": "Für einen Test geschrieben.",
    "domains": {"access": "Zugang"},
    "sections": {"only": {"title": "Einzige"}},
    "questions": {"TST-01": {"text": "Ist es so?", "why": "Es ist wichtig."}},
}

WRONG_TRANSLATIONS: dict[str, Json] = {
    "no language": {"language": None},
    "a language that is none": {"language": "German"},
    "a section without title": {"sections": {"only": {}}},
    "a credit": {"questions": {"TST-01": {"text": "Ist es so?", "why": "Ja.", "credit": 1}}},
    "a question id of another form": {"questions": {"tst": {"text": "So?", "why": "Ja."}}},
    "six levels": {"questions": {"TST-01": {"text": "So?", "why": "Ja.", "levels": ["a"] * 6}}},
}


def test_a_translation_fits() -> None:
    parse_translation(written(GERMAN), "x")

    assert list(validator(TRANSLATION).iter_errors(GERMAN)) == []


@pytest.mark.parametrize("name", WRONG_TRANSLATIONS)
def test_a_wrong_translation_fits_neither_the_schema_nor_riskapp(name: str) -> None:
    wrong = {**GERMAN, **WRONG_TRANSLATIONS[name]}
    content = {key: value for key, value in wrong.items() if value is not None}

    assert list(validator(TRANSLATION).iter_errors(content)), name
    with pytest.raises(Faulty):
        parse_translation(written(content), "x")
