"""What happens while a pack or the list of all is made: what is handed out is of one moment."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask

from riskapp.audit.keys import rotate
from riskapp.audit.log import Log, numbers_of
from riskapp.audit.reads import note_read
from riskapp.audit.service import OPERATOR, About
from riskapp.core.db import reading
from riskapp.core.ids import new_id
from riskapp.packs.errors import CheckpointOfOther, StillChanging
from riskapp.packs.population import Population, take_population
from riskapp.packs.queries import made as packs_made
from riskapp.packs.service import PackWish, Prepared, prepare, stream
from riskapp.packs.shipped.verify import problems
from riskapp.packs.steady import LOOKING, TRIES
from riskapp.vendors.service import ContactDetails, VendorDetails, add_contact, edit_vendor
from riskapp.web.openings import TYPES
from riskapp.web.ports import ports
from tests import small
from tests.cast import NOW, Cast, Member
from tests.conftest import Client
from tests.packs.stories import Unpacked, parts, unpack
from tests.small import app
from tests.web import packs
from tests.web.desk import words

__all__ = ["app"]
AGAIN = "Try again in a moment"


@dataclass
class Meanwhile:
    """An authority for time stamps that takes its time: something happens before it answers."""

    happens: Callable[[], object]
    asked: list[bytes] = field(default_factory=list)

    def stamp(self, data: bytes) -> None:
        self.asked.append(data)
        self.happens()

    @property
    def log(self) -> Log:
        return Log(ports().signer, self, "unused")

    @property
    def manifests(self) -> int:
        return sum(b"  data/" in one for one in self.asked)

    @property
    def checkpoints(self) -> int:
        return len(self.asked) - self.manifests


@pytest.fixture
def found(app: Flask, cast: Cast) -> Iterator[str]:
    assessment_id = packs.decided(app, cast)
    with app.app_context():
        yield assessment_id


def looked(cast: Cast, of: str) -> None:
    """One look of each kind, at something else than before."""
    for kind in LOOKING:
        about = About(new_id(), cast.vera.vendor_id, of)
        note_read(kind, about, grant="a grant", actor=cast.audrey.actor, now=NOW)


def changed(cast: Cast) -> None:
    contact = ContactDetails("Vito", f"{new_id()}@vera.example", "")
    add_contact(cast.vera.vendor_id, contact, actor=cast.oskar.actor, now=NOW)


def renamed(cast: Cast, name: str) -> None:
    edit_vendor(cast.vera.vendor_id, VendorDetails(name, "DE"), actor=cast.oskar.actor, now=NOW)


def once(act: Callable[[], object]) -> Callable[[], object]:
    left = [act]
    return lambda: left.pop()() if left else None


def made(cast: Cast, of: str | None, authority: Meanwhile) -> Prepared:
    wish = PackWish(cast.vera.vendor_id, of, "Audit House Ltd", "Yearly audit")
    means = parts(stamper=authority, log=authority.log)
    return prepare(means, wish, actor=cast.oskar.actor, now=NOW)


def taken(pack: Prepared, by: Member, into: Path) -> Unpacked:
    chunks = stream(parts(), pack.id, actor=by.actor, now=NOW).chunks
    bag = unpack(b"".join(chunks), into)
    assert problems(bag.folder) == []
    return bag


def listed(cast: Cast, authority: Meanwhile) -> Population:
    return take_population(
        NOW.date(),
        signer=ports().signer,
        log=authority.log,
        organisation="Harbour Bank",
        actor=cast.audrey.actor,
        now=NOW,
    )


def vendors(population: Population) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(population.chunks))) as archive:
        (table,) = [name for name in archive.namelist() if name.endswith(".csv")]
        rows = csv.DictReader(io.StringIO(archive.read(table).decode("utf-8-sig")))
        return {row["vendor"] for row in rows}


def test_what_only_looks_is_what_is_shown_as_looking() -> None:
    assert set(LOOKING) == set(TYPES)


@pytest.mark.parametrize("whole", [False, True], ids=["assessment", "vendor"])
def test_who_looks_at_pages_keeps_nobody_from_making_a_pack(
    cast: Cast, found: str, tmp_path: Path, whole: bool
) -> None:
    of = None if whole else found
    authority = Meanwhile(lambda: looked(cast, found))
    bag = taken(made(cast, of, authority), cast.oskar, tmp_path / "one")
    assert (authority.checkpoints, authority.manifests) == (1, 1)
    assert "assessment:read" not in (bag / "audit/events.jsonl").read_text(), "it came later"
    bag = taken(made(cast, of, authority), cast.oskar, tmp_path / "other")
    assert (bag / "audit/events.jsonl").read_text().count("assessment:read") == 2


def test_what_changes_while_the_checkpoint_is_stamped_is_in_documents_and_trail(
    cast: Cast, found: str, tmp_path: Path
) -> None:
    authority = Meanwhile(once(lambda: renamed(cast, "Nordlicht SE")))
    bag = taken(made(cast, None, authority), cast.oskar, tmp_path / "pack")
    assert (authority.checkpoints, authority.manifests) == (2, 1)
    assert "Nordlicht SE" in (bag / "data/vendor.json").read_text()
    assert '"type":"vendor:edit"' in (bag / "audit/events.jsonl").read_text()


def test_what_happens_while_the_pack_is_stamped_is_of_no_matter_to_it(
    cast: Cast, found: str, tmp_path: Path
) -> None:
    ports().log.checkpoint(NOW)
    authority = Meanwhile(lambda: changed(cast))
    bag = taken(made(cast, None, authority), cast.oskar, tmp_path / "pack")
    assert (authority.checkpoints, authority.manifests) == (0, 1)
    (added,) = [one for one in small.events() if one.type == "contact:add"][-1:]
    assert added.object_id not in (bag / "audit/events.jsonl").read_text()


def test_where_somebody_keeps_changing_it_no_pack_is_made_and_the_words_say_so(
    cast: Cast, found: str
) -> None:
    authority = Meanwhile(lambda: changed(cast))
    with pytest.raises(StillChanging, match=AGAIN):
        made(cast, None, authority)
    assert (authority.checkpoints, authority.manifests) == (TRIES, 0)
    assert packs_made(reading(), cast.vera.vendor_id) == []
    assert made(cast, found, authority), "a contact is not what a pack of an assessment tells"


def test_the_pages_say_that_somebody_is_changing_it(
    app: Flask, client: Client, cast: Cast, found: str
) -> None:
    authority = Meanwhile(lambda: renamed(cast, new_id()))
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["riskapp"] = replace(ports(), stamper=authority, log=authority.log)
    client.as_(cast.oskar)
    form = f"/desk/vendors/{cast.vera.vendor_id}/pack"
    for response in (client.post(form, data=packs.TERMS), client.get("/desk/population.zip")):
        assert response.status_code == 503
        assert "Somebody is changing this right now" in words(response)
        assert AGAIN in words(response)
    assert {"pack:export", "population:take"}.isdisjoint(one.type for one in small.events())


def test_the_checkpoint_of_a_list_covers_all_that_it_lists(cast: Cast, found: str) -> None:
    authority = Meanwhile(once(lambda: renamed(cast, "Nordlicht SE")))
    assert "Nordlicht SE" in vendors(listed(cast, authority))
    taking, edit = (
        [one for one in small.events() if one.type == kind][-1]
        for kind in ("population:take", "vendor:edit")
    )
    assert numbers_of(reading(), [edit.id])[edit.id] < json.loads(taking.body)["log_size"]


def test_what_changes_no_line_of_the_list_has_it_read_once(cast: Cast, found: str) -> None:
    def unconcerned() -> None:
        looked(cast, found)
        changed(cast)

    authority = Meanwhile(unconcerned)
    assert "Nordlicht Software GmbH" in vendors(listed(cast, authority))
    assert authority.checkpoints == 1


def test_a_list_that_is_being_changed_is_not_handed_out(cast: Cast, found: str) -> None:
    authority = Meanwhile(lambda: renamed(cast, new_id()))
    with pytest.raises(StillChanging, match=AGAIN):
        listed(cast, authority)
    assert authority.checkpoints == TRIES
    assert small.events()[-1].type == "vendor:edit"


@pytest.mark.parametrize("what", ["pack", "list"])
def test_a_checkpoint_by_another_key_is_refused(cast: Cast, found: str, what: str) -> None:
    authority = Meanwhile(once(lambda: rotate(ports().signer, actor=OPERATOR, now=NOW)))
    with pytest.raises(CheckpointOfOther):
        listed(cast, authority) if what == "list" else made(cast, found, authority)
    assert {"pack:export", "population:take"}.isdisjoint(one.type for one in small.events())
