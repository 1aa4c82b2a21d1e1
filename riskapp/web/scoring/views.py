"""The blueprint with every view on it."""

from riskapp.web.scoring import schemes, text, transfers
from riskapp.web.scoring.blueprint import blueprint

__all__ = ["blueprint", "schemes", "text", "transfers"]
