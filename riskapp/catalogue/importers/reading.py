"""The front of the importers of questionnaires and catalogs; spreadsheets come in by `sheet`."""

from collections.abc import Sequence

from riskapp.catalogue.importers.ciso import importer as ciso
from riskapp.catalogue.importers.common import Imported, Naming, NotImportable, Progress
from riskapp.catalogue.importers.oscal import importer as oscal
from riskapp.catalogue.importers.vsaq import importer as vsaq

FORMS = ("vsaq", "oscal", "ciso")


def import_file(
    form: str,
    data: bytes,
    name: str,
    naming: Naming,
    progress: Progress | None = None,
    *,
    extensions: Sequence[bytes] = (),
) -> Imported:
    """The questionnaire in a file of one of FORMS; `name` is what the file is called.

    `extensions` are VSAQ files whose items are put into the questionnaire. Raises NotImportable.
    """
    if extensions and form != "vsaq":
        raise NotImportable("Only VSAQ questionnaires have extensions", "leave the others out")
    try:
        if form == "vsaq":
            return vsaq.read(data, name, naming, progress, extensions=extensions)
        if form == "oscal":
            return oscal.read(data, name, naming, progress)
        if form == "ciso":
            return ciso.read(data, name, naming, progress)
    except RecursionError as error:  # a net: every form has a limit of its own
        raise NotImportable("The file is nested too deeply", "import a plainer file") from error
    raise NotImportable(f"“{form[:40]}” is no form of file", f"name one of {', '.join(FORMS)}")
