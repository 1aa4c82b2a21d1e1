"""A vendor that is granted as a whole: what the register says, and everything it was asked."""

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.access import Access, vendor_access
from riskapp.assessments.queries import PAGE as ASSESSMENTS_PAGE
from riskapp.assessments.queries import granted_assessments
from riskapp.audit.service import About
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.vendors.queries import PAGE, VendorRow, engagements
from riskapp.vendors.queries import vendor as vendor_by_id
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.common import note, today
from riskapp.web.guard import requires
from riskapp.web.paging import cursor, last, time_cursor


@blueprint.route("/vendors/<vendor_id>", methods=["GET"])
@requires(Permission.GRANTED_READ)
def vendor(person: SignedIn, vendor_id: str) -> str:
    """The people at the vendor are not on it: an auditor asks the officer for them."""
    row, grant = granted_vendor(person.id, vendor_id)
    note(person, "vendor:read", About(vendor_id, vendor_id), grant.id)
    bought = engagements(reading(), vendor_id, after=time_cursor(request.args.get("after")))
    asked = granted_assessments(
        reading(),
        person.id,
        today=today(),
        vendor_id=vendor_id,
        before=time_cursor(request.args.get("before")),
    )
    end, oldest = last(bought, PAGE), last(asked, ASSESSMENTS_PAGE)
    return render_template(
        "auditor/vendor.html",
        vendor=row,
        grant=grant,
        today=today(),
        engagements=bought,
        further_engagements=end
        and url_for("auditor.vendor", vendor_id=vendor_id, after=cursor(end.created_at, end.id)),
        assessments=asked,
        further=oldest
        and url_for(
            "auditor.vendor", vendor_id=vendor_id, before=cursor(oldest.created_at, oldest.id)
        ),
    )


def granted_vendor(person_id: str, vendor_id: str) -> tuple[VendorRow, Access]:
    """A vendor and the grant that opens all of it. Raises NotFound where nothing does, today."""
    grant = vendor_access(reading(), person_id, vendor_id, today=today())
    row = vendor_by_id(reading(), vendor_id)
    if row is None or grant is None:
        raise NotFound
    return row, grant
