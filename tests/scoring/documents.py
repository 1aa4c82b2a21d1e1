"""Receipts as decoded JSON, made from nothing: the worked vector, and hypothesis strategies."""

import datetime as dt
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

AS_OF = dt.date(2026, 11, 23)
CREDITS = tuple(Fraction(n, 60) for n in (0, 15, 20, 30, 45, 48, 60))
STATES = ("answered",) * 5 + (
    "missing",
    "rejected",
    "na-claimed",
    "na-approved",
    "hidden-by-control",
)
LEVELS = ("none", "rejected", "erased", "provided", "reviewed", "independent")
RISKS = tuple(Fraction(n, 20) for n in (0, 199, 370, 400, 500, 731, 999, 1000, 1282, 1500, 2000))


def constants() -> Document:
    return {
        "bounds": {"critical": "60", "high": "35", "medium": "15"},
        "evidence": {"independent": "1", "none": "1/2", "provided": "3/4", "reviewed": "9/10"},
        "inherent_bounds": {"critical": "75", "high": "50", "medium": "25"},
        "kappa": "9/10",
        "knockout": {"critical": "60", "high": "35", "legal": "60"},
        "weak": {"critical": "3/5", "high": "1/2", "medium": "2/5"},
    }


def inherent(score: Fraction) -> Document:
    bounds = (("critical", 75), ("high", 50), ("medium", 25))
    tier = next((name for name, bound in bounds if score >= bound), "low")
    return {"factors": {}, "score": str(score), "tier": tier}


def proof(
    level: str = "none", issued: str | None = None, until: str | None = None, *, asked: bool = True
) -> Document:
    return {"asked": asked, "issued_on": issued, "level": level, "valid_until": until}


def item(name: str, domain: str, weight: int, credit: str = "0", **changes: object) -> Document:
    return {
        "credit": credit,
        "domain": domain,
        "evidence": proof(asked=False),
        "id": name,
        "knockout": None,
        "state": "answered",
        "weight": weight,
        **changes,
    }


def receipt(risk: Fraction, domains: dict[str, int], items: list[Document]) -> Document:
    return {
        "as_of": AS_OF.isoformat(),
        "constants": constants(),
        "domains": [{"id": name, "weight": weight} for name, weight in domains.items()],
        "inherent": inherent(risk),
        "items": items,
        "questionnaires": [{"id": "example", "release": "2026.1", "sha256": "0" * 64}],
        "scheme": "std-1",
    }


def worked() -> Document:
    """The vector of the scheme's description, without its result."""
    critical = {"below": "1/2", "level": "critical"}
    return receipt(
        Fraction(60),
        {"A": 3, "B": 2},
        [
            item("A-1", "A", 5, "1", evidence=proof("reviewed", "2026-10-01")),
            item("A-2", "A", 3, "1/2", evidence=proof()),
            item("A-3", "A", 1, state="missing"),
            item("B-1", "B", 5, knockout=critical),
            item("B-2", "B", 5, state="na-approved"),
        ],
    )


def day(ago: int) -> str:
    return (AS_OF - dt.timedelta(days=ago)).isoformat()


ISSUED = (0, 1, 200, 364, 365, 366, 500, 729, 730, 731, 2000)
PROOFS = (
    proof(asked=False),
    proof(),
    *(proof(level, day(ago)) for level in LEVELS[1:] for ago in ISSUED),
    *(proof(level, day(400), day(ago)) for level in LEVELS[1:] for ago in (-300, 0, 1)),
    *(proof(level, None, until) for level in LEVELS[1:] for until in (None, day(-9))),
)
KNOCKOUTS = (None,) * 6 + tuple(
    {"below": below, "level": level}
    for level in ("high", "critical", "legal")
    for below in ("1/2", "1/4")
)

risks = st.sampled_from(RISKS)
credits_ = st.sampled_from(CREDITS).map(str)
proofs = st.sampled_from(PROOFS).map(dict)


@st.composite
def receipts(draw: st.DrawFn, least: int = 0) -> Document:
    """A receipt without result, of `least` to 9 items in one to four domains."""
    domains = {
        f"d{n}": weight
        for n, weight in enumerate(draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)))
    }
    shapes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(tuple(domains)),
                st.sampled_from((5, 3, 1)),
                credits_,
                st.sampled_from(STATES),
                proofs,
                st.sampled_from(KNOCKOUTS),
            ),
            min_size=least,
            max_size=9,
        )
    )
    items = [
        item(f"q{n}", domain, weight, credit, state=state, evidence=evidence, knockout=knockout)
        for n, (domain, weight, credit, state, evidence, knockout) in enumerate(shapes)
    ]
    return receipt(draw(risks), domains, items)


def indexes(document: Document) -> st.SearchStrategy[int]:
    return st.integers(0, len(document["items"]) - 1)
