"""PDF files made by hand, good ones and hostile ones."""

import zlib
from collections.abc import Sequence

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << %s >> >>"
A4 = b"[0 0 595 842]"
NOTHING = b"<< /Length 3 >>\nstream\nq Q\nendstream"


def written(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects, the first of them its catalogue."""
    text, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return (
        text
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
        + b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (count, trailer)
        + b"startxref\n%d\n%%%%EOF\n" % len(text)
    )


def one_page(
    *,
    box: bytes = A4,
    catalogue: bytes = b"",
    pages: bytes = b"/Kids [3 0 R] /Count 1",
    content: bytes = NOTHING,
    resources: bytes = b"",
    more: Sequence[bytes] = (),
    trailer: bytes = b"",
) -> bytes:
    """A file of one page, each part of which can be made wrong."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages %s >>" % pages,
        PAGE % (box, resources),
        content,
        *more,
    ]
    return written(objects, trailer)


def of_pages(texts: Sequence[str], padding: int = 0) -> bytes:
    """A page for each text, and so many bytes that no page needs before them."""
    kids = b" ".join(b"%d 0 R" % (5 + 2 * place) for place in range(len(texts)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(texts)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (padding, bytes(padding)),
    ]
    for place, text in enumerate(texts):
        drawn = b"BT /F1 24 Tf 72 720 Td (%s) Tj ET" % text.encode("cp1252")
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (A4, 6 + 2 * place),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        ]
    return written(objects)


def bomb(size: int = 100_000_000) -> bytes:
    """A page whose drawing is a few hundred kilobytes, and unpacks to `size` bytes."""
    packed = zlib.compress(b"0 0 m 500 500 l S\n" * (size // 18), 9)
    head = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
    return one_page(content=head + packed + b"\nendstream")


FORM = (
    b"<< /Type /XObject /Subtype /Form /BBox [0 0 600 900] /Length 29 "
    b"/Resources << /XObject << /I 5 0 R >> >> >>\nstream\n/I Do /I Do /I Do /I Do /I Do\nendstream"
)


def calls_itself() -> bytes:
    """A drawing that draws itself five times, and so on without end."""
    draws = b"<< /Length 5 >>\nstream\n/I Do\nendstream"
    return one_page(content=draws, resources=b"/XObject << /I 5 0 R >>", more=[FORM])


def acts(url: str) -> bytes:
    """A file that wants to run a script, start a program, and fetch from an address."""
    place = url.encode()
    return one_page(
        catalogue=b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('%s'\\)) /Next "
        b"[<< /S /Launch /F (/bin/sh) >> << /S /URI /URI (%s) >> "
        b"<< /S /SubmitForm /F (%s) >>] >>" % (place, place, place),
        resources=b"/XObject << /I 5 0 R >>",
        content=b"<< /Length 5 >>\nstream\n/I Do\nendstream",
        more=[
            b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 "
            b"/ColorSpace /DeviceRGB /F << /FS /URL /F (%s) >> /Length 0 >>\n"
            b"stream\n\nendstream" % place
        ],
    )


ENCRYPTED = one_page(
    trailer=b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(a) (b)]"
    % (b"o" * 32, b"u" * 32)
)
"""Nobody knows the password"""
