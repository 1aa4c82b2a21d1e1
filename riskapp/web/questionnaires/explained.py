"""A question in words, for whoever decides whether to send it: what it asks, and how it counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from riskapp.catalogue.answers import credit, in_words
from riskapp.catalogue.conditions import in_words as condition_in_words
from riskapp.catalogue.model import (
    MAPPINGS,
    Band,
    Choice,
    Column,
    Condition,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Option,
    Question,
    Release,
    SuggestedFinding,
    Table,
    Text,
    YesNo,
    YesPartlyNo,
)
from riskapp.scoring.constants import Constants, KnockoutLevel
from riskapp.scoring.rules import shown
from riskapp.web.scorecard import percent
from riskapp.web.words import written_date

FRAMEWORKS: Mapping[str, str] = {
    "iso27001": "ISO/IEC 27001:2022",
    "gdpr": "GDPR",
    "nis2": "NIS2",
    "nis2_ir": "(EU) 2024/2690, annex",
    "dora": "DORA",
    "mvsp": "MVSP 3.0",
    "csf": "CSF 2.0",
    "eba": "EBA",
    "other": "Others",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """`kind` says what is answered; `choices` are words and their worth, "" where it has none.

    `facts` are what else there is to know: term and words.
    """

    question: Question
    kind: str
    choices: Sequence[tuple[str, str]]
    columns: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    facts: Sequence[tuple[str, str]]
    findings: Sequence[tuple[str, str, str]]
    """Severity, on which answers, text."""


def explained(question: Question, release: Release, constants: Constants) -> Explained:
    """`constants` are those of the scheme that is scored by."""
    return Explained(
        question,
        _kind(question),
        _choices(question),
        list(_columns(question)),
        list(_facts(question, release, constants)),
        [(one.severity, _answers(question, one), one.text) for one in question.findings],
    )


def _kind(question: Question) -> str:
    said = "One of these"
    match question.answer:
        case Multiple():
            said = "Any of these"
        case Number(unit=unit, min=least, max=most):
            limits = f"of {least} or more" if most is None else f"from {least} to {most}"
            said = f"A number {limits}{f' ({unit})' if unit else ''}"
        case Date(after=after, before=before):
            said = _days(written_date(after), written_date(before))
        case Text(max_length=longest):
            said = f"Words, at most {longest} characters"
        case Countries(min=least):
            said = "Countries" if least <= 1 else f"At least {least} countries"
        case Table(empty_words=empty):
            said = f"Rows of these columns{f', or the tick “{empty}”' if empty else ''}"
    return said


def _days(after: str, before: str) -> str:
    said = [f"from {after} on"] if after else []
    said += [f"up to {before}"] if before else []
    return " ".join(["A day", *said])


def _choices(question: Question) -> list[tuple[str, str]]:
    match question.answer:
        case YesNo() | YesPartlyNo():
            return [_said(question, name) for name in question.choices]
        case Choice(options=options):
            return [_option(question, option) for option in options]
        case Multiple(options=options):
            each = Fraction(1, len(options)) if question.scored else None
            return [(option.text, _share(each)) for option in options]
        case Maturity(levels=levels):
            return [_said(question, level) for level in range(len(levels))]
        case Number(bands=bands):
            return [(_range(band), _share(band.worth)) for band in bands]
    return []


def _said(question: Question, answer: str | int) -> tuple[str, str]:
    return in_words(question, answer), _share(credit(question, answer))


def _option(question: Question, option: Option) -> tuple[str, str]:
    """Of the intake, how much of the risk an answer is; else its credit."""
    if question.factor is None or option.value is None:
        return option.text, _share(option.credit)
    floors = [one.floor for one in question.factor.floors if one.option == option.id]
    held = "".join(f", inherent risk at least {floor}" for floor in floors)
    return option.text, f"{percent(option.value)} of its risk{held}"


def _share(worth: Fraction | None) -> str:
    return "" if worth is None else percent(worth)


def _range(band: Band) -> str:
    if band.at_most is not None:
        return f"{band.at_most} at most"
    return "All else" if band.at_least is None else f"{band.at_least} or more"


def _columns(question: Question) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    if isinstance(question.answer, Table):
        for column in question.answer.columns:
            options = [(option.text, _share(option.credit)) for option in column.options]
            yield _column(column), options


def _column(column: Column) -> str:
    kinds = {"text": "words", "country": "a country", "choice": "one of these", "date": "a day"}
    optional = "" if column.required else ", optional"
    return f"{column.title} ({kinds[column.type]}{optional})"


def _facts(question: Question, release: Release, constants: Constants) -> Iterator[tuple[str, str]]:
    if question.domain is not None and question.domain in release.domains:
        yield "Domain", release.domains[question.domain].title
    if question.weight is not None:
        yield "Weight", f"{question.weight}"
    elif question.factor is not None:
        yield "Weight", f"{percent(question.factor.weight)} of the inherent risk"
    else:
        yield "Weight", "Not scored"
    if question.gate:
        yield "Decides", "what else is asked: an officer confirms the answer"
    yield from _when("Applies", question.applies_when, release)
    yield from _when("Asked", question.asked_when, release)
    if question.same_as is not None:
        yield "Gives way", f"to {question.same_as}, where that is asked as well"
    if question.knockout is not None:
        yield "Knock-out", _knockout(question, release, constants)
    if question.by_transfers:
        yield "Transfers", _transfers(question)
    for name in MAPPINGS:
        if name in question.mappings:
            yield FRAMEWORKS[name], ", ".join(question.mappings[name])


def _when(term: str, condition: Condition | None, release: Release) -> Iterator[tuple[str, str]]:
    if condition is not None:
        yield term, f"where {condition_in_words(condition, release)}"


def _knockout(question: Question, release: Release, constants: Constants) -> str:
    knockout = question.knockout
    if knockout is None:
        raise TypeError(f"{question.id} has no knock-out")
    level = KnockoutLevel(knockout.level)
    held = f"the score is at least {shown(constants.knockout[level])}"
    if level is KnockoutLevel.LEGAL:
        held = f"the law asks it: {held}, and nothing can be approved"
    where = f", where {condition_in_words(knockout.when, release)}" if knockout.when else ""
    return f"Fails with a credit below {percent(knockout.below)}{where}; then {held}"


def _transfers(question: Question) -> str:
    if question.transfers is not None:
        return "the register: what a row is worth, its country and safeguard decide"
    return f"countries are worth what the register {question.transfers_via} says of them"


def _answers(question: Question, finding: SuggestedFinding) -> str:
    """On which answers it is suggested; a file has all of them as words."""
    return " or ".join(f"“{_answer(question, one)}”" for one in finding.answers)


def _answer(question: Question, written: str) -> str:
    match question.answer:
        case Multiple():
            return in_words(question, [written])
        case Maturity():
            return in_words(question, int(written))
    return in_words(question, written)
