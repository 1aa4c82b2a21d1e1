"""Publishing, retiring and listing questionnaires, in the folder and in the database."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from riskapp.catalogue import lock
from riskapp.core.db import reading
from riskapp.releases.queries import offered
from riskapp.settings import Settings
from riskapp.web.ports import ports
from tests.catalogue import writing
from tests.cli.runs import lines, refused, run
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.small import NAME, events, write_folder

OWN = Settings.model_fields["questionnaires"].default


@pytest.fixture
def folder(small_app: Flask) -> Path:
    """The questionnaires of the installation."""
    found = small_app.extensions["riskapp"].settings.questionnaires
    assert isinstance(found, Path)
    return found


@pytest.fixture
def folder_alone(tmp_path: Path) -> Iterator[tuple[Flask, Path]]:
    """An installation whose database does not answer."""
    there = tmp_path / "shelf"
    there.mkdir()
    url = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    clock = StoppedClock()
    app = make_app(tmp_path / "unreached", url, clock=clock, questionnaires=write_folder(there))
    yield app, there
    dispose(app)


def write(path: Path, *questions: Any, **more: Any) -> Path:
    """A questionnaire's file: `theirs`, unless the place says another id."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = writing.release(*questions or [writing.question()], id="theirs") | more
    path.write_text(writing.written(content), encoding="utf-8")
    return path


def publish(app: Flask, *paths: Path) -> list[str]:
    return list(lines(run(app, "questionnaires", "publish", *map(str, paths))))


def told(app: Flask, *paths: Path) -> str:
    return refused(app, "questionnaires", "publish", *map(str, paths))


def standings(app: Flask) -> dict[str, str]:
    rows = [line.split("\t") for line in lines(run(app, "questionnaires", "list"))]
    return {row[0]: row[3] for row in rows}


def test_a_file_of_the_folder_is_written_into_its_lock(
    small_app: Flask, folder: Path, place: Place, clock: StoppedClock
) -> None:
    path = write(folder / "theirs" / "2026.1.yaml")
    result = run(small_app, "questionnaires", "publish", str(path))
    assert (result.exit_code, result.stdout) == (0, "theirs@2026.1\n")
    assert "Start riskapp again" in result.stderr
    assert lock.read(folder)["theirs/2026.1.yaml"] == lock.digest(path.read_bytes())
    again = make_app(place.instance, place.url, clock=clock, questionnaires=folder)
    assert standings(again)["theirs@2026.1"] == "offered"
    dispose(again)


def test_a_file_of_the_folder_needs_no_database(folder_alone: tuple[Flask, Path]) -> None:
    app, folder = folder_alone
    result = run(app, "questionnaires", "publish", str(write(folder / "theirs" / "2026.1.yaml")))
    assert (result.exit_code, result.stdout) == (0, "theirs@2026.1\n")
    assert "what is published in it was not looked at" in result.stderr


def test_a_published_release_that_was_changed_is_refused_with_the_way_out(
    folder_alone: tuple[Flask, Path],
) -> None:
    app, folder = folder_alone
    before = (folder / lock.NAME).read_bytes()
    path = folder / NAME / "2026.1.yaml"
    path.write_text(path.read_text().replace("Is it so?", "Is it so, really?"))
    said = told(app, path)
    assert "was published and has been changed since" in said
    assert "put the change into a new release beside it" in said
    assert (folder / lock.NAME).read_bytes() == before


def test_publishing_what_is_published_changes_nothing(folder_alone: tuple[Flask, Path]) -> None:
    app, folder = folder_alone
    before = (folder / lock.NAME).read_bytes()
    assert "is published as it stands" in told(app, folder / NAME / "2026.1.yaml")
    assert (folder / lock.NAME).read_bytes() == before


@pytest.fixture
def translated(folder_alone: tuple[Flask, Path]) -> tuple[Flask, Path]:
    """A release with its translation, neither of them published."""
    app, folder = folder_alone
    for name in ("2026.1.yaml", "2026.1.de.yaml"):
        (folder / "mvsp").mkdir(exist_ok=True)
        shutil.copyfile(OWN / "mvsp" / name, folder / "mvsp" / name)
    for path in OWN.glob("*/2026.1.yaml"):  # what its questions give way to
        if path.parent.name not in {"mvsp", "intake"}:
            shutil.copytree(path.parent, folder / path.parent.name)
            lock.add(folder / path.parent.name / path.name)
    return app, folder / "mvsp"


