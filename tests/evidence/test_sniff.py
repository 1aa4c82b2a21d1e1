import pytest

from riskapp.evidence.problems import Problem, TypeRefused
from riskapp.evidence.sniff import KINDS, check, tail_bytes
from tests.evidence.zips import MAIN, ODF, TYPES, office, open_document, packed

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 "
OOXML = "application/vnd.openxmlformats-officedocument."


ZIP = packed({"document": "x"})


def looked_at(name: str, data: bytes) -> str:
    return check(name, data[:8192], data[-tail_bytes(name) :], len(data))


def refusal(name: str, head: bytes) -> TypeRefused:
    with pytest.raises(TypeRefused) as caught:
        looked_at(name, head)
    return caught.value


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("soc2.pdf", PDF, "application/pdf"),
        ("日本語.PDF", PDF, "application/pdf"),
        ("a.exe.pdf", PDF, "application/pdf"),
        ("a.png", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.webp", WEBP, "image/webp"),
        ("a.zip", ZIP, "application/zip"),
        ("a.docx", office("docx"), OOXML + "wordprocessingml.document"),
        ("a.xlsx", office("xlsx"), OOXML + "spreadsheetml.sheet"),
        ("a.pptx", office("pptx"), OOXML + "presentationml.presentation"),
        ("a.odt", open_document("text"), ODF + "text"),
        ("a.ods", open_document("spreadsheet"), ODF + "spreadsheet"),
        ("a.odp", open_document("presentation"), ODF + "presentation"),
        ("a.csv", b"name;value\r\n\xfcber;1\r\n", "text/csv"),
        ("a.txt", "\ufeffüber\tall\n".encode(), "text/plain"),
        ("a.md", b"# Policy\n\nNo <html> here.\n", "text/markdown"),
        ("a.json", '{"ü": 1}'.encode(), "application/json"),
    ],
)
def test_what_is_taken_has_the_type_of_its_extension(
    name: str, head: bytes, media_type: str
) -> None:
    assert looked_at(name, head) == media_type


@pytest.mark.parametrize(
    "name",
    ["a.html", "a.htm", "a.svg", "a.exe", "a.js", "a.gif", "a.eml", "a.xml", "a.docm", "a.pdf.exe"],
)
def test_other_extensions_are_refused_whatever_is_inside(name: str) -> None:
    found = refusal(name, PDF)
    assert (found.extension, found.reason) == (name.rpartition(".")[2], Problem.EXTENSION)


@pytest.mark.parametrize("name", ["a", ".pdf", "a.", "unnamed"])
def test_a_name_without_extension_is_refused(name: str) -> None:
    found = refusal(name, PDF)
    assert (found.extension, found.reason) == ("", Problem.EXTENSION)


@pytest.mark.parametrize("extension", sorted(KINDS))
def test_an_empty_file_is_refused_as_every_kind(extension: str) -> None:
    assert refusal(f"a.{extension}", b"").reason == Problem.EMPTY


@pytest.mark.parametrize(
    "extension",
    ["pdf", "png", "jpg", "jpeg", "webp", "docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"],
)
@pytest.mark.parametrize(
    "head", [b"MZ\x90\0", b"<html>", b"\n" + PDF, b" " + ZIP, b"P", b"RIFF\x24\0\0\0WAVE"]
)
def test_a_wrong_signature_at_the_beginning_is_refused(extension: str, head: bytes) -> None:
    found = refusal(f"a.{extension}", head)
    assert (found.extension, found.reason) == (extension, Problem.SIGNATURE)


@pytest.mark.parametrize("kind", ["text-template", "spreadsheet", "tex"])
def test_an_open_document_of_another_kind_is_refused(kind: str) -> None:
    assert refusal("a.odt", open_document(kind)).reason == Problem.SIGNATURE


def test_an_archive_that_is_no_open_document_is_refused_as_one() -> None:
    assert refusal("a.odt", ZIP).reason == Problem.SIGNATURE


def test_an_empty_archive_is_refused() -> None:
    assert refusal("a.zip", packed({})).reason == Problem.SIGNATURE


