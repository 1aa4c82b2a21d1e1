"""What a pack of a vendor's whole history says of the vendor itself. Pure."""

from collections.abc import Mapping

from riskapp.assessments.queries import AssessmentRow
from riskapp.packs.documents import Document, line
from riskapp.packs.narrowing import WORDS
from riskapp.packs.queries import History, states
from riskapp.packs.shipped.verify import NOT_DECIDED, NOT_INCLUDED
from riskapp.packs.trail import Told, Trail
from riskapp.vendors.queries import EngagementRow, VendorRow


def vendor_document(
    history: History, vendor: VendorRow, pack: Document, roots: Mapping[str, str]
) -> Document:
    """The vendor, what is bought from it, and all its assessments as the trail leaves them.

    `roots` are the folders of the assessments that are in the pack, by id.
    """
    last = _last(history.trail)
    then = states(history.trail)
    return {
        "pack": pack,
        "vendor": {
            "id": vendor.id,
            "name": vendor.name,
            "country": vendor.country,
            "registered_at": vendor.created_at.isoformat(),
        },
        "engagements": [_engagement(one) for one in history.engagements],
        "assessments": [
            _assessment(row, then[row.id], last, roots.get(row.id)) for row in history.assessments
        ],
    }


def _last(trail: Trail) -> dict[tuple[str, str], Told]:
    """The newest event of each type of each assessment."""
    return {(one.said["assessment"], one.said["type"]): one for one in trail.events}


def _engagement(row: EngagementRow) -> Document:
    return {
        "id": row.id,
        "title": row.title,
        "description": row.description,
        "services": row.services,
        "delivered_from": row.delivered_from,
        "added_at": row.created_at.isoformat(),
        "ended_at": row.ended_at and row.ended_at.isoformat(),
    }


def _assessment(
    row: AssessmentRow, state: str, last: Mapping[tuple[str, str], Told], root: str | None
) -> Document:
    scored, made = last.get((row.id, "receipt:add")), last.get((row.id, "decision:make"))
    return {
        "id": row.id,
        "engagement": row.engagement_id,
        "cycle": row.cycle,
        "state": state,
        "tier": scored and scored.said["tier"],
        "shown": scored and scored.said["shown"],
        "outcome": made and made.said["outcome"],
        "decided_at": made and made.said["at"],
        "root": root,
        "not_included_because": None if root else NOT_INCLUDED.get(state, NOT_DECIDED),
    }


def register_line(told: Told) -> Document:
    """An event of the vendor that belongs to no assessment in the pack.

    Of assessments that are not in it, and of legal holds, only who acted is shown: the proceedings
    that need a file are not the recipient's business, and may be against the vendor.
    """
    names = told.said["type"] in ("vendor:register", "vendor:edit")
    outside = told.said["assessment"] is not None or told.said["type"].startswith("hold:")

    def shown(field: str) -> bool:
        known = (field in WORDS or (names and field == "name")) and not outside
        return field == "actor" or known

    return line(told, shown)
