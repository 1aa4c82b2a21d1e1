"""The questionnaires' blueprint with every view on it."""

from riskapp.web.questionnaires import (
    bringing,
    comparing,
    drafts,
    listing,
    release,
    standing,
    trying,
)
from riskapp.web.questionnaires.blueprint import blueprint

__all__ = [
    "blueprint",
    "bringing",
    "comparing",
    "drafts",
    "listing",
    "release",
    "standing",
    "trying",
]
