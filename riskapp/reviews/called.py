"""What the ids in events are called: people, links, vendors, engagements, files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, exists, select, tuple_
from sqlalchemy.orm import Session

from riskapp.accounts.models import Person
from riskapp.assessments.models import Assessment, Grant
from riskapp.evidence.models import Evidence, EvidenceUse
from riskapp.invites.models import Invitation
from riskapp.vendors.models import Engagement, Vendor

File = tuple[str, int]
"""Evidence id and version."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The ids of a page of events. Those that are not there are passed over."""

    people: Collection[str] = ()
    links: Collection[str] = ()
    vendors: Collection[str] = ()
    engagements: Collection[str] = ()
    assessments: Collection[str] = ()
    files: Collection[File] = ()
    grants: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Cycle:
    """An assessment, as it is spoken of."""

    engagement_title: str
    number: int


@dataclass(frozen=True, slots=True)
class Called:
    people: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    """The address of a link; empty where it was erased."""
    vendors: Mapping[str, str] = field(default_factory=dict)
    engagements: Mapping[str, str] = field(default_factory=dict)
    assessments: Mapping[str, Cycle] = field(default_factory=dict)
    files: Mapping[File, str] = field(default_factory=dict)
    """The name of a file; empty where it is erased, or was never submitted and so is not ours."""
    grants: Mapping[str, str] = field(default_factory=dict)
    """Whom a grant lets in, by name."""


def called(session: Session, asked: Asked) -> Called:
    """At most one statement of each kind, whatever the number of ids."""
    grants = _pairs(
        session,
        asked.grants,
        select(Grant.id, Person.name).join(Person, Person.id == Grant.person_id),
        Grant.id,
    )
    return Called(
        people=_pairs(session, asked.people, select(Person.id, Person.name), Person.id),
        links=_pairs(session, asked.links, select(Invitation.id, Invitation.email), Invitation.id),
        vendors=_pairs(session, asked.vendors, select(Vendor.id, Vendor.name), Vendor.id),
        engagements=_pairs(
            session, asked.engagements, select(Engagement.id, Engagement.title), Engagement.id
        ),
        assessments=_cycles(session, asked.assessments),
        files=_files(session, asked.files),
        grants=grants,
    )


def _pairs(
    session: Session,
    ids: Collection[str],
    query: Select[str, str],
    key: Any,  # noqa: ANN401 - a mapped column
) -> dict[str, str]:
    if not ids:
        return {}
    return {row[0]: row[1] for row in session.execute(query.where(key.in_(set(ids))))}


def _cycles(session: Session, ids: Collection[str]) -> dict[str, Cycle]:
    if not ids:
        return {}
    rows = session.execute(
        select(Assessment.id, Engagement.title, Assessment.cycle)
        .join(Engagement, Engagement.id == Assessment.engagement_id)
        .where(Assessment.id.in_(set(ids)))
    )
    return {row[0]: Cycle(row[1], row[2]) for row in rows}


def _files(session: Session, files: Collection[File]) -> dict[File, str]:
    if not files:
        return {}
    submitted = exists().where(
        EvidenceUse.evidence_id == Evidence.id,
        EvidenceUse.version == Evidence.version,
        EvidenceUse.submitted,
    )
    rows = session.execute(
        select(Evidence.id, Evidence.version, Evidence.name, submitted).where(
            tuple_(Evidence.id, Evidence.version).in_(set(files))
        )
    )
    return {(row[0], row[1]): row[2] if row[3] else "" for row in rows}
