"""A process is killed before and after each thing that it does; every time it is all or nothing.

Enumerated, not random: every SQL statement, both sides of every commit, and every step with a file,
of an upload, a replacement, a second use, a removal, a saved answer, a submission and an erasure,
through the pages; and of a rotation of the master key.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from riskapp.audit.models import Event
from riskapp.audit.service import OPERATOR
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.db import reading
from riskapp.core.ids import new_id
from riskapp.evidence import rotation
from riskapp.evidence.again import use_again
from riskapp.evidence.models import WrappedKey
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.rotation import make_master_key
from riskapp.evidence.service import Place
from riskapp.invites.queries import OpenedInvitation
from riskapp.startup import make_ready
from riskapp.web.guard import RESPONDENT_COOKIE, SESSION_COOKIE
from riskapp.web.portal import receiving
from riskapp.web.ports import ports
from tests import stages
from tests.soak.conftest import House, Link
from tests.soak.fuse import Burnt, burn
from tests.soak.invariants import check_house, evidence_folder
from tests.soak.respondent import HEAD, QUESTION

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Deed:
    """Something that somebody does: what was done before, the request, the events that it makes.

    `path` and the fields may name the one file that lies on the question: {use}, {evidence},
    {version}; and its {vendor}. What is `only_once` is the vendor's first file, with which its key
    is made. What an officer does is done at the desk, to one file after the other of an
    assessment that was sent in.
    """

    prepare: Callable[[OpenedInvitation], object] | None
    path: str
    fields: dict[str, str]
    with_file: bool
    events: tuple[str, ...]
    only_once: bool = False
    officer: bool = False


def attached(invitation: OpenedInvitation) -> None:
    stages.attach(invitation, QUESTION)


def used_twice(invitation: OpenedInvitation) -> None:
    """A replacement comes to both questions, or to none."""
    file, now = stages.attach(invitation, QUESTION), ports().clock.now()
    ref = f"{file.evidence_id}/{file.version}"
    where = Place(invitation.assessment_id, invitation.vendor_id, invitation.id, ANOTHER)
    assert use_again([ref], where, now=now) == 1


def well_proven(invitation: OpenedInvitation) -> None:
    """More files than are erased before the process comes to its end."""
    stages.answer_all(invitation)
    for _ in range(30):
        stages.attach(invitation, QUESTION)


def answered(invitation: OpenedInvitation) -> None:
    stages.answer_all(invitation)
    stages.attach(invitation, QUESTION)


ANOTHER = "GDP-03"
TODAY = datetime.now(UTC).date().isoformat()
EVIDENCE = f"/evidence/{QUESTION}"
DATED = {"issued_on": TODAY}
DEEDS = {
    "first upload": Deed(None, EVIDENCE, DATED, True, ("evidence:keep",), only_once=True),
    "upload": Deed(None, EVIDENCE, DATED, True, ("evidence:keep",)),
    "replace": Deed(
        used_twice,
        EVIDENCE + "?replaces={use}",
        DATED,
        True,
        ("evidence:keep", "evidence:remove", "evidence:remove", "evidence:use"),
    ),
    "use again": Deed(
        attached,
        f"/evidence/{ANOTHER}/again",
        {"again": "{evidence}/{version}"},
        False,
        ("evidence:use",),
    ),
    "remove": Deed(attached, EVIDENCE + "/{use}/remove", {}, False, ("evidence:remove",)),
    "save": Deed(
        None,
        "/answers/GDP-05",
        {"q-GDP-05-value": "yes", "q-GDP-05-rev": "0"},
        False,
        ("answer:save",),
    ),
    "submit": Deed(
        answered,
        "/submit",
        {"name": "Vera Vogt", "role": "Security lead"},
        False,
        ("assessment:submitted", "receipt:add", "submission:add"),
    ),
    "erase": Deed(
        None,
        "/desk/vendors/{vendor}/evidence/{evidence}/erase",
        {"reason": "They asked for it.", "asked_by": "Vera Vogt"},
        False,
        ("evidence:erase",),  # another file proves the same, so that no score moves
        officer=True,
    ),
}


def request(house: House, link: Link, deed: Deed) -> Callable[[], None]:
    """The deed, ready to be done in a process that has its own connections."""
    files = of_assessment(reading(), link.invitation.assessment_id)
    here = [file for file in files if file.question_id == QUESTION and file.erased_at is None]
    file = here[0] if here else None
    names = {
        "vendor": link.invitation.vendor_id,
        "use": file and file.use_id,
        "evidence": file and file.evidence_id,
        "version": file and file.version,
    }
    base = "" if deed.officer else f"/p/{link.invitation.id}"
    fields: dict[str, Any] = {name: text.format(**names) for name, text in deed.fields.items()}
    if deed.with_file:
        fields["file"] = (BytesIO(HEAD + bytes(100_000)), "proof.pdf")
    session = house.officer() if deed.officer else link.session

    def send() -> None:
        client = current_app.test_client()
        if deed.officer:
            client.set_cookie(SESSION_COOKIE, session)
        else:
            client.set_cookie(RESPONDENT_COOKIE, session, path=base)
        reply = client.post(base + deed.path.format(**names), data=fields)
        if reply.status_code not in {200, 302, 303}:
            raise RuntimeError(reply.get_data(as_text=True))

    return send


def name_of_its_own() -> str:
    """A blob's name that calls for a folder which is not there yet.

    So that each attempt takes the same steps: were the folder there at random, the next attempt's
    n-th step would be another, and a step might never be killed at.
    """
    taken = {path.name for path in evidence_folder().iterdir()}
    return next(two for two in map("{:02x}".format, range(256)) if two not in taken) + new_id()[2:]


def events(link: Link) -> Counter[str]:
    of = Event.assessment_id == link.invitation.assessment_id
    return Counter(reading().scalars(select(Event.type).where(of)))


def killed_at(house: House, deed: Deed, link: Link, at: int) -> tuple[Burnt, tuple[str, ...]]:
    """How far the process came, and what stands of its deed after a restart."""
    with house.inside():
        before, send = events(link), request(house, link, deed)
    burnt = burn(house.app, at, send)
    with house.inside():
        make_ready(house.app)
        check_house()
        return burnt, tuple(sorted((events(link) - before).elements()))


@pytest.mark.parametrize(
    "name",
    [
        "first upload",
        "upload",
        "replace",
        "use again",
        "remove",
        "save",
        "submit",
        "erase",
    ],
)
def test_killed_at_any_step_a_change_is_whole_or_absent(
    house: House, tell: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    deed, at, hit = DEEDS[name], 0, list[str]()
    shared = None
    if deed.officer:
        shared = house.link(well_proven)
        with house.inside():
            stages.send_in(shared.invitation)
    elif not deed.only_once:
        house.link(attached)
    monkeypatch.setattr(receiving, "new_id", name_of_its_own)
    left: tuple[str, ...] = ()
    burnt = Burnt([], killed=True)
    while burnt.killed and not (left and deed.only_once):
        at += 1
        link = shared or house.link(deed.prepare)
        burnt, left = killed_at(house, deed, link, at)
        where = f"killed at step {at}, {burnt.steps[-1]}"
        assert left in {(), deed.events}, where
        assert bool(left) == ("after COMMIT" in burnt.steps), where
        if burnt.killed:
            hit.append(burnt.steps[-1])
    wanted = ["before COMMIT", "after COMMIT"]
    if deed.with_file and not deed.only_once:
        wanted += ["before finishing", "before making", "before settling"]
    for what in wanted:
        assert any(step.startswith(what) for step in hit), f"never killed {what}"
    behind = len(hit) - hit.index("after COMMIT")
    tell(f"{name}: {len(hit)} kills, {len(hit) - behind} left nothing, {behind} everything")


def test_killed_at_any_step_a_rotation_goes_on_where_it_stopped(
    house: House, tell: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "TOGETHER", 1)  # a transaction for each of the two vendors' keys
    with house.inside():
        for provider in (house.cast.vera, house.cast.mallory):
            _, invitation = stages.started(provider, house.cast.oskar, only=("gdpr-processor",))
            stages.attach(invitation, QUESTION)
    at, done, burnt = 0, Counter[int](), Burnt([], killed=True)
    while burnt.killed:
        at += 1
        with house.inside():
            keyring, now = ports().keyring, ports().clock.now()
            current = make_master_key(keyring, actor=OPERATOR, now=now)

        def rotate(keyring: Keyring = keyring, now: datetime = now) -> None:
            rotation.rotate(keyring, actor=OPERATOR, now=now)

        burnt = burn(house.app, at, rotate)
        with house.inside():
            make_ready(house.app)
            check_house()
            before = wrapped_by(current)
            rotate()
            assert wrapped_by(current) == 2
            done[before] += 1
            check_house()
    assert set(done) == {0, 1, 2}
    tell(f"rotation: {at - 1} kills, {done[0]} left nothing, {done[1]} half, {done[2]} everything")


def wrapped_by(master_key: str) -> int:
    """Vendors' keys that it wraps; each has its event, and only one."""
    reading().rollback()
    rows = reading().scalars(select(WrappedKey).where(WrappedKey.wrapping_key_id == master_key))
    told = reading().scalars(select(Event).where(Event.type == "vendor-key:rewrap"))
    anew = [one.object_id for one in told if json.loads(one.body)["after"] == master_key]
    assert sorted(anew) == sorted(row.id for row in rows)
    return len(anew)