def test_a_translation_is_published_with_its_release_and_corrected_later(
    translated: tuple[Flask, Path],
) -> None:
    app, mvsp = translated
    german = mvsp / "2026.1.de.yaml"
    assert "2026.1.yaml is not published; publish it too" in told(app, german)
    assert publish(app, german, mvsp / "2026.1.yaml") == ["mvsp@2026.1 (de)", "mvsp@2026.1"]
    german.write_text(german.read_text(encoding="utf-8") + "# Corrected.\n", encoding="utf-8")
    assert run(app, "questionnaires", "check", str(mvsp.parent)).exit_code == 1
    assert publish(app, german) == ["mvsp@2026.1 (de)"]
    assert lock.read(mvsp.parent)["mvsp/2026.1.de.yaml"] == lock.digest(german.read_bytes())


def test_a_translation_of_a_release_that_was_changed_is_refused(
    translated: tuple[Flask, Path],
) -> None:
    app, mvsp = translated
    publish(app, mvsp / "2026.1.yaml")
    with (mvsp / "2026.1.yaml").open("a") as file:
        file.write("# Changed.\n")
    said = told(app, mvsp / "2026.1.de.yaml")
    assert "mvsp/2026.1.yaml:1: was published and has been changed since" in said


@pytest.mark.parametrize(
    ("place", "more", "said"),
    [
        ("theirs/2026.1.yaml", {"domains": {}}, "domain: access is unknown"),
        ("theirs/2026.2.yaml", {}, "is 2026.1 in the file 2026.2.yaml"),
        ("other/2026.1.yaml", {}, "is theirs in the folder other"),
        ("small/2026.2.yaml", {"id": NAME, "release": "2026.01"}, "was published before"),
        ("intake/2027.1.yaml", {"id": "intake", "release": "2027.1"}, "intake is the intake"),
        ("2026.1.yaml", {}, "lies astray"),
        ("theirs/deep/2026.1.yaml", {}, "lies astray"),
    ],
)
def test_what_is_wrong_with_a_file_of_the_folder_is_told_and_nothing_is_published(
    folder_alone: tuple[Flask, Path], place: str, more: dict[str, Any], said: str
) -> None:
    app, folder = folder_alone
    before = (folder / lock.NAME).read_bytes()
    good = write(folder / "good" / "2026.1.yaml", writing.question("GOO-01"), id="good")
    found = told(app, good, write(folder / place, **more))
    assert "Error: Not published:\n" in found
    assert said in found
    assert (folder / lock.NAME).read_bytes() == before, "all or none"


def test_no_file_of_the_folder_asks_what_a_published_one_asks(
    small_app: Flask, folder: Path, tmp_path: Path
) -> None:
    clash = writing.question("SML-01")
    said = told(small_app, write(folder / "theirs" / "2026.1.yaml", clash))
    assert "SML-01 is a question of small" in said
    publish(small_app, write(tmp_path / "own.yaml", id="own"))
    said = told(small_app, write(folder / "theirs" / "2026.1.yaml"))
    assert "TST-01 is a question of own" in said


def test_two_new_files_that_ask_the_same_are_both_told(
    folder_alone: tuple[Flask, Path],
) -> None:
    app, folder = folder_alone
    one = write(folder / "one" / "2026.1.yaml", id="one")
    two = write(folder / "two" / "2026.1.yaml", id="two")
    said = told(app, one, two)
    assert "one/2026.1.yaml" in said
    assert "two/2026.1.yaml" in said


def test_any_other_file_is_published_in_the_database(small_app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "somewhere" / "own.yaml")
    assert publish(small_app, path) == ["theirs@2026.1"]
    path.unlink()
    assert standings(small_app)["theirs@2026.1"] == "offered"
    with small_app.app_context():
        newest = events()[-1]
        assert (newest.type, newest.actor_kind) == ("questionnaire:publish", "operator")
        assert offered(reading(), ports().library).latest("theirs").title == "Small"


