"""SIGKILL hits the served processes at random moments: vendors upload, replace, save and submit, an
officer erases.

The seed is printed; RISKAPP_TEST_SEED repeats a run, as far as clocks allow.
"""

import hashlib
import os
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from riskapp.answers.models import AnswerRevision
from riskapp.core.db import reading
from riskapp.evidence.models import Evidence
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.submissions.models import Submission
from tests import stages
from tests.conftest import Template
from tests.serving import Served
from tests.soak.conftest import House, Link
from tests.soak.invariants import check_house
from tests.soak.officer import Officer
from tests.soak.respondent import HEAD, LOST, QUESTION, Reply, Respondent, in_pieces

KILLS = {"sqlite": 50, "postgresql": 20}
EVIDENCE = f"/evidence/{QUESTION}"
AT_LEAST = 12
"""More files than an officer can erase in one round"""
LAST = "GDP-05"
"""A question that “yes” answers; changed last before the answers are sent in"""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@dataclass
class Journal:
    """What one client was told, and what it had asked for last when the line went dead.

    `told` are things of which a success reply came; `asked` the one without a reply.
    """

    told: list[str] = field(default_factory=list)
    asked: str | None = None

    def ask(self, what: str, send: Callable[[], Reply], success: int) -> bool:
        """Whether a reply came; one that is no success breaks the test."""
        self.asked = what
        try:
            reply = send()
        except LOST:
            return False
        assert reply.status == success, reply.text
        self.told.append(what)
        self.asked = None
        return True

    def agrees_with(self, there: set[str]) -> bool:
        """Everything told is there; of what was asked, all or nothing. True if it was done."""
        told = set(self.told)
        assert told <= there, f"lost: {told - there}"
        assert there - told <= {self.asked}, f"never asked for: {there - told}"
        return self.asked in there


@dataclass
class Round:
    """One kill: five clients at work, each with its journal."""

    dice: random.Random
    uploads: Journal = field(default_factory=Journal)
    saves: Journal = field(default_factory=Journal)
    submission: Journal = field(default_factory=Journal)
    replacements: Journal = field(default_factory=Journal)
    erasures: Journal = field(default_factory=Journal)

    def upload(self, vera: Respondent) -> None:
        """File after file, until the line is dead."""
        going = True
        while going:
            content = HEAD + self.dice.randbytes(self.dice.randrange(1, 4 << 20))
            name = hashlib.sha256(content).hexdigest()

            def send(content: bytes = content) -> Reply:
                return vera.upload(QUESTION, in_pieces(content), len(content))

            going = self.uploads.ask(name, send, 302)

    def replace(self, vera: Respondent) -> None:
        """One file in the place of the last, until the line is dead."""
        going = True
        while going:
            content = HEAD + self.dice.randbytes(self.dice.randrange(1, 1 << 20))
            name = hashlib.sha256(content).hexdigest()

            def send(content: bytes = content) -> Reply:
                found = re.search(rf"{EVIDENCE}/([0-9a-f]+)/remove", vera.get(EVIDENCE).text)
                assert found is not None
                return vera.upload(QUESTION, in_pieces(content), len(content), replaces=found[1])

            going = self.replacements.ask(name, send, 302)

    def erase(self, oskar: Officer, vendor_id: str, files: list[str]) -> None:
        """One file after the other, until the line is dead or none is left."""
        said = {"reason": "They asked for it.", "asked_by": "Vera Vogt"}
        for evidence_id in files:
            here = f"/desk/vendors/{vendor_id}/evidence/{evidence_id}/erase"

            def send(here: str = here) -> Reply:
                return oskar.post(here, here, said)

            if not self.erasures.ask(evidence_id, send, 303):
                return

    def save(self, vera: Respondent) -> None:
        """Revision after revision, until the line is dead."""
        revision, going = 0, True
        while going:

            def send(base: int = revision) -> Reply:
                return vera.save(LAST, f"Revision {base + 1}", base)

            revision += 1
            going = self.saves.ask(f"Revision {revision}", send, 200)

    def send_in(self, vera: Respondent, wait: float) -> None:
        """A last change, and at once the button behind it."""
        time.sleep(wait)
        if self.submission.ask("saved", lambda: vera.save(LAST, "The last", 1), 200):
            self.submission.ask("sent in", vera.submit, 302)


def loaded(seed: int) -> random.Random:
    """Dice that fall the same way again."""
    return random.Random(seed)  # noqa: S311 - repeatable on purpose; guards nothing


def measured(house: House, served: Served) -> float:
    """Seconds that a last change and sending in take, undisturbed."""
    vera = house.link(stages.answer_all).opened(served)
    began = time.monotonic()
    assert vera.save(LAST, "The last", 1).status == 200
    assert vera.submit().status == 302
    return time.monotonic() - began


