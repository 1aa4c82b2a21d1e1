from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.catalogue.library import Catalogue, Library
from riskapp.catalogue.model import Release
from riskapp.core.canonical import digest
from riskapp.releases.models import QuestionnaireDraft, ReleaseStanding, StoredRelease


@dataclass(frozen=True, slots=True)
class Listed:
    """A release that can be read here, and whether it can be sent."""

    release: Release
    own: bool
    published_at: datetime | None
    retired_at: datetime | None
    retire_reason: str


@dataclass(frozen=True, slots=True)
class WaitingDraft:
    """One of the imports that wait, without what takes room."""

    id: str
    form: str
    file_name: str
    naming: dict[str, str]
    questions: int
    created_at: datetime
    created_by_name: str | None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An import to be looked at. `mark` changes with everything that can be corrected."""

    id: str
    mark: str
    form: str
    file_name: str
    naming: dict[str, str]
    columns: dict[str, object]
    source: str
    notes: Sequence[tuple[str, str]]
    """Where, and what was not taken over as it stood."""
    questions: int
    created_at: datetime
    created_by_name: str | None


def texts(session: Session, library: Library, shas: Sequence[str]) -> dict[str, Release]:
    """The stored releases with these hashes; one statement, where one was not read before."""
    found = {sha: library.known(sha) for sha in shas}
    missing = [sha for sha, release in found.items() if release is None]
    if missing:
        sources = session.execute(
            select(StoredRelease.sha256, StoredRelease.source).where(
                StoredRelease.sha256.in_(missing)
            )
        )
        found.update({sha: library.stored(sha, source) for sha, source in sources})
    return {sha: release for sha, release in found.items() if release is not None}


def listed(session: Session, library: Library) -> list[Listed]:
    """Every release of the folder and of one's own, by questionnaire, newest first.

    Two statements at most, whatever their number.
    """
    rows = {row.sha256: row for row in session.scalars(select(ReleaseStanding))}
    own = texts(session, library, [sha for sha, row in rows.items() if row.own])
    there = {release.sha256: release for release in library.current.releases}
    found = []
    for sha, release in {**own, **there}.items():
        row = rows.get(sha)
        found.append(
            Listed(
                release,
                sha not in there,
                row.published_at if row else None,
                row.retired_at if row else None,
                row.retire_reason if row else "",
            )
        )
    found.sort(key=lambda one: one.release.number, reverse=True)
    return sorted(found, key=lambda one: one.release.id)


def own(session: Session) -> list[Release]:
    """The releases published here; read without the folder, in which something may be amiss."""
    from riskapp.catalogue.parsing import parse  # noqa: PLC0415 - what reads files takes long

    query = select(StoredRelease).join(
        ReleaseStanding, ReleaseStanding.sha256 == StoredRelease.sha256
    )
    rows = session.scalars(query.where(ReleaseStanding.own))
    return [parse(row.source, f"{row.questionnaire}@{row.release}") for row in rows]


def offered(session: Session, library: Library) -> Catalogue:
    """The releases that can be sent to vendors now, with their translations."""
    return Catalogue(
        [
            one.release
            for one in listed(session, library)
            if one.retired_at is None and one.release.audience == "vendor"
        ],
        library.current.translations,
    )


def drafts(session: Session, limit: int = 100) -> Sequence[WaitingDraft]:
    """Imported questionnaires that wait to be published, newest first."""
    row = QuestionnaireDraft
    query = select(
        row.id,
        row.form,
        row.file_name,
        row.naming,
        row.questions,
        row.created_at,
        Person.name,
    ).join(Person, Person.id == row.created_by, isouter=True)
    found = session.execute(query.order_by(row.created_at.desc(), row.id).limit(limit))
    return [WaitingDraft(*one) for one in found]


def draft(session: Session, draft_id: str) -> DraftRow | None:
    query = select(QuestionnaireDraft, Person.name).join(
        Person, Person.id == QuestionnaireDraft.created_by, isouter=True
    )
    found = session.execute(query.where(QuestionnaireDraft.id == draft_id)).first()
    return None if found is None else _draft(found[0], found[1])


def mark(row: QuestionnaireDraft) -> str:
    """Tells whether a draft is still as it was looked at."""
    return digest([row.naming, row.columns, row.source])


def draft_file(session: Session, draft_id: str) -> bytes | None:
    """The foreign file that a draft was made of."""
    return session.scalar(select(QuestionnaireDraft.data).where(QuestionnaireDraft.id == draft_id))


def _draft(row: QuestionnaireDraft, name: str | None) -> DraftRow:
    return DraftRow(
        row.id,
        mark(row),
        row.form,
        row.file_name,
        row.naming,
        row.columns,
        row.source,
        [(where, problem) for where, problem in row.notes],
        row.questions,
        row.created_at,
        name,
    )
