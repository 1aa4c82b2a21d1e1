"""Made-up cases over the questionnaires that are shipped, and their score as two programs have it.

`scored` builds and scores a case with the application, and compares every item and every number of
it with the plain references, which read the questionnaires and the table from their own files.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from riskapp.catalogue.model import (
    Choice,
    Countries,
    Maturity,
    Multiple,
    Number,
    Question,
    Release,
    Table,
    YesNo,
    YesPartlyNo,
)
from riskapp.scoring.adequacy import read_table
from riskapp.scoring.build import Case, Reviewed, build_sheet
from riskapp.scoring.constants import Level
from riskapp.scoring.receipts import receipt_document
from riskapp.scoring.rules import Result, evaluate
from riskapp.scoring.schemes import STANDARD
from riskapp.scoring.sheet import Evidence, Item
from riskapp.scoring.terms import Terms
from riskapp.vendors.intake import UNKNOWN, factors, facts
from tests.cast import INTAKE
from tests.scoring import reference, reference_asked, reference_build
from tests.scoring.building import AS_OF, CATALOGUE, SHIPPED, na, row, said, sub

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = json.loads((ROOT / "riskapp" / "scoring" / "adequacy.json").read_text("utf-8"))
FILES = {
    release.id: reference_asked.read_questionnaire(
        ROOT / "questionnaires" / release.id / f"{release.release}.yaml"
    )
    for release in (*SHIPPED, CATALOGUE.intake)
}
QUESTIONS = {
    question.id: question for release in SHIPPED for question in release.questions.values()
}
SCORED = [question.id for question in QUESTIONS.values() if question.scored]
ROLES = ("processor", "processor", "joint", "own-controller", "no-personal-data")
COUNTRIES: list[list[str]] = [["DE"], ["DE", "US"], ["IN"], ["CH", "US"], ["GL"]]
REGISTERS = [
    [],
    [row("US", "dpf")],
    [row("US", "scc"), row("IN", "bcr")],
    [row("CH", "none"), row("CA", "dpf")],
    [row("IN", "code"), row("US", "art49")],
    [row("US", "none")],
    [row("IN", "adequacy")],
]


@dataclass(frozen=True)
class Shipped:
    """A case with the day and the table of decisions that it is scored by, as JSON."""

    case: Case
    day: date = AS_OF
    decisions: dict[str, Any] = field(default_factory=lambda: DECISIONS)

    @property
    def terms(self) -> Terms:
        return Terms(STANDARD, read_table(self.decisions))

    def with_answer(self, name: str, answer: Reviewed | None) -> "Shipped":
        answers = {key: one for key, one in self.case.answers.items() if key != name}
        more = {} if answer is None else {name: answer}
        return replace(self, case=replace(self.case, answers={**answers, **more}))

    def with_files(self, name: str, *files: Evidence) -> "Shipped":
        evidence = {**self.case.evidence, name: list(files)}
        return replace(self, case=replace(self.case, evidence=evidence))


def possible(question: Question) -> list[Any]:
    """Answers of every worth to a shipped question."""
    match question.answer:
        case YesNo() | YesPartlyNo() | Choice():
            return list(question.choices)
        case Multiple(options=options):
            ids = [option.id for option in options]
            return [ids[:count] for count in range(len(ids) + 1)]
        case Maturity():
            return list(range(5))
        case Number(bands=bands):
            return [str(band.at_most) for band in bands if band.at_most is not None] + ["90"]
        case Countries():
            return list(COUNTRIES)
        case Table() if question.id == "GDP-32":
            return list(REGISTERS)
        case Table() if question.id == "GDP-14":
            return [[], [sub("DE")], [sub("US"), sub("DE")], [sub("IN")]]
        case Table(columns=columns):
            known = [option.id for column in columns for option in column.options]
            rest = {column.id: "DE" for column in columns if not column.options}
            return [[{**rest, columns[-1].id: one}] for one in known]
    return [None]


def _answer(die: Random, name: str) -> Reviewed | None:
    kind = die.choice(["answer"] * 6 + ["missing", "na", "rejected", "made up"])
    if kind == "missing":
        return None
    more: dict[str, Any] = {"said_on": _day(die)} if die.random() < Fraction(9, 10) else {}
    if kind == "na":
        return na(na_approvals=die.randint(0, 2), na_refused=die.random() < Fraction(1, 5), **more)
    if kind == "rejected":
        more["standing"] = "rejected"
    if kind == "made up":
        more["compensating"] = Fraction(die.randint(0, 3), 4)
    value = die.choice(possible(QUESTIONS[name]))
    return said(value, confirmed=die.random() < Fraction(1, 2), **more)


def _day(die: Random) -> date:
    return die.choice([date(2024, 2, 29), AS_OF - timedelta(days=die.randint(0, 1000))])


def _file(die: Random) -> Evidence:
    level = die.choice(list(Level)[1:])
    until = die.choice([None, None, AS_OF + timedelta(days=die.randint(-90, 900))])
    return Evidence(True, level, die.choice([_day(die), _day(die), None]), until)


def _engagement(die: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and factors of an engagement: the cast's, or with any other answers to the intake."""
    answers: dict[str, Any] = dict(INTAKE)
    for question in CATALOGUE.intake.questions.values():
        if question.factor is not None and die.random() < Fraction(1, 3):
            answers[question.id] = die.choice(question.choices)
    kinds = ["development", "infrastructure", "soc", "helpdesk", "qa", "saas"]
    answers["INT-01"] = die.sample(kinds, die.randint(1, 3))
    return facts(CATALOGUE.intake, answers), dict(factors(CATALOGUE.intake, answers))


