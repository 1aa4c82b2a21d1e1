"""The scheme once more, as plainly as it can be said: slow, obvious, and of its own making.

It imports nothing of the application. It takes a receipt as decoded JSON and gives back the
contributions by item id and the result, as JSON values.
"""

import datetime as dt
from fractions import Fraction
from typing import Any

Document = dict[str, Any]
NOT_APPLICABLE = ("na-claimed", "na-approved")
ORDER = ("low", "medium", "high", "critical")


def tier(score: Fraction, bounds: dict[str, str]) -> str:
    found = "low"
    for name in ("medium", "high", "critical"):
        if score >= Fraction(bounds[name]):
            found = name
    return found


def inherent(factors: dict[str, Any]) -> Fraction:
    total = Fraction(0)
    floors = [Fraction(0)]
    for factor in factors.values():
        value = Fraction(1) if factor["answer"] is None else Fraction(factor["value"])
        total += 100 * Fraction(factor["weight"]) * value
        if factor["floor"] is not None:
            floors.append(Fraction(factor["floor"]))
    return max(total, *floors)


def proof(item: Document, document: Document) -> Fraction:
    """1/2 + (g - 1/2)·f."""
    evidence, worth = item["evidence"], document["constants"]["evidence"]
    if evidence["level"] in ("none", "rejected", "erased") or evidence["issued_on"] is None:
        return Fraction(1, 2)
    today = dt.date.fromisoformat(document["as_of"])
    days = (today - dt.date.fromisoformat(evidence["issued_on"])).days
    if evidence["valid_until"] is not None:
        fresh = Fraction(today <= dt.date.fromisoformat(evidence["valid_until"]))
    elif days <= 365:
        fresh = Fraction(1)
    elif days <= 730:
        fresh = Fraction(730 - days, 365)
    else:
        fresh = Fraction(0)
    return Fraction(1, 2) + (Fraction(worth[evidence["level"]]) - Fraction(1, 2)) * fresh


def is_legal(item: Document) -> bool:
    return item["knockout"] is not None and item["knockout"]["level"] == "legal"


def claimed(item: Document) -> Fraction:
    present = item["state"] in ("answered", "hidden-by-control")
    return Fraction(item["credit"]) if present else Fraction(0)


def credited(item: Document, document: Document) -> Fraction:
    if item["state"] == "answered" and item["evidence"]["asked"]:
        return claimed(item) * proof(item, document)
    return claimed(item)


def certain(item: Document, document: Document) -> Fraction:
    if item["state"] not in ("answered", "hidden-by-control"):
        return Fraction(0)
    asked = item["state"] == "answered" and item["evidence"]["asked"]
    return proof(item, document) if asked else Fraction(1)


def counting(document: Document, domain: str | None = None) -> list[Document]:
    return [
        item
        for item in document["items"]
        if (item["state"] != "na-approved" or is_legal(item)) and domain in (None, item["domain"])
    ]


def risk_of(document: Document) -> Fraction:
    factors = document["inherent"]["factors"]
    return inherent(factors) if factors else Fraction(document["inherent"]["score"])


def live_domains(document: Document) -> list[Document]:
    return [domain for domain in document["domains"] if counting(document, domain["id"])]


def domain_mean(document: Document, domain: str, *, proven: bool = True) -> Fraction:
    items = counting(document, domain)
    top = Fraction(0)
    for item in items:
        top += item["weight"] * (credited(item, document) if proven else claimed(item))
    return Fraction(top / sum(item["weight"] for item in items))


def mean(document: Document, *, proven: bool = True) -> Fraction:
    top, bottom = Fraction(0), 0
    for domain in live_domains(document):
        top += domain["weight"] * domain_mean(document, domain["id"], proven=proven)
        bottom += domain["weight"]
    return top / bottom if bottom else Fraction(0)


def contributions(document: Document) -> dict[str, str]:
    found = {item["id"]: "0" for item in document["items"]}
    weights = sum(domain["weight"] for domain in live_domains(document))
    risk, kappa = risk_of(document), Fraction(document["constants"]["kappa"])
    for domain in live_domains(document):
        items = counting(document, domain["id"])
        total = sum(item["weight"] for item in items)
        for item in items:
            share = Fraction(domain["weight"], weights) * Fraction(item["weight"], total)
            lost = 1 - credited(item, document)
            found[item["id"]] = str(risk * kappa * share * lost)
    return found


def floors(document: Document, residual: Fraction) -> list[Document]:
    risk, constants = risk_of(document), document["constants"]
    found: list[Document] = []
    for item in counting(document):
        knockout = item["knockout"]
        if knockout is None or claimed(item) >= Fraction(knockout["below"]):
            continue
        at = Fraction(constants["knockout"][knockout["level"]])
        if knockout["level"] == "legal":
            found.append({"kind": "legal", "item": item["id"], "at": str(at)})
        else:
            found.append({"kind": "knockout", "item": item["id"], "at": str(min(risk, at))})
    now = tier(residual, constants["bounds"])
    least = constants["weak"].get(tier(risk, constants["inherent_bounds"]))
    if least is not None and now != "critical":
        bound = Fraction(constants["bounds"][ORDER[ORDER.index(now) + 1]])
        for domain in live_domains(document):
            if domain_mean(document, domain["id"]) < Fraction(least):
                weak = {"kind": "weak-domain", "domain": domain["id"]}
                found.append({**weak, "at": str(min(risk, bound))})
    return sorted(found, key=lambda floor: (floor["kind"], floor.get("item", floor.get("domain"))))


def na_share(document: Document) -> Fraction:
    weights = [item["weight"] for item in document["items"]]
    excused = [i["weight"] for i in document["items"] if i["state"] in NOT_APPLICABLE]
    return Fraction(sum(excused), sum(weights)) if weights else Fraction(0)


def confidence(document: Document) -> str:
    items = counting(document)
    sure = sum((item["weight"] * certain(item, document) for item in items), Fraction(0))
    share = sure / sum(item["weight"] for item in items) if items else Fraction(0)
    if na_share(document) > Fraction(3, 10) or share < Fraction(65, 100):
        return "low"
    return "high" if share >= Fraction(85, 100) else "medium"


def result(document: Document) -> Document:
    risk, constants = risk_of(document), document["constants"]
    kappa, effect = Fraction(constants["kappa"]), mean(document)
    residual = risk * (1 - kappa * effect)
    held = floors(document, residual)
    final = max([residual, *(Fraction(floor["at"]) for floor in held)])
    tenths = str(int(final * 10)).rjust(2, "0")
    return {
        "residual": str(residual),
        "score": str(final),
        "shown": f"{tenths[:-1]}.{tenths[-1]}",
        "tier": tier(final, constants["bounds"]),
        "effectiveness": str(effect),
        "claimed": str(mean(document, proven=False)),
        "confidence": confidence(document),
        "na_share": str(na_share(document)),
        "base": str(risk * (1 - kappa)),
        "floors": held,
        "blocked": any(floor["kind"] == "legal" for floor in held),
    }
