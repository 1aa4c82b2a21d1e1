"""Foreign files become questionnaire files: a report, a file in order, nothing by halves."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask

from riskapp.catalogue.check import check
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse
from tests import foreign
from tests.cli.runs import lines, refused, run
from tests.requirements import missing
from tests.small import NAME

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def given(folder: Path, form: str = "sheet", content: bytes | None = None) -> Path:
    name, usual = foreign.FILES[form]
    file = folder / name
    file.write_bytes(usual if content is None else content)
    return file


def words(file: Path, out: Path, *more: str, form: str = "sheet") -> list[str]:
    return ["questionnaires", "import", "--from", form, str(file), "--out", str(out), *more]


def made(out: Path, place: str = "theirs/2026.1.yaml") -> Release:
    release = parse((out / place).read_text(encoding="utf-8"), place)
    assert check(release) == []
    return release


@pytest.mark.parametrize("form", foreign.FILES)
def test_each_format_becomes_a_file_that_is_in_order(
    small_app: Flask, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"
    result = run(small_app, *words(given(tmp_path, form), out, form=form))
    assert result.exit_code == 0, result.output
    release = made(out)
    assert [path.name for path in out.rglob("*.*")] == ["2026.1.yaml"], "and nothing beside it"
    count = len(release.questions)
    assert f"{release.key}, “{release.title}”: {count} question" in result.stderr
    assert f"Licence: {release.licence}" in result.stderr
    assert ("Warning: " in result.stderr) is (release.restricted is not None)
    assert "Written: " in result.stderr
    checked = run(small_app, "questionnaires", "check", str(out / "theirs" / "2026.1.yaml"))
    assert checked.exit_code == 0


def test_whatever_was_not_taken_over_is_one_line_each(small_app: Flask, tmp_path: Path) -> None:
    result = run(small_app, *words(given(tmp_path, "vsaq"), tmp_path, form="vsaq"))
    report = lines(result)
    assert "line 9 (odd): is an item of the unknown type “hologram”" in result.stdout
    assert all(re.match("(line [0-9]+|the whole file)[^:]*: ", line) for line in report)
    assert f"{len(report)} notes" in result.stderr


def test_a_preview_says_the_same_and_writes_nothing(small_app: Flask, tmp_path: Path) -> None:
    file, out = given(tmp_path), tmp_path / "out"
    looked = run(small_app, *words(file, out, "--preview"))
    assert looked.exit_code == 0
    assert not out.exists()
    without = run(small_app, "questionnaires", "import", "--from", "sheet", str(file), "--preview")
    assert without.stdout == looked.stdout == run(small_app, *words(file, out)).stdout


def test_a_file_that_is_there_is_never_overwritten(small_app: Flask, tmp_path: Path) -> None:
    file = given(tmp_path)
    assert run(small_app, *words(file, tmp_path)).exit_code == 0
    before = (tmp_path / "theirs" / "2026.1.yaml").read_bytes()
    said = refused(small_app, *words(file, tmp_path))
    assert "is there already and is not overwritten. Use another --release." in said
    assert (tmp_path / "theirs" / "2026.1.yaml").read_bytes() == before
    assert run(small_app, *words(file, tmp_path, "--release", "2026.2")).exit_code == 0


def test_names_that_are_taken_are_not_proposed(small_app: Flask, tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.csv"
    file.write_bytes(foreign.CSV)
    assert run(small_app, *words(file, tmp_path)).exit_code == 0
    release = made(tmp_path, f"{NAME}-2/2026.1.yaml")
    assert not any(name.startswith("SML-") for name in release.questions)


def test_the_next_release_of_a_questionnaire_here_gets_the_next_number(
    small_app: Flask, tmp_path: Path
) -> None:
    assert run(small_app, *words(given(tmp_path), tmp_path, "--id", NAME)).exit_code == 0
    assert made(tmp_path, f"{NAME}/2026.2.yaml").key == f"{NAME}@2026.2"


def test_what_it_is_called_can_be_said(small_app: Flask, tmp_path: Path) -> None:
    named = ("--id", "mine", "--prefix", "MIN", "--title", "My own", "--release", "2025.7")
    assert run(small_app, *words(given(tmp_path), tmp_path, *named)).exit_code == 0
    release = made(tmp_path, "mine/2025.7.yaml")
    assert (release.title, next(iter(release.questions))) == ("My own", "MIN-01")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (("--id", "No Slug"), "id: Use at most 60 lower-case letters"),
        (("--id", "../../etc"), "id: Use at most 60 lower-case letters"),
        (("--id", "x" * 61), "id: Use at most 60"),
        (("--prefix", "ab1"), "prefix: Use three capital letters"),
        (("--prefix", "ISM"), "prefix: The questions of iso-27001 begin with ISM"),
        (("--prefix", "INT"), "prefix: The questions of intake begin with INT"),
        (("--release", "next"), "release: Use a year and a number within it"),
        (("--release", "2026.1", "--id", "mvsp"), "release: mvsp@2026.1 is here already"),
        (("--release", "2026.001", "--id", "mvsp"), "release: mvsp@2026.001 is here already"),
        (("--title", "x" * 201), "title: Use at most 200 characters"),
    ],
)
def test_names_that_cannot_be_are_refused_by_field_and_nothing_is_written(
    no_database: Flask, tmp_path: Path, named: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "out"
    assert said in refused(no_database, *words(given(tmp_path), out, *named))
    assert not out.exists()


def test_the_columns_of_a_sheet_are_told_with_reasons_and_how_to_say_it_differently(
    no_database: Flask, tmp_path: Path
) -> None:
    result = run(no_database, *words(given(tmp_path), tmp_path, "--preview"))
    assert "  C\tQuestion\tquestion\tIts header “Question” says so." in result.stderr
    assert "  D\tNotes\tnot imported\t" in result.stderr
    assert "headers in row 1" in result.stderr
    assert "--column question=C" in result.stderr
    assert "  inverted\ta mark where No is the compliant answer" in result.stderr


def test_columns_sheets_and_headers_can_be_said_differently(
    small_app: Flask, tmp_path: Path
) -> None:
    file = given(tmp_path, content=foreign.workbook()).rename(tmp_path / "theirs.xlsx")
    said = ("--sheet", "Part 2", "--header", "2", "--column", "question=Ask", "--column", "why=C")
    result = run(small_app, *words(file, tmp_path, *said))
    assert result.exit_code == 0, result.stderr
    assert "Sheet “Part 1”: is not imported." in result.stderr
    assert "Sheet “Lists”: is not imported. The sheet is hidden." in result.stderr
    questions = made(tmp_path).questions.values()
    assert [one.text for one in questions] == [f"Is it so, 2 and {row}?" for row in (1, 2, 3)]
    assert [one.why for one in questions] == [f"It is to be so, 2 and {row}." for row in (1, 2, 3)]


def test_where_nothing_was_found_a_column_can_be_named(small_app: Flask, tmp_path: Path) -> None:
    file = given(tmp_path, content=foreign.nothing_asked())
    said = refused(small_app, *words(file, tmp_path))
    assert "no sheet was found to hold questions" in said
    named = ("--column", "!use=questions", "--column", "question=B", "--header", "1")
    result = run(small_app, *words(file, tmp_path, *named))
    assert result.exit_code == 0, result.stderr
    assert len(made(tmp_path).questions) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--column", "question"), "question: is no field of the mapping"),
        (("--column", "question=ZZ"), "question: “ZZ” is no column here"),
        (("--column", "colour=A"), "colour: is no field of the mapping"),
        (("--header", "99"), "“99” are no rows of the sheet"),
        (("--sheet", "Part 9"), "there is no sheet Part 9"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_in_words(
    no_database: Flask, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "out"
    found = refused(no_database, *words(given(tmp_path), out, *more))
    assert said in found
    assert "Nothing was imported." in found
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "form"),
    [
        (("--column", "question=C"), "vsaq"),
        (("--sheet", "Part 1"), "oscal"),
        (("--header", "1"), "ciso"),
    ],
)
def test_columns_of_what_has_none_are_a_usage_error(
    no_database: Flask, tmp_path: Path, more: tuple[str, ...], form: str
) -> None:
    file = given(tmp_path, form)
    said = refused(no_database, *words(file, tmp_path, *more, form=form), code=2)
    assert "are for --from sheet" in said


def test_where_the_file_goes_has_to_be_said(no_database: Flask, tmp_path: Path) -> None:
    file = str(given(tmp_path))
    assert "--out" in refused(
        no_database, "questionnaires", "import", "--from", "sheet", file, code=2
    )
    assert "--from" in refused(no_database, "questionnaires", "import", file, "--out", "x", code=2)


NO_TEXT = {
    "nothing": b"",
    "zeros": bytes(1000),
    "no UTF-8": b"\xff\xfe\xff\x00\xd8",
    "a torn archive": b"PK\x03\x04" + bytes(200),
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
}
NO_QUESTIONNAIRE = {
    "torn JSON": foreign.VSAQ[:200],
    "a nesting bomb": b"[" * 200_000,
    "a YAML bomb": b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "an XML bomb": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><catalog>&a;</catalog>',
    "a file on this machine": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "a number": b"42",
}
HOSTILE = [
    pytest.param(form, content, id=f"{form}-{name}")
    for form in foreign.FILES
    for name, content in (NO_TEXT | (NO_QUESTIONNAIRE if form != "sheet" else {})).items()
]


@pytest.mark.parametrize(("form", "content"), HOSTILE)
def test_what_is_no_such_file_is_refused_in_words_and_nothing_is_written(
    no_database: Flask, tmp_path: Path, form: str, content: bytes
) -> None:
    out = tmp_path / "out"
    said = refused(no_database, *words(given(tmp_path, form, content), out, form=form))
    assert "Nothing was imported." in said.splitlines()[-1]
    assert not out.exists()


def test_a_file_that_cannot_be_read_is_refused(no_database: Flask, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        assert f"file: {path} cannot be read" in refused(no_database, *words(path, tmp_path))


def test_a_place_that_cannot_be_written_is_refused(no_database: Flask, tmp_path: Path) -> None:
    file = given(tmp_path)
    assert "out: " in refused(no_database, *words(file, file))


def test_a_write_that_fails_leaves_nothing(
    no_database: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device", fd)

    monkeypatch.setattr("os.fsync", full)
    out = tmp_path / "out"
    said = refused(no_database, *words(given(tmp_path), out))
    assert "cannot be written (No space left on device)" in said
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_without_a_database_it_is_said_that_it_was_not_looked_at(
    no_database: Flask, tmp_path: Path
) -> None:
    result = run(no_database, *words(given(tmp_path), tmp_path))
    assert result.exit_code == 0, result.stderr
    assert "what is published in it was not looked at" in result.stderr
    made(tmp_path)


@pytest.mark.parametrize("name", ["webapp", "infrastructure"])
def test_real_questionnaires_are_imported(small_app: Flask, tmp_path: Path, name: str) -> None:
    file = SHARED / "vsaq" / f"{name}.json"
    if not file.exists():
        missing("shared")
    result = run(small_app, *words(file, tmp_path, form="vsaq"))
    release = made(tmp_path, f"{name}/2026.1.yaml")
    assert len(release.questions) > 50
    assert "Apache-2.0" in release.licence
    assert result.stdout.count("\n") > 10


def test_a_vsaq_extension_is_put_into_its_questionnaire(small_app: Flask, tmp_path: Path) -> None:
    base = {"questionnaire": [{"type": "line", "id": "first", "text": "First?"}], "version": 1}
    more = {"extensions": [{"type": "line", "id": "mine", "text": "Mine?", "insertAfter": "first"}]}
    (tmp_path / "more.json").write_text(json.dumps({"version": 1, "namespace": "us", **more}))
    file, out = given(tmp_path, "vsaq", json.dumps(base).encode()), tmp_path / "out"
    extension = ("--extension", str(tmp_path / "more.json"))
    result = run(small_app, *words(file, out, *extension, form="vsaq"))
    assert result.exit_code == 0, result.output
    assert [one.text for one in made(out).questions.values()] == ["First?", "Mine?"]
    other = run(small_app, *words(given(tmp_path), out, *extension))
    assert other.exit_code == 2
    assert "--extension is for --from vsaq." in other.stderr