@dataclass
class Stock:
    """Files that were sent in, for an officer to erase; made anew before they run out."""

    house: House
    _left: list[str] = field(default_factory=list)

    @property
    def vendor_id(self) -> str:
        return self.house.cast.vera.vendor_id

    def some(self) -> list[str]:
        """More than a round leaves time for."""
        if len(self._left) < AT_LEAST:
            link = self.house.link(proven)
            with self.house.inside():
                stages.send_in(link.invitation)
                mine = Evidence.uploaded_by == link.invitation.id
                self._left = list(reading().scalars(select(Evidence.id).where(mine)))
        return list(self._left)

    def erased(self) -> set[str]:
        """Those of them that are gone since; in an app context."""
        gone = Evidence.id.in_(self._left) & Evidence.erased_at.is_not(None)
        found = set(reading().scalars(select(Evidence.id).where(gone)))
        self._left = [one for one in self._left if one not in found]
        return found


def proven(invitation: OpenedInvitation) -> None:
    stages.answer_all(invitation)
    for _ in range(3 * AT_LEAST):
        stages.attach(invitation, QUESTION)


def attached(invitation: OpenedInvitation) -> None:
    stages.attach(invitation, QUESTION)


def replaced(journal: Journal, link: Link) -> bool:
    """One version lies there, the last that was told of or the one that was asked for. Which?"""
    (lies,) = lying(link)
    if lies == journal.asked:
        return True
    assert not journal.told or lies == journal.told[-1]
    return False


def lying(link: Link) -> set[str]:
    """The digests of what lies on the question now."""
    rows = of_assessment(reading(), link.invitation.assessment_id)
    return {row.sha256 for row in rows}


def there(link: Link) -> tuple[set[str], set[str], set[str]]:
    """What the database says: files by digest, saved comments, how far the submission came."""
    session, of = reading(), link.invitation.assessment_id
    files = session.scalars(
        select(Evidence.sha256).where(Evidence.uploaded_by == link.invitation.id)
    )
    saved = session.scalars(
        select(AnswerRevision.comment).where(
            AnswerRevision.assessment_id == of, AnswerRevision.question_id == LAST
        )
    )
    sent = session.scalar(select(Submission.number).where(Submission.assessment_id == of))
    comments = set(saved) - {""}
    steps = ({"saved"} if comments else set()) | ({"sent in"} if sent else set())
    return set(files), comments, steps


def test_whenever_the_server_is_killed_each_change_is_whole_or_absent(
    house: House, template: Template, tell: Callable[[str], None]
) -> None:
    seed = int(os.environ.get("RISKAPP_TEST_SEED", secrets.randbits(32)))
    dice = loaded(seed)
    tell(f"RISKAPP_TEST_SEED={seed}")
    served = house.served()
    kills = KILLS[template.database.kind]
    whole = measured(house, served)
    seen, opened, stock = Counter[str](), set[str](), Stock(house)
    with house.inside():
        oskar = Officer(served, house.officer())
    for _ in range(kills):
        work = Round(loaded(dice.getrandbits(32)))
        links = house.link(), house.link(), house.link(stages.answer_all), house.link(attached)
        browsers = [link.opened(served) for link in links]
        doomed = stock.some()
        after = dice.uniform(0.5, 4.0) * whole  # so that a slow machine is hit as a fast one is
        # The kill falls somewhere from the submission's beginning to a little behind its end.
        wait = max(0.0, after - dice.uniform(0.0, 1.5 * whole))
        with ThreadPoolExecutor(5) as pool:
            clients = [
                pool.submit(work.upload, browsers[0]),
                pool.submit(work.save, browsers[1]),
                pool.submit(work.send_in, browsers[2], wait),
                pool.submit(work.replace, browsers[3]),
                pool.submit(work.erase, oskar, stock.vendor_id, doomed),
            ]
            time.sleep(after)
            served.restart()
        for client in clients:
            client.result()
        with house.inside():
            check_house(opened)
            states = [there(link) for link in links[:3]]
            done = {
                "upload": work.uploads.agrees_with(states[0][0]),
                "save": work.saves.agrees_with(states[1][1]),
                "submission": work.submission.agrees_with(states[2][2]),
                "replacement": replaced(work.replacements, links[3]),
                "erasure": work.erasures.agrees_with(stock.erased()),
            }
        seen.update(tally(work, done))
    with house.inside():
        check_house()
    tell(f"{kills} kills: {', '.join(f'{what} {seen[what]}' for what in sorted(seen))}")
    for what in ("upload", "save", "submission", "replacement", "erasure"):
        assert seen[f"{what} cut off"], f"no {what} was ever hit: {seen}"


def tally(work: Round, done: dict[str, bool]) -> Counter[str]:
    """How the kill found the clients, to see that moments were hit that matter."""
    found: Counter[str] = Counter()
    journals = {
        "upload": work.uploads,
        "save": work.saves,
        "submission": work.submission,
        "replacement": work.replacements,
        "erasure": work.erasures,
    }
    for what, journal in journals.items():
        found[f"{what} answered"] += len(journal.told)
        if journal.asked is not None:
            found[f"{what} cut off"] += 1
            found[f"{what} cut off, yet done"] += done[what]
    return found
