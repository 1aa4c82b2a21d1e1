"""Scoring a portfolio again: as another day, other terms or another intake have it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, Text, cast, func, select
from sqlalchemy.orm import Session

from riskapp.assessments.models import Assessment
from riskapp.audit.service import Actor
from riskapp.core.db import reading, transaction
from riskapp.scoring.compiled import marked_alone
from riskapp.scoring.concluding import Marked
from riskapp.scoring.current import terms_now
from riskapp.scoring.models import Plan, StoredBasis, StoredReceipt
from riskapp.scoring.packing import unpack
from riskapp.scoring.service import Occasion, add, make, outcome_kept
from riskapp.scoring.terms import Terms
from riskapp.vendors.models import Engagement, Vendor
from riskapp.vendors.rules import Tier

PAGE = 5000
FEW = 100
"""So many at a time are not worth loading NumPy for: a small installation never does."""
TOGETHER = 50
"""So many receipts are written in one transaction: nobody is to wait long behind it."""

Progress = Callable[[int, int], None]
"""Called with how many assessments are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a score lies, as pages show it."""

    tier: Tier
    shown: str
    blocked: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """An assessment of which another outcome comes."""

    assessment_id: str
    vendor_name: str
    engagement_title: str
    before: Landing
    after: Landing

    @property
    def changes_tier(self) -> bool:
        return self.before.tier is not self.after.tier


def preview(
    session: Session, terms: Terms, as_of: date, progress: Progress | None = None
) -> list[Moved]:
    """What these terms would move on a day, of all that is scored and live, by vendor.

    Writes nothing. Three statements at most for each 5,000 assessments, one for each 50 that move.
    """
    found: list[Moved] = []
    for page in _scored(session, terms, as_of, progress):
        landed = {row.assessment_id: came for row, came in page if came.mark != _mark_of(row)}
        for ids in _handfuls(list(landed)):
            found += _moved(session, ids, landed)
    return _by_vendor(found)


def rescore(
    *,
    cause: str,
    actor: Actor,
    now: datetime,
    most: int | None = None,
    progress: Progress | None = None,
) -> list[Moved]:
    """Scores again all that is live, as of today (UTC) and under the terms of now.

    A new receipt stands beside the old one where another outcome comes, or another scheme is scored
    by; gives those, by vendor, `most` of them and a handful at most. Each handful of receipts is a
    transaction of its own: what a killed run, or one that had enough, left undone, the next does.
    """
    terms = terms_now(reading())
    occasion = Occasion(cause, actor, now)
    found: list[Moved] = []
    for page in _scored(reading(), terms, now.date(), progress):
        wanted = [
            row.assessment_id for row, came in page if outcome_kept(terms, came.mark) != row.outcome
        ]
        for ids in _handfuls(wanted):
            if most is not None and len(found) >= most:
                return _by_vendor(found)
            found += _write(ids, occasion)
    return _by_vendor(found)


def _live() -> Select[*tuple[Any, ...]]:
    """What the live engagements were scored by last."""
    return select(
        StoredBasis.assessment_id,
        StoredBasis.plan,
        cast(StoredBasis.factors, Text).label("factors"),
        StoredBasis.items,
        StoredBasis.files,
        StoredBasis.transfers,
        StoredBasis.rest,
        StoredBasis.outcome,
    ).where(
        StoredBasis.assessment_id.in_(
            select(Engagement.scored_by).where(Engagement.ended_at.is_(None))
        )
    )


def _scored(
    session: Session, terms: Terms, as_of: date, progress: Progress | None
) -> Iterator[list[tuple[Row[Any], Marked]]]:
    """Everything that is live with what comes of it, a page at a time."""
    every = session.scalar(select(func.count()).select_from(_live().subquery())) or 0
    plans: dict[str, str] = {}
    behind, done = "", 0
    if progress is not None:
        progress(done, every)
    while True:
        rows = session.execute(
            _live()
            .where(StoredBasis.assessment_id > behind)
            .order_by(StoredBasis.assessment_id)
            .limit(PAGE)
        ).all()
        _read_plans(session, rows, plans)
        yield list(zip(rows, _outcomes(rows, plans, as_of, terms), strict=True))
        done += len(rows)
        if progress is not None:
            progress(done, every)
        if len(rows) < PAGE:
            return
        behind = rows[-1].assessment_id


def _read_plans(session: Session, rows: Sequence[Row[Any]], plans: dict[str, str]) -> None:
    """Adds the plans that these rows have and that are not known yet."""
    missing = {row.plan for row in rows} - plans.keys()
    if missing:
        found = session.execute(select(Plan.sha256, Plan.document).where(Plan.sha256.in_(missing)))
        plans.update((row.sha256, row.document) for row in found)


def _outcomes(
    rows: Sequence[Row[Any]], plans: Mapping[str, str], as_of: date, terms: Terms
) -> Sequence[Marked]:
    if len(rows) > FEW:
        from riskapp.scoring.batch import marked  # noqa: PLC0415 - loads NumPy

        return marked(plans, rows, as_of, terms)
    return [marked_alone(plans[row.plan], row, as_of, terms) for row in rows]


def _handfuls(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(ids), TOGETHER):
        yield ids[begin : begin + TOGETHER]


def _mark_of(row: Row[Any]) -> str:
    """What came of it last, whatever the scheme was."""
    return str(row.outcome).partition(" ")[2]


def _moved(session: Session, ids: Sequence[str], landed: Mapping[str, Marked]) -> list[Moved]:
    return [
        _move(row, names, landed[row.id]) for row, names in _named(session, ids, for_update=False)
    ]


def _named(
    session: Session, ids: Sequence[str], *, for_update: bool
) -> list[tuple[Assessment, Any]]:
    """These assessments, in the order of their ids, with whom they are about."""
    query = (
        select(Assessment, Vendor.name, Engagement.title)
        .join(Vendor, Vendor.id == Assessment.vendor_id)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .where(Assessment.id.in_(ids))
        .order_by(Assessment.id)
    )
    if for_update:
        query = query.with_for_update(of=Assessment)
    return [(row[0], row) for row in session.execute(query)]


def _move(row: Assessment, names: Any, came: Marked) -> Moved:  # noqa: ANN401 - a row
    return Moved(
        row.id,
        names.name,
        names.title,
        Landing(Tier(row.tier or Tier.LOW), row.shown or "", row.blocked),
        Landing(came.tier, came.shown, came.blocked),
    )


def _write(ids: Sequence[str], occasion: Occasion) -> list[Moved]:
    """Scores a handful again, each by what it rests on now; another run may have been faster.

    Under the terms of now as well: they are read once the assessments are held, so that a run that
    began before another scheme was adopted cannot write over what was scored by that. As many
    statements for fifty as for one, but for events.
    """
    found, written = [], []
    with transaction() as session:
        known = _named(session, ids, for_update=True)
        terms = terms_now(session)
        bases = _bases(session, ids)
        lasts = _lasts(session, ids)
        for row, names in known:
            if row.id not in bases:
                continue  # erased by the rules of retention while this waited
            kept, document = bases[row.id]
            last = lasts.get(row.id)
            if last is not None and last.as_of > occasion.now.date():
                continue  # this clock goes wrong, or another one did
            came = marked_alone(document, kept, occasion.now.date(), terms)
            if outcome_kept(terms, came.mark) != kept.outcome:
                found.append(_move(row, names, came))
                basis = unpack(document, kept)
                why = _by_scheme(occasion, kept, terms)
                made = make(row, basis, terms, why, last)
                kept.outcome = made.outcome
                written.append((row, made))
        add(session, written, occasion)
    return found


def _bases(session: Session, ids: Sequence[str]) -> dict[str, tuple[StoredBasis, str]]:
    """What these rest on, with the texts of their plans."""
    query = (
        select(StoredBasis, Plan.document)
        .join(Plan, Plan.sha256 == StoredBasis.plan)
        .where(StoredBasis.assessment_id.in_(ids))
    )
    return {row[0].assessment_id: (row[0], row[1]) for row in session.execute(query)}


def _lasts(session: Session, ids: Sequence[str]) -> dict[str, StoredReceipt]:
    """Their newest receipts."""
    query = (
        select(StoredReceipt)
        .join(Assessment, Assessment.id == StoredReceipt.assessment_id)
        .where(Assessment.id.in_(ids), StoredReceipt.number == Assessment.receipts)
    )
    return {receipt.assessment_id: receipt for receipt in session.scalars(query)}


def _by_scheme(occasion: Occasion, kept: StoredBasis, terms: Terms) -> Occasion:
    """Another scheme than the last is a cause of its own, whoever comes to score by it first."""
    before, _, _ = kept.outcome.partition(" ")
    if before == terms.scheme.name:
        return occasion
    return replace(occasion, cause=f"Scheme {terms.scheme.name} adopted")


def _by_vendor(found: list[Moved]) -> list[Moved]:
    return sorted(found, key=lambda one: (one.vendor_name.casefold(), one.assessment_id))
