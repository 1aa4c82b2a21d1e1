"""What opens the commitments of events, where it is gone: whether an event says who erased it.

What is erased lawfully leaves an event in the same transaction, about a person, a link or an
assessment. Whatever is gone without one was deleted by somebody who writes to the database.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from riskapp.audit.models import ACTOR
from riskapp.audit.stored import LAST
from riskapp.audit.verify_sql import Statements
from riskapp.audit.verify_values import text, time

TOLERANCE = timedelta(days=1)
"""So far clocks may be apart, and what was begun may have taken until it was written."""
_KEPT = "decision:make"
"""The words of a decision stay when its assessment is erased."""
_OF_PEOPLE = frozenset({"person", "recipient"})
"""Fields in which a person can stand who is not the event's object. Which one it was nobody can
tell any more, as with who acted: that anybody was erased since has to do."""

Rows = Callable[..., Sequence[tuple[Any, ...]]]
_Last = tuple[datetime, int]


class Erased:
    """What the trail says was erased. What it once said is remembered, for it cannot be unsaid."""

    def __init__(self, statements: Statements, rows: Rows) -> None:
        self._statements = statements
        self._rows = rows
        self._known: dict[tuple[str, str | None], _Last] = {}

    def unexplained(
        self, fields: Sequence[str], number: int | None, row: tuple[Any, ...]
    ) -> list[str]:
        """Those of the fields of an event that nothing erased. `row` is as `Statements.events`.

        An event that erases is looked up after its effect was seen, and is committed with it.
        """
        kind, about, assessment, by = map(text, (row[5], row[4], row[2], row[1]))
        event = time(text(row[3])), number

        def explains(field: str) -> bool:
            if field == ACTOR:
                return by == "person" and self._since(("person:erase", None), event)
            words = bool(assessment) and kind != _KEPT
            return (
                (words and self._since(("assessment:erase", assessment), event))
                or self._since(("invitation:erase", about), event)
                or self._since(("person:erase", about), event)
                or (field in _OF_PEOPLE and self._since(("person:erase", None), event))
            )

        return [field for field in fields if not explains(field)]

    def _since(
        self, what: tuple[str, str | None], event: tuple[datetime | None, int | None]
    ) -> bool:
        known = self._known.get(what)
        if known is None or not _behind(known, *event):
            known = self._last(*what)
        if known is None:
            return False
        self._known[what] = known
        return _behind(known, *event)

    def _last(self, kind: str, about: str | None) -> _Last | None:
        if about is None:
            rows = self._rows(self._statements.anybody_erased, kind)
        else:
            rows = self._rows(self._statements.erased, kind, about)
        ((at, number),) = rows
        found = time(text(at))
        return None if found is None else (found, number if type(number) is int else LAST)


def _behind(last: _Last, at: datetime | None, number: int | None) -> bool:
    """Whether something was erased after an event: by its place in the log, or else by its time.

    Events that were written at about the same time can have their places the other way round, and
    clocks are put right now and then; hardly both at once.
    """
    return last[1] >= (LAST if number is None else number) or (
        at is not None and at <= last[0] + TOLERANCE
    )
