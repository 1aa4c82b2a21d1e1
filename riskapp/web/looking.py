"""What officers and auditors share of looking at a file: the page asked for, and its picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, render_template, request

from riskapp.core.errors import NotFound
from riskapp.core.pdf.pages import PageRefused, PagesBusy
from riskapp.evidence.opening import Opened
from riskapp.evidence.queries import EvidenceRow
from riskapp.web.paging import number
from riskapp.web.ports import ports
from riskapp.web.sending import SEALED_OFF, send
from riskapp.web.showing import FAULTS, PDF, PICTURES, WIDTHS, closed, reader

MOST_PAGES = 1_000_000


@dataclass(frozen=True, slots=True)
class View:
    """Which page of a file is asked for, and how wide."""

    page: int
    size: str


def asked() -> View:
    """What the address asks for. Raises NotFound for what no file has."""
    page = number(request.args.get("page")) or 1
    size = request.args.get("size", "fit")
    if page > MOST_PAGES or size not in WIDTHS:
        raise NotFound
    return View(page, size)


def as_asked(uses: Sequence[EvidenceRow]) -> EvidenceRow:
    """The file as it serves the question that one came from, else as it serves any."""
    question_id = request.args.get("question")
    return next((file for file in uses if file.question_id == question_id), uses[0])


def neighbours(
    files: Sequence[EvidenceRow], file: EvidenceRow
) -> tuple[EvidenceRow | None, EvidenceRow | None]:
    """The files before and after it on the same question."""
    here = [
        one
        for one in files
        if one.question_id == file.question_id and (one.ended_at is None or one is file)
    ]
    place = here.index(file)
    before = here[place - 1] if place else None
    return before, here[place + 1] if place + 1 < len(here) else None


def picture(file: EvidenceRow, open_it: Callable[[], Opened]) -> Response:
    """A picture as it is, or one page of a PDF as a picture. Raises NotFound for other files."""
    if closed(file):
        raise NotFound
    if file.media_type in PICTURES:
        return send(file, lambda _: open_it(), evidence=file.evidence_id, version=file.version)
    if file.media_type != PDF:
        raise NotFound
    view = asked()
    source = open_it()
    try:
        made = ports().pdf.page(view.page - 1, file.size, reader(source), width=WIDTHS[view.size])
    except PageRefused as error:
        return _in_words(422, FAULTS[error.fault])
    except PagesBusy:
        return _in_words(503, "Too many pages are being made just now. Reload this one.")
    response = Response(made.image, content_type="image/png")
    response.headers["Content-Security-Policy"] = SEALED_OFF
    return response


def _in_words(status: int, why: str) -> Response:
    """A picture that says why there is none, where the page expects one."""
    drawn = render_template("macros/look_fault.svg", why=why)
    return Response(drawn, status, content_type="image/svg+xml")
