"""Cases for the tests of building a sheet, over small releases and over those shipped."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from riskapp.catalogue.load import load_folder
from riskapp.scoring.build import Case, Reviewed, build_sheet
from riskapp.scoring.sheet import Evidence, Item, State
from riskapp.settings import Settings
from riskapp.vendors.intake import factors, facts
from tests.cast import INTAKE
from tests.catalogue import writing

AS_OF = date(2026, 11, 23)
CATALOGUE = load_folder(Settings.model_fields["questionnaires"].default)
FACTS = facts(CATALOGUE.intake, INTAKE)
FACTORS = factors(CATALOGUE.intake, INTAKE)
SHIPPED = [release for release in CATALOGUE.releases if release.audience == "vendor"]
HALF = Fraction(1, 2)

Answers = dict[str, Reviewed]
Files = Mapping[str, list[Evidence]]


def said(value: Any = None, **more: Any) -> Reviewed:
    """An answer as it came in, with what reviewers made of it in `more`."""
    came_in = Reviewed(
        value=value,
        na_reason=None,
        standing="open",
        na_approvals=0,
        na_refused=False,
        confirmed=False,
        compensating=None,
    )
    return replace(came_in, **more)


def na(**more: Any) -> Reviewed:
    return said(na_reason="Not ours.", **more)


def items(
    *questions: writing.Json,
    files: Files | None = None,
    known: Mapping[str, Any] = FACTS,
    **answers: Reviewed,
) -> dict[str, Item]:
    """The items that these questions make, by id; TST_01 answers TST-01."""
    release = writing.parsed(*questions)
    given_to = {name.replace("_", "-"): answer for name, answer in answers.items()}
    sheet = build_sheet(Case([release], known, FACTORS, given_to, files or {}), AS_OF)
    return {item.id: item for item in sheet.items}


def stands(item: Item) -> tuple[State, float | Fraction]:
    return item.state, item.credit


def row(country: str, safeguard: str) -> dict[str, str]:
    return {
        "country": country,
        "activity": "storage",
        "recipient": "Host",
        "safeguard": safeguard,
    }


def sub(country: str) -> dict[str, str]:
    names = ("name", "address", "contact", "service", "data")
    return {**dict.fromkeys(names, "Words"), "country": country}
