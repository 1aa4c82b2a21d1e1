"""What another release of a questionnaire would make of assessments; nothing of them is changed.

An assessment can be *re-weighted*: what it was asked stays as it is, and counts as the other
release has it. Or it can be *asked anew*: as if that release had been sent, with nothing answered
yet that is new in it. Either way an answer that is none to the question's other form is missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from riskapp.assessments.routing import asked_of
from riskapp.catalogue.answers import AnswerRefused, canonical_value
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Question, Release
from riskapp.scoring.build import Case, Reviewed, build_sheet
from riskapp.scoring.cases import Scored, scored
from riskapp.scoring.current import terms_now
from riskapp.scoring.rules import evaluate
from riskapp.scoring.sheet import Sheet
from riskapp.scoring.terms import Terms
from riskapp.vendors.rules import Tier

COUNTS = (
    "domain",
    "answer",
    "transfers",
    "transfers_via",
    "country",
    "weight",
    "evidence",
    "knockout",
)
"""The fields that decide how an answer counts; the others, whether and how it is asked."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a score lies, as pages show it."""

    tier: Tier
    shown: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One assessment under the release that it has, number `release`, and under another."""

    assessment_id: str
    vendor_name: str
    engagement_title: str
    release: str
    today: Landing
    reweighted: Landing
    anew: Landing

    @property
    def reweighting_changes_tier(self) -> bool:
        return self.reweighted.tier is not self.today.tier

    @property
    def asking_changes_tier(self) -> bool:
        return self.anew.tier is not self.today.tier

    @property
    def changes_tier(self) -> bool:
        return self.reweighting_changes_tier or self.asking_changes_tier


def effect(
    session: Session, library: Library, old: Release, new: Release, as_of: date
) -> Iterator[Effect]:
    """What `new` would make on a day of every scored assessment of this questionnaire, by vendor.

    Each is compared with the release that it has, be that `old` or another. Reads a page of
    assessments at a time and writes nothing. Raises ValueError for releases of two questionnaires.
    """
    if old.id != new.id:
        raise ValueError(f"{old.key} and {new.key} are of two questionnaires")
    terms = terms_now(session)
    for one in scored(session, library, new.id):
        yield _effect(library, one, new, as_of, terms)


def _effect(library: Library, one: Scored, new: Release, as_of: date, terms: Terms) -> Effect:
    at = next(at for at, release in enumerate(one.sent) if release.id == new.id)
    sheet = build_sheet(one.case, as_of, terms)
    today = reweighted = anew = _landing(sheet)
    if one.sent[at].sha256 != new.sha256:
        kept = replace(one.case, answers=still_answers(one.case.answers, new))
        reweighted = _landing(_reweighted(kept, at, new, as_of, terms))
        anew = _landing(build_sheet(_anew(library, kept, one.sent, at, new), as_of, terms))
    release = one.sent[at].release
    return Effect(one.id, one.vendor_name, one.engagement_title, release, today, reweighted, anew)


def _landing(sheet: Sheet) -> Landing:
    result = evaluate(sheet)
    return Landing(result.tier, result.shown)


def still_answers(answers: Mapping[str, Reviewed], new: Release) -> dict[str, Reviewed]:
    """The answers as a release takes them; no value is left where it takes it no more."""
    return {
        name: _still(answer, new.questions[name]) if name in new.questions else answer
        for name, answer in answers.items()
    }


def _still(answer: Reviewed, question: Question) -> Reviewed:
    if answer.value is None:
        return answer
    try:
        return replace(answer, value=canonical_value(question, answer.value))
    except AnswerRefused:
        return replace(answer, value=None)


def _reweighted(case: Case, at: int, new: Release, as_of: date, terms: Terms) -> Sheet:
    """What was asked, counted as `new` has it: a question that is gone from it counts no more.

    Such a question still decides, as it did, which others were asked.
    """
    releases = list(case.releases)
    was = releases[at]
    releases[at] = _counted_as(new, was)
    sheet = build_sheet(replace(case, releases=releases), as_of, terms)
    gone = was.questions.keys() - new.questions.keys()
    return replace(sheet, items=tuple(item for item in sheet.items if item.id not in gone))


def _counted_as(new: Release, was: Release) -> Release:
    sections = [
        section.model_copy(
            update={"questions": tuple(_counting(one, new) for one in section.questions)}
        )
        for section in was.sections
    ]
    used = {new.questions[name].domain for name in was.questions if name in new.questions}
    domains = {name: domain for name, domain in new.domains.items() if name in used}
    return new.replaced(sections=tuple(sections), domains=domains)


def _counting(question: Question, new: Release) -> Question:
    """The question as it was asked, weighed as it is in `new`."""
    there = new.questions.get(question.id)
    if there is None:
        return question
    return question.model_copy(update={name: getattr(there, name) for name in COUNTS})


def _anew(library: Library, case: Case, sent: Sequence[Release], at: int, new: Release) -> Case:
    """As if `new` had been sent: all of it, or what it has of the part that was asked, and the new.

    What else applies follows from the facts, as when an assessment is drawn up.
    """
    was = sent[at]
    asked = {release.id: set(release.questions) for release in case.releases}
    whole = asked_of(sent, {**asked, was.id: was.questions.keys()}, case.facts)
    if asked[was.id] == set(whole.get(was.id, ())):
        asked[was.id] = set(new.questions)
    else:
        added = new.questions.keys() - was.questions.keys()
        asked[was.id] = {*(asked[was.id] & new.questions.keys()), *added}
    releases = [new if release is was else release for release in sent]
    found = asked_of(releases, asked, case.facts)
    return replace(
        case,
        releases=[
            library.narrowed(release, found[release.id])
            for release in releases
            if release.id in found
        ],
    )
