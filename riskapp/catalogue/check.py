"""Whether questionnaire files make sense, beyond their form. What is wrong is told, not raised."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from riskapp.catalogue import check_branching, check_questions, translation
from riskapp.catalogue.errors import Fault, Finding
from riskapp.catalogue.lines import Document, read
from riskapp.catalogue.model import Knockout, Question, Release
from riskapp.catalogue.translation import Translation


def check(release: Release) -> list[Fault]:
    """Everything in a release that does not make sense, by line; empty where all does."""
    found = chain(check_questions.findings(release), check_branching.findings(release))
    return sorted(faults_of(release, list(found)))


def faults_of(release: Release, found: Sequence[Finding]) -> list[Fault]:
    """Findings with their lines; the file is read again only where there are any."""
    if not found:
        return []
    document = read(release.source, release.where)
    return [document.fault(path, problem, remedy) for path, problem, remedy in found]


def check_translation(release: Release, words: Translation, document: Document) -> list[Fault]:
    """Everything in a translation that is not as its release; `document` is what was read."""
    found = translation.findings(release, words)
    return sorted(document.fault(path, problem, remedy) for path, problem, remedy in found)


def check_together(releases: Sequence[Release], *, complete: bool) -> list[Fault]:
    """What is wrong between releases that are each in order; `complete`: these are all there are.

    Answers of one assessment are told apart by their question's id alone, so that no two
    questionnaires may share one; and there is one intake.
    """
    owner: dict[str, str] = {}
    in_order = sorted(releases, key=lambda one: one.number)
    newest = {question.id: question for one in in_order for question in one.questions.values()}
    intake: str | None = None
    faults: list[Fault] = []
    for release in releases:
        found: list[Finding] = []
        if release.audience == "officer":
            intake = intake or release.id
            if intake != release.id:
                problem = f"makes a second intake beside {intake}"
                found.append((("audience",), problem, "write audience: vendor"))
        for place, question in release.placed():
            first = owner.setdefault(question.id, release.id)
            if first != release.id:
                problem = f"{question.id} is a question of {first}"
                found.append(((*place, "id"), problem, "give it another id"))
            for problem, remedy in _giving_way(question, release, newest, complete=complete):
                found.append(((*place, "same_as"), problem, remedy))
        faults += faults_of(release, found)
    return faults


_SEVERITY = ("high", "critical", "legal")


def _giving_way(
    question: Question, release: Release, known: Mapping[str, Question], *, complete: bool
) -> Iterator[tuple[str, str]]:
    """Why a question may not give way to the one it names: nothing stricter may be lost by it."""
    name = question.same_as
    if name is None:
        return
    if name in release.questions:
        yield f"names {name} of the same questionnaire", "ask it once"
    if question.id in release.deciding:
        yield "stands on a question that others depend on", "take it out"
    stays = known.get(name)
    if stays is None:
        if complete:
            yield f"{name} is no question of another questionnaire", "name one, or take it out"
        return
    if stays.asked_when is not None:
        yield f"{name} is asked only on certain answers", "name a question that is always asked"
    if stays.same_as is not None:
        yield f"{name} gives way itself", f"name {stays.same_as}"
    if not _as_severe(stays.knockout, question.knockout):
        yield f"{name} is no knock-out as severe as this", "let both fail alike, or ask both"
    if question.evidence is not None and stays.evidence is None:
        yield f"{name} asks for no evidence, and this does", "let both ask for it, or ask both"


def _as_severe(stays: Knockout | None, other: Knockout | None) -> bool:
    """Whether one fails at least as severely, and wherever the other may.

    From which credit on is not compared: two kinds of answer have credits of their own.
    """
    if other is None or stays is None:
        return other is None
    severe = _SEVERITY.index(stays.level) >= _SEVERITY.index(other.level)
    return severe and (stays.when is None or stays.when == other.when)
