"""A folder of questionnaire files is used as a whole, or not at all."""

import hashlib
from pathlib import Path

import pytest

from riskapp.catalogue import lock
from riskapp.catalogue.errors import Faulty, UnknownQuestionnaire
from riskapp.catalogue.folder import FOLDER, check_paths
from riskapp.catalogue.load import load_folder
from riskapp.catalogue.model import Release
from tests.catalogue import writing
from tests.catalogue.writing import SMALL, choice, question, written


def stored(folder: Path, name: str, text: str) -> Path:
    """A published file of a folder."""
    path = unpublished(folder, name, text)
    lock.add(path)
    return path


def unpublished(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def test_a_folder_gives_the_latest_and_every_release(tmp_path: Path) -> None:
    for number in ("2026.1", "2026.9", "2026.10"):
        stored(tmp_path, f"small/{number}.yaml", SMALL.replace("2026.1", number))
    unpublished(tmp_path, "small/2026.11.yaml", SMALL.replace("2026.1", "2026.11"))

    catalogue = load_folder(tmp_path)

    assert len(catalogue.releases) == 3, "a draft is nobody's business"
    assert catalogue.latest("small").release == "2026.10"
    first = catalogue.get("small", "2026.1")
    assert first is not None
    assert first.key == "small@2026.1"
    assert catalogue.get("small", "2025.1") is None


def test_what_is_not_in_the_folder_is_said_not_to_be(tmp_path: Path) -> None:
    stored(tmp_path, "small/2026.1.yaml", SMALL)
    catalogue = load_folder(tmp_path)

    with pytest.raises(UnknownQuestionnaire):
        catalogue.latest("large")
    with pytest.raises(UnknownQuestionnaire):
        _ = catalogue.intake


def intake(name: str, code: str) -> str:
    options = [{"id": "some", "text": "Some", "value": 1}, {"id": "none", "text": "No", "value": 0}]
    asked = question(
        code, {"type": "choice", "options": options}, weight=None, factor={"weight": 1}
    )
    return written(writing.release(asked, id=name, audience="officer", domains={}))


def test_the_intake_is_what_the_officer_answers(tmp_path: Path) -> None:
    stored(tmp_path, "small/2026.1.yaml", SMALL)
    stored(tmp_path, "intake/2026.1.yaml", intake("intake", "INT-01"))

    assert load_folder(tmp_path).intake.id == "intake"


def test_there_is_one_intake(tmp_path: Path) -> None:
    stored(tmp_path, "first/2026.1.yaml", intake("first", "INT-01"))
    stored(tmp_path, "second/2026.1.yaml", intake("second", "INT-02"))

    with pytest.raises(Faulty, match="makes a second intake beside first"):
        load_folder(tmp_path)


def test_a_file_stands_in_its_own_place(tmp_path: Path) -> None:
    path = stored(tmp_path, "large/2026.2.yaml", SMALL)

    problems = [fault.problem for fault in check_paths([path])]

    assert problems == ["is small in the folder large", "is 2026.1 in the file 2026.2.yaml"]


def test_two_questionnaires_share_no_question_id(tmp_path: Path) -> None:
    stored(tmp_path, "other/2026.1.yaml", SMALL.replace("id: small", "id: other"))
    stored(tmp_path, "small/2026.1.yaml", SMALL)

    [fault] = check_paths([tmp_path])

    assert str(fault).endswith(
        "small/2026.1.yaml:13: sections[0].questions[0].id: TST-01 is a question of other; "
        "give it another id"
    )


def test_a_folder_with_a_fault_is_not_used_at_all(tmp_path: Path) -> None:
    stored(tmp_path, "small/2026.1.yaml", SMALL)
    stored(tmp_path, "wrong/2026.1.yaml", "id: [")
    unreasonable = choice(good=0.5, bad=0)
    text = written(writing.release(question("TST-02", unreasonable), id="unreasonable"))
    stored(tmp_path, "unreasonable/2026.1.yaml", text)

    with pytest.raises(Faulty) as caught:
        load_folder(tmp_path)

    assert len(caught.value.faults) == 2


def test_a_path_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    [fault] = check_paths([tmp_path / "2026.1.yaml"])

    assert fault.problem == "cannot be read (No such file or directory)"


def test_a_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "2026.1.yaml"
    path.write_bytes("id: a\ntitle: Größe".encode("latin-1"))

    [fault] = check_paths([path])

    assert (fault.line, fault.remedy) == (2, "save the file as UTF-8")


def test_line_ends_belong_to_what_is_hashed(tmp_path: Path) -> None:
    text = SMALL.replace("\n", "\r\n")
    stored(tmp_path, "small/2026.1.yaml", text)

    release = load_folder(tmp_path).latest("small")

    assert release.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_riskapps_own_questionnaires_are_in_order() -> None:
    assert [str(fault) for fault in check_paths()] == []


def test_riskapps_own_questionnaires_load() -> None:
    catalogue = load_folder(FOLDER)

    assert {release.id for release in catalogue.releases} >= {
        "iso-27001",
        "gdpr-processor",
        "intake",
    }
    assert catalogue.intake.id == "intake"
    assert all(isinstance(release, Release) for release in catalogue.releases)
