"""A translation has every word of its release and no other, and changes nothing but words."""

import copy
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue import lock
from riskapp.catalogue.check import check, check_translation
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.folder import check_paths
from riskapp.catalogue.load import load_folder
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse, parse_translation
from riskapp.catalogue.translation import Translation, translated
from tests.catalogue import writing
from tests.catalogue.writing import Json, choice, column, question, written

WHERE = "small/2026.1.de.yaml"
ENGLISH = writing.release(
    question("TST-01", writing.plain_choice("processor", "none"), weight=None, gate=True),
    question(
        "TST-02",
        choice(good=1, bad=0),
        counts="A good one.",
        evidence="A list.",
        knockout={"level": "high", "below": "at-0"},
        asked_when={"question": "TST-01", "is": "processor"},
        mappings={"gdpr": ["33"]},
    ),
    question("TST-03", writing.MULTIPLE),
    question("TST-04", writing.MATURITY, applies_when={"fact": "services", "includes": "soc"}),
    question("TST-05", writing.number({"at_most": 4, "credit": 1}, {"else": 0}, unit="hours")),
    question(
        "TST-06",
        writing.table(
            column("name"),
            column("state", "choice", options=choice(well=1, badly=0)["options"]),
            empty_means="There are none.",
        ),
    ),
)
ENGLISH["sections"][0]["intro"] = "Answer for the service."

PLAIN = ("text", "why", "counts", "evidence")


def words_of(content: Json, language: str, mark: str) -> Json:
    """A complete translation of a release: every word of it with a mark before it."""

    def said(part: Json, *keys: str) -> Json:
        return {key: f"{mark}{part[key]}" for key in keys if key in part}

    def asked(part: Json) -> Json:
        answer = part["answer"]
        found = said(part, *PLAIN) | said(answer, "unit", "empty_means")
        found["options"] = texts(answer)
        found["levels"] = [f"{mark}{one}" for one in answer.get("levels", [])]
        found["columns"] = {
            one["id"]: said(one, "title") | {"options": texts(one)}
            for one in answer.get("columns", [])
        }
        return {key: value for key, value in found.items() if value}

    def texts(part: Json) -> Json:
        return {one["id"]: f"{mark}{one['text']}" for one in part.get("options", [])}

    sections = content["sections"]
    return {
        "id": content["id"],
        "release": content["release"],
        "language": language,
        **said(content, "title", "summary", "licence"),
        "domains": {name: f"{mark}{one['title']}" for name, one in content["domains"].items()},
        "sections": {one["id"]: said(one, "title", "intro") for one in sections},
        "questions": {one["id"]: asked(one) for part in sections for one in part["questions"]},
    }


RELEASE = parse(written(ENGLISH), "small/2026.1.yaml")
GERMAN = words_of(ENGLISH, "de", "DE ")


def faults_of(content: Json, release: Release = RELEASE) -> list[Fault]:
    try:
        words, document = parse_translation(written(content), WHERE)
    except Faulty as error:
        return error.faults
    return check_translation(release, words, document)


def read(content: Json) -> Translation:
    return parse_translation(written(content), WHERE)[0]


