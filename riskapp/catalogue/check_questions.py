"""Whether each question makes sense by itself: scoring, options, bands, tables, references."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from riskapp.catalogue.model import (
    MAPPINGS,
    UNKNOWN,
    Band,
    Choice,
    Countries,
    Date,
    Multiple,
    Number,
    Option,
    Question,
    Release,
    Table,
    Text,
)
from riskapp.catalogue.when import Place

Finding = tuple[Place, str, str]
"""Path, problem, remedy."""


def findings(release: Release) -> Iterator[Finding]:
    yield from _twice(release)
    yield from _domains(release)
    for place, question in release.placed():
        for rule in (_words, _scoring, _options, _intake, _bands, _columns, _transfers):
            for path, problem, remedy in rule(question, release):
                yield (*place, *path), problem, remedy


def _repeated(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        if seen[name]:
            yield index, name
        seen[name] += 1


def _twice(release: Release) -> Iterator[Finding]:
    places = list(release.placed())
    for index, name in _repeated(question.id for _, question in places):
        yield (*places[index][0], "id"), f"{name} stands twice", "give one of the two another id"
    for index, name in _repeated(section.id for section in release.sections):
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


def _words(question: Question, _: Release) -> Iterator[Finding]:
    if not question.text.endswith(("?", ":")):
        yield ("text",), "is no question", "end it with ? or :"
    for name in question.mappings:
        if name not in MAPPINGS:
            yield ("mappings", name), "is no known framework", f"write {', '.join(MAPPINGS)}"


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


def _options(question: Question, _: Release) -> Iterator[Finding]:
    spec = question.answer
    if not isinstance(spec, Choice | Multiple):
        return
    path: Place = ("answer", "options")
    yield from _option_ids(spec.options, path)
    credited = question.scored and isinstance(spec, Choice)
    yield from _credits(spec.options, path, credited=credited, by="a scored choice")
    if credited and max(spec.credits, default=0) != 1:
        yield path, "lets nobody reach credit 1", "give the best option credit: 1"
    for index, option in enumerate(spec.options):
        if option.value is not None and question.factor is None:
            yield (*path, index, "value"), "stands on a question without factor", "take it out"


def _option_ids(options: tuple[Option, ...], path: Place) -> Iterator[Finding]:
    for index, name in _repeated(option.id for option in options):
        yield (*path, index, "id"), f"{name} stands twice", "give one of the two another id"


def _credits(
    options: tuple[Option, ...], path: Place, *, credited: bool, by: str
) -> Iterator[Finding]:
    for index, option in enumerate(options):
        if credited and option.credit is None:
            yield (*path, index), "has no credit", "add credit: 0 to 1"
        if not credited and option.credit is not None:
            yield (*path, index, "credit"), f"counts only in {by}", "take it out"


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


def _bands(question: Question, _: Release) -> Iterator[Finding]:
    spec = question.answer
    if not isinstance(spec, Number):
        return
    if not question.scored:
        if spec.bands:
            yield ("answer", "bands"), "stand on a question that is not scored", "take them out"
        return
    yield from _coverage(spec)
    if max(spec.credits, default=0) != 1:
        yield ("answer", "bands"), "let nobody reach credit 1", "give the best band credit: 1"


def _coverage(spec: Number) -> Iterator[Finding]:
    """Follows what is left of the range from band to band; None stands for no upper limit."""
    step = Decimal(1).scaleb(-spec.decimals)
    low, high = spec.min, spec.max
    left = True
    for index, band in enumerate(spec.bands):
        if not left or not _reaches(band, low, high):
            path = ("answer", "bands", index)
            yield (
                path,
                "can never be reached",
                "order the bands so that each leaves some to the next",
            )
            continue
        if band.at_most is not None:
            low = band.at_most + step
            left = high is None or low <= high
        elif band.at_least is not None:
            high = band.at_least - step
            left = low <= high
        else:
            left = False
    if left:
        yield ("answer", "bands"), "leave some numbers without a credit", "end with {else: 0}"


def _reaches(band: Band, low: Decimal, high: Decimal | None) -> bool:
    if band.at_most is not None:
        return band.at_most >= low
    return band.at_least is None or high is None or band.at_least <= high


def _columns(question: Question, _: Release) -> Iterator[Finding]:
    spec = question.answer
    if not isinstance(spec, Table):
        return
    for index, name in _repeated(column.id for column in spec.columns):
        path: Place = ("answer", "columns", index)
        yield (*path, "id"), f"{name} stands twice", "give one of the two another id"
    for index, column in enumerate(spec.columns):
        path = ("answer", "columns", index)
        yield from _option_ids(column.options, (*path, "options"))
        credited = question.scored and column.scored
        by = "a scored table"
        yield from _credits(column.options, (*path, "options"), credited=credited, by=by)
        if credited and not column.required:
            yield (*path, "required"), "lets a scored cell be left empty", "make it required"


def _transfers(question: Question, release: Release) -> Iterator[Finding]:
    if question.transfers is not None:
        yield from _column(
            question, question.transfers.country, ("transfers", "country"), "country"
        )
        yield from _column(
            question, question.transfers.safeguard, ("transfers", "safeguard"), "choice"
        )
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


def _column(question: Question, name: str, path: Place, kind: str) -> Iterator[Finding]:
    columns = question.answer.columns if isinstance(question.answer, Table) else ()
    if not any(column.id == name and column.type == kind for column in columns):
        yield path, f"names no {kind} column of this table", f"name a column with type: {kind}"
