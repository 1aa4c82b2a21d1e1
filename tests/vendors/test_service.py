"""The register: vendors, contacts, engagements, intakes."""

from typing import Any

import pytest

from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.vendors.queries import (
    contacts,
    engagement,
    engagements,
    intake,
    vendor,
    vendors,
)
from riskapp.vendors.service import (
    ContactDetails,
    EngagementDetails,
    VendorDetails,
    add_contact,
    add_engagement,
    edit_engagement,
    edit_vendor,
    register_vendor,
    remove_contact,
    save_intake,
    save_intake_in,
)
from riskapp.web.ports import ports
from tests import small
from tests.cast import INTAKE, NOW, Cast

pytestmark = pytest.mark.usefixtures("in_app")
BOUGHT = EngagementDetails("Portal", "", ["saas"], ["DE"])


def register(cast: Cast, name: str = "Acme", country: str = "DE") -> str:
    details = VendorDetails(name, country)
    return register_vendor(details, [], actor=cast.oskar.actor, now=NOW)


def test_registering_a_vendor_leaves_one_event_for_it_and_one_for_each_contact(cast: Cast) -> None:
    with small.trail() as events:
        made = register_vendor(
            VendorDetails("  Åcme \n AG ", "CH"),
            [ContactDetails("Vera", "Vera@acme.example", "CISO")],
            actor=cast.oskar.actor,
            now=NOW,
        )
    row = vendor(reading(), made)
    assert row is not None
    assert (row.name, row.country) == ("Åcme AG", "CH")
    (contact,) = contacts(reading(), made)
    assert contact.email == "vera@acme.example"
    assert events == [("vendor:register", made), ("contact:add", contact.id)]


@pytest.mark.parametrize(
    ("name", "country", "field"),
    [("", "DE", "name"), (" \0 ", "DE", "name"), ("x" * 201, "DE", "name"), ("A", "XX", "country")],
)
def test_what_cannot_be_a_vendor_is_refused_by_field(
    cast: Cast, name: str, country: str, field: str
) -> None:
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        register(cast, name, country)
    assert refused.value.field == field
    assert events == []


def test_a_form_that_is_sent_twice_makes_one_vendor_and_one_engagement(cast: Cast) -> None:
    made = small.at_once(*[lambda: register(cast, "Acme")] * 3)
    assert [type(one).__name__ for one in made].count("str") == 1
    assert {one.field for one in made if isinstance(one, FieldRefused)} == {"name"}
    register(cast, "ACME", "AT")
    with small.trail() as events, pytest.raises(FieldRefused):
        register(cast, "ACME")
    assert events == []

    def buy() -> str:
        return add_engagement(cast.vera.vendor_id, BOUGHT, actor=cast.oskar.actor, now=NOW)

    bought = small.at_once(*[buy] * 3)
    assert [type(one).__name__ for one in bought].count("str") == 1
    assert {one.field for one in bought if isinstance(one, FieldRefused)} == {"title"}


def test_a_wrong_contact_leaves_no_vendor_either(cast: Cast) -> None:
    before = len(vendors(reading()))
    with pytest.raises(FieldRefused) as refused:
        register_vendor(
            VendorDetails("Acme", "DE"),
            [ContactDetails("Vera", "vera", "")],
            actor=cast.oskar.actor,
            now=NOW,
        )
    assert refused.value.field == "contact_email"
    reading().rollback()
    assert len(vendors(reading())) == before


def test_a_name_that_grows_when_folded_is_kept_whole(cast: Cast) -> None:
    name = "\N{LATIN SMALL LIGATURE FFI}" * 200
    row = vendor(reading(), register(cast, name))
    assert row is not None
    assert row.name == name


def test_vendors_are_found_by_the_beginning_of_the_name_and_paged_in_its_order(cast: Cast) -> None:
    for name, country in (
        ("äpfel", "DE"),
        ("Apfel", "DE"),
        ("apfel", "AT"),
        ("Ap%", "DE"),
        ("Zebra", "DE"),
    ):
        register(cast, name, country)
    assert {row.name for row in vendors(reading(), beginning="AP")} == {"Apfel", "apfel", "Ap%"}
    assert [row.name for row in vendors(reading(), beginning="ap%")] == ["Ap%"]
    seen: list[str] = []
    after = None
    while page := vendors(reading(), after=after, limit=2):
        seen += [row.id for row in page]
        after = (page[-1].name_key, page[-1].id)
    assert seen == [row.id for row in vendors(reading())]
    assert len(seen) == 7


