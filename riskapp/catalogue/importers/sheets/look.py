"""Finds out what kind of file was given, and reads it into grids or says what to do instead."""

import hashlib
from collections.abc import Sequence

from riskapp.catalogue.importers.common import MOST_BYTES, NotImportable
from riskapp.catalogue.importers.sheets.csv import read_csv
from riskapp.catalogue.importers.sheets.grid import Workbook
from riskapp.catalogue.importers.sheets.xlsx import read_xlsx

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE = "open it in a spreadsheet program and save it as .xlsx"

_OTHERS: Sequence[tuple[bytes, str]] = (
    (b"%pdf", "a PDF"),
    (b"{\\rtf", "a text document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "XML"),
    (b"\x1f\x8b", "packed with gzip"),
)


def look(data: bytes, name: str) -> Workbook:
    """Every sheet of a spreadsheet file, hidden ones too. Raises NotImportable with a remedy.

    What the file is says its content; `name` is only shown.
    """
    if len(data) > MOST_BYTES:
        problem = f"the file is larger than {MOST_BYTES >> 20} MB"
        raise NotImportable(problem, "keep only the sheets that hold the questions")
    _refuse_others(data)
    sha256 = hashlib.sha256(data).hexdigest()
    if data.startswith(b"PK"):
        read = read_xlsx(data)
        kind = "Excel workbook"
        return Workbook(name, kind, sha256, read.sheets, read.notes, read.title, read.author)
    sheet, kind = read_csv(data)
    return Workbook(name, kind, sha256, [sheet], sheet.notes)


def _refuse_others(data: bytes) -> None:
    if data.startswith(_OLD_OFFICE):
        if _ENCRYPTED in data:
            remedy = "open it with its password, remove the password, and save it as .xlsx"
            raise NotImportable("the file is protected with a password", remedy)
        raise NotImportable("the file is an Excel workbook of before 2007 (.xls)", _SAVE)
    start = data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, what in _OTHERS:
        if start.startswith(mark):
            raise NotImportable(f"the file is {what}, no spreadsheet", _SAVE)
    if not data.strip():
        raise NotImportable("the file is empty", "choose the file that holds the questions")
