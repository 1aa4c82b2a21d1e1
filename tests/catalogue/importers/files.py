"""Imports small files for tests, and reads back what became of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from riskapp.catalogue.check import check
from riskapp.catalogue.importers.common import Imported, Naming, NotImportable
from riskapp.catalogue.importers.reading import import_file
from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.parsing import parse
from tests.requirements import missing

NAMING = Naming(id="theirs", prefix="THE", release="2026.1")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """What became of a file: the release in it, and the importer's own report."""

    release: Release
    imported: Imported

    @property
    def questions(self) -> list[Question]:
        return list(self.release.questions.values())

    @property
    def notes(self) -> list[str]:
        return [str(note) for note in self.imported.notes]

    def about(self, words: str) -> Question:
        """The one question whose text holds these words."""
        (found,) = [one for one in self.questions if words in one.text]
        return found

    def noted(self, words: str) -> list[str]:
        """Where there are notes that hold these words."""
        return [note.where for note in self.imported.notes if words in note.problem]


def imported(form: str, data: bytes | str, name: str = "theirs.json", **more: Any) -> Read:
    """A file that is imported: the check finds nothing in it."""
    content = data.encode() if isinstance(data, str) else data
    found = import_file(form, content, name, NAMING, **more)
    release = parse(found.text, "theirs/2026.1.yaml")
    assert check(release) == []
    assert found.questions == len(release.questions)
    assert release.audience == "vendor"
    return Read(release, found)


def refusal(form: str, data: bytes | str, **more: Any) -> NotImportable:
    """The refusal that a file gets: what is wrong with it and what to do."""
    content = data.encode() if isinstance(data, str) else data
    with pytest.raises(NotImportable) as refused:
        import_file(form, content, "theirs.json", NAMING, **more)
    return sound(refused.value)


def sound(refused: NotImportable) -> NotImportable:
    assert refused.problem
    assert refused.remedy
    return refused


def imported_or_refused(form: str, data: bytes) -> Read | None:
    """Whatever a file holds, it is imported into something sound, or refused with a remedy."""
    try:
        return imported(form, data)
    except NotImportable as error:
        sound(error)
        return None


def shared(name: str) -> bytes:
    """A file of the shared test data; skips the test where there is none."""
    folder = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
    if not folder.is_dir():
        missing("shared")
    return (folder / name).read_bytes()


def item(kind: str, name: str = "", said: str = "", /, **more: Any) -> Json:
    """An item of a VSAQ file."""
    found: Json = {"type": kind, **({"id": name} if name else {}), "text": said, **more}
    return {key: value for key, value in found.items() if value != ""}


def radios(name: str, said: str, *choices: str, **more: Any) -> Json:
    """A radiogroup whose choices are called name_word: “yes: Yes, we do.”"""
    pairs = [choice.partition(": ") for choice in choices]
    listed = [{f"{name}_{word}": label or word} for word, _, label in pairs]
    return item("radiogroup", name, said, choices=listed, defaultChoice=False, **more)


def ticks(name: str, said: str, *choices: str, **more: Any) -> Json:
    """A checkgroup, as `radios`."""
    return {**radios(name, said, *choices, **more), "type": "checkgroup"}


def warning(cond: str, severity: str = "high", said: str = "This is bad.", /, **more: Any) -> Json:
    """A tip that warns where a condition holds."""
    name = f"warn_{cond}_{severity}_{said}"
    return item("tip", name, said, cond=cond, warn="yes", severity=severity, **more)


def block(said: str, *items: Json, **more: Any) -> Json:
    return {"type": "block", "text": said, "items": list(items), **more}


def vsaq_file(*items: Json, **more: Any) -> str:
    """A VSAQ file with one section of these items."""
    root = block("Their questionnaire", block("Basics", *items), block("More"))
    return json.dumps({"questionnaire": [root], **more}, indent=1)


def vsaq(*items: Json, **more: Any) -> Read:
    return imported("vsaq", vsaq_file(*items, **more))
