"""What the demo's stories are made of: a provider, what it says, and what it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from riskapp.answers.service import Given
from riskapp.cli.portfolio.diary import Diary
from riskapp.invites.service import Issued
from riskapp.ports import Ports
from riskapp.reviews.rules import Action
from riskapp.submissions.service import Signatory
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails


@dataclass(frozen=True, slots=True)
class Staff:
    """The ids of Harbour Bank's people."""

    officer: str
    second_officer: str
    auditor: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What every story needs at hand."""

    ports: Ports
    diary: Diary
    staff: Staff
    links: list[Issued] = field(default_factory=list)
    """Every link that was sent, in order."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A fictional vendor; the first contact gets the link."""

    details: VendorDetails
    contacts: Sequence[ContactDetails]

    @property
    def email(self) -> str:
        return self.contacts[0].email

    @property
    def signatory(self) -> Signatory:
        return Signatory(self.contacts[0].name, self.contacts[0].role)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought from it, and the officer's ten answers about that."""

    details: EngagementDetails
    intake: Mapping[str, Any]


class Strength(StrEnum):
    """How a vendor answers where nothing else is said."""

    STRONG = "strong"
    MIDDLING = "middling"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Replies:
    """What a vendor says: by its strength, but for what is written out by question id."""

    strength: Strength
    written: Mapping[str, Given] = field(default_factory=dict)

    def certified_until(self, day: date, comment: str) -> "Replies":
        """The same, with the end of the certificate or report: a day that moves with today."""
        end = Given(day.isoformat(), comment=comment)
        return Replies(self.strength, {**self.written, "ISM-02": end})


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of evidence: `age` in days when it is uploaded, `lasts` in days from its issue."""

    question: str
    name: str
    line: str
    age: int
    lasts: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reviewer does to an answer."""

    question: str
    action: Action
    note: str = ""
