"""From questionnaires and what was said to the items of a receipt, once more and plainly.

It imports nothing of the application. Questionnaires are read from their YAML, the table of
decisions from its JSON; what came in is a `Case` of JSON values. Slow and obvious: everything is
looked up again wherever it is needed.
"""

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from tests.scoring.reference_asked import (
    Case,
    Json,
    Question,
    Questionnaire,
    applicable,
    could_be_asked,
    is_asked,
    named_in,
    number,
    questions_of,
    true_of,
    values_of,
)

LEVELS = {
    "provided": Fraction(3, 4),
    "reviewed": Fraction(9, 10),
    "independent": Fraction(1),
}


def read_decisions(path: Path) -> Json:
    return json.loads(path.read_text(encoding="utf-8"))


# Transfers


def place(code: str, table: Json) -> str:
    trimmed = (code or "").strip().upper()
    return str(table["aliases"].get(trimmed, trimmed))


def coverage(code: str, table: Json, day: dt.date) -> set[str]:
    return {
        row["coverage"]
        for row in table["decisions"]
        if row["code"] == code
        and not row["suspended"]
        and dt.date.fromisoformat(row["valid_from"]) <= day
        and (row["valid_to"] is None or day <= dt.date.fromisoformat(row["valid_to"]))
    }


def row_worth(country: str, safeguard: str, case: Case, table: Json, day: dt.date) -> Fraction:
    code = place(country, table)
    if not code:
        return Fraction(0)
    if code in table["eea"] or code in table["eea_subterritories_treated_as_eea"]:
        return Fraction(1)
    covered = coverage(code, table, day)
    if "full" in covered:
        return Fraction(95, 100)
    if safeguard == "dpf":
        return Fraction(85, 100) if "partial" in covered else Fraction(0)
    if safeguard in ("scc", "bcr"):
        recent = said_recent(case) and day <= recent_through(case)
        return Fraction(7, 10) if recent else Fraction(3, 10)
    return {"code": Fraction(7, 10), "art49": Fraction(2, 10)}.get(safeguard, Fraction(0))


def believed(name: str, case: Case) -> Json:
    """The answer to a question that is asked, unless it was rejected; else None."""
    for questionnaire in case.questionnaires:
        left = applicable(questionnaire, case.facts)
        answer = case.answers.get(name)
        if name in left and answer is not None and answer["standing"] != "rejected":
            return answer["value"] if is_asked(left[name], left, case) else None
    return None


def said_recent(case: Case) -> bool:
    return bool(believed("GDP-33", case) == "recent")


def recent_through(case: Case) -> dt.date:
    """The last day on which the transfer impact assessment is at most 24 months old."""
    days = [
        file["issued_on"]
        for file in case.files.get("GDP-33", [])
        if file["level"] not in ("rejected", "erased") and file["issued_on"] is not None
    ]
    said_on = case.answers["GDP-33"]["said_on"]
    if said_on is None:
        return dt.date.max
    made = max([said_on, *days])
    year, month, day = (int(part) for part in made.split("-"))
    if (month, day) == (2, 29):
        day = 28
    return dt.date(year + 2, month, day)


def register_of(one: Question, case: Case) -> tuple[Question | None, list[Json]]:
    for questionnaire in case.questionnaires:
        left = applicable(questionnaire, case.facts)
        if one["transfers_via"] in left:
            register = left[one["transfers_via"]]
            return register, believed(register["id"], case) or []
    return None, []


def transfer_worth(one: Question, value: Json, case: Case, table: Json, day: dt.date) -> Fraction:
    if "transfers" in one:
        columns = one["transfers"]
        worths = [
            row_worth(row.get(columns["country"]), row.get(columns["safeguard"]), case, table, day)
            for row in value
        ]
        return min(worths)
    register, rows = register_of(one, case)
    worths = [Fraction(1)]
    for country in [row.get(one["country"]) for row in value] if "country" in one else value:
        safeguards = ["none"]
        if register is not None:
            columns = register["transfers"]
            there = [row for row in rows if row.get(columns["country"]) == country]
            safeguards = [row[columns["safeguard"]] for row in there] or ["none"]
        worths += [row_worth(country, safeguard, case, table, day) for safeguard in safeguards]
    return min(worths)


