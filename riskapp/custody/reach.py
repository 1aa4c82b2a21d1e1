"""What an erasure reaches: the files that are left, their keys, the answers that they serve.

Everything is in the caller's transaction, in a bounded number of statements.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from riskapp.core.errors import NotFound
from riskapp.evidence.models import Evidence, EvidenceUse, WrappedKey
from riskapp.scoring.users import hold_users
from riskapp.vendors.models import Engagement, Vendor

Version = tuple[str, int]
"""Evidence id and version."""
TOGETHER = 500
"""So many files are named in one statement."""


def hold_all(session: Session, vendor_id: str, files: Collection[Version]) -> Vendor:
    """Holds what uses the files, then the vendor: no file of it can be added or taken meanwhile."""
    hold_users(session, files)
    engagements = select(Engagement.id).where(Engagement.vendor_id == vendor_id)
    session.execute(engagements.order_by(Engagement.id).with_for_update()).all()
    vendor = session.scalar(select(Vendor).where(Vendor.id == vendor_id).with_for_update())
    if vendor is None:
        raise NotFound
    return vendor


def files_left(
    session: Session, vendor_id: str, evidence_id: str | None = None
) -> dict[Version, str]:
    """The files that are not erased, with the names of their blobs."""
    query = select(Evidence.id, Evidence.version, Evidence.blob).where(
        Evidence.vendor_id == vendor_id, Evidence.erased_at.is_(None)
    )
    if evidence_id is not None:
        query = query.where(Evidence.id == evidence_id)
    return {(row[0], row[1]): row[2] for row in session.execute(query)}


def _handfuls(files: Collection[Version]) -> Iterator[Sequence[Version]]:
    known = sorted(set(files))
    for begin in range(0, len(known), TOGETHER):
        yield known[begin : begin + TOGETHER]


def rows_of(session: Session, vendor_id: str, files: Collection[Version]) -> list[Evidence]:
    """Those of the files that are not erased, held and as they are now."""
    return [
        row
        for some in _handfuls(files)
        for row in session.scalars(
            select(Evidence)
            .where(
                tuple_(Evidence.id, Evidence.version).in_(some),
                Evidence.vendor_id == vendor_id,
                Evidence.erased_at.is_(None),
            )
            .order_by(Evidence.id, Evidence.version)
            .with_for_update(),
            execution_options={"populate_existing": True},
        )
    ]


def keys_of(session: Session, files: Collection[Version]) -> dict[Version, str]:
    """The ids of the files' wrapped keys."""
    found: dict[Version, str] = {}
    for some in _handfuls(files):
        subjects = [(f"evidence:{evidence_id}", version) for evidence_id, version in some]
        query = select(WrappedKey.subject, WrappedKey.version, WrappedKey.id).where(
            tuple_(WrappedKey.subject, WrappedKey.version).in_(subjects)
        )
        for subject, version, key_id in session.execute(query):
            found[subject.partition(":")[2], version] = key_id
    return found


def vendor_key_of(session: Session, vendor_id: str) -> str | None:
    return session.scalar(select(WrappedKey.id).where(WrappedKey.subject == f"vendor:{vendor_id}"))


def delete_keys(session: Session, ids: Sequence[str]) -> None:
    for begin in range(0, len(ids), TOGETHER):
        some = ids[begin : begin + TOGETHER]
        session.execute(delete(WrappedKey).where(WrappedKey.id.in_(some)))


def served_by(
    session: Session, files: Collection[Version]
) -> Mapping[Version, list[tuple[str, str]]]:
    """Which questions of which assessments each file serves or served, the first one first."""
    found: dict[Version, list[tuple[str, str]]] = {}
    for some in _handfuls(files):
        query = (
            select(EvidenceUse)
            .where(tuple_(EvidenceUse.evidence_id, EvidenceUse.version).in_(some))
            .order_by(EvidenceUse.added_at, EvidenceUse.id)
        )
        for use in session.scalars(query):
            places = found.setdefault((use.evidence_id, use.version), [])
            place = use.assessment_id, use.question_id
            if place not in places:
                places.append(place)
    return found
