"""The files themselves: what runs out, and what each vendor ever gave, with every version."""

from datetime import date

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.custody.queries import holds
from riskapp.evidence.listing import (
    FILES,
    PAGE,
    Behind,
    FileRow,
    Watch,
    counts,
    of_file,
    of_vendor,
    watched,
)
from riskapp.evidence.rules import SOON
from riskapp.vendors.queries import vendor
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import cursor, existing, last, moment, now, number, time_cursor
from riskapp.web.guard import requires

WATCHES = {
    Watch.ENDING: "Expired or ending soon",
    Watch.EXPIRED: "Expired",
    Watch.SOON: "Ending soon",
    Watch.QUARANTINED: "In quarantine",
    Watch.DAMAGED: "Damaged",
}


@blueprint.route("/evidence", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def evidence(person: SignedIn) -> str:  # noqa: ARG001 - every view of the desk is somebody's
    watch = _watch(request.args.get("show"))
    today = now().date()
    rows = watched(reading(), watch, today, _behind(request.args.get("after"), watch))
    end = last(rows, PAGE)
    return render_template(
        "desk/evidence.html",
        rows=rows,
        watch=watch,
        watches=WATCHES,
        counts=counts(reading(), today),
        soon=SOON.days,
        next_href=end and url_for("desk.evidence", show=watch, after=_place(end, watch)),
    )


def _watch(written: str | None) -> Watch:
    """What the URL asks for. Raises NotFound for what nobody watches for."""
    try:
        return Watch(written or Watch.ENDING)
    except ValueError:
        raise NotFound from None


def _place(row: FileRow, watch: Watch) -> str:
    at: date | None = row.valid_until if watch.by_day else row.uploaded_at
    return "" if at is None else f"{at.isoformat()}~{row.evidence_id}~{row.version}"


def _behind(written: str | None, watch: Watch) -> Behind | None:
    """What `_place` wrote. Raises NotFound for anything else."""
    if not written:
        return None
    at, _, rest = written.partition("~")
    evidence_id, _, version = rest.partition("~")
    try:
        _ = date.fromisoformat(at) if watch.by_day else moment(at)
    except ValueError:
        raise NotFound from None
    return at, evidence_id, number(version) or 0


@blueprint.route("/vendors/<vendor_id>/evidence", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def vendor_evidence(person: SignedIn, vendor_id: str) -> str:  # noqa: ARG001 - as above
    row = existing(vendor(reading(), vendor_id))
    files = of_vendor(reading(), vendor_id, time_cursor(request.args.get("after")))
    end = last(files, FILES)
    after = end and cursor(max(one.uploaded_at for one in end), end[0].evidence_id)
    return render_template(
        "desk/vendor_evidence.html",
        vendor=row,
        files=files,
        next_href=after and url_for("desk.vendor_evidence", vendor_id=vendor_id, after=after),
        holds=holds(reading(), vendor_id, live=True),
    )


@blueprint.route("/vendors/<vendor_id>/evidence/<evidence_id>", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def file_history(person: SignedIn, vendor_id: str, evidence_id: str) -> str:  # noqa: ARG001 - as above
    row = existing(vendor(reading(), vendor_id))
    versions = of_file(reading(), vendor_id, evidence_id)
    if not versions:
        raise NotFound
    live = holds(reading(), vendor_id, evidence_id, live=True)
    return render_template("desk/file_history.html", vendor=row, versions=versions, holds=live)