def places(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each single word of a translation stands."""
    if isinstance(content, str):
        yield at
        return
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield from places(value, (*at, key))


WORDS = [place for place in places(GERMAN) if place[0] not in {"id", "release", "language"}]


def without(place: tuple[Any, ...]) -> Json:
    content = copy.deepcopy(GERMAN)
    del reduce(lambda part, key: part[key], place[:-1], content)[place[-1]]
    return content


def test_the_examples_are_in_order() -> None:
    assert check(RELEASE) == []
    assert faults_of(GERMAN) == []


def line_of(content: Json, fault: Fault) -> str:
    return written(content).splitlines()[fault.line - 1].strip()


@settings(deadline=None)
@given(st.sampled_from(WORDS))
def test_any_word_that_is_missing_is_named_with_its_place(place: tuple[Any, ...]) -> None:
    content = without(place)

    [fault] = faults_of(content)

    if "levels" in place:
        place = place[: place.index("levels") + 1]
        assert (fault.problem, fault.remedy) == ("are 4, not 5", "translate each level")
    else:
        assert fault.problem in {"is missing", "is not translated"}
        assert fault.remedy == "add it"
    assert fault.path == ".".join(place)
    assert fault.file == WHERE
    around = [f'"{key}": ' for key in place]
    assert any(line_of(content, fault).startswith(key) for key in around) or len(place) == 1


MAPPINGS_OF_IDS = [
    ("domains",),
    ("sections",),
    ("questions",),
    ("questions", "TST-02", "options"),
    ("questions", "TST-03", "options"),
    ("questions", "TST-06", "columns"),
    ("questions", "TST-06", "columns", "state", "options"),
    ("questions", "TST-04", "options"),
    ("questions", "TST-06", "columns", "name", "options"),
]
EXTRA: dict[str, Any] = {
    "domains": "X",
    "sections": {"title": "X"},
    "questions": {"text": "X", "why": "X"},
    "options": "X",
    "columns": {"title": "X"},
}


@pytest.mark.parametrize("place", MAPPINGS_OF_IDS, ids=".".join)
def test_an_id_that_the_release_does_not_have_is_named_with_its_line(
    place: tuple[str, ...],
) -> None:
    name = "TST-99" if place == ("questions",) else "extra"
    content = copy.deepcopy(GERMAN)
    part: Json = reduce(lambda one, key: one.setdefault(key, {}), place, content)
    part[name] = EXTRA[place[-1]]

    [fault] = faults_of(content)

    assert str(fault).startswith(f"{WHERE}:{fault.line}: {'.'.join(place)}.{name}: ")
    assert (fault.problem, fault.remedy) == ("is not in the release", "take it out")
    assert line_of(content, fault).startswith(f'"{name}": ')


@pytest.mark.parametrize("key", ["counts", "evidence", "unit", "empty_means"])
def test_a_word_that_the_release_does_not_have_is_named_with_its_line(key: str) -> None:
    content = copy.deepcopy(GERMAN)
    content["questions"]["TST-01"][key] = "Zu viel."

    [fault] = faults_of(content)

    assert (fault.path, fault.remedy) == (f"questions.TST-01.{key}", "take it out")
    assert line_of(content, fault).startswith(f'"{key}": ')


def test_an_introduction_that_the_release_does_not_have_is_named() -> None:
    content = copy.deepcopy(ENGLISH)
    del content["sections"][0]["intro"]

    [fault] = faults_of(GERMAN, parse(written(content), "x"))

    assert (fault.path, fault.remedy) == ("sections.only.intro", "take it out")


def test_levels_of_what_has_none_are_named() -> None:
    content = copy.deepcopy(GERMAN)
    content["questions"]["TST-01"]["levels"] = ["a"] * 5

    [fault] = faults_of(content)

    assert (fault.path, fault.problem) == ("questions.TST-01.levels", "are 5, not 0")


def test_a_translation_is_into_another_language() -> None:
    [fault] = faults_of({**GERMAN, "language": "en"})

    assert (fault.line, fault.path, fault.problem) == (4, "language", "is the release's own")


def test_everything_missing_comes_at_once_in_the_order_of_the_file() -> None:
    content = copy.deepcopy(GERMAN)
    del content["questions"]["TST-05"]["unit"], content["domains"]["access"]
    del content["questions"]["TST-02"]["options"]

    faults = faults_of(content)

    assert [fault.path for fault in faults] == [
        "domains.access",
        "questions.TST-02.options.bad",
        "questions.TST-02.options.good",
        "questions.TST-05.unit",
    ]


def test_translated_every_word_is_another() -> None:
    release = translated(RELEASE, read(GERMAN))

    # Whoever reads the release back finds exactly the words that the translation gave.
    assert words_of(release.model_dump(exclude_none=True), "de", "") == GERMAN
    assert release.language == "de"


def test_translated_it_is_the_same_release() -> None:
    release = translated(RELEASE, read(GERMAN))

    assert (release.key, release.sha256, release.source) == (
        RELEASE.key,
        RELEASE.sha256,
        RELEASE.source,
    )
    assert check(release) == []


def test_translation_changes_nothing_but_words() -> None:
    """Put back into its own words a release is what it was: ids, credits, conditions, all."""
    there = translated(RELEASE, read(GERMAN))

    assert there != RELEASE
    assert translated(there, read(words_of(ENGLISH, "en", ""))) == RELEASE


@settings(deadline=None)
@given(st.sets(st.sampled_from(list(RELEASE.questions)), min_size=1))
def test_narrowed_and_translated_come_to_the_same_in_either_order(chosen: set[str]) -> None:
    words = read(GERMAN)

    assert translated(RELEASE.narrowed(chosen), words) == translated(RELEASE, words).narrowed(
        chosen
    )


def put(folder: Path, name: str, content: Json) -> Path:
    path = folder / "small" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(written(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("2026.1.de.yaml", {"id": "large"}),
        ("2026.1.de.yaml", {"language": "fr"}),
        ("2026.1.fr.yaml", {}),
        ("2026.1.de.yaml", {"release": "2026.2"}),
    ],
)
def test_a_translation_is_what_its_place_says(tmp_path: Path, name: str, changes: Json) -> None:
    put(tmp_path, "2026.1.yaml", ENGLISH)
    path = put(tmp_path, name, {**GERMAN, **changes})

    [fault] = check_paths([path])

    assert fault.file.endswith(f"small/{name}")
    assert (fault.line, fault.problem) == (2, "is not what its place says")
    assert fault.remedy.endswith(f"small/{name}")


def test_a_translation_needs_its_release(tmp_path: Path) -> None:
    [fault] = check_paths([put(tmp_path, "2026.1.de.yaml", GERMAN)])

    assert fault.file.endswith("small/2026.1.yaml")
    assert fault.problem == "cannot be read (No such file or directory)"


def test_where_one_questionnaire_has_a_language_the_others_need_it_too(tmp_path: Path) -> None:
    for path in (put(tmp_path, "2026.1.yaml", ENGLISH), put(tmp_path, "2026.1.de.yaml", GERMAN)):
        lock.add(path)
    other = tmp_path / "other" / "2026.1.yaml"
    other.parent.mkdir()
    other.write_text(written(writing.release(question("OTH-01"), id="other")), encoding="utf-8")
    lock.add(other)

    [fault] = check_paths([tmp_path])

    assert str(fault) == (
        f"{tmp_path.name}/other/2026.1.yaml:1: has no translation into Deutsch; "
        "add 2026.1.de.yaml beside it"
    )


def test_an_older_release_needs_no_translation(tmp_path: Path) -> None:
    newer = {**ENGLISH, "release": "2026.2"}
    files = {
        "2026.1.yaml": ENGLISH,
        "2026.2.yaml": newer,
        "2026.2.de.yaml": {**GERMAN, "release": "2026.2"},
    }
    for name, content in files.items():
        lock.add(put(tmp_path, name, content))

    assert check_paths([tmp_path]) == []


def test_an_app_finds_a_translation_by_the_hash_of_its_release(tmp_path: Path) -> None:
    for name, content in (("2026.1.yaml", ENGLISH), ("2026.1.de.yaml", GERMAN)):
        lock.add(put(tmp_path, name, content))

    catalogue = load_folder(tmp_path)

    assert catalogue.translations == {(catalogue.latest("small").sha256, "de"): read(GERMAN)}