# What an answer is worth


def cells_worth(answer: Json, rows: Json) -> Fraction:
    worths = [Fraction(1)]
    for column in answer["columns"]:
        credits_ = {
            option["id"]: number(option["credit"])
            for option in column.get("options", [])
            if "credit" in option
        }
        if credits_:
            worths += [credits_.get(row.get(column["id"]), Fraction(0)) for row in rows]
    return min(worths)


def band_worth(answer: Json, value: str) -> Fraction:
    for band in answer["bands"]:
        if "else" in band:
            return number(band["else"])
        if "at_most" in band and Decimal(value) <= Decimal(str(band["at_most"])):
            return number(band["credit"])
        if "at_least" in band and Decimal(value) >= Decimal(str(band["at_least"])):
            return number(band["credit"])
    return Fraction(0)


def answer_worth(one: Question, value: Json, case: Case, table: Json, day: dt.date) -> Fraction:
    answer = one["answer"]
    if answer["type"] == "table":
        worth = cells_worth(answer, value)
        by_country = "transfers" in one or "transfers_via" in one
        return min(worth, transfer_worth(one, value, case, table, day)) if by_country else worth
    if answer["type"] == "countries":
        return transfer_worth(one, value, case, table, day)
    if answer["type"] == "yes_no":
        return Fraction(1 if value == answer.get("good", "yes") else 0)
    if answer["type"] == "yes_partly_no":
        return {"yes": Fraction(1), "partly": Fraction(1, 2), "no": Fraction(0)}[value]
    if answer["type"] == "multiple":
        return Fraction(len(value), len(answer["options"]))
    if answer["type"] == "maturity":
        return Fraction(value, 4)
    if answer["type"] == "number":
        return band_worth(answer, value)
    options = {option["id"]: number(option["credit"]) for option in answer["options"]}
    if one["id"] == "GDP-33" and value == "recent" and day > recent_through(case):
        return options["older"]
    return options[value]


def knockout_of(one: Question, case: Case) -> Json:
    written = one.get("knockout")
    if written is None:
        return None
    if "when" in written and not true_of(written["when"], case.facts, values_of(case)):
        return None
    below = written.get("below", "1/2")
    if below == "at-0":
        return {"level": written["level"], "below": least_positive(one)}
    return {"level": written["level"], "below": number(below)}


def least_positive(one: Question) -> Fraction:
    """The smallest credit above 0 that an answer can have; 1/5 is that of a transfer."""
    kind = one["answer"]["type"]
    if "transfers" in one or "transfers_via" in one:
        return Fraction(1, 5)
    if kind == "yes_partly_no":
        return Fraction(1, 2)
    if kind == "multiple":
        return Fraction(1, len(one["answer"]["options"]))
    if kind == "maturity":
        return Fraction(1, 4)
    if kind == "number":
        bands = one["answer"]["bands"]
        worths = [number(band.get("credit", band.get("else"))) for band in bands]
    elif kind == "choice":
        worths = [number(option["credit"]) for option in one["answer"]["options"]]
    else:
        worths = [Fraction(1)]
    return min(worth for worth in worths if worth > 0)


def is_legal(one: Question) -> bool:
    return "knockout" in one and one["knockout"]["level"] == "legal"


# Evidence


def proof(file: Json, day: dt.date) -> Fraction:
    """1/2 + (g - 1/2)·f."""
    if file["level"] not in LEVELS or file["issued_on"] is None:
        return Fraction(1, 2)
    if file["valid_until"] is not None:
        fresh = Fraction(1 if day.isoformat() <= file["valid_until"] else 0)
    else:
        age = (day - dt.date.fromisoformat(file["issued_on"])).days
        fresh = max(Fraction(0), min(Fraction(1), Fraction(730 - age, 365)))
    return Fraction(1, 2) + (LEVELS[file["level"]] - Fraction(1, 2)) * fresh


def best_proof(one: Question, case: Case, day: dt.date) -> Fraction:
    return max([Fraction(1, 2), *(proof(file, day) for file in case.files.get(one["id"], []))])


# Items


