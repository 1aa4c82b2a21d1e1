"""No file holds a piece of an upload in clear at any moment, and the watcher would see one."""

import secrets
from collections.abc import Callable, Iterator

import pytest

from tests.serving import Served
from tests.soak.conftest import House
from tests.soak.respondent import HEAD, QUESTION, Respondent
from tests.soak.watcher import Watcher

MEBIBYTE = 1024 * 1024
SIZE = 48 * MEBIBYTE
UPLOADS = 4

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("template", ["sqlite"], indirect=True),
]


def marked(marker: bytes) -> Iterator[bytes]:
    """A file of SIZE bytes that is the marker over and over."""
    piece = marker * (64 * 1024 // len(marker))
    yield HEAD
    left = SIZE - len(HEAD)
    while left:
        yield piece[:left]
        left -= min(left, len(piece))


def watched(house: House, served: Served, vera: Respondent) -> Watcher:
    """A watcher that has watched whole uploads."""
    marker = secrets.token_bytes(32)
    watcher = Watcher(served, [house.place.instance, house.scratch], marker)
    with watcher.watching():
        for _ in range(UPLOADS):
            assert vera.upload(QUESTION, marked(marker), SIZE).status == 302
    return watcher


def test_no_plaintext_of_an_upload_is_in_any_file_at_any_moment(
    house: House, tell: Callable[[str], None]
) -> None:
    served = house.served()
    watcher = watched(house, served, house.link().opened(served))
    tell(f"{watcher.rounds} looks at {len(watcher.seen)} files: in clear {len(watcher.found)}")
    assert watcher.found == set()
    for kind in ("/evidence/incoming/", "riskapp.sqlite-wal", "server.log"):
        assert any(kind in name for name in watcher.seen), f"never looked at {kind}"
    settled = [path for path in (house.place.instance / "evidence").rglob("*") if path.is_file()]
    assert len(settled) == UPLOADS


def test_the_watcher_sees_what_stock_werkzeug_spools(
    house: House, tell: Callable[[str], None]
) -> None:
    """The control: the same server, client and watcher, and Flask as it comes."""
    served = house.served("tests.soak.spooling:app")
    watcher = watched(house, served, Respondent(served, "anybody", "").look())
    tell(f"stock Werkzeug: {watcher.rounds} looks, in clear {len(watcher.found)} files")
    assert any("(deleted)" in name for name in watcher.found), "its spool has no name"
