"""Small PDF files for the demo, sealed and kept as an upload is."""

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime

from riskapp.core.crypto.sealed import SEAL_BYTES, Sealer, context, new_key
from riskapp.core.db import reading
from riskapp.core.ids import new_id
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import Dates, Place, SealedFile, keep, seat
from riskapp.ports import Ports

FONT = b"/Resources << /Font << /F1 5 0 R >> >>"


def pdf(lines: Sequence[str]) -> bytes:
    """One A4 page with these lines of text; valid by PDF 1.4, no fonts needed but the reader's."""
    text = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    content = f"BT /F1 12 Tf 18 TL 72 760 Td\n{text}ET\n".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % FONT,
        b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    written, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
        + b"startxref\n%d\n%%%%EOF\n" % len(written)
    )


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def seal_and_keep(
    ports: Ports,
    content: bytes,
    name: str,
    dates: Dates,
    place: Place,
    *,
    now: datetime,
    replaces: str | None = None,
) -> None:
    """Makes bytes evidence in the order of an upload: sealed and durable, kept, settled."""
    spot, key, blob = seat(reading(), place, replaces), new_key(), new_id()
    reading().rollback()
    sealer = Sealer(key, context(place.vendor_id, spot.evidence_id, spot.version))
    sealed = sealer.write(content) + sealer.finish()
    with ports.blobs.create(blob) as writer:
        writer.write(sealed)
        writer.finish()
        file = SealedFile(
            evidence_id=spot.evidence_id,
            version=spot.version,
            blob=blob,
            key=key,
            name=name,
            media_type="application/pdf",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            crc32=zlib.crc32(content),
            sealed_size=len(sealed),
            seal=sealed[:SEAL_BYTES].hex(),
            scan=Scan.UNSCANNED,
        )
        keep(
            file,
            dates,
            place,
            replaces=replaces,
            quota=ports.settings.vendor_quota,
            keyring=ports.keyring,
            now=now,
        )
        writer.settle()
