"""Schemes of the organisation's own: made, previewed, adopted."""

from sqlalchemy.orm import Session

from riskapp.scoring.schemes import STANDARD, Scheme


def scheme_now(session: Session) -> Scheme:  # noqa: ARG001 - until adoptions are read
    """The scheme that is scored by now. One statement."""
    return STANDARD