def test_editing_leaves_an_event_only_where_something_changes(cast: Cast) -> None:
    vendor_id = register(cast)
    engagement_id = add_engagement(vendor_id, BOUGHT, actor=cast.oskar.actor, now=NOW)
    other = EngagementDetails("Portal", "Runs it.", ["saas", "qa"], ["PL", "DE", "DE"])
    with small.trail() as events:
        for name in ("Acme", "Acme 2", "Acme 2"):
            edit_vendor(vendor_id, VendorDetails(name, "DE"), actor=cast.oskar.actor, now=NOW)
        for details in (BOUGHT, other, other):
            edit_engagement(engagement_id, details, actor=cast.oskar.actor, now=NOW)
    assert events == [("vendor:edit", vendor_id), ("engagement:edit", engagement_id)]
    row = engagement(reading(), engagement_id)
    assert row is not None
    assert (row.vendor_name, row.services, row.delivered_from) == (
        "Acme 2",
        ["qa", "saas"],
        ["DE", "PL"],
    ) or row.services == ["saas", "qa"]


def test_a_contact_is_taken_off_once_and_only_by_its_own_vendor(cast: Cast) -> None:
    (contact,) = contacts(reading(), cast.vera.vendor_id)
    with pytest.raises(NotFound):
        remove_contact(cast.mallory.vendor_id, contact.id, actor=cast.oskar.actor, now=NOW)
    with small.trail() as events:
        for _ in range(2):
            remove_contact(cast.vera.vendor_id, contact.id, actor=cast.oskar.actor, now=NOW)
    assert events == [("contact:remove", contact.id)]
    assert contacts(reading(), cast.vera.vendor_id) == []
    with pytest.raises(NotFound):
        add_contact(
            "0" * 32, ContactDetails("V", "v@example.com", ""), actor=cast.oskar.actor, now=NOW
        )


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (EngagementDetails("", "", ["saas"], []), "title"),
        (EngagementDetails("P", "", [], []), "services"),
        (EngagementDetails("P", "", ["saas", "magic"], []), "services"),
        (EngagementDetails("P", "", ["saas"], ["UK"]), "delivered_from"),
    ],
)
def test_what_cannot_be_an_engagement_is_refused_by_field(
    cast: Cast, details: EngagementDetails, field: str
) -> None:
    with pytest.raises(FieldRefused) as refused:
        add_engagement(cast.vera.vendor_id, details, actor=cast.oskar.actor, now=NOW)
    assert refused.value.field == field


def test_engagements_made_in_one_instant_are_all_on_some_page(cast: Cast) -> None:
    for number in range(4):
        bought = EngagementDetails(f"Portal {number}", "", ["saas"], ["DE"])
        add_engagement(cast.vera.vendor_id, bought, actor=cast.oskar.actor, now=NOW)
    seen: list[str] = []
    after = None
    while page := engagements(reading(), cast.vera.vendor_id, after=after, limit=2):
        seen += [row.id for row in page]
        after = (page[-1].created_at, page[-1].id)
    assert len(seen) == len(set(seen)) == 5


def save(cast: Cast, **changes: Any) -> int:
    release = ports().library.current.intake
    raw = {**INTAKE, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return save_intake(cast.vera.engagement_id, release, raw, actor=cast.oskar.actor, now=NOW)


def test_every_saved_intake_is_kept_and_the_newest_rates_the_engagement(cast: Cast) -> None:
    with small.trail() as events:
        assert save(cast, INT_02="unknown") == 2
    newest = intake(reading(), cast.vera.engagement_id)
    row = engagement(reading(), cast.vera.engagement_id)
    assert newest is not None
    assert row is not None
    assert events == [("intake:save", newest.id)]
    assert newest.answers["INT-02"] == "unknown"
    assert (row.intake_number, row.inherent_score, row.inherent_tier) == (
        2,
        newest.score,
        newest.tier,
    )


def test_an_intake_saved_in_a_transaction_that_fails_leaves_nothing(cast: Cast) -> None:
    release, by = ports().library.current.intake, cast.oskar.actor

    def save_and_fail() -> None:
        with transaction() as session:
            row = save_intake_in(
                session, cast.vera.engagement_id, release, INTAKE, actor=by, now=NOW
            )
            assert (row.number, row.tier) == (2, "high")
            raise ZeroDivisionError

    with small.trail() as events:
        with pytest.raises(ZeroDivisionError):
            save_and_fail()
        with pytest.raises(FieldRefused), transaction() as session:
            save_intake_in(session, cast.vera.engagement_id, release, {}, actor=by, now=NOW)
    assert events == []
    row = intake(reading(), cast.vera.engagement_id)
    assert row is not None
    assert row.number == 1


@pytest.mark.parametrize("value", [None, [], "no-such-option", 3])
def test_an_intake_with_a_hole_is_refused_and_nothing_is_saved(cast: Cast, value: Any) -> None:
    with small.trail() as events, pytest.raises(FieldRefused) as refused:
        save(cast, INT_04=value)
    assert refused.value.field == "INT-04"
    assert events == []


def test_two_officers_who_save_an_intake_at_once_both_keep_theirs(cast: Cast) -> None:
    results = small.at_once(*[lambda: save(cast)] * 3)
    assert sorted(str(one) for one in results) == ["2", "3", "4"]
