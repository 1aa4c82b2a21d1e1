"""What the auditor's views share: who reads and when, and that it is noted."""

from datetime import date, datetime

from riskapp.accounts.queries import SignedIn
from riskapp.audit.reads import note_read
from riskapp.audit.service import About, Actor
from riskapp.web.ports import ports


def now() -> datetime:
    return ports().clock.now()


def today() -> date:
    """The day by which grants begin and end: that of UTC."""
    return now().date()


def actor(person: SignedIn) -> Actor:
    return Actor("person", person.id)


def note(person: SignedIn, opening: str, about: About, grant_id: str) -> None:
    """What is opened is an event, before it is shown; reloading within a minute is not another."""
    note_read(opening, about, grant=grant_id, actor=actor(person), now=now())
