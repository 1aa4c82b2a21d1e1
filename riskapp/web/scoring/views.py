"""The blueprint with every view on it."""

from riskapp.web.scoring import adopting, overriding, schemes, text, transfers
from riskapp.web.scoring.blueprint import blueprint

__all__ = ["adopting", "blueprint", "overriding", "schemes", "text", "transfers"]
