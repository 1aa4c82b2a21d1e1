"""What a pack does not hold, and why, in words that it carries itself. Pure."""

from collections.abc import Iterator, Sequence

from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.scans import Scan
from riskapp.packs.documents import Document, Places, file_id
from riskapp.packs.narrowing import NOT_CHOSEN, Closed
from riskapp.packs.queries import Contents

ALWAYS: tuple[Document, ...] = (
    {
        "what": "Files that the vendor took back before submitting them",
        "why": "They were never part of a submission, and were not kept.",
    },
    {
        "what": "E-mail addresses of the vendor's contacts and respondents",
        "why": "The proof does not need them; respondents are named on the acknowledgements.",
    },
    {
        "what": "The event of this export, and all after it",
        "why": "The trail stops at the checkpoint that the pack holds.",
    },
)
OF_ONE: Document = {
    "what": "Events of other assessments, of the register and of people's sign-ins",
    "why": "They tell of other matters than this assessment and the files that serve it.",
}
OF_ALL: Document = {
    "what": "Events of other vendors and of people's sign-ins",
    "why": "They tell of other matters than this vendor.",
}


def of_case(contents: Contents, kept_out: Closed, places: Places) -> list[Document]:
    """What is not in the part of a pack that is about one assessment."""
    found = list[Document]()
    if contents.intake_release is None:
        why = "The release that was answered is no longer installed."
        found.append({"what": "The words of the intake's questions", "why": why})
    found += _answers(contents, kept_out)
    found += _files(contents.evidence, kept_out, places)
    if kept_out.names:
        found.append({"what": "The names of all people", "why": kept_out.names})
    if kept_out.acknowledgements:
        found.append(_acknowledgements(contents))
    return found


def question_counts(contents: Contents, kept_out: Closed) -> Document:
    """How many questions there are, and of how many the answers are left out."""
    known = [name for release in contents.releases for name in release.questions]
    return {"all": len(known), "left_out": len(kept_out.answers)}


def _answers(contents: Contents, kept_out: Closed) -> Iterator[Document]:
    every = question_counts(contents, kept_out)["all"]
    unchosen = [name for name, why in kept_out.answers.items() if why == NOT_CHOSEN]
    if unchosen:
        yield {
            "what": f"The answers to {len(unchosen)} of {every} questions",
            "why": NOT_CHOSEN,
            "questions": unchosen,
        }
    for name, why in kept_out.answers.items():
        if why != NOT_CHOSEN:
            yield {"what": f"The answer to {name}", "why": why, "questions": [name]}
    if kept_out.answers:
        yield {
            "what": "What reviewers said of these answers",
            "why": "It tells of the answers. What they decided is in the review.",
        }
        yield {
            "what": "The proof that these answers count in the score as they were given",
            "why": "The receipt is whole, so that the score can be computed anew: what each of"
            " these questions counted can be read there.",
        }


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
        day = f"{file.erased_at.day} {file.erased_at:%B %Y}"
        return f"It was erased on {day}, its key destroyed. Reason: {file.erased_because}"
    if file_id(file) in kept_out.files:
        return kept_out.files[file_id(file)]
    if file.scan is Scan.INFECTED:
        return "The virus scanner found something in it; nobody may open it."
    if file.scan is Scan.QUARANTINED:
        return "It is in quarantine: the virus scanner has not called it clean yet."
    return "Its key is missing, and nobody can open it."


def _acknowledgements(contents: Contents) -> Document:
    return {
        "what": "The acknowledgements that the vendor was given",
        "why": "They hold names, and a digest of each answer, by which guesses could be tried."
        " Their own digests are in the trail.",
        "submissions": [f"{contents.assessment.id}/{one.number}" for one in contents.submissions],
    }
