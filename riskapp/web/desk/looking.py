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
from riskapp.core.pdf.pages import PagesBusy
from riskapp.evidence.opening import Opened
from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.versions import VersionRow, versions
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import known_assessment, number
from riskapp.web.errors import page as error_page
from riskapp.web.guard import requires
from riskapp.web.looking import as_asked, asked, neighbours, picture
from riskapp.web.opened import known_file, opened, submitted, uses_of
from riskapp.web.ports import ports
from riskapp.web.showing import Shown, shown

FILE = "/assessments/<assessment_id>/evidence/<evidence_id>/<int(max=999999):version>"


@blueprint.route(f"{FILE}/view", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def view_evidence(person: SignedIn, assessment_id: str, evidence_id: str, version: int) -> str:
    row = known_assessment(assessment_id)
    files = submitted(assessment_id)
    uses = uses_of(files, evidence_id, version)
    file = as_asked(uses)
    every = versions(reading(), evidence_id, assessment_id)
    view = asked()
    before, after = neighbours(files, file)
    return render_template(
        "desk/look.html",
        assessment=row,
        file=file,
        uses=uses,
        versions=every,
        before=before,
        after=after,
        size=view.size,
        shown=_looked_into(person, assessment_id, file, view.page),
    )


@blueprint.route(f"{FILE}/picture", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def evidence_picture(
    person: SignedIn, assessment_id: str, evidence_id: str, version: int
) -> Response:
    """What the pages here show."""
    file = known_file(assessment_id, evidence_id, version)
    return picture(
        file, lambda: opened(person, assessment_id, file, "evidence:view", continued=True)
    )


@blueprint.route("/assessments/<assessment_id>/evidence/<evidence_id>/compare", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def compare_evidence(person: SignedIn, assessment_id: str, evidence_id: str) -> str:
    row = known_assessment(assessment_id)
    every = versions(reading(), evidence_id, assessment_id)
    if not every:
        raise NotFound
    left = _version(every, "left", every[max(0, len(every) - 2)])
    right = _version(every, "right", every[-1])
    page = asked().page
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
