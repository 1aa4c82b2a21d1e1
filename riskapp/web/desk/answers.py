"""What came in, question by question, beside the score; nothing that was not submitted yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn, names
from riskapp.answers.queries import AnswerRow, RevisionRow, answers, revisions, values
from riskapp.assessments.queries import AssessmentRow, releases
from riskapp.assessments.rules import REVIEWABLE, State
from riskapp.catalogue.answers import in_words
from riskapp.catalogue.conditions import in_words as condition_in_words
from riskapp.catalogue.model import Question, Release, SuggestedFinding
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.evidence.queries import EvidenceRow, by_question, of_assessment
from riskapp.reviews.queries import EntryRow, thread
from riskapp.reviews.rules import Action
from riskapp.scoring.build import officers_needed
from riskapp.scoring.queries import score
from riskapp.submissions.queries import SubmissionRow, asked_questions, submissions
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import Errors, known_assessment
from riskapp.web.desk.forms import EvidenceForm, ReviewForm, UndoForm
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import Card, card, submitted


@dataclass(frozen=True, slots=True)
class CameIn:
    """An assessment as it was last submitted, with what reviewers made of it since."""

    row: AssessmentRow
    releases: Sequence[Release]
    answers: Mapping[str, AnswerRow]
    files: Mapping[str, Sequence[EvidenceRow]]
    asked: frozenset[str]
    submissions: Sequence[SubmissionRow]
    card: Card | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One question as the list shows it. `points` is "" where it costs nothing."""

    question: Question
    asked: bool
    answer: AnswerRow | None
    words: str
    files: Sequence[EvidenceRow]
    points: str
    because: str

    @property
    def given(self) -> bool:
        return self.answer is not None and self.answer.given

    @property
    def to_confirm(self) -> bool:
        """An answer that counts only once an officer confirms it, and none has."""
        answer = self.answer
        if answer is None or not answer.given or answer.confirmed:
            return False
        return self.question.gate or answer.value == []

    @property
    def suggested(self) -> Sequence[SuggestedFinding]:
        """What the questionnaire suggests to record on this answer; the vendor never sees it."""
        if not self.asked or self.answer is None or self.answer.value is None:
            return ()
        value = self.answer.value
        chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
        return [one for one in self.question.findings if not chosen.isdisjoint(one.answers)]


SHOWS: dict[str, tuple[str, Callable[[Entry], bool]]] = {
    "all": ("All", lambda _entry: True),
    "open": (
        "To review",
        lambda entry: (
            entry.given
            and entry.answer is not None
            and entry.answer.standing == "open"
            and not entry.answer.asked_back
        ),
    ),
    "costs": ("Costs points", lambda entry: bool(entry.points)),
    "na": (
        "Said not to apply",
        lambda entry: entry.answer is not None and entry.answer.na_reason is not None,
    ),
    "evidence": ("With evidence", lambda entry: bool(entry.files)),
    "confirm": ("To confirm", lambda entry: entry.to_confirm),
    "asked-back": (
        "Asked back",
        lambda entry: entry.answer is not None and entry.answer.asked_back,
    ),
}


def came_in(row: AssessmentRow) -> CameIn:
    """Reads what was submitted; while it is with the vendor again, what was submitted before."""
    session = reading()
    sent = releases(session, ports().library, row.id)
    came = submissions(session, row.id)
    live = answers(session, row.id) if came else {}
    files = of_assessment(session, row.id, with_ended=True) if came else []
    found = score(session, row.id)
    then = submitted(session, row.id, came, found.row.submission) if found else {}
    if row.state in REVIEWABLE or row.state is State.DECIDED:
        given, shown = live, [file for file in files if file.ended_at is None]
    else:
        given = {name: _as_submitted(live[name], one) for name, one in then.items()}
        shown = [file for file in files if _was_submitted(file, row)]
    return CameIn(
        row,
        sent,
        given,
        by_question(shown),
        frozenset(one.id for _, _, one in asked_questions(sent, row.facts, values(given))),
        came,
        card(found, sent, _values(then)) if found else None,
    )


def _values(rows: Mapping[str, RevisionRow]) -> dict[str, object]:
    return {name: row.value for name, row in rows.items() if row.value is not None}


def _as_submitted(live: AnswerRow, then: RevisionRow) -> AnswerRow:
    """The answer as it was submitted: what the vendor is changing now is not ours to read yet."""
    if live.revision == then.revision:
        return live
    return replace(
        live,
        revision=then.revision,
        value=then.value,
        na_reason=then.na_reason,
        comment=then.comment,
        saved_at=then.saved_at,
    )


def _was_submitted(file: EvidenceRow, row: AssessmentRow) -> bool:
    if not file.submitted:
        return False
    return file.ended_at is None or (
        row.returned_at is not None and file.ended_at > row.returned_at
    )


