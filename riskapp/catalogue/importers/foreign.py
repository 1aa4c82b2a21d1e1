"""One door to every importer: the formats there are, and a file read as one of them.

The importers are imported when one is used: their libraries take long.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskapp.catalogue.importers.common import Imported, Naming, Note, NotImportable, Progress
from riskapp.catalogue.importers.words import clean

if TYPE_CHECKING:
    from riskapp.catalogue.importers.sheets.importer import Mapping as Columns
    from riskapp.catalogue.importers.sheets.importer import Preview, Workbook

SHEET = "sheet"
FORMS: Mapping[str, str] = {
    "vsaq": "VSAQ (JSON)",
    "oscal": "OSCAL catalog (JSON, YAML or XML)",
    "ciso": "CISO Assistant library (YAML)",
    SHEET: "Spreadsheet (XLSX or CSV)",
}
"""What may be imported, by the word of the command line."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A spreadsheet that was looked at, and what its columns mean."""

    workbook: "Workbook"
    columns: "Columns"

    def rows(self) -> Sequence["Preview"]:
        """What its first rows become. Raises NotImportable where there are no questions."""
        from riskapp.catalogue.importers.sheets import importer as sheet  # noqa: PLC0415 - see the module

        with _clean_refusals():
            return sheet.preview(self.workbook, self.columns)


def see(data: bytes, name: str, corrections: Sequence[str] = ()) -> Seen:
    """What a spreadsheet's columns seem to mean, but for what a person says. Raises NotImportable.

    Corrections are written as `sheets.mapping.Mapping.corrected` takes them.
    """
    from riskapp.catalogue.importers.sheets import importer as sheet  # noqa: PLC0415 - see the module

    with _clean_refusals():
        workbook = sheet.look(data, name)
        return Seen(workbook, sheet.guess(workbook, corrections))


def read(
    form: str,
    data: bytes,
    name: str,
    naming: Naming,
    columns: "Columns | None" = None,
    progress: Progress | None = None,
    *,
    extensions: Sequence[bytes] = (),
) -> Imported:
    """A questionnaire out of a file of this form; `columns` are a spreadsheet's.

    `extensions` are VSAQ files whose items are put into the questionnaire. Whatever the file holds,
    the notes can be shown and stored anywhere. Raises NotImportable.
    """
    with _clean_refusals():
        imported = _read(form, data, name, naming, columns, progress, extensions)
    notes = [Note(clean(note.where), clean(note.problem)) for note in imported.notes]
    return Imported(imported.text, imported.questions, notes)


def _read(
    form: str,
    data: bytes,
    name: str,
    naming: Naming,
    columns: "Columns | None",
    progress: Progress | None,
    extensions: Sequence[bytes],
) -> Imported:
    if form == SHEET:
        from riskapp.catalogue.importers.sheets import importer as sheet  # noqa: PLC0415 - see the module

        return sheet.read(data, name, naming, columns, progress)
    from riskapp.catalogue.importers.reading import import_file  # noqa: PLC0415 - see the module

    return import_file(form, data, name, naming, progress, extensions=extensions)


@contextmanager
def _clean_refusals() -> Iterator[None]:
    """What a refusal quotes of a file must not break the page that shows it."""
    try:
        yield
    except NotImportable as error:
        raise NotImportable(clean(error.problem), clean(error.remedy)) from error
