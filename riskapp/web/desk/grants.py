"""What an auditor may see, and until when."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.grants import Wish, grant_access, revoke_grant
from riskapp.assessments.queries import grants_of_vendor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import actor, day, now, refused, text
from riskapp.web.desk.forms import GrantForm
from riskapp.web.desk.vendors import vendor_page
from riskapp.web.guard import requires


@blueprint.route("/vendors/<vendor_id>/grants", methods=["POST"])
@requires(Permission.GRANT_GIVE)
def give_grant(person: SignedIn, vendor_id: str) -> Response | tuple[str, int]:
    form = GrantForm()
    try:
        wish = Wish(
            text(form.person),
            vendor_id,
            text(form.assessment) or None,
            now().date(),
            day(form.until, "the last day of access"),
            evidence=True,
            purpose=text(form.purpose),
        )
        grant_access(wish, actor=actor(person), now=now())
    except FieldRefused as error:
        return vendor_page(vendor_id, refused(error), grant=form), 422
    flash("Access is granted. It ends by itself at the end of that day (UTC).", "success")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)


@blueprint.route("/vendors/<vendor_id>/grants/<grant_id>/revoke", methods=["POST"])
@requires(Permission.GRANT_GIVE)
def take_grant_back(person: SignedIn, vendor_id: str, grant_id: str) -> Response:
    here = grants_of_vendor(reading(), vendor_id, today=now().date())
    if grant_id not in {grant.id for grant in here}:
        raise NotFound
    revoke_grant(grant_id, actor=actor(person), now=now())
    flash("Access is taken back, from now on.")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)
