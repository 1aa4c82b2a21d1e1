"""Every change between two releases is named, and nothing is said where nothing changed."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from riskapp.catalogue import model, specs, when
from riskapp.catalogue.changes import About, lines
from riskapp.catalogue.diff import compare
from riskapp.catalogue.load import load_folder
from riskapp.catalogue.model import Release
from riskapp.catalogue.scalars import Frozen
from riskapp.catalogue.specs import TYPES
from riskapp.settings import Settings
from tests.catalogue import writing
from tests.catalogue.writing import question

SHIPPED = load_folder(Settings.model_fields["questionnaires"].default).releases

SCORED_COLUMN = writing.column(
    "kept", "choice", options=[{"id": "well", "text": "Well", "credit": 1, "value": 0}]
)
FULL = (
    question(
        "TST-01",
        {"type": "yes_no", "good": "no"},
        counts="A yes that you can show.",
        evidence="A list.",
        knockout={
            "level": "high",
            "below": "0.3",
            "when": {"all": [{"fact": "inherent", "at_least": "high"}]},
        },
        mappings={"iso27001": ["A.5.1", "A.5.2"], "gdpr": ["28(5)"]},
        applies_when={"any": [{"fact": "services", "includes": ["soc", "qa"]}]},
        same_as="OTH-01",
        required=False,
        findings=[{"answers": ["no", "yes"], "severity": "low", "text": "None of it."}],
    ),
    question("TST-02", writing.plain_choice("some", "none"), weight=None, gate=True),
    question(
        "TST-03",
        writing.choice(all=1, some=0.5),
        asked_when={"question": "TST-02", "is": "some"},
    ),
    question("TST-04", writing.MULTIPLE, weight=1, applies_when={"fact": "data", "is": "none"}),
    question(
        "TST-05",
        writing.MATURITY,
        weight=5,
        asked_when={"question": "TST-04", "includes": "logs"},
    ),
    question(
        "TST-06",
        writing.number(
            {"at_most": 4, "credit": 1},
            {"at_least": 8, "credit": 0},
            {"else": "0.5"},
            unit="hours",
            min=1,
            max=90,
            decimals=1,
        ),
    ),
    question(
        "TST-07", writing.DATE, weight=None, asked_when={"question": "TST-05", "at_least": "2"}
    ),
    question("TST-08", {**writing.TEXT, "multiline": True}, weight=None),
    question("TST-09", writing.COUNTRIES, transfers_via="TST-10"),
    question(
        "TST-10",
        {**writing.REGISTER, "min_rows": 1, "max_rows": 9, "empty_means": "Nothing leaves."},
        transfers={"country": "country", "safeguard": "safeguard"},
    ),
    question(
        "TST-11",
        writing.table(SCORED_COLUMN, writing.column("place", "country")),
        transfers_via="TST-10",
        country="place",
        asked_when={"question": "TST-10", "column": "safeguard", "is": "scc"},
    ),
    question(
        "TST-12",
        writing.PARTLY,
        factor={"weight": "1/3", "floors": [{"option": "no", "floor": 50}]},
    ),
)
SECTIONS = [
    {"id": "first", "title": "First", "intro": "To begin.", "questions": list(FULL[:4])},
    {"id": "second", "title": "Second", "questions": list(FULL[4:8])},
    {"id": "third", "title": "Third", "questions": list(FULL[8:])},
]
DOMAINS = {name: {"weight": 2, "title": name.title()} for name in ("access", "people", "exit")}
WHOLE = writing.parsed(
    sections=SECTIONS, domains=DOMAINS, origin="A friend.", restricted="Not to be passed on."
)

UNSAID = frozenset({"release", "source", "where"})
"""What a release is known by."""

Path = tuple[Any, ...]


def mutants(value: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every way in which one thing in a release can be another, with where it is."""
    match value:
        case Frozen():
            yield from _of_fields(value, path)
        case Mapping():
            for key, one in value.items():
                yield (*path, key), {name: value[name] for name in value if name != key}
                for at, other in mutants(one, (*path, key)):
                    yield at, {**value, key: other}
        case tuple():
            yield from _of_parts(value, path)
        case bool():
            yield path, not value
        case str():
            yield path, f"{value}x"
        case int() | Fraction() | Decimal():
            yield path, value + 1
        case date():
            yield path, value.replace(year=value.year + 1)


