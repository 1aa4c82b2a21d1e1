"""Whether an answer can be given and scored as it is described: options, bands, columns, days."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from riskapp.catalogue.errors import Finding
from riskapp.catalogue.model import Band, Choice, Date, Multiple, Number, Option, Question, Table
from riskapp.catalogue.when import Place


def findings(question: Question) -> Iterator[Finding]:
    for rule in (_options, _bands, _columns, _days):
        yield from rule(question)


def repeated(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Where a name stands that stood before."""
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        if seen[name]:
            yield index, name
        seen[name] += 1


def _options(question: Question) -> Iterator[Finding]:
    spec = question.answer
    if not isinstance(spec, Choice | Multiple):
        return
    path: Place = ("answer", "options")
    yield from _option_ids(spec.options, path, valued=question.factor is not None)
    credited = question.scored and isinstance(spec, Choice)
    yield from _credits(spec.options, path, credited=credited, by="a scored choice")
    if credited and max(spec.credits, default=0) != 1:
        yield path, "lets nobody reach credit 1", "give the best option credit: 1"


def _option_ids(
    options: tuple[Option, ...], path: Place, *, valued: bool = False
) -> Iterator[Finding]:
    for index, name in repeated(option.id for option in options):
        yield (*path, index, "id"), f"{name} stands twice", "give one of the two another id"
    for index, option in enumerate(options):
        if option.value is not None and not valued:
            yield (*path, index, "value"), "stands on a question without factor", "take it out"


def _credits(
    options: tuple[Option, ...], path: Place, *, credited: bool, by: str
) -> Iterator[Finding]:
    for index, option in enumerate(options):
        if credited and option.credit is None:
            yield (*path, index), "has no credit", "add credit: 0 to 1"
        if not credited and option.credit is not None:
            yield (*path, index, "credit"), f"counts only in {by}", "take it out"


def _bands(question: Question) -> Iterator[Finding]:
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


def _columns(question: Question) -> Iterator[Finding]:
    spec = question.answer
    if not isinstance(spec, Table):
        return
    for index, name in repeated(column.id for column in spec.columns):
        path: Place = ("answer", "columns", index)
        yield (*path, "id"), f"{name} stands twice", "give one of the two another id"
    for index, column in enumerate(spec.columns):
        path = ("answer", "columns", index)
        options: Place = (*path, "options")
        yield from _option_ids(column.options, options)
        credited = question.scored and column.scored
        yield from _credits(column.options, options, credited=credited, by="a scored table")
        if credited and max(one.credit or 0 for one in column.options) != 1:
            yield options, "lets nobody reach credit 1", "give the best option credit: 1"
        if credited and not column.required:
            yield (*path, "required"), "lets a scored cell be left empty", "make it required"


def _days(question: Question) -> Iterator[Finding]:
    spec = question.answer
    if isinstance(spec, Date) and spec.after and spec.before and spec.before < spec.after:
        yield ("answer", "before"), "leaves no day to answer with", "make it no earlier than after"
