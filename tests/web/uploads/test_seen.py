"""What is seen of a file while it is sealed: by a scanner all of it, for the checks its end."""

from dataclasses import dataclass, field

import pytest

from riskapp.core.scanning import Clean, Infected, Scan, Unscanned, Verdict
from riskapp.web.sinks import FORM_BYTES
from tests.web.uploads.posting import FILE, LIMIT, SECRET, Cast, Post, body, nothing_kept, part


@dataclass
class Watch:
    """A scanner of one file that notes what happens to it."""

    verdict: Verdict = field(default_factory=Clean)
    seen: bytes = b""
    happened: list[str] = field(default_factory=list)
    given_up: bool = False

    def begin(self, *, patient: bool = False) -> Scan:
        self.happened.append("patient" if patient else "begin")
        return self

    def write(self, data: bytes) -> None:
        self.seen += data

    def finish(self) -> Verdict:
        self.happened.append("finish")
        return self.verdict

    def abort(self) -> None:
        self.happened.append("abort")


@pytest.mark.parametrize("verdict", [Clean(), Infected("Eicar"), Unscanned("asleep")])
def test_a_scanner_sees_all_of_a_file_and_its_word_is_handed_on(
    cast: Cast, verdict: Verdict
) -> None:
    cast.scanner = watch = Watch(verdict)
    data = SECRET * 9000
    assert Post("/evidence", body(part("file", data, "a.pdf"))).to(cast).status == 200
    assert watch.seen == data
    assert watch.happened == ["begin", "finish", "abort"]
    assert cast.rows[0][0].verdict == verdict


def test_without_a_scanner_there_is_no_word(cast: Cast) -> None:
    assert Post("/evidence", body(FILE)).to(cast).status == 200
    assert cast.rows[0][0].verdict is None


@pytest.mark.parametrize("cut", [300_000, -1])
def test_a_body_that_breaks_off_lets_go_of_the_scanner(cast: Cast, cut: int) -> None:
    cast.scanner = watch = Watch()
    posted = body(part("file", SECRET * 20_000, "a.pdf"))
    assert Post("/evidence", posted[:cut], length=len(posted)).to(cast).status == 400
    assert watch.happened == ["begin", "abort"]
    assert nothing_kept(cast)


def test_a_body_without_a_file_asks_no_scanner(cast: Cast) -> None:
    cast.scanner = watch = Watch()
    assert Post("/evidence", body(part("file", b"", ""))).to(cast).status == 400
    assert watch.happened == []


@pytest.mark.parametrize("size", [1, 999, 1000, 1001, FORM_BYTES + 1001, LIMIT])
@pytest.mark.parametrize("around", [0, 100_000, 200_000])
def test_the_end_of_a_file_is_kept_however_long_the_form_around_it_is(
    cast: Cast, size: int, around: int
) -> None:
    cast.tail_bytes = 1000
    data = (b"%07d" * (size // 7 + 1) % tuple(range(size // 7 + 1)))[:size]
    posted = body(
        part("before", b"x" * (around // 2)),
        part("file", data, "a.pdf"),
        part("after", b"x" * (around // 2)),
    )
    assert Post("/evidence", posted).to(cast).status == 200
    assert cast.rows[0][0].tail == data[-1000:]
