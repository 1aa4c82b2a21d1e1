"""The desk's blueprint with every view on it."""

from riskapp.web.desk import (
    answers,
    assessments,
    decisions,
    engagements,
    files,
    grants,
    history,
    issuing,
    packs,
    places,
    refusals,
    reviewing,
    risk,
    scores,
    sharing,
    vendors,
)
from riskapp.web.desk.blueprint import blueprint

__all__ = [
    "answers",
    "assessments",
    "blueprint",
    "decisions",
    "engagements",
    "files",
    "grants",
    "history",
    "issuing",
    "packs",
    "places",
    "refusals",
    "reviewing",
    "risk",
    "scores",
    "sharing",
    "vendors",
]