@pytest.mark.parametrize("extension", ["csv", "txt", "md", "json"])
@pytest.mark.parametrize("head", [b"a\0b", PNG, "utf-16".encode("utf-16-le"), b"\x1b[2Jgone"])
def test_what_is_not_text_is_refused_as_text(extension: str, head: bytes) -> None:
    assert refusal(f"a.{extension}", head).reason in {Problem.NOT_TEXT, Problem.NOT_UTF8}


@pytest.mark.parametrize(
    "head", [b"<!DOCTYPE html>", b"\r\n <HTML>", b"\xef\xbb\xbf<svg/>", b"<script>", b"<?xml ?>"]
)
@pytest.mark.parametrize("extension", ["csv", "txt", "md", "json"])
def test_web_pages_under_another_name_are_refused(extension: str, head: bytes) -> None:
    assert refusal(f"a.{extension}", head).reason == Problem.MARKUP


def test_json_in_another_encoding_is_refused() -> None:
    assert refusal("a.json", b'{"\xfc": 1}').reason == Problem.NOT_UTF8


def test_json_whose_head_ends_within_a_character_is_taken() -> None:
    head = '{"ü'.encode()[:-1]
    assert check("a.json", head, b"", 9000) == "application/json"


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx", "odt", "ods", "odp"])
def test_an_archive_that_is_no_document_is_refused_as_one(kind: str) -> None:
    assert refusal(f"a.{kind}", ZIP).reason == Problem.SIGNATURE
    assert refusal(f"a.{kind}", packed({TYPES: "x"})).reason == Problem.SIGNATURE
    if kind in MAIN:
        assert refusal(f"a.{kind}", packed({MAIN[kind]: "x"})).reason == Problem.SIGNATURE


def test_the_main_part_of_a_document_may_have_a_number() -> None:
    data = packed({TYPES: "x", "word/document2.xml": "x"})
    assert looked_at("a.docx", data).endswith("wordprocessingml.document")


@pytest.mark.parametrize(
    "part", ["word/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"]
)
def test_office_documents_with_macros_are_refused(part: str) -> None:
    for kind in MAIN:
        assert refusal(f"a.{kind}", office(kind, **{part: b"x"})).reason == Problem.MACROS


def test_open_documents_with_macros_are_refused_but_not_for_an_empty_library() -> None:
    macro = open_document("text", {"Basic/Standard/Module1.xml": "x"})
    assert refusal("a.odt", macro).reason == Problem.MACROS
    empty = open_document("text", {"Basic/Standard/script-lb.xml": "x"})
    assert looked_at("a.odt", empty) == ODF + "text"


def test_an_open_document_under_a_password_is_refused() -> None:
    data = open_document("text", {"encrypted-package": b"x"})
    assert refusal("a.odt", data).reason == Problem.ENCRYPTED


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.pdf", PDF),
        ("a.png", PNG),
        ("a.jpg", JPEG),
        ("a.webp", WEBP),
        ("a.txt", b"text\n"),
        ("a.json", b"{}\n"),
    ],
)
def test_a_file_that_ends_as_an_archive_is_refused_as_anything_else(name: str, head: bytes) -> None:
    for data in (head + ZIP, head + bytes(100_000) + ZIP + b"\n%%EOF\n"):
        assert refusal(name, data).reason in {
            Problem.TWO_AT_ONCE,
            Problem.NOT_TEXT,
            Problem.NOT_UTF8,
        }


@pytest.mark.parametrize(("name", "head"), [("a.png", PNG), ("a.jpg", JPEG), ("a.webp", WEBP)])
def test_an_image_that_readers_of_pdf_would_open_is_refused(name: str, head: bytes) -> None:
    assert refusal(name, head + PDF).reason == Problem.TWO_AT_ONCE


def test_text_that_ends_in_something_else_is_refused() -> None:
    assert refusal("a.txt", b"text\n" * 4000 + b"\0\1").reason == Problem.NOT_TEXT


def test_an_archive_in_an_archive_is_named() -> None:
    found = refusal("a.zip", packed({"papers/inner.zip": b"x"}))
    assert (found.extension, found.reason, found.entry) == ("zip", Problem.NESTED, "inner.zip")