def _of_fields(value: Frozen, path: Path) -> Iterator[tuple[Path, Any]]:
    for name, field in type(value).model_fields.items():
        kept = getattr(value, name)
        if (name == "type" and isinstance(value, specs.Spec)) or (not path and name in UNSAID):
            continue
        others = mutants(kept, (*path, name))
        if field.default is None and kept is not None and name != "at_least":
            yield (*path, name), _with(value, name, None)
        for at, other in others:
            yield at, _with(value, name, other)


def _with(value: Frozen, name: str, other: object) -> Frozen:
    """As it would have been read, but for one field; what was worked out before is forgotten."""
    fields = {one: getattr(value, one) for one in type(value).model_fields}
    return type(value).model_construct(**{**fields, name: other})


def _of_parts(value: tuple[Any, ...], path: Path) -> Iterator[tuple[Path, Any]]:
    for index, one in enumerate(value):
        if len(value) > 1 and path[-1] != "levels":  # which are always five
            yield (*path, index), value[:index] + value[index + 1 :]
        if index:
            yield (*path, index), (*value[: index - 1], one, value[index - 1], *value[index + 1 :])
        for at, other in mutants(one, (*path, index)):
            yield at, (*value[:index], other, *value[index + 1 :])


MUTANTS = list(mutants(WHOLE))


def owner(path: Path) -> tuple[About, str]:
    """Whom a place in the whole release is about."""
    match path:
        case "sections", at, "questions", index, *_:
            return About.QUESTION, WHOLE.sections[at].questions[index].id
        case "sections", at, *_:
            return About.SECTION, WHOLE.sections[at].id
        case "domains", name, *_:
            return About.DOMAIN, name
    return About.QUESTIONNAIRE, WHOLE.id


@pytest.mark.parametrize("release", [*SHIPPED, WHOLE], ids=lambda release: release.key)
def test_of_a_release_and_itself_nothing_is_said(release: Release) -> None:
    again = Release(**{name: getattr(release, name) for name in Release.model_fields})
    renamed = again.replaced(release="2099.1", source="# written anew", where="elsewhere.yaml")
    for other in (again, renamed):
        difference = compare(release, other)
        assert difference.subjects == ()
        assert list(lines(difference)) == ["Nothing changed."]


def test_every_field_of_a_release_is_among_the_mutated() -> None:
    kinds = {
        kind
        for module in (model, specs, when)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Frozen) and not kind.__name__.startswith("_")
    } - {Frozen, model.Contents}
    mutated = set()
    for path, _ in MUTANTS:
        here: Any = WHOLE
        for step in path:
            if isinstance(here, Frozen):
                mutated.add((type(here), step))
                here = getattr(here, step)
            else:
                here = here[step]
    every = {(kind, name) for kind in kinds for name in kind.model_fields}
    kept = {(Release, name) for name in UNSAID} | {(kind, "type") for kind in TYPES.values()}
    assert every - mutated == kept


def test_each_single_mutation_is_named_with_whom_it_is_about_both_ways() -> None:
    for path, mutant in MUTANTS:
        for old, new in ((WHOLE, mutant), (mutant, WHOLE)):
            difference = compare(old, new)
            about = {(one.about, one.id) for one in difference.subjects}
            swapped = isinstance(path[-1], int)  # of two that change places, either is the mover
            if not swapped or path[-2] not in {"questions", "sections"}:
                assert owner(path) in about or path == ("id",), path
            assert about, path
            for subject in difference.subjects:
                assert all(change.words for change in subject.changes), path
            if path[-1:] != ("id",) and not swapped:
                assert len(about) == 1, (path, about)


def test_a_word_that_changed_stands_in_the_line_before_and_after() -> None:
    for path, mutant in MUTANTS:
        kept, changed = (_at(release, path) for release in (WHOLE, mutant))
        if isinstance(kept, str) and kept != changed and path[-1] not in {"column", *UNSAID}:
            said = " ".join(lines(compare(WHOLE, mutant)))
            assert changed is None or changed in said, path


def _at(release: Release, path: Path) -> Any:
    here: Any = release
    for step in path:
        try:
            here = getattr(here, step) if isinstance(here, Frozen) else here[step]
        except (IndexError, KeyError):
            return None
    return here
