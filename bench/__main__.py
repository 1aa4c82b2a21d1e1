"""`python -m bench` runs every row, `python -m bench NAME…` some of them. Ends with 0: no test."""

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence

from bench import (
    downloading,
    packing,
    pages,
    rescoring,
    saving,
    starting,
    trail_verifying,
    trail_writing,
    uploading,
)
from bench.table import NONE, Row, show

BENCHES: dict[str, Callable[[], Iterator[Row]]] = {
    "save": saving.cpu,
    "clients": saving.clients,
    "uploads": uploading.uploads,
    "downloads": downloading.downloads,
    "packs": packing.packs,
    "pages": pages.pages,
    "start": starting.start,
    "questionnaires": starting.questionnaires,
    "rescoring": rescoring.rescoring,
    "trail": trail_writing.writing,
    "verify": trail_verifying.verifying,
}


def main(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no {', '.join(unknown)}; known are: {', '.join(BENCHES)}")
        return
    show(row for name in names or BENCHES for row in _rows(name))


def _rows(name: str) -> Iterator[Row]:
    """A bench's rows. One that breaks off says so in a row of its own; the others still run."""
    try:
        yield from BENCHES[name]()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is shown, and the rest goes on
        traceback.print_exc()
        yield Row(name, "broke off", NONE, None, failed=f"{type(error).__name__}: {error}"[:100])


main(sys.argv[1:])
