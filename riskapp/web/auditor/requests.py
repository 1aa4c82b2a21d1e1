"""What an auditor asks to see beside what is granted, and what became of it."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission, Role
from riskapp.accounts.queries import SignedIn, people
from riskapp.assessments.access import Access, present_access
from riskapp.assessments.requests import LONGEST_WISH, PAGE, Target, ask, requests, target
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.common import now, today
from riskapp.web.guard import requires
from riskapp.web.paging import cursor, last, time_cursor
from riskapp.web.ports import ports
from riskapp.web.posting import post

MOST_OFFICERS = 50
VENDOR, ASSESSMENT = "vendor", "assessment"


@blueprint.route("/requests", methods=["GET"], endpoint="requests")
@requires(Permission.GRANTED_READ)
def asked_by(person: SignedIn) -> str:
    before = time_cursor(request.args.get("before"))
    rows = requests(reading(), person_id=person.id, before=before)
    end = last(rows, PAGE)
    return render_template(
        "auditor/requests.html",
        rows=rows,
        further=end and url_for("auditor.requests", before=cursor(end.asked_at, end.id)),
        first=before is None,
    )


@blueprint.route("/requests/new", methods=["GET"])
@requires(Permission.GRANTED_READ)
def new_request(person: SignedIn) -> str:
    return _form(person, request.args.get("about", ""))


def _form(person: SignedIn, about: str, wish: str = "", error: FieldRefused | None = None) -> str:
    """Raises NotFound for what the auditor does not know to exist."""
    found = _target(person, about)
    return render_template(
        "auditor/request.html",
        about=about,
        target=found,
        offered=_offered(present_access(reading(), person.id, today=today())),
        wish=wish,
        longest=LONGEST_WISH,
        errors={} if error is None else {error.field: error.message},
    )


def _target(person: SignedIn, about: str) -> Target:
    vendor_id, assessment_id = _ids(about)
    return target(
        reading(), person.id, vendor_id=vendor_id, assessment_id=assessment_id, today=today()
    )


def _ids(about: str) -> tuple[str | None, str | None]:
    """Vendor and assessment that a form or an address names, one or none. Raises NotFound."""
    kind, _, row_id = about.partition(":")
    if not about:
        return None, None
    if kind not in {VENDOR, ASSESSMENT} or not row_id:
        raise NotFound
    return (row_id, None) if kind == VENDOR else (None, row_id)


def _offered(grants: Sequence[Access]) -> list[tuple[str, str]]:
    """What a request can be about, of what is granted; the list of all has buttons of its own."""
    found: dict[str, str] = {}
    for grant in grants:
        if grant.assessment_id is not None:
            words = f"{grant.vendor_name}: {grant.engagement_title}, cycle {grant.cycle}"
            found[f"{ASSESSMENT}:{grant.assessment_id}"] = words
        elif grant.vendor_id is not None:
            found[f"{VENDOR}:{grant.vendor_id}"] = str(grant.vendor_name)
    return sorted(found.items(), key=lambda one: one[1].casefold())


@blueprint.route("/requests", methods=["POST"])
@requires(Permission.GRANTED_READ)
def ask_for_more(person: SignedIn) -> Response | tuple[str, int]:
    about, wish = request.form.get("about", ""), request.form.get("wish", "")
    vendor_id, assessment_id = _ids(about)
    try:
        made = ask(person.id, wish, vendor_id=vendor_id, assessment_id=assessment_id, now=now())
    except FieldRefused as error:
        return _form(person, about, wish, error), 422
    if made.anew:  # else the officers were told
        _tell_officers(made.id)
    flash("Your request is with the security officers. Their answer comes to this page.", "success")
    return redirect(url_for("auditor.requests"), 303)


def _tell_officers(request_id: str) -> None:
    """By mail, where there is a server; what is asked for is not in it."""
    settings = ports().settings
    if ports().mailer is None:
        return
    body = render_template(
        "auditor/mail_asked.txt", settings=settings, address=f"/desk/requests/{request_id}"
    )
    for officer in people(reading(), role=Role.OFFICER, limit=MOST_OFFICERS):
        post(officer.email, f"An auditor asks to see more at {settings.organisation}", body)