def _releases(die: Random) -> list[Release]:
    """Some of the questionnaires, some of them in part."""
    data = [release for release in SHIPPED if release.id == "gdpr-processor"]
    rest = [release for release in SHIPPED if release not in data]
    chosen = data + die.sample(rest, die.randint(0, len(rest)))
    return [
        release.narrowed([name for name in release.questions if die.random() < Fraction(4, 5)])
        if die.random() < Fraction(1, 4)
        else release
        for release in chosen
    ]


def _decisions(die: Random) -> dict[str, Any]:
    """The table as it is shipped, but for decisions that end or are suspended."""
    rows = [dict(one) for one in DECISIONS["decisions"]]
    for one in rows:
        chance = die.random()
        if chance < Fraction(1, 10):
            one["suspended"] = True
        elif chance < Fraction(3, 10):
            one["valid_to"] = (AS_OF + timedelta(days=die.randint(-2, 600))).isoformat()
    return {**DECISIONS, "decisions": rows}


@st.composite
def cases(draw: st.DrawFn) -> Shipped:
    """Some of everything, as any role, with files and reviews, on a day around `AS_OF`.

    One number is drawn and decides the rest: drawing each of some 170 answers would take minutes.
    """
    die = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - chance, not secrecy
    answers = {
        "GDP-01": said(die.choice(ROLES), confirmed=die.random() < Fraction(1, 2)),
        **{name: _answer(die, name) for name in QUESTIONS if name != "GDP-01"},
    }
    files = {name: [_file(die)] for name in die.sample(SCORED, die.randint(0, 40))}
    files["GDP-33"] = [_file(die) for _ in range(die.randint(0, 2))]
    known, weighed = _engagement(die)
    given = {name: one for name, one in answers.items() if one is not None}
    case = Case(_releases(die), known, weighed, given, files)
    return Shipped(case, AS_OF + timedelta(days=die.randint(-30, 800)), _decisions(die))


def scored(one: Shipped) -> tuple[Result, dict[str, Item]]:
    """Score a case, having checked every item and number of it against the references."""
    sheet = build_sheet(one.case, one.day, one.terms)
    result = evaluate(sheet)
    document = receipt_document(sheet, result)
    _compare_items(one, document)
    assert document["result"] == reference.result(document)
    points = {item["id"]: item["contribution"] for item in document["items"]}
    assert points == reference.contributions(document)
    return result, {item.id: item for item in sheet.items}


def _compare_items(one: Shipped, document: dict[str, Any]) -> None:
    expected = reference_build.items_on(_plain(one.case), one.day, one.decisions)
    assert [item["id"] for item in document["items"]] == [item["id"] for item in expected]
    for item, other in zip(document["items"], expected, strict=True):
        knockout = item["knockout"] and {**item["knockout"]}
        if knockout:
            knockout["below"] = Fraction(knockout["below"])
        stated = {
            **{key: item[key] for key in ("id", "domain", "weight", "state")},
            "credit": Fraction(item["credit"]),
            "asks": item["evidence"]["asked"],
            "proof": reference.proof(item, document) if item["evidence"]["asked"] else None,
            "knockout": knockout,
        }
        assert stated == other


def _plain(case: Case) -> reference_asked.Case:
    """The same as JSON values, with questionnaires out of their files."""
    return reference_asked.Case(
        [_narrowed(release) for release in case.releases],
        case.facts,
        {name: _plain_answer(answer) for name, answer in case.answers.items()},
        {name: [_plain_file(file) for file in files] for name, files in case.evidence.items()},
    )


def _narrowed(release: Release) -> dict[str, Any]:
    sections = [
        {**section, "questions": [q for q in section["questions"] if q["id"] in release.questions]}
        for section in FILES[release.id]["sections"]
    ]
    return {**FILES[release.id], "sections": sections}


def _plain_answer(answer: Reviewed) -> dict[str, Any]:
    found = {name: getattr(answer, name) for name in Reviewed.__dataclass_fields__}
    made_up, said_on = answer.compensating, answer.said_on
    found["compensating"] = None if made_up is None else str(made_up)
    found["said_on"] = said_on and said_on.isoformat()
    return found


def _plain_file(file: Evidence) -> dict[str, Any]:
    return {
        "level": str(file.level),
        "issued_on": file.issued_on and file.issued_on.isoformat(),
        "valid_until": file.valid_until and file.valid_until.isoformat(),
    }


def intake_answers() -> st.SearchStrategy[dict[str, str | None]]:
    """Any answers to the weighed questions of the shipped intake, some unknown or not given."""
    weighed = [one for one in CATALOGUE.intake.questions.values() if one.factor is not None]
    return st.fixed_dictionaries(
        {one.id: st.sampled_from([None, UNKNOWN, *one.choices]) for one in weighed}
    )
