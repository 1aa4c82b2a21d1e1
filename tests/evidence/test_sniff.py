import io
import zipfile

import pytest

from riskapp.evidence.sniff import KINDS, Problem, TypeRefused, check

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
WEBP = b"RIFF\x24\0\0\0WEBPVP8 "
ODF = "application/vnd.oasis.opendocument."
OOXML = "application/vnd.openxmlformats-officedocument."


def archive(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return out.getvalue()


ZIP = archive(document="x")


def refusal(name: str, head: bytes) -> TypeRefused:
    with pytest.raises(TypeRefused) as caught:
        check(name, head, len(head))
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
        ("a.docx", ZIP, OOXML + "wordprocessingml.document"),
        ("a.xlsx", ZIP, OOXML + "spreadsheetml.sheet"),
        ("a.pptx", ZIP, OOXML + "presentationml.presentation"),
        ("a.odt", archive(mimetype=ODF + "text", content="x"), ODF + "text"),
        ("a.ods", archive(mimetype=ODF + "spreadsheet"), ODF + "spreadsheet"),
        ("a.odp", archive(mimetype=ODF + "presentation"), ODF + "presentation"),
        ("a.csv", b"name;value\r\n\xfcber;1\r\n", "text/csv"),
        ("a.txt", "\ufeffüber\tall\n".encode(), "text/plain"),
        ("a.md", b"# Policy\n\nNo <html> here.\n", "text/markdown"),
        ("a.json", '{"ü": 1}'.encode(), "application/json"),
    ],
)
def test_what_is_taken_has_the_type_of_its_extension(
    name: str, head: bytes, media_type: str
) -> None:
    assert check(name, head, len(head)) == media_type


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
    assert refusal("a.odt", archive(mimetype=ODF + kind, x="y")).reason == Problem.SIGNATURE


def test_an_archive_that_is_no_open_document_is_refused_as_one() -> None:
    assert refusal("a.odt", ZIP).reason == Problem.SIGNATURE


def test_an_empty_archive_is_refused() -> None:
    assert refusal("a.zip", archive()).reason == Problem.SIGNATURE


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
    assert check("a.json", head, 9000) == "application/json"
