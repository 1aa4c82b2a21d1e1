"""The questions that a pack is about, as JSON values: as they were asked. Pure."""

from typing import Any

from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Choice, Maturity, Multiple, Question, Release, Table
from riskapp.vendors.queries import IntakeRow

Document = dict[str, Any]


def questionnaire_path(release: Release) -> str:
    return f"data/questionnaires/{release.id}-{release.release}.yaml"


def questionnaire_document(release: Release) -> Document:
    return {
        "id": release.id,
        "release": release.release,
        "title": release.title,
        "sha256": release.sha256,
        "file": questionnaire_path(release),
        "asked": list(release.questions),
    }


def intake_document(intake: IntakeRow, release: Release | None) -> Document:
    known = release.questions if release else {}
    return {
        "number": intake.number,
        "saved_at": intake.saved_at.isoformat(),
        "saved_by": intake.saved_by,
        "inherent_score": intake.score,
        "inherent_tier": intake.tier,
        "questionnaire": questionnaire_document(release)
        if release
        else {"sha256": intake.release_sha256, "file": None},
        "answers": [
            {
                "question": name,
                "text": known[name].text if name in known else None,
                "value": value,
                "words": in_words(known[name], value) if name in known else None,
            }
            for name, value in sorted(intake.answers.items())
        ],
    }


def question_document(question: Question) -> Document:
    return {
        "id": question.id,
        "text": question.text,
        "why": question.why,
        "counts": question.counts,
        "answer_type": question.answer.type,
        "offered": _offered(question),
        "domain": question.domain,
        "weight": question.weight,
        "knockout": question.knockout
        and {"level": question.knockout.level, "below": str(question.knockout.below)},
        "evidence_wanted": question.evidence,
        "gate": question.gate,
        "required": question.required,
        "mappings": {name: list(values) for name, values in question.mappings.items()},
    }


def _offered(question: Question) -> list[Document]:
    """The options, levels or columns that stood before the vendor."""
    match question.answer:
        case Choice(options=options) | Multiple(options=options):
            return [{"id": option.id, "text": option.text} for option in options]
        case Maturity(levels=levels):
            return [{"id": level, "text": text} for level, text in enumerate(levels)]
        case Table(columns=columns):
            return [{"id": column.id, "text": column.title} for column in columns]
    return []