def test_files_of_both_kinds_are_published_together(
    small_app: Flask, folder: Path, tmp_path: Path
) -> None:
    inside = write(folder / "inside" / "2026.1.yaml", writing.question("INS-01"), id="inside")
    outside = write(tmp_path / "outside.yaml", writing.question("OUT-01"), id="outside")
    assert publish(small_app, outside, inside) == ["inside@2026.1", "outside@2026.1"]


def test_every_fault_of_another_file_is_one_line(small_app: Flask, tmp_path: Path) -> None:
    faulty = write(tmp_path / "own.yaml", domains={}, audience="officer", id=NAME)
    said = told(small_app, faulty).splitlines()
    assert said[0] == "Error: Not published:"
    assert len(said) > 2
    assert all("own.yaml:" in line for line in said[1:])


def test_what_is_no_file_of_a_questionnaire_is_refused(small_app: Flask, tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("title: Prüfung".encode("latin-1"))
    german = tmp_path / "2026.1.de.yaml"
    shutil.copyfile(OWN / "mvsp" / "2026.1.de.yaml", german)
    for path, words in (
        (latin, "is no UTF-8; save the file as UTF-8"),
        (tmp_path / "gone.yaml", "cannot be read (No such file or directory)"),
        (tmp_path, "is a folder; name the files in it"),
        (german, "is a translation, which stands beside its release in the folder"),
    ):
        assert words in told(small_app, path)
    assert refused(small_app, "questionnaires", "publish", code=2)


def test_a_release_is_retired_and_offered_again(small_app: Flask) -> None:
    retired = run(small_app, "questionnaires", "retire", f"{NAME}@2026.1", "--reason", "Replaced.")
    assert (retired.exit_code, retired.stdout) == (0, "")
    assert standings(small_app) == {f"{NAME}@2026.1": "retired", "intake@2026.1": "intake"}
    again = run(small_app, "questionnaires", "retire", f"{NAME}@2026.1", "--offer-again")
    assert again.exit_code == 0
    assert standings(small_app)[f"{NAME}@2026.1"] == "offered"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((f"{NAME}@2026.1",), "reason: Say why it is retired."),
        ((f"{NAME}@2026.1", "--reason", " "), "reason: Say why it is retired."),
        ((f"{NAME}@2026.1", "--offer-again"), "The release stands so already"),
        ((f"{NAME}@2026.1", "--offer-again", "--reason", "x"), "reason: Offering a release"),
        ((f"{NAME}@2026.9", "--reason", "x"), "release: There is no release small@2026.9"),
        ((NAME, "--reason", "x"), "release: There is no release small"),
        (("intake@2026.1", "--reason", "x"), "release: There is no release intake@2026.1"),
    ],
)
def test_what_cannot_be_retired_or_offered_is_refused(
    small_app: Flask, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(small_app, "questionnaires", "retire", *words)
    assert standings(small_app)[f"{NAME}@2026.1"] == "offered"


def test_the_list_has_five_columns_and_the_same_as_json(small_app: Flask, tmp_path: Path) -> None:
    publish(small_app, write(tmp_path / "own.yaml", title="Their\nown"))
    rows = [line.split("\t") for line in lines(run(small_app, "questionnaires", "list"))]
    assert ["theirs@2026.1", "Their own", "1", "offered", "en"] in rows
    documents = json.loads(run(small_app, "questionnaires", "list", "--json").stdout)
    assert [row[0] for row in rows] == [one["release"] for one in documents]
    assert documents[-1] == {
        "release": "theirs@2026.1",
        "title": "Their\nown",
        "questions": 1,
        "standing": "offered",
        "languages": ["en"],
    }


def test_languages_are_listed(app: Flask) -> None:
    rows = [line.split("\t") for line in lines(run(app, "questionnaires", "list"))]
    assert {row[0]: row[4] for row in rows}["iso-27001@2026.1"] == "en,de"
