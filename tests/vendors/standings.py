"""Puts engagements where a score would put them, without one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from riskapp.core.db import reading, transaction
from riskapp.core.ids import new_id
from riskapp.vendors.models import Engagement, Vendor
from riskapp.vendors.queries import vendor
from riskapp.vendors.service import (
    EngagementDetails,
    VendorDetails,
    add_engagement,
    register_vendor,
)
from riskapp.vendors.standing import update_vendor
from tests.cast import NOW, Member


def bought(vendor_id: str, by: Member, title: str, number: int = 1) -> str:
    """Another engagement of a vendor; `number` orders those of a test."""
    return add_engagement(
        vendor_id,
        EngagementDetails(title, "", ["saas"], ["DE"]),
        actor=by.actor,
        now=NOW + timedelta(seconds=number),
    )


def another_vendor(by: Member, name: str, tier: str | None) -> str:
    """A vendor with one engagement, which has this tier."""
    made = register_vendor(VendorDetails(name, "DE"), [], actor=by.actor, now=NOW)
    portal = bought(made, by, "Portal")
    if tier is not None:
        scored(portal, tier, "40.0")
    return made


def many_vendors(count: int, tier: str, shown: str) -> None:
    """Vendors that stand there, in one stroke: to see what pages of many cost."""
    with transaction() as session:
        for _ in range(count):
            key = new_id()
            session.add(
                Vendor(
                    id=key,
                    name=key,
                    name_key=key,
                    country="DE",
                    tier=tier,
                    shown=shown,
                    created_at=NOW,
                )
            )


def many_engagements(
    vendor_id: str, count: int, tier: str, shown: str, *, ended_at: datetime | None = None
) -> None:
    """Engagements of one vendor that stand there, as quickly; the vendor is left where it is."""
    with transaction() as session:
        for number in range(count):
            session.add(
                Engagement(
                    id=new_id(),
                    vendor_id=vendor_id,
                    title=f"Service {number}",
                    description="",
                    services=["saas"],
                    delivered_from=["DE"],
                    tier=tier,
                    shown=shown,
                    blocked=False,
                    ended_at=ended_at,
                    created_at=NOW + timedelta(seconds=1 + number),
                )
            )


def scored(
    engagement_id: str,
    tier: str | None,
    shown: str | None,
    *,
    by: str | None = None,
    blocked: bool = False,
    between: Callable[[], object] = lambda: None,
) -> None:
    """The engagement stands there, and so does its vendor, as after scoring the assessment `by`.

    `between` is called when the one is written and the other is not.
    """
    with transaction() as session:
        row = session.get_one(Engagement, engagement_id)
        row.tier, row.shown, row.blocked = tier, shown, blocked
        row.scored_by = by
        session.flush()
        between()
        update_vendor(session, row.vendor_id)


def standing(vendor_id: str) -> tuple[str | None, str | None]:
    """Where the vendor stands now."""
    reading().rollback()
    row = vendor(reading(), vendor_id)
    assert row is not None
    return row.tier, row.shown
