"""The lock file says what was published, in a form that sha256sum checks, and holds it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue import lock
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.folder import FOLDER, check_paths, files_in
from riskapp.catalogue.load import load_folder
from tests.catalogue.test_translation import ENGLISH, GERMAN
from tests.catalogue.writing import written

TEXTS = {"2026.1.yaml": written(ENGLISH), "2026.1.de.yaml": written(GERMAN)}
SHA256SUM = shutil.which("sha256sum")


def published(folder: Path) -> dict[str, Path]:
    """A folder with a published release and its translation."""
    (folder / "small").mkdir()
    paths = {name: folder / "small" / name for name in TEXTS}
    for name, path in paths.items():
        path.write_text(TEXTS[name], encoding="utf-8")
        lock.add(path)
    return paths


def faults(folder: Path) -> list[Fault]:
    """What the check says; an app that starts with this folder says the same, or more."""
    return check_paths([folder])


def test_a_published_folder_is_in_order(tmp_path: Path) -> None:
    published(tmp_path)

    assert faults(tmp_path) == []
    assert load_folder(tmp_path).latest("small").release == "2026.1"


@pytest.mark.skipif(SHA256SUM is None, reason="needs sha256sum, as of GNU coreutils")
def test_sha256sum_writes_the_same_and_checks_it(tmp_path: Path) -> None:
    paths = published(tmp_path)
    names = sorted(lock.place(path) for path in paths.values())

    said = subprocess.run(["sha256sum", *names], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / lock.NAME).read_bytes() == said.stdout
    subprocess.run(["sha256sum", "--strict", "-c", lock.NAME], cwd=tmp_path, check=True)

    paths["2026.1.yaml"].write_text("id: other\n")
    checked = subprocess.run(["sha256sum", "-c", lock.NAME], cwd=tmp_path, check=False)
    assert checked.returncode == 1


def test_lines_are_read_as_sha256sum_writes_them_in_binary_mode_too(tmp_path: Path) -> None:
    published(tmp_path)
    path = tmp_path / lock.NAME
    before = lock.read(tmp_path)
    path.write_text(path.read_text().replace("  ", " *"))

    assert lock.read(tmp_path) == before


def test_without_a_lock_file_nothing_was_published(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / lock.NAME).unlink()

    assert lock.read(tmp_path) == {}
    assert load_folder(tmp_path).releases == ()


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("2026.1.yaml", "restore it, and put the change into a new release beside it"),
        ("2026.1.de.yaml", "restore it, or publish the correction: questionnaires publish"),
    ],
)
def test_a_published_file_that_was_changed_is_named(tmp_path: Path, name: str, remedy: str) -> None:
    path = published(tmp_path)[name]
    path.write_text(TEXTS[name].replace("Small", "Smaller"), encoding="utf-8")

    [fault] = faults(tmp_path)

    assert str(fault) == (
        f"{tmp_path.name}/small/{name}:1: was published and has been changed since; {remedy}"
    )
    with pytest.raises(Faulty, match="was published and has been changed since"):
        load_folder(tmp_path)


@settings(max_examples=30, deadline=None)
@given(at=st.integers(0, len(TEXTS["2026.1.yaml"].rstrip()) - 1))
def test_any_single_byte_that_changes_is_a_change(
    tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    folder = tmp_path_factory.mktemp("folder")
    path = published(folder)["2026.1.yaml"]
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)

    assert "was published and has been changed since" in {one.problem for one in faults(folder)}


def test_a_change_of_line_ends_alone_is_a_change(tmp_path: Path) -> None:
    path = published(tmp_path)["2026.1.yaml"]
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert [fault.problem for fault in faults(tmp_path)] == [
        "was published and has been changed since"
    ]


def test_a_published_file_that_is_gone_is_named_with_its_line_of_the_lock(tmp_path: Path) -> None:
    published(tmp_path)["2026.1.de.yaml"].unlink()

    [fault] = faults(tmp_path)

    assert str(fault) == (
        f"{tmp_path.name}/{lock.NAME}:1: small/2026.1.de.yaml: was published and is gone; "
        "restore it"
    )


def test_an_app_does_not_start_without_a_published_release(tmp_path: Path) -> None:
    published(tmp_path)["2026.1.yaml"].unlink()

    with pytest.raises(Faulty):
        load_folder(tmp_path)


def test_a_draft_is_not_looked_at_by_an_app(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "small" / "2026.2.yaml").write_text("nonsense: [")
    (tmp_path / "small" / "2026.2.de.yaml").write_text("nonsense: [")

    assert [one.release for one in load_folder(tmp_path).releases] == ["2026.1"]


def test_a_draft_is_checked_and_may_be_changed(tmp_path: Path) -> None:
    published(tmp_path)
    draft = tmp_path / "small" / "2026.2.yaml"
    draft.write_text(TEXTS["2026.1.yaml"].replace("2026.1", "2026.2"))
    assert faults(tmp_path) == []

    draft.write_text(draft.read_text().replace('"Small"', '""'))
    [fault] = faults(tmp_path)

    assert (fault.file, fault.path) == (f"{tmp_path.name}/small/2026.2.yaml", "title")


def test_a_corrected_translation_can_be_published_again(tmp_path: Path) -> None:
    path = published(tmp_path)["2026.1.de.yaml"]
    path.write_text(TEXTS["2026.1.de.yaml"].replace("DE Small", "Klein"), encoding="utf-8")
    lock.add(path)

    assert faults(tmp_path) == []
    [words] = load_folder(tmp_path).translations.values()
    assert words.title == "Klein"


HASH = "0" * 64


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "is no line of hash and file"),
        ("# a remark", "is no line of hash and file"),
        (f"{HASH} small/2026.2.yaml", "is no line of hash and file"),
        (f"{HASH[1:]}  small/2026.2.yaml", "is no line of hash and file"),
        (f"{'A' * 64}  small/2026.2.yaml", "is no line of hash and file"),
        (f"{HASH}  2026.2.yaml", "is no line of hash and file"),
        (f"{HASH}  ../small/2026.2.yaml", "is no line of hash and file"),
        (f"{HASH}  /small/2026.2.yaml", "is no line of hash and file"),
        (f"{HASH}  small/2026.1.yaml", "stands twice"),
        ("<<<<<<< ours", "is no line of hash and file"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(tmp_path: Path, line: str, problem: str) -> None:
    published(tmp_path)
    path = tmp_path / lock.NAME
    path.write_text(f"{path.read_text()}{line}\n")

    with pytest.raises(Faulty) as caught:
        lock.read(tmp_path)

    assert [str(fault) for fault in caught.value.faults] == [
        f"{tmp_path.name}/{lock.NAME}:3: {problem}; restore the lock file from version control"
    ]


def test_the_check_tells_of_a_broken_lock_file(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / lock.NAME).write_text("<<<<<<< ours\n")

    [fault] = faults(tmp_path)

    assert (fault.file, fault.line) == (f"{tmp_path.name}/{lock.NAME}", 1)


def test_a_lock_file_that_is_no_text_is_told_so(tmp_path: Path) -> None:
    published(tmp_path)
    with (tmp_path / lock.NAME).open("ab") as file:
        file.write(b"\xff\x00\n")

    [fault] = faults(tmp_path)

    assert (fault.line, fault.problem) == (3, "is no line of hash and file")


def test_lines_stand_in_the_order_of_the_files_whatever_was_published_first(
    tmp_path: Path,
) -> None:
    paths = published(tmp_path)
    once = (tmp_path / lock.NAME).read_text()
    (tmp_path / lock.NAME).unlink()
    for path in sorted(paths.values(), reverse=True):
        lock.add(path)

    assert (tmp_path / lock.NAME).read_text() == once
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


def test_everything_that_riskapp_comes_with_is_published() -> None:
    locked = lock.read(FOLDER)

    assert set(locked) == {lock.place(path) for path in files_in(FOLDER)}
