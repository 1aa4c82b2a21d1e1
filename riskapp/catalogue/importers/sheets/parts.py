"""What an XLSX file says once for all its sheets: their names, words, number formats, itself."""

from dataclasses import dataclass, field
from posixpath import dirname, join, normpath

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.importers.sheets.grid import trimmed
from riskapp.catalogue.importers.sheets.package import SAVE_AGAIN, Handler, Package

_LONGEST_FORMAT = 255
_TRUE = {"1", "true", "on"}


@dataclass(slots=True)
class Book:
    """`sheets` are name, state and relation; `names` are the defined names, in small letters."""

    part: str
    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    since_1904: bool = False


class _Relations(Handler):
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = normpath(join("/", self.folder, attributes.get("Target", ""))).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = (kind, target)


class _Names(Handler):
    def __init__(self, book: Book) -> None:
        self.book = book
        self.name = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            one = attributes.get("name", ""), attributes.get("state", ""), attributes.get("id", "")
            self.book.sheets.append(one)
        elif name == "definedName":
            self.name = attributes.get("name", "").lower()
        elif name == "workbookPr":
            self.book.since_1904 = is_true(attributes.get("date1904"))

    def end(self, name: str, text: str) -> None:
        if name == "definedName":
            self.book.names[self.name] = text.strip()


class _Strings(Handler):
    """Words in runs are joined; how they are pronounced (rPh) is left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.runs: list[str] = []
        self.spoken = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - as all
        if name == "si":
            self.runs.clear()
        elif name == "rPh":
            self.spoken = True

    def end(self, name: str, text: str) -> None:
        if name == "t" and not self.spoken:
            self.runs.append(text)
        elif name == "rPh":
            self.spoken = False
        elif name == "si":
            self.found.append(words("".join(self.runs)))


class _Styles(Handler):
    def __init__(self) -> None:
        self.codes = dict(BUILTIN_FORMATS)
        self.used: list[int] = []
        self.in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        number = attributes.get("numFmtId", "")
        known = int(number) if number.isdecimal() else 0
        if name == "numFmt":
            self.codes[known] = attributes.get("formatCode", "")[:_LONGEST_FORMAT]
        elif name == "cellXfs":
            self.in_cells = True
        elif name == "xf" and self.in_cells:
            self.used.append(known)

    def end(self, name: str, text: str) -> None:  # noqa: ARG002 - as all
        if name == "cellXfs":
            self.in_cells = False


class _Properties(Handler):
    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def end(self, name: str, text: str) -> None:
        self.found.setdefault(name, trimmed(text))


def is_true(written: str | None) -> bool:
    return (written or "").lower() in _TRUE


def words(text: str) -> str:
    """A cell's words; programs write what XML cannot hold as _x000D_."""
    return trimmed(unescape(text) if "_x" in text else text)


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """The kind and the part of each relation of a part (empty: of the file)."""
    folder, _, name = part.rpartition("/")
    handler = _Relations(dirname(part))
    package.walk(join(folder, "_rels", f"{name}.rels"), handler)
    return handler.found


def book_of(package: Package) -> Book:
    """The workbook part. Raises NotImportable where there is none."""
    targets = [part for kind, part in relations(package, "").values() if kind == "officeDocument"]
    part = targets[0] if targets else "xl/workbook.xml"
    if part not in package.parts:
        raise NotImportable("the file is no Excel workbook", SAVE_AGAIN)
    book = Book(part)
    package.walk(part, _Names(book))
    return book


def strings_of(package: Package, part: str) -> list[str]:
    handler = _Strings()
    package.walk(part, handler)
    return handler.found


def properties_of(package: Package) -> dict[str, str]:
    """What the file says about itself: title, creator."""
    handler = _Properties()
    package.walk("docProps/core.xml", handler)
    return handler.found


class Numbers:
    """Shows numbers as the sheet does, as far as an id or a date needs: 1.10, 50%, 2026-03-31."""

    def __init__(self, package: Package, part: str, *, since_1904: bool) -> None:
        handler = _Styles()
        package.walk(part, handler)
        self._codes = [handler.codes.get(number, "General") for number in handler.used]
        self._epoch = CALENDAR_MAC_1904 if since_1904 else CALENDAR_WINDOWS_1900

    def shown(self, written: str, style: str) -> str:
        try:
            number = float(written)
            whole = number.is_integer()
        except (ValueError, OverflowError):
            return words(written)
        at = int(style) if style.isdecimal() else 0
        code = self._codes[at] if at < len(self._codes) else "General"
        if is_date_format(code):
            return self._day(number, written)
        places = code.rstrip("%").removeprefix("0.")
        if code.endswith("%") and set(code) <= set("0.%#"):
            return f"{number * 100:g}%"
        if code.startswith("0.") and set(places) == {"0"}:
            return f"{number:.{len(places)}f}"
        return str(int(number)) if whole and abs(number) < 10**15 else repr(number)

    def _day(self, number: float, written: str) -> str:
        try:
            day = from_excel(number, self._epoch)
        except (ValueError, OverflowError, TypeError):
            return words(written)
        return day.isoformat(" ").removesuffix(" 00:00:00") if hasattr(day, "date") else str(day)
