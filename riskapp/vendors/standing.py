"""Where a vendor stands: with the worst of its live engagements, never at a mean."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from riskapp.vendors.models import Engagement, Vendor
from riskapp.vendors.rules import Tier

Standing = tuple[str, str] | tuple[None, None]
"""Tier and shown number as they are stored; neither where nothing is scored."""

NOWHERE: Standing = (None, None)


def update_vendor(session: Session, vendor_id: str) -> None:
    """Puts the vendor where its live engagements have it, in the caller's transaction.

    To be called after an engagement's tier, number or end was changed. `Vendor` objects that the
    session holds already are not refreshed.
    """
    update_vendors(session, {vendor_id})


def update_vendors(session: Session, vendor_ids: Collection[str]) -> None:
    """As `update_vendor`, for many: three statements at most, whatever their number.

    Each vendor is held until the transaction ends, so that two engagements scored at once cannot
    both overlook the other.
    """
    if not vendor_ids:
        return
    before = session.execute(
        select(Vendor.id, Vendor.tier, Vendor.shown)
        .where(Vendor.id.in_(vendor_ids))
        .order_by(Vendor.id)
        .with_for_update(key_share=True)
    ).all()
    found = _standings(session, vendor_ids)
    changed = [
        {"id": row.id, "tier": found[row.id][0], "shown": found[row.id][1]}
        for row in before
        if found[row.id] != (row.tier, row.shown)
    ]
    if changed:
        session.execute(update(Vendor), changed)


def worst(standings: Iterable[tuple[str, str]]) -> Standing:
    """The worst by tier, then by the shown number as a number."""
    return max(standings, key=_badness, default=NOWHERE)


def _badness(standing: tuple[str, str]) -> tuple[int, Decimal]:
    tier, shown = standing
    return Tier(tier).rank, Decimal(shown)


def _standings(session: Session, vendor_ids: Collection[str]) -> Mapping[str, Standing]:
    rows = session.execute(
        select(Engagement.vendor_id, Engagement.tier, Engagement.shown)
        .where(Engagement.vendor_id.in_(vendor_ids), Engagement.ended_at.is_(None))
        .distinct()
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for vendor_id, tier, shown in rows:
        if tier is not None and shown is not None:
            found[vendor_id].append((tier, shown))
    return {vendor_id: worst(found[vendor_id]) for vendor_id in vendor_ids}
