"""The signed list of all: what is in it, that it can be checked without riskapp, and its size."""

import csv
import io
import json
import subprocess
import zipfile
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskapp.assessments.grants import Wish, grant_access
from riskapp.audit.log import at_size, numbers_of
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused
from riskapp.packs.population import COMMAND, Population, take_population
from riskapp.reviews.rules import Outcome
from riskapp.vendors.models import Engagement, Vendor
from riskapp.vendors.service import VendorDetails, edit_vendor
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.requirements import missing, ssh_keygen

pytestmark = pytest.mark.usefixtures("in_app")
TODAY = NOW.date()
ASKED = ("iso-27001",)


def taken(
    cast: Cast, day: date = TODAY, *, now: object = None, grant_id: str | None = None
) -> bytes:
    parts = ports()
    made: Population = take_population(
        day,
        signer=parts.signer,
        log=parts.log,
        organisation="Harbour Bank",
        actor=cast.audrey.actor,
        now=parts.clock.now(),
        grant_id=grant_id,
    )
    data = b"".join(made.chunks)
    assert len(data) == made.size
    return data


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(unpacked(data)["population.csv"].decode("utf-8-sig"))))


def test_the_list_holds_every_vendor_engagement_and_assessment(cast: Cast) -> None:
    _, invitation = stages.decided(cast.vera, cast.oskar, only=ASKED, outcome=Outcome.REJECT)
    vera, mallory = sorted(rows(taken(cast)), key=lambda row: row["vendor"], reverse=True)
    assert vera["as_of"] == "2026-11-23"
    assert (vera["vendor_id"], vera["country"]) == (cast.vera.vendor_id, "DE")
    assert (vera["engagement"], vera["engagement_ended"]) == ("Customer portal", "no")
    assert vera["assessment_id"] == invitation.assessment_id
    assert (vera["cycle"], vera["state"], vera["decision"]) == ("1", "decided", "reject")
    assert vera["decided_at"].startswith("2026-11-23T09:00:00")
    assert (vera["inherent_tier"], bool(vera["tier"]), bool(vera["score"])) == ("high", True, True)
    assert (mallory["vendor"], mallory["assessment_id"]) == ("Mallow Systems Ltd", "")
    assert (mallory["state"], mallory["tier"]) == ("", "")


def test_the_day_before_there_was_nothing(cast: Cast) -> None:
    assert rows(taken(cast, TODAY - timedelta(days=1))) == []


def test_what_begins_as_a_formula_stays_text(cast: Cast) -> None:
    details = VendorDetails('=HYPERLINK("http://evil.example")', "IE")
    edit_vendor(cast.mallory.vendor_id, details, actor=cast.oskar.actor, now=NOW)
    names = {row["vendor"] for row in rows(taken(cast))}
    assert '\'=HYPERLINK("http://evil.example")' in names


def test_a_day_that_is_not_over_yet_has_no_list(cast: Cast) -> None:
    with small.trail() as left, pytest.raises(FieldRefused, match="nobody knows a later one"):
        taken(cast, TODAY + timedelta(days=1))
    assert left == []


def test_taking_it_is_an_event_that_names_the_bytes_and_the_grant(cast: Cast) -> None:
    wish = Wish(cast.audrey.id, None, None, TODAY, TODAY, False, "Sampling")
    given = grant_access(wish, actor=cast.oskar.actor, now=NOW)
    files = unpacked(taken(cast, grant_id=given))
    event = small.events()[-1]
    body = json.loads(event.body)
    digest = sha256(files["population.csv"]).hexdigest()
    assert (event.type, event.object_id, event.actor_id) == (
        "population:take",
        digest,
        cast.audrey.id,
    )
    assert (body["sha256"], body["day"], body["rows"]) == (digest, "2026-11-23", 2)
    assert body["grant"] == given
    signed = at_size(reading(), body["log_size"], ports().signer.held().raw_public_key)
    assert signed is not None
    assert signed.note.encode() == files["checkpoint"]
    before = [one.id for one in small.events()][:-1]
    assert max(numbers_of(reading(), before).values()) < signed.tree.size


def test_the_same_day_and_checkpoint_give_the_same_bytes(cast: Cast) -> None:
    first = taken(cast, date(2026, 11, 22))
    second = taken(cast, date(2026, 11, 22))
    one, other = unpacked(first), unpacked(second)
    assert one["checkpoint"] != other["checkpoint"], "taking the first one is an event"
    assert one["population.csv"] == other["population.csv"]
    assert one["population.csv.sig"] == other["population.csv.sig"]


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    if ssh_keygen() is None:
        missing("ssh-keygen")
    return subprocess.run(
        ["sh", "-c", COMMAND], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_signature_is_checked_by_ssh_keygen_alone(cast: Cast, tmp_path: Path) -> None:
    stages.issued(cast.vera, cast.oskar, only=ASKED)
    files = unpacked(taken(cast))
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    readme = files["README.txt"].decode()
    assert COMMAND in readme
    found = check(tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() in readme, "what it must print stands in the README"
    assert ports().signer.fingerprint in found.stdout
    table = files["population.csv"]
    for changed in (table + b"\n", table.replace(b"issued", b"decided"), table[3:]):
        assert changed != table
        (tmp_path / "population.csv").write_bytes(changed)
        assert check(tmp_path).returncode != 0


def many(count: int) -> None:
    vendors = [
        {
            "id": f"{number:032x}",
            "name": f"Vendor {number:05}",
            "name_key": f"vendor {number:05}",
            "country": "DE",
            "created_at": NOW,
        }
        for number in range(count)
    ]
    engagements = [
        {
            "id": f"e{number:031x}",
            "vendor_id": f"{number:032x}",
            "title": "Hosting",
            "description": "",
            "services": ["infrastructure"],
            "delivered_from": ["DE"],
            "created_at": NOW,
            "blocked": False,
        }
        for number in range(count)
    ]
    with transaction() as session:
        session.execute(sa.insert(Vendor), vendors)
        session.execute(sa.insert(Engagement), engagements)


def test_a_long_list_is_whole_and_in_order(cast: Cast) -> None:
    many(1201)
    listed = [row["vendor"] for row in rows(taken(cast))]
    assert len(listed) == 1203
    assert listed == sorted(listed)
    assert len(set(listed)) == len(listed)


@pytest.mark.soak
def test_ten_thousand_vendors_take_little_memory(cast: Cast) -> None:
    import tracemalloc  # noqa: PLC0415 - slows everything down where it is on

    many(10_000)
    taken(cast, TODAY - timedelta(days=1))  # what is imported and compiled once
    tracemalloc.start()
    size = len(taken(cast))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * size + 4 * 1024 * 1024
