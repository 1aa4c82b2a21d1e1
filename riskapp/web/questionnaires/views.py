"""The questionnaires' blueprint with every view on it."""

from riskapp.web.questionnaires import listing
from riskapp.web.questionnaires.blueprint import blueprint

__all__ = ["blueprint", "listing"]
