"""What any server must do with an upload: read it, hash it, write it, make it durable."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(tempfile.gettempdir())
PIECE = 64 * 1024
"""As riskapp's form parser reads."""


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    rest, digest = int(environ["CONTENT_LENGTH"] or 0), hashlib.sha256()
    with (FOLDER / secrets.token_hex(16)).open("xb", buffering=0) as file:
        while rest and (piece := environ["wsgi.input"].read(min(PIECE, rest))):
            digest.update(piece)
            file.write(piece)
            rest -= len(piece)
        os.fsync(file.fileno())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "64")])
    return [digest.hexdigest().encode()]
