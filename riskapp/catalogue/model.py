"""A published questionnaire release as frozen objects; the names that other parts import."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from riskapp.catalogue.scalars import (
    RELEASE,
    SHARE_FORMS,
    ColumnId,
    Frozen,
    Language,
    OneOrMore,
    QuestionId,
    Share,
    Slug,
    Truth,
    Whole,
    Words,
    editors_see,
    one_of,
    refusal,
)
from riskapp.catalogue.specs import (
    HALF,
    AnswerSpec,
    Band,
    Choice,
    Column,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Option,
    Spec,
    Table,
    Text,
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.when import (
    FACTS,
    TIERS,
    All,
    Any,
    Condition,
    FactTest,
    QuestionTest,
    single_tests,
)

__all__ = [
    "FACTS",
    "MAPPINGS",
    "SAFEGUARDS",
    "TIERS",
    "All",
    "Any",
    "Band",
    "Choice",
    "Column",
    "Condition",
    "Countries",
    "Date",
    "Domain",
    "FactTest",
    "Factor",
    "Floor",
    "Knockout",
    "Maturity",
    "Multiple",
    "Number",
    "Option",
    "Question",
    "QuestionTest",
    "Release",
    "Section",
    "Spec",
    "SuggestedFinding",
    "Table",
    "Text",
    "Transfers",
    "YesNo",
    "YesPartlyNo",
]

MAPPINGS = ("iso27001", "gdpr", "nis2", "nis2_ir", "dora", "mvsp", "csf", "eba", "other")
"""The frameworks that questions may be mapped to, in the order in which they are shown."""

SAFEGUARDS = ("adequacy", "dpf", "scc", "bcr", "code", "art49", "none")
"""What can make a transfer lawful: the ids that scoring knows."""

UNKNOWN = "unknown"
"""The answer that every weighed question of the intake takes beside its own options."""

AT_ZERO = Fraction(0)
LEAST_TRANSFER_CREDIT = Fraction(1, 5)
"""The smallest positive credit of a transfer under std-1: an Art. 49 derogation."""


def _below(written: object) -> object:
    if written in {"at-0", "at 0"}:
        return AT_ZERO
    if written == "0":
        raise refusal("is 0, which no credit lies below", "write at-0 or a credit above 0")
    return written


class Knockout(Frozen):
    """A question that must not fail: it fails with a credit under `below`, where `when` holds.

    `at-0` in the file (fails at credit 0 only) becomes the smallest positive credit that the
    question's answer can have.
    """

    level: Annotated[Literal["high", "critical", "legal"], one_of("high", "critical", "legal")]
    below: Annotated[
        Share, BeforeValidator(_below), editors_see({"enum": ["at-0", "at 0"]}, *SHARE_FORMS)
    ] = HALF
    when: Condition | None = None


class Floor(Frozen):
    """The least inherent risk, 0 to 100, that an option of the intake allows."""

    option: Slug
    floor: Annotated[Whole, Field(ge=0, le=100)]


class Factor(Frozen):
    """How an intake question counts: its share of the inherent risk, and its floors."""

    weight: Share = Fraction(0)
    floors: tuple[Floor, ...] = ()


class Transfers(Frozen):
    """The columns of the table that is the transfer register."""

    country: ColumnId
    safeguard: ColumnId


class SuggestedFinding(Frozen):
    """What an officer may want to record where one of these is answered; vendors never see it."""

    answers: OneOrMore = Field(min_length=1)
    severity: Annotated[Literal["low", "medium", "high", "critical"], one_of(*TIERS)]
    text: Words


class Question(Frozen):
    """One question. It is scored where it has a weight.

    `applies_when` asks facts and takes the question out altogether; `asked_when` asks answers. A
    `gate` is an unscored question that decides whether others apply. `transfers` makes this
    table the transfer register; `transfers_via` names the question that is, and `country` the
    column of this table that is looked up there. `same_as` names a question of another
    questionnaire: where that one is asked, this one gives way to it.
    """

    id: QuestionId
    domain: Slug | None = None
    same_as: QuestionId | None = None
    text: Annotated[Words, Field(json_schema_extra={"pattern": r"[?:]\s*$"})]
    why: Words
    counts: Words | None = None
    answer: AnswerSpec
    transfers: Transfers | None = None
    transfers_via: QuestionId | None = None
    country: ColumnId | None = None
    weight: Annotated[Literal[1, 3, 5], one_of(5, 3, 1)] | None = None
    evidence: Words | None = None
    knockout: Knockout | None = None
    applies_when: Condition | None = None
    gate: Truth = False
    asked_when: Condition | None = None
    mappings: Mapping[str, tuple[Words, ...]] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": [*MAPPINGS]}}
    )
    required: Truth = True
    factor: Factor | None = None
    findings: tuple[SuggestedFinding, ...] = ()

    @field_validator("knockout")
    @classmethod
    def _at_zero(cls, knockout: Knockout | None, info: ValidationInfo) -> Knockout | None:
        if knockout is None or knockout.below != AT_ZERO or "answer" not in info.data:
            return knockout
        moved = info.data.get("transfers") or info.data.get("transfers_via")
        positive = [credit for credit in info.data["answer"].credits if credit > 0]
        positive += [LEAST_TRANSFER_CREDIT] if moved else []
        return knockout.model_copy(update={"below": min(positive, default=HALF)})

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen where one of several is; empty for other kinds of answer."""
        match self.answer:
            case YesNo():
                return "yes", "no"
            case YesPartlyNo():
                return "yes", "partly", "no"
            case Choice(options=options):
                more = (UNKNOWN,) if self.factor is not None else ()
                return *(option.id for option in options), *more
        return ()

    @cached_property
    def asked_on(self) -> frozenset[str]:
        """The questions on whose answers it depends whether this one is asked."""
        if self.asked_when is None:
            return frozenset()
        tests = single_tests(self.asked_when)
        return frozenset(test.question for _, test in tests if isinstance(test, QuestionTest))

    @property
    def scored(self) -> bool:
        return self.weight is not None

    @property
    def by_transfers(self) -> bool:
        """Whether the countries named decide the credit, which scoring then gives."""
        return self.transfers is not None or self.transfers_via is not None


