"""Imports as importers make them, without a foreign file."""

from typing import Any

from riskapp.catalogue.importers.common import Imported, Naming, Note
from riskapp.releases.service import Brought
from tests.catalogue import writing


def written(*questions: writing.Json, **more: Any) -> str:
    """The text of a small questionnaire that could be published."""
    return writing.written(writing.release(*questions or [writing.question()], id="theirs") | more)


def brought(text: str, **naming: str) -> Brought:
    """What an importer would have made of theirs.json."""
    named = {"id": "theirs", "prefix": "TST", "release": "2026.1", **naming}
    imported = Imported(text, 1, [Note("line 3", "was dropped")])
    return Brought("vsaq", "theirs.json", b"{} // theirs", Naming(**named), {}, imported)