def waived(one: Question, case: Case) -> bool:
    """Whether enough officers agreed that the question does not apply."""
    answer = case.answers.get(one["id"])
    if answer is None or answer["standing"] == "rejected" or is_legal(one):
        return False
    needed = 1 if knockout_of(one, case) is None else 2
    claimed = answer["na_reason"] is not None and not answer["na_refused"]
    return claimed and bool(answer["na_approvals"] >= needed)


def excused(one: Question, left: dict[str, Question], case: Case) -> bool:
    return "weight" in one and is_asked(one, left, case) and waived(one, case)


def answered(one: Question, case: Case, table: Json, day: dt.date) -> tuple[str, Fraction]:
    """The state of a question that is asked, and what its answer is worth."""
    answer = case.answers.get(one["id"])
    if answer is None:
        return "missing", Fraction(0)
    rejected, value = answer["standing"] == "rejected", answer["value"]
    if waived(one, case):
        return "na-approved", Fraction(0)
    worth = None
    if not rejected and value == [] and one["answer"]["type"] == "table":
        worth = Fraction(1) if answer["confirmed"] else None
    elif not rejected and value is not None:
        worth = answer_worth(one, value, case, table, day)
    if answer["compensating"] is not None and not is_legal(one):
        return "answered", max(worth or Fraction(0), number(answer["compensating"]))
    if worth is not None:
        return "answered", worth
    if rejected:
        return "rejected", Fraction(0)
    return ("missing" if answer["na_reason"] is None else "na-claimed"), Fraction(0)


def controls_of(one: Question, left: dict[str, Question], case: Case) -> list[Question]:
    found = []
    for name in named_in(one["asked_when"]):
        if name in left and "weight" in left[name]:
            found.append(left[name])
        elif name in left and not is_asked(left[name], left, case):
            found += controls_of(left[name], left, case)
    return found


def standing(
    one: Question, left: dict[str, Question], case: Case, table: Json, day: dt.date
) -> tuple[str, Fraction] | None:
    """The state of an applicable question and its credit; None where it is no item."""
    if is_asked(one, left, case):
        return answered(one, case, table, day)
    there = {name: other for name, other in left.items() if not excused(other, left, case)}
    if not could_be_asked(one, there, case, gates_too=True):
        return None
    if not could_be_asked(one, there, case, gates_too=False):
        return "missing", Fraction(0)
    lent = []
    for control in controls_of(one, there, case):
        state, worth = standing(control, left, case, table, day) or ("gone", Fraction(0))
        if state == "answered":
            proven = best_proof(control, case, day) if "evidence" in control else Fraction(1)
            lent.append(worth * proven)
        else:
            lent.append(worth if state == "hidden-by-control" else Fraction(0))
    return "hidden-by-control", min(lent, default=Fraction(0))


def items_on(case: Case, day: dt.date, table: Json) -> list[Json]:
    """The items of a receipt; `proof` in place of the one file that counts."""
    found = []
    for questionnaire in case.questionnaires:
        left = applicable(questionnaire, case.facts)
        for one in left.values():
            stood = standing(one, left, case, table, day) if "weight" in one else None
            if stood is None:
                continue
            asks = "evidence" in one and stood[0] != "hidden-by-control"
            found.append(
                {
                    "id": one["id"],
                    "domain": one["domain"],
                    "weight": one["weight"],
                    "state": stood[0],
                    "credit": stood[1],
                    "asks": asks,
                    "proof": best_proof(one, case, day) if asks else None,
                    "knockout": knockout_of(one, case),
                }
            )
    return found


# The intake


def factors_of(intake: Questionnaire, answers: Json) -> dict[str, Json]:
    """The factors as a receipt has them."""
    found = {}
    for one in questions_of(intake):
        if "factor" not in one:
            continue
        floors = {row["option"]: row["floor"] for row in one["factor"].get("floors", [])}
        said = answers.get(one["id"])
        if said in (None, "unknown"):
            value, floor = Fraction(1), max(floors.values(), default=None)
            said = None
        else:
            option = next(row for row in one["answer"]["options"] if row["id"] == said)
            value, floor = number(option["value"]), floors.get(said)
        found[one["id"]] = {
            "answer": said,
            "weight": number(one["factor"].get("weight", 0)),
            "value": value,
            "floor": floor,
        }
    return found
