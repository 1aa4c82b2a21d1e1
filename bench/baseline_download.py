"""What any server must do with a download: read the file and send it. No range, no lock."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(tempfile.gettempdir())
PIECE = 256 * 1024
"""As riskapp sends."""


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = FOLDER / os.path.basename(environ["PATH_INFO"])  # noqa: PTH119 - a URL's last part
    size = path.stat().st_size if path.is_file() else 0
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(size))])
    return _pieces(path) if size else []


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE):
            yield piece
