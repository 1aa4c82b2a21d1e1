"""An administrator's own word on a country, in place of the table's: dated, with a reason.

The newest word on a country counts. A withdrawal is a word too: the table counts again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.audit.service import About, Actor, record
from riskapp.core.countries import is_country
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, Refusal
from riskapp.scoring.adequacy import AdequacyTable, Coverage, Decision, shipped
from riskapp.scoring.models import TransferOverride

LONGEST_CONDITION = 1000
LONGEST_REASON = 4000
PAGE = 50


class NotOverridden(Refusal):
    """The table's own row counts for this country already."""


EARLIEST = date(2000, 1, 1)
"""The oldest decision is of that year."""


@dataclass(frozen=True, slots=True)
class Word:
    """What is to count for a country, and why.

    `coverage` is full, partial or none. With none there is no decision that could have days or a
    condition: they are left out when it is kept.
    """

    coverage: str
    valid_from: date | None
    valid_to: date | None
    suspended: bool
    condition: str
    reason: str


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One word that was given; `word` None for a withdrawal. `who` None: the command line."""

    number: int
    code: str
    word: Word | None
    reason: str
    who: str | None
    at: datetime


def decision_of(code: str, word: Word, since: date) -> Decision:
    """A word as a row of the table; `since` the day on which it was given."""
    return Decision(
        code=code,
        name="",
        coverage=Coverage(word.coverage),
        valid_from=word.valid_from or since,
        valid_to=word.valid_to,
        suspended=word.suspended,
        condition=word.condition,
        checked=False,
        overridden=word.reason,
    )


_ROWS = (
    select(
        TransferOverride.number,
        TransferOverride.code,
        TransferOverride.coverage,
        TransferOverride.valid_from,
        TransferOverride.valid_to,
        TransferOverride.suspended,
        TransferOverride.condition,
        TransferOverride.reason,
        Person.name.label("who"),
        TransferOverride.at,
    )
    .outerjoin(Person, Person.id == TransferOverride.person_id)
    .order_by(TransferOverride.number.desc())
)
_NEWEST = _ROWS.where(
    TransferOverride.number.in_(
        select(func.max(TransferOverride.number)).group_by(TransferOverride.code)
    ),
    TransferOverride.coverage.is_not(None),
)


def table_now(session: Session) -> AdequacyTable:
    """The table of adequacy decisions as it counts now, overrides included. One statement."""
    return table_with(overriding(session))


def table_with(rows: Sequence[OverrideRow]) -> AdequacyTable:
    """The shipped table with these words in place of its rows; a withdrawal changes nothing."""
    words = [decision_of(row.code, row.word, row.at.date()) for row in rows if row.word is not None]
    return shipped().overridden(words) if words else shipped()


def overriding(session: Session) -> list[OverrideRow]:
    """The words that count now, the newest first. One statement."""
    return _read(session, _NEWEST)


def history(session: Session, *, before: int | None = None) -> list[OverrideRow]:
    """All words that were given, the newest first: a page of them before the number `before`."""
    query = _ROWS.limit(PAGE)
    return _read(
        session, query if before is None else query.where(TransferOverride.number < before)
    )


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[OverrideRow]:
    found = []
    for row in session.execute(query):
        said = (row.valid_from, row.valid_to, row.suspended, row.condition, row.reason)
        word = None if row.coverage is None else Word(row.coverage, *said)
        found.append(OverrideRow(row.number, row.code, word, row.reason, row.who, row.at))
    return found


def checked(country: str, word: Word) -> tuple[str, Word]:
    """The country's code and the word as they are kept.

    Raises FieldRefused: also for what the table says anyway.
    """
    code = checked_country(country)
    if word.coverage not in (Coverage.FULL, Coverage.PARTIAL, Coverage.NONE):
        raise FieldRefused("coverage", "Choose whom a decision covers.")
    if word.coverage == Coverage.NONE:
        kept = Word(Coverage.NONE, None, None, suspended=False, condition="", reason=word.reason)
    else:
        kept = _with_days(word)
    kept = replace(kept, reason=checked_reason(word.reason))
    if _as_in_the_table(code, kept):
        said = "The table says this already. Change something, or leave the table as it is."
        raise FieldRefused("coverage", said)
    return code, kept


def _with_days(word: Word) -> Word:
    condition = _trimmed(word.condition)
    if word.valid_from is None:
        said = "Enter the first day on which the decision is in force, like 2027-03-31."
        raise FieldRefused("valid_from", said)
    if word.valid_from < EARLIEST:
        raise FieldRefused("valid_from", f"Enter a day from {EARLIEST} on: none is older.")
    if word.valid_to is not None and word.valid_to < word.valid_from:
        raise FieldRefused("valid_to", "The last day must not be before the first.")
    if word.coverage == Coverage.PARTIAL and not condition:
        raise FieldRefused("condition", "Say which recipients the decision covers.")
    if len(condition) > LONGEST_CONDITION:
        raise FieldRefused("condition", f"Use at most {LONGEST_CONDITION} characters.")
    return replace(word, coverage=Coverage(word.coverage), condition=condition)


def checked_country(country: str) -> str:
    """The ISO code of a country on which a decision can be. Raises FieldRefused."""
    code = shipped().country(country)
    if not is_country(code):
        raise FieldRefused("country", "Choose a country from the list.")
    if code in shipped().eea:
        said = "Within the EEA data needs no decision. Choose a country outside of it."
        raise FieldRefused("country", said)
    return code


def checked_reason(words: str) -> str:
    """Raises FieldRefused for none, and for too long a one."""
    reason = _trimmed(words)
    if not reason:
        raise FieldRefused("reason", "Say why, and where it can be read.")
    if len(reason) > LONGEST_REASON:
        raise FieldRefused("reason", f"Use at most {LONGEST_REASON} characters.")
    return reason


def _trimmed(words: str) -> str:
    return words.replace("\0", " ").strip()  # PostgreSQL cannot keep U+0000


def _as_in_the_table(code: str, word: Word) -> bool:
    found = shipped().of(code)
    if word.coverage == Coverage.NONE:
        return not found
    said = [(d.coverage, d.valid_from, d.valid_to, d.suspended, d.condition) for d in found]
    wanted = (word.coverage, word.valid_from, word.valid_to, word.suspended, word.condition)
    return said == [wanted]


def override(country: str, word: Word, *, actor: Actor, now: datetime) -> bool:
    """Puts a word on a country in place of what the table says, from now on.

    Gives whether there was anything to keep: the same word twice is kept once. Raises FieldRefused.
    """
    code, kept = checked(country, word)
    with transaction() as session:
        last = _last(session, code)
        if last is not None and last.word == kept:
            return False
        row = _added(session, code, kept, kept.reason, actor=actor, now=now)
        record(
            session,
            "transfer-override:make",
            About(code),
            actor=actor,
            now=now,
            number=row.number,
            coverage=kept.coverage,
            valid_from=kept.valid_from and kept.valid_from.isoformat(),
            valid_to=kept.valid_to and kept.valid_to.isoformat(),
            suspended=kept.suspended,
            private={"condition": kept.condition, "reason": kept.reason},
        )
    return True


def withdraw(country: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """Lets the table's own row count again, from now on. Raises FieldRefused, NotOverridden."""
    code, kept = checked_country(country), checked_reason(reason)
    with transaction() as session:
        last = _last(session, code)
        if last is None or last.word is None:
            raise NotOverridden(code)
        row = _added(session, code, None, kept, actor=actor, now=now)
        record(
            session,
            "transfer-override:withdraw",
            About(code),
            actor=actor,
            now=now,
            number=row.number,
            private={"reason": kept},
        )


def _last(session: Session, code: str) -> OverrideRow | None:
    """The newest word on a country; nobody else gives one before the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":  # on SQLite all writers queue
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("transfer-override"))))
    found = _read(session, _ROWS.where(TransferOverride.code == code).limit(1))
    return found[0] if found else None


def _added(
    session: Session, code: str, word: Word | None, reason: str, *, actor: Actor, now: datetime
) -> TransferOverride:
    row = TransferOverride(
        code=code,
        coverage=word and word.coverage,
        valid_from=word and word.valid_from,
        valid_to=word and word.valid_to,
        suspended=word is not None and word.suspended,
        condition=word.condition if word else "",
        reason=reason,
        person_id=actor.id if actor.kind == "person" else None,
        at=now,
    )
    session.add(row)
    session.flush()
    return row