ReleaseNumber = Annotated[str, Field(pattern=RELEASE)]
"""A year and a number within it: 2026.1."""


class Section(Frozen):
    id: Slug
    title: Words
    intro: Words | None = None
    questions: tuple[Question, ...] = Field(min_length=1)


class Domain(Frozen):
    """A scoring domain with its weight W."""

    weight: Annotated[Literal[1, 2, 3], one_of(1, 2, 3)]
    title: Words


class Contents(Frozen):
    """What a questionnaire file says.

    `origin` says where an imported text came from, `restricted` why it may not be passed on.
    """

    id: Slug
    release: ReleaseNumber
    language: Language = "en"
    title: Words
    summary: Words
    audience: Annotated[Literal["vendor", "officer"], one_of("vendor", "officer")]
    licence: Words
    origin: Words | None = None
    restricted: Words | None = None
    domains: Mapping[Slug, Domain] = Field(default_factory=dict)
    sections: tuple[Section, ...] = Field(min_length=1)


class Release(Contents):
    """One published version. `source` is the exact text of its file, kept with every assessment.

    `where` names the file in faults. `narrowed` and translated releases keep id, number, source
    and hash: they are what a vendor is asked of this release, and in what words.
    """

    source: str
    where: str

    @property
    def key(self) -> str:
        """Id and release as people write them: iso-27001@2026.1."""
        return f"{self.id}@{self.release}"

    @property
    def number(self) -> tuple[int, ...]:
        """The release as numbers, to find the latest: 2026.10 follows 2026.9."""
        return tuple(int(part) for part in self.release.split("."))

    @cached_property
    def sha256(self) -> str:
        """Of the file's bytes, in hexadecimal."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by its id, in the order of the file."""
        found = {question.id: question for _, question in self.placed()}
        return MappingProxyType(found)

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The questions on whose answers it depends whether others are asked."""
        return frozenset().union(*(question.asked_on for question in self.questions.values()))

    def replaced(self, **fields: object) -> "Release":
        """The same release but for these fields; nothing that was worked out before is kept."""
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return Release(**{**kept, **fields})

    def narrowed(self, chosen: Collection[str]) -> "Release":
        """With these questions only, and no section or domain left empty.

        Raises ValueError where no question is left.
        """
        sections = []
        for section in self.sections:
            left = tuple(question for question in section.questions if question.id in chosen)
            if left:
                sections.append(section.model_copy(update={"questions": left}))
        domains = {question.domain for one in sections for question in one.questions}
        return self.replaced(
            sections=tuple(sections),
            domains={name: one for name, one in self.domains.items() if name in domains},
        )

    def placed(self) -> Iterator[tuple[tuple[int | str, ...], Question]]:
        """Every question with its path in the file, also those whose id stands twice."""
        for at, section in enumerate(self.sections):
            for index, question in enumerate(section.questions):
                yield ("sections", at, "questions", index), question