def entries(came: CameIn, release: Release) -> list[tuple[str, list[Entry]]]:
    """The questions of a release by section: those asked, and those that cost points."""
    lines = {line.question_id: line for line in came.card.lines} if came.card else {}
    found = []
    for section in release.sections:
        here = [
            _entry(came, question, lines[question.id].because if question.id in lines else "")
            for question in section.questions
            if question.id in came.asked or question.id in lines
        ]
        found.append((section.title, here))
    return found


def _entry(came: CameIn, question: Question, because: str) -> Entry:
    answer = came.answers.get(question.id)
    words = "" if answer is None or answer.value is None else in_words(question, answer.value)
    points = came.card.points if came.card else {}
    return Entry(
        question,
        question.id in came.asked,
        answer,
        words,
        came.files.get(question.id, ()),
        points.get(question.id, ""),
        because,
    )


@blueprint.route("/assessments/<assessment_id>/answers", methods=["GET"], endpoint="answers")
@requires(Permission.ASSESSMENT_READ)
def listing(person: SignedIn, assessment_id: str) -> str:  # noqa: ARG001 - all are somebody's
    came = came_in(known_assessment(assessment_id))
    show = request.args.get("show", "all")
    if show not in SHOWS:
        raise NotFound
    wanted = SHOWS[show][1]
    parts = [(release, entries(came, release)) for release in came.releases]
    every = [entry for _, sections in parts for _, here in sections for entry in here]
    return render_template(
        "desk/answers.html",
        assessment=came.row,
        came=came,
        card=came.card,
        parts=[
            (
                release,
                [
                    (title, chosen)
                    for title, here in sections
                    if (chosen := [*filter(wanted, here)])
                ],
            )
            for release, sections in parts
        ],
        show=show,
        shows=[(key, words, sum(map(test, every))) for key, (words, test) in SHOWS.items()],
        reviewable=came.row.state in REVIEWABLE,
        asked_back=[name for name, answer in came.answers.items() if answer.asked_back],
    )


@blueprint.route(
    "/assessments/<assessment_id>/questions/<question_id>", methods=["GET"], endpoint="question"
)
@requires(Permission.ASSESSMENT_READ)
def one(
    person: SignedIn,  # noqa: ARG001 - as above
    assessment_id: str,
    question_id: str,
) -> str | Response:
    if known_assessment(assessment_id).erased_at is not None:
        return redirect(url_for("desk.answers", assessment_id=assessment_id))
    return question_page(assessment_id, question_id)


def question_page(
    assessment_id: str,
    question_id: str,
    errors: Errors | None = None,
    *,
    review: ReviewForm | None = None,
    typed: Mapping[str, EvidenceForm | UndoForm] | None = None,
) -> str:
    """One answer with its history and all review actions; `typed` are refused forms by prefix."""
    came = came_in(known_assessment(assessment_id))
    session = reading()
    question, release = _question(came, question_id)
    entry = _entry(came, question, _because(came, question_id))
    done = thread(session, assessment_id, question_id)
    newest = entry.answer.revision if entry.answer else 0
    return render_template(
        "desk/question.html",
        assessment=came.row,
        came=came,
        card=came.card,
        q=question,
        release=release,
        entry=entry,
        asked_when=condition_in_words(question.asked_when, release) if question.asked_when else "",
        revisions=[
            (one, "" if one.value is None else in_words(question, one.value))
            for one in revisions(session, assessment_id, question_id)
            if one.revision <= newest
        ],
        thread=done,
        undoable=_undoable(done),
        file_names={
            (file.evidence_id, file.version): file.name or "a file that was erased"
            for file in entry.files
        },
        approvers=names(session, set(entry.answer.na_approvals if entry.answer else ())),
        needed=officers_needed(question, came.row.facts, values(came.answers)),
        reviewable=came.row.state in REVIEWABLE,
        errors=errors or {},
        review=review or ReviewForm(formdata=None),
        evidence_forms={
            file.use_id: (typed or {}).get(file.use_id) or _evidence_form(file)
            for file in entry.files
        },
        typed=typed or {},
    )


def _because(came: CameIn, question_id: str) -> str:
    lines = came.card.lines if came.card else ()
    return next((line.because for line in lines if line.question_id == question_id), "")


def _question(came: CameIn, question_id: str) -> tuple[Question, Release]:
    for release in came.releases:
        if question_id in release.questions:
            return release.questions[question_id], release
    raise NotFound


def _evidence_form(file: EvidenceRow) -> EvidenceForm:
    return EvidenceForm(
        formdata=None,
        prefix=file.use_id,
        data={"issued_on": file.issued_on, "valid_until": file.valid_until},
    )


def _undoable(done: Sequence[EntryRow]) -> frozenset[str]:
    """The newest action on the answer, and on each file: what nothing later rests on."""
    newest: dict[tuple[str | None, int | None], str] = {}
    for entry in done:
        if entry.undone_at is None and entry.action != Action.UNDO:
            newest[entry.evidence_id, entry.evidence_version] = entry.id
    return frozenset(newest.values())
