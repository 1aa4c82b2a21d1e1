"""Evidence, looked at without leaving the app: one file, or two versions side by side.

What a browser gets of a PDF are pictures of its pages, made on the server: no script of the PDF
runs anywhere, and it opens in browsers that are locked down.
"""

from collections.abc import Sequence

from flask import Response, render_template, request

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.core.pdf.pages import PageRefused, PagesBusy
from riskapp.evidence.opening import Opened
from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.versions import VersionRow, versions
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import known_assessment, number
from riskapp.web.desk.opened import known_file, opened, submitted, uses_of
from riskapp.web.desk.showing import FAULTS, PDF, PICTURES, WIDTHS, Shown, closed, reader, shown
from riskapp.web.errors import page as error_page
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.sending import SEALED_OFF, send

MOST_PAGES = 1_000_000
FILE = "/assessments/<assessment_id>/evidence/<evidence_id>/<int(max=999999):version>"


@blueprint.route(f"{FILE}/view", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def view_evidence(person: SignedIn, assessment_id: str, evidence_id: str, version: int) -> str:
    row = known_assessment(assessment_id)
    files = submitted(assessment_id)
    uses = uses_of(files, evidence_id, version)
    file = _as_asked(uses, request.args.get("question"))
    every = versions(reading(), evidence_id, assessment_id)
    page, size = _page(), _size()
    before, after = _neighbours(files, file)
    return render_template(
        "desk/look.html",
        assessment=row,
        file=file,
        uses=uses,
        versions=every,
        before=before,
        after=after,
        size=size,
        shown=_looked_into(person, assessment_id, file, page),
    )


@blueprint.route(f"{FILE}/picture", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def evidence_picture(
    person: SignedIn, assessment_id: str, evidence_id: str, version: int
) -> Response:
    """A picture as it is, or one page of a PDF as a picture: what the pages here show."""
    file = known_file(assessment_id, evidence_id, version)
    if closed(file):
        raise NotFound
    if file.media_type in PICTURES:
        return send(
            file,
            lambda _: opened(person, assessment_id, file, "evidence:view", continued=True),
            evidence=evidence_id,
            version=version,
        )
    if file.media_type != PDF:
        raise NotFound
    number_of_page, width = _page(), WIDTHS[_size()]
    source = opened(person, assessment_id, file, "evidence:view", continued=True)
    try:
        made = ports().pdf.page(number_of_page - 1, file.size, reader(source), width=width)
    except PageRefused as error:
        return _in_words(422, FAULTS[error.fault])
    except PagesBusy:
        return _in_words(503, "Too many pages are being made just now. Reload this one.")
    response = Response(made.image, content_type="image/png")
    response.headers["Content-Security-Policy"] = SEALED_OFF
    return response


@blueprint.route("/assessments/<assessment_id>/evidence/<evidence_id>/compare", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def compare_evidence(person: SignedIn, assessment_id: str, evidence_id: str) -> str:
    row = known_assessment(assessment_id)
    every = versions(reading(), evidence_id, assessment_id)
    if not every:
        raise NotFound
    left = _version(every, "left", every[max(0, len(every) - 2)])
    right = _version(every, "right", every[-1])
    page = _page()
    sides = [(one, _side(person, one, page)) for one in (left, right)]
    return render_template(
        "desk/look_compare.html",
        assessment=row,
        versions=every,
        sides=sides,
        page=page,
        pages_of=max(seen.pages for _, seen in sides),
    )


@blueprint.app_errorhandler(PagesBusy)
def busy(_error: PagesBusy) -> tuple[str, int]:
    return error_page(
        503,
        "Too many pages are being made just now",
        "Pages of PDF files are made a few at a time. Wait some seconds, then reload this page.",
    )


def _as_asked(uses: Sequence[EvidenceRow], question_id: str | None) -> EvidenceRow:
    """The file as it serves the question that one came from, else as it serves any."""
    return next((file for file in uses if file.question_id == question_id), uses[0])


def _neighbours(
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


def _looked_into(
    person: SignedIn, assessment_id: str, file: EvidenceRow | VersionRow, page: int
) -> Shown:
    def open_it() -> Opened:
        return opened(person, assessment_id, file, "evidence:view", continued=page > 1)

    return shown(file, open_it, ports().pdf, page=page)


def _side(person: SignedIn, file: VersionRow, page: int) -> Shown:
    """One of two versions; the other may have more pages."""
    try:
        return _looked_into(person, file.assessment_id, file, page)
    except NotFound:
        return Shown(why_not=f"It has no page {page}.")


def _version(every: Sequence[VersionRow], name: str, default: VersionRow) -> VersionRow:
    wanted = number(request.args.get(name))
    if wanted is None:
        return default
    found = next((one for one in every if one.version == wanted), None)
    if found is None:
        raise NotFound
    return found


def _page() -> int:
    wanted = number(request.args.get("page")) or 1
    if wanted > MOST_PAGES:
        raise NotFound
    return wanted


def _size() -> str:
    size = request.args.get("size", "fit")
    if size not in WIDTHS:
        raise NotFound
    return size


def _in_words(status: int, why: str) -> Response:
    """A picture that says why there is none, where the page expects one."""
    drawn = render_template("desk/look_fault.svg", why=why)
    return Response(drawn, status, content_type="image/svg+xml")
