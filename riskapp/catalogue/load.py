"""From a folder of questionnaire files to the catalogue that an app runs with."""

from pathlib import Path

from riskapp.catalogue import lock
from riskapp.catalogue.check import check_together
from riskapp.catalogue.errors import Faulty
from riskapp.catalogue.folder import changed, files_in, read_files, release_of
from riskapp.catalogue.library import Catalogue
from riskapp.catalogue.parsing import parse

__all__ = ["Catalogue", "load_folder", "parse"]


def load_folder(folder: Path) -> Catalogue:
    """Reads and checks everything published in a folder. Raises Faulty with all that is wrong.

    A release that does not make sense, or is not what was published, never gets as far as being
    sent. Files that were not published are drafts of somebody's, and not looked at.
    """
    locked = lock.read(folder)
    files = [path for path in files_in(folder) if lock.place(path) in locked]
    found = read_files(files)
    faults = [*found.faults, *changed(files, locked)]
    faults += check_together(list(found.releases.values()), complete=True)
    if faults:
        raise Faulty(faults)
    translations = {
        (found.releases[release_of(path)].sha256, words.language): words
        for path, words in found.translations.items()
        if release_of(path) in found.releases
    }
    return Catalogue(list(found.releases.values()), translations)
