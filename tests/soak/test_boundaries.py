"""A process is killed before and after each thing that it does; every time it is all or nothing.

Enumerated, not random: every SQL statement, both sides of every commit, and every step with a file,
of an upload, a replacement, a removal, a saved answer and a submission, through the pages.
"""

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
from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.startup import make_ready
from riskapp.web.guard import RESPONDENT_COOKIE
from tests import stages
from tests.soak.conftest import House, Link
from tests.soak.fuse import Burnt, burn
from tests.soak.invariants import check_house
from tests.soak.respondent import HEAD, QUESTION

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Deed:
    """Something that a vendor does: what was done before, the request, the events that it makes.

    `path` and the fields may name the use of the one file that lies on the question: {use}. What
    is `only_once` is the vendor's first file, with which its key is made.
    """

    prepare: Callable[[OpenedInvitation], object] | None
    path: str
    fields: dict[str, str]
    with_file: bool
    events: tuple[str, ...]
    only_once: bool = False


def attached(invitation: OpenedInvitation) -> None:
    stages.attach(invitation, QUESTION)


def answered(invitation: OpenedInvitation) -> None:
    stages.answer_all(invitation)
    stages.attach(invitation, QUESTION)


TODAY = datetime.now(UTC).date().isoformat()
EVIDENCE = f"/evidence/{QUESTION}"
DATED = {"issued_on": TODAY}
DEEDS = {
    "first upload": Deed(None, EVIDENCE, DATED, True, ("evidence:keep",), only_once=True),
    "upload": Deed(None, EVIDENCE, DATED, True, ("evidence:keep",)),
    "replace": Deed(
        attached,
        EVIDENCE,
        {**DATED, "replaces": "{use}"},
        True,
        ("evidence:keep", "evidence:remove"),
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
}


def request(link: Link, deed: Deed) -> Callable[[], None]:
    """The deed, ready to be done in a process that has its own connections."""
    (use,) = [file.use_id for file in of_assessment(reading(), link.invitation.assessment_id)] or [
        ""
    ]
    here = f"/p/{link.invitation.id}"
    fields: dict[str, Any] = {name: text.format(use=use) for name, text in deed.fields.items()}
    if deed.with_file:
        fields["file"] = (BytesIO(HEAD + bytes(100_000)), "proof.pdf")

    def send() -> None:
        client = current_app.test_client()
        client.set_cookie(RESPONDENT_COOKIE, link.session, path=here)
        reply = client.post(here + deed.path.format(use=use), data=fields)
        if reply.status_code not in {200, 302}:
            raise RuntimeError(reply.get_data(as_text=True))

    return send


def events(link: Link) -> Counter[str]:
    of = Event.assessment_id == link.invitation.assessment_id
    return Counter(reading().scalars(select(Event.type).where(of)))


def killed_at(house: House, deed: Deed, at: int) -> tuple[Burnt, tuple[str, ...]]:
    """How far the process came, and what stands of its deed after a restart."""
    link = house.link(deed.prepare)
    with house.inside():
        before, send = events(link), request(link, deed)
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
        "remove",
        "save",
        "submit",
    ],
)
def test_killed_at_any_step_a_change_is_whole_or_absent(
    house: House, tell: Callable[[str], None], name: str
) -> None:
    deed, at, hit = DEEDS[name], 0, list[str]()
    if not deed.only_once:
        house.link(attached)
    left: tuple[str, ...] = ()
    burnt = Burnt([], killed=True)
    while burnt.killed and not (left and deed.only_once):
        at += 1
        burnt, left = killed_at(house, deed, at)
        where = f"killed at step {at}, {burnt.steps[-1]}"
        assert left in {(), deed.events}, where
        assert bool(left) == ("after COMMIT" in burnt.steps), where
        if burnt.killed:
            hit.append(burnt.steps[-1])
    for side in ("before COMMIT", "after COMMIT"):
        assert side in hit, f"never killed {side}"
    for what in ("finishing", "settling") if deed.with_file and not deed.only_once else ():
        assert any(what in step for step in hit), f"never killed before {what}"
    behind = len(hit) - hit.index("after COMMIT")
    tell(f"{name}: {len(hit)} kills, {len(hit) - behind} left nothing, {behind} everything")
