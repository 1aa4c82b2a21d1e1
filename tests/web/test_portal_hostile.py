"""Files that mean harm, sent as a vendor's browser sends them: refused in words, and gone."""

import zipfile
from typing import Any

import pytest
from flask import Flask

from tests.cast import Cast
from tests.evidence.zips import bomb, office, packed, says
from tests.stages import PDF, issued
from tests.web.portal import Respondent, said, start
from tests.web.test_portal_evidence import files, nothing_kept
from tests.web.uploads.posting import TYPE, body, part

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
ZIP = packed({"a.txt": b"x"})
MEBIBYTE = 1 << 20


@pytest.fixture
def vera(app: Flask, cast: Cast) -> Respondent:
    with app.app_context():
        return start(app, issued(cast.vera, cast.oskar).token)


def send(vera: Respondent, content: bytes, name: str) -> Any:
    """As a browser writes it; the test client would make a file on disk of a large body."""
    form = body(part("issued_on", b"2026-10-01"), part("file", content, name.replace("\\", "\\\\")))
    return vera.post("evidence/ISM-01", form, content_type=TYPE)


HOSTILE = [
    ("both.pdf", PDF + ZIP, "The file is two things at once: a .pdf and another"),
    ("both.png", PNG + ZIP, "The file is two things at once: a .png and another"),
    ("both.jpg", b"\xff\xd8\xff\xe0" + ZIP, "The file is two things at once"),
    ("both.webp", b"RIFF\x24\0\0\0WEBPVP8 " + PDF, "The file is two things at once"),
    ("both.txt", b"text\n" + ZIP, "The file is not text"),
    ("page.html", HTML, "Files of this type are not taken"),
    ("page.pdf", HTML, "The file is not what its name says (.pdf)"),
    ("page.txt", HTML, "The file is a web page or drawing"),
    ("drawing.svg", SVG, "Files of this type are not taken"),
    ("drawing.pdf", SVG, "The file is not what its name says (.pdf)"),
    ("drawing.png", SVG, "The file is not what its name says (.png)"),
    ("drawing.txt", b"\xef\xbb\xbf \r\n" + SVG, "The file is a web page or drawing"),
    ("nothing.txt", b"", "The file is empty"),
    ("zeros.txt", bytes(100_000), "The file is not text"),
    ("zeros.pdf", bytes(100_000), "The file is not what its name says (.pdf)"),
    ("late.txt", b"text\n" * 60_000 + b"\0", "The file is not text"),
    ("more.zip", ZIP + b"more", "Something stands behind the end of the file"),
    ("half.zip", ZIP[: len(ZIP) // 2], "The file is not whole"),
    ("nest.zip", packed({"in.zip": ZIP}), "The archive holds another archive, “in.zip”"),
    ("out.zip", packed({"../out.txt": b"x"}), "The archive holds a file, “out.txt”, whose"),
    (
        "other.zip",
        packed({"a.txt": b"x" * 99}, zipfile.ZIP_LZMA),
        "“a.txt” is packed in a way that cannot be checked",
    ),
    ("no.docx", ZIP, "The file is not what its name says (.docx)"),
    ("macro.docx", office("docx", **{"word/vbaProject.bin": b"x"}), "The file holds macros"),
]


@pytest.mark.parametrize(("name", "content", "words"), HOSTILE, ids=[one[0] for one in HOSTILE])
def test_a_hostile_file_is_refused_in_words_and_leaves_nothing(
    app: Flask, vera: Respondent, name: str, content: bytes, words: str
) -> None:
    reply = send(vera, content, name)
    assert reply.status_code == 422
    assert words in said(reply.text)
    assert nothing_kept(app)


@pytest.fixture(scope="module")
def gibibyte() -> bytes:
    return bomb(1 << 30)


@pytest.mark.parametrize(
    ("unpacked", "words"),
    [
        (None, "Unpacked, the file would be far larger than is taken"),
        (10, "What the file says of its contents does not agree with itself"),
        (MEBIBYTE, "What the file says of its contents does not agree with itself"),
        (31 * MEBIBYTE, "What the file says of its contents does not agree with itself"),
    ],
    ids=["honest", "says that it is tiny", "says that it is small", "says what would be taken"],
)
@pytest.mark.parametrize("name", ["bomb.zip", "bomb.docx"])
def test_a_gibibyte_in_a_mebibyte_is_refused_whatever_it_says(
    app: Flask, vera: Respondent, gibibyte: bytes, unpacked: int | None, words: str, name: str
) -> None:
    assert len(gibibyte) < 1.1 * MEBIBYTE
    content = gibibyte if unpacked is None else says(gibibyte, unpacked)
    reply = send(vera, content, name)
    assert reply.status_code == 422
    assert words in said(reply.text)
    assert nothing_kept(app)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\fakepath\\report.pdf", "report.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("two\u2028lines\u200b.pdf", "twolines.pdf"),
        ("x" * 400 + ".pdf", "x" * 251 + ".pdf"),
        ("<script>alert(1)<script>.pdf", "<script>alert(1)<script>.pdf"),
    ],
)
def test_a_hostile_name_is_only_ever_shown(
    app: Flask, vera: Respondent, sent: str, shown: str
) -> None:
    assert send(vera, PDF, sent).status_code == 302
    (file,) = files(app)
    assert file.name == shown
    assert shown in said(vera.get("evidence/ISM-01").text)
    folder = app.extensions["riskapp"].settings.instance / "evidence"
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [file.blob]


def test_a_body_of_carriage_returns_arrives_as_it_was_sent(app: Flask, vera: Respondent) -> None:
    content = b"\r" * 300_000
    assert send(vera, content, "returns.txt").status_code == 302
    assert [file.size for file in files(app)] == [len(content)]
    assert send(vera, content, "returns.pdf").status_code == 422
