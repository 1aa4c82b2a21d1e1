"""Packs with gigabytes of evidence: plain, sealed, interrupted, taken up again, in little memory.

Nobody who leaves midway leaves a process behind, and other people's requests go on meanwhile.
"""

import http.client
import os
import shutil
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from riskapp.core.db import db
from riskapp.packs.queries import pack
from riskapp.packs.verify import examine_file
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.web.guard import SESSION_COOKIE
from tests import stages
from tests.serving import Served
from tests.soak.conftest import House, until
from tests.soak.officer import Officer
from tests.soak.respondent import QUESTION, WITHIN
from tests.soak.test_memory import LARGE, MEBIBYTE, Numbered, Peak, memory

MOST_MORE = 64 * MEBIBYTE
PIECE = 1024 * 1024
TERMS = {"recipient": "Audit House Ltd", "purpose": "Yearly audit"}

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(1800),
    pytest.mark.parametrize("template", ["sqlite"], indirect=True),
]


@dataclass
class Office:
    """A served app with one decided assessment, and Oskar's browser."""

    house: House
    served: Served
    oskar: Officer
    session: str
    assessment: str

    def make(self, **fields: str) -> str:
        """Where a new pack is downloaded."""
        page = f"/desk/assessments/{self.assessment}/pack"
        reply = self.oskar.post(page, page, {**TERMS, **fields})
        assert reply.status == 303, reply.text
        (place,) = [text for name, text in reply.headers.items() if name.lower() == "location"]
        return f"{place}/download"

    @contextmanager
    def asked(self, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=WITHIN)
        cookie = {"Cookie": f"{SESSION_COOKIE}={self.session}"}
        try:
            connection.request("GET", path, None, {**cookie, **headers})
            yield connection.getresponse()
        finally:
            connection.close()

    def size(self, address: str) -> int:
        """Of the ZIP, as it was announced when it was made."""
        with self.house.inside():
            row = pack(db.session(), address.split("/")[3])
        assert row is not None
        return row.size


def office(house: House, size: int) -> Office:
    """Vera submits one file of `size` bytes, Oskar decides."""
    served = house.served(upload_limit=str(size))
    link = house.link(stages.answer_all)
    file = Numbered(size)
    vera = link.opened(served)
    assert vera.upload(QUESTION, file.pieces(), file.size).status == 302
    assert vera.submit().status == 302
    assessment = link.invitation.assessment_id
    with house.inside():
        stages.confirm_empty(link.invitation, house.cast.oskar)
        decide(assessment, Outcome.APPROVE, stages.reviewer(house.cast.oskar), reasons="Sound.")
        session = house.officer()
    return Office(house, served, Officer(served, session), session, assessment)


def read(response: http.client.HTTPResponse, into: Path, most: int | None = None) -> None:
    """Appends what comes to a file, all or the first `most` bytes."""
    with into.open("ab") as file:
        while most is None or most > 0:
            piece = response.read(PIECE if most is None else min(PIECE, most))
            if not piece:
                return
            file.write(piece)
            most = None if most is None else most - len(piece)


def sealing(served: Served) -> list[int]:
    """The processes that seal for a served app."""
    found = []
    for process in served.processes:
        try:
            words = Path(f"/proc/{process}/cmdline").read_bytes()
        except OSError:
            continue
        if b"sealing_worker.py" in words:
            found.append(process)
    return found


def test_two_gibibytes_of_evidence_leave_in_little_memory_plain_and_sealed(
    house: House, tell: Callable[[str], None], tmp_path: Path
) -> None:
    here = office(house, LARGE)
    warm = office_file(here.make(without_files="yes"), here, tmp_path)
    warm.unlink()  # whatever is loaded for a pack is loaded now
    identity = pyrage.x25519.Identity.generate()
    key = str(identity.to_public())
    office_file(here.make(without_files="yes", sealed_to=key), here, tmp_path).unlink()
    time.sleep(0.5)
    before = memory(here.served)
    plain, sealed = tmp_path / "plain.zip", tmp_path / "sealed.zip.age"
    peak = Peak(here.served, house.place.instance / "evidence" / "incoming")
    with peak.watched():
        began = time.monotonic()
        address = here.make()
        announced = here.size(address)
        _in_two_parts(here, address, plain, announced)
        taken = time.monotonic()
        _while_others_read(here, here.make(sealed_to=key), sealed)
        over = time.monotonic()
    rise = peak.bytes - before
    tell(
        f"a pack of {announced / MEBIBYTE:.0f} MiB: made and taken in two parts in "
        f"{taken - began:.1f} s, made and taken sealed in {over - taken:.1f} s; at the peak "
        f"{rise / MEBIBYTE:.1f} MiB more, {peak.looks} looks"
    )
    assert rise < MOST_MORE
    assert announced > LARGE
    assert examine_file(plain).problems == []
    opened = tmp_path / "opened.zip"
    pyrage.decrypt_file(str(sealed), str(opened), [identity])
    sealed.unlink()
    assert examine_file(opened).problems == []
    assert _evidence(opened) == _evidence(plain)
    for path in (plain, opened):
        path.unlink()  # gigabytes, which pytest would keep
    _forget(house)


