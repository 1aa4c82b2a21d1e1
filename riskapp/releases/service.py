"""Which questionnaires can be sent: bringing one's own, publishing, retiring."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.importers.common import Imported, Naming
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.core.canonical import digest
from riskapp.core.db import reading, transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.releases.errors import (
    BroughtAlready,
    DraftChanged,
    NotPublishable,
    StandingUnchanged,
)
from riskapp.releases.models import QuestionnaireDraft, ReleaseStanding, StoredRelease
from riskapp.releases.queries import draft, listed, mark

LONGEST_REASON = 2000
MOST_DRAFTS = 100


@dataclass(frozen=True, slots=True)
class Brought:
    """An upload and what an importer made of it; `columns` is a spreadsheet's mapping."""

    form: str
    file_name: str
    data: bytes
    naming: Naming
    columns: dict[str, Any]
    imported: Imported


def store(session: Session, release: Release, now: datetime) -> None:
    """Keeps a release's exact text, in the caller's transaction; what is there stays."""
    if session.get(StoredRelease, release.sha256) is not None:
        return
    row = StoredRelease(
        sha256=release.sha256,
        questionnaire=release.id,
        release=release.release,
        source=release.source,
        stored_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Stored for the first time by two people at once on PostgreSQL: the other one did it.
        if session.get(StoredRelease, release.sha256) is None:
            raise


def ensure_room(session: Session) -> None:
    """Raises FieldRefused where too many imports wait to be looked at."""
    waiting = session.scalar(select(func.count()).select_from(QuestionnaireDraft)) or 0
    if waiting >= MOST_DRAFTS:
        raise FieldRefused(
            "file", f"{waiting} imports wait already. Publish or discard some of them first."
        )


def bring(brought: Brought, *, draft_id: str | None = None, actor: Actor, now: datetime) -> str:
    """Keeps an import as a draft, which nobody is sent; gives its id.

    `draft_id` is given by who may ask twice for the same. Raises BroughtAlready where that draft
    is there, FieldRefused for too many.
    """
    with transaction() as session:
        ensure_room(session)
        row = QuestionnaireDraft(id=draft_id or new_id(), created_at=now, created_by=actor.id)
        _fill(row, brought)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise BroughtAlready(row.id) from error
        _tell(session, "import", row, actor=actor, now=now)
        return row.id


def correct(
    draft_id: str, brought: Brought, *, seen: str | None = None, actor: Actor, now: datetime
) -> None:
    """Replaces what was made of a draft's file.

    `seen` is the mark of the draft as it was looked at. Raises NotFound, DraftChanged.
    """
    with transaction() as session:
        row = _locked(session, draft_id, seen)
        _fill(row, brought)
        session.flush()
        _tell(session, "correct", row, actor=actor, now=now)


def discard(draft_id: str, *, seen: str | None = None, actor: Actor, now: datetime) -> None:
    """Drops a draft and its file. Raises NotFound, DraftChanged."""
    with transaction() as session:
        row = _locked(session, draft_id, seen)
        _tell(session, "discard", row, actor=actor, now=now)
        session.delete(row)


def publish_draft(
    library: Library, draft_id: str, *, seen: str | None = None, actor: Actor, now: datetime
) -> Release:
    """Makes a draft a release that can be sent, and that never changes again.

    Raises NotPublishable with every fault, NotFound, DraftChanged.
    """
    looked_at = draft(reading(), draft_id)
    if looked_at is None:
        raise NotFound
    release, faults = _read(library, looked_at.source, looked_at.file_name)
    with transaction() as session:
        _one_at_a_time(session)
        row = _locked(session, draft_id, seen)
        if row.source != release.source:
            raise DraftChanged
        _refuse_unfit(session, library, release, faults)
        _publish(session, release, actor=actor, now=now, draft=row.id)
        session.delete(row)
    return library.published(release)


def publish(library: Library, source: str, where: str, *, actor: Actor, now: datetime) -> Release:
    """Publishes a questionnaire file's text; `where` names it in faults. Raises NotPublishable."""
    release, faults = _read(library, source, where)
    with transaction() as session:
        _one_at_a_time(session)
        _refuse_unfit(session, library, release, faults)
        _publish(session, release, actor=actor, now=now)
    return library.published(release)


def _one_at_a_time(session: Session) -> None:
    """Two that publish at once must see each other's questions; on SQLite all writers queue."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("questionnaires"))))


def _read(library: Library, source: str, where: str) -> tuple[Release, list[Fault]]:
    """The release in a text and what is wrong with it. Raises NotPublishable where it is none.

    Outside of any transaction, with all others that are here: reading thousands of questions takes
    seconds, in which vendors could save no answer.
    """
    # What reads files is imported when one is read: a start is not to wait for it.
    from riskapp.catalogue.check import check  # noqa: PLC0415

    listed(reading(), library)
    reading().rollback()
    try:
        release = library.draft(source, where)
    except Faulty as error:
        raise NotPublishable(error.faults) from error
    return release, check(release)


def _refuse_unfit(
    session: Session, library: Library, release: Release, faults: Sequence[Fault]
) -> None:
    """Raises NotPublishable with these faults, and why it cannot stand beside what is here."""
    from riskapp.catalogue.publishing import beside  # noqa: PLC0415 - as above

    found = [*faults, *beside(release, [one.release for one in listed(session, library)])]
    if release.audience != "vendor":
        problem, remedy = "is an intake, which comes with riskapp", "write audience: vendor"
        found.append(Fault(release.where, 1, "audience", problem, remedy))
    if found:
        raise NotPublishable(found)


def _publish(
    session: Session, release: Release, *, actor: Actor, now: datetime, draft: str | None = None
) -> None:
    store(session, release, now)
    row = _row(release, own=True, published_at=now, published_by=actor.id)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # was retired here, and its file is gone from the folder
        from riskapp.catalogue.publishing import published_before  # noqa: PLC0415

        raise NotPublishable([published_before(release)]) from error
    _tell_release(session, "publish", release, actor=actor, now=now, draft=draft)


def _row(
    release: Release,
    *,
    own: bool,
    published_at: datetime | None = None,
    published_by: str | None = None,
) -> ReleaseStanding:
    return ReleaseStanding(
        sha256=release.sha256,
        questionnaire=release.id,
        release=release.release,
        own=own,
        published_at=published_at,
        published_by=published_by,
        retired_at=None,
        retired_by=None,
        retire_reason="",
    )


def retire(
    library: Library, name: str, number: str, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Takes a release out of what can be sent; assessments that have it keep it.

    Raises FieldRefused, NotFound, StandingUnchanged.
    """
    reason = reason.strip()
    if not reason:
        raise FieldRefused("reason", "Say why it is retired.")
    if len(reason) > LONGEST_REASON:
        raise FieldRefused("reason", f"Use at most {LONGEST_REASON} characters.")
    with transaction() as session:
        _one_at_a_time(session)
        release, row = _standing(session, library, name, number)
        if row.retired_at is not None:
            raise StandingUnchanged
        row.retired_at, row.retired_by, row.retire_reason = now, actor.id, reason
        session.flush()
        _tell_release(session, "retire", release, actor=actor, now=now, reason=reason)


def reinstate(library: Library, name: str, number: str, *, actor: Actor, now: datetime) -> None:
    """Offers a retired release again. Raises NotFound, StandingUnchanged."""
    with transaction() as session:
        _one_at_a_time(session)
        release, row = _standing(session, library, name, number)
        if row.retired_at is None:
            raise StandingUnchanged
        row.retired_at, row.retired_by, row.retire_reason = None, None, ""
        session.flush()
        _tell_release(session, "reinstate", release, actor=actor, now=now)


def _standing(
    session: Session, library: Library, name: str, number: str
) -> tuple[Release, ReleaseStanding]:
    """A release that can be read here, with its row, which a file of the folder gets only now."""
    found = [
        one.release
        for one in listed(session, library)
        if (one.release.id, one.release.release) == (name, number)
        and one.release.audience == "vendor"
    ]
    if not found:
        raise NotFound
    [release] = found
    row = session.scalar(
        select(ReleaseStanding)
        .where(ReleaseStanding.sha256 == release.sha256)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = _row(release, own=False)
        session.add(row)
    return release, row


def _locked(session: Session, draft_id: str, seen: str | None) -> QuestionnaireDraft:
    row = session.scalar(
        select(QuestionnaireDraft).where(QuestionnaireDraft.id == draft_id).with_for_update()
    )
    if row is None:
        raise NotFound
    if seen is not None and seen != mark(row):
        raise DraftChanged
    return row


def _fill(row: QuestionnaireDraft, brought: Brought) -> None:
    row.form, row.file_name, row.data = brought.form, brought.file_name[:255], brought.data
    row.naming, row.columns = asdict(brought.naming), brought.columns
    row.source, row.questions = brought.imported.text, brought.imported.questions
    row.notes = [[note.where, note.problem] for note in brought.imported.notes]


def _tell(
    session: Session, verb: str, row: QuestionnaireDraft, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        f"questionnaire:{verb}",
        About(row.id),
        actor=actor,
        now=now,
        form=row.form,
        questions=row.questions,
        source_sha256=digest(row.source),
    )


def _tell_release(
    session: Session,
    verb: str,
    release: Release,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    draft: str | None = None,
) -> None:
    record(
        session,
        f"questionnaire:{verb}",
        About(release.key),
        actor=actor,
        now=now,
        private={"reason": reason},
        sha256=release.sha256,
        draft=draft,
    )
