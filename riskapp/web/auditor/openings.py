"""What an auditor opened: what the record says of it, which the officers see too."""

from collections.abc import Callable

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.access import present_access
from riskapp.audit.history import Entry, Wanted
from riskapp.core.db import reading
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.common import today
from riskapp.web.guard import requires
from riskapp.web.openings import TYPES, openings
from riskapp.web.paging import number


def _open_to(person: SignedIn) -> Callable[[Entry], bool]:
    """Whether files of what an entry is about are open to somebody today."""
    granted = present_access(reading(), person.id, today=today())
    files = [one for one in granted if one.evidence and one.starts <= today()]
    assessments = {one.assessment_id for one in files if one.assessment_id}
    vendors = {one.vendor_id for one in files if one.assessment_id is None}
    return lambda entry: entry.assessment_id in assessments or entry.vendor_id in vendors


@blueprint.route("/opened", methods=["GET"], endpoint="opened")
@requires(Permission.GRANTED_READ)
def opened_by(person: SignedIn) -> str:
    before = number(request.args.get("before"))
    wanted = Wanted(person_id=person.id, types=tuple(TYPES))
    found = openings(wanted, before, named=_open_to(person))
    return render_template(
        "auditor/opened.html",
        rows=found.rows,
        further=found.before and url_for("auditor.opened", before=found.before),
        first=before is None,
    )