def office_file(address: str, here: Office, folder: Path) -> Path:
    """The whole pack, taken."""
    path = folder / "warm"
    with here.asked(address) as response:
        assert response.status == 200
        read(response, path)
        assert path.stat().st_size == int(response.headers["Content-Length"] or 0)
    return path


def _in_two_parts(here: Office, address: str, path: Path, announced: int) -> None:
    """A third of it, then the line goes dead; then the rest of the same."""
    with here.asked(address) as response:
        assert response.headers["Content-Length"] == str(announced)
        tag = response.headers["ETag"] or ""
        read(response, path, announced // 3)
    have = path.stat().st_size
    assert have == announced // 3
    with here.asked(address, Range=f"bytes={have}-", **{"If-Range": tag}) as response:
        assert response.status == 206
        read(response, path)
    assert path.stat().st_size == announced


def _while_others_read(here: Office, address: str, path: Path) -> None:
    """Takes a sealed pack; every 100 MiB somebody else opens a page, which comes in between."""
    with here.asked(address) as response:
        announced, pages = int(response.headers["Content-Length"] or 0), 0
        while path_size(path) < announced:
            read(response, path, min(100 * MEBIBYTE, announced - path_size(path)))
            with here.asked(f"/desk/assessments/{here.assessment}") as other:
                assert other.status == 200
                other.read()
            pages += 1
        assert response.read() == b""
    assert pages > 10


def path_size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _evidence(path: Path) -> list[tuple[str, int, int]]:
    """Name, size and checksum of each file of evidence in a pack."""
    with zipfile.ZipFile(path) as archive:
        return [
            (info.filename.partition("/")[2], info.file_size, info.CRC)
            for info in archive.infolist()
            if "/data/evidence/" in info.filename
        ]


def _forget(house: House) -> None:
    shutil.rmtree(house.place.instance / "evidence")


def test_who_leaves_midway_leaves_no_process_and_a_killed_one_no_whole_pack(
    house: House, tmp_path: Path
) -> None:
    here = office(house, 200 * MEBIBYTE)
    identity = pyrage.x25519.Identity.generate()
    address = here.make(sealed_to=str(identity.to_public()))
    for _ in range(3):
        with here.asked(address) as response:
            assert response.status == 200
            assert len(response.read(PIECE)) == PIECE
            assert len(sealing(here.served)) == 1
        until(lambda: sealing(here.served) == [], "the process that sealed ended with its reader")
    part = tmp_path / "part.age"
    with here.asked(address) as response:
        announced = int(response.headers["Content-Length"] or 0)
        read(response, part, PIECE)
        (process,) = sealing(here.served)
        os.kill(process, signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            part.write_bytes(response.read())
    assert part.stat().st_size < announced
    until(lambda: sealing(here.served) == [], "the killed process is gone")
    whole = office_file(address, here, tmp_path)
    opened = tmp_path / "opened.zip"
    pyrage.decrypt_file(str(whole), str(opened), [identity])
    assert examine_file(opened).problems == []
    here.served.kill()
    assert sealing(here.served) == []
    _forget(house)


def test_what_seals_ends_with_the_server_that_is_killed_and_the_next_one_goes_on_with_a_pack(
    house: House, tmp_path: Path
) -> None:
    here = office(house, 200 * MEBIBYTE)
    plain = here.make()
    sealed_to = here.make(sealed_to=str(pyrage.x25519.Identity.generate().to_public()))
    part = tmp_path / "part.zip"
    with here.asked(sealed_to) as sealed, here.asked(plain) as response:
        assert sealed.read(PIECE)
        read(response, part, 50 * MEBIBYTE)
        (process,) = sealing(here.served)
        for one in here.served.processes:
            if one != process:
                with suppress(ProcessLookupError):  # it went with the one that was killed before it
                    os.kill(one, signal.SIGKILL)
        until(lambda: sealing(here.served) == [], "the process that sealed ended with the server")
    here.served.restart()
    with here.asked(plain, Range=f"bytes={part.stat().st_size}-") as response:
        assert response.status == 206
        read(response, part)
    assert part.stat().st_size == here.size(plain)
    assert examine_file(part).problems == []
    _forget(house)
