"""Somebody is erased, wherever riskapp wrote down their name."""

from datetime import datetime

from riskapp.accounts import service as accounts
from riskapp.audit.service import Actor
from riskapp.packs.service import forget_recipient


def erase_person(person_id: str, *, actor: Actor, now: datetime) -> None:
    """Erases an account as `accounts` does, and the name in the packs that its owner made.

    Raises LastAdministrator, NotFound.
    """
    accounts.erase_person(person_id, actor=actor, now=now, elsewhere=forget_recipient)
