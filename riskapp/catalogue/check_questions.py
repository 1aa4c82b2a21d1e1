"""Whether each question makes sense by itself: its scoring, mappings, references, findings."""

from collections.abc import Iterator

from riskapp.catalogue import check_answers
from riskapp.catalogue.check_answers import repeated
from riskapp.catalogue.errors import Finding
from riskapp.catalogue.mapping_ids import trouble
from riskapp.catalogue.model import (
    MAPPINGS,
    SAFEGUARDS,
    UNKNOWN,
    Choice,
    Countries,
    Date,
    Maturity,
    Multiple,
    Question,
    Release,
    Table,
    Text,
)
from riskapp.catalogue.specs import TOP_LEVEL
from riskapp.catalogue.when import Place


def findings(release: Release) -> Iterator[Finding]:
    yield from _twice(release)
    yield from _domains(release)
    for place, question in release.placed():
        for path, problem, remedy in _question(question, release):
            yield (*place, *path), problem, remedy


def _question(question: Question, release: Release) -> Iterator[Finding]:
    yield from _words(question)
    yield from _mapped(question)
    yield from _scoring(question, release)
    yield from _knockout(question)
    yield from check_answers.findings(question)
    yield from _intake(question, release)
    yield from _transfers(question, release)
    yield from _suggested(question)


def _twice(release: Release) -> Iterator[Finding]:
    places = list(release.placed())
    for index, name in repeated(question.id for _, question in places):
        yield (*places[index][0], "id"), f"{name} stands twice", "give one of the two another id"
    for index, name in repeated(section.id for section in release.sections):
        path = ("sections", index, "id")
        yield path, f"{name} stands twice", "give one of the two sections another id"


def _domains(release: Release) -> Iterator[Finding]:
    if release.audience == "officer":
        if release.domains:
            yield ("domains",), "stands in an intake, which is not scored by domains", "empty it"
        return
    used = {question.domain for question in release.questions.values() if question.scored}
    for name in release.domains:
        if name not in used:
            yield ("domains", name), "has no scored question", "take the domain out or use it"


def _words(question: Question) -> Iterator[Finding]:
    if not question.text.endswith(("?", ":")):
        yield ("text",), "is no question", "end it with ? or :"


def _mapped(question: Question) -> Iterator[Finding]:
    for name, ids in question.mappings.items():
        if name not in MAPPINGS:
            yield ("mappings", name), "is no known framework", f"write {', '.join(MAPPINGS)}"
        for index, written in enumerate(ids):
            found = trouble(name, written)
            if found is not None:
                yield ("mappings", name, index), *found
        for index, written in repeated(ids):
            yield ("mappings", name, index), f"{written} stands twice", "take one of the two out"


def _scoring(question: Question, release: Release) -> Iterator[Finding]:
    if question.domain is not None and question.domain not in release.domains:
        known = ", ".join(release.domains) or "none"
        yield ("domain",), f"{question.domain} is unknown", f"name one of domains: {known}"
    if not question.scored:
        if question.knockout is not None:
            yield ("knockout",), "stands on a question that is not scored", "give it a weight"
        return
    if release.audience == "officer":
        yield ("weight",), "scores a question of the intake", "use factor: instead"
    if question.domain is None:
        yield ("weight",), "scores a question that has no domain", "give the question a domain"
    if question.gate:
        yield ("gate",), "stands on a scored question", "take out gate or weight"
    if isinstance(question.answer, Date | Text):
        yield ("answer",), f"a {question.answer.type} cannot be scored", "take the weight out"
    elif isinstance(question.answer, Countries) and not question.by_transfers:
        yield ("answer",), "countries are scored by transfers only", "add transfers_via:"


def _knockout(question: Question) -> Iterator[Finding]:
    knockout, worths = question.knockout, question.answer.credits
    if knockout is None or not worths or question.by_transfers:
        return
    if min(worths) >= knockout.below:
        remedy = "raise below:, or lower the credit of the worst answer"
        yield ("knockout", "below"), "is reached by every answer, so that none fails", remedy


def _intake(question: Question, release: Release) -> Iterator[Finding]:
    factor, spec = question.factor, question.answer
    if factor is None:
        return
    if release.audience != "officer":
        yield ("factor",), "stands outside the intake", "take it out"
    if not isinstance(spec, Choice):
        yield ("factor",), "needs a choice as answer", "make the answer a choice"
        return
    known = {option.id for option in spec.options}
    for index, option in enumerate(spec.options):
        if option.value is None:
            yield ("answer", "options", index), "has no value", "add value: 0 to 1"
        if option.id == UNKNOWN:
            path = ("answer", "options", index, "id")
            yield path, "is added to every factor by itself", "take the option out"
    for index, floor in enumerate(factor.floors):
        if floor.option not in known:
            path = ("factor", "floors", index, "option")
            yield path, f"{floor.option} is no option here", f"name one of {', '.join(known)}"


def _transfers(question: Question, release: Release) -> Iterator[Finding]:
    if question.transfers is not None:
        yield from _column(
            question, question.transfers.country, ("transfers", "country"), "country"
        )
        yield from _column(
            question, question.transfers.safeguard, ("transfers", "safeguard"), "choice"
        )
        yield from _safeguards(question, question.transfers.safeguard)
    if question.transfers_via is None:
        if question.country is not None:
            yield ("country",), "stands without transfers_via", "add transfers_via or take it out"
        return
    register = release.questions.get(question.transfers_via)
    if register is None or register.transfers is None:
        path = ("transfers_via",)
        yield path, "names no transfer register", "name a question with transfers:"
    if isinstance(question.answer, Table):
        yield from _column(question, question.country or "", ("country",), "country")
    elif not isinstance(question.answer, Countries):
        yield ("transfers_via",), "needs countries or a table as answer", "take it out"


def _safeguards(question: Question, name: str) -> Iterator[Finding]:
    columns = question.answer.columns if isinstance(question.answer, Table) else ()
    for index, column in enumerate(columns):
        for at, option in enumerate(column.options if column.id == name else ()):
            if option.id not in SAFEGUARDS:
                path = ("answer", "columns", index, "options", at, "id")
                yield path, f"{option.id} is no safeguard", f"write {', '.join(SAFEGUARDS)}"


def _column(question: Question, name: str, path: Place, kind: str) -> Iterator[Finding]:
    columns = question.answer.columns if isinstance(question.answer, Table) else ()
    if not any(column.id == name and column.type == kind for column in columns):
        yield path, f"names no {kind} column of this table", f"name a column with type: {kind}"


def _suggested(question: Question) -> Iterator[Finding]:
    known = question.choices
    if isinstance(question.answer, Multiple):
        known = tuple(option.id for option in question.answer.options)
    elif isinstance(question.answer, Maturity):
        known = tuple(str(level) for level in range(TOP_LEVEL + 1))
    for index, finding in enumerate(question.findings):
        for at, answer in enumerate(finding.answers):
            if answer not in known:
                path = ("findings", index, "answers", at)
                remedy = f"name one of {', '.join(known)}" if known else "take the finding out"
                yield path, f"“{answer}” is never answered here", remedy
