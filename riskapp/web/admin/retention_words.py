"""What the rules of retention are about, in words."""

from dataclasses import dataclass

from riskapp.custody.rules import RecordClass


@dataclass(frozen=True, slots=True)
class ClassWords:
    """A class of record: its name, what is erased and what stays, and from when days count.

    `one` and `many` say what is counted, `ids` whose ids are listed.
    """

    title: str
    erases: str
    counts_from: str
    one: str
    many: str
    ids: str


WORDS = {
    RecordClass.LINKS: ClassWords(
        "Links",
        "The e-mail address that a link was sent to, what opens the link, and the browsers that "
        "used it. The link then shows nothing any more, not even the acknowledgement. That there "
        "was a link stays.",
        "the day on which the link was revoked, or its assessment decided or cancelled",
        "link",
        "links",
        "Assessments",
    ),
    RecordClass.DRAFTS: ClassWords(
        "Drafts",
        "Answers and files of assessments that were cancelled and never submitted. One that still "
        "waits for its vendor is left alone, however long: an officer cancels it first.",
        "the day on which the assessment was cancelled",
        "draft or file",
        "drafts and files",
        "Assessments, and files with their version",
    ),
    RecordClass.ANSWERS: ClassWords(
        "Answers and receipts",
        "All that was answered, submitted, reviewed and scored in an assessment, and for whom "
        "packs of it were taken away. The decision with its reasons, the tier and the history "
        "stay; files are a rule of their own.",
        "the day on which nothing rests on the assessment any more: a later cycle was decided, the "
        "engagement ended, or it was cancelled",
        "assessment",
        "assessments",
        "Assessments",
    ),
    RecordClass.EVIDENCE: ClassWords(
        "Evidence",
        "Files that were submitted: their keys are destroyed and what lies in the store is "
        "removed, with a signed certificate. That there was a file, its size and its digest stay.",
        "the day on which nothing rests any more on any of the assessments that the file served",
        "file",
        "files",
        "Files with their version",
    ),
    RecordClass.LOGS: ClassWords(
        "Sign-ins",
        "Who was signed in with which browser, and when. What riskapp writes to its standard error "
        "is kept and erased by whoever runs it.",
        "the day on which the session ended or ran out",
        "session",
        "sessions",
        "Sessions",
    ),
}


def counted(days: int | None) -> str:
    """For how long, in words."""
    if days is None:
        return "kept for good"
    return f"kept for {days:,} {'day' if days == 1 else 'days'}"
