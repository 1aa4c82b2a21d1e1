"""The guide for authors says what there is: every key, kind, fact and framework, and no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from riskapp.catalogue import lock, model, specs, when
from riskapp.catalogue.check import check, check_translation
from riskapp.catalogue.folder import FOLDER, check_paths, files_in, is_translation
from riskapp.catalogue.mapping_ids import trouble
from riskapp.catalogue.parsing import parse, parse_translation
from riskapp.catalogue.scalars import Frozen
from riskapp.catalogue.schema import DESCRIBED, DOCS, FILES, GUIDE

TEXT = (DOCS / GUIDE).read_text(encoding="utf-8")
EXAMPLE, GERMAN = re.findall(r"```yaml\n(id: .*?)```", TEXT, re.DOTALL)


def rows(head: str) -> list[list[str]]:
    """The cells of the table that begins with this cell."""
    found: list[list[str]] = []
    for line in TEXT.partition(f"| {head} |")[2].splitlines()[2:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def head_of(name: str) -> str:
    return f"key of {name}" if f"| key of {name} |" in TEXT else f"key of `{name}`"


def keys(kind: type[Frozen]) -> Iterator[tuple[str, bool]]:
    """The keys of a model as they are written, and whether each has to be there."""
    for name, field in kind.model_fields.items():
        yield field.alias or name, field.is_required()


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_key_is_described_with_type_default_and_meaning(name: str) -> None:
    described = {row[0].strip("`"): row for row in rows(head_of(name))}

    assert set(described) == {key for key, _ in keys(DESCRIBED[name])}
    assert all(len(row) == 4 and all(row) for row in described.values())


@pytest.mark.parametrize("name", DESCRIBED)
def test_what_is_required_is_said_to_be(name: str) -> None:
    said = {row[0].strip("`") for row in rows(head_of(name)) if row[2] == "required"}

    assert said == {key for key, required in keys(DESCRIBED[name]) if required}


@pytest.mark.parametrize("name", DESCRIBED)
def test_plain_defaults_are_those_of_the_format(name: str) -> None:
    said = {row[0].strip("`"): row[2].strip("`") for row in rows(head_of(name))}
    for key, field in DESCRIBED[name].model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, bool):
            assert said[field.alias or key] == str(default).lower()
        elif isinstance(default, str | int):
            assert said[field.alias or key] == str(default)


def test_no_model_of_the_format_is_left_out() -> None:
    every = {
        kind
        for module in (model, specs, when)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Frozen) and not kind.__name__.startswith("_")
    }

    assert every - {Frozen, model.Release} <= set(DESCRIBED.values())


def test_every_kind_of_answer_is_described() -> None:
    assert [row[0].strip("`") for row in rows("type | what the vendor gives")] == list(specs.TYPES)


def test_every_fact_is_described_with_its_values() -> None:
    said = {row[0].strip("`"): tuple(re.findall(r"`([^`]+)`", row[1])) for row in rows("fact")}

    assert said == dict(when.FACTS)


def test_every_framework_is_described_with_ids_that_pass() -> None:
    said = {row[0].strip("`"): re.findall(r"`([^`]+)`", row[2]) for row in rows("framework")}

    assert list(said) == list(model.MAPPINGS)
    assert [(name, one) for name, ids in said.items() for one in ids if trouble(name, one)] == []


def test_every_safeguard_is_named() -> None:
    [said] = [row[3] for row in rows("key of `transfers`") if row[0] == "`safeguard`"]

    assert tuple(re.findall(r"`([^`]+)`", said)) == model.SAFEGUARDS


def test_an_editor_set_up_as_the_guide_says_knows_the_schema_of_every_file() -> None:
    [settings] = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    globs: dict[str, list[str]] = json.loads(f"{{{settings}}}")["yaml.schemas"]
    known = {
        path: [
            name.removeprefix("docs/")
            for name, patterns in globs.items()
            if any(path.match(pattern) for pattern in patterns)
        ]
        for path in [*files_in(FOLDER), FOLDER / "small" / "2026.12.yaml"]
    }

    release, translation = FILES
    for path, names in known.items():
        assert names == [translation if is_translation(path) else release], path


def test_nothing_is_wrong_with_the_example() -> None:
    assert check(parse(EXAMPLE, "backups/2026.1.yaml")) == []


def test_the_translation_of_the_example_has_the_words_of_its_first_question() -> None:
    release = parse(EXAMPLE, "backups/2026.1.yaml").narrowed({"BAK-01"})
    words, document = parse_translation(GERMAN, "backups/2026.1.de.yaml")
    faults = check_translation(release, words, document)

    assert [fault.path for fault in faults] == ["domains.continuity"], "no scored question is left"


def test_the_example_can_be_published_as_the_guide_says(tmp_path: Path) -> None:
    path = tmp_path / "backups" / "2026.1.yaml"
    path.parent.mkdir()
    path.write_text(EXAMPLE, encoding="utf-8")
    lock.add(path)

    assert check_paths([tmp_path]) == []


def test_the_messages_that_the_guide_shows_are_those_of_the_check() -> None:
    text = EXAMPLE.replace("is: [daily, weekly]", "is: [daily]").replace("A.8.13", "A.5.38")
    told = [f"{fault.problem}; {fault.remedy}" for fault in check(parse(text, "x"))]

    assert len(told) == 2
    assert all(one in TEXT.replace("\n", " ") for one in told)
