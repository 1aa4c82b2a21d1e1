"""Which questionnaires can be sent: bringing one's own, publishing, retiring."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from riskapp.audit.service import About, Actor, record
from riskapp.catalogue.check import check, check_together
from riskapp.catalogue.errors import Fault, Faulty
from riskapp.catalogue.importers.common import Imported, Naming
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.catalogue.parsing import parse
from riskapp.core.canonical import digest
from riskapp.core.db import transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.releases.errors import NotPublishable, StandingUnchanged
from riskapp.releases.models import QuestionnaireDraft, ReleaseStanding, StoredRelease
from riskapp.releases.queries import listed

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


def bring(brought: Brought, *, actor: Actor, now: datetime) -> str:
    """Keeps an import as a draft, which nobody is sent. Raises FieldRefused for too many."""
    with transaction() as session:
        waiting = session.query(QuestionnaireDraft).count()
        if waiting >= MOST_DRAFTS:
            raise FieldRefused(
                "file", f"{waiting} imports wait already. Publish or discard some of them first."
            )
        row = QuestionnaireDraft(id=new_id(), created_at=now, created_by=actor.id)
        _fill(row, brought)
        session.add(row)
        session.flush()
        _tell(session, "import", row, actor=actor, now=now)
        return row.id


def correct(draft_id: str, brought: Brought, *, actor: Actor, now: datetime) -> None:
    """Replaces what was made of a draft's file. Raises NotFound."""
    with transaction() as session:
        row = _locked(session, draft_id)
        _fill(row, brought)
        session.flush()
        _tell(session, "correct", row, actor=actor, now=now)


def discard(draft_id: str, *, actor: Actor, now: datetime) -> None:
    """Drops a draft and its file. Raises NotFound."""
    with transaction() as session:
        row = _locked(session, draft_id)
        _tell(session, "discard", row, actor=actor, now=now)
        session.delete(row)


def publish_draft(library: Library, draft_id: str, *, actor: Actor, now: datetime) -> Release:
    """Makes a draft a release that can be sent, and that never changes again.

    Raises NotPublishable with every fault, NotFound.
    """
    with transaction() as session:
        row = _locked(session, draft_id)
        release = _publish(session, library, row.source, row.file_name, actor=actor, now=now)
        session.delete(row)
        return release


def publish(library: Library, source: str, where: str, *, actor: Actor, now: datetime) -> Release:
    """Publishes a questionnaire file's text; `where` names it in faults. Raises NotPublishable."""
    with transaction() as session:
        return _publish(session, library, source, where, actor=actor, now=now)


def _publish(
    session: Session, library: Library, source: str, where: str, *, actor: Actor, now: datetime
) -> Release:
    try:
        release = parse(source, where)
    except Faulty as error:
        raise NotPublishable(error.faults) from error
    others = [one.release for one in listed(session, library)]
    faults = [*check(release), *_taken(release, others)]
    others = [one for one in others if one.id != release.id]
    faults += [
        fault
        for fault in check_together([*others, release], complete=True)
        if fault.file == release.where
    ]
    if faults:
        raise NotPublishable(faults)
    store(session, release, now)
    row = _row(release, own=True, published_at=now, published_by=actor.id)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # published by two people at once on PostgreSQL
        raise NotPublishable([_published_before(release)]) from error
    _tell_release(session, "publish", release, actor=actor, now=now)
    return release


def _taken(release: Release, others: Sequence[Release]) -> list[Fault]:
    """Why a release cannot stand beside those that are here."""
    if release.audience != "vendor":
        problem, remedy = "is an intake, which comes with riskapp", "write audience: vendor"
        return [Fault(release.where, 1, "audience", problem, remedy)]
    mine = [one for one in others if one.id == release.id]
    if any(one.sha256 == release.sha256 or one.number == release.number for one in mine):
        return [_published_before(release)]
    return []


def _published_before(release: Release) -> Fault:
    problem, remedy = f"{release.key} was published before", "give it the next release number"
    return Fault(release.where, 1, "release", problem, remedy)


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
        release, row = _standing(session, library, name, number)
        if row.retired_at is not None:
            raise StandingUnchanged
        row.retired_at, row.retired_by, row.retire_reason = now, actor.id, reason
        session.flush()
        said = {"reason_sha256": digest(reason)}
        _tell_release(session, "retire", release, actor=actor, now=now, **said)


def reinstate(library: Library, name: str, number: str, *, actor: Actor, now: datetime) -> None:
    """Offers a retired release again. Raises NotFound, StandingUnchanged."""
    with transaction() as session:
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


def _locked(session: Session, draft_id: str) -> QuestionnaireDraft:
    row = session.scalar(
        select(QuestionnaireDraft).where(QuestionnaireDraft.id == draft_id).with_for_update()
    )
    if row is None:
        raise NotFound
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
    session: Session, verb: str, release: Release, *, actor: Actor, now: datetime, **said: object
) -> None:
    record(
        session,
        f"questionnaire:{verb}",
        About(release.key),
        actor=actor,
        now=now,
        sha256=release.sha256,
        **said,
    )
