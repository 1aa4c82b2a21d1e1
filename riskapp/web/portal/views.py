"""The vendor's pages: from the opened link to the acknowledgement."""

from riskapp.web.portal import (
    acknowledgements,
    conflict,
    evidence,
    language,
    link,
    refusals,
    result,
    save,
    section,
    submit,
    tasks,
)
from riskapp.web.portal.blueprint import blueprint

__all__ = [
    "acknowledgements",
    "blueprint",
    "conflict",
    "evidence",
    "language",
    "link",
    "refusals",
    "result",
    "save",
    "section",
    "submit",
    "tasks",
]
