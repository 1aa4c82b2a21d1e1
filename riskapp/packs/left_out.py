"""What a pack does not hold, and why, in words that it carries itself. Pure.

What has no id is known by its words alone, which the verifier that ships with it holds.
"""

from collections.abc import Iterator, Sequence

from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.documents import Document, Places, file_id
from riskapp.packs.narrowing import Closed
from riskapp.packs.queries import Contents
from riskapp.packs.shipped import verify


def of_case(contents: Contents, kept_out: Closed, places: Places) -> list[Document]:
    """What is not in the part of a pack that is about one assessment."""
    found = list[Document]()
    if contents.intake_release is None:
        found.append(verify.INTAKE_WORDS._asdict())
    found += _answers(contents, kept_out)
    found += _files(contents.evidence, kept_out, places)
    if kept_out.names:
        found.append({"what": verify.ALL_NAMES, "why": kept_out.names})
    if kept_out.acknowledgements:
        found.append(_acknowledgements(contents))
    return found


def question_counts(contents: Contents, kept_out: Closed) -> Document:
    """How many questions there are, and of how many the answers are left out."""
    known = [name for release in contents.releases for name in release.questions]
    return {"all": len(known), "left_out": len(kept_out.answers)}


def _answers(contents: Contents, kept_out: Closed) -> Iterator[Document]:
    every = question_counts(contents, kept_out)["all"]
    unchosen = [name for name, why in kept_out.answers.items() if why == verify.NOT_CHOSEN]
    if unchosen:
        yield {
            "what": f"The answers to {len(unchosen)} of {every} questions",
            "why": verify.NOT_CHOSEN,
            "questions": unchosen,
        }
    for name, why in kept_out.answers.items():
        if why != verify.NOT_CHOSEN:
            yield {"what": f"The answer to {name}", "why": why, "questions": [name]}
    if kept_out.answers:
        yield from (one._asdict() for one in verify.OF_ANSWERS)


def _files(files: Sequence[EvidenceRow], kept_out: Closed, places: Places) -> Iterator[Document]:
    gone = {
        (file.evidence_id, file.version): file
        for file in files
        if places[file.evidence_id, file.version] is None
    }
    for _, file in sorted(gone.items()):
        hidden = kept_out.hides_name(file_id(file)) or not file.name
        erased = file.erased_at is not None
        unnamed = "A file that was erased" if erased else "A file"
        yield {
            "what": unnamed if hidden else f"The file “{file.name}”",
            "why": _why(file, kept_out),
            "evidence": file_id(file),
            "sha256": file.sha256,
            "size": file.size,
        }


def _why(file: EvidenceRow, kept_out: Closed) -> str:
    if file.erased_at is not None:
        return verify.erased(file.erased_at.isoformat(), file.erased_because)
    if file_id(file) in kept_out.files:
        return kept_out.files[file_id(file)]
    return verify.SHUT.get(file.scan, verify.NO_KEY)


def _acknowledgements(contents: Contents) -> Document:
    return {
        **verify.ACKNOWLEDGEMENTS._asdict(),
        "submissions": [f"{contents.assessment.id}/{one.number}" for one in contents.submissions],
    }
