"""From a file's bytes to its text."""

import codecs

from riskapp.catalogue.importers.common import MOST_BYTES, NotImportable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark. Raises NotImportable."""
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 2**20:.0f} MB"
        limit = f"{MOST_BYTES // 2**20} MB"
        raise NotImportable(
            f"The file has {size}", f"import files of at most {limit}, part by part"
        )
    mark, encoding = next((one for one in _MARKS if data.startswith(one[0])), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = (
            f"The file is no {encoding[:6].upper().rstrip('-')} text: line {line} cannot be read"
        )
        raise NotImportable(problem, "save it as UTF-8") from error
    if not text.strip():
        raise NotImportable("The file is empty", "choose the file that holds the questionnaire")
    if "\0" in text:
        raise NotImportable("The file is no text", "save it as UTF-8 text")
    return text
