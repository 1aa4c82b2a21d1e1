"""What an auditor opened: what the record says of it, which the officers see too."""

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.audit.history import Wanted
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.guard import requires
from riskapp.web.openings import TYPES, openings
from riskapp.web.paging import number


@blueprint.route("/opened", methods=["GET"], endpoint="opened")
@requires(Permission.GRANTED_READ)
def opened_by(person: SignedIn) -> str:
    before = number(request.args.get("before"))
    wanted = Wanted(person_id=person.id, types=tuple(TYPES))
    found = openings(wanted, before, files=False)
    return render_template(
        "auditor/opened.html",
        rows=found.rows,
        further=found.before and url_for("auditor.opened", before=found.before),
        first=before is None,
    )
